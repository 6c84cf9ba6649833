"""Token counts: the object that clients read, in bodies and in streams that ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.faults import registry
from mockoai.faults.usage import UNASKED
from tests.support.faulted import TEXT, faulted

ASKED = {"stream_options": {"include_usage": True}}
N = len(TEXT)

COUNTS = [
    ("usage-zeros-final", {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
    ("usage-strings", {"prompt_tokens": "14", "completion_tokens": "7", "total_tokens": "21"}),
    ("usage-float", {"prompt_tokens": 14.5, "completion_tokens": 7.5, "total_tokens": 21.5}),
    ("usage-negative", {"prompt_tokens": -1, "completion_tokens": -1, "total_tokens": -1}),
    ("usage-null-fields", {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}),
    ("usage-total-mismatch", {"prompt_tokens": 14, "completion_tokens": 7, "total_tokens": 49}),
    ("{ usage-total-mismatch: { more: -1 } }", {"total_tokens": 20}),
    ("usage-reasoning-exceeds-completion", {"completion_tokens": 7, "total_tokens": 21}),
    ("usage-details-null", {"prompt_tokens": 14, "prompt_tokens_details": None}),
    ("usage-details-extra", {"total_tokens": 21, "queue_time": 0.018, "cached_tokens": 0}),
    ("{ usage-details-extra: { fields: { x: 1 } } }", {"total_tokens": 21, "x": 1}),
]


@pytest.mark.parametrize(("fault", "expected"), COUNTS, ids=[one for one, _ in COUNTS])
def test_counts(fault: str, expected: dict[str, Any]) -> None:
    streamed = faulted(fault, **ASKED)
    body = faulted(fault, stream=False)
    legacy = faulted(fault, "completions", stream=False)

    for usage in (streamed.events[-1]["usage"], body.json["usage"]):
        assert {key: usage[key] for key in expected} == expected
        assert {type(usage[key]) for key in expected} == {type(value) for value in expected.values()}
    assert set(expected) - {"prompt_tokens"} <= set(legacy.json["usage"])
    assert streamed.text == "".join(TEXT)
    assert streamed.fault.fired
    assert body.fault.fired


def test_numbers_inside_the_details_change_too() -> None:
    usage = faulted("usage-strings", stream=False).json["usage"]

    assert usage["prompt_tokens_details"]["cached_tokens"] == "0"


def test_more_reasoning_than_completion() -> None:
    details = faulted("usage-reasoning-exceeds-completion", stream=False).json["usage"]["completion_tokens_details"]

    assert details["reasoning_tokens"] == N + 1
    assert details["audio_tokens"] == 0


def test_an_empty_object() -> None:
    assert faulted("usage-empty-object", stream=False).json["usage"] == {}
    assert b'"choices":[],"usage":{}' in faulted("usage-empty-object", **ASKED).body


def test_no_usage() -> None:
    streamed = faulted("usage-missing", **ASKED)
    body = faulted("usage-missing", stream=False)

    assert not any("usage" in event for event in streamed.events)
    assert all(event["choices"] for event in streamed.events)
    assert streamed.done
    assert "usage" not in body.json
    assert body.fault.fired


def test_a_chunk_without_choices() -> None:
    missing = faulted("usage-chunk-without-choices", **ASKED).events[-1]
    null = faulted("{ usage-chunk-without-choices: { form: 'null' } }", **ASKED).events[-1]

    assert "choices" not in missing
    assert missing["usage"]["total_tokens"] == 21
    assert null["choices"] is None


def test_counts_before_the_finish() -> None:
    events = faulted("usage-before-finish", **ASKED).events

    assert events[-2]["choices"] == []
    assert events[-2]["usage"]["total_tokens"] == 21
    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    assert events[-1]["usage"] is None


def test_counts_before_the_finish_of_every_choice() -> None:
    events = faulted("usage-before-finish", n=2, **ASKED).events

    assert [bool(event["choices"]) for event in events[-3:]] == [False, True, True]


NEED_USAGE = [
    "usage-zeros-final",
    "usage-strings",
    "usage-float",
    "usage-negative",
    "usage-null-fields",
    "usage-empty-object",
    "usage-total-mismatch",
    "usage-reasoning-exceeds-completion",
    "usage-details-null",
    "usage-details-extra",
    "usage-missing",
    "usage-chunk-without-choices",
    "usage-before-finish",
]


@pytest.mark.parametrize("fault", NEED_USAGE)
def test_a_stream_that_was_not_asked_for_usage(fault: str) -> None:
    answer = faulted(fault)

    assert not answer.fault.fired
    assert answer.fault.why == UNASKED
    assert answer.plan.data == faulted("noop").plan.data


@pytest.mark.parametrize("fault", NEED_USAGE)
def test_an_answer_without_usage(fault: str) -> None:
    answer = faulted(fault, "models")

    assert not answer.fault.fired


def counted(usage: dict[str, int]) -> tuple[int, int, int]:
    return usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]


@pytest.mark.parametrize("options", [{}, ASKED])
def test_counts_so_far_on_every_chunk(options: dict[str, Any]) -> None:
    answer = faulted("usage-cumulative-each-chunk", **options)

    chunks = [event for event in answer.events if event["choices"]]
    assert [counted(event["usage"]) for event in chunks] == [(14, count, 14 + count) for count in (*range(N + 1), N)]
    assert len(answer.events) == len(chunks) + bool(options)


def test_the_order_of_keys() -> None:
    body = faulted("usage-cumulative-each-chunk").body

    assert b'"finish_reason":null}],"usage":{"prompt_tokens":14,"completion_tokens":0,"total_tokens":14},"obf' in body


def test_zeros_on_every_chunk() -> None:
    for answer in (faulted("usage-zeros-each-chunk"), faulted("usage-zeros-each-chunk", "completions")):
        assert {counted(event["usage"]) for event in answer.events} == {(0, 0, 0)}
        assert answer.fault.fired


def test_usage_that_nobody_asked_for() -> None:
    events = faulted("usage-unrequested").events
    asked = faulted("noop", **ASKED).events

    assert [event["usage"] for event in events[:-1]] == [None] * (N + 2)
    assert events[-1]["choices"] == []
    assert events[-1]["usage"] == asked[-1]["usage"]


def test_usage_that_nobody_asked_for_on_the_finish() -> None:
    events = faulted("{ usage-unrequested: { form: finish } }", "completions").events

    assert counted(events[-1]["usage"])[1] == N
    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    assert not any("usage" in event for event in events[:-1])


def test_usage_that_was_asked_for() -> None:
    answer = faulted("usage-unrequested", **ASKED)

    assert answer.fault.why == "the request asked for usage"
    assert not answer.fault.fired


@pytest.mark.parametrize("options", [{}, ASKED])
def test_usage_on_the_chunk_that_finishes(options: dict[str, Any]) -> None:
    events = faulted("usage-in-finish-chunk", **options).events

    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    assert counted(events[-1]["usage"]) == (14, N, 14 + N)
    assert not any(event.get("usage") for event in events[:-1])


def test_only_the_first_choice_is_counted() -> None:
    body = faulted("usage-completion-tokens-only-first-choice", stream=False, n=2)
    one = faulted("usage-completion-tokens-only-first-choice", stream=False)

    assert counted(body.json["usage"]) == (14, N, 14 + N)
    assert body.fault.fired
    assert one.fault.why == "the answer has one choice only"


def test_parameters_that_make_no_sense() -> None:
    with pytest.raises(Exception, match="`fields` must be a mapping"):
        faulted("{ usage-details-extra: { fields: 7 } }")


def test_a_count_that_would_be_right_is_refused() -> None:
    for more in (0, -1):
        with pytest.raises(ValueError, match="`more` must be 1 or more"):
            registry.load()["usage-reasoning-exceeds-completion"](more=more)
    with pytest.raises(ValueError, match="must not be 0"):
        registry.load()["usage-total-mismatch"](more=0)
