from __future__ import annotations

from dataclasses import replace

import pytest

from mockoai.faults.ending import SETTLE
from mockoai.plan.items import End
from mockoai.plan.steps import Plan
from tests.support.planning import GAPS, asked, body, fault, head, outcome, planned, waits, writes

BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "body"])


def end(plan: Plan) -> End:
    last = plan.steps[-1]
    assert isinstance(last, End)
    return last


def events(number: int) -> bytes:
    """Return the first ``number`` events of the healthy stream."""
    return b"".join(event + b"\n\n" for event in body(planned()).split(b"\n\n")[:number])


@pytest.mark.parametrize(
    ("after", "number"), [("3 tokens", 4), ("4 events", 4), ("role", 1), ("finish", 7), ("done", 8), ("headers", 0)]
)
def test_the_connection_closes_behind_whole_chunks(after: str, number: int) -> None:
    plan = planned(fault("fin-mid-chunked", after=after))

    assert body(plan) == events(number)
    assert not plan.data.endswith(b"0\r\n\r\n")
    assert plan.ending == "fin"
    assert end(plan).faults == ("fin-mid-chunked",)


def test_a_cut_inside_a_chunk_leaves_its_size() -> None:
    plan = planned(fault("fin-mid-chunked", after="20 bytes"))
    size = len(events(1))

    assert plan.data == head(plan) + b"%x\r\n" % size + events(1)[:20]


def test_half_of_the_tokens_and_half_of_the_bytes() -> None:
    healthy = body(planned(stream=False))

    assert planned(fault("fin-mid-chunked", after="50%")).tokens == 3
    assert body(planned(fault("fin-mid-chunked", after="50%"), stream=False)) == healthy[: len(healthy) // 2]


@pytest.mark.parametrize(
    ("after", "stream", "why"),
    [
        ("end", True, "the answer is complete at `end`: nothing is cut off"),
        ("100%", False, "the answer is complete at `100%`: nothing is cut off"),
        ("9 tokens", True, "the answer has no place `9 tokens`: it ends after 5 tokens, 8 events"),
        ("1s", True, "the answer has no place `1s`"),
        ("usage", True, "the answer has no place `usage`"),
    ],
)
def test_a_cut_that_cuts_nothing_is_reported(after: str, stream: bool, why: str) -> None:
    plan = planned(fault("fin-mid-chunked", after=after), stream=stream)

    assert plan.steps == planned(stream=stream).steps
    assert outcome(plan, "fin-mid-chunked").why.startswith(why)


def test_a_cut_at_a_moment() -> None:
    plan = planned(fault("fin-mid-chunked", after="0.27s"), timing=GAPS)

    assert body(plan) == events(3)
    assert end(plan).at == pytest.approx(0.27)


@pytest.mark.parametrize(("after", "number"), [("3 tokens", 4), ("done", 8)])
def test_a_reset_stands_a_moment_behind_the_last_byte(after: str, number: int) -> None:
    plan = planned(fault("rst-mid-stream", after=after))

    assert body(plan) == events(number)
    assert (end(plan).how, end(plan).at) == ("rst", SETTLE)


@BOTH
def test_a_reset_behind_everything(stream: bool) -> None:
    plan = planned(fault("rst-mid-stream", after="end"), stream=stream)

    assert plan.data == planned(stream=stream).data
    assert plan.ending == "rst"
    assert outcome(plan, "rst-mid-stream").fired


@pytest.mark.parametrize(("id", "how"), [("hold-open-after-done", "hang"), ("fin-after-done-no-terminator", "fin")])
def test_done_is_the_last_thing_sent(id: str, how: str) -> None:
    plan = planned(fault(id))

    assert plan.data == planned().data.removesuffix(b"0\r\n\r\n")
    assert plan.ending == how
    assert outcome(planned(fault(id), stream=False), id).why == "the answer is not streamed"


def test_without_done_there_is_nothing_to_hold_open_after() -> None:
    plan = planned(fault("done-missing"), fault("hold-open-after-done"))

    assert plan.ending == "clean"
    assert not outcome(plan, "hold-open-after-done").fired


@BOTH
@pytest.mark.parametrize(
    ("id", "how"), [("rst-before-headers", "rst"), ("fin-before-headers", "fin"), ("hang-before-headers", "hang")]
)
def test_not_one_byte_is_sent(id: str, how: str, stream: bool) -> None:
    plan = planned(fault(id), stream=stream)

    assert plan.data == b""
    assert [type(step) for step in plan.steps] == [End]
    assert plan.ending == how


def test_a_reset_before_the_head_can_be_late() -> None:
    plan = planned(fault("rst-before-headers"), fault("slow-headers", for_=60.0))

    assert waits(plan) == [(0.0, 60.0)]
    assert end(plan).at == 60.0
    assert all(one.fired for one in plan.faults)


def test_the_head_is_cut() -> None:
    plan = planned(fault("fin-mid-headers", keep=27))

    assert plan.data == head(planned())[:27]
    assert plan.ending == "fin"


def test_a_head_that_is_shorter_is_not_cut() -> None:
    plan = planned(fault("fin-mid-headers", keep=10_000))

    assert plan.steps == planned().steps
    assert outcome(plan, "fin-mid-headers").why.startswith("the head has only ")


@BOTH
def test_a_kept_connection_closes_when_it_was_idle(stream: bool) -> None:
    plan = planned(fault("keepalive-idle-close-race", idle=5.0), stream=stream)

    assert plan.data == planned(stream=stream).data
    assert plan.keep_alive
    assert waits(plan) == [(0.0, 5.0)]
    assert end(plan) == replace(end(plan), at=5.0, how="fin", idle=True)


def test_a_connection_that_closes_anyway_is_never_idle() -> None:
    plan = planned(fault("keepalive-idle-close-race"), request=replace(asked(), keep_alive=False))

    assert plan.ending == "clean"
    assert outcome(plan, "keepalive-idle-close-race").why == "the answer does not keep the connection"


def test_what_stands_behind_a_cut_has_not_fired() -> None:
    plan = planned(fault("done-twice"), fault("fin-mid-chunked", after="2 tokens"))

    assert outcome(plan, "done-twice").why == "what it did was cut off or undone by another fault"
    assert len(writes(plan)) == 4
