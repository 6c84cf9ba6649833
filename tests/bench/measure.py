"""What is measured, and in which order: every measure takes its rounds from all servers in turn.

A :class:`Figures` holds, for each figure and server, the values of the rounds, in the figure's own unit.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import TypeVar

import uvloop

from tests.bench import answer, load
from tests.bench.servers import UVICORN, Kind, Server, UnavailableError, machine

HOLDING = 1000
"""Streams that are left waiting to see what one costs."""
DISTURBED = 0.1
"""Cores busy with other work from which a round counts as disturbed."""
STREAMS = (10, 300, 1000)
"""Streams at once in the measures of gaps."""

Result = TypeVar("Result")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often: ``rounds`` of ``seconds`` after ``warm``, ``gap_rounds`` of ``gap_seconds``."""

    rounds: int = 5
    seconds: float = 2.0
    warm: float = 0.3
    gap_rounds: int = 3
    gap_seconds: float = 2.0
    starts: int = 7
    connections: int = 32
    limit: float = 30.0
    patience: float = 120.0


QUICK = Effort(rounds=2, seconds=0.4, warm=0.1, gap_rounds=1, gap_seconds=0.0, starts=2, limit=8.0, patience=0.0)


@dataclass(slots=True)
class Figures:
    """Values by figure, then by server, one for each round; and why a server has none.

    ``others`` holds, for every round, how many cores were busy with neither the server nor the load generator.
    """

    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)

    def add(self, figure: str, server: str, value: float) -> None:
        """Add the value of one round."""
        self.values.setdefault(figure, {}).setdefault(server, []).append(value)

    def fail(self, measure: str, server: str, reason: str) -> None:
        """Note why ``server`` has no figures in ``measure``; the first reason stays."""
        self.reasons.setdefault(measure, {}).setdefault(server, reason)

    def failed(self, measure: str, server: str) -> bool:
        """Whether ``server`` has dropped out of ``measure``."""
        return server in self.reasons.get(measure, {})


@dataclass(slots=True)
class Bench:
    """One run of the benchmark over the ``kinds`` that are available.

    ``patience`` is how many seconds may still go into repeating rounds that other work disturbed.
    """

    kinds: Sequence[Kind]
    effort: Effort
    core: int | None
    figures: Figures
    say: Say
    patience: float = 0.0

    def run(self, names: Sequence[str]) -> None:
        """Take the measures called ``names``."""
        for name in names:
            self.say(f"measuring {name}")
            MEASURES[name](self)

    @contextlib.contextmanager
    def serving(self, measure: str, model: str, kinds: Sequence[Kind] | None = None) -> Iterator[list[Server]]:
        """Start every server for ``model``; those that do not start are noted and left out."""
        with contextlib.ExitStack() as stack:
            started: list[Server] = []
            for kind in self.kinds if kinds is None else kinds:
                try:
                    server = Server(kind, model, self.core)
                except UnavailableError as error:
                    self.figures.fail(measure, kind.name, str(error))
                    continue
                stack.callback(server.stop)
                started.append(server)
            yield started

    def try_(self, measure: str, server: Server, work: Callable[[], Awaitable[Result]]) -> Result | None:
        """Do one server's work once; a server that fails has dropped out of the measure."""
        if self.figures.failed(measure, server.kind.name):
            return None

        async def main() -> Result:
            return await work()

        try:
            return uvloop.run(main())
        except (load.LoadError, answer.WrongAnswerError, OSError, TimeoutError) as error:
            self.figures.fail(measure, server.kind.name, str(error) or type(error).__name__)
            return None

    def timed(self, measure: str, server: Server, work: Callable[[], Awaitable[Result]]) -> Result | None:
        """Do one server's round, again while other work disturbs it and there is patience left.

        Only what leaves the server as it was may be repeated: memory that was once used is not new a second time.
        """
        while True:
            busy, own, begun = machine(), server.cpu() + process_time(), perf_counter()
            result = self.try_(measure, server, work)
            seconds, after = perf_counter() - begun, machine()
            if result is None or busy is None or after is None:
                return result
            others = max(after - busy - (server.cpu() + process_time() - own), 0.0) / seconds
            if others <= DISTURBED or self.patience <= 0.0:
                self.figures.others.append(others)
                return result
            self.patience -= seconds

    def rate(self, measure: str, server: Server, *, stream: bool, alike: bool) -> load.Rate | None:
        """One round of instant answers, to requests that are ``alike`` or no two of which are."""
        effort = self.effort
        return self.timed(
            measure,
            server,
            lambda: load.rate(
                server.port,
                answer.INSTANT,
                stream=stream,
                alike=alike,
                connections=effort.connections,
                seconds=effort.seconds,
                warm=effort.warm,
                server_cpu=server.cpu,
            ),
        )

    def paced(self, measure: str, server: Server, count: int, *, alike: bool) -> load.Gaps | None:
        """One round of ``count`` streams with gaps."""
        effort = self.effort
        return self.timed(
            measure,
            server,
            lambda: load.gaps(
                server.port,
                answer.PACED,
                alike=alike,
                streams=count,
                seconds=effort.gap_seconds,
                limit=effort.limit,
                lead=server.kind.lead,
                server_cpu=server.cpu,
            ),
        )


