"""Rules between parameters, and between messages."""

from typing import Any

import pytest

from mockoai.endpoints import check
from mockoai.plan.items import Failure
from tests.support.rendering import asked

USER = {"role": "user", "content": "ping"}
TOOL = {"type": "function", "function": {"name": "f"}}


def call(id: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calls(*ids: str) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [call(id) for id in ids]}


def answer(id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": "42"}


def refused(**changes: Any) -> Failure | None:
    return check(asked("chat", {"model": "gpt-4o", "messages": [USER], **changes}))


def bad(message: str, param: str) -> Failure:
    return Failure(status=400, message=message, param=param)


@pytest.mark.parametrize("stream", [False, None])
def test_stream_options_need_a_stream(stream: bool | None) -> None:
    message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    assert refused(stream_options={"include_usage": True}, stream=stream) == bad(message, "stream_options")
    assert refused(stream_options={"include_usage": True}, stream=True) is None
    assert refused(stream_options=None, stream=stream) is None


def test_top_logprobs_need_logprobs() -> None:
    message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
    assert refused(top_logprobs=1) == bad(message, "top_logprobs")
    assert refused(top_logprobs=1, logprobs=False) == bad(message, "top_logprobs")
    assert refused(top_logprobs=1, logprobs=True) is None


def test_a_tool_choice_needs_tools() -> None:
    message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    assert refused(tool_choice="auto") == bad(message, "tool_choice")
    assert refused(tool_choice={"type": "function", "function": {"name": "f"}}) == bad(message, "tool_choice")
    assert refused(tool_choice="auto", tools=[TOOL]) is None


def test_json_mode_needs_the_word() -> None:
    message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    wanted = {"type": "json_object"}
    assert refused(response_format=wanted) == bad(message, "messages")
    assert refused(response_format={"type": "text"}) is None
    for content in ("Answer in JSON.", [{"type": "text", "text": "as json, please"}]):
        assert refused(response_format=wanted, messages=[{"role": "system", "content": content}]) is None
    for content in (None, [{"type": "image_url", "image_url": {"url": "https://example.com/json.png"}}]):
        failure = refused(response_format=wanted, messages=[{"role": "user", "content": content}])
        assert failure == bad(message, "messages")


@pytest.mark.parametrize(
    "messages",
    [
        [USER, calls("a"), answer("a")],
        [USER, calls("a", "b"), answer("b"), answer("a"), USER],
        [calls("a"), answer("a"), calls("b"), answer("b"), {"role": "assistant", "content": "done"}],
        [calls("a"), answer("a"), answer("a")],
        [{"role": "assistant", "content": "hi", "tool_calls": []}, USER],
        [{"role": "assistant", "content": None, "tool_calls": None}, USER],
        [{"role": "function", "name": "f", "content": "42"}],
    ],
)
def test_calls_and_their_answers_may_stand_together(messages: list[dict[str, Any]]) -> None:
    assert refused(messages=messages) is None


@pytest.mark.parametrize("before", [[], [USER], [calls("a"), answer("a"), USER]])
def test_an_answer_without_a_call_is_refused(before: list[dict[str, Any]]) -> None:
    message = (
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
    )
    assert refused(messages=[*before, answer("a")]) == bad(message, f"messages.[{len(before)}].role")


def test_an_answer_to_another_call_is_refused() -> None:
    message = "Invalid parameter: 'tool_call_id' of 'z' not found in 'tool_calls' of previous message."
    assert refused(messages=[USER, calls("a"), answer("z")]) == bad(message, "messages.[2].tool_call_id")


@pytest.mark.parametrize(
    ("messages", "position"),
    [
        ([USER, calls("a", "b", "c"), answer("b"), USER], 3),
        ([USER, calls("a", "b", "c"), answer("b")], 2),
    ],
)
def test_calls_without_answers_are_refused(messages: list[dict[str, Any]], position: int) -> None:
    message = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        "The following tool_call_ids did not have response messages: a, c"
    )
    assert refused(messages=messages) == bad(message, f"messages.[{position}].role")
