"""What was taken for a whole answer and was none; and the doubt that remains without an outcome."""

from __future__ import annotations

import pytest

from mockoai.scenario import catalogue
from mockoai.verdict.reading import read
from tests.support.judging import QUESTION, Story

TEXT = "The harbour is behind the church."


def got(story: Story) -> str:
    """Return what a client that looks at nothing makes of the first answer."""
    return read(story.exchanges[0]).text


def with_fault(fault: str, *, stream: bool = True, **more: float) -> Story:
    story = Story(f"id: s\nrules: [{{ reply: {{ text: {TEXT} }}, faults: [{fault}] }}]")
    story.ask(stream=stream, **more)  # type: ignore[arg-type]
    return story


TAKEN = [
    ("truncated-answer-accepted", "fin-mid-chunked: { after: 3 tokens }", True),
    ("truncated-answer-accepted", "rst-mid-stream: { after: 3 tokens }", True),
    ("truncated-answer-accepted", "done-missing-and-finish-missing", True),
    ("truncated-answer-accepted", "fin-mid-chunked: { after: 50% }", False),
    ("truncated-answer-accepted", "bad-chunk-size", True),
    ("empty-answer-accepted", "empty-200-stream", True),
    ("empty-answer-accepted", "done-only", True),
    ("empty-answer-accepted", "choices-empty", False),
    ("error-answer-accepted", "err-data-then-done: { after: 2 tokens }", True),
    ("error-answer-accepted", "err-raw-json-no-prefix: { after: 2 tokens }", True),
    ("error-answer-accepted", "err-inside-choice: { after: 2 tokens }", True),
    ("error-answer-accepted", "http-200-error-json", False),
    ("unreadable-answer-accepted", "html-200", False),
    ("bad-framing-accepted", "duplicate-content-length", False),
]


@pytest.mark.parametrize(("code", "fault", "stream"), TAKEN, ids=[f"{one[1].split(':')[0]}-{one[2]}" for one in TAKEN])
def test_what_was_taken_fails_what_was_noticed_does_not_and_silence_leaves_it_open(
    code: str, fault: str, stream: bool
) -> None:
    story = with_fault(fault, stream=stream)
    assert story.found(story.returned(got(story))) == {code: "failure"}
    assert story.found(story.returned(noticed=False)) == {code: "failure"}
    assert story.found(story.returned()) == {"outcome-unclear": "doubt"}
    assert story.found(story.raised()) == {}
    assert story.found() == {"outcome-missing": "doubt"}
    assert story.found(story.outcome("cancelled")) == {}
    assert story.found(story.returned(noticed=True)) == {}


def test_the_evidence_is_the_exchange_its_bytes_and_the_fault() -> None:
    story = with_fault("err-data-then-done: { after: 2 tokens }")
    finding = story.finding("error-answer-accepted", story.returned(got(story)))
    (evidence,) = finding.evidence
    assert evidence.exchange == 1
    assert evidence.data.startswith(b'{"error":')
    assert (finding.faults, finding.scenario, finding.call) == (("err-data-then-done",), "s", 1)


@pytest.mark.parametrize(
    "fault", ["finish-missing", "done-missing", "fin-after-done-no-terminator", "content-length-too-long"]
)
def test_an_answer_that_may_be_taken_and_may_be_refused(fault: str) -> None:
    story = with_fault(fault)
    assert story.found(story.returned(TEXT)) == {}
    if fault != "done-missing":
        assert story.found(story.raised()) == {}


def test_who_reads_on_behind_an_early_done_has_the_whole_answer() -> None:
    story = with_fault("done-first")
    assert story.found(story.returned(TEXT)) == {}
    assert story.found(story.returned("")) == {"empty-answer-accepted": "failure"}


def test_only_the_last_attempt_counts() -> None:
    cut = f"when: {{ call: 1 }}, reply: {{ text: {TEXT} }}, faults: [fin-mid-chunked: {{ after: 50% }}]"
    story = Story(f"id: s\nrules: [{{ {cut} }}, {{ reply: {{ text: {TEXT} }} }}]")
    story.ask(0, stream=False)
    story.ask(1, stream=False)
    assert story.found(story.returned(TEXT)) == {}


def test_of_what_cannot_be_read_the_text_decides() -> None:
    story = with_fault("sse-missing-data-prefix")
    assert story.found(story.returned(TEXT)) == {}  # a lenient client read it
    assert story.found(story.returned("")) == {"unreadable-answer-accepted": "failure"}
    assert story.found(story.returned()) == {"outcome-unclear": "doubt"}
    assert story.found(story.raised()) == {}


def test_the_body_itself_given_back_was_not_read() -> None:
    for fault, code in (("html-200", "unreadable"), ("http-200-error-json", "error")):
        story = with_fault(fault, stream=False)
        body = read(story.exchanges[0]).message.body.decode()
        assert story.found(story.returned(body)) == {f"{code}-answer-accepted": "failure"}


def test_a_client_that_does_not_look_at_a_coding_that_is_not_there_read_it() -> None:
    story = with_fault("br-claimed-plain")
    assert story.found(story.returned(TEXT)) == {}


