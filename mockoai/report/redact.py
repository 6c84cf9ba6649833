"""Secrets out of everything that is shown: credentials in headers, in queries, in bodies, wherever they
stand.

Strategy. The journal keeps requests as they came, in memory, because the verdict may have to compare them;
every renderer goes through a :class:`Redactor`. A secret is known in three ways: by *place* (the headers
and fields that carry credentials), by *shape* (``sk-…``, ``Bearer …``), and by *value* (the keys that the
server was given, and what the request itself sent as a credential, should an answer repeat it). Places that
are certain show ``[redacted]``; bytes of an answer are masked one by one, so that their number and what
stands around them remain.

An answer may repeat a key in pieces: in several HTTP chunks, or as the tokens of a stream, each in a JSON string
of an event of its own. So it is looked for in the bytes as they are sent, in the body without its chunks, and in
what strings under the same name say one after the other. Each is one pass over the answer.

A value of fewer than four characters is not looked for by value: it would mask half of any text. Of one that is
cut off at the end, at least :data:`_PIECE` characters are known again. What is compressed is not looked into.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
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
_PIECE = 8
_FIELD = rb"(?:api[-_]?key|access[-_]?token|auth[-_]?token|authorization|client[-_]?secret|password|secret)"
_NAMES = b"|".join(re.escape(name.encode()) for name in sorted(SECRET_HEADERS))

_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rb"(sk-(?<![a-z0-9]sk-)[a-z0-9_*-]{3,})",
        rb"\b(?:bearer|basic)[ +]+([a-z0-9._~+/=*%-]{4,})",
        rb"\n(?:" + _NAMES + rb"):[ \t]*([^\r\n]+)",
        rb"[?&\s]" + _FIELD + rb"=([^&#\s]+)",
        rb'"' + _FIELD + rb'"\s*:\s*"((?:[^"\\]|\\.)+)"',
        rb'\\+"' + _FIELD + rb'\\+"\s*:\s*\\+"([^"\\]+)',
    )
)
"""The first group of each is a secret: a key, what follows a scheme, a header, a query or JSON field, and such a
field of JSON within a string of JSON. They are looked for with a line feed in front of everything, and begin with
what is seldom: so they take a third of the time."""

_STRING = rb'"([^"\\]*(?:\\.[^"\\]*)*)"'
_STRINGS = re.compile(rb'"index"\s*:\s*(-?[0-9]+)|"([^"\\]*)"\s*:\s*' + _STRING + rb"|(\n)")
"""What is read of a body to put together what it says: indices, strings with their names, and ends of lines."""

_LOGPROBS = re.compile(rb'"(?:token|tokens|bytes|top_logprobs)"\s*:\s*(?:\[([^\]]*)\]|' + _STRING + rb")")
"""What log probabilities repeat of a text."""

Span = tuple[int, int]
"""Where something stands: from a byte up to another, itself not in it."""


class Redactor:
    """Removes secrets; ``values`` are those known by value, such as the server's API keys and admin token."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self.values = frozenset(one for one in values if len(one) >= _SHORTEST)
        variants = {variant for value in self.values for variant in _spellings(value)}
        # The longest first: one secret may be the beginning of another.
        ordered = sorted(variants, key=len, reverse=True)
        self._known = re.compile(b"(" + b"|".join(re.escape(one) for one in ordered) + b")") if ordered else None
        self._variants = ordered

    def knowing(self, request: Request) -> Redactor:
        """Return a redactor that also knows the credentials that ``request`` carries."""
        found = {one for name, value in request.headers for one in _credentials(name, value)}
        return self if found <= self.values else Redactor(self.values | found)

    def spans(self, data: bytes) -> list[Span]:
        """Return where secrets stand in ``data``; they may overlap."""
        lined = b"\n" + data
        found = [match.span(1) for shape in _SHAPES for match in shape.finditer(lined)]
        return [*[(start - 1, end - 1) for start, end in found], *self._values(data)]

    def _values(self, data: bytes) -> list[Span]:
        if self._known is None:
            return []
        found = [match.span(1) for match in self._known.finditer(data)]
        cut = max((_begun(one, data) for one in self._variants), default=0)
        return [*found, (len(data) - cut, len(data))] if cut else found

    def data(self, data: bytes) -> bytes:
        """Return ``data`` with every byte of every secret masked."""
        return _masked(data, self.spans(data))

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
        body, pieces = _body(plan)
        inside = [*self._values(body), *self._across(body)]
        masked = _masked(joined, [*self.spans(joined), *_spread(inside, pieces)])
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

    def _across(self, body: bytes) -> list[Span]:
        """Return where secrets stand in ``body`` that run over several of its strings, as the tokens of a stream do."""
        found: list[Span] = []
        for strings in _spoken(body):
            text = b"".join([body[start:end] for start, end in strings])
            found += _spread(self.spans(text), strings)
        if (found or self._values(body)) and b'logprobs"' in body:
            found += [match.span(match.lastindex or 0) for match in _LOGPROBS.finditer(body)]
        return found

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in SECRET_HEADERS:
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        known = space and rest and scheme.lower() in ("bearer", "basic")
        return f"{scheme} {REDACTED}" if known else REDACTED


