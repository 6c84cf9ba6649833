from __future__ import annotations

import pytest

from mockoai.plan.items import Write
from tests.support.planning import HEALTHY, body, fault, outcome, planned, shown, writes

ROLE = b"data: {role}\n\n"
SECOND = b"data: { two}\n\n"


@pytest.mark.parametrize(
    ("id", "parameters", "between", "counts"),
    [
        ("sse-id-only-event", {}, b"id: 1\n\n", False),
        ("sse-id-only-event", {"id_": "42"}, b"id: 42\n\n", False),
        ("sse-retry-only-event", {}, b"retry: 3000\n\n", False),
        ("sse-empty-data", {}, b"data:\n\n", True),
        ("sse-empty-data", {"form": "space"}, b"data: \n\n", True),
        ("sse-empty-data", {"form": "bare"}, b"data\n\n", True),
        ("sse-event-ping-json", {}, b'event: ping\ndata: {"type":"ping"}\n\n', True),
        ("sse-leading-newlines", {"after": "1 event", "count": 2}, b"\n\n", False),
        ("sse-comment-with-json", {"after": "1 event", "text": 'x {"y":1}'}, b': x {"y":1}\n\n', False),
    ],
)
def test_bytes_are_put_after_the_first_event(id: str, parameters: dict[str, str], between: bytes, counts: bool) -> None:
    plan = planned(fault(id, **parameters))

    assert shown(body(plan)) == HEALTHY.replace(ROLE, ROLE + between)
    assert plan.events == planned().events + counts
    assert [step.data for step in writes(plan) if id in step.faults] == [b"%x\r\n%s\r\n" % (len(between), between)]


def test_headers_is_the_place_before_the_first_event() -> None:
    assert shown(body(planned(fault("sse-leading-newlines")))) == b"\n\n\n\n" + HEALTHY
    assert shown(body(planned(fault("sse-empty-data", after="headers")))) == b"data:\n\n" + HEALTHY


@pytest.mark.parametrize("after", ["2 tokens", "3 events"])
def test_a_place_in_the_middle_is_behind_the_event_that_completes_it(after: str) -> None:
    plan = planned(fault("sse-id-only-event", after=after))

    assert shown(body(plan)) == HEALTHY.replace(SECOND, SECOND + b"id: 1\n\n")


def test_a_place_past_the_end_is_reported() -> None:
    plan = planned(fault("sse-empty-data", after="99 tokens"))

    assert plan.data == planned().data
    assert outcome(plan, "sse-empty-data").why.startswith("the answer has no place `99 tokens`: it ends after 5 ")


def test_a_ping_stands_before_every_event() -> None:
    plan = planned(fault("sse-comment-ping"))

    assert shown(body(plan)) == HEALTHY.replace(b"data:", b": ping\n\ndata:")
    assert plan.events == planned().events


def test_a_ping_stands_before_every_third_event_and_may_be_empty() -> None:
    pinged = shown(body(planned(fault("sse-comment-ping", every=3, text=""))))

    assert [event for event in pinged.split(b"\n\n")[:-1] if event == b":" or event.startswith(b":\n")]
    assert pinged.count(b":\n\n") == 3
    assert pinged.startswith(b":\n\ndata: {role}\n\ndata: {One}\n\ndata: { two}\n\n:\n\ndata: { three}")


@pytest.mark.parametrize(("text", "later"), [("ping", b": ping\n\n"), ("", b"\n")])
def test_an_id_is_followed_by_a_blank_line_without_data(text: str, later: bytes) -> None:
    plan = planned(fault("sse-id-then-blank", after="2 tokens", text=text))

    assert shown(body(plan)) == b"id: 1\n" + HEALTHY.replace(SECOND, SECOND + later)


def test_what_is_inserted_leaves_with_the_event_before_it() -> None:
    plan = planned(fault("sse-id-only-event", after="2 tokens"))
    steps = [step for step in plan.steps if isinstance(step, Write)]
    inserted = next(i for i, step in enumerate(steps) if step.faults)

    assert (steps[inserted].at, steps[inserted].tokens) == (steps[inserted - 1].at, 2)