# --- error-status-accepted --------------------------------------------------------------------------------


def refused(status: int = 400) -> Story:
    story = Story(f"id: s\nrules: [{{ reply: {{ error: {{ status: {status}, message: No such thing }} }} }}]")
    story.ask()
    return story


def test_an_error_given_back_as_an_answer_fails() -> None:
    story = refused()
    body = read(story.exchanges[0]).message.body.decode()
    for text in ("", body, f"Answer: {body}"):
        assert story.found(story.returned(text)) == {"error-status-accepted": "failure"}
    assert story.found(story.returned(noticed=False)) == {"error-status-accepted": "failure"}


def test_an_error_with_a_fallback_is_sound_and_a_return_alone_does_not_tell() -> None:
    story = refused()
    assert story.found(story.returned("Please ask again later.")) == {}
    body = read(story.exchanges[0]).message.body.decode()
    assert story.found(story.returned(f"The server refused: {body}")) == {}
    assert story.found(story.returned()) == {"outcome-unclear": "doubt"}
    assert story.found(story.raised()) == {}
    assert story.found() == {"outcome-missing": "doubt"}


def test_who_asks_something_else_after_an_error_has_seen_it() -> None:
    story = Story("id: s\nrules: [{ when: { call: 1 }, reply: { error: { status: 404 } } }, { reply: { text: Fine } }]")
    story.ask(0)
    story.ask(1, body={**QUESTION, "model": "gpt-4o-mini"})
    assert story.found(story.returned()) == {}


def test_who_raised_in_the_end_was_told_of_every_error() -> None:
    story = refused(500)
    story.ask(1, body={**QUESTION, "model": "gpt-4o-mini"})
    assert story.found(story.raised("APIError")) == {"gave-up": "warning"}
    assert story.found(story.raised("AssertionError"))["outcome-unclear"] == "doubt"


def test_a_look_at_the_models_afterwards_is_nothing_that_could_have_made_it_good() -> None:
    story = with_fault("done-missing-and-finish-missing")
    story.ask(1, method="GET", path="/v1/models")
    assert story.found(story.returned(got(story))) == {"truncated-answer-accepted": "failure"}


def test_who_returned_before_the_end_cannot_have_noticed_what_came_there() -> None:
    story = Story(
        "id: s\ntiming: { between_tokens: 1s }\n"
        f"rules: [{{ reply: {{ text: {TEXT} }}, faults: [fin-mid-chunked: {{ after: 3 tokens }}] }}]"
    )
    story.ask()
    assert story.found(story.returned("", ended=1.5)) == {"outcome-unclear": "doubt"}
    assert story.found(story.returned("", ended=9)) == {"truncated-answer-accepted": "failure"}


# --- outcome-missing, outcome-unclear ---------------------------------------------------------------------


def test_a_healthy_call_needs_no_outcome() -> None:
    story = Story()
    story.ask()
    assert story.found() == {}


def test_a_command_that_ends_well_does_not_tell_unless_it_printed_the_part() -> None:
    story = with_fault("fin-mid-chunked: { after: 4 tokens }")
    part = read(story.exchanges[0]).text
    passed = story.outcome("exited", exit_code=0, single=False, stdout="1 passed")
    printed = story.outcome("exited", exit_code=0, single=False, stdout=part)
    assert story.found(passed) == {"outcome-unclear": "doubt"}
    assert story.found(printed) == {"truncated-answer-accepted": "failure"}
    assert story.found(story.outcome("exited", exit_code=1, single=False)) == {}
    failed = story.outcome("exited", exit_code=1, single=False, stderr="AssertionError: 'Berlin' != 'Paris'")
    assert story.found(failed) == {"outcome-unclear": "doubt"}


def test_a_client_that_left_in_a_silence_has_a_timeout_and_what_its_caller_learnt_is_open() -> None:
    story = with_fault("stall-mid-stream: { after: 2 tokens, for: 30s }", leave=5)
    assert story.found() == {"outcome-missing": "doubt"}
    for outcome in (story.returned(), story.returned(got(story))):
        assert story.found(outcome) == {"outcome-unclear": "doubt"}
    assert story.found(story.returned("Please ask again later.")) == {}
    assert story.found(story.raised("ReadTimeout")) == {}


def test_a_client_that_left_a_healthy_answer_had_its_reasons() -> None:
    story = Story("id: s\ntiming: { between_tokens: 1s }\nrules: [{ reply: { text: One two three } }]")
    story.ask(leave=1.5)
    assert story.found() == {}
    assert story.found(story.returned(ended=1.5)) == {}


@pytest.mark.parametrize(
    "id", ["done-only", "fin-mid-chunked", "err-event-named", "html-200", "sse-raw-newlines-in-data"]
)
def test_scenarios_that_are_shipped(id: str) -> None:
    story = Story(scenario=catalogue.get(id))
    story.ask()
    assert story.judge(story.raised()).grade == "OK"
    assert story.judge(story.returned("")).grade == "FAILED"
    assert story.judge().grade == "INCONCLUSIVE"
