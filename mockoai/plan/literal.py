"""The escape hatches: ``events:`` and ``wire:`` turned into items as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockoai.plan.items import End, Frame, Head, Item, Mark, Wait, Write
from mockoai.scenario.model import LiteralEvent, LiteralWire
from mockoai.wire import sse

NO_BODY = {204, 304}
"""Statuses whose answers have no body (RFC 9110 §6.4.1)."""

_HEAD = re.compile(rb"(HTTP/1\.1) ([1-5]\d\d)[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")


def event_frames(events: Sequence[LiteralEvent], at: float) -> Iterator[Frame]:
    """Encode literal SSE events; a wait moves back what follows it. ``at`` is when the first leaves, in seconds."""
    now = at
    for event in events:
        if event.wait is not None:
            now += event.wait
            continue
        if event.comment is not None:
            yield Frame(at=now, data=sse.encode_comment(event.comment), comment=True)
            continue
        data: bytes | None = None
        mark: Mark = ""
        if event.has_data:
            data = event.data.encode() if isinstance(event.data, str) else sse.encode_json(event.data)
            mark = "done" if data == b"[DONE]" else "content"
        encoded = sse.encode_event(data, event=event.event, id=event.id, retry=event.retry)
        yield Frame(at=now, data=encoded, mark=mark)


def literal_head(wire: LiteralWire) -> Head | None:
    """Read the status and the fields of the head that literal bytes begin with; None when they begin with none.

    For what others must know of it: the status, and whether the connection stays open behind it.
    """
    data = b"".join([step for step in wire.steps if isinstance(step, bytes)])
    found = _HEAD.match(data)
    if found is None:
        return None
    lines = found[3].decode("latin-1").split("\r\n")
    fields = [line.partition(":") for line in lines if line]
    headers = tuple((name.strip(), value.strip()) for name, _, value in fields)
    head = Head(version=found[1].decode(), status=int(found[2]), headers=headers)
    delimited = head.header("content-length") or head.header("transfer-encoding") or head.status in NO_BODY
    return head if delimited else replace(head, framing="close")


def wire_items(wire: LiteralWire) -> Iterator[Item]:
    """Turn literal bytes and waits (seconds) into writes, waits and the end."""
    now = 0.0
    for step in wire.steps:
        if isinstance(step, bytes):
            yield Write(at=now, data=step, body=len(step))
        else:
            yield Wait(at=now, seconds=step)
            now += step
    yield End(at=now, how=wire.end)
