"""Which scenario answers a request, and in which session. Pure.

A client under test can rarely be changed, so there are five ways; the narrowest wins: the header
``x-mockoai-scenario``, the base URL ``/scenario/{id}/v1``, the model name ``mockoai/{id}``, the session
``/session/{id}/v1``, and what the server was started with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

HEADER = "x-mockoai-scenario"
MODEL_PREFIX = "mockoai/"

Way = Literal["header", "url", "model", "session", "server"]

_PREFIX = re.compile(r"/(session|scenario)/([^/]+)(?=/|$)")


@dataclass(frozen=True, slots=True)
class Address:
    """A path taken apart: the session and scenario named on its front, and what remains for the API."""

    path: str
    session: str | None = None
    scenario: str | None = None


def split_path(path: str) -> Address:
    """Take ``/session/{id}`` and ``/scenario/{id}``, in any order, off the front of ``path``."""
    if not path.startswith(("/session/", "/scenario/")):
        return Address(path)
    found: dict[str, str] = {}
    while match := _PREFIX.match(path):
        if match[1] in found:
            break
        found[match[1]] = match[2]
        path = path[match.end() :]
    return Address(path or "/", found.get("session"), found.get("scenario"))


def model_scenario(model: str) -> str | None:
    """Return the id in a model name such as ``mockoai/done-missing``, also behind a proxy's own prefix."""
    _, found, id = model.rpartition(MODEL_PREFIX)
    return id if found and id else None
