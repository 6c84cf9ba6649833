"""uvicorn's HTTP protocol with the transport lent to the writer.

Plain ASGI cannot reset a connection, break a chunk size or send two lengths. So the protocol offers the
application an ASGI extension, :data:`EXTENSION` in ``scope["extensions"]``, whose value is the connection
itself: :meth:`Connection.send_plan` executes a plan and returns when it is done. Everything a mocked reply
needs goes that way; the control API uses ASGI as usual.

It also guards what uvicorn leaves open: the time and size of a request's head, its Host, and the time of its
body. A request refused for that is answered in its turn: an answer under way is never cut or mixed with another.
It is no request of the application's; an application with a method ``refused(connection, refusal)`` is told.

A client that closes its sending side has left, as at uvicorn and nginx. HTTP would let it wait for the answer
(RFC 9112 §9.6), but a client that closes the whole connection sends the same FIN, and which of the two it was
shows in what comes back for the next bytes that are sent to it: in the middle of a stall, too late to say when
it left.

Several requests may have been read (pipelined, RFC 9112 §9.3.2) while the first is being answered. uvicorn's
``cycle`` is the one that was read last; the one whose turn it is to be answered is kept here.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mockoai.plan.steps import Plan
from mockoai.wire.delivery import Delivery, Outcome
from mockoai.wire.refusal import CONNECT, HEAD_TOO_LARGE, TIMEOUT, NoRequest, RefusedError, check_host, unreadable
from mockoai.wire.writer import Writer

EXTENSION = "mockoai.connection"

logger = logging.getLogger("mockoai.wire")
# A request whose server stops is cancelled; uvicorn takes that for a failure of the application.
logger.addFilter(lambda record: not (record.exc_info and record.exc_info[0] is asyncio.CancelledError))

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take: times in seconds, sizes in bytes.

    ``head_time``: for the head of a request, from connecting or from its first byte. ``head_size``: of that
    head. ``body_time``: for the body. ``idle``: between two requests. ``linger``: for draining a connection
    after an answer to a request that was not read to its end. ``hang``: for a plan that leaves a connection
    open and silent.
    """

    head_time: float = 10.0
    head_size: int = 64 * 1024
    body_time: float = 60.0
    idle: int = 75
    linger: float = 1.0
    hang: float = 300.0


LIMITS = Limits()


def _untold(connection: int, refusal: NoRequest) -> None:
    """Tell nobody."""


