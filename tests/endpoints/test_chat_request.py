"""Mistakes in chat requests, in the words OpenAI was measured to answer with (August 2026)."""

from typing import Any

import pytest

from mockoai.endpoints import ENDPOINTS, check
from mockoai.plan.items import Failure
from tests.support.rendering import asked

USER = {"role": "user", "content": "ping"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


def refused(changes: dict[str, Any]) -> Failure | None:
    body = {"model": "gpt-4o", "messages": [USER], **changes}
    return check(asked("chat", {key: value for key, value in body.items() if value is not ...}))


def number(path: str, kind: str, side: str, sign: str, limit: int, got: str) -> str:
    return f"Invalid '{path}': {kind} {side} value. Expected a value {sign} {limit}, but got {got} instead."


MISTAKES = [
    # Types.
    ({"n": "2"}, "n", "invalid_type", "Invalid type for 'n': expected an integer, but got a string instead."),
    ({"temperature": "hot"}, "temperature", "invalid_type",
     "Invalid type for 'temperature': expected a decimal, but got a string instead."),
    ({"top_p": [1]}, "top_p", "invalid_type",
     "Invalid type for 'top_p': expected a decimal, but got an array instead."),
    ({"store": "yes"}, "store", "invalid_type",
     "Invalid type for 'store': expected a boolean, but got a string instead."),
    ({"seed": 1.5}, "seed", "invalid_type",
     "Invalid type for 'seed': expected an integer, but got a decimal number instead."),
    ({"n": True}, "n", "invalid_type", "Invalid type for 'n': expected an integer, but got a boolean instead."),
    ({"user": {"a": 1}}, "user", "invalid_type",
     "Invalid type for 'user': expected a string, but got an object instead."),
    ({"tools": "none"}, "tools", "invalid_type",
     "Invalid type for 'tools': expected an array of objects, but got a string instead."),
    ({"tool_choice": 7}, "tool_choice", "invalid_type",
     "Invalid type for 'tool_choice': expected one of one of 'none', 'auto', or 'required' or object, but got an "
     "integer instead."),
    ({"response_format": "json"}, "response_format", "invalid_type",
     "Invalid type for 'response_format': expected an object, but got a string instead."),
    ({"messages": "ping"}, "messages", "invalid_type",
     "Invalid type for 'messages': expected an array of objects, but got a string instead."),
    ({"messages": None}, "messages", "invalid_type",
     "Invalid type for 'messages': expected an array of objects, but got null instead."),
    ({"messages": ["ping"]}, "messages[0]", "invalid_type",
     "Invalid type for 'messages[0]': expected an object, but got a string instead."),
    ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "invalid_type",
     "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer "
     "instead."),
    ({"messages": [{"role": 1, "content": "x"}]}, "messages[0].role", "invalid_type",
     "Invalid type for 'messages[0].role': expected one of 'system', 'assistant', 'user', 'function', 'tool', or "
     "'developer', but got an integer instead."),
    ({"prompt_cache_retention": {"a": 1}}, "prompt_cache_retention", "invalid_type",
     "Invalid type for 'prompt_cache_retention': expected one of 'in_memory' or '24h', but got an object instead."),
    ({"metadata": "x"}, "metadata", "invalid_type",
     "Invalid type for 'metadata': expected a metadata object, but got a string instead."),
    ({"metadata": {"k": 7}}, "metadata.k", "invalid_type",
     "Invalid type for 'metadata.k': expected a string, but got an integer instead."),
    ({"stream": "yes"}, "stream", "invalid_type",
     "Invalid type for 'stream': expected a boolean, but got a string instead."),
    ({"stream_options": "x"}, "stream_options", "invalid_type",
     "Invalid type for 'stream_options': expected an object, but got a string instead."),
    ({"modalities": "text"}, "modalities", "invalid_type",
     "Invalid type for 'modalities': expected an array of one of 'text' or 'audio', but got a string instead."),
    ({"logit_bias": {"50256": 0.5}}, "logit_bias.50256", "invalid_type",
     "Invalid type for 'logit_bias.50256': expected an integer, but got a decimal number instead."),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "https://example.com"}]}]},
     "messages[0].content[0].image_url", "invalid_type",
     "Invalid type for 'messages[0].content[0].image_url': expected an object, but got a string instead."),
    # Bounds.
    ({"n": 0}, "n", "integer_below_min_value", number("n", "integer", "below minimum", ">=", 1, "0")),
    ({"n": 129}, "n", "integer_above_max_value", number("n", "integer", "above maximum", "<=", 128, "129")),
    ({"n": 500.0}, "n", "integer_above_max_value", number("n", "integer", "above maximum", "<=", 128, "500")),
    ({"max_completion_tokens": 0}, "max_completion_tokens", "integer_below_min_value",
     number("max_completion_tokens", "integer", "below minimum", ">=", 1, "0")),
    ({"max_tokens": -1}, "max_tokens", "integer_below_min_value",
     number("max_tokens", "integer", "below minimum", ">=", 1, "-1")),
    ({"temperature": 9}, "temperature", "decimal_above_max_value",
     number("temperature", "decimal", "above maximum", "<=", 2, "9")),
    ({"temperature": 100.0}, "temperature", "decimal_above_max_value",
     number("temperature", "decimal", "above maximum", "<=", 2, "100.0")),
    ({"presence_penalty": -3}, "presence_penalty", "decimal_below_min_value",
     number("presence_penalty", "decimal", "below minimum", ">=", -2, "-3")),
    ({"logprobs": True, "top_logprobs": -1}, "top_logprobs", "integer_below_min_value",
     number("top_logprobs", "integer", "below minimum", ">=", 0, "-1")),
    ({"messages": []}, "messages", "empty_array",
     "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."),
    ({"stop": ["a"] * 5}, "stop", "array_above_max_length",
     "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 "
     "instead."),
    ({"safety_identifier": "x" * 65}, "safety_identifier", "string_above_max_length",
     "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, but got a string with "
     "length 65 instead."),
    ({"metadata": {f"k{i}": "v" for i in range(17)}}, "metadata", "object_above_max_properties",
     "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with "
     "17 properties instead."),
    ({"metadata": {"k": "x" * 600}}, "metadata.k", "string_above_max_length",
     "Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got a string with length "
     "600 instead."),
    ({"metadata": {"k" * 70: "v"}}, f"metadata.{'k' * 70}", "property_name_above_max_length",
     "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but got "
     "a string with length 70 instead."),
    # Values.
    ({"verbosity": "bogus"}, "verbosity", "invalid_value",
     "Invalid value: 'bogus'. Supported values are: 'low', 'medium', and 'high'."),
    ({"response_format": {"type": "bogus"}}, "response_format.type", "invalid_value",
     "Invalid value: 'bogus'. Supported values are: 'json_object', 'json_schema', and 'text'."),
    ({"messages": [{"role": "bogus", "content": "x"}]}, "messages[0].role", "invalid_value",
     "Invalid value: 'bogus'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
     "'developer'."),
    ({"messages": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]},
     "messages[0].content[0].type", "invalid_value",
     "Invalid value: 'input_text'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and "
     "'file'."),
    ({"tools": [TOOL], "tool_choice": "bogus"}, "tool_choice", "invalid_value",
     "Invalid value: 'bogus'. Supported values are: 'none', 'auto', and 'required'."),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type", "invalid_value",
     "Invalid value: 'web_search'. Supported values are: 'function' and 'custom'."),
    # What must be there.
    ({"messages": ...}, "messages", "missing_required_parameter", "Missing required parameter: 'messages'."),
    ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter",
     "Missing required parameter: 'messages[0].role'."),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text",
     "missing_required_parameter", "Missing required parameter: 'messages[0].content[0].text'."),
    ({"response_format": {}}, "response_format.type", "missing_required_parameter",
     "Missing required parameter: 'response_format.type'."),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter",
     "Missing required parameter: 'response_format.json_schema'."),
    ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name",
     "missing_required_parameter", "Missing required parameter: 'response_format.json_schema.name'."),
    ({"functions": [{"parameters": {}}]}, "functions[0].name", "missing_required_parameter",
     "Missing required parameter: 'functions[0].name'."),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter",
     "Missing required parameter: 'tools[0].function'."),
    ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name", "missing_required_parameter",
     "Missing required parameter: 'tools[0].function.name'."),
    ({"tools": [TOOL], "tool_choice": {"type": "bogus"}}, "tool_choice.function", "missing_required_parameter",
     "Missing required parameter: 'tool_choice.function'."),
    ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {}}}, "tool_choice.function.name",
     "missing_required_parameter", "Missing required parameter: 'tool_choice.function.name'."),
    ({"functions": [{"name": "f"}], "function_call": {}}, "function_call.name", "missing_required_parameter",
     "Missing required parameter: 'function_call.name'."),
    ({"moderation": {}}, "moderation.model", "missing_required_parameter",
     "Missing required parameter: 'moderation.model'."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "param", "code", "message"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_answered_in_openais_words(changes: dict[str, Any], param: str, code: str, message: str) -> None:
    assert refused(changes) == Failure(status=400, message=message, param=param, code=code)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"messages": ..., "n": "x"}, "messages"),
        ({"messages": [], "functions": 7}, "messages"),
        ({"n": "x", "stop": 7}, "n"),
        ({"n": 0, "metadata": 7}, "n"),
        ({"seed": "x", "service_tier": 7}, "seed"),
        ({"max_completion_tokens": "x", "logprobs": 7}, "max_completion_tokens"),
        ({"stream": "x", "store": 7}, "stream"),
        ({"tools": "x", "top_logprobs": "x"}, "tools"),
        ({"user": 7, "verbosity": 7}, "user"),
        ({"functions": "x", "function_call": 7}, "functions"),
        ({"prompt_cache_options": "x", "prompt_cache_key": 7}, "prompt_cache_options"),
        ({"max_tokens": "x", "store": 7}, "max_tokens"),
        ({"stop": 7, "stream_options": "x"}, "stop"),
        ({"metadata": 7, "prediction": 7}, "metadata"),
        ({"logit_bias": 7, "verbosity": 7}, "logit_bias"),
    ],
)
def test_of_two_mistakes_the_one_openai_reports_is_reported(changes: dict[str, Any], param: str) -> None:
    """The pairs are those that were measured."""
    for body in (changes, dict(reversed(changes.items()))):
        failure = refused(body)
        assert failure is not None
        assert failure.param == param


