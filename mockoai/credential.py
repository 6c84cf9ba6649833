"""The API key that a request shows, in the ways in which servers ask for it.

Each way is a function from a request to the key, or to :data:`MISSING` when the request shows none, or
:data:`MALFORMED` when it tries to and fails. A key keeps the quotes it was given in: that is what makes it wrong.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Final

from mockoai.request import Request

MISSING: Final = "\0missing"
MALFORMED: Final = "\0malformed"
"""What no key can be, since no header holds a NUL (RFC 9110 §5.5)."""


def bearer(request: Request) -> str:
    """``Authorization: Bearer KEY`` (RFC 6750 §2.1), the scheme in any case; or Basic with the key as password.

    As OpenAI reads it, who takes the password for browsers' sake (RFC 7617 §2).
    """
    scheme, _, rest = _authorization(request).partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        return _password(rest)
    return MALFORMED if scheme else MISSING


def strict_bearer(request: Request) -> str:
    """``Authorization: Bearer KEY`` and nothing else."""
    scheme, _, rest = _authorization(request).partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return MALFORMED if scheme else MISSING


def bearer_or_bare(request: Request) -> str:
    """``Authorization: KEY``, with or without ``Bearer`` before it."""
    value = _authorization(request)
    return value.removeprefix("Bearer ").strip() or MISSING


def _authorization(request: Request) -> str:
    return (request.header("authorization") or "").strip()


def _password(credentials: str) -> str:
    """Return the password of Basic credentials, or ``""`` when they are none."""
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
