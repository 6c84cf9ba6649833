"""Whether and how often a client tries again."""

from __future__ import annotations

import pytest

from mockoai.verdict.reading import read
from tests.support.judging import QUESTION, Story


def failing(status: int, more: str = "", times: int = 99) -> Story:
    failure = f"when: {{ call: ..{times} }}, reply: {{ error: {{ status: {status}{more} }} }}"
    return Story(f"id: s\nrules: [{{ {failure} }}, {{ reply: {{ text: Fine }} }}]")


def tries(story: Story, *moments: float, headers: dict[str, str] | None = None, counted: bool = True) -> Story:
    for number, at in enumerate(moments):
        count = {"x-stainless-retry-count": str(number)} if counted else {}
        story.ask(at, headers={**count, **(headers or {})})
    return story


# --- retried-non-retryable --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 422, 424])
def test_a_retry_of_what_will_be_answered_in_the_same_way_fails(status: int) -> None:
    story = tries(failing(status), 0, 1)
    finding = story.finding("retried-non-retryable", story.raised())
    assert finding.severity == "failure"
    assert str(status) in finding.message
    assert finding.exchanges == (1, 2)
    assert finding.evidence[1].seconds == pytest.approx(1.0)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503, 529])
def test_a_retry_of_what_may_pass_does_not(status: int) -> None:
    story = tries(failing(status), 0, 1)
    assert story.found(story.raised()) == {}


@pytest.mark.parametrize(("status", "header"), [(421, "x-a: b"), (498, "x-a: b"), (413, "retry-after: '1'")])
def test_nor_does_that_of_what_may_pass_by_another_connection_or_by_its_own_word(status: int, header: str) -> None:
    story = tries(failing(status, f", headers: {{ {header} }}"), 0, 1)
    assert story.found(story.raised()) == {}


def test_whether_an_equal_request_is_a_retry_must_be_known() -> None:
    story = tries(failing(400), 0, 1, counted=False)
    assert story.found(story.raised()) == {"retried-non-retryable": "failure"}  # within one reported call
    assert story.finding("retried-non-retryable").severity == "doubt"  # in nobody's
    command = story.outcome("exited", exit_code=1, single=False)
    assert story.finding("retried-non-retryable", command).severity == "doubt"
    keyed = tries(failing(400), 0, 1, headers={"idempotency-key": "k"}, counted=False)
    assert keyed.finding("retried-non-retryable").severity == "failure"
    apart = story.raised(ended=0.5), story.raised(started=0.9, ended=2)
    assert story.found(*apart) == {}  # two calls of two outcomes


@pytest.mark.parametrize("header", ["authorization", "api-key", "x-api-key", "cookie"])
def test_a_request_with_new_credentials_is_another(header: str) -> None:
    story = failing(401)
    story.ask(0, headers={header: "Bearer old"})
    story.ask(1, headers={header: "Bearer new"})
    assert story.found(story.raised()) == {}


# --- retried-against-advice -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "severity"),
    [
        (failing(429, ", headers: { x-should-retry: 'false' }"), "warning"),
        (failing(429, ", code: insufficient_quota"), "info"),
        (failing(501), "info"),
    ],
    ids=["asked not to", "quota", "permanent"],
)
def test_a_retry_that_the_answer_advises_against(story: Story, severity: str) -> None:
    tries(story, 0, 1, 2)
    assert story.found(story.raised()) == {"retried-against-advice": severity}


def test_who_obeys_is_not_told() -> None:
    story = tries(failing(429, ", headers: { x-should-retry: 'false' }"), 0)
    assert story.found(story.raised()) == {}
    story = tries(failing(400, ", headers: { x-should-retry: 'true' }", times=1), 0, 1)
    assert story.found(story.returned()) == {}


def test_an_equal_request_after_such_an_answer_may_be_a_new_call() -> None:
    story = tries(failing(501), 0, 1, counted=False)
    assert "retried-against-advice" not in story.found()


# --- retry-storm ------------------------------------------------------------------------------------------


def test_eleven_attempts_are_a_storm_and_ten_are_not() -> None:
    story = tries(failing(503), *range(10))
    assert "retry-storm" not in story.found(story.raised())
    story.ask(10, headers={"x-stainless-retry-count": "10"})
    finding = story.finding("retry-storm", story.raised())
    assert finding.severity == "failure"
    assert "11 attempts" in finding.message


def test_eleven_attempts_in_more_than_a_minute_or_as_late_as_they_were_told_are_patience() -> None:
    story = tries(failing(503), *range(0, 77, 7))
    assert "retry-storm" not in story.found(story.raised())
    story = tries(failing(429, ", headers: { retry-after: '1' }"), *range(12))
    assert "retry-storm" not in story.found(story.raised())
    story = tries(failing(429, ", headers: { retry-after: '3' }"), *range(12))
    assert story.found(story.raised()) == {"retry-storm": "failure", "retry-after-ignored": "failure"}


def test_eleven_equal_requests_may_be_eleven_calls() -> None:
    story = tries(failing(503), *range(11), counted=False)
    assert story.finding("retry-storm").severity == "doubt"


# --- retry-amplification ----------------------------------------------------------------------------------


def rounds(story: Story, *counts: int) -> Story:
    for at, count in enumerate(counts):
        story.ask(at, headers={"x-stainless-retry-count": str(count)})
    return story


