"""Exchanges as JSON: the plan step by step, and when each step was sent."""

from __future__ import annotations

import json

import pytest

from mockoai.journal import Exchange
from mockoai.plan.items import End, Step, Wait, Write
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.report.exchange import detail, sent_at, shown, summary
from mockoai.report.faults import outcomes
from mockoai.report.redact import Redactor
from mockoai.request import Request
from mockoai.wire.delivery import Outcome

PLAIN = Redactor()
STEPS: tuple[Step, ...] = (
    Write(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", mark="headers"),
    Write(at=0.1, data=b"5\r\nhello\r\n", lead=3, body=5, tokens=1, events=1),
    Wait(at=0.1, seconds=30.0, faults=("stall",), tokens=1, events=1),
    Write(at=30.1, data=b"2\r\n\xff\xfe\r\n", lead=3, body=2, tokens=2, events=2),
    End(at=30.1, how="rst", faults=("cut",)),
)
STALL = PlannedFault("stall", "transport", True, "held back")
CUT = PlannedFault("cut", "transport", True, "cut")
LATE = PlannedFault("late", "frame", False, "the answer has no token 90")


def exchange(steps: int, outcome: Outcome = "", ended: float = 0.0, number: int = 1) -> Exchange:
    body = b'{"model": "gpt-4o", "stream": true}'
    request = Request("POST", "/v1/chat/completions", body=body, endpoint="chat", target="/v1/chat/completions")
    plan = Plan(STEPS, (STALL, CUT, LATE), stream=True, tokens=2, events=2)
    one = Exchange(
        number=number,
        session="default",
        scenario="s",
        rule="r",
        request=request,
        plan=plan,
        received=1_700_000_000.123456789,
        connection=3,
        reused=True,
    )
    times = [(1, 0.0004), (3, 0.1002), (4, 30.1003)]
    one.delivery.times = [pair for pair in times if pair[0] <= steps]
    one.delivery.steps, one.delivery.outcome, one.delivery.ended = steps, outcome, ended
    return one


def test_every_step_has_the_time_at_which_it_was_sent() -> None:
    assert sent_at(exchange(5, "rst", 30.1004)) == [0.0004, 0.1002, 0.1002, 30.1003, 30.1004]
    assert sent_at(exchange(3, "client-left", 5.0)) == [0.0004, 0.1002, 0.1002, None, None]
    assert sent_at(exchange(0)) == [None] * 5


def test_a_finished_exchange() -> None:
    found = detail(exchange(5, "rst", 30.1004), PLAIN)
    assert found["received"] == 1_700_000_000.123457
    assert found["model"] == "gpt-4o"
    assert found["ending"] == {"planned": "rst", "actual": "rst", "at": 30.1004}
    assert found["client"] == {"left_early": False, "at": None}
    assert found["connection"] == {"number": 3, "reused": True}
    steps = found["plan"]["steps"]
    assert [step.get("text") for step in steps[:2]] == [STEPS[0].data.decode(), "5\r\nhello\r\n"]  # type: ignore[union-attr]
    assert steps[2]["seconds"] == 30.0
    assert "base64" in steps[3]
    assert steps[4]["how"] == "rst"
    assert [step["sent"] for step in steps] == [0.0004, 0.1002, 0.1002, 30.1003, 30.1004]
    json.dumps(found)


def test_an_exchange_under_way() -> None:
    found = summary(exchange(3), PLAIN)
    assert found["finished"] is False
    assert found["ending"] == {"planned": "rst", "actual": None, "at": None}
    assert found["sent"]["steps"] == 3


def test_a_client_that_left() -> None:
    found = detail(exchange(3, "client-left", 5.0), PLAIN)
    assert found["client"] == {"left_early": True, "at": 5.0}
    delivered = {fault["id"]: (fault["fired"], fault["delivered"], fault["why"]) for fault in found["faults"]}
    assert delivered["stall"] == (True, True, "held back")
    assert delivered["cut"] == (True, False, "the client left: step 5 of 5 was not sent")
    assert delivered["late"] == (False, False, "the answer has no token 90")


def test_long_bodies_say_how_long_they_were() -> None:
    one = exchange(5, "rst", 1.0)
    one.body_size = 1_000_000
    assert detail(one, PLAIN)["request"]["body"]["bytes"] == 1_000_000
    assert detail(one, PLAIN)["request"]["body"]["kept"] == len(one.request.body)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", {"text": ""}), ("ü".encode(), {"text": "ü"}), (b"\xff", {"base64": "/w=="})],
)
def test_bytes_are_text_where_they_can_be(data: bytes, expected: dict[str, str]) -> None:
    assert shown(data) == expected


def test_faults_are_added_up() -> None:
    found = {one["fault"]: one for one in outcomes([exchange(5, "rst", 31.0), exchange(3, "client-left", 5.0, 2)])}
    assert list(found) == ["cut", "late", "stall"]
    assert (found["stall"]["planned"], found["stall"]["delivered"], found["stall"]["missed"]) == (2, 2, [])
    cut = found["cut"]
    assert (cut["planned"], cut["fired"], cut["delivered"], cut["not_delivered"]) == (2, 2, 1, 1)
    assert (cut["missed"], cut["reasons"]) == (
        [2],
        [{"why": "the client left: step 5 of 5 was not sent", "count": 1}],
    )
    assert found["late"]["reasons"] == [{"why": "the answer has no token 90", "count": 2}]
