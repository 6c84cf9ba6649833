"""Secrets out of everything that is shown: credentials in headers, in queries, in bodies, wherever they
stand.

Strategy. The journal keeps requests as they came, in memory, because the verdict may have to compare them;
every renderer goes through a :class:`Redactor`. A secret is known in three ways: by *place* (the headers
and fields that carry credentials), by *shape* (``sk-…``, ``Bearer …``), and by *value* (the keys that the
server was given, and what the request itself sent as a credential, should an answer repeat it). Places that
are certain show ``[redacted]``; bytes of an answer are masked one by one, so that their number and what
stands around them remain.

A value of fewer than four characters is not looked for by value: it would mask half of any text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

from mockoai.plan.items import Headers, Step, Write
from mockoai.plan.steps import Plan
from mockoai.request import Request

REDACTED = "[redacted]"
MASK = b"*"

SECRET_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "cookie",
        "ocp-apim-subscription-key",
        "proxy-authorization",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-goog-api-key",
        "x-mockoai-token",
    }
)
"""Headers that carry credentials, in lower case."""

_SHORTEST = 4
_FIELD = rb"(?:api[-_]?key|access[-_]?token|auth[-_]?token|authorization|client[-_]?secret|password|secret)"
_NAMES = b"|".join(re.escape(name.encode()) for name in sorted(SECRET_HEADERS))

_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rb"(?<![a-z0-9])(sk-[a-z0-9_*-]{3,})",
        rb"\b(?:bearer|basic)[ +]+([a-z0-9._~+/=*%-]{4,})",
        rb"(?:^|(?<=\n))(?:" + _NAMES + rb"):[ \t]*([^\r\n]+)",
        rb"(?:^|[?&\s])" + _FIELD + rb"=([^&#\s]+)",
        rb'"' + _FIELD + rb'"\s*:\s*"((?:[^"\\]|\\.)+)"',
    )
)
"""The first group of each is a secret: a key, what follows a scheme, a header, a query or JSON field."""


class Redactor:
    """Removes secrets; ``values`` are those known by value, such as the server's API keys and admin token."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self.values = frozenset(one for one in values if len(one) >= _SHORTEST)
        variants = {variant for value in self.values for variant in _spellings(value)}
        # The longest first: one secret may be the beginning of another.
        ordered = sorted(variants, key=len, reverse=True)
        self._known = re.compile(b"(" + b"|".join(re.escape(one) for one in ordered) + b")") if ordered else None

    def knowing(self, request: Request) -> Redactor:
        """Return a redactor that also knows the credentials that ``request`` carries."""
        found = {one for name, value in request.headers for one in _credentials(name, value)}
        return self if found <= self.values else Redactor(self.values | found)

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """Return where secrets stand in ``data``, as (start, end) pairs that may overlap."""
        patterns = (*_SHAPES, self._known) if self._known is not None else _SHAPES
        return [match.span(1) for pattern in patterns for match in pattern.finditer(data)]

    def data(self, data: bytes) -> bytes:
        """Return ``data`` with every byte of every secret masked."""
        spans = self.spans(data)
        if not spans:
            return data
        out = bytearray(data)
        for start, end in spans:
            out[start:end] = MASK * (end - start)
        return bytes(out)

    def text(self, text: str) -> str:
        """Return ``text`` with ``[redacted]`` in place of every secret."""
        data = text.encode("utf-8", "surrogatepass")
        out: list[bytes] = []
        at = 0
        for start, end in sorted(self.spans(data)):
            if start >= at:
                out += [data[at:start], REDACTED.encode()]
            at = max(at, end)
        return b"".join([*out, data[at:]]).decode("utf-8", "surrogatepass")

    def headers(self, headers: Headers) -> list[list[str]]:
        """Return ``headers`` as pairs, credentials redacted; a scheme stays, since it may be wrong."""
        return [[name, self._header(name, value)] for name, value in headers]

    def plan(self, plan: Plan) -> Plan:
        """Return ``plan`` with the secrets in its bytes masked, also those that run over several steps."""
        joined = plan.data
        masked = self.data(joined)
        if masked == joined:
            return plan
        steps: list[Step] = []
        at = 0
        for step in plan.steps:
            if isinstance(step, Write):
                steps.append(replace(step, data=masked[at : at + len(step.data)]))
                at += len(step.data)
            else:
                steps.append(step)
        return replace(plan, steps=tuple(steps))

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in SECRET_HEADERS:
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        known = space and rest and scheme.lower() in ("bearer", "basic")
        return f"{scheme} {REDACTED}" if known else REDACTED


def _credentials(name: str, value: str) -> Sequence[str]:
    """Return what is secret in a header of a request."""
    if name not in SECRET_HEADERS:
        return ()
    if name == "cookie":
        return [one.partition("=")[2].strip() for one in value.split(";")]
    return [value.partition(" ")[2].strip() or value] if "authorization" in name else [value.strip()]


def _spellings(value: str) -> set[bytes]:
    """Return ``value`` as it may stand in bytes: as it is, escaped in JSON, encoded in a URL."""
    texts = {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe=""),
        quote_plus(value),
    }
    return {text.encode("utf-8", "surrogatepass") for text in texts} | {value.encode("latin-1", "replace")}
