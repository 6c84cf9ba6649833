"""Endings of a choice: which chunk says which reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.faulted import ONE, TEXT, Faulted, calls, faulted

WHOLE = "".join(TEXT)
N = len(TEXT)


def reasons(answer: Faulted) -> list[Any]:
    """Return the finish reason of every chunk with choices; ``-`` where there is no such key."""
    return [choice.get("finish_reason", "-") for choice in answer.choices]


REASONS = [
    ("finish-missing", [None] * (N + 1)),
    ("finish-key-absent", ["-"] * (N + 1) + ["stop"]),
    ("finish-empty-string", [""] * (N + 1) + ["stop"]),
    ("finish-string-null", ["null"] * (N + 1) + ["stop"]),
    ("finish-uppercase", [None] * (N + 1) + ["STOP"]),
    ("finish-twice", [None] * (N + 1) + ["stop", "stop"]),
    ("content-after-finish", [None] * (N + 1) + ["stop", None]),
    ("finish-with-content", [None] * N + ["stop"]),
]


@pytest.mark.parametrize(("fault", "expected"), REASONS, ids=[one for one, _ in REASONS])
def test_reasons_of_a_chat(fault: str, expected: list[Any]) -> None:
    answer = faulted(fault)

    assert reasons(answer) == expected
    assert answer.text.removesuffix(" The end.") == WHOLE
    assert answer.done
    assert answer.fault.fired


@pytest.mark.parametrize(("fault", "expected"), REASONS, ids=[one for one, _ in REASONS])
def test_reasons_of_a_legacy_completion(fault: str, expected: list[Any]) -> None:
    answer = faulted(fault, "completions")

    assert reasons(answer) == expected[1:], "there is no chunk for the role"
    assert "".join(choice["text"] for choice in answer.choices).removesuffix(" The end.") == WHOLE
    assert answer.done


def test_the_chunks_themselves() -> None:
    last = faulted("finish-with-content").choices[-1]
    again = faulted("finish-twice").choices[-1]
    after = faulted("content-after-finish").choices[-1]

    assert (last["delta"], last["finish_reason"]) == ({"content": "."}, "stop")
    assert (again["delta"], again["finish_reason"]) == ({}, "stop")
    assert (after["delta"], after["finish_reason"]) == ({"content": " The end."}, None)


def test_a_missing_reason_leaves_the_usage() -> None:
    answer = faulted("finish-missing", stream_options={"include_usage": True})

    assert set(reasons(answer)) == {None}
    assert answer.events[-1]["usage"]["completion_tokens"] == N


@pytest.mark.parametrize("fault", ["finish-missing", "finish-with-content", "finish-twice"])
def test_every_choice_is_treated_alike(fault: str) -> None:
    answer = faulted(fault, n=2)

    found = [choice for event in answer.events for choice in event["choices"]]
    said = {0: "", 1: ""}
    finished = {0: 0, 1: 0}
    for choice in found:
        said[choice["index"]] += choice["delta"].get("content") or ""
        finished[choice["index"]] += choice["finish_reason"] is not None
    assert said == {0: WHOLE, 1: WHOLE}
    assert finished[0] == finished[1] == {"finish-missing": 0, "finish-with-content": 1, "finish-twice": 2}[fault]


def test_the_reason_rides_on_the_last_piece_of_a_call() -> None:
    answer = faulted("finish-with-content", reply=ONE)

    assert calls(answer)[-1]["function"]["arguments"] == '"}'
    assert reasons(answer)[-1] == "tool_calls"


def test_no_text_for_the_reason_to_ride_on() -> None:
    answer = faulted("finish-with-content", reply="{ text: '' }")

    assert not answer.fault.fired
    assert answer.plan.data == faulted("noop", reply="{ text: '' }").plan.data


def test_a_reason_that_is_null_in_a_body() -> None:
    answer = faulted("finish-null-nonstream", stream=False, n=2)

    assert [choice["finish_reason"] for choice in answer.json["choices"]] == [None, None]
    assert faulted("finish-null-nonstream").fault.why == "the answer is streamed"


CUT = [
    ("finish-length-hidden", "stop"),
    ("finish-error", "error"),
    ("err-content-filter-mid-stream", "content_filter"),
    ("err-finish-network-error", "network_error"),
]


@pytest.mark.parametrize(("fault", "reason"), CUT)
def test_an_answer_cut_short(fault: str, reason: str) -> None:
    streamed = faulted(fault, stream_options={"include_usage": True})
    body = faulted(f"{{ {fault}: {{ after: 5 tokens }} }}", stream=False)

    choice = body.json["choices"][0]
    assert streamed.text == "It is 21"
    assert reasons(streamed)[-1] == reason
    assert streamed.events[-1]["usage"]["completion_tokens"] == 3
    assert streamed.done
    assert (choice["message"]["content"], choice["finish_reason"]) == ("It is 21 degrees in", reason)
    assert body.json["usage"]["completion_tokens"] == 5


def test_a_cut_call_hides_as_a_whole_one() -> None:
    answer = faulted("finish-length-hidden", reply=ONE)

    assert "".join(call["function"]["arguments"] for call in calls(answer)) == '{"city":"'
    assert reasons(answer)[-1] == "tool_calls"


def test_a_length_that_is_honest_is_hidden() -> None:
    reply = "{ text: 'It is', finish: length }"

    assert reasons(faulted("finish-length-hidden", reply=reply))[-1] == "stop"
    assert faulted("finish-length-hidden", reply=reply).fault.fired


def test_percentages_are_of_the_tokens() -> None:
    body = faulted("{ finish-error: { after: 50% } }", stream=False).json

    assert faulted("{ finish-error: { after: 50% } }").text == "It is 21 degrees"
    assert body["choices"][0]["message"]["content"] == "It is 21 degrees"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("{ finish-length-hidden: { after: 7 tokens } }", "nothing follows `7 tokens` that could be cut off"),
        ("{ finish-length-hidden: { after: 8 tokens } }", "the answer has no place `8 tokens`"),
        ("{ finish-error: { after: 40 tokens } }", "the answer has no place `40 tokens`"),
    ],
)
def test_places_past_the_end(fault: str, why: str) -> None:
    answer = faulted(fault)

    assert not answer.fault.fired
    assert answer.fault.why.startswith(why)
    assert answer.plan.data == faulted("noop").plan.data


def test_an_error_has_nothing_to_cut() -> None:
    answer = faulted("finish-error", reply="{ error: { status: 500 } }")

    assert answer.fault.why == "the answer is an error"
