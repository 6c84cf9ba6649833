"""The writer on a clock and a transport of our own: nothing here waits."""

from __future__ import annotations

import heapq
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import End, Ending, Step, Wait, Write
from mockoai.plan.steps import Plan
from mockoai.wire.delivery import Delivery, Outcome
from mockoai.wire.writer import LEAST_GAP, PIECE, Writer

TOLERANCE = 0.001
"""Seconds that a byte may be early."""
START = 1000.0


class Timer:
    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when = when
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class FakeLoop:
    """A loop whose time only moves when it is run; ``late`` gives by how much each wake-up is."""

    def __init__(self, late: Callable[[], float] = lambda: 0.0) -> None:
        self.now = START
        self.timers: list[Timer] = []
        self.late = late

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None]) -> Timer:
        timer = Timer(when, call)
        heapq.heappush(self.timers, timer)
        return timer

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        return self.call_at(self.now + delay, call)

    def run(self, until: float = 1e9) -> None:
        """Run what is due ``until`` seconds after the start."""
        while self.timers and self.timers[0].when <= START + until:
            timer = heapq.heappop(self.timers)
            if not timer.cancelled:
                self.now = max(self.now, timer.when) + self.late()
                timer.call()
        if until < 1e9:
            self.now = max(self.now, START + until)


class FakeTransport:
    """Keeps what is written and when; ``buffered`` is what the kernel has not taken."""

    def __init__(self, loop: FakeLoop) -> None:
        self.loop = loop
        self.written: list[tuple[float, bytes]] = []
        self.closed = ""
        self.buffered = 0
        self.socket = socket.socket()

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append((self.loop.now - START, data))

    def is_closing(self) -> bool:
        return bool(self.closed)

    def close(self) -> None:
        self.closed = "close"

    def abort(self) -> None:
        self.closed = "abort"

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def get_extra_info(self, name: str) -> socket.socket:
        return self.socket


class Rig:
    """A plan, a writer, and everything around it."""

    def __init__(
        self, steps: Sequence[Step], *, late: Callable[[], float] = lambda: 0.0, hang: float = 300.0, **plan: Any
    ) -> None:
        self.loop = FakeLoop(late)
        self.transport = FakeTransport(self.loop)
        self.plan = Plan(steps=tuple(steps), **plan)
        self.outcomes: list[Outcome] = []
        self.writer = Writer(
            self.plan,
            cast(Any, self.transport),
            cast(Any, self.loop),
            start=START,
            hang_limit=hang,
            delivery=Delivery(),
            done=self.outcomes.append,
        )

    @property
    def delivery(self) -> Delivery:
        return self.writer.delivery

    @property
    def written(self) -> list[tuple[float, bytes]]:
        return self.transport.written

    def run(self, until: float = 1e9) -> Rig:
        self.writer.start()
        self.loop.run(until)
        return self

    def close(self) -> None:
        self.transport.socket.close()


