"""The benchmark still works: what it asks, what it accepts, and what it prints. No figure is judged here."""

from __future__ import annotations

import asyncio
import itertools
import math
import re
import sys
from collections.abc import Iterator
from typing import cast

import pytest
import uvloop
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import answer, bare, load, measure, report
from tests.bench.measure import Figures, percentile
from tests.bench.servers import SCENARIO, Kind, Server, UnavailableError, kinds


@pytest.fixture(scope="module", params=["mockoai", "bare"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(kinds()[request.param], answer.INSTANT, None)
    yield server
    server.stop()


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_answers_are_counted_and_accepted(server: Server, stream: bool, alike: bool) -> None:
    rate = uvloop.run(
        load.rate(
            server.port,
            answer.INSTANT,
            stream=stream,
            alike=alike,
            connections=4,
            seconds=0.05,
            warm=0.01,
            server_cpu=server.cpu,
        )
    )
    assert rate.answers > 0
    assert rate.bytes / rate.answers > len(answer.TEXT)


def test_gaps_are_seen_between_all_tokens(server: Server) -> None:
    gaps = uvloop.run(
        load.gaps(
            server.port, answer.PACED, alike=False, streams=3, seconds=0.0, limit=20, lead=1, server_cpu=server.cpu
        )
    )
    assert gaps.streams == 3
    assert gaps.events == 3 * answer.EVENTS
    assert len(gaps.between) == 3 * (len(answer.PIECES) - 1)
    assert len(gaps.late) == 3 * len(answer.PIECES)


def test_streams_are_left_waiting(server: Server) -> None:
    async def waiting() -> int:
        async with load.hold(server.port, answer.WAITING, 5) as started:
            for _ in range(1000):
                if started() == 5:
                    break
                await asyncio.sleep(0.01)
            return started()

    assert uvloop.run(waiting()) == 5


def test_the_scenario_says_what_the_benchmark_expects() -> None:
    rules = yaml.safe_load(SCENARIO.read_text())["rules"]
    assert [rule["when"]["model"] for rule in rules] == [answer.INSTANT, answer.PACED, answer.WAITING]
    for rule in rules:
        assert rule["reply"]["text"] == answer.TEXT
        assert tuple(rule["reply"]["tokens"]) == answer.PIECES


def test_all_servers_cut_the_text_into_equally_many_pieces() -> None:
    assert "".join(answer.PIECES) == answer.TEXT
    assert math.ceil(len(answer.TEXT) / answer.CHUNK_SIZE) == len(answer.PIECES) == answer.EVENTS - 3


def test_requests_differ_unless_they_are_to_be_alike() -> None:
    same = answer.asking(1, answer.INSTANT, stream=True, alike=True)
    other = answer.asking(1, answer.INSTANT, stream=True, alike=False)
    assert same() == same()
    assert len({same(), other(), other()}) == 3
    assert len(same()) == len(other())


@pytest.mark.parametrize("whole", [bare.WHOLE, bare.STREAM], ids=["whole", "stream"])
@given(st.data())
def test_an_answer_is_complete_at_its_end_and_not_before(whole: bytes, data: st.DataObject) -> None:
    assert answer.complete(whole)
    assert not answer.complete(whole[: data.draw(st.integers(0, len(whole) - 1))])


PIECE = b'{"content":"westerly "}'


@pytest.mark.parametrize(
    ("stream", "wrong"),
    [
        (False, bare.WHOLE.replace(b"200 OK", b"500 Oh")),
        (False, bare.WHOLE.replace(b"westerly", b"easterly")),
        (True, bare.STREAM.replace(b"200 OK", b"429 No")),
        (True, bare.STREAM.replace(b"data: [DONE]\n\n", b"")),
        (True, bare.STREAM.replace(b"data: [DONE]\n\n", b"data: {}\n\n")),
        (True, bare.STREAM.replace(PIECE, b"{}")),
    ],
    ids=["status", "text", "stream status", "an event less", "no done", "a piece less"],
)
def test_another_answer_is_noticed_every_time(stream: bool, wrong: bytes) -> None:
    with pytest.raises(answer.WrongAnswerError):
        answer.check(wrong, stream=stream)


def test_another_text_in_as_many_pieces_is_noticed_by_the_full_check() -> None:
    answer.check_fully(bare.STREAM, stream=True)
    with pytest.raises(answer.WrongAnswerError, match="easterly"):
        answer.check_fully(bare.STREAM.replace(PIECE, b'{"content":"easterly "}'), stream=True)


def test_a_server_that_cannot_start_says_why() -> None:
    broken = Kind("broken", lambda port, model: [sys.executable, "-c", "exit('no luck')"], lambda: "")
    with pytest.raises(UnavailableError, match=r"ended with 1 .*: no luck"):
        Server(broken, answer.INSTANT, None)


def test_a_server_that_hangs_up_ends_the_run() -> None:
    async def run() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await load.rate(
                port, "any", stream=True, alike=True, connections=1, seconds=5, warm=0, server_cpu=lambda: 0.0
            )

    with pytest.raises(load.LoadError, match="closed the connection"):
        uvloop.run(run())


class Fake:
    """A server that uses no time at all."""

    kind = Kind("fake", lambda port, model: [], lambda: "")

    def cpu(self) -> float:
        return 0.0


async def _answer() -> str:
    return "an answer"


@pytest.mark.parametrize(("patience", "rounds"), [(0.0, 1), (1e-9, 2)])
def test_a_disturbed_round_is_repeated_while_there_is_patience(
    monkeypatch: pytest.MonkeyPatch, patience: float, rounds: int
) -> None:
    """The machine is busy for an hour each time it is looked at."""
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(measure, "machine", lambda: float(next(hours)))
    bench = measure.Bench([], measure.QUICK, None, Figures(), lambda line: None, patience)
    assert bench.timed("requests", cast(Server, Fake()), _answer) == "an answer"
    assert next(hours) == rounds * 2 * 3600
    assert len(bench.figures.others) == 1
    assert bench.patience <= 0.0


def test_memory_is_measured_once_on_a_fresh_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second time the same server has the memory already, and would seem to need none."""
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(measure, "machine", lambda: float(next(hours)))
    calls: list[Server] = []

    async def waiting(server: Server) -> float:
        calls.append(server)
        return 30 * 1024.0

    monkeypatch.setattr(measure, "_waiting", waiting)
    bench = measure.Bench([kinds()["bare"]], measure.QUICK, None, Figures(), lambda line: None, 3600.0)
    measure.memory(bench)
    assert len(calls) == 1
    assert bench.figures.values["memory"] == {"bare": [30.0]}


def test_a_server_that_fails_drops_out_of_the_measure() -> None:
    async def fail() -> str:
        raise load.LoadError("it rained")

    bench = measure.Bench([], measure.QUICK, None, Figures(), lambda line: None)
    assert bench.try_("requests", cast(Server, Fake()), fail) is None
    assert bench.figures.reasons == {"requests": {"fake": "it rained"}}
    assert bench.try_("requests", cast(Server, Fake()), _answer) is None
    assert bench.try_("streams", cast(Server, Fake()), _answer) == "an answer"


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 50), (99, 99), (100, 100)])
def test_percentiles_are_by_nearest_rank(percent: float, value: float) -> None:
    assert percentile(range(100, 0, -1), percent) == value


@pytest.fixture
def figures() -> Figures:
    figures = Figures()
    for server, values in {"mockoai": [18.0, 30.0, 20.0], "aimock": [10.0, 10.0]}.items():
        for value in values:
            figures.add("requests", server, value * 1000)
    figures.fail("requests", "llmock", "it rained")
    return figures


def test_the_table_shows_medians_spread_and_ratios(figures: Figures) -> None:
    head, row = report.table(figures, ["mockoai", "aimock", "llmock"]).splitlines()
    assert head.split() == ["mockoai", "aimock", "llmock", "mockoai/aimock", "mockoai/llmock"]
    assert re.split(" {2,}", row) == [
        "requests per second (more is better)",
        "20,000 (18,000–30,000)",
        "10,000 (10,000–10,000)",
        "not available",
        "2.00x",
    ]


def test_what_is_missing_is_said_with_its_reason(figures: Figures) -> None:
    assert report.missing(figures, {"mockoai": None, "stubllm": "there is no pip here"}) == [
        "stubllm: not available: there is no pip here",
        "llmock: no requests: it rained",
    ]


def test_other_work_on_the_machine_is_said(figures: Figures) -> None:
    assert report.others(figures) == []
    figures.others += [0.01, 0.02, 0.03]
    assert report.others(figures) == ["0.02 cores busy with other work, at most 0.03: quiet enough"]
    figures.others += [0.9, 0.8]
    assert report.others(figures)[0].startswith("0.03 cores busy with other work, at most 0.90: quiet enough but")
    figures.others += [0.9, 0.9]
    assert "mean little" in report.others(figures)[0]


def test_goals_are_compared_and_never_fail(figures: Figures) -> None:
    lines = report.goal_lines(figures)
    assert re.search(r"at least 1x +2.00x  reached$", lines[0])
    assert re.search(r"aiming for 1.5x +2.00x  reached$", lines[1])
    assert len(lines) == 2
    figures.fail("streams", "mockoai", "it rained")
    assert report.goal_lines(figures)[2].endswith(" not measured")
    figures.add("start", "mockoai", 900.0)
    assert any(re.search("exec to first answer.* 900.00 ms  not reached$", line) for line in report.goal_lines(figures))
