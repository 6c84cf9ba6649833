"""Executes a plan on a transport: the right bytes, at the right moment, with the right ending.

Strategy. Deadlines are absolute, from the moment the request was read, so a late wake-up is not added to the next.
A wake-up writes every step that is due in one call: steps without a wait between them keep their own HTTP chunks but
may share a TCP segment. A wait is silence that is promised: what stands on its two sides never leaves in one call,
nor less than :data:`LEAST_GAP` apart, however late the wake-up. No coroutine waits between steps: the event loop
calls :meth:`Writer._wake` when the next one is due, which costs a third of a task's wake-up.

What was truly sent is kept in :class:`Delivery`: for each wake-up the steps it reached and its time.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable

from mockoai.plan.items import End, Ending, Wait, Write
from mockoai.plan.steps import Plan
from mockoai.wire.delivery import Delivery, Outcome

EARLY = 0.0005
"""Seconds a step may leave before its time: event loops count timers in whole milliseconds."""

LEAST_GAP = 0.002
"""Seconds between two writes with a wait between them, if the wait is that long; closer ones can be one read."""

_RESET = struct.pack("ii", 1, 0)
_DRAIN_POLL = 0.005

TIOCOUTQ: int | None = None
"""The request that asks Linux what a socket has sent and not seen acknowledged (tcp(7), SIOCOUTQ)."""
if sys.platform == "linux":
    import fcntl
    import termios

    TIOCOUTQ = termios.TIOCOUTQ


class Writer:
    """One plan on its way to one client."""

    __slots__ = (
        "_done",
        "_handle",
        "_hang_limit",
        "_loop",
        "_paused",
        "_plan",
        "_start",
        "_transport",
        "delivery",
    )

    def __init__(
        self,
        plan: Plan,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        *,
        start: float,
        hang_limit: float,
        delivery: Delivery,
        done: Callable[[Outcome], None],
    ) -> None:
        """``start`` is the loop's time at which the request was read; ``done`` is called once, with the outcome."""
        self._plan = plan
        self._transport = transport
        self._loop = loop
        self._start = start
        self._hang_limit = hang_limit
        self._done = done
        self._handle: asyncio.TimerHandle | None = None
        self._paused = False
        self.delivery = delivery

    def start(self) -> None:
        """Send what is due now and see to the rest."""
        plan = self._plan
        if not plan.instant or self._paused:
            self._wake()
            return
        # Everything is due: one write, without a look at the single steps.
        delivery = self.delivery
        data = plan.data
        if data:
            self._transport.write(data)
        delivery.bytes = len(data)
        delivery.steps = plan.length - 1
        delivery.times.append((delivery.steps, self._loop.time() - self._start))
        if self._transport.is_closing():
            self._finish("client-left")
        elif not self._paused:
            self._end(plan.ending)

    def pause(self) -> None:
        """Hold back: the client reads slower than the plan sends."""
        self._paused = True

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        if self._paused:
            self._paused = False
            if self._handle is None and not self.delivery.outcome:
                self._wake()

    def lost(self) -> None:
        """The connection is gone before the plan was done."""
        self._finish("client-left")

    def lose_race(self) -> bool:
        """Reset the connection if it only waits to be closed, because the client has sent something on it."""
        plan = self._plan
        last = plan.steps[-1]
        if not isinstance(last, End) or not last.idle or self.delivery.steps < plan.length - 1:
            return False
        self._end("rst")
        return True

    def stop(self) -> None:
        """End now, because the server stops."""
        if not self.delivery.outcome:
            self._finish("stopped")
            self._transport.close()

    def _wake(self) -> None:
        self._handle = None
        delivery = self.delivery
        if delivery.outcome or self._paused:
            return
        steps = self._plan.steps
        index = delivery.steps
        now = self._loop.time() - self._start
        due = now + EARLY
        data: list[bytes] = []
        last = len(steps) - 1
        gap = 0.0
        while index < last and steps[index].at <= due and not gap:
            step = steps[index]
            if isinstance(step, Write):
                data.append(step.data)
            elif isinstance(step, Wait) and data:
                gap = min(step.seconds, LEAST_GAP)
            index += 1
        if data:
            joined = data[0] if len(data) == 1 else b"".join(data)
            delivery.bytes += len(joined)
            self._transport.write(joined)
        if index > delivery.steps:
            delivery.steps = index
            delivery.times.append((index, now))
        if self._transport.is_closing():
            self._finish("client-left")
        elif self._paused:
            return
        elif index == last and steps[last].at <= due and not gap:
            self._end(self._plan.ending)
        else:
            self._handle = self._loop.call_at(self._start + max(steps[index].at, now + gap), self._wake)

    def _end(self, how: Ending) -> None:
        if how == "hang":
            self.delivery.steps = self._plan.length
            self._handle = self._loop.call_later(self._hang_limit, self._end_hang)
            return
        if how == "rst":
            sock = self._transport.get_extra_info("socket")
            if self._transport.get_write_buffer_size() or _in_flight(sock):
                # A reset throws away what the client's kernel does not have yet; the plan promised those bytes.
                self._handle = self._loop.call_later(_DRAIN_POLL, self._wake)
                return
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()
        elif how == "fin":
            self._transport.close()
        self.delivery.steps = self._plan.length
        self._finish(how)

    def _end_hang(self) -> None:
        self._handle = None
        self._finish("hang")
        self._transport.close()

    def _finish(self, outcome: Outcome) -> None:
        delivery = self.delivery
        if delivery.outcome:
            return
        delivery.outcome = outcome
        delivery.ended = self._loop.time() - self._start
        if outcome == "client-left":
            delivery.bytes -= self._transport.get_write_buffer_size()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._done(outcome)


def _in_flight(sock: socket.socket) -> int:
    """Return how many bytes the client's kernel has not acknowledged; 0 where the system does not tell."""
    if TIOCOUTQ is None:
        return 0
    count = bytearray(4)
    fcntl.ioctl(sock.fileno(), TIOCOUTQ, count)
    return int.from_bytes(count, sys.byteorder)
