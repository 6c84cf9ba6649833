"""Whether the run exercised what was asked for."""

from __future__ import annotations

import pytest

from mockoai.scenario.load import load_text
from mockoai.verdict.judge import judge
from mockoai.verdict.model import Verdict
from tests.support.judging import QUESTION, Story


def codes(verdict: Verdict) -> dict[str, str]:
    return {one.code: one.severity for one in verdict.findings if one.about == "run"}


# --- fault-not-fired --------------------------------------------------------------------------------------


def test_a_fault_past_the_end_fails_the_run_and_says_why() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Short. }, faults: [fin-mid-chunked: { after: 90 tokens }] }]")
    story.ask()
    verdict = story.judge(story.returned("Short."))
    assert verdict.grade == "FAILED"
    assert verdict.exit_code == 1
    (finding,) = verdict.findings
    assert (finding.code, finding.about, finding.faults) == ("fault-not-fired", "run", ("fin-mid-chunked",))
    assert "90 tokens" in finding.message
    assert [one.id for one in verdict.undelivered] == ["fin-mid-chunked"]


def test_it_is_enough_that_it_fired_once() -> None:
    story = Story("id: s\nrules: [{ faults: [sse-crlf] }]")
    story.ask(0, method="GET", path="/v1/models")
    assert codes(story.judge()) == {"fault-not-fired": "failure"}
    story.ask(1)
    verdict = story.judge(story.returned())
    assert codes(verdict) == {}
    (count,) = verdict.faults
    assert (count.planned, count.fired, count.delivered, count.exercised) == (2, 1, 1, True)
    assert count.why == "the answer is not streamed"
    assert verdict.undelivered == ()


def test_each_rule_that_answered_must_have_shown_its_own() -> None:
    early, late = ("{ after: 1 token }", "{ after: 90 tokens }")
    story = Story(
        f"id: s\nrules: [{{ when: {{ stream: true }}, faults: [fin-mid-chunked: {early}] }}, "
        f"{{ faults: [fin-mid-chunked: {late}] }}]"
    )
    story.ask(0)
    assert codes(story.judge(story.raised())) == {}
    story.ask(1, stream=False)
    assert codes(story.judge(story.raised())) == {"fault-not-fired": "failure"}


# --- fault-not-delivered ----------------------------------------------------------------------------------

LATE = """
id: s
timing: { between_tokens: 1s }
rules:
  - reply: { text: One two three four five six }
    faults: [fin-mid-chunked: { after: 5 tokens }]
"""


def test_a_fault_that_the_client_did_not_wait_for_fails_the_run() -> None:
    story = Story(LATE)
    story.ask(leave=1.5)
    verdict = story.judge(story.raised())
    assert codes(verdict) == {"fault-not-delivered": "failure"}
    assert "the client left" in verdict.findings[0].message
    story.ask(10)
    assert codes(story.judge(story.raised())) == {}


def test_a_fault_that_is_yet_to_come_is_in_doubt() -> None:
    story = Story(LATE)
    story.ask(leave=1.5, under_way=True)
    assert codes(story.judge()) == {"fault-not-delivered": "doubt"}


@pytest.mark.parametrize(("leave", "severity"), [(1.0, "info"), (0.0, "failure")], ids=["finished", "cut"])
def test_who_stops_at_the_finish_reason_had_all_as_well(leave: float, severity: str) -> None:
    story = Story(
        "id: s\ntiming: { before_done: 5s, between_tokens: 500ms }\n"
        "rules: [{ reply: { text: One two }, faults: [rst-mid-stream: { after: done }] }]"
    )
    story.ask(leave=leave)
    assert codes(story.judge(story.returned())) == {"fault-not-delivered": severity}


def test_a_client_that_had_all_need_not_wait_for_what_comes_behind() -> None:
    story = Story("id: s\nrules: [{ reply: { text: One }, faults: [hold-open-after-done] }]")
    exchange = story.ask()
    delivery = exchange.delivery
    delivery.outcome, delivery.steps = "client-left", len(exchange.plan.steps) - 1
    verdict = story.judge(story.returned())
    assert codes(verdict) == {"fault-not-delivered": "info"}
    assert [one.id for one in verdict.undelivered] == ["hold-open-after-done"]


# --- rule-not-reached -------------------------------------------------------------------------------------

IN_TURN = """
id: s
rules:
  - name: turned away
    when: { call: 1, stream: true }
    faults: [rate-limit-requests]
  - name: cut
    when: { call: 2, stream: true }
    faults: [fin-mid-chunked: { after: 1 token }]
  - reply: { text: Fine }
"""


