from __future__ import annotations

import orjson
import pytest

from mockoai.scenario.model import LiteralEvent
from tests.support.planning import HEALTHY, asked, body, fault, outcome, planned, shown, writes

DONE = b"data: [DONE]\n\n"
CHUNKS = HEALTHY.removesuffix(DONE)


@pytest.mark.parametrize(
    ("id", "parameters", "wire"),
    [
        ("done-missing", {}, CHUNKS),
        ("done-twice", {}, CHUNKS + DONE * 2),
        ("done-twice", {"times": 4}, CHUNKS + DONE * 4),
        ("done-first", {}, DONE + CHUNKS),
        ("done-only", {}, DONE),
        ("done-no-prefix", {}, CHUNKS + b"[DONE]\n\n"),
        ("done-trailing-space", {}, CHUNKS + b"data: [DONE] \n\n"),
        ("done-lowercase", {}, CHUNKS + b"data: [done]\n\n"),
        ("done-quoted", {}, CHUNKS + b'data: "[DONE]"\n\n'),
        ("done-unterminated", {}, CHUNKS + b"data: [DONE]"),
        ("empty-200-stream", {}, b""),
        (
            "data-after-done",
            {},
            CHUNKS.replace(b"data: { five}\n\n", b"") + DONE + b"data: { five}\n\n",
        ),
        ("done-missing-and-finish-missing", {"after": "2 tokens"}, HEALTHY.split(b"data: { three}")[0]),
    ],
)
def test_the_sentinel_is_where_and_what_the_fault_says(id: str, parameters: dict[str, str], wire: bytes) -> None:
    plan = planned(fault(id, **parameters))

    assert shown(body(plan)) == wire
    assert plan.data.endswith(b"0\r\n\r\n")
    assert plan.ending == "clean"
    assert outcome(plan, id).fired
    assert plan.events == wire.count(b"\n\n") + wire.endswith(b"[DONE]")


@pytest.mark.parametrize("id", ["done-missing", "done-twice", "done-only", "empty-200-stream"])
def test_an_answer_that_is_not_streamed_has_no_sentinel(id: str) -> None:
    plan = planned(fault(id), stream=False)

    assert plan.data == planned(stream=False).data
    assert outcome(plan, id).why == "the answer is not streamed"


@pytest.mark.parametrize("id", ["done-missing", "empty-200-stream"])
def test_what_was_left_out_is_shown_on_the_end_of_the_body(id: str) -> None:
    assert [step.data for step in writes(planned(fault(id))) if step.faults] == [b"0\r\n\r\n"]


def test_usage_comes_behind_the_sentinel() -> None:
    request = asked(stream_options={"include_usage": True})
    plan = planned(fault("usage-after-done"), request=request)

    assert shown(body(plan)) == CHUNKS + DONE + b"data: {usage}\n\n"


def test_usage_that_was_not_asked_for_cannot_be_late() -> None:
    plan = planned(fault("usage-after-done"))

    assert plan.data == planned().data
    assert not outcome(plan, "usage-after-done").fired


def test_an_error_comes_behind_the_sentinel() -> None:
    late = body(planned(fault("error-after-done", message="boom", type_="x"))).split(DONE)[1]

    assert orjson.loads(late.removeprefix(b"data: ")) == {
        "error": {"message": "boom", "type": "x", "param": None, "code": None}
    }


def test_choices_that_are_generated_together_keep_their_order_around_late_data() -> None:
    request = asked(n=2)
    healthy = body(planned(request=request)).split(b"\n\n")
    late = body(planned(fault("data-after-done"), request=request)).split(b"\n\n")

    assert sorted(late) == sorted(healthy)
    assert late[-3] == b"data: [DONE]"
    assert [event for event in healthy if event != late[-2]] == [event for event in late if event != late[-2]]


def test_a_stream_that_ends_at_the_place_is_not_cut() -> None:
    plan = planned(fault("done-missing-and-finish-missing", after="done"))

    assert plan.data == planned().data
    assert outcome(plan, "done-missing-and-finish-missing").why == "nothing follows `done`"


def test_a_stream_that_has_no_sentinel_gets_one_as_its_only_event() -> None:
    events = (LiteralEvent(data="x", has_data=True),)

    assert body(planned(fault("done-only"), events=events)) == DONE


def test_a_stream_that_is_only_the_sentinel_begins_with_it_already() -> None:
    events = (LiteralEvent(data="[DONE]", has_data=True),)
    plan = planned(fault("done-first"), events=events)

    assert body(plan) == DONE
    assert not outcome(plan, "done-first").fired
