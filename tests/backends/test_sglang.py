"""What SGLang does that its golden answers do not show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, MESSAGES, chat, post, put, request

SERVED = BACKENDS["sglang"].models()[0].id
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@given(st.text())
def test_what_was_made_tokens_of_can_be_had_back(text: str) -> None:
    tokens = post("sglang", "/tokenize", {"prompt": text}).json["tokens"]
    assert post("sglang", "/detokenize", {"tokens": tokens}).json == {"text": text}


def test_any_name_is_answered_and_none_too() -> None:
    assert chat("sglang", model="whatever").json["model"] == "whatever"
    answer = put("sglang", request("sglang", {"messages": MESSAGES}, model=None))
    assert (answer.status, answer.json["model"]) == ("200 OK", "default")


def test_any_temperature_will_do_that_is_not_negative() -> None:
    assert chat("sglang", temperature=9).status == "200 OK"
    refused = chat("sglang", temperature=-1)
    assert refused.json["message"] == "temperature must be a non-negative finite number, got -1."
    assert (refused.json["type"], refused.json["code"]) == ("BadRequestError", 400)


def test_only_what_ended_by_itself_matched_something() -> None:
    assert chat("sglang", max_tokens=2).json["choices"][0]["matched_stop"] is None
    assert chat("sglang").json["choices"][0]["matched_stop"] == 151_645


def test_chunks_say_when_they_were_made() -> None:
    slow = chat("sglang", stream=True, rest="timing: { first_token: 3s }").chunks
    times = [chunk["created"] - slow[0]["created"] for chunk in slow]
    assert times == [0] + [3] * (len(slow) - 1)


def test_text_beside_tools_is_written_by_the_other_encoder() -> None:
    bare = chat("sglang", stream=True).said[1][0]
    beside = chat("sglang", stream=True, tools=[TOOL]).said[1][0]
    assert bare == {"reasoning_content": None, "content": "It"}
    assert beside == {"role": None, "content": "It", "reasoning_content": None, "tool_calls": None}
    assert chat("sglang", stream=True, tools=[TOOL], tool_choice="none").said[1][0] == bare


def test_a_key_is_read_to_the_letter() -> None:
    def shown(value: str) -> str:
        return put("sglang", request("sglang", None, "/v1/models", authorization=value), keys=[KEY]).status

    assert shown(f"Bearer {KEY}") == "200 OK"
    assert shown(f"bearer {KEY}") == shown(f"Bearer  {KEY}") == shown(KEY) == "401 Unauthorized"
    assert put("sglang", request("sglang", None, "/health"), keys=[KEY]).status == "200 OK"
    assert put("sglang", request("sglang", None, "/model_info"), keys=[KEY]).status == "401 Unauthorized"


def test_pydantic_complains_twice() -> None:
    message = chat("sglang", messages="hi").json["message"]
    assert message.startswith("1 validation error:\n  {'type': ")
    assert message.endswith("}]")
    assert message.count("'loc': ('body', 'messages')") == 2


def test_thoughts_are_counted_beside_the_sums() -> None:
    usage = chat("sglang", reply="{ text: Sunny., reasoning: Let me look. }").json["usage"]
    assert usage["reasoning_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
