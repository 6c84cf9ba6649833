"""What stands between the events of a stream: comments, blank lines, and events that carry no chunk.

A comment and an event without a ``data`` field are not to be dispatched (WHATWG HTML §9.2.6), so they do not
count as events of the answer; an event whose data is empty is dispatched and counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from mockoai.faults.base import Fault, Run, at_least, countable
from mockoai.faults.registry import fault
from mockoai.plan.items import Frame, Item
from mockoai.plan.place import Place
from mockoai.wire import sse

FIRST_EVENT = Place("events", 1)


@dataclass(frozen=True, kw_only=True)
class Inserted(Fault):
    """Base of faults that put bytes of their own between events; ``after: headers`` is before the first."""

    after: Place = FIRST_EVENT

    def inserted(self, item: Frame) -> Frame:
        """Return what is put behind ``item``, with its place and time."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Let the frame through, with what is inserted before or behind it."""
        if self.after.mark == "headers":
            if run.items:
                return [item]
            run.fire("inserted before the first event")
            return [replace(self.inserted(item), tokens=0), item]
        if not run.after(self.after, item):
            return [item]
        run.fire(f"inserted after {self.after}")
        return [item, self.inserted(item)]


def _between(item: Frame, data: bytes, *, comment: bool) -> Frame:
    return Frame(at=item.at, tokens=item.tokens, events=item.events, data=data, comment=comment)


@fault("sse-id-only-event", family="sse", layer="frame", needs="stream")
class SseIdOnlyEvent(Inserted):
    r"""Send an event that has an ``id`` and no data.

    On the wire: ``id: 1\n\n``. Nothing is to be dispatched for it; openai-python and what is built on it try
    to read the missing data as JSON. Who does it: gateways that number events. Catalogue:
    ``sse-id-only-event``.
    """

    id_: str = "1"

    def inserted(self, item: Frame) -> Frame:
        """Return the event."""
        return _between(item, sse.encode_event(None, id=self.id_), comment=True)


@fault("sse-retry-only-event", family="sse", layer="frame", needs="stream")
class SseRetryOnlyEvent(Inserted):
    r"""Send an event that has a ``retry`` and no data.

    On the wire: ``retry: 3000\n\n``; ``retry`` is in milliseconds. Nothing is to be dispatched for it;
    openai-python and what is built on it try to read the missing data as JSON. Who does it: gateways that
    inject reconnection hints. Catalogue: ``sse-retry-only-event``.
    """

    retry: int = 3000

    def __post_init__(self) -> None:
        at_least("retry", self.retry, 0)

    def inserted(self, item: Frame) -> Frame:
        """Return the event."""
        return _between(item, sse.encode_event(None, retry=self.retry), comment=True)


@fault("sse-empty-data", family="sse", layer="frame", needs="stream")
class SseEmptyData(Inserted):
    r"""Send an event whose data is empty.

    On the wire: ``data:\n\n`` (``colon``), ``data: \n\n`` (``space``) or ``data\n\n`` (``bare``); all three
    are the same event, and it is dispatched. Who does it: relays, to keep a connection alive. Catalogue:
    ``sse-empty-data``.
    """

    form: Literal["colon", "space", "bare"] = "colon"

    def inserted(self, item: Frame) -> Frame:
        """Return the event."""
        line = {"colon": b"data:", "space": b"data: ", "bare": b"data"}[self.form]
        return _between(item, line + b"\n\n", comment=False)


@fault("sse-event-ping-json", family="sse", layer="frame", needs="stream")
class SseEventPingJson(Inserted):
    r"""Send a named ping event with JSON that is no chunk.

    On the wire: ``event: ping\ndata: {"type":"ping"}\n\n``. Who does it: relays shaped after Anthropic's
    stream. SDKs hand it on as a chunk without ``choices``. Catalogue: ``sse-event-ping-json``.
    """

    def inserted(self, item: Frame) -> Frame:
        """Return the event."""
        return _between(item, b'event: ping\ndata: {"type":"ping"}\n\n', comment=False)


@fault("sse-leading-newlines", family="sse", layer="frame", needs="stream")
class SseLeadingNewlines(Inserted):
    r"""Send blank lines where an event could stand, before the first by default.

    On the wire: ``\n\n\n\n``; ``count`` says how many. Who does it: DeepSeek, while a request waits.
    Catalogue: ``sse-leading-newlines``.
    """

    after: Place = Place("mark", mark="headers")
    count: int = 4

    def __post_init__(self) -> None:
        countable("count", self.count)

    def inserted(self, item: Frame) -> Frame:
        """Return the blank lines."""
        return _between(item, b"\n" * self.count, comment=True)


@fault("sse-comment-with-json", family="sse", layer="frame", needs="stream")
class SseCommentWithJson(Inserted):
    r"""Send one comment, by default with JSON in it.

    On the wire: ``: prefill_progress {"processed":512,"total":2048}\n\n``. Who does it: exo, for its progress
    and its statistics. Comments are to be ignored. Catalogue: ``sse-comment-with-json``.
    """

    after: Place = Place("mark", mark="headers")
    text: str = 'prefill_progress {"processed":512,"total":2048}'

    def inserted(self, item: Frame) -> Frame:
        """Return the comment."""
        return _between(item, sse.encode_comment(self.text), comment=True)


@fault("sse-comment-ping", family="sse", layer="frame", needs="stream")
class SseCommentPing(Fault):
    r"""Send a comment before every ``every``-th event, beginning with the first.

    On the wire: ``: ping\n\n``. Who does it: OpenRouter (``: OPENROUTER PROCESSING``), DeepSeek (``:
    keep-alive``), TGI (``:``, that is an empty ``text``), sse-starlette (``: ping - <time>``). To be ignored;
    Continue's own parser takes ``: ping`` for the end. Catalogue: ``sse-comment-ping``.
    """

    text: str = "ping"
    every: int = 1

    def __post_init__(self) -> None:
        at_least("every", self.every, 1)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the comment before the event."""
        if item.comment or (item.events - 1) % self.every:
            return [item]
        run.fire(f"put `: {self.text}` before event {item.events}")
        ping = Frame(at=item.at, data=sse.encode_comment(self.text), comment=True)
        return [replace(ping, tokens=run.unfinished(item).tokens, events=item.events - 1), item]


@fault("sse-id-then-blank", family="sse", layer="frame", claims=["id"], needs="stream")
class SseIdThenBlank(Inserted):
    r"""Give the first event an ``id``; later send a comment, which ends in a blank line and carries no data.

    On the wire: ``id: 1\ndata: {…}\n\n``, and after the place ``: ping\n\n``, or one blank line when ``text``
    is empty. A client that dispatches whatever has a last event id gets an event without data. Who does it:
    gateways that number events. Catalogue: ``sse-id-then-blank``.
    """

    after: Place = Place("tokens", 2)
    text: str = "ping"

    def inserted(self, item: Frame) -> Frame:
        """Return the comment or the blank line."""
        data = sse.encode_comment(self.text) if self.text else b"\n"
        return _between(item, data, comment=True)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Number the first event; insert at the place."""
        if run.items == 0:
            item = replace(item, data=b"id: 1\n" + item.data)
        return super().feed(item, run)
