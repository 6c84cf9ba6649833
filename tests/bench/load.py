"""The load generator: bare asyncio protocols on keep-alive sockets, with requests made beforehand.

It parses next to nothing, so that one core of it drives a server on another core to its limit. :func:`rate`
asks again as soon as an answer is complete and checks every one cheaply and every :data:`FULL_CHECK`\\ th
as a client would. :func:`gaps` only notes when each event came; the checks follow afterwards. :func:`hold`
opens streams and leaves them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter, process_time
from typing import Any, TypeVar

from tests.bench import answer

FULL_CHECK = 100
CONNECTING = 10.0
"""Seconds a server has to accept a connection."""
FIRST_ANSWER = 10.0
"""Seconds that a round may take longer until there is any answer at all."""
_CONNECT_AT_ONCE = 50

Loop = asyncio.AbstractEventLoop
Ask = Callable[[], bytes]
One = TypeVar("One", bound="_Asking")


class LoadError(Exception):
    """The server did not answer as it was asked to, or not in time."""


@dataclass(slots=True)
class Tally:
    """What a run of :func:`rate` counts."""

    answers: int = 0
    bytes: int = 0
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """``answers`` in ``seconds``.

    ``cpu`` is the server's CPU time in them, ``busy`` the generator's own share of a core, from 0 to 1.
    """

    answers: int
    seconds: float
    bytes: int
    cpu: float
    busy: float

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds

    @property
    def cpu_each(self) -> float:
        """The server's CPU seconds per answer."""
        return self.cpu / max(self.answers, 1)


@dataclass(slots=True)
class Gaps:
    """Seconds, over all streams of a run.

    ``between`` holds the gaps from one token to the next; ``late`` how long after the time that the plan
    gives it each token came, counted from sending the request; ``drift`` by how much the last token's
    distance from the first exceeded the plan; ``cpu`` and ``busy`` are as in :class:`Rate`.
    """

    between: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    drift: list[float] = field(default_factory=list)
    streams: int = 0
    events: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    busy: float = 0.0


class _Asking(asyncio.Protocol):
    """A connection that has a request to send."""

    transport: asyncio.Transport

    def __init__(self, ask: Ask, failed: Callable[[Exception], None]) -> None:
        self.ask = ask
        self.failed = failed
        self.closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def begin(self) -> None:
        """Ask, unless the server has hung up already."""
        if not self.transport.is_closing():
            self.transport.write(self.ask())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closing:
            self.failed(LoadError(f"the server closed the connection: {exc or 'end of file'}"))

    def close(self) -> None:
        self.closing = True
        self.transport.abort()


class _Repeat(_Asking):
    """Asks again as soon as the answer is complete."""

    def __init__(self, ask: Ask, stream: bool, tally: Tally, failed: Callable[[Exception], None]) -> None:
        super().__init__(ask, failed)
        self.stream = stream
        self.tally = tally
        self.rest = b""
        self.number = 0

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
        if not answer.complete(data):
            self.rest = data
            return
        self.rest = b""
        try:
            if self.number % FULL_CHECK == 0:
                answer.check_fully(data, stream=self.stream)
            else:
                answer.check(data, stream=self.stream)
        except (answer.WrongAnswerError, ValueError, KeyError, IndexError) as error:
            self.failed(error)
            return
        self.number += 1
        self.tally.answers += 1
        self.tally.bytes += len(data)
        if not self.closing:
            self.transport.write(self.ask())


class _Watch(_Asking):
    """Asks ``until`` then, and notes when each event of each answer came."""

    def __init__(self, ask: Ask, loop: Loop, failed: Callable[[Exception], None]) -> None:
        super().__init__(ask, failed)
        self.until = 0.0
        self.sent = 0.0
        self.finished: asyncio.Future[None] = loop.create_future()
        self.times: list[float] = []
        self.streams: list[tuple[float, list[float]]] = []
        self.first: list[bytes] = []

    def begin(self) -> None:
        # Not the loop's time: uvloop's counts whole milliseconds.
        self.sent = perf_counter()
        super().begin()

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        count = data.count(b"data: ")
        if count == 1:
            self.times.append(now)
        else:
            self.times.extend([now] * count)
        if not self.streams:
            self.first.append(data)
        if not data.endswith(b"0\r\n\r\n"):
            return
        self.streams.append((self.sent, self.times))
        self.times = []
        if now < self.until:
            self.begin()
        elif not self.finished.done():
            self.finished.set_result(None)


class _Hold(_Asking):
    """Asks once and counts the events that come."""

    events = 0

    def data_received(self, data: bytes) -> None:
        self.events += data.count(b"data: ")


