"""The escape hatches: ``events:`` and ``wire:`` turned into items as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockoai.plan.items import End, Frame, Item, Mark, Wait, Write
from mockoai.scenario.model import LiteralEvent, LiteralWire
from mockoai.wire import sse


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
