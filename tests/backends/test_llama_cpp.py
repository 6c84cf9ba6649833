"""What llama.cpp does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends import BACKENDS
from tests.support.faulted import TWO
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

LOADED = BACKENDS["llama-cpp"].models()[0].id
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@given(st.text())
def test_what_was_made_tokens_of_can_be_had_back(text: str) -> None:
    tokens = post("llama-cpp", "/tokenize", {"content": text}).json["tokens"]
    assert post("llama-cpp", "/detokenize", {"tokens": tokens}).json == {"content": text}


def test_any_model_is_answered_by_the_one_that_is_loaded() -> None:
    assert chat("llama-cpp", model="gpt-4o").json["model"] == LOADED
    asked = request("llama-cpp", {"messages": MESSAGES}, model=None)
    assert put("llama-cpp", asked, models=["mine"]).json["model"] == "mine"


def test_the_name_of_each_call_comes_with_its_first_arguments() -> None:
    calls = [delta["tool_calls"][0] for delta, _ in chat("llama-cpp", reply=TWO, tools=[TOOL], stream=True).said[1:-1]]
    named = [(one["index"], one["function"]) for one in calls if "id" in one]
    assert named == [
        (0, {"name": "get_weather", "arguments": '{"'}),
        (1, {"name": "get_time", "arguments": '{"'}),
    ]


def test_a_call_without_arguments_has_no_such_key() -> None:
    reply = "{ tool_calls: [{ name: look, arguments: '' }] }"
    (call,) = chat("llama-cpp", reply=reply, tools=[TOOL], stream=True).said[1][0]["tool_calls"]
    assert call["function"] == {"name": "look"}


def test_timings_are_those_of_the_tokens() -> None:
    for stream in (False, True):
        answer = chat("llama-cpp", stream=stream, stream_options={"include_usage": True} if stream else None)
        last = answer.chunks[-1] if stream else answer.json
        timings, usage = last["timings"], last["usage"]
        assert (timings["prompt_n"], timings["predicted_n"]) == (usage["prompt_tokens"], usage["completion_tokens"])
        assert timings["predicted_ms"] == pytest.approx(timings["predicted_n"] * timings["predicted_per_token_ms"])
    assert sum("timings" in chunk for chunk in answer.chunks) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "parse error at line 1, column 1: syntax error while parsing value - unexpected end of input"),
        (b"{\n x", "parse error at line 2, column 2: syntax error while parsing value - invalid literal; last read: "),
        (b"[]", "type must be object, but is array"),
    ],
)
def test_what_is_no_json_is_a_mistake_of_its_own(body: bytes, message: str) -> None:
    answer = put("llama-cpp", request("llama-cpp", body))
    assert (answer.status, answer.json["error"]["type"]) == ("500 Internal Server Error", "server_error")
    assert message in answer.json["error"]["message"]


def test_only_what_it_cannot_do_without_is_missed() -> None:
    def said(path: str, fields: dict[str, Any]) -> tuple[int, str]:
        error = post("llama-cpp", path, fields).json["error"]
        return error["code"], error["message"]

    assert said("/v1/chat/completions", {"messages": "hi"}) == (400, "Expected 'messages' to be an array")
    assert said("/v1/completions", {})[1].endswith("key 'prompt' not found")
    assert said("/v1/embeddings", {}) == (400, '"input" or "content" must be provided')
    assert chat("llama-cpp", temperature="hot", top_p=7).status == "200 OK"
    assert post("llama-cpp", "/v1/completions", {"prompt": "Hi", "temperature": 9, "n": "two"}).status == "200 OK"
    assert put("llama-cpp", request("llama-cpp", {"messages": MESSAGES}, content_type="text/plain")).status == "200 OK"


@pytest.mark.parametrize(
    ("header", "value"), [("authorization", f"Bearer {KEY}"), ("authorization", KEY), ("x_api_key", KEY)]
)
def test_a_key_may_come_in_three_ways(header: str, value: str) -> None:
    named: dict[str, Any] = {header: value}
    assert put("llama-cpp", request("llama-cpp", None, "/props", **named), keys=[KEY]).status == "200 OK"
    named[header] = "sk-wrong"
    assert put("llama-cpp", request("llama-cpp", None, "/props", **named), keys=[KEY]).status == "401 Unauthorized"


def test_lists_and_health_are_public() -> None:
    for path, status in (("/v1/models", "200 OK"), ("/models", "200 OK"), ("/health", "200 OK"), ("/props", "401")):
        assert put("llama-cpp", request("llama-cpp", None, path), keys=[KEY]).status.startswith(status)


def test_whoever_asks_may_read() -> None:
    asked = request("llama-cpp", None, "/v1/models", origin="http://localhost:3000")
    assert put("llama-cpp", asked).head["access-control-allow-origin"] == "http://localhost:3000"


def test_a_page_has_no_other_method() -> None:
    assert post("llama-cpp", "/props", {}).json == get("llama-cpp", "/v1/nothing").json


def test_a_connection_that_ends_is_kept_for_no_time() -> None:
    assert "keep-alive" not in put("llama-cpp", request("llama-cpp", None, "/v1/models", version="1.0")).head
