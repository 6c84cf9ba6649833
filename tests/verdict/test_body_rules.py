"""Whether a retry is the same request."""

from __future__ import annotations

import orjson
import pytest

from tests.support.judging import QUESTION, Story

BUSY = "id: s\nrules: [{ when: { call: 1 }, reply: { error: { status: 503 } } }, { reply: { text: Fine } }]"
OTHER = {**QUESTION, "messages": [{"role": "user", "content": "Something else."}]}


def asked(*requests: tuple[dict[str, object] | bytes, dict[str, str]]) -> Story:
    story = Story(BUSY)
    for number, (body, headers) in enumerate(requests):
        story.ask(number, body=body, headers=headers)
    return story


def counted(number: int, **more: str) -> dict[str, str]:
    return {"x-stainless-retry-count": str(number), **{name.replace("_", "-"): value for name, value in more.items()}}


# --- retry-body-changed -----------------------------------------------------------------------------------


def test_another_body_with_the_same_key_fails() -> None:
    story = asked((QUESTION, {"idempotency-key": "k"}), (OTHER, {"idempotency-key": "k"}))
    finding = story.finding("retry-body-changed")
    assert finding.severity == "failure"
    assert [one.data for one in finding.evidence] == [orjson.dumps(QUESTION)[:200], orjson.dumps(OTHER)[:200]]


def test_another_body_in_a_counted_retry_may_be_another_call_unless_one_outcome_spans_both() -> None:
    story = asked((QUESTION, counted(0)), (OTHER, counted(1)))
    assert story.finding("retry-body-changed").severity == "doubt"
    assert story.finding("retry-body-changed", story.returned()).severity == "warning"


def test_of_a_body_that_the_journal_did_not_keep_nothing_is_said() -> None:
    long = {**QUESTION, "messages": [{"role": "user", "content": "x" * 100_000}]}
    key = {"idempotency-key": "k"}
    story = asked((long, key), (dict(reversed(long.items())), key))
    assert story.exchanges[0].body_size > len(story.exchanges[0].request.body)
    assert story.found(story.returned()) == {}


@pytest.mark.parametrize(
    "again", [orjson.dumps(QUESTION), orjson.dumps(QUESTION, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)]
)
def test_the_same_in_other_bytes_is_the_same(again: bytes) -> None:
    story = asked((QUESTION, {"idempotency-key": "k"}), (again, {"idempotency-key": "k"}))
    assert story.found(story.returned()) == {}


# --- idempotency-key-changed, idempotency-key-missing -----------------------------------------------------


@pytest.mark.parametrize(
    ("second", "code"), [("b", "idempotency-key-changed"), (None, "idempotency-key-missing"), ("a", None)]
)
def test_the_key_stays_with_the_call(second: str | None, code: str | None) -> None:
    more = {} if second is None else {"idempotency_key": second}
    story = asked((QUESTION, counted(0, idempotency_key="a")), (QUESTION, counted(1, **more)))
    assert story.found(story.returned()) == ({} if code is None else {code: "failure"})


def test_a_key_that_is_never_sent_is_not_asked_for() -> None:
    story = asked((QUESTION, counted(0)), (QUESTION, counted(1)))
    assert story.found(story.returned()) == {}


def test_within_one_outcome_a_new_key_may_be_the_applications() -> None:
    story = asked((QUESTION, {"idempotency-key": "a"}), (QUESTION, {"idempotency-key": "b"}))
    assert story.found(story.returned()) == {"idempotency-key-changed": "warning"}
    assert "idempotency-key-changed" not in story.found()  # by their keys they are two calls
