"""What servers written in Go have in common, whichever framework they use.

Header names are capitalised and sorted, what the library adds itself comes last, and a body for which nobody gave a
length is chunked when it does not fit the library's buffer (net/http). JSON escapes what HTML might take for its own,
and ends with a line feed where it was written by an encoder (encoding/json).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.compatible import Compatible
from mockoai.backends.habits import chunked
from mockoai.backends.mistakes import mistake
from mockoai.backends.spelling import go_json
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import Event, Failure, Frame, Head, Headers, Item
from mockoai.wire.sse import Writer

if TYPE_CHECKING:
    from mockoai.plan.context import Context

_TYPES = {"integer": "int", "decimal": "float64", "number": "float64", "boolean": "bool", "array": "[]interface {}"}
_TYPES |= {"object": "map[string]interface {}"}
_PLACES = (
    ("looking for beginning of value", "Expecting value"),
    ("looking for beginning of object key string", "Expecting property name"),
    ("after object key", "Expecting ':'"),
    ("after object key:value pair", "Expecting ','"),
    ("after top-level value", "Extra data"),
    ("in string literal", "Invalid control character"),
)
"""What Go says where Python says something else."""
_ADDED = ("Date", "Content-Length", "Transfer-Encoding")
_BUFFER = 2048
"""Bytes of a body that are held back to count them."""


class Go(Compatible):
    """A server written in Go."""

    server = ""
    lower_case = False
    null_usage = False
    stream_type = "text/event-stream"

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return :meth:`own_headers`, the content type, the date and a place for the length."""
        return (
            *self.own_headers(context, stream=stream),
            ("Content-Type", self.stream_type if stream else self.kind(context)),
            ("Date", imf_fixdate(context.now)),
            ("Content-Length", ""),
        )

    def kind(self, context: Context) -> str:
        """Return the content type of a body."""
        return self.json_type

    def own_headers(self, context: Context, *, stream: bool) -> Headers:
        """Return the headers of this server alone."""
        return ()

    def ends_line(self, context: Context) -> bool:
        """Whether bodies end with a line feed, as an encoder writes them."""
        return True

    def shaped(self, events: Iterable[Event], context: Context) -> Iterator[Event]:
        """Yield ``events`` in this server's shape, bodies with their line feed."""
        for event in super().shaped(events, context):
            ends = event.mark == "body" and self.ends_line(context)
            yield replace(event, newline="always") if ends else event

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return headers and body of an error, with its line feed."""
        headers, event = super().failure(failure, context)
        ends = failure.body is None and failure.content_type is None and self.ends_line(context)
        return headers, replace(event, newline="always") if ends else event

    def writer(self, context: Context) -> Writer:
        """JSON is written by Go's own library."""
        return go_json

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Sort the headers, and chunk what is too long to be counted."""
        head, *rest = items
        if not isinstance(head, Head):
            return items
        size = sum([len(item.data) for item in rest if isinstance(item, Frame)])
        if head.framing == "length" and head.header("content-length") == "" and size > _BUFFER:
            head = replace(head, framing="chunked", headers=chunked(head))
        return [replace(head, headers=_sorted(head.headers)), *rest]


def _sorted(headers: Headers) -> Headers:
    """Return ``headers`` as the library writes them: the server's own by name, its own behind them."""
    added = [pair for pair in headers if pair[0] in _ADDED or pair == ("Connection", "close")]
    own = [pair for pair in headers if pair not in added]
    return (*sorted(own, key=lambda pair: pair[0].title()), *sorted(added, key=_place))


def _place(pair: tuple[str, str]) -> int:
    return _ADDED.index(pair[0]) if pair[0] in _ADDED else len(_ADDED)


def decoding_error(failure: Failure, context: Context, struct: str) -> str:
    """Return what ``encoding/json`` says of the body that OpenAI refuses with ``failure``; ``struct`` is its type."""
    found = mistake(failure, context)
    if found.kind == "type" and found.path:
        field = ".".join([str(step) for step in found.path if isinstance(step, str)])
        wanted = _TYPES.get(found.expected, found.expected)
        return f"json: cannot unmarshal {_named(found.value)} into Go struct field {struct}.{field} of type {wanted}"
    if found.kind == "type":
        return f"json: cannot unmarshal {_named(found.value)} into Go value of type {struct}"
    if found.kind not in ("unparsable", "missing"):
        return found.message
    text = context.request.body.decode("utf-8", "replace")
    if not text.strip():
        return "EOF"
    if found.kind == "missing":
        return found.message
    position = found.path[0]
    if not isinstance(position, int) or position >= len(text.rstrip()):
        return "unexpected EOF"
    where = next((said for said, where in _PLACES if found.expected.startswith(where)), _PLACES[0][0])
    return f"invalid character {text[position]!r} {where}"


def _named(value: Any) -> str:
    """Return how Go names the JSON type of ``value``."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "number"
