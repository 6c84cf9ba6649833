"""What Mistral does that its golden answers do not show."""

from __future__ import annotations

from tests.support.imitating import chat, get

NAME = "mistral"
CALL = "{ name: look, arguments: {} }"


def test_all_calls_come_in_the_last_chunk() -> None:
    answer = chat(NAME, reply=f"{{ text: Wait, tool_calls: [{CALL}, {CALL}] }}", stream=True)
    *before, (delta, reason) = answer.said
    assert reason == "tool_calls"
    assert [sorted(one) for one in delta["tool_calls"]] == [["function", "id"]] * 2
    assert all("tool_calls" not in said for said, _ in before)
    assert "usage" in answer.chunks[-1]


def test_calls_are_said_when_no_chunk_ends_them() -> None:
    answer = chat(NAME, reply=f"{{ tool_calls: [{CALL}] }}", rest="faults: [finish-missing]", stream=True)
    assert answer.fault.fired
    assert answer.said[-1][0]["tool_calls"][0]["function"]["name"] == "look"


def test_what_a_fault_does_to_a_call_shows_in_the_last_chunk() -> None:
    answer = chat(NAME, reply=f"{{ tool_calls: [{CALL}] }}", rest="faults: [tool-args-doubled]", stream=True)
    assert answer.fault.fired


def test_reasoning_is_a_part_of_the_content() -> None:
    thought, text = chat(NAME, reply="{ text: Sunny., reasoning: Look. }").json["choices"][0]["message"]["content"]
    assert thought["thinking"] == [{"type": "text", "text": "Look."}]
    assert text == {"type": "text", "text": "Sunny."}


def test_the_gateway_refuses_what_is_not_below_v1() -> None:
    error = get(NAME, "/nothing").json
    assert error["message"] == "no Route matched with those values"
    assert len(error["request_id"]) == 32
