"""A verdict as JSON: everything it rests on, and no secrets."""

from __future__ import annotations

import json
from typing import Any

import orjson

from mockoai.report.redact import Redactor
from mockoai.report.verdict import outcome_json, verdict_json
from mockoai.scenario.model import LiteralWire, Rule, Scenario
from mockoai.verdict.model import Outcome
from tests.support.judging import QUESTION, START, Story

CUT = """
id: cut
rules:
  - reply: { text: The harbour is behind the church. }
    faults: [fin-mid-chunked: { after: 2 tokens }, sse-id-every-event]
expect:
  - calls: 1
  - client: notices
"""


def report(story: Story, *outcomes: Outcome) -> dict[str, Any]:
    out = verdict_json(story.judge(*outcomes), Redactor())
    assert json.loads(orjson.dumps(out)) == out
    return out


def test_a_verdict_shows_grade_findings_calls_expectations_and_faults() -> None:
    story = Story(CUT)
    story.ask(1.5)
    out = report(story, story.returned("The harbour", ended=3, label="test_harbour"))
    assert {name: out[name] for name in ("grade", "connection", "failed", "sound", "exit_code")} == {
        "grade": "FAILED",
        "connection": "OK",
        "failed": True,
        "sound": False,
        "exit_code": 1,
    }
    assert out["counts"] == {"exchanges": 1, "calls": 1, "outcomes": 1, "retries": 0, "dropped": 0}
    found = out["findings"][0]
    assert (found["code"], found["severity"], found["about"]) == ("truncated-answer-accepted", "failure", "client")
    assert (found["call"], found["exchanges"], found["scenario"]) == (1, [1], "cut")
    assert found["faults"] == ["fin-mid-chunked", "sse-id-every-event"]
    assert found["message"]
    assert found["advice"]
    (evidence,) = found["evidence"]
    assert evidence["exchange"] == 1
    assert "harbour" in evidence["bytes"]["text"]
    assert [(one["name"], one["value"], one["met"]) for one in out["expectations"]] == [
        ("calls", "1", True),
        ("client", "notices", False),
    ]
    assert [(one["id"], one["exercised"]) for one in out["faults"]] == [
        ("fin-mid-chunked", True),
        ("sse-id-every-event", True),
    ]
    assert out["undelivered"] == []
    (call,) = out["calls"]
    assert (call["number"], call["session"], call["why_no_outcome"]) == (1, "default", None)
    (attempt,) = call["attempts"]
    assert (attempt["exchange"], attempt["status"], attempt["got"], attempt["gap"]) == (1, 200, "cut", None)
    assert (call["outcome"]["outcome"], call["outcome"]["ended"]) == ("returned", START + 3)
    assert call["outcome"]["label"] == "test_harbour"


def test_a_call_without_an_outcome_says_why_and_what_has_no_end_is_null() -> None:
    story = Story(CUT)
    story.ask(0)
    (call,) = report(story)["calls"]
    assert call["outcome"] is None
    assert call["why_no_outcome"] == "no outcome was reported for it"
    assert outcome_json(Outcome(kind="raised"), Redactor())["ended"] is None


def test_what_is_no_utf8_is_shown_as_base64_and_halves_of_pairs_do_not_break_it() -> None:
    wire = LiteralWire((b"HTTP/1.1 200 OK\r\n\r\n", b"data: \xff\xfe"), "fin")
    story = Story(scenario=Scenario(id="s", rules=(Rule(wire=wire),)))
    story.ask()
    out = report(story, story.returned("half a pair: \ud83d", message="\udc80"))
    assert "base64" in json.dumps(out["findings"])


def test_no_secret_that_was_sent_is_in_it() -> None:
    story = Story("id: s\nrules: [{ reply: { error: { status: 503, message: sk-proj-ANSWER-0001 } } }]")
    body = {**QUESTION, "messages": [{"role": "user", "content": "I am sk-proj-QUESTION-0002"}]}
    headers = {"authorization": "Bearer THE-BEARER-0003", "idempotency-key": "k"}
    story.ask(0, body=body, headers=headers)
    story.ask(1, body={**body, "n": 2}, headers=headers)
    raised = story.raised("Error", message="401 for THE-BEARER-0003", partial="sk-proj-PARTIAL-0004")
    printed = story.outcome("exited", exit_code=1, stdout="sk-proj-OUT-0005", stderr="THE-BEARER-0003")
    for outcome in (raised, printed):
        shown = orjson.dumps(report(story, outcome))
        for needle in (b"ANSWER-0001", b"QUESTION-0002", b"BEARER-0003", b"PARTIAL-0004", b"OUT-0005"):
            assert needle not in shown
    assert b"retry-body-changed" in orjson.dumps(report(story))
