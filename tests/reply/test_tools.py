import json
import re
from typing import Any

import pytest

from mockoai.reply.tools import NO_TOOLS, Choice, arguments_of, choice, custom_input, forced_call, scripted_calls
from mockoai.reply.tools import Tool as Offered
from mockoai.scenario.model import ToolCallReply
from mockoai.seed import Seed


def function(name: str, **parameters: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


CUSTOM = {"type": "custom", "custom": {"name": "run"}}
TOOLS = [function("a"), function("b"), CUSTOM]


@pytest.mark.parametrize(
    ("fields", "forced", "finish"),
    [
        ({}, [], "tool_calls"),
        ({"tools": []}, [], "tool_calls"),
        ({"tools": TOOLS}, [], "tool_calls"),
        ({"tools": TOOLS, "tool_choice": "auto"}, [], "tool_calls"),
        ({"tools": TOOLS, "tool_choice": "none"}, [], "tool_calls"),
        ({"tools": TOOLS, "tool_choice": "required"}, ["a", "b", "run"], "tool_calls"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "b"}}}, ["b"], "stop"),
        ({"tools": TOOLS, "tool_choice": {"type": "custom", "custom": {"name": "run"}}}, ["run"], "stop"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "none"}}}, [], "stop"),
        ({"functions": [{"name": "a"}, {"name": "b"}]}, [], "function_call"),
        ({"functions": [{"name": "a"}, {"name": "b"}], "function_call": "auto"}, [], "function_call"),
        ({"functions": [{"name": "a"}, {"name": "b"}], "function_call": {"name": "b"}}, ["b"], "function_call"),
    ],
)
def test_which_tool_must_be_called(fields: dict[str, Any], forced: list[str], finish: str) -> None:
    found = choice(fields)
    assert [tool.name for tool in found.forced] == forced
    assert found.finish == finish


@pytest.mark.parametrize(("mode", "forced"), [("auto", []), ("required", ["b", "run"])])
def test_allowed_tools(mode: str, forced: list[str]) -> None:
    allowed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "b"}}, CUSTOM]}
    found = choice({"tools": TOOLS, "tool_choice": {"type": "allowed_tools", "allowed_tools": allowed}})
    assert [tool.name for tool in found.forced] == forced
    assert found.finish == "tool_calls"


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": 7, "tool_choice": "required"},
        {"tools": [7, {}, {"function": 7}, {"function": {"name": 7}}], "tool_choice": "required"},
        {"tools": TOOLS, "tool_choice": {"type": "allowed_tools"}},
        {"tools": TOOLS, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": 7}}},
        {"functions": 7, "function_call": {"name": "a"}},
    ],
)
def test_what_is_misshapen_forces_nothing(fields: dict[str, Any]) -> None:
    assert choice(fields).forced == ()


def test_a_forced_call_is_valid() -> None:
    city = function("get_weather", type="object", properties={"city": {"type": "string"}}, required=["city"])
    call = forced_call(choice({"tools": [city], "tool_choice": "required"}), Seed(1), "gpt-4o")
    assert (call.name, call.kind, call.legacy) == ("get_weather", "function", False)
    assert list(json.loads("".join(call.arguments))) == ["city"]
    assert len(call.arguments) > 3
    assert re.fullmatch(r"call_[A-Za-z0-9]{24}", call.id or "")


def test_every_allowed_tool_is_called_some_time() -> None:
    found = choice({"tools": TOOLS, "tool_choice": "required"})
    calls = [forced_call(found, Seed(number), "") for number in range(40)]
    assert {call.name for call in calls} == {"a", "b", "run"}
    assert {call.kind for call in calls if call.name == "run"} == {"custom"}


def test_a_legacy_call_has_no_id() -> None:
    found = choice({"functions": [{"name": "a"}], "function_call": {"name": "a"}})
    call = forced_call(found, Seed(1), "")
    assert (call.id, call.legacy, "".join(call.arguments)) == (None, True, "{}")


@pytest.mark.parametrize("parameters", [None, {}, 7, {"type": "string"}, {"type": "array"}])
def test_arguments_are_always_an_object(parameters: Any) -> None:
    assert arguments_of(Offered("f", {"parameters": parameters}), Seed(1)) == {}


def test_a_custom_tool_gets_text_or_what_its_regex_allows() -> None:
    regex = {"type": "grammar", "grammar": {"syntax": "regex", "definition": r"^move \d$"}}
    lark = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
    unreadable = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "("}}
    assert re.fullmatch(r"move \d", custom_input(Offered("f", {"format": regex}, "custom"), Seed(1)))
    plain = custom_input(Offered("f", {}, "custom"), Seed(1))
    assert plain.endswith(".")
    assert custom_input(Offered("f", {"format": lark}, "custom"), Seed(1)) == plain
    assert custom_input(Offered("f", {"format": unreadable}, "custom"), Seed(1)) == plain


