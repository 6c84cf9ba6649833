"""The journal is bounded, and says of every fault whether it reached the client."""

from __future__ import annotations

import pytest

from mockoai.journal import MAX_BODY, MAX_REFUSED, Exchange, Journal, Refused
from mockoai.plan.items import End, Step, Wait, Write
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.request import Request

STALL = PlannedFault("stall", "transport", True, "held back")
CUT = PlannedFault("cut", "transport", True, "cut")
STEPS: tuple[Step, ...] = (
    Write(data=b"head"),
    Write(data=b"one"),
    Wait(at=0.5, seconds=30, faults=("stall",)),
    Write(at=30.5, data=b"two"),
    End(at=30.5, how="fin", faults=("cut",)),
)


def exchange(number: int = 1, *, session: str = "default", plan: Plan | None = None, body: bytes = b"{}") -> Exchange:
    return Exchange(
        number=number,
        session=session,
        scenario="s",
        rule="r",
        request=Request("POST", "/v1/chat/completions", body=body),
        plan=plan or Plan(steps=STEPS, faults=(STALL, CUT)),
        received=0.0,
        connection=1,
        reused=False,
    )


@pytest.mark.parametrize(
    ("steps", "ended", "delivered"),
    [
        (1, 0.2, [False, False]),
        (2, 0.2, [False, False]),  # the client left before the silence began
        (2, 0.7, [True, False]),  # the silence is the fault: it was delivered when it began
        (3, 0.7, [True, False]),
        (5, 30.6, [True, True]),
    ],
)
def test_a_fault_is_delivered_once_its_first_step_is(steps: int, ended: float, delivered: list[bool]) -> None:
    one = exchange()
    one.delivery.steps, one.delivery.ended, one.delivery.outcome = steps, ended, "client-left"
    assert [fault.delivered for fault in one.faults()] == delivered


def test_why_not_says_where_the_client_left() -> None:
    one = exchange()
    one.delivery.steps, one.delivery.ended, one.delivery.outcome = 1, 0.2, "client-left"
    assert one.faults()[1].why == "the client left: step 5 of 5 was not sent"


def test_a_fault_that_did_not_fire_keeps_its_reason() -> None:
    plan = Plan(steps=STEPS, faults=(PlannedFault("late", "frame", False, "the answer has no place `90 tokens`"),))
    one = exchange(plan=plan)
    one.delivery.steps, one.delivery.outcome = 5, "fin"
    fault = one.faults()[0]
    assert (fault.fired, fault.delivered, fault.why) == (False, False, "the answer has no place `90 tokens`")


def test_the_oldest_exchanges_go_when_there_are_too_many() -> None:
    journal = Journal(max_exchanges=3)
    for number in range(1, 6):
        journal.add(exchange(number))
    assert [one.number for one in journal] == [3, 4, 5]
    assert (journal.total, journal.dropped) == (5, 2)


def test_the_oldest_exchanges_go_when_there_are_too_many_bytes() -> None:
    journal = Journal(max_bytes=200_000)
    for number in range(1, 20):
        journal.add(exchange(number, body=b"x" * 60_000))
    assert journal.bytes <= 200_000
    assert [one.number for one in journal][-1] == 19


def test_one_exchange_over_the_bound_is_still_kept() -> None:
    journal = Journal(max_bytes=10)
    journal.add(exchange())
    assert len(journal) == 1


def test_a_body_is_kept_up_to_a_bound_and_its_size_in_full() -> None:
    one = exchange(body=b"x" * (MAX_BODY + 5))
    assert len(one.request.body) == MAX_BODY
    assert one.body_size == MAX_BODY + 5


def test_clearing_a_session_leaves_the_others() -> None:
    journal = Journal()
    journal.add(exchange(1, session="a"))
    journal.add(exchange(2, session="b"))
    journal.clear("a")
    assert [one.number for one in journal] == [2]
    assert journal.bytes == next(iter(journal)).size
    journal.clear()
    assert (len(journal), journal.bytes) == (0, 0)


def test_listeners_hear_of_finished_exchanges_until_they_leave() -> None:
    journal = Journal()
    heard: list[int] = []
    leave = journal.listen(lambda one: heard.append(one.number))
    journal.finished(exchange(1))
    leave()
    journal.finished(exchange(2))
    assert heard == [1]


def test_who_greets_is_told_when_a_request_comes_and_who_listens_when_its_answer_ended() -> None:
    journal, told = Journal(), []
    stop = journal.greet(lambda one: told.append(("came", one.number)))
    journal.listen(lambda one: told.append(("ended", one.number)))
    one = exchange(1)
    journal.add(one)
    journal.finished(one)
    stop()
    journal.add(exchange(2))
    assert told == [("came", 1), ("ended", 1)]


def test_how_much_of_a_body_is_kept_can_be_told() -> None:
    assert Journal().max_body == MAX_BODY
    one = Exchange(
        number=1,
        session="s",
        scenario="",
        rule="",
        request=Request("POST", "/", body=b"x" * 100),
        plan=Plan(steps=STEPS),
        received=0.0,
        connection=1,
        reused=False,
        max_body=10,
    )
    assert (len(one.request.body), one.body_size) == (10, 100)


def test_what_was_refused_is_counted_kept_and_told() -> None:
    journal = Journal()
    told: list[int] = []
    stop = journal.listen_refused(lambda one: told.append(one.connection))
    for number in range(MAX_REFUSED + 2):
        journal.refuse(Refused(0.0, number, 400, "no"))
    stop()
    journal.refuse(Refused(0.0, 7, 400, "no"))
    assert told == list(range(MAX_REFUSED + 2))
    assert (journal.refusals, len(journal.refused), journal.total) == (MAX_REFUSED + 3, MAX_REFUSED, 0)
    journal.clear("default")
    assert len(journal.refused) == MAX_REFUSED
    journal.clear()
    assert (len(journal.refused), journal.refusals) == (0, MAX_REFUSED + 3)
