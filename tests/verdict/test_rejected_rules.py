"""What was whole and refused all the same."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.faults import registry
from mockoai.verdict.rejected import changes_content
from tests.support.judging import Story


def after(fault: str, *, stream: bool = True, **outcome: Any) -> dict[str, str]:
    story = Story(f"id: s\nrules: [{{ reply: {{ text: One two three }}, faults: [{fault}] }}]")
    story.ask(stream=stream)
    return story.found(story.outcome(**({"kind": "raised", "error": "JSONDecodeError"} | outcome)))


@pytest.mark.parametrize(
    "fault",
    [
        "sse-crlf",
        "sse-retry-only-event",
        "sse-empty-data",
        "sse-comment-ping",
        "extra-fields",
        "role-missing",
        "trailers",
    ],
)
def test_to_refuse_what_the_standards_allow_fails(fault: str) -> None:
    assert after(fault) == {"harmless-quirk-rejected": "failure"}
    assert after(fault, kind="returned") == {}


@pytest.mark.parametrize(
    "fault", ["delta-null", "choices-null", "done-lowercase", "done-missing", "id-empty", "data-after-done"]
)
def test_to_refuse_what_others_read_is_not_strict(fault: str) -> None:
    assert after(fault) == {"harmless-quirk-rejected": "warning"}
    assert after(fault, kind="returned") == {}


@pytest.mark.parametrize(
    "fault",
    [
        "finish-missing",
        "error-after-done",
        "utf8-invalid-bytes",
        "content-length-and-chunked",
        "fin-after-done-no-terminator",
        "finish-uppercase",
        "set-field: { path: model, value: other }",
        "slow-headers: { for: 10ms }",
        "jitter",
    ],
)
def test_what_a_sound_client_may_refuse_or_be_too_slow_for(fault: str) -> None:
    assert after(fault) == {}


def test_the_finding_names_fault_and_error() -> None:
    story = Story("id: s\nrules: [{ faults: [sse-crlf] }]")
    story.ask()
    finding = story.finding("harmless-quirk-rejected", story.raised("ParseError", message="bad line"))
    assert "`sse-crlf`" in finding.message
    assert "ParseError: bad line" in finding.message
    assert finding.faults == ("sse-crlf",)


@pytest.mark.parametrize(
    "outcome",
    [
        {"error": "AssertionError"},
        {"error": "pkg.AssertionError"},
        {"error": "NameError", "message": "name 'json' is not defined"},
        {"error": "SummaryTooShort", "message": "12 words, 200 wanted"},
        {"error": "ValueError", "message": "no harbour in Paris"},
        {"error": "ThreadError", "message": "nobody has spread the word"},
        {"error": ""},
        {"error": "TimeoutError", "ended": 0.5},
    ],
    ids=str,
)
def test_a_check_of_the_content_is_not_the_client(outcome: dict[str, Any]) -> None:
    assert after("sse-crlf", **outcome) == {"healthy-answer-rejected": "doubt"}


@pytest.mark.parametrize(
    "outcome",
    [
        {"error": "openai.APIError"},
        {"error": "ValueError", "message": "Expecting value: line 1 column 1 of the JSON"},
        {"error": "Error", "message": "Unexpected token '\\r' in stream"},
        {"error": "LLMError", "message": "no answer (from JSONDecodeError: Expecting value)"},
        {"error": "TimeoutError", "ended": 30.0},
    ],
    ids=str,
)
def test_an_error_of_reading_is_the_client(outcome: dict[str, Any]) -> None:
    assert after("sse-crlf", **outcome) == {"harmless-quirk-rejected": "failure"}


def test_a_command_fails_for_any_reason() -> None:
    assert after("sse-crlf", kind="exited", error="", exit_code=1, single=False) == {"healthy-answer-rejected": "doubt"}


def test_a_failure_with_nothing_wrong_is_not_explained() -> None:
    story = Story()
    story.ask()
    assert story.found(story.raised("KeyError")) == {"healthy-answer-rejected": "doubt"}
    assert story.found(story.returned()) == {}


def test_a_failure_that_another_call_explains_is_not_laid_to_this_one() -> None:
    story = Story(
        "id: s\nrules: [{ when: { stream: true }, faults: [sse-crlf] }, { reply: { error: { status: 400 } } }]"
    )
    story.ask(0, stream=True)
    story.ask(1, stream=False)
    assert story.found(story.raised()) == {}


def test_which_faults_change_what_is_said() -> None:
    changing = {id for id in registry.load() if changes_content(id)}
    assert {"tool-args-invalid-json", "finish-length-hidden", "models-empty", "set-field", "huge-chunk"} <= changing
    assert not {"sse-crlf", "usage-missing", "role-null", "trailers", "stall-mid-stream", "done-twice"} & changing
    assert changes_content("one-of-another-version")
