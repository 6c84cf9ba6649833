"""Tool calls whose deltas are misshapen, delta by delta."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.faulted import ONE, TWO, calls, faulted, whole

OPENING = {"index": 0, "id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": ""}}
NEXT = {"index": 0, "function": {"arguments": '{"'}}


def without(call: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in call.items() if name != key}


DELTAS = [
    ("tool-index-missing", [without(OPENING, "index"), without(NEXT, "index")]),
    ("tool-index-null", [{**OPENING, "index": None}, {**NEXT, "index": None}]),
    ("tool-index-string", [{**OPENING, "index": "0"}, {**NEXT, "index": "0"}]),
    ("tool-index-starts-at-1", [{**OPENING, "index": 1}, {**NEXT, "index": 1}]),
    ("tool-id-repeated", [OPENING, {"index": 0, "id": "call_a", "function": {"arguments": '{"'}}]),
    (
        "tool-name-repeated",
        [OPENING, {"index": 0, "id": "call_a", "function": {"name": "get_weather", "arguments": '{"'}}],
    ),
    ("tool-id-empty-continuation", [OPENING, {"index": 0, "id": "", "function": {"arguments": '{"'}}]),
    ("tool-name-null-continuation", [OPENING, {"index": 0, "function": {"name": None, "arguments": '{"'}}]),
    ("tool-id-missing", [without(OPENING, "id"), NEXT]),
    ("{ tool-id-missing: { form: 'null' } }", [{**OPENING, "id": None}, NEXT]),
    ("{ tool-id-missing: { form: empty } }", [{**OPENING, "id": ""}, NEXT]),
    ("tool-type-missing-or-empty", [{**OPENING, "type": ""}, NEXT]),
    ("{ tool-type-missing-or-empty: { form: missing } }", [without(OPENING, "type"), NEXT]),
    (
        "tool-name-late",
        [
            {**OPENING, "function": {"arguments": ""}},
            {"index": 0, "function": {"name": "get_weather", "arguments": ""}},
            NEXT,
        ],
    ),
    (
        "tool-name-split",
        [
            {**OPENING, "function": {"name": "get_", "arguments": ""}},
            {"index": 0, "function": {"name": "weather", "arguments": ""}},
            NEXT,
        ],
    ),
    ("tool-function-null", [OPENING, {"index": 0, "function": None}, NEXT]),
]


@pytest.mark.parametrize(("fault", "expected"), DELTAS, ids=[one for one, _ in DELTAS])
def test_deltas(fault: str, expected: list[dict[str, Any]]) -> None:
    answer = faulted(fault, reply=ONE)

    found = calls(answer)[: len(expected)]
    assert found == expected
    assert [list(call) for call in found] == [list(call) for call in expected], "the order of keys"
    assert answer.fault.fired
    assert answer.done


def test_two_calls_with_one_index() -> None:
    answer = faulted("tool-index-all-zero", reply=TWO)

    assert {call["index"] for call in calls(answer)} == {0}
    assert [call["id"] for call in calls(answer) if "id" in call] == ["call_a", "call_b"]


@pytest.mark.parametrize("fault", ["tool-index-all-zero", "tool-id-not-unique"])
def test_what_takes_two_calls(fault: str) -> None:
    answer = faulted(fault, reply=ONE)

    assert not answer.fault.fired
    assert answer.fault.why == "the tool calls gave it nothing to act on"


@pytest.mark.parametrize("stream", [True, False])
def test_two_calls_with_one_id(stream: bool) -> None:
    answer = faulted("tool-id-not-unique", reply=TWO, stream=stream)

    found = calls(answer) if stream else whole(answer)
    assert [call["id"] for call in found if "id" in call] == ["call_a", "call_a"]


@pytest.mark.parametrize("stream", [True, False])
def test_short_ids(stream: bool) -> None:
    answer = faulted("tool-id-short-alnum", reply=TWO, stream=stream)

    ids = [call["id"] for call in (calls(answer) if stream else whole(answer)) if "id" in call]
    assert [len(id) for id in ids] == [9, 9]
    assert ids[0] != ids[1]
    assert "".join(ids).isalnum()


@pytest.mark.parametrize("stream", [True, False])
def test_a_signature_to_send_back(stream: bool) -> None:
    answer = faulted("tool-extra-content-signature", reply=ONE, stream=stream)

    first, *others = calls(answer) if stream else whole(answer)
    assert first["extra_content"]["google"]["thought_signature"]
    assert not any("extra_content" in call for call in others)


def test_arguments_that_are_null() -> None:
    streamed = faulted("tool-args-null", reply=TWO)
    body = faulted("tool-args-null", reply=ONE, stream=False)

    functions = [call["function"] for call in calls(streamed)]
    assert functions == [{"name": "get_weather", "arguments": None}, {"name": "get_time", "arguments": None}]
    assert whole(body)[0]["function"]["arguments"] is None
    assert len(streamed.frames) == 5, "role, two calls, finish, [DONE]"


def test_arguments_that_are_an_object() -> None:
    streamed = faulted("tool-args-object", reply=TWO)
    body = faulted("tool-args-object", reply=ONE, stream=False)

    assert calls(streamed) == [
        {**OPENING, "function": {"name": "get_weather", "arguments": {"city": "Paris"}}},
        {
            "index": 1,
            "id": "call_b",
            "type": "function",
            "function": {"name": "get_time", "arguments": {"city": "Rome"}},
        },
    ]
    assert whole(body)[0]["function"]["arguments"] == {"city": "Paris"}
    assert streamed.deltas[0] == {"role": "assistant", "content": None}
    assert b'"arguments":{"city":"Paris"}' in streamed.body


def test_a_name_of_one_letter_stays_whole() -> None:
    answer = faulted("tool-name-split", reply="{ tool_calls: [{ name: f, arguments: {} }] }")

    assert not answer.fault.fired
    assert calls(answer)[0]["function"]["name"] == "f"


def test_a_name_without_an_underscore_is_cut_in_the_middle() -> None:
    answer = faulted("tool-name-split", reply="{ tool_calls: [{ name: search, arguments: {} }] }")

    assert [call["function"].get("name") for call in calls(answer)[:2]] == ["sea", "rch"]


def test_usage_stays_null_on_an_added_chunk() -> None:
    answer = faulted("tool-function-null", reply=ONE, stream_options={"include_usage": True})

    assert [event["usage"] for event in answer.events[:-1]] == [None] * (len(answer.events) - 1)
    assert answer.events[-1]["usage"]["completion_tokens"] == 5


def test_calls_that_are_null_where_none_is_made() -> None:
    streamed = faulted("tool-calls-null-or-empty")
    message = faulted("{ tool-calls-null-or-empty: { form: empty } }", stream=False).json["choices"][0]["message"]
    called = faulted("tool-calls-null-or-empty", reply=ONE, stream=False)

    assert all(delta["tool_calls"] is None for delta in streamed.deltas)
    assert streamed.text == "It is 21 degrees in Paris."
    assert message["tool_calls"] == []
    assert not called.fault.fired


EVERY = [one.strip("{ ").split(":")[0] for one, _ in DELTAS] + [
    "tool-index-all-zero",
    "tool-id-not-unique",
    "tool-id-short-alnum",
    "tool-extra-content-signature",
    "tool-args-null",
    "tool-args-object",
]


@pytest.mark.parametrize("fault", sorted(set(EVERY)))
def test_an_answer_without_a_call(fault: str) -> None:
    answer = faulted(fault)

    assert not answer.fault.fired
    assert answer.fault.why == "the answer calls no tool"
    assert answer.plan.data == faulted("noop").plan.data