def start(bench: Bench) -> None:
    """From exec to the first answered request, and what is resident then."""
    for _ in range(bench.effort.starts):
        for kind in bench.kinds:
            with bench.serving("start", answer.INSTANT, [kind]) as servers:
                for server in servers:
                    bench.figures.add("start", kind.name, server.started * 1000)
                    bench.figures.add("start.memory", kind.name, server.memory() / 2**20)


def requests(bench: Bench) -> None:
    """Requests per second that are not streamed."""
    _rates(bench, "requests", stream=False, alike=True)


def requests_differing(bench: Bench) -> None:
    """The same when no two requests are alike."""
    _rates(bench, "requests-differing", stream=False, alike=False)


def streams(bench: Bench) -> None:
    """Streams per second, all events at once."""
    _rates(bench, "streams", stream=True, alike=True)


def streams_differing(bench: Bench) -> None:
    """The same when no two requests are alike."""
    _rates(bench, "streams-differing", stream=True, alike=False)


def _rates(bench: Bench, measure: str, *, stream: bool, alike: bool) -> None:
    figures = bench.figures
    with bench.serving(measure, answer.INSTANT, [*bench.kinds, *([UVICORN] if alike else [])]) as servers:
        for number in range(bench.effort.rounds + 1):
            for server in servers:
                if server.kind is UVICORN and number > 1:
                    continue  # it is there for the load generator's sake, and once is enough
                result = bench.rate(measure, server, stream=stream, alike=alike)
                if result is None or number == 0:
                    continue  # not counted: a just-in-time compiler learns in the first round
                name = server.kind.name
                figures.add(measure, name, result.per_second)
                figures.add(f"{measure}.cpu", name, result.cpu_each * 1e6)
                figures.add(f"{measure}.bytes", name, result.bytes / result.answers)
                figures.add(f"{measure}.busy", name, result.busy * 100)
        for server in servers:
            if not figures.failed(measure, server.kind.name):
                figures.add(f"{measure}.memory", server.kind.name, server.memory() / 2**20)


def gaps(bench: Bench) -> None:
    """The gaps between events that are to be 20 ms apart, and how late each event is."""
    _gaps(bench, "gaps", STREAMS, alike=True)


def gaps_differing(bench: Bench) -> None:
    """The same when no two requests are alike, for many streams."""
    _gaps(bench, "gaps-differing", STREAMS[1:], alike=False)


def _gaps(bench: Bench, name: str, counts: Sequence[int], *, alike: bool) -> None:
    with bench.serving(name, answer.PACED) as servers:
        for count in counts:
            measure = f"{name}.{count}"
            for left_out, reason in bench.figures.reasons.get(name, {}).items():
                bench.figures.fail(measure, left_out, reason)
            for _ in range(bench.effort.gap_rounds):
                for server in servers:
                    result = bench.paced(measure, server, count, alike=alike)
                    if result is not None:
                        _add_gaps(bench.figures, measure, server.kind.name, result)


def _add_gaps(figures: Figures, measure: str, server: str, result: load.Gaps) -> None:
    values = {
        "p50": percentile(result.between, 50) * 1000,
        "p99": percentile(result.between, 99) * 1000,
        # Events that were late and came in a bunch have gaps near 0: short gaps are as wrong as long ones.
        "off.p99": percentile([abs(gap - answer.GAP) for gap in result.between], 99) * 1000,
        "early": -min(result.late) * 1000,
        "late.p50": percentile(result.late, 50) * 1000,
        "late.p99": percentile(result.late, 99) * 1000,
        "late.max": max(result.late) * 1000,
        "drift": percentile(result.drift, 50) * 1000,
        "cpu": result.cpu / result.events * 1e6,
        "core": result.cpu / result.seconds * 100,
        "busy": result.busy * 100,
    }
    for name, value in values.items():
        figures.add(f"{measure}.{name}", server, value)


def memory(bench: Bench) -> None:
    """What one waiting stream keeps resident: many at once, less what there was before them."""
    for kind in bench.kinds:
        with bench.serving("memory", answer.WAITING, [kind]) as servers:
            for server in servers:
                each = bench.try_("memory", server, lambda one=server: _waiting(one))  # type: ignore[misc]
                if each is not None:
                    bench.figures.add("memory", kind.name, each / 1024)


async def _waiting(server: Server) -> float:
    """Return the bytes that each of :data:`HOLDING` waiting streams adds, after a few to warm up."""
    async with load.hold(server.port, answer.WAITING, 20) as started:
        await _all(started, 20)
    before = server.memory()
    if not before:
        raise OSError("there is no /proc here")
    async with load.hold(server.port, answer.WAITING, HOLDING) as started:
        await _all(started, HOLDING)
        return (server.memory() - before) / HOLDING


async def _all(started: Callable[[], int], count: int) -> None:
    """Wait until something came on each of ``count`` streams, and a little for what follows that."""
    for _ in range(100):
        await asyncio.sleep(0.1)
        if started() == count:
            await asyncio.sleep(0.3)
            return
    raise load.LoadError(f"only {started()} of {count} streams have begun after 10 s")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of ``values``."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


MEASURES: dict[str, Callable[[Bench], None]] = {
    "start": start,
    "requests": requests,
    "requests-differing": requests_differing,
    "streams": streams,
    "streams-differing": streams_differing,
    "gaps": gaps,
    "gaps-differing": gaps_differing,
    "memory": memory,
}
"""All measures by name, in the order they are taken."""