def test_scripted_calls_are_sent_as_they_are() -> None:
    replies = (
        ToolCallReply("a", {"x": [1, "é"]}),
        ToolCallReply("b", '{"broken": ', id="call_mine"),
        ToolCallReply("run", "ls -l"),
        ToolCallReply("not-offered"),
    )
    calls = scripted_calls(replies, choice({"tools": TOOLS}), Seed(1), "")
    assert ["".join(call.arguments) for call in calls] == ['{"x":[1,"é"]}', '{"broken": ', "ls -l", "{}"]
    assert [call.kind for call in calls] == ["function", "function", "custom", "function"]
    assert calls[1].id == "call_mine"
    assert len({call.id for call in calls}) == 4


CITY = {
    "type": "object",
    "properties": {"city": {"enum": ["Oslo"]}},
    "required": ["city"],
    "additionalProperties": False,
}


def offer(*names: str) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": name, "parameters": CITY}} for name in names]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"tools": offer("x", "y", "z")}, ["x", "y"]),
        ({"tools": offer("x")}, ["x", "x"]),
        ({"tools": offer("x", "y"), "tool_choice": {"type": "function", "function": {"name": "y"}}}, ["y", "y"]),
        ({"tools": offer("x", "y"), "tool_choice": "required"}, ["x", "y"]),
        ({"functions": [{"name": "old", "parameters": CITY}]}, ["old"]),
    ],
)
def test_calls_without_a_name_are_of_the_tools_that_are_offered(fields: dict[str, Any], names: list[str]) -> None:
    calls = scripted_calls((ToolCallReply(), ToolCallReply()), choice(fields), Seed(1), "")
    assert [call.name for call in calls] == names
    assert {"".join(call.arguments) for call in calls} == {'{"city":"Oslo"}'}


def test_a_call_with_a_name_is_not_counted_among_those_without() -> None:
    replies = (ToolCallReply("y"), ToolCallReply(arguments={"a": 1}), ToolCallReply())
    calls = scripted_calls(replies, choice({"tools": offer("x", "y")}), Seed(1), "")
    assert [(call.name, "".join(call.arguments)) for call in calls] == [
        ("y", '{"city":"Oslo"}'),
        ("x", '{"a":1}'),
        ("y", '{"city":"Oslo"}'),
    ]


def test_a_call_without_a_name_where_nothing_is_offered() -> None:
    (call,) = scripted_calls((ToolCallReply(),), NO_TOOLS, Seed(1), "")
    assert (call.name, call.arguments, call.kind) == ("get_weather", ("{}",), "function")


def test_arguments_that_are_given_are_sent_even_if_they_are_empty() -> None:
    for given, sent in (({}, "{}"), ("", ""), ([], "[]"), (0, "0")):
        (call,) = scripted_calls((ToolCallReply("x", given),), choice({"tools": offer("x")}), Seed(1), "")
        assert "".join(call.arguments) == sent


def test_a_custom_tool_without_a_name() -> None:
    tools = [{"type": "custom", "custom": {"name": "run"}}]
    (call,) = scripted_calls((ToolCallReply(),), choice({"tools": tools}), Seed(1), "")
    assert (call.name, call.kind) == ("run", "custom")
    assert "".join(call.arguments).endswith(".")


def test_of_scripted_legacy_calls_only_one_is_sent() -> None:
    replies = (ToolCallReply("a"), ToolCallReply("b"))
    (call,) = scripted_calls(replies, Choice(finish="function_call"), Seed(1), "")
    assert (call.name, call.id, call.legacy) == ("a", None, True)
    assert len(scripted_calls(replies, NO_TOOLS, Seed(1), "")) == 2


@pytest.mark.parametrize("choice_given", ["required", {"type": "function", "function": {"name": "b"}}])
@pytest.mark.parametrize("role", ["tool", "function"])
def test_a_conversation_that_ends_in_a_result_forces_no_call(choice_given: Any, role: str) -> None:
    asked = {"tools": TOOLS, "tool_choice": choice_given, "messages": [{"role": "user", "content": "x"}]}
    answered = {**asked, "messages": [*asked["messages"], {"role": role, "content": "21"}]}
    assert choice(asked).forced
    assert not choice(answered).forced
    assert choice(answered).tools == choice(asked).tools
