"""Which exchanges are one call, and which outcome is about it."""

from __future__ import annotations

import pytest

from mockoai.verdict.calls import calls
from mockoai.verdict.model import Call, Outcome
from tests.support.judging import QUESTION, START, Story

BUSY = "id: s\nrules: [{ when: { call: ..%d }, reply: { error: { status: 503 } } }, { reply: { text: Fine. } }]"
OTHER = {**QUESTION, "messages": [{"role": "user", "content": "Something else."}]}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def counted(number: int) -> dict[str, str]:
    return {"x-stainless-retry-count": str(number)}


def made(story: Story, *outcomes: Outcome) -> list[Call]:
    return calls(story.exchanges, outcomes)


def numbers(story: Story, *outcomes: Outcome) -> list[list[int]]:
    return [[one.number for one in call.exchanges] for call in made(story, *outcomes)]


def test_an_equal_request_after_a_failure_is_a_further_attempt_and_the_gap_is_counted_from_its_end() -> None:
    story = Story(BUSY % 2)
    story.ask(0)
    story.ask(0.5)
    story.ask(1.5)
    (call,) = made(story)
    assert [one.link for one in call.attempts] == ["", "body", "body"]
    assert call.gaps == pytest.approx((0.5, 1.0))
    assert call.final.reading.kind == "answer"


def test_an_equal_request_after_a_whole_answer_is_a_new_call() -> None:
    story = Story()
    story.ask(0)
    story.ask(1)
    assert numbers(story) == [[1], [2]]


def test_an_equal_request_while_the_first_is_under_way_is_a_new_call() -> None:
    story = Story("id: s\ntiming: { headers: 2s }\nrules: [{ reply: { error: { status: 503 } } }]")
    story.ask(0)
    story.ask(1)
    assert numbers(story) == [[1], [2]]


@pytest.mark.parametrize(
    "changed",
    [{"body": OTHER}, {"session": "other"}, {"path": "/v1/completions"}, {"method": "PUT"}],
    ids=["body", "session", "path", "method"],
)
def test_what_asks_something_else_is_a_new_call(changed: dict[str, object]) -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(1, **changed)  # type: ignore[arg-type]
    assert numbers(story) == [[1], [2]]


def test_an_equal_key_joins_even_what_asks_something_else() -> None:
    story = Story(BUSY % 9)
    story.ask(0, headers=key("a"))
    story.ask(0.1, headers=key("b"), body=OTHER)
    story.ask(1, headers=key("a"), body=OTHER)
    assert numbers(story) == [[1, 3], [2]]
    assert made(story)[0].final.link == "key"


def test_the_clients_own_count_joins_its_attempts() -> None:
    story = Story(BUSY % 9)
    story.ask(0, headers=counted(0))
    story.ask(0.1, headers=counted(0))
    story.ask(1, headers=counted(1))
    story.ask(1.2, headers=counted(1))
    story.ask(3, headers=counted(2))
    assert numbers(story) == [[1, 3, 5], [2, 4]]
    assert [one.link for call in made(story) for one in call.attempts] == ["", "count", "count", "", "count"]


def test_a_count_that_goes_on_behind_an_answer_goes_on_with_another_call() -> None:
    story = Story(BUSY % 1)
    for at, count in ((0, 0), (0.001, 0), (0.002, 0), (1, 1)):
        story.ask(at, headers=counted(count))
    assert numbers(story) == [[1, 4], [2], [3]]


def test_a_count_that_begins_anew_without_running_up_is_an_equal_request_on_weak_grounds() -> None:
    story = Story(BUSY % 9)
    story.ask(0, headers=counted(0))
    story.ask(1, headers=counted(0))
    (call,) = made(story)
    assert call.final.link == "body"


def test_two_keys_are_two_calls_unless_more_than_the_body_joins_them() -> None:
    story = Story(BUSY % 9)
    story.ask(0, headers=key("a"))
    story.ask(1, headers=key("b"))
    assert numbers(story) == [[1], [2]]
    assert numbers(story, story.raised()) == [[1, 2]]


def test_side_by_side_the_one_that_waits_longest_goes_on() -> None:
    story = Story("id: s\ntiming: { headers: 1s }\nrules: [{ reply: { error: { status: 503 } } }]")
    story.ask(0, headers=counted(0))
    story.ask(0.5, headers=counted(0))
    story.ask(3, headers=counted(1))
    story.ask(4, headers=counted(1))
    assert numbers(story) == [[1, 3], [2, 4]]
    assert [call.gaps for call in made(story)] == [pytest.approx((2.0,)), pytest.approx((2.5,))]