def test_a_counter_that_begins_anew_within_a_call_shows_two_layers() -> None:
    story = rounds(failing(503), 0, 1, 2, 0, 1, 2, 0, 1, 2)
    finding = story.finding("retry-amplification", story.raised())
    assert finding.severity == "warning"
    assert "9 attempts in 3 rounds" in finding.message
    assert "0, 1, 2, 0" in finding.message
    assert story.finding("retry-amplification").severity == "doubt"


def test_one_round_is_one_layer() -> None:
    story = rounds(failing(503), 0, 1, 2)
    assert story.found(story.raised()) == {}
    calls = rounds(failing(503), 0, 1, 0, 1)
    apart = calls.raised(ended=1.5), calls.raised(started=1.9, ended=9)
    assert calls.found(*apart) == {}


# --- gave-up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_one_attempt_at_what_may_pass_is_little(status: int) -> None:
    story = tries(failing(status), 0)
    assert story.found(story.raised()) == {"gave-up": "warning"}


def test_it_must_be_known_to_be_over() -> None:
    story = tries(failing(503), 0)
    assert "gave-up" not in story.found()
    assert "gave-up" not in story.found(story.outcome("cancelled"))


@pytest.mark.parametrize(
    "story",
    [
        failing(400),
        failing(429, ", headers: { retry-after: '61' }"),
        failing(429, ", code: insufficient_quota"),
        failing(429, ", headers: { x-should-retry: 'false' }"),
        failing(501),
    ],
    ids=["wrong", "long", "quota", "asked", "permanent"],
)
def test_giving_up_at_once_is_sound_here(story: Story) -> None:
    tries(story, 0)
    assert "gave-up" not in story.found(story.raised())


def test_who_asks_another_model_or_again_has_not_given_up() -> None:
    story = tries(failing(503, times=1), 0, counted=False)
    story.ask(1, body={**QUESTION, "model": "gpt-4o-mini"})
    assert story.found(story.returned("Fine")) == {}
    command = story.outcome("exited", exit_code=1, single=False)
    assert story.found(command) == {"gave-up": "warning"}  # another question of a command is another call
    story = failing(503, times=2)
    story.ask(0, headers={"idempotency-key": "a"})
    story.ask(1, headers={"idempotency-key": "b"})
    command = story.outcome("exited", exit_code=1, single=False)
    assert [one.exchanges for one in story.judge(command).findings if one.code == "gave-up"] == [(2,)]


def test_a_scenario_can_expect_it() -> None:
    story = Story("id: s\nrules: [{ reply: { error: { status: 503 } } }]\nexpect: [{ client: gives-up }]")
    story.ask()
    verdict = story.judge(story.raised())
    assert verdict.grade == "OK"
    assert [one.met for one in verdict.expectations] == [True]


# --- retried-after-delivery -------------------------------------------------------------------------------

TEXT = "The harbour is behind the church."
CUT_ONCE = f"""
id: s
rules:
  - when: {{ call: 1 }}
    reply: {{ text: {TEXT} }}
    faults: [fin-mid-chunked: {{ after: 3 tokens }}]
  - reply: {{ text: %s }}
"""
OTHER = "Behind the church, by the mill."


def cut_once(second: str) -> tuple[Story, str]:
    story = tries(Story(CUT_ONCE % f'"{second}"'), 0, 1)

    return story, read(story.exchanges[0]).text


@pytest.mark.parametrize("second", [TEXT, OTHER])
def test_a_caller_that_got_the_part_and_then_all_got_too_much(second: str) -> None:
    story, part = cut_once(second)
    for said in ({"text": part + second}, {"text": "x", "partial": f"{part}\n{second}"}):
        finding = story.finding("retried-after-delivery", story.returned(**said))
        assert finding.severity == "failure"
        assert finding.evidence[0].data == part.encode()


@pytest.mark.parametrize("second", [TEXT, OTHER])
def test_a_caller_that_got_the_second_answer_alone_is_well(second: str) -> None:
    story, part = cut_once(second)
    assert story.found(story.returned(second)) == {}
    assert story.found(story.returned(f"{second}\n\nSource: the harbour master.")) == {}
    assert part


def test_what_was_handed_over_must_be_known() -> None:
    story, _ = cut_once(TEXT)
    assert story.found(story.returned()) == {"retried-after-delivery": "doubt"}
    assert story.found() == {"retried-after-delivery": "doubt"}


def test_of_a_command_that_printed_both_it_is_not_known_whether_it_asked_twice() -> None:
    story = Story(CUT_ONCE % f'"{TEXT}"')
    story.ask(0)
    story.ask(1)
    part = read(story.exchanges[0]).text
    both = story.outcome("exited", exit_code=0, single=False, stdout=f"{part}\n{TEXT}\n")
    whole = story.outcome("exited", exit_code=0, single=False, stdout=f"{TEXT}\n")
    assert story.found(both) == {"retried-after-delivery": "doubt"}
    assert story.found(whole) == {}


def test_before_the_first_token_a_retry_hands_over_nothing_twice() -> None:
    story = Story("id: s\nrules: [{ when: { call: 1 }, faults: [rst-before-headers] }, { reply: { text: Fine } }]")
    tries(story, 0, 1)
    assert story.found(story.returned()) == {}
