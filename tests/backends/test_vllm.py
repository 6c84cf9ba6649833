"""What vLLM does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

SERVED = BACKENDS["vllm"].models()[0].id
CALL = "{ tool_calls: [{ name: get_weather, arguments: { city: Paris } }] }"


@given(st.text())
def test_what_was_made_tokens_of_can_be_had_back(text: str) -> None:
    tokens = post("vllm", "/tokenize", {"prompt": text}).json
    assert tokens["count"] == len(tokens["tokens"])
    assert post("vllm", "/detokenize", {"tokens": tokens["tokens"]}).json == {"prompt": text}


def test_messages_can_be_made_tokens_of() -> None:
    answer = post("vllm", "/tokenize", {"messages": MESSAGES, "return_token_strs": True}).json
    assert "".join(answer["token_strs"]) == MESSAGES[0]["content"]


def test_what_is_no_token_is_left_out() -> None:
    assert post("vllm", "/detokenize", {"tokens": [104, "x", -1, 300, 105]}).json == {"prompt": "hi"}
    assert post("vllm", "/detokenize", {"tokens": 5}).json == {"prompt": ""}


def test_any_temperature_will_do() -> None:
    assert chat("vllm", temperature=9).status == "200 OK"
    refused = chat("vllm", temperature=9, n=0)
    assert refused.status == "400 Bad Request"
    assert refused.json["error"]["message"] == "n must be at least 1, got 0."


def test_a_request_that_names_no_model_is_answered_by_the_one_there_is() -> None:
    answer = put("vllm", request("vllm", {"messages": MESSAGES}, model=None))
    assert (answer.status, answer.json["model"]) == ("200 OK", SERVED)


def test_keys_are_asked_for_under_v1_only() -> None:
    assert put("vllm", request("vllm", None, "/health"), keys=[KEY]).status == "200 OK"
    assert put("vllm", request("vllm", None, "/v1/models"), keys=[KEY]).json == {"error": "Unauthorized"}
    assert put("vllm", request("vllm", None, "/v1/models", key=KEY), keys=[KEY]).status == "200 OK"


def test_pages_take_no_other_method() -> None:
    for method in ("HEAD", "POST"):
        answer = get("vllm", "/version", method)
        assert (answer.status, answer.head["allow"]) == ("405 Method Not Allowed", "GET")


def test_an_answer_cut_off_at_its_limit_ends_with_its_last_token() -> None:
    ends = [reason for _, reason in chat("vllm", stream=True, max_tokens=2).said]
    assert ends == [None, None, "length"]
    assert [reason for _, reason in chat("vllm", stream=True).said][-2:] == [None, "stop"]


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": True}}])
def test_the_last_chunk_alone_names_the_build(options: dict[str, Any]) -> None:
    chunks = chat("vllm", stream=True, **options).chunks
    assert ["system_fingerprint" in chunk for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_an_id_that_the_scenario_gives_is_kept() -> None:
    given_id = CALL.replace(" } }]", " }, id: call_mine }]")
    answer = chat("vllm", reply=given_id).json["choices"][0]["message"]["tool_calls"]
    assert answer[0]["id"] == "call_mine"
    own = chat("vllm", reply=CALL).json["choices"][0]["message"]["tool_calls"][0]["id"]
    assert own.startswith("chatcmpl-tool-")
    assert len(own) == 30


def test_several_calls_have_several_ids_in_streams_and_bodies_alike() -> None:
    two = "{ tool_calls: [{ name: a, arguments: {} }, { name: b, arguments: {} }] }"
    whole = [one["id"] for one in chat("vllm", reply=two).json["choices"][0]["message"]["tool_calls"]]
    deltas = [delta for delta, _ in chat("vllm", reply=two, stream=True).said if delta.get("tool_calls")]
    streamed = [call["id"] for delta in deltas for call in delta["tool_calls"] if "id" in call]
    assert len(set(whole)) == len(set(streamed)) == 2


def test_mistakes_are_said_in_the_words_of_pydantic() -> None:
    error = chat("vllm", stop=5.5, stream="yes").json["error"]
    assert error["type"] == "Bad Request"
    assert error["message"].startswith("1 validation error:\n  {'type': ")
    broken = put("vllm", request("vllm", b'{"model": '))
    assert broken.json["error"]["message"].startswith(
        "1 validation error:\n  {'type': 'json_invalid', 'loc': ('body', "
    )