class Connection(HttpToolsProtocol):
    """One client connection.

    ``number`` is unique in this process; ``requests`` counts those whose turn has come; ``plan`` is the one
    under way, or None.
    """

    # With the base's attributes these would be more than can share one layout: 1.2 KiB for every connection.
    __slots__ = (
        "_draining",
        "_guard",
        "_head_size",
        "_lag",
        "_limits",
        "_offer",
        "_refused",
        "_stage",
        "_tell",
        "_turn",
        "_writer",
        "number",
        "plan",
        "requests",
    )

    def __init__(self, *args: Any, limits: Limits = LIMITS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = logger
        # uvicorn's access log belongs to the whole process, and the journal knows more.
        self.access_log = False
        self.timeout_keep_alive = limits.idle
        self.number = next(_numbers)
        self.requests = 0
        self.plan: Plan | None = None
        self._limits = limits
        self._turn: RequestResponseCycle | None = None
        self._writer: Writer | None = None
        self._guard: asyncio.TimerHandle | None = None
        self._lag: asyncio.TimerHandle | None = None
        self._stage: Literal["idle", "head", "body"] = "idle"
        self._head_size = 0
        self._draining = False
        self._refused: NoRequest | None = None
        self._offer: list[tuple[bytes, bytes]] = []
        # Bytes that are no request never come to the application; it may want to know all the same.
        self._tell: Callable[[int, NoRequest], None] = getattr(self.app, "refused", _untold)

    # What the application uses.

    @property
    def keep_alive(self) -> bool:
        """Whether the request being answered allows another one behind it (RFC 9112 §9.3)."""
        return self._turn is not None and self._turn.keep_alive

    async def send_plan(self, plan: Plan, start: float, delivery: Delivery) -> None:
        """Carry out ``plan``; returns when it is done or the client left.

        Its times count from ``start``, on the loop's clock. What was sent is recorded in ``delivery``.
        """
        cycle = self._turn
        assert cycle is not None
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        if self.transport.is_closing():
            cycle.response_complete = True
            delivery.outcome = "client-left"
            delivery.ended = self.loop.time() - start
            return
        if not self.pipeline:
            # Reading may have been paused for the body's sake, and only reading notices that a client leaves.
            self.flow.resume_reading()
        future: asyncio.Future[None] | None = None

        def done(outcome: Outcome) -> None:
            self._writer = self.plan = None
            cycle.response_complete = True
            cycle.message_event.set()
            if outcome == "clean":
                self._after_clean(plan, cycle)
            elif outcome in ("fin", "hang"):
                self._close()
            if future is not None and not future.done():
                future.set_result(None)

        self.plan = plan
        self._writer = writer = Writer(
            plan,
            self.transport,
            self.loop,
            start=start,
            hang_limit=self._limits.hang,
            delivery=delivery,
            done=done,
        )
        if self.flow.write_paused:
            writer.pause()
        try:
            writer.start()
            if not delivery.outcome:
                future = self.loop.create_future()
                await future
        finally:
            writer.stop()

    def _after_clean(self, plan: Plan, cycle: RequestResponseCycle) -> None:
        if cycle.more_body:
            self._drain()
        elif plan.keep_alive and cycle.keep_alive:
            cycle.on_response()
        elif self.pipeline:
            self._drain()
        else:
            self._close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock for the first head."""
        super().connection_made(transport)
        # The writer is told at once when the kernel takes no more, and so knows what was sent.
        transport.set_write_buffer_limits(high=0)
        self._set_guard(self._limits.head_time, self._timed_out)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what is under way."""
        self._clear_guard()
        self._clear_lag()
        self._unset_keepalive_if_required()
        if self._writer is not None:
            self._writer.lost()
        turn = self._turn
        if turn is not None and turn is not self.cycle and not turn.response_complete:
            # uvicorn tells the request that was read last only.
            turn.disconnected = True
            turn.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, within the limits."""
        if self._draining or (self._writer is not None and self._writer.lose_race()):
            return
        if self._stage != "body":
            self._head_size += len(data)
        self._parse(data)
        # Most requests come in one piece and need no timer.
        if self._stage == "head":
            if self._head_size > self._limits.head_size:
                self._refuse(HEAD_TOO_LARGE)
            elif self._guard is None:
                self._set_guard(self._limits.head_time, self._timed_out)
        elif self._stage == "body" and self._guard is None:
            self._set_guard(self._limits.body_time, self._timed_out)

    def pause_writing(self) -> None:
        """Hold back; the kernel's buffer is full."""
        super().pause_writing()
        if self._writer is not None:
            self._writer.pause()
        self._lag = self.loop.call_later(self._limits.hang, self._abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._clear_lag()
        if self._writer is not None:
            self._writer.resume()

    # uvicorn's server and parser

    def shutdown(self) -> None:
        """End what is under way: nobody waits for a stream that may never end."""
        if self._writer is not None:
            self._writer.stop()
        self._close()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for too long."""
        self._close()

    def on_message_begin(self) -> None:
        """Lend the connection to the application."""
        super().on_message_begin()
        # Not before: line ends in front of a request (RFC 9112 §2.2) are none, and the connection is still idle.
        self._unset_keepalive_if_required()
        self._stage = "head"
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]

    def on_headers_complete(self) -> None:
        """Pass the request on; raises RefusedError when its head is too large, or names no host."""
        if self.parser.should_upgrade():
            return
        if self._offer:
            self.headers[:] = self._offer
            self._offer = []
        if self._head_size > self._limits.head_size:
            # What was read may be a large body with a small head in front of it.
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self._limits.head_size:
                raise RefusedError(HEAD_TOO_LARGE)
        refusal = check_host(self.headers, self.parser.get_http_version())
        if refusal is not None:
            raise RefusedError(refusal)
        self._stage = "body"
        self._head_size = 0
        self._clear_guard()
        if self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # RFC 9110 §10.1.1
        waiting = self.cycle is not None and not self.cycle.response_complete
        super().on_headers_complete()
        # Older uvicorns only look at the version.
        self.cycle.keep_alive = self.cycle.keep_alive and self.parser.should_keep_alive()
        if not waiting:
            self._take_turn(self.cycle)

    def on_message_complete(self) -> None:
        """Stop the clock."""
        if self.parser.should_upgrade():
            return
        self._stage = "idle"
        self._clear_guard()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request, or to the refusal of it."""
        following = self.pipeline[-1][0] if self.pipeline else None
        if self._refused is not None and (following is None or following.more_body):
            self._write_refusal(self._refused)
            return
        super().on_response_complete()
        if following is not None:
            self._take_turn(following)
            if following.more_body:
                # Only now is it read on, so only now can it be late.
                self._set_guard(self._limits.body_time, self._timed_out)

    def _parse(self, data: bytes) -> None:
        rest: bytes | None = data
        while rest is not None:
            data, rest = rest, None
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                rest = self._decline(data[offer.args[0] :])
            except httptools.HttpParserError as error:
                self._refuse(self._why(data, error))

    def _decline(self, rest: bytes) -> bytes | None:
        """Go on as if no upgrade had been offered (RFC 9110 §7.8); Java's client offers one with every request.

        The parser ends a message at the offer and never reads its body, so the head is to be parsed again without
        it: returns that and ``rest``, or None when the request is refused.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(CONNECT)
            return None
        self._offer = list(self.headers)
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % pair for pair in self._offer if pair[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        return b"\r\n".join(lines) + b"\r\n\r\n" + rest

    def _why(self, data: bytes, error: httptools.HttpParserError) -> NoRequest:
        raised = error.__context__
        if isinstance(raised, RefusedError):
            return raised.refusal
        return HEAD_TOO_LARGE if self._head_size > self._limits.head_size else unreadable(data, str(error))

    def _take_turn(self, cycle: RequestResponseCycle) -> None:
        self._turn = cycle
        self.requests += 1

    # Guards

    def _set_guard(self, seconds: float, then: Any) -> None:
        self._clear_guard()
        self._guard = self.loop.call_later(seconds, then)

    def _clear_guard(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None

    def _clear_lag(self) -> None:
        if self._lag is not None:
            self._lag.cancel()
            self._lag = None

    def _timed_out(self) -> None:
        self._guard = None
        if self._stage == "idle":
            self._close()
        elif self.flow.read_paused:
            # It is not the client who is late: its request waits for its turn and is not read.
            self._set_guard(self._limits.body_time, self._timed_out)
        else:
            self._refuse(TIMEOUT)

    def _refuse(self, refusal: NoRequest) -> None:
        """Read no further and answer the request being read with ``refusal``, when it is its turn."""
        if self._draining or self.transport.is_closing():
            return
        self._draining = True
        self._clear_guard()
        self._tell(self.number, refusal)
        turn = self._turn
        if turn is None or turn.response_complete or (turn.more_body and not turn.response_started):
            self._write_refusal(refusal)
        else:
            self._refused = refusal

    def _write_refusal(self, refusal: NoRequest) -> None:
        if not self.transport.is_closing():
            self.transport.write(refusal.answer)
            self._drain()

    def _drain(self) -> None:
        """Close in two steps: at once, with unread data, it would be a reset (RFC 9112 §9.6)."""
        self._draining = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set_guard(self._limits.linger, self._close)

    def _close(self) -> None:
        """Close once all is sent; a client that reads nothing is not waited for without end."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._set_guard(self._limits.hang, self._abort)

    def _abort(self) -> None:
        if self._writer is not None:
            self._writer.stop()
        self.transport.abort()