def _masked(data: bytes, spans: Iterable[Span]) -> bytes:
    out = bytearray(data)
    for start, end in spans:
        out[start:end] = MASK * (end - start)
    return bytes(out)


def _begun(value: bytes, data: bytes) -> int:
    """Return how many bytes at the end of ``data`` are the beginning of ``value``; 0 when they are too few to tell."""
    last = data[-(len(value) - 1) :] if len(value) > 1 else b""
    for size in range(len(last), _PIECE - 1, -1):
        if last.endswith(value[:size]):
            return size
    return 0


def _body(plan: Plan) -> tuple[bytes, list[Span]]:
    """Return the body of an answer without its HTTP chunks, and where its pieces stand in the bytes that are sent."""
    pieces: list[Span] = []
    data: list[bytes] = []
    at = 0
    for step in plan.steps:
        if isinstance(step, Write):
            if step.body:
                pieces.append((at + step.lead, at + step.lead + step.body))
                data.append(step.data[step.lead : step.lead + step.body])
            at += len(step.data)
    return b"".join(data), pieces


class _Spoken:
    """The strings of one name, and of one choice: where they stand, and whether they differ."""

    __slots__ = ("differ", "ends", "first", "starts")

    def __init__(self, first: bytes) -> None:
        # There may be a hundred thousand: as objects they would take longer than all the rest.
        self.starts = array("q")
        self.ends = array("q")
        self.first = first
        self.differ = False

    def add(self, match: re.Match[bytes]) -> None:
        self.starts.append(match.start(3))
        self.ends.append(match.end(3))
        self.differ = self.differ or match[3] != self.first


def _spoken(body: bytes) -> Iterator[list[Span]]:
    """Yield the strings of ``body`` that together may say something: those of one name, and of one name and choice.

    In a stream a line is an event, and the indices in it tell its choice, tool call or part. A name whose strings
    are all the same, such as an id, says nothing.
    """
    named: dict[bytes, dict[tuple[bytes, ...], _Spoken]] = {}
    line: list[re.Match[bytes]] = []
    indices: tuple[bytes, ...] = ()
    for match in _STRINGS.finditer(body + b"\n"):
        if match.lastindex == 1:
            indices += (match[1],)
        elif match.lastindex == 3:
            line.append(match)
        else:
            for one in line:
                choices = named.setdefault(one[2], {})
                spoken = choices.get(indices) or choices.setdefault(indices, _Spoken(one[3]))
                spoken.add(one)
            line, indices = [], ()
    for choices in named.values():
        for spoken in choices.values():
            if spoken.differ:
                yield list(zip(spoken.starts, spoken.ends, strict=True))
        if len(choices) > 1:
            yield sorted([span for one in choices.values() for span in zip(one.starts, one.ends, strict=True)])


def _spread(spans: Iterable[Span], pieces: Sequence[Span]) -> Iterator[Span]:
    """Yield where ``spans`` of the joined ``pieces`` stand in what the pieces are cut from."""
    starts = list(accumulate([end - start for start, end in pieces], initial=0))
    for start, end in spans:
        index = max(bisect_right(starts, start) - 1, 0)
        while index < len(pieces) and starts[index] < end:
            shift = pieces[index][0] - starts[index]
            yield max(start, starts[index]) + shift, min(end, starts[index + 1]) + shift
            index += 1


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
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        quote(value, safe=""),
        quote_plus(value),
    }
    return {text.encode("utf-8", "surrogatepass") for text in texts} | {value.encode("latin-1", "replace")}
