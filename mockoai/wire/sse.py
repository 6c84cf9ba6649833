"""Server-sent events, encoded (WHATWG HTML §9.2, "Server-sent events").

OpenAI writes ``data: `` with one space, one line of compact JSON, and a blank line of LF LF; the sentinel is
``data: [DONE]``. No ``event:``, ``id:`` or comment is seen on a healthy stream.
"""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

import orjson

from mockoai.plan.items import DONE, Event, Frame

DONE_FRAME = b"data: [DONE]\n\n"

_MANY = 64
_PLACE = "\0 the entries \0"

_INDENTATION = re.compile(rb"^ +", re.MULTILINE)


class Writer(Protocol):
    """What writes JSON values; :func:`encode_json` is one."""

    def __call__(self, value: Any, *, indent: int = 0) -> bytes:
        """Write ``value``, with ``indent`` over several lines."""
        ...


def encode_json(value: Any, *, indent: int = 0) -> bytes:
    """Write a JSON value as UTF-8 (RFC 8259), keys in their order.

    On one line without spaces, or, with ``indent``, over several lines with 2 or 4 spaces a level.
    """
    try:
        data = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else None)
    except TypeError:
        # Half of a surrogate pair has no UTF-8; JSON can say it as an escape only (RFC 8259 §8.2), orjson cannot.
        separators = None if indent else (",", ":")
        data = json.dumps(value, separators=separators, indent=2 if indent else None).encode()
    # Strings hold no raw line feeds, so spaces at the start of a line are indentation.
    return _INDENTATION.sub(rb"\g<0>\g<0>", data) if indent == 4 else data


def encode_event(
    data: bytes | None, *, event: str | None = None, id: str | None = None, retry: int | None = None
) -> bytes:
    """Write one event: its fields, a ``data:`` line for every line of ``data``, and the blank line that ends it."""
    lines: list[bytes] = []
    if event is not None:
        lines.append(b"event: " + event.encode() + b"\n")
    if id is not None:
        lines.append(b"id: " + id.encode() + b"\n")
    if retry is not None:
        lines.append(b"retry: %d\n" % retry)
    if data is not None:
        lines.extend(b"data: " + line + b"\n" for line in data.split(b"\n"))
    lines.append(b"\n")
    return b"".join(lines)


def encode_comment(text: str) -> bytes:
    """Write a comment and the blank line behind it."""
    return b": " + text.encode() + b"\n\n" if text else b":\n\n"


def frame(event: Event, write: Writer = encode_json) -> Frame:
    """Turn an event of a stream into the bytes that carry it."""
    if event.payload is DONE:
        data = DONE_FRAME
    elif event.name is None and not event.indent:
        data = b"data: " + write(event.payload) + b"\n\n"
    else:
        data = encode_event(write(event.payload, indent=event.indent), event=event.name)
    return Frame(at=event.at, tokens=event.tokens, events=event.events, mark=event.mark, faults=event.faults, data=data)


def encode_body(event: Event, write: Writer = encode_json) -> Frame:
    """Turn the event of an answer that is not streamed into its body: ``str`` and ``bytes`` as they stand."""
    payload = event.payload
    if isinstance(payload, bytes):
        data = payload
    elif isinstance(payload, str):
        data = payload.encode()
    else:
        ends = event.newline == "always" or (event.indent and event.newline)
        data = _encode_body(payload, event.indent, write) + (b"\n" if ends else b"")
    return Frame(at=event.at, tokens=event.tokens, events=event.events, mark=event.mark, faults=event.faults, data=data)


def _encode_body(payload: Any, indent: int, write: Writer) -> bytes:
    """Write a body, as ``write`` does, with the entries of a long list one by one.

    Encoding lets no other thread run until it is done, and two thousand embeddings take half a second.
    """
    entries = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(entries, list) or len(entries) < _MANY:
        return write(payload, indent=indent)
    around = write({**payload, "data": [_PLACE]}, indent=indent).split(write(_PLACE))
    if len(around) != 2:
        return write(payload, indent=indent)
    before, after = around
    # What stands behind the last line feed is the indentation of every entry.
    line_feed = before[before.rfind(b"\n") :] if indent else b""
    written = [write(one, indent=indent) for one in entries]
    if indent:
        written = [one.replace(b"\n", line_feed) for one in written]
    return b"".join([before, (b"," + line_feed).join(written), after])
