"""What was whole and came out short."""

from __future__ import annotations

import pytest

from mockoai.verdict.model import Finding, Outcome
from mockoai.verdict.reading import read
from tests.support.judging import Story

TEXT = "The harbour is behind the old church, beside the market."


def asked(fault: str = "sse-crlf", *, stream: bool = True) -> Story:
    faults = f", faults: [{fault}]" if fault else ""
    story = Story(f'id: s\nrules: [{{ reply: {{ text: "{TEXT}" }}{faults} }}]')
    story.ask(stream=stream)
    return story


def lost(given: str | None, fault: str = "sse-crlf", **outcome: object) -> dict[str, str]:
    story = asked(fault)
    return story.found(story.returned(given, **outcome))


def test_a_whole_answer_that_came_to_nothing_fails() -> None:
    for given in ("", " \n"):
        assert lost(given) == {"answer-lost": "failure"}
    story = asked("trailers", stream=False)
    assert story.found(story.returned("")) == {"answer-lost": "failure"}


def test_so_does_one_that_lacks_events_in_the_middle() -> None:
    story = asked()
    pieces = [one for one in read(story.exchanges[0]).pieces if one]
    holed = "".join(pieces[:2] + pieces[4:])
    finding: Finding = story.finding("answer-lost", story.returned(holed))
    assert finding.severity == "failure"
    assert "a part in the middle is missing" in finding.message
    assert finding.faults == ("sse-crlf",)


@pytest.mark.parametrize("side", ["the beginning", "the end"])
def test_without_its_beginning_or_end_the_application_may_have_cut_it(side: str) -> None:
    story = asked()
    pieces = [one for one in read(story.exchanges[0]).pieces if one]
    outcome: Outcome = story.returned("".join(pieces[1:] if side == "the beginning" else pieces[:-1]))
    finding = story.finding("answer-lost", outcome)
    assert finding.severity == "doubt"
    assert f"{side} is missing" in finding.message


@pytest.mark.parametrize(
    "given",
    [
        TEXT,
        f"  {TEXT}\n",
        f"Answer: {TEXT} (1 source)",
        TEXT.replace(" ", "\n"),
        TEXT.upper(),
        "church",
        "The",
        "The harbour is beh",
        "Hinter der alten Kirche.",
        None,
    ],
    ids=str,
)
def test_what_an_application_makes_of_an_answer_is_its_own(given: str | None) -> None:
    assert lost(given) == {}


def test_what_is_known_to_be_told_without_a_fault_or_changed_by_one_is_not_counted() -> None:
    assert lost("", noticed=True) == {}
    assert lost("", "") == {}
    assert lost("", "finish-length-hidden") == {}
    raised = asked()
    assert "answer-lost" not in raised.found(raised.raised("JSONDecodeError"))
