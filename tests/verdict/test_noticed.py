"""Whether the client noticed comes from its outcome, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.verdict.calls import calls
from mockoai.verdict.noticed import Noticed, noticed, succeeded
from tests.support.judging import QUESTION, Story

CUT = """
id: s
rules:
  - reply: { text: The harbour is behind the church. }
    faults: [fin-mid-chunked: { after: 4 tokens }]
"""
SENT = "The harbour is behind"


def after_a_cut(kind: Any, **outcome: Any) -> Noticed:
    story = Story(CUT)
    story.ask()
    (call,) = calls(story.exchanges, [story.outcome(kind, **outcome)])
    return noticed(call)


def test_nobody_knows_without_an_outcome() -> None:
    story = Story(CUT)
    story.ask()
    (call,) = calls(story.exchanges)
    seen = noticed(call)
    assert seen.value is None
    assert "POST /_mockoai/outcome" in seen.advice


@pytest.mark.parametrize(
    ("kind", "outcome", "value"),
    [
        ("raised", {"error": "APIError"}, True),
        ("exited", {"exit_code": 1}, True),
        ("exited", {"exit_code": 1, "stderr": "httpx.RemoteProtocolError: peer closed connection"}, True),
        ("exited", {"exit_code": 1, "stderr": "AssertionError: too short"}, None),
        ("exited", {"exit_code": 1, "stdout": "E   assert 'The harbour' == 'All'"}, None),
        ("exited", {"exit_code": 1, "stdout": "    code: 'ERR_ASSERTION',"}, None),
        ("exited", {"exit_code": 1, "stdout": "expect(received).toBe(expected)"}, None),
        ("exited", {"exit_code": 1, "stdout": "--- FAIL: TestAnswer (0.01s)"}, None),
        ("exited", {"exit_code": 101, "stderr": "assertion `left == right` failed"}, None),
        ("exited", {"exit_code": 1, "stderr": "ModuleNotFoundError: No module named 'rich'"}, None),
        ("exited", {"exit_code": 127, "stderr": "sh: 1: node: not found"}, None),
        ("exited", {"exit_code": -9}, True),
        ("raised", {"error": "AssertionError"}, None),
        ("raised", {"error": "builtins.NameError"}, None),
        ("returned", {}, None),
        ("returned", {"text": SENT}, False),
        ("returned", {"text": f"  {SENT}\n"}, False),
        ("returned", {"text": SENT.replace(" ", "\n", 1)}, False),
        ("returned", {"text": f"**Answer:** “{SENT}”".translate({8220: 34, 8221: 34})}, False),
        ("returned", {"text": f"{SENT} [the answer was cut off]"}, None),
        ("returned", {"text": f"{SENT}…"}, None),
        ("returned", {"text": f"Incomplete answer: {SENT}"}, None),
        ("returned", {"text": f"{SENT} the church."}, None),
        ("returned", {"text": ""}, False),
        ("returned", {"text": "Please ask again later."}, None),
        ("returned", {"text": SENT, "noticed": True}, True),
        ("raised", {"noticed": False}, False),
        ("cancelled", {}, None),
        ("exited", {"exit_code": 0}, None),
        ("exited", {"exit_code": 0, "stdout": f"{SENT}\n"}, False),
        ("exited", {"exit_code": 0, "stdout": f"Assistant: {SENT}\n"}, False),
        ("exited", {"exit_code": 0, "stdout": f'{{"answer": "{SENT}"}}\n'}, False),
        ("exited", {"exit_code": 0, "stdout": f'{{"complete": false, "answer": "{SENT}"}}\n'}, None),
        ("exited", {"exit_code": 0, "stdout": f"{SENT}\n(the connection was lost)\n"}, None),
        ("exited", {"exit_code": 0, "stdout": f"{SENT}\n1 passed\n"}, None),
        ("exited", {"exit_code": 0, "stdout": SENT, "stderr": "warning: incomplete"}, None),
        ("exited", {"exit_code": 0, "stdout": "ok 1 - raises on a cut stream"}, None),
    ],
    ids=str,
)
def test_what_outcomes_tell(kind: str, outcome: dict[str, Any], value: bool | None) -> None:
    seen = after_a_cut(kind, **outcome)
    assert seen.value is value
    assert seen.why


def test_an_error_is_not_laid_to_one_of_several_calls_in_trouble_unless_it_is_the_last() -> None:
    story = Story(CUT)
    story.ask(0)
    story.ask(1, body={**QUESTION, "stream": True, "n": 1})
    first, second = calls(story.exchanges, [story.raised()])
    assert noticed(first).value is None
    assert noticed(second).value is True


def test_a_return_says_nothing_of_a_call_that_others_followed() -> None:
    story = Story(CUT)
    story.ask(0)
    story.ask(1, body={**QUESTION, "stream": True, "n": 1})
    first, second = calls(story.exchanges, [story.returned(SENT)])
    assert noticed(first).value is None
    assert noticed(second).value is False


@pytest.mark.parametrize(
    ("kind", "outcome", "value"),
    [
        ("returned", {}, True),
        ("raised", {}, False),
        ("cancelled", {}, None),
        ("exited", {"exit_code": 0}, True),
        ("exited", {"exit_code": 2}, False),
    ],
    ids=str,
)
def test_whether_the_caller_got_its_answer(kind: Any, outcome: dict[str, Any], value: bool | None) -> None:
    story = Story()
    story.ask()
    (call,) = calls(story.exchanges, [story.outcome(kind, **outcome)])
    assert succeeded(call) is value
