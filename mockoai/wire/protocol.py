"""uvicorn's HTTP protocol with the transport lent to the writer.

Plain ASGI cannot reset a connection, break a chunk size or send two lengths. So the protocol offers the application an
ASGI extension, :data:`EXTENSION` in ``scope["extensions"]``, whose value is the connection itself:
:meth:`Connection.send_plan` executes a plan and returns when it is done. Everything a mocked reply needs goes that
way; the control API uses ASGI as usual.

It also guards what uvicorn leaves open: the time and size of a request's head, the time of its body.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockoai.plan.steps import Plan
from mockoai.wire.delivery import Delivery, Outcome
from mockoai.wire.writer import Writer

EXTENSION = "mockoai.connection"

HEADER_TIMEOUT = 10.0
"""Seconds a client has for the head of a request, from connecting or from its first byte."""
BODY_TIMEOUT = 60.0
"""Seconds a client has for the body of a request."""
HEADER_LIMIT = 64 * 1024
"""Bytes of a request's head."""
LINGER = 1.0
"""Seconds that a connection is drained after an answer to a request that was not read to its end."""
HANG_LIMIT = 300.0
"""Seconds after which a connection that a plan left hanging is closed."""

_numbers = itertools.count(1)

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 33\r\nconnection: close\r\n\r\n"
    b"Request header fields too large.\n"
)
_TIMEOUT = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 34\r\nconnection: close\r\n\r\n"
    b"The request was not sent in time.\n"
)


class Connection(HttpToolsProtocol):
    """One client connection. ``number`` is unique in this process; ``requests`` counts those begun on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = next(_numbers)
        self.requests = 0
        self._writer: Writer | None = None
        self._guard: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_size = 0
        self._draining = False
        self._complete = False

    # What the application uses.

    async def send_plan(self, plan: Plan, start: float, delivery: Delivery) -> None:
        """Carry out ``plan``, counted from ``start`` (the loop's time); returns when it is done or the client left.

        What was sent is recorded in ``delivery`` as it happens.
        """
        cycle = self.cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        if self.transport.is_closing():
            delivery.outcome = "client-left"
            return
        future: asyncio.Future[None] | None = None

        def done(outcome: Outcome) -> None:
            self._writer = None
            cycle.response_complete = True
            cycle.message_event.set()
            if outcome == "clean":
                self._after_clean(plan)
            if future is not None and not future.done():
                future.set_result(None)

        self._writer = writer = Writer(
            plan, self.transport, self.loop, start=start, hang_limit=HANG_LIMIT, delivery=delivery, done=done
        )
        if self.flow.write_paused:
            writer.pause()
        writer.start()
        if not delivery.outcome:
            future = self.loop.create_future()
            try:
                await future
            finally:
                writer.stop()

    def _after_clean(self, plan: Plan) -> None:
        cycle = self.cycle
        if self._complete and plan.keep_alive and cycle.keep_alive:
            cycle.on_response()
        elif self._complete:
            self.transport.close()
        else:
            # Closing with unread data makes the kernel send a reset, which can destroy the answer on its way.
            self._draining = True
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self.flow.resume_reading()
            self._set_guard(LINGER, self._close)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._set_guard(HEADER_TIMEOUT, self._timed_out)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_guard()
        if self._writer is not None:
            self._writer.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._draining:
            return
        if self._in_head:
            if not self._head_size and self._guard is None:
                self._set_guard(HEADER_TIMEOUT, self._timed_out)
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > HEADER_LIMIT:
            self._refuse(_TOO_LARGE)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writer is not None:
            self._writer.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writer is not None:
            self._writer.resume()

    def shutdown(self) -> None:
        """End what is under way: nobody waits for a stream that may never end."""
        if self._writer is not None:
            self._writer.stop()
        self.transport.close()

    # httptools' callbacks

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.requests += 1
        self._complete = False
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_size = 0
        self._set_guard(BODY_TIMEOUT, self._timed_out)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._clear_guard()
        self._in_head = True
        self._complete = True
        super().on_message_complete()

    # Guards

    def _set_guard(self, seconds: float, then: Any) -> None:
        self._clear_guard()
        self._guard = self.loop.call_later(seconds, then)

    def _clear_guard(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None

    def _timed_out(self) -> None:
        if self.requests == 0 and self._head_size == 0:
            self._close()
        else:
            self._refuse(_TIMEOUT)

    def _refuse(self, answer: bytes) -> None:
        if self._draining or self.transport.is_closing():
            return
        if self._writer is None:
            self.transport.write(answer)
        self._draining = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._set_guard(LINGER, self._close)

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