async def rate(
    port: int,
    model: str,
    *,
    stream: bool,
    alike: bool,
    connections: int,
    seconds: float,
    warm: float,
    server_cpu: Callable[[], float],
) -> Rate:
    """Ask on ``connections`` at once, again as soon as answered; count for ``seconds`` after ``warm``."""
    tally = Tally()
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ask = answer.asking(port, model, stream=stream, alike=alike)
    failed = _into(over)
    with _without_gc():
        async with _connected(port, connections, lambda: _Repeat(ask, stream, tally, failed)) as asking:
            for one in asking:
                one.begin()
            await _unless(over, warm)
            before, size, cpu, own, start = (
                tally.answers,
                tally.bytes,
                server_cpu(),
                process_time(),
                perf_counter(),
            )
            await _unless(over, seconds)
            while tally.answers == before and perf_counter() < start + seconds + FIRST_ANSWER:
                await _unless(over, 0.01)
            end, answers, after, own_after = perf_counter(), tally.answers, server_cpu(), process_time()
            result = Rate(
                answers=answers - before,
                seconds=end - start,
                bytes=tally.bytes - size,
                cpu=after - cpu,
                busy=(own_after - own) / (end - start),
            )
    if not result.answers:
        raise LoadError(f"no answer within {seconds + FIRST_ANSWER:.1f} s")
    return result


async def gaps(
    port: int,
    model: str,
    *,
    alike: bool,
    streams: int,
    seconds: float,
    limit: float,
    lead: int,
    server_cpu: Callable[[], float],
) -> Gaps:
    """Keep ``streams`` streams going for ``seconds`` and let the last ones end, ``limit`` seconds at most.

    The first requests are spread over the time that one stream takes, as clients that know nothing of each
    other are. ``lead`` is how many gaps the server leaves before the first token.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    ask = answer.asking(port, model, stream=True, alike=alike)
    failed = _into(over)
    spread = answer.GAP * (answer.EVENTS - 1)
    with _without_gc():
        async with _connected(port, streams, lambda: _Watch(ask, loop, failed)) as watching:
            start, begun = loop.time() + 0.05, perf_counter()
            cpu, own = server_cpu(), process_time()
            for number, one in enumerate(watching):
                one.until = begun + spread + seconds
                # Spread in an order that has nothing to do with that of connecting.
                loop.call_at(start + spread * (number * 0.618034 % 1.0), one.begin)
            done = asyncio.gather(*(one.finished for one in watching))
            ends: list[asyncio.Future[Any]] = [done, over]
            await asyncio.wait(ends, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if over.done():
                over.result()
            if not done.done():
                done.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await done
                raise LoadError(f"{streams} streams did not end within {limit:.0f} s")
            seconds, cpu, own = perf_counter() - begun, server_cpu() - cpu, process_time() - own
    result = _gaps(watching, lead)
    result.seconds, result.cpu, result.busy = seconds, cpu, own / seconds
    return result


@contextlib.asynccontextmanager
async def hold(port: int, model: str, streams: int) -> AsyncIterator[Callable[[], int]]:
    """Open ``streams`` streams and leave them; gives a function that counts those where something came."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ask = answer.asking(port, model, stream=True, alike=False)
    async with _connected(port, streams, lambda: _Hold(ask, _into(over))) as holding:
        for one in holding:
            one.begin()
        yield lambda: sum(one.events > 0 for one in holding)
        if over.done():
            over.result()


def _gaps(watching: list[_Watch], lead: int) -> Gaps:
    """Check what came and compute the figures, after the fact."""
    result = Gaps()
    tokens = answer.EVENTS - 3
    span = answer.GAP * (tokens - 1)
    for one in watching:
        whole = b"".join(one.first)
        answer.check_fully(whole, stream=True)
        for sent, times in one.streams:
            if len(times) != answer.EVENTS:
                raise answer.WrongAnswerError(f"{len(times)} events; expected {answer.EVENTS}")
            said = times[1 : 1 + tokens]
            result.streams += 1
            result.events += len(times)
            result.between.extend(later - earlier for earlier, later in pairwise(said))
            result.late.extend(at - sent - answer.GAP * number for number, at in enumerate(said, lead))
            result.drift.append(said[-1] - said[0] - span)
    return result


@contextlib.asynccontextmanager
async def _connected(port: int, count: int, make: Callable[[], One]) -> AsyncIterator[list[One]]:
    """Connect ``count`` times, a few at once; closes all at the end."""
    loop = asyncio.get_running_loop()
    protocols: list[Any] = []
    try:
        for first in range(0, count, _CONNECT_AT_ONCE):
            batch = range(first, min(first + _CONNECT_AT_ONCE, count))
            async with asyncio.timeout(CONNECTING):
                pairs = await asyncio.gather(*(loop.create_connection(make, "127.0.0.1", port) for _ in batch))
            protocols.extend(protocol for _, protocol in pairs)
        yield protocols
    except (OSError, TimeoutError) as error:
        raise LoadError(f"cannot connect {count} times: {error or 'timed out'}") from error
    finally:
        for protocol in protocols:
            protocol.close()
        await asyncio.sleep(0.05)


def _into(over: asyncio.Future[None]) -> Callable[[Exception], None]:
    def failed(error: Exception) -> None:
        if not over.done():
            over.set_exception(error)
            over.exception()  # so that one that nobody waits for any more is not logged

    return failed


async def _unless(over: asyncio.Future[None], seconds: float) -> None:
    """Wait ``seconds``; raises at once what ended the run ``over``."""
    await asyncio.wait([over], timeout=seconds)
    if over.done():
        over.result()


@contextlib.contextmanager
def _without_gc() -> Iterator[None]:
    """Keep the collector from pausing what is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
