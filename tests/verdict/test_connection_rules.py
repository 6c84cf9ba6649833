"""How a client leaves its connections."""

from __future__ import annotations

import pytest

from tests.support.judging import Story

SLOW = "id: s\ntiming: { between_tokens: 1s }\nrules: [{ reply: { text: One two three four five six seven eight } }]"


def cancelled(*, leave: float | None, at: float = 2.0) -> Story:
    story = Story(SLOW)
    story.ask(leave=leave)
    return story


# --- not-closed-on-cancel, connection-left-open -----------------------------------------------------------


@pytest.mark.parametrize(("leave", "unclean"), [(2.0, False), (2.9, False), (3.5, True), (None, True)])
@pytest.mark.parametrize(("kind", "code"), [("cancelled", "not-closed-on-cancel"), ("raised", "connection-left-open")])
def test_a_connection_is_closed_within_a_second(kind: str, code: str, leave: float | None, unclean: bool) -> None:
    story = cancelled(leave=leave)
    verdict = story.judge(story.outcome(kind, ended=2.0))  # type: ignore[arg-type]
    assert verdict.connection == ("UNCLEAN" if unclean else "OK")
    assert [one.code for one in verdict.findings if one.about == "connection"] == ([code] if unclean else [])


def test_how_late_it_was_is_in_the_evidence_and_not_in_the_grade() -> None:
    story = cancelled(leave=5.0)
    outcome = story.outcome("cancelled", ended=2.0)
    finding = story.finding("not-closed-on-cancel", outcome)
    assert finding.evidence[0].seconds == pytest.approx(3.0)
    assert story.judge(outcome).grade == "OK"


def test_a_stream_may_be_what_a_call_returned() -> None:
    story = cancelled(leave=None)
    assert story.judge(story.returned(ended=2.0)).connection == "OK"
    assert story.judge(story.returned("One two three", ended=2.0)).connection == "UNCLEAN"


def test_what_is_still_open_is_judged_by_the_present() -> None:
    story = Story(SLOW)
    story.ask(leave=1.5, under_way=True)
    outcome = story.outcome("cancelled", ended=2.0)
    assert story.judge(outcome, now=2.5).connection == "OK"
    assert story.judge(outcome, now=4.0).connection == "UNCLEAN"
    assert story.judge(outcome).connection == "OK"


def test_a_command_has_no_moment_at_which_its_calls_end() -> None:
    story = cancelled(leave=None)
    assert story.judge(story.outcome("exited", exit_code=0, ended=2.0, single=False)).connection == "OK"


# --- poisoned-connection-reused ---------------------------------------------------------------------------


def two_on_one(fault: str, *, reused: bool = True) -> dict[str, str]:
    story = Story(f"id: s\nrules: [{{ when: {{ call: 1 }}, faults: [{fault}] }}, {{ reply: {{ text: Fine }} }}]")
    story.ask(0, stream=False, connection=7)
    story.ask(1, stream=False, connection=7 if reused else 8, reused=reused)
    return {code: found for code, found in story.found(story.raised()).items() if "connection" in code}


def test_what_comes_behind_an_answer_spoils_its_connection() -> None:
    assert two_on_one("content-length-too-short") == {"poisoned-connection-reused": "warning"}
    assert two_on_one("content-length-too-short", reused=False) == {}
    assert two_on_one("trailers") == {}