def test_a_rule_whose_turn_did_not_come_fails_the_run() -> None:
    story = Story(IN_TURN)
    story.ask(0)
    verdict = story.judge(story.raised())
    assert codes(verdict) == {"rule-not-reached": "failure"}
    (finding,) = [one for one in verdict.findings if one.about == "run"]
    assert "`cut`" in finding.message
    assert finding.faults == ("fin-mid-chunked",)
    assert [(one.id, one.planned) for one in verdict.undelivered] == [("fin-mid-chunked", 0)]
    story.ask(1)
    assert codes(story.judge(story.raised())) == {}


def test_a_rule_for_other_requests_was_not_asked_for() -> None:
    story = Story("id: s\nrules: [{ when: { stream: true }, faults: [sse-crlf] }, { faults: [byte-dribble] }]")
    story.ask(stream=True)
    assert codes(story.judge(story.returned())) == {}


def test_a_fault_that_another_rule_exercised_is_not_missed() -> None:
    cut = "fin-mid-chunked: { after: 1 token }"
    story = Story(f"id: s\nrules: [{{ when: {{ call: 2 }}, faults: [{cut}] }}, {{ faults: [{cut}] }}]")
    story.ask()
    assert codes(story.judge(story.raised())) == {}


def test_a_fault_that_is_set_in_another_way_is_another() -> None:
    story = Story(
        "id: s\nrules: [{ when: { call: 2 }, faults: [rate-limit-requests: { retry_after: 2s, form: date }] }, "
        "{ faults: [rate-limit-requests: { retry_after: 1s }] }]"
    )
    story.ask()
    assert codes(story.judge(story.raised())) == {"rule-not-reached": "failure"}


# --- not-tested -------------------------------------------------------------------------------------------


def test_without_a_request_nothing_was_tested() -> None:
    for verdict in (judge([]), Story("id: s\nrules: [{ faults: [sse-crlf] }]").judge()):
        assert (verdict.grade, verdict.connection, verdict.exit_code) == ("NOT TESTED", "NOT TESTED", 5)
        assert codes(verdict) == {"not-tested": "doubt"}
        assert not verdict.sound


def test_a_request_that_no_fault_is_for_tests_nothing() -> None:
    story = Story("id: s\nrules: [{ when: { stream: true }, faults: [sse-crlf] }, { reply: { text: Fine } }]")
    story.ask(stream=False)
    assert story.judge(story.returned()).grade == "NOT TESTED"
    story.ask(1, stream=True)
    assert story.judge(story.returned()).grade == "OK"


def test_a_scenario_without_faults_is_tested_by_any_request() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Fine } }]")
    story.ask()
    assert story.judge(story.returned()).grade == "OK"


def test_of_several_scenarios_each_must_be_met() -> None:
    story = Story("id: s\nrules: [{ faults: [sse-crlf] }]")
    story.ask()
    assert story.scenario is not None
    other = load_text("id: other\nrules: [{ faults: [sse-crlf] }]")
    verdict = story.judge(story.returned(), scenarios=[story.scenario, other])
    assert verdict.grade == "NOT TESTED"
    assert [one.scenario for one in verdict.findings] == ["other"]


def test_a_failure_outweighs_what_was_not_tested() -> None:
    story = Story(
        "id: s\nrules: [{ when: { stream: true }, faults: [sse-crlf] }, { reply: { error: { status: 400 } } }]"
    )
    story.ask(0, stream=False, headers={"x-stainless-retry-count": "0"})
    story.ask(1, stream=False, headers={"x-stainless-retry-count": "1"})
    assert story.judge(story.raised()).grade == "FAILED"


# --- request-unmatched ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fallback", "found"), [("strict", {"request-unmatched": "warning"}), ("echo", {})])
def test_a_request_that_no_rule_answers_is_told(fallback: str, found: dict[str, str]) -> None:
    story = Story(f"id: s\nfallback: {fallback}\nrules: [{{ when: {{ stream: true }}, reply: {{ text: Fine }} }}]")
    story.ask(stream=True)
    story.ask(1, stream=False, body={**QUESTION, "n": 1})
    verdict = story.judge()
    assert codes(verdict) == found
    if found:
        (finding,) = [one for one in verdict.findings if one.code == "request-unmatched"]
        assert "stream" in finding.evidence[0].text
