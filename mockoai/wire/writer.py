"""Executes a plan on a transport: the right bytes, at the right moment, with the right ending.

Strategy. Deadlines are absolute, from the moment the request was read, so a late wake-up is not added to the next.
A wake-up writes every step that is due in one call: steps without a wait between them keep their own HTTP chunks but
may share a TCP segment. A wait is silence that is promised: what stands on its two sides never leaves in one call,
nor less than :data:`LEAST_GAP` apart, however late the wake-up. No coroutine waits between steps: the event loop
calls :meth:`Writer._wake` when the next one is due, which costs a third of a task's wake-up.

What was truly sent is kept in :class:`Delivery`: for each wake-up the steps it reached and its time. A step counts
once the kernel has taken all of it, which the transport tells by pausing while it holds anything back itself: its
high-water mark must be 0.
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

PIECE = 256 * 1024
"""Bytes that are handed over at a time: all that is not known of a client that left while it was to take them."""

LARGE = 16 * 1024 * 1024
"""Bytes of an answer that are put together to be sent at once."""

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
        "_due",
        "_gap",
        "_handle",
        "_hang_limit",
        "_loop",
        "_noted",
        "_patience",
        "_paused",
        "_plan",
        "_reach",
        "_start",
        "_transport",
        "_unsent",
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
        # What is being written, the steps that are done once all of it is, and the least time to the step behind.
        self._due: bytes | memoryview = b""
        self._reach = 0
        self._gap = 0.0
        self._unsent = 0
        self._noted = 0
        # When a reset waits for the client's kernel: until when.
        self._patience: float | None = None
        self.delivery = delivery

    def start(self) -> None:
        """Send what is due now and see to the rest."""
        plan = self._plan
        if not plan.instant or self._paused or plan.size > LARGE:
            self._wake()
            return
        # Everything is due: no look at the single steps. It is put together, so it must not be much.
        self._due, self._reach = plan.data, plan.length - 1
        self._send()

    def pause(self) -> None:
        """Hold back: the client reads slower than the plan sends."""
        self._paused = True

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        if self._paused:
            self._paused = False
            if self._handle is None and not self.delivery.outcome:
                # Not at once: asyncio cannot be told to close from inside this call.
                self._handle = self._loop.call_later(0, self._wake)

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
        if self.delivery.outcome or self._paused:
            return
        if self._patience is not None:
            self._end("rst")
            return
        if self._reach == self.delivery.steps:
            self._gather()
        self._send()

    def _gather(self) -> None:
        """Take up the steps that are due: up to a wait, or until there is enough for one write."""
        steps = self._plan.steps
        index = self.delivery.steps
        due = self._loop.time() - self._start + EARLY
        data: list[bytes] = []
        size = 0
        last = len(steps) - 1
        self._gap = 0.0
        while index < last and steps[index].at <= due and not self._gap and size < PIECE:
            step = steps[index]
            if isinstance(step, Write):
                if data and len(step.data) > LARGE:
                    break
                data.append(step.data)
                size += len(step.data)
            elif isinstance(step, Wait) and data:
                self._gap = min(step.seconds, LEAST_GAP)
            index += 1
        self._due = data[0] if len(data) == 1 else b"".join(data)
        self._reach = index

    def _send(self) -> None:
        """Write what was gathered, no more of it at a time than the kernel takes."""
        delivery, transport, due = self.delivery, self._transport, self._due
        while due and not self._paused and not transport.is_closing():
            if len(due) <= PIECE:
                piece, due = due, b""
            else:
                due = memoryview(due)
                piece, due = due[:PIECE], due[PIECE:]
            delivery.bytes += len(piece)
            transport.write(piece)
        self._due = due
        if self._paused:
            self._unsent = transport.get_write_buffer_size()
        elif transport.is_closing():
            self._finish("client-left")
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Note what the kernel has taken, and see to the next step."""
        plan, delivery = self._plan, self.delivery
        now = self._loop.time() - self._start
        if self._reach > delivery.steps:
            self._note(self._reach, now)
        index = delivery.steps
        if index < plan.length - 1:
            at = plan.steps[index].at
        elif plan.duration <= now + EARLY and not self._gap:
            self._end(plan.ending)
            return
        else:
            at = plan.duration
        self._handle = self._loop.call_at(self._start + max(at, now + self._gap), self._wake)
        self._gap = 0.0

    def _note(self, steps: int, now: float) -> None:
        delivery = self.delivery
        delivery.steps = steps
        delivery.times.append((steps, now))
        self._noted = delivery.bytes

    def _end(self, how: Ending) -> None:
        if how == "hang":
            self.delivery.steps = self._plan.length
            self._handle = self._loop.call_later(self._hang_limit, self._end_hang)
            return
        if how == "rst":
            sock = self._transport.get_extra_info("socket")
            if self._transport.get_write_buffer_size() or _in_flight(sock):
                # A reset throws away what the client's kernel does not have yet; the plan promised those bytes.
                self._poll()
                return
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()
        elif how == "fin":
            self._transport.close()
        self.delivery.steps = self._plan.length
        self._finish(how)

    def _poll(self) -> None:
        """Look again soon whether the client has everything; one that takes nothing is not waited for for ever."""
        now = self._loop.time()
        if self._patience is None:
            self._patience = now + self._hang_limit
        if now >= self._patience:
            self._finish("stopped")
            self._transport.abort()
            return
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_later(_DRAIN_POLL, self._wake)

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
        if outcome in ("client-left", "stopped"):
            self._take_back()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._done(outcome)

    def _take_back(self) -> None:
        """Take off what the kernel never got, and note the steps that it got all the same."""
        delivery = self.delivery
        # A transport that is lost has forgotten what it held; while writing is paused it held some of the last write.
        unsent = self._unsent if self._paused else 0
        delivery.bytes = max(self._noted, delivery.bytes - max(unsent, self._transport.get_write_buffer_size()))
        if self._reach == delivery.steps:
            return
        left = delivery.bytes - self._noted
        steps = delivery.steps
        for step in self._plan.steps[steps : self._reach]:
            size = len(step.data) if isinstance(step, Write) else 0
            if size > left:
                break
            left -= size
            steps += 1
        if steps > delivery.steps:
            delivery.steps = steps
            delivery.times.append((steps, delivery.ended))


def _in_flight(sock: socket.socket) -> int:
    """Return how many bytes the client's kernel has not acknowledged; 0 where the system does not tell."""
    if TIOCOUTQ is None:
        return 0
    count = bytearray(4)
    fcntl.ioctl(sock.fileno(), TIOCOUTQ, count)
    return int.from_bytes(count, sys.byteorder)
