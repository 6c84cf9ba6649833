"""The verdict as a whole: grades, the false results known from elsewhere, and what holds for every journal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.cli.explain import explain
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from mockoai.verdict.judge import judge
from mockoai.verdict.model import Outcome, Verdict
from mockoai.verdict.reading import read
from mockoai.verdict.rules import help_texts
from tests.support.judging import QUESTION, START, Story

TEXT = "The harbour is behind the church."
TWICE_CUT = f"""
id: s
rules:
  - when: {{ call: ..2 }}
    reply: {{ text: {TEXT} }}
    faults: [fin-mid-chunked: {{ after: 50% }}]
  - reply: {{ text: {TEXT} }}
"""


# --- three results that others get wrong ------------------------------------------------------------------


def test_a_client_that_detects_the_truncation_and_raises_did_not_accept_it() -> None:
    story = Story(TWICE_CUT)
    story.ask(0, stream=False)
    story.ask(1, stream=False)
    verdict = story.judge(story.raised("RemoteProtocolError", message="peer closed connection"))
    assert verdict.grade == "OK"
    accepted = story.judge(story.returned(""))
    assert [one.code for one in accepted.findings] == ["truncated-answer-accepted"]


def test_a_client_whose_sdk_raised_on_a_malformed_chunk_did_not_ignore_it() -> None:
    story = Story(scenario=catalogue.get("sse-truncated-json-event"))
    story.ask()
    assert story.judge(story.raised("JSONDecodeError")).grade == "OK"
    ignored = read(story.exchanges[0]).text
    assert story.judge(story.returned(ignored)).grade == "FAILED"


def test_a_fault_past_the_end_of_the_answer_does_not_pass() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Short. }, faults: [rst-mid-stream: { after: 500 tokens }] }]")
    story.ask()
    verdict = story.judge(story.returned("Short."))
    assert (verdict.grade, verdict.exit_code) == ("FAILED", 1)
    assert [one.code for one in verdict.findings] == ["fault-not-fired"]


# --- grades -----------------------------------------------------------------------------------------------


def test_the_worst_finding_makes_the_grade_and_comes_first() -> None:
    first = "when: { call: 1 }, reply: { error: { status: 501 } }"
    story = Story(f"id: s\nrules: [{{ {first} }}, {{ reply: {{ error: {{ status: 400 }} }} }}]")
    for number in range(2):
        story.ask(number, headers={"x-stainless-retry-count": str(number)})
    assert story.judge(story.raised()).grade == "INFORMATIONAL"
    verdict = story.judge()
    assert verdict.grade == "INCONCLUSIVE"
    assert [one.severity for one in verdict.findings] == ["doubt", "info"]
    story.ask(2, headers={"x-stainless-retry-count": "2"})
    verdict = story.judge(story.raised())
    assert verdict.grade == "FAILED"
    assert [one.severity for one in verdict.findings] == ["failure", "info"]


@pytest.mark.parametrize(
    ("grade", "failed", "sound", "code"),
    [
        ("OK", False, True, 0),
        ("INFORMATIONAL", False, True, 0),
        ("NON-STRICT", False, True, 0),
        ("INCONCLUSIVE", False, False, 0),
        ("FAILED", True, False, 1),
        ("NOT TESTED", False, False, 5),
    ],
)
def test_what_follows_from_a_grade(grade: Any, failed: bool, sound: bool, code: int) -> None:
    verdict = Verdict(grade=grade, connection="OK")
    assert (verdict.failed, verdict.sound, verdict.exit_code) == (failed, sound, code)


def test_what_was_seen_is_counted() -> None:
    story = Story(TWICE_CUT)
    for at in range(3):
        story.ask(at, stream=False)
    story.ask(5, stream=False, body={**QUESTION, "n": 1})
    verdict = judge(story.exchanges, [story.returned()], dropped=4)
    counts = verdict.counts
    assert (counts.exchanges, counts.calls, counts.retries, counts.outcomes, counts.dropped) == (4, 2, 2, 1, 4)


def test_a_finding_about_a_connection_does_not_make_the_grade() -> None:
    story = Story("id: s\ntiming: { between_tokens: 1s }\nrules: [{ reply: { text: One two three four } }]")
    story.ask()
    verdict = story.judge(story.outcome("cancelled", ended=0.5))
    assert (verdict.grade, verdict.connection) == ("OK", "UNCLEAN")


# --- every code -------------------------------------------------------------------------------------------


def test_every_code_says_what_it_found_what_grade_it_makes_and_what_to_do() -> None:
    texts = help_texts()
    assert len(texts) >= 30
    for code, text in texts.items():
        assert text.split("\n\n")[0].endswith("."), code
        assert any(grade in text for grade in ("FAILED", "NON-STRICT", "INCONCLUSIVE", "UNCLEAN", "NOT TESTED")), code
        assert max(map(len, text.splitlines())) <= 100, code


def test_the_command_line_explains_every_code() -> None:
    for code, text in help_texts().items():
        assert explain(code)["code"] == {"code": code, "help": text}


# --- what holds for every journal -------------------------------------------------------------------------

IDS = st.sampled_from(
    [
        "fin-mid-chunked",
        "rst-before-headers",
        "retry-after-seconds",
        "rate-limit-requests",
        "quota-exhausted-429",
        "auth-invalid-key",
        "done-missing",
        "done-only",
        "err-data-then-done",
        "sse-crlf",
        "sse-missing-data-prefix",
        "stall-mid-stream",
        "hold-open-after-done",
        "content-length-too-short",
        "keepalive-comments-only",
        "html-200",
        "x-should-retry-true",
        "healthy-at-all-times",
    ]
)
ASKS = st.fixed_dictionaries(
    {
        "id": IDS,
        "at": st.floats(0, 20),
        "stream": st.booleans(),
        "leave": st.none() | st.floats(0, 200),
        "hang": st.floats(0, 400),
        "under_way": st.booleans(),
        "connection": st.integers(1, 2),
        "reused": st.booleans(),
        "key": st.none() | st.sampled_from(["a", "b", ""]),
        "count": st.none() | st.sampled_from(["0", "1", "2", "x"]),
        "n": st.integers(1, 2),
    }
)
TEXTS = st.none() | st.sampled_from(["", TEXT, "Sorry."])
OUTCOMES = st.builds(
    Outcome,
    kind=st.sampled_from(["returned", "raised", "cancelled", "exited"]),
    session=st.sampled_from(["default", "other"]),
    started=st.floats(START, START + 10),
    ended=st.floats(START, START + 300) | st.just(float("inf")),
    exchanges=st.just(()) | st.lists(st.integers(1, 5), max_size=3).map(tuple),
    single=st.booleans(),
    assumed=st.booleans(),
    text=TEXTS,
    partial=TEXTS,
    noticed=st.none() | st.booleans(),
    exit_code=st.none() | st.integers(-9, 3),
    stdout=st.sampled_from(["", TEXT]),
    stderr=st.sampled_from(["", "warning"]),
)
EXPECTING = load_text("""
id: expecting
rules: [{ when: { call: 2 }, faults: [sse-crlf] }, { faults: [sse-crlf] }]
expect:
  - calls: 2
  - client: notices
  - client: recovers
  - client: gives-up
  - exit: 0
  - within: 1s
  - no-retry
  - stdout: x
