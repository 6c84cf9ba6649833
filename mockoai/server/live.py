"""The live feed: every exchange, when it has ended, as a server-sent event.

Strategy. ``id`` is the exchange's place in the order in which they ended, so a viewer that comes back with
``Last-Event-ID`` gets what it missed, as far as the journal still has it. A viewer has a bounded queue; one
that reads too slowly is cut off, so that it costs neither memory nor time, and may come back in the same
way.

sse-starlette serves the feed and is imported with the first viewer: the import changes uvicorn for the
whole process, and what it costs has no place in the path of a mocked reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.report.exchange import summary
from mockoai.report.redact import Redactor
from mockoai.wire.protocol import EXTENSION, Connection

if TYPE_CHECKING:
    from sse_starlette.event import ServerSentEvent

QUEUE = 256
"""Events that may wait for a viewer."""
PING = 15
"""Seconds after which a comment keeps an idle feed alive."""


class _Viewer:
    """One reader of the feed; ``drop`` cuts its connection."""

    def __init__(self, drop: Callable[[], object]) -> None:
        self.queue: asyncio.Queue[Exchange] = asyncio.Queue(QUEUE)
        self._drop = drop

    def offer(self, exchange: Exchange) -> None:
        """Queue ``exchange``, or cut the viewer off when it is too slow."""
        try:
            self.queue.put_nowait(exchange)
        except asyncio.QueueFull:
            self._drop()


class Feed:
    """The feed of one server."""

    def __init__(self, mock: Mock, redactor: Redactor) -> None:
        self._mock = mock
        self._redactor = redactor
        self.viewers = 0

    def response(self, request: Request, session: str | None, last: int | None) -> Response:
        """Return the feed from behind the event ``last`` on, or from now on; of one session, or of all."""
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        from sse_starlette.sse import EventSourceResponse

        connection = cast(Connection, request.scope["extensions"][EXTENSION])
        viewer = _Viewer(connection.transport.abort)
        events = self._events(viewer, session, last)
        return EventSourceResponse(events, ping=PING, sep="\n")

    async def _events(self, viewer: _Viewer, session: str | None, last: int | None) -> AsyncIterator[ServerSentEvent]:
        # No await between looking at the journal and listening to it: nothing is missed, nothing comes twice.
        journal = self._mock.journal
        missed = sorted((one for one in journal if last is not None and one.order > last), key=lambda one: one.order)
        stop = journal.listen(viewer.offer)
        self.viewers += 1
        try:
            for exchange in missed:
                if session in (None, exchange.session):
                    yield self._event(exchange)
            while True:
                exchange = await viewer.queue.get()
                if session in (None, exchange.session):
                    yield self._event(exchange)
        finally:
            self.viewers -= 1
            stop()

    def _event(self, exchange: Exchange) -> ServerSentEvent:
        from sse_starlette.event import ServerSentEvent

        data = orjson.dumps(summary(exchange, self._redactor)).decode()
        return ServerSentEvent(data=data, event="exchange", id=str(exchange.order), sep="\n")