def test_a_count_with_another_body_continues_the_only_call_it_can() -> None:
    story = Story(BUSY % 9)
    story.ask(0, headers=counted(0))
    story.ask(1, headers=counted(1), body=OTHER)
    assert numbers(story) == [[1, 2]]
    story = Story(BUSY % 9)
    story.ask(0, headers=counted(0))
    story.ask(0.1, headers=counted(0), body={**OTHER, "n": 2})
    story.ask(1, headers=counted(1), body=OTHER)
    assert numbers(story) == [[1], [2], [3]]


def test_a_clock_that_stands_still_gives_no_gap() -> None:
    story = Story("id: s\ntiming: { headers: 2s }\nrules: [{ reply: { error: { status: 503 } } }]")
    story.ask(0, headers=key("a"))
    story.ask(0, headers=key("a"))
    (call,) = made(story)
    assert call.gaps == ()


# --- outcomes ---------------------------------------------------------------------------------------------


def test_an_outcome_of_one_call_says_that_equal_requests_are_retries() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(1)
    (call,) = made(story, story.raised(ended=2))
    assert call.final.link == "outcome"
    assert call.outcome is not None
    (call,) = made(story, story.raised(ended=2, single=False))
    assert call.final.link == "body"


def test_two_outcomes_part_equal_requests() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(1)
    first, second = story.raised(ended=0.5), story.raised(started=0.9, ended=2)
    assert numbers(story, first, second) == [[1], [2]]
    assert [call.outcome for call in made(story, first, second)] == [first, second]


def test_an_outcome_of_another_session_or_time_is_about_nothing_here() -> None:
    story = Story(BUSY % 9)
    story.ask(10)
    for outcome in (story.raised(session="other"), story.raised(ended=9), story.raised(started=11)):
        (call,) = made(story, outcome)
        assert call.outcome is None
        assert call.why_none == "no outcome was reported for it"


def test_an_outcome_that_names_its_exchanges_is_about_these() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(0.001, body=OTHER)
    named, timed = story.raised(exchanges=(2,)), story.returned()
    assert [call.outcome for call in made(story, named, timed)] == [timed, named]


def test_an_outcome_of_a_call_comes_before_that_of_a_command() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    command = story.outcome("exited", exit_code=0, single=False)
    inner = story.raised(ended=2)
    assert made(story, command, inner)[0].outcome is inner


def test_outcomes_that_overlap_are_shared_out_only_if_they_agree() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(0.001, body=OTHER)
    agreeing = story.raised(ended=2), story.raised(ended=3)
    shared = [call.outcome for call in made(story, *agreeing)]
    assert {id(one) for one in shared} == {id(one) for one in agreeing}
    differing = story.raised(ended=2), story.returned(ended=3)
    for call in made(story, *differing):
        assert call.outcome is None
        assert "differ" in call.why_none


def test_of_outcomes_that_overlap_that_is_its_own_whose_text_a_call_got() -> None:
    story = Story("id: s\nrules: [{ when: { model: a }, reply: { text: One two } }, { reply: { text: One } }]")
    story.ask(0, body={**QUESTION, "model": "a"})
    story.ask(0.001, body={**QUESTION, "model": "b"})
    first, second = story.returned("One", ended=2), story.returned("One two", ended=3)
    assert [call.outcome for call in made(story, first, second)] == [second, first]
    # What is left when each call that can be told has its own.
    failed = story.raised(ended=2)
    assert [call.outcome for call in made(story, failed, second)] == [second, failed]
    assert [call.outcome for call in made(story, failed, second, story.raised(ended=4))] == [second, None]


def test_an_outcome_without_a_start_is_not_about_one_of_several() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    assumed = story.raised(started=-1, ended=2, assumed=True)
    assert made(story, assumed)[0].outcome is assumed
    story.ask(0.001, body=OTHER)
    for call in made(story, assumed):
        assert call.outcome is None
        assert "which of several" in call.why_none


def test_of_several_calls_in_one_outcome_it_is_said_which_came_last_and_how_many_are_in_trouble() -> None:
    story = Story(BUSY % 1)
    story.ask(0)
    story.ask(1, body=OTHER)
    first, second = made(story, story.returned())
    assert (first.last, second.last, first.troubled) == (False, True, 1)


def test_calls_are_numbered_in_the_order_they_began() -> None:
    story = Story()
    story.ask(5)
    story.ask(1, body=OTHER)
    assert [(call.number, call.exchanges[0].received - START) for call in made(story)] == [(1, 1.0), (2, 5.0)]