""")


def told(asks: list[dict[str, Any]]) -> Story:
    story = Story()
    for ask in asks:
        named = {"idempotency-key": ask["key"], "x-stainless-retry-count": ask["count"]}
        path = "" if ask["id"] == "healthy-at-all-times" else f"/scenario/{ask['id']}"
        story.ask(
            ask["at"],
            path=f"{path}/v1/chat/completions",
            body={**QUESTION, "stream": ask["stream"], "n": ask["n"]},
            headers={name: value for name, value in named.items() if value is not None},
            **{name: ask[name] for name in ("leave", "hang", "under_way", "connection", "reused")},
        )
    return story


@given(st.lists(ASKS, max_size=5), st.lists(OUTCOMES, max_size=3), st.none() | st.floats(0, 500))
def test_judging_never_raises_and_every_finding_is_explained(
    asks: list[dict[str, Any]], outcomes: list[Outcome], now: float | None
) -> None:
    story = told(asks)
    scenarios = [EXPECTING, *(catalogue.get(one) for one in {ask["id"] for ask in asks} & set(catalogue.ids()))]
    verdict = judge(story.exchanges, outcomes, scenarios=scenarios, now=None if now is None else START + now)
    known = help_texts()
    numbers = {one.number for one in story.exchanges}
    for finding in verdict.findings:
        assert finding.code in known
        assert finding.message
        assert finding.advice
        assert set(finding.exchanges) <= numbers
    assert sum(len(call.attempts) for call in verdict.calls) == len(story.exchanges)
    assert verdict == judge(story.exchanges, outcomes, scenarios=scenarios, now=None if now is None else START + now)


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.integers(1, 3)), min_size=1, max_size=6), st.data())
def test_a_healthy_journal_with_good_outcomes_is_ok(asks: list[tuple[float, bool, int]], data: st.DataObject) -> None:
    story = Story()
    outcomes = []
    for at, stream, n in asks:
        story.ask(at, stream=stream, body={**QUESTION, "stream": stream, "n": n})
        if data.draw(st.booleans()):
            outcomes.append(story.returned(started=at, ended=at + data.draw(st.floats(0, 5))))
    verdict = judge(story.exchanges, outcomes)
    assert (verdict.grade, verdict.connection, verdict.findings) == ("OK", "OK", ())


@given(st.lists(ASKS, min_size=1, max_size=4))
def test_without_an_outcome_nothing_is_said_to_have_been_accepted_or_refused(asks: list[dict[str, Any]]) -> None:
    found = {one.code for one in judge(told(asks).exchanges).findings}
    assert not {code for code in found if code.endswith(("accepted", "rejected"))}
    assert "gave-up" not in found


@given(st.lists(ASKS, min_size=1, max_size=4))
def test_a_client_that_raised_is_never_said_to_have_accepted(asks: list[dict[str, Any]]) -> None:
    story = told(asks)
    outcomes = [story.raised("APIError", exchanges=(one.number,)) for one in story.exchanges]
    found = {one.code for one in judge(story.exchanges, outcomes).findings}
    assert not {code for code in found if code.endswith("accepted")}


@given(ASKS, OUTCOMES)
def test_an_outcome_makes_a_failure_of_doubt_only_if_it_says_something_bad(
    ask: dict[str, Any], outcome: Outcome
) -> None:
    story = told([ask | {"under_way": False}])
    before = judge(story.exchanges)
    outcome = replace(outcome, session="default", started=START, ended=START + 1000, exchanges=())
    after = judge(story.exchanges, [outcome])
    if before.grade == "INCONCLUSIVE" and after.grade == "FAILED":
        # It says that it got an answer, or that nothing was noticed.
        assert outcome.noticed is not True
        assert outcome.noticed is False or outcome.kind == "returned" or outcome.exit_code == 0
    if outcome.kind == "cancelled" and outcome.noticed is None:
        assert after.grade != "FAILED" or before.grade == "FAILED"