@pytest.fixture
def rig() -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(*steps: Step, **options: Any) -> Rig:
        made.append(Rig(steps, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


Make = Callable[..., Rig]


def stream(*times: float, how: Ending = "clean") -> list[Step]:
    """Return a write of one letter for every time, and the end at the last."""
    return [*(Write(at=at, data=bytes([97 + i % 26])) for i, at in enumerate(times)), End(at=times[-1], how=how)]


def test_what_is_due_at_once_leaves_in_one_write(rig: Make) -> None:
    done = rig(*stream(0, 0, 0)).run()

    assert done.written == [(0.0, b"abc")]
    assert done.outcomes == ["clean"]
    assert not done.transport.closed


def test_every_step_leaves_at_its_time(rig: Make) -> None:
    done = rig(*stream(0, 0.02, 0.02, 0.5)).run()

    assert done.written == [(0.0, b"a"), (pytest.approx(0.02), b"bc"), (pytest.approx(0.5), b"d")]
    assert done.delivery.bytes == 4
    assert [count for count, _ in done.delivery.times] == [1, 3, 4]
    assert done.delivery.ended == pytest.approx(0.5)


@given(
    gaps=st.lists(st.floats(0, 0.1), min_size=1, max_size=30),
    late=st.lists(st.floats(0, 0.05), min_size=1, max_size=5),
)
def test_nothing_is_early_lost_or_out_of_order_however_late_the_loop_is(gaps: list[float], late: list[float]) -> None:
    times = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    turns = [0]

    def lateness() -> float:
        turns[0] += 1
        return late[turns[0] % len(late)]

    done = Rig(stream(*times), late=lateness).run()
    done.close()

    assert b"".join(data for _, data in done.written) == done.plan.data
    sent = 0
    for when, data in done.written:
        assert when >= times[sent + len(data) - 1] - TOLERANCE
        assert when <= times[sent] + 2 * max(late) + TOLERANCE
        sent += len(data)
    assert done.outcomes == ["clean"]


def test_deadlines_are_absolute_so_lateness_does_not_add_up(rig: Make) -> None:
    times = [0.005 * i for i in range(1, 201)]
    done = rig(*stream(*times), late=lambda: 0.001).run()

    assert done.written[-1][0] == pytest.approx(1.0 + 0.001)
    assert len(done.written) == 200


def test_a_wait_is_never_written_across_however_late_the_loop_is(rig: Make) -> None:
    steps: list[Step] = []
    for i in range(20):
        steps += [Write(at=0.002 * i, data=b"x"), Wait(at=0.002 * i, seconds=0.002)]
    done = rig(*steps, End(at=0.04), late=lambda: 0.05).run()

    assert [data for _, data in done.written] == [b"x"] * 20
    times = [when for when, _ in done.written]
    assert min(b - a for a, b in pairwise(times)) >= LEAST_GAP - TOLERANCE


def test_a_wait_before_the_end_is_kept_too(rig: Make) -> None:
    done = rig(Write(at=0.1, data=b"x"), Wait(at=0.1, seconds=0.01), End(at=0.11, how="fin"), late=lambda: 0.2).run()

    assert done.delivery.ended - done.written[-1][0] >= LEAST_GAP - TOLERANCE


@pytest.mark.parametrize(("how", "closed"), [("clean", ""), ("fin", "close"), ("rst", "abort")])
def test_the_end_is_the_planned_one(rig: Make, how: Ending, closed: str) -> None:
    done = rig(*stream(0, 0.1, how=how)).run()

    assert done.transport.closed == closed
    assert done.outcomes == [how]
    assert done.delivery.steps == len(done.plan.steps)


def test_a_reset_lingers_for_nothing(rig: Make) -> None:
    done = rig(*stream(0, how="rst")).run()
    linger = done.transport.socket.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)

    assert linger == b"\x01\x00\x00\x00\x00\x00\x00\x00"


def test_a_reset_waits_until_the_kernel_has_taken_everything(rig: Make) -> None:
    late = rig(*stream(0, how="rst"))
    late.transport.buffered = 1
    late.run(until=1.0)
    assert not late.transport.closed

    late.transport.buffered = 0
    late.loop.run(until=1.1)
    assert late.transport.closed == "abort"


def test_a_hanging_answer_stays_open_until_the_limit(rig: Make) -> None:
    done = rig(*stream(0, how="hang"), hang=300.0)
    done.run(until=299.0)
    assert (done.outcomes, done.transport.closed) == ([], "")
    assert done.delivery.steps == 2

    done.loop.run(until=301.0)
    assert (done.outcomes, done.transport.closed) == (["hang"], "close")


def test_a_client_that_leaves_ends_the_plan(rig: Make) -> None:
    done = rig(*stream(0, 1.0))
    done.run(until=0.5)
    done.writer.lost()
    done.loop.run()

    assert done.outcomes == ["client-left"]
    assert done.written == [(0.0, b"a")]
    assert done.delivery.steps == 1


def held_back(rig: Rig, size: int) -> None:
    """Let the kernel take all but ``size`` bytes of each write, as the transport tells the writer."""
    write = rig.transport.write

    def short(data: bytes) -> None:
        write(data)
        rig.transport.buffered = size
        rig.writer.pause()

    rig.transport.write = short  # type: ignore[method-assign]


@pytest.mark.parametrize(("size", "steps"), [(1, 2), (2, 2), (3, 1), (5, 0)])
def test_bytes_that_the_kernel_did_not_take_were_not_sent(rig: Make, size: int, steps: int) -> None:
    late = rig(Write(data=b"ab"), Write(data=b"c"), Write(data=b"de"), *stream(1.0))
    held_back(late, size)
    late.run(until=0.5)
    assert late.delivery.steps == 0

    late.transport.buffered = 0  # a transport that is lost has forgotten it
    late.writer.lost()
    assert (late.delivery.bytes, late.delivery.steps) == (5 - size, steps)
    assert [count for count, _ in late.delivery.times] == ([steps] if steps else [])


def test_a_step_counts_once_the_kernel_has_taken_it(rig: Make) -> None:
    late = rig(*stream(0, 0.1, how="fin"))
    held_back(late, 1)
    late.run(until=0.5)
    assert not late.delivery.times

    late.transport.buffered = 0
    late.writer.resume()
    late.loop.run(until=0.6)
    assert [count for count, _ in late.delivery.times] == [1]
    assert late.delivery.times[0][1] == pytest.approx(0.5)
    late.transport.buffered = 0
    late.writer.resume()
    late.loop.run()
    assert late.written == [(0.0, b"a"), (pytest.approx(0.5), b"b")]
    assert (late.delivery.steps, late.outcomes) == (3, ["fin"])


def test_a_large_answer_is_handed_over_piece_by_piece(rig: Make) -> None:
    late = rig(Write(data=b"x" * (2 * PIECE + 1)), End(how="fin"))
    held_back(late, PIECE // 2)
    late.run(until=0.0)
    assert [len(data) for _, data in late.written] == [PIECE]

    late.writer.lost()
    assert late.delivery.bytes == PIECE - PIECE // 2


def test_a_reset_gives_up_on_a_client_that_takes_nothing(rig: Make) -> None:
    late = rig(*stream(0, how="rst"), hang=1.0)
    late.transport.buffered = 1
    late.run()
    assert (late.outcomes, late.transport.closed) == (["stopped"], "abort")
    assert late.delivery.ended == pytest.approx(1.0, abs=0.01)


def test_a_closing_transport_is_noticed_at_the_next_step(rig: Make) -> None:
    done = rig(*stream(0, 1.0, 2.0))
    done.run(until=0.5)
    done.transport.write = lambda data: done.transport.close()  # type: ignore[method-assign]
    done.loop.run()

    assert done.outcomes == ["client-left"]


def test_a_server_that_stops_ends_the_plan(rig: Make) -> None:
    done = rig(*stream(0, 60.0))
    done.run(until=1.0)
    done.writer.stop()
    done.writer.stop()
    done.loop.run()

    assert (done.outcomes, done.transport.closed) == (["stopped"], "close")


def test_a_reader_that_lags_behind_is_waited_for(rig: Make) -> None:
    done = rig(*stream(0, 0.1, 0.2))
    done.run(until=0.05)
    done.writer.pause()
    done.loop.run(until=5.0)
    assert done.written == [(0.0, b"a")]

    done.writer.resume()
    done.loop.run()
    assert done.written == [(0.0, b"a"), (5.0, b"bc")]
    assert done.outcomes == ["clean"]


def test_an_answer_that_is_due_at_once_waits_for_a_reader_that_lags_behind(rig: Make) -> None:
    done = rig(*stream(0, 0, how="fin"))
    done.writer.pause()
    done.run(until=1.0)
    assert (done.written, done.outcomes) == ([], [])

    done.writer.resume()
    done.loop.run()
    assert (done.written, done.outcomes) == ([(1.0, b"ab")], ["fin"])


IDLE = (Write(at=0.0, data=b"whole"), Wait(at=0.0, seconds=5.0), End(at=5.0, how="fin", idle=True))


def test_an_idle_connection_is_closed_when_its_time_is_up(rig: Make) -> None:
    done = rig(*IDLE).run()

    assert (done.outcomes, done.transport.closed) == (["fin"], "close")
    assert done.delivery.ended == pytest.approx(5.0)


def test_a_request_on_an_idle_connection_loses_the_race(rig: Make) -> None:
    done = rig(*IDLE)
    done.run(until=1.0)

    assert done.writer.lose_race()
    assert (done.outcomes, done.transport.closed) == (["rst"], "abort")
    done.loop.run()
    assert done.outcomes == ["rst"]


def test_only_an_idle_connection_loses_the_race(rig: Make) -> None:
    busy = rig(*stream(0, 1.0, how="fin"))
    busy.run(until=0.5)
    early = rig(Write(at=0.5, data=b"whole"), Wait(at=0.5, seconds=5.0), End(at=5.5, how="fin", idle=True))
    early.run(until=0.1)

    assert not busy.writer.lose_race()
    assert not early.writer.lose_race()
