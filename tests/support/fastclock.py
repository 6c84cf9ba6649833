"""A server whose clock runs faster than the wall's: real sockets, real order, and a wait of 30 s in 60 ms.

The event loop's time is the wall's times ``speed`` and the selector waits that much less. What the server schedules
(waits, deadlines, limits) happens in its own seconds; the kernel and the client live in ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import time
from collections.abc import Iterator

import pytest

from mockoai.mock import Mock
from mockoai.server import lifecycle
from mockoai.server.lifecycle import GRACE, Server
from mockoai.wire.protocol import Limits

SPEED = 500.0

PATIENT = Limits(head_time=1e6, body_time=1e6, idle=1_000_000, hang=1e6)
"""Limits that no test meets by being slow: one of our seconds is many of the server's."""


class FastSelector(selectors.SelectSelector):
    """Waits ``speed`` times less than asked; ``select`` counts microseconds, ``epoll`` whole milliseconds."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / self.speed if timeout and timeout > 0 else timeout)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are ``speed`` times shorter."""

    def __init__(self, speed: float = SPEED) -> None:
        self.speed = speed
        super().__init__(FastSelector(speed))

    def time(self) -> float:
        return time.monotonic() * self.speed


@contextlib.contextmanager
def fast_server(mock: Mock) -> Iterator[Server]:
    """Serve ``mock`` in a thread, on a fast clock, until the block ends."""
    server = Server(mock, port=0, limits=PATIENT, grace=GRACE * SPEED)
    server._loop_factory = FastLoop
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "PROBE_TIME", lifecycle.PROBE_TIME * SPEED)
        server.start()
    try:
        yield server
    finally:
        server.stop()
