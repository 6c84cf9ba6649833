"""``expect:`` compared with what happened."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.verdict.model import ExpectationResult, Outcome
from tests.support.judging import QUESTION, Story

CUT = "faults: [fin-mid-chunked: { after: 2 tokens }]"
BUSY_ONCE = "when: { call: 1 }, reply: { error: { status: 503 } } }, { reply: { text: Fine }"
BAD = "reply: { error: { status: 400 } }"
FINE = "reply: { text: Fine }"


def expecting(expected: str, rule: str, *outcomes: dict[str, Any], asks: int = 1) -> ExpectationResult:
    story = Story(f"id: s\nrules: [{{ {rule} }}]\nexpect: [{expected}]")
    for at in range(asks):
        story.ask(at, headers={"x-stainless-retry-count": str(at)})
    verdict = story.judge(*(story.outcome(**one) for one in outcomes))
    (result,) = verdict.expectations
    found = {one.code: one.severity for one in verdict.findings if one.code.startswith("expectation")}
    wanted = {True: {}, False: {"expectation-not-met": "failure"}, None: {"expectation-unclear": "doubt"}}[result.met]
    assert found == wanted
    assert result.why
    return result


RAISED: dict[str, Any] = {"kind": "raised"}
RETURNED: dict[str, Any] = {"kind": "returned"}
SWALLOWED: dict[str, Any] = {"kind": "returned", "noticed": False}


def exited(code: int, out: str = "", err: str = "") -> dict[str, Any]:
    return {"kind": "exited", "exit_code": code, "stdout": out, "stderr": err, "single": False}


@pytest.mark.parametrize(
    ("expected", "asks", "met"),
    [("calls: 2", 2, True), ("calls: 2..3", 1, False), ("calls: ..2", 3, False), ("calls: 2..", 5, True)],
)
def test_calls_are_requests(expected: str, asks: int, met: bool) -> None:
    assert expecting(expected, BAD, asks=asks).met is met


def test_no_calls_can_be_expected() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Fine } }]\nexpect: [calls: 0]")
    assert story.judge().expectations[0].met is True
    story.ask()
    assert story.judge().expectations[0].met is False


@pytest.mark.parametrize(("rule", "asks", "met"), [(BAD, 1, True), (BAD, 2, False), (FINE, 2, True)])
def test_no_retry(rule: str, asks: int, met: bool) -> None:
    assert expecting("no-retry", rule, asks=asks).met is met


@pytest.mark.parametrize(("limit", "met"), [("5s", True), ("1s", False)])
def test_within_is_from_the_first_request_to_the_last_answer(limit: str, met: bool) -> None:
    result = expecting(f"within: {limit}", BAD, asks=3)
    assert result.met is met
    assert result.value == limit


def test_within_is_open_while_an_answer_is() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Fine } }]\nexpect: [within: 5s]")
    assert story.judge().expectations[0].met is None
    story.ask(under_way=True)
    assert story.judge().expectations[0].met is None


@pytest.mark.parametrize(
    ("expected", "rule", "asks", "outcomes", "met"),
    [
        ("notices", CUT, 1, [RAISED], True),
        ("notices", CUT, 1, [RETURNED], None),
        ("notices", CUT, 1, [SWALLOWED], False),
        ("notices", CUT, 1, [], None),
        ("notices", "faults: [done-missing]", 1, [RAISED], True),
        ("notices", "faults: [done-missing]", 1, [SWALLOWED], False),
        ("notices", BUSY_ONCE, 2, [], True),
        ("notices", FINE, 1, [RETURNED], True),
        ("recovers", BUSY_ONCE, 2, [RETURNED], True),
        ("recovers", BUSY_ONCE, 2, [RAISED], False),
        ("recovers", BUSY_ONCE, 2, [], None),
        ("recovers", BAD, 1, [RAISED], False),
        ("recovers", BAD, 1, [RETURNED], False),
        ("recovers", BAD, 1, [], None),
        ("gives-up", BAD, 1, [RAISED], True),
        ("gives-up", BAD, 1, [exited(1)], True),
        ("gives-up", BAD, 1, [], None),
        ("gives-up", CUT, 1, [SWALLOWED], False),
        ("gives-up", FINE, 1, [RETURNED], False),
    ],
)
def test_client(expected: str, rule: str, asks: int, outcomes: list[dict[str, Any]], met: bool | None) -> None:
    assert expecting(f"client: {expected}", rule, *outcomes, asks=asks).met is met


@pytest.mark.parametrize(
    ("expected", "outcomes", "met"),
    [
        ("exit: 0", [exited(0)], True),
        ("exit: 3", [exited(1)], False),
        ("exit: nonzero", [exited(1)], True),
        ("exit: nonzero", [exited(0)], False),
        ("exit: 0", [exited(0), exited(1)], False),
        ("exit: 0", [], None),
        ("exit: 0", [RETURNED], None),
        ("stdout: Fine", [exited(0, "Fine\n")], True),
        ("stdout: { contains: ine }", [exited(0, "Fine\n")], True),
        ("stdout: Fine", [exited(0, "Bad\n")], False),
        ("stderr: { contains: timeout, regex: '^E' }", [exited(1, "", "Error: timeout")], True),
        ("stderr: { contains: timeout, regex: '^E' }", [exited(1, "", "timeout")], False),
        ("stderr: ''", [exited(0)], True),
    ],
    ids=str,
)
def test_commands(expected: str, outcomes: list[dict[str, Any]], met: bool | None) -> None:
    assert expecting(expected, FINE, *outcomes).met is met


def test_each_scenario_is_compared_with_its_own_calls() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Fine } }]\nexpect: [calls: 1]")
    story.ask()
    story.ask(1, path="/scenario/done-missing/v1/chat/completions", body={**QUESTION, "stream": True})
    assert story.judge().expectations[0].met is True


def test_what_is_not_met_is_told_with_its_value() -> None:
    story = Story("id: s\nrules: [{ reply: { text: Fine } }]\nexpect: [{ stdout: { contains: ok } }]")
    story.ask()
    outcome: Outcome = story.outcome("exited", exit_code=0, stdout="no", single=False)
    finding = story.finding("expectation-not-met", outcome)
    assert 'stdout: contains "ok"' in finding.message
    assert "'no'" in finding.message
    assert finding.line == 3
