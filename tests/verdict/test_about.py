"""How many calls there were is known from the outcomes: callers side by side are not blamed for each other."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.verdict.calls import calls
from mockoai.verdict.model import Call, Outcome
from mockoai.verdict.thresholds import CROWD
from tests.support.judging import QUESTION, Story

BUSY = "id: s\nrules: [{ when: { call: ..%d }, reply: { error: { status: 503 } } }, { reply: { text: Fine. } }]"
OTHER = {**QUESTION, "messages": [{"role": "user", "content": "Something else."}]}


def counted(number: int) -> dict[str, str]:
    return {"x-stainless-retry-count": str(number)}


def made(story: Story, *outcomes: Outcome) -> list[Call]:
    return calls(story.exchanges, outcomes)


def numbers(story: Story, *outcomes: Outcome) -> list[list[int]]:
    return [[one.number for one in call.exchanges] for call in made(story, *outcomes)]


@pytest.mark.parametrize("headers", [None, counted(0)], ids=["", "counted"])
def test_as_many_calls_began_as_were_reported_and_the_rest_are_retries(headers: dict[str, str] | None) -> None:
    story = Story(BUSY % 3)
    for at in (0.0, 0.02, 0.04):
        story.ask(at, headers=headers)
    for at in (1.0, 1.03, 1.06):
        story.ask(at)
    outcomes = [story.returned(ended=2) for _ in range(3)]
    assert numbers(story, *outcomes) == [[1, 4], [2, 5], [3, 6]]
    assert {call.final.link for call in made(story, *outcomes)} == {"outcome"}
    assert {call.outcome for call in made(story, *outcomes)} == set(outcomes)


def test_it_is_worked_out_over_all_that_hang_together() -> None:
    story = Story(BUSY % 3)
    for at in (0.1, 0.2, 0.3, 1.1, 1.25, 1.45):
        story.ask(at)
    spans = [(0.0, 1.1), (0.0, 1.25), (0.15, 1.45)]
    outcomes = [story.returned(started=started, ended=ended) for started, ended in spans]
    assert numbers(story, *outcomes) == [[1, 4], [2, 5], [3, 6]]


def test_callers_that_ask_something_else_are_not_taken_for_those_that_are_awaited() -> None:
    story = Story(BUSY % 9)
    story.ask(0)
    story.ask(1)
    story.ask(1.1, body=OTHER)
    story.ask(1.2, method="GET", path="/v1/models")
    both = story.raised(ended=2), story.raised(ended=2)
    assert numbers(story, *both) == [[1, 2], [3], [4]]
    assert made(story, *both)[0].final.link == "body"  # it may be the other's question


def test_what_was_asked_side_by_side_in_one_outcome_was_not_one_call() -> None:
    story = Story("id: s\ntiming: { headers: 1s }\nrules: [{ reply: { error: { status: 503 } } }]")
    for at in (0, 0.5, 3):
        story.ask(at)
    assert [one.link for call in made(story, story.raised()) for one in call.attempts] == ["", "body", ""]
    counting = Story(BUSY % 9)
    for at, count in enumerate((0, 0, 1, 1)):
        counting.ask(at, headers=counted(count))
    assert numbers(counting, counting.raised()) == [[1, 3], [2, 4]]


def test_layers_of_retries_are_not_side_by_side() -> None:
    story = Story(BUSY % 9)
    for at, count in enumerate((0, 1, 2, 0, 1, 2)):
        story.ask(at, headers=counted(count))
    assert numbers(story, story.raised()) == [[1, 2, 3, 4, 5, 6]]
    assert made(story, story.raised())[0].attempts[3].link == "outcome"


@given(
    st.lists(st.tuples(st.floats(0, 0.3), st.lists(st.floats(1, 1.5), min_size=1, max_size=3)), min_size=2, max_size=5)
)
def test_callers_that_wait_as_they_are_told_are_not_blamed_for_each_other(
    callers: list[tuple[float, list[float]]],
) -> None:
    story = Story("id: s\nrules: [{ reply: { error: { status: 429, headers: { retry-after: '1' } } } }]")
    moments = sorted(at for start, waits in callers for at in accumulate([start, *waits]))
    for at in moments:
        story.ask(at)
    outcomes = [story.raised(started=start, ended=start + sum(waits) + 0.01) for start, waits in callers]
    assert "retry-after-ignored" not in story.found(*outcomes)


@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(1, 1.5), st.floats(0, 0.2)), min_size=2, max_size=6))
def test_callers_that_do_all_right_are_told_of_nothing(callers: list[tuple[float, float, float]]) -> None:
    busy = f"when: {{ call: ..{len(callers)} }}, reply: {{ error: {{ status: 429, headers: {{ retry-after: '1' }} }} }}"
    story = Story(f"id: s\nrules: [{{ {busy} }}, {{ reply: {{ text: Fine }} }}]")
    for at in sorted(at for start, wait, _ in callers for at in (start, start + wait)):
        story.ask(at, stream=False)
    outcomes = [story.returned("Fine", started=start, ended=start + wait + rest) for start, wait, rest in callers]
    assert story.found(*outcomes) == {}
    assert len(calls(story.exchanges, outcomes)) == len(callers)


def test_of_a_crowd_nobody_is_blamed() -> None:
    story = Story("id: s\nrules: [{ reply: { error: { status: 400 } } }]")
    for at in range(3):
        story.ask(at)
    few, many = ([story.raised() for _ in range(count)] for count in (2, CROWD + 1))
    assert [one.link for call in made(story, *few) for one in call.attempts] == ["", "outcome", ""]
    assert {one.link for call in made(story, *many) for one in call.attempts} == {"", "body"}