@pytest.mark.parametrize(
    "changes",
    [
        {"top_k": 40, "min_p": 0.1, "extra_body": {"x": 1}, "repetition_penalty": 1.1, "guided_json": {}},
        {"messages": [{**USER, "cache_control": {"type": "ephemeral"}, "id": 7}]},
        {"n": 1.0, "seed": 5.0, "logit_bias": {"1": -100.0}},
        {"tools": []},
        {"messages": [{"role": "user"}, {"role": "assistant", "content": None}]},
        {"messages": [{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"tool_choice": "none"},
        {"parallel_tool_calls": False},
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_openai_or_others_accept_passes(changes: dict[str, Any]) -> None:
    assert refused(changes) is None


def test_null_stands_for_absence_everywhere() -> None:
    from mockoai.endpoints.chat_request import ChatRequest

    optional = [name for name in ChatRequest.model_fields if name != "messages"]
    assert len(optional) == 35
    assert refused(dict.fromkeys(optional)) is None


def test_an_unknown_key_in_parentheses_is_not_taken_for_a_branch() -> None:
    assert refused({"(array)": 1, "messages": [{**USER, "(text)": 1}]}) is None


def test_checking_does_not_change_the_request() -> None:
    context = asked("chat", {"model": "gpt-4o", "messages": [USER], "n": 2})
    before = dict(context.request.fields)
    assert ENDPOINTS["chat"].check(context) is None
    assert context.request.fields == before
