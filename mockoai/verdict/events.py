"""Server-sent events, decoded (WHATWG HTML §9.2.6), with what a decoder that follows the letter passes over.

What it passes over matters here: an error that lacks its ``data:`` is not seen by anybody who follows the letter, and
the answer that it ended looks short, not wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FIELDS = {b"data", b"event", b"id", b"retry"}

_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Message:
    """One event: its ``data``, lines joined by LF, and its ``name``, empty for an ordinary one."""

    data: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A stream of events.

    ``messages`` are those that a decoder dispatches. ``ignored`` are lines that are neither a field, nor a comment,
    nor empty. ``pending`` is the data of an event without its blank line, which is never dispatched. ``comments``
    counts comments.
    """

    messages: tuple[Message, ...] = ()
    ignored: tuple[bytes, ...] = ()
    pending: bytes = b""
    comments: int = 0


def decode(body: bytes) -> Decoded:
    """Decode ``body``; raises for no bytes whatever."""
    lines = _LINE_END.split(body.removeprefix(b"\xef\xbb\xbf"))
    # What stands behind the last line end is a line that has not ended.
    unended = lines.pop()
    messages: list[Message] = []
    ignored: list[bytes] = []
    data: list[bytes] = []
    name = ""
    comments = 0
    for line in lines:
        if not line:
            if data and any(data):
                messages.append(Message(b"\n".join(data), name))
            data, name = [], ""
            continue
        field, colon, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if colon and not field:
            comments += 1
        elif field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field not in FIELDS:
            ignored.append(line)
    if unended:
        field, colon, value = unended.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field not in FIELDS and not (colon and not field):
            ignored.append(unended)
    return Decoded(tuple(messages), tuple(ignored), b"\n".join(data), comments)
