import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockoai.plan.items import Finish, Reasoning, Refusal, Role, Text, ToolCall, Usage
from mockoai.reply.prose import SENTENCES
from mockoai.scenario.model import Lorem, Reply, ToolCallReply, UsageReply
from tests.support.composing import USER, arguments, ask, counted, reason, text, usage

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}},
            "required": ["city"],
        },
    },
}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
LEGACY = {"functions": [WEATHER["function"]]}


def test_a_healthy_answer() -> None:
    parts = ask()
    assert [type(part) for part in parts] == [Role, *[Text] * (len(parts) - 3), Finish, Usage]
    assert [part.tokens for part in parts] == [0, *range(1, len(parts) - 2), len(parts) - 3, len(parts) - 3]
    assert any(sentence in text(parts) for sentence in SENTENCES)
    assert reason(parts) == "stop"
    assert usage(parts) == Usage(tokens=len(parts) - 3, prompt=3 + 3 + 1 + 7, completion=len(parts) - 3)
    assert {part.at for part in parts} == {0.0}


def test_the_answer_depends_on_the_request_and_the_seed_alone() -> None:
    assert ask() == ask()
    assert len({text(ask(seed=seed)) for seed in range(20)}) > 10
    assert text(ask(user="a")) != text(ask(user="b"))


def test_scripted_text() -> None:
    parts = ask(Reply(text="It is 21 degrees."))
    assert text(parts) == "It is 21 degrees."
    assert usage(parts).completion == 6


def test_an_empty_text_is_an_answer() -> None:
    parts = ask(Reply(text=""))
    assert [type(part) for part in parts] == [Role, Finish, Usage]
    assert usage(parts).completion == 0


def test_a_cut_of_its_own() -> None:
    parts = ask(Reply(text="It is 21.", tokens=("It i", "s 21", ".")))
    assert [part.text for part in parts if isinstance(part, Text)] == ["It i", "s 21", "."]
    assert text(ask(Reply(tokens=("a", "b")))) == "ab"


def test_echo_repeats_the_last_user_message() -> None:
    assert text(ask(Reply(echo=True))) == USER[0]["content"]
    parts: Any = [
        {"type": "text", "text": "one"},
        {"type": "image_url", "image_url": {}},
        {"type": "text", "text": "two"},
    ]
    said = [{"role": "user", "content": parts}, {"role": "assistant", "content": "x"}]
    assert text(ask(Reply(echo=True), messages=said)) == "one\ntwo"
    assert text(ask(Reply(echo=True), messages=[{"role": "system", "content": "x"}])) == ""


def test_lorem() -> None:
    parts = ask(Reply(lorem=Lorem(33)))
    assert usage(parts).completion == 33
    assert text(parts)[0].isupper()


def test_json() -> None:
    assert text(ask(Reply(json={"a": [1, None, "é"]}))) == '{"a":[1,null,"é"]}'


def test_a_refusal() -> None:
    parts = ask(Reply(refusal="I cannot help with that."))
    assert {type(part) for part in parts} == {Role, Refusal, Finish, Usage}
    assert text(parts) == "I cannot help with that."
    assert reason(parts) == "stop"


def test_reasoning_comes_first_and_is_counted() -> None:
    parts = ask(Reply(reasoning="Let me think.", text="Yes."))
    kinds = [type(part) for part in parts]
    assert kinds == [Role, *[Reasoning] * 4, *[Text] * 2, Finish, Usage]
    assert (usage(parts).completion, usage(parts).reasoning) == (6, 4)
    assert text(ask(Reply(reasoning="Hm."))) == text(ask())


def test_tool_calls_one_after_the_other() -> None:
    calls = (ToolCallReply("get_weather", {"city": "Paris"}), ToolCallReply("get_time", id="call_2"))
    parts = ask(Reply(text="One moment.", tool_calls=calls), tools=[WEATHER])
    fragments = [part for part in parts if isinstance(part, ToolCall)]
    assert [part.index for part in fragments] == sorted(part.index for part in fragments)
    assert [(part.index, part.name) for part in fragments if part.name] == [(0, "get_weather"), (1, "get_time")]
    assert arguments(parts, 0) == '{"city":"Paris"}'
    assert arguments(parts, 1) == "{}"
    assert text(parts) == "One moment."
    assert reason(parts) == "tool_calls"
    assert parts.index(fragments[0]) > max(n for n, part in enumerate(parts) if isinstance(part, Text))


def test_tool_calls_alone_have_no_text() -> None:
    assert not any(isinstance(part, Text) for part in ask(Reply(tool_calls=(ToolCallReply("f"),))))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tools": [WEATHER], "tool_choice": "required"}, "tool_calls"),
        ({"tools": [WEATHER], "tool_choice": NAMED}, "stop"),
        (
            {
                "tools": [WEATHER],
                "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NAMED]}},
            },
            "tool_calls",
        ),
        ({**LEGACY, "function_call": {"name": "get_weather"}}, "function_call"),
    ],
)
def test_a_tool_that_must_be_called_is_called(fields: dict[str, Any], expected: str) -> None:
    parts = ask(**fields)
    head = next(part for part in parts if isinstance(part, ToolCall))
    legacy = "functions" in fields
    assert (head.name, head.legacy, head.arguments) == ("get_weather", legacy, "")
    assert head.id is None if legacy else re.fullmatch("call_[A-Za-z0-9]{24}", head.id or "")
    Draft202012Validator(WEATHER["function"]["parameters"]).validate(json.loads(arguments(parts)))
    assert reason(parts) == expected
    assert text(parts) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [WEATHER]},
        {"tools": [WEATHER], "tool_choice": "auto"},
        {"tools": [WEATHER], "tool_choice": "none"},
        {**LEGACY, "function_call": "auto"},
        {"tools": [WEATHER], "messages": [*USER, {"role": "tool", "tool_call_id": "call_1", "content": "21"}]},
    ],
)
def test_a_tool_that_may_be_called_is_not(fields: dict[str, Any]) -> None:
    parts = ask(**fields)
    assert text(parts)
    assert reason(parts) == "stop"


def test_a_scripted_call_of_the_named_tool_stops() -> None:
    call = Reply(tool_calls=(ToolCallReply("get_weather"),))
    assert reason(ask(call, tools=[WEATHER], tool_choice=NAMED)) == "stop"
    assert reason(ask(call, **LEGACY)) == "function_call"


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def test_structured_output_is_valid() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": SCHEMA}}
    for seed in range(20):
        parts = ask(response_format=wanted, seed=seed)
        Draft202012Validator(SCHEMA).validate(json.loads(text(parts)))
        assert reason(parts) == "stop"


@pytest.mark.parametrize("wanted", [{"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "x"}}])
def test_json_mode_gives_an_object(wanted: Any) -> None:
    assert isinstance(json.loads(text(ask(response_format=wanted))), dict)


def test_text_format_gives_text() -> None:
    assert text(ask(response_format={"type": "text"})).endswith(".")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit(name: str) -> None:
    parts = ask(Reply(text="It is 21 degrees in Paris."), **{name: 3})
    assert text(parts) == "It is "
    assert (reason(parts), usage(parts).completion) == ("length", 3)
    assert reason(ask(Reply(text="It is 21 degrees."), **{name: 6})) == "stop"


def test_the_newer_limit_counts() -> None:
    assert usage(ask(max_tokens=9, max_completion_tokens=2)).completion == 2
    assert usage(ask(max_tokens=3, max_completion_tokens=None)).completion == 3


def test_a_limit_on_reasoning_leaves_no_answer() -> None:
    parts = ask(Reply(reasoning="Let me think.", text="Yes."), max_completion_tokens=3)
    assert text(parts) == ""
    assert (reason(parts), usage(parts).reasoning) == ("length", 3)


@pytest.mark.parametrize("stop", [" degrees", ["Paris", "degr"], " deg"])
def test_stop(stop: Any) -> None:
    parts = ask(Reply(text="It is 21 degrees in Paris."), stop=stop)
    assert "degr" not in text(parts)
    assert text(parts).startswith("It is 21")
    assert reason(parts) == "stop"


def test_several_choices() -> None:
    parts = ask(n=3)
    assert [part.choice for part in parts[:6]] == [0, 1, 2, 0, 1, 2]
    assert len({text(parts, choice) for choice in range(3)}) > 1
    assert [reason(parts, choice) for choice in range(3)] == ["stop"] * 3
    assert sum(isinstance(part, Usage) for part in parts) == 1
    assert usage(parts).completion == counted(parts)


def test_the_scenario_says_how_many_choices() -> None:
    parts = ask(Reply(choices=2, text="Hi"), n=5)
    assert {part.choice for part in parts if isinstance(part, Role)} == {0, 1}


def test_logprobs() -> None:
    parts = ask(Reply(text="It is."), logprobs=True, top_logprobs=2)
    tokens = [part for part in parts if isinstance(part, Text)]
    assert [part.logprob.token for part in tokens if part.logprob] == ["It", " is", "."]
    assert {len(part.logprob.top) for part in tokens if part.logprob} == {2}
    bare = ask(Reply(refusal="No."), logprobs=True)
    assert [part.logprob.top for part in bare if isinstance(part, Refusal) and part.logprob] == [(), ()]
    assert all(part.logprob is None for part in ask(logprobs=False, top_logprobs=None) if isinstance(part, Text))


def test_finish_and_usage_can_be_said() -> None:
    said = UsageReply(prompt_tokens=1, completion_tokens=2, reasoning_tokens=3, cached_tokens=4)
    parts = ask(Reply(text="Hi", finish="content_filter", usage=said))
    assert reason(parts) == "content_filter"
    last = usage(parts)
    assert (last.prompt, last.completion, last.reasoning, last.cached) == (1, 2, 3, 4)
    assert last.tokens == 1
    some = usage(ask(Reply(text="Hi", usage=UsageReply(cached_tokens=9))))
    assert (some.completion, some.cached) == (1, 9)


def test_tools_count_into_the_prompt() -> None:
    assert usage(ask(tools=[WEATHER])).prompt > usage(ask()).prompt
    assert usage(ask(**LEGACY)).prompt == usage(ask(tools=[WEATHER])).prompt


REPLIES = st.builds(
    Reply,
    text=st.none() | st.text("ab é.\n", max_size=20),
    reasoning=st.none() | st.text("xy ", max_size=9),
    refusal=st.none() | st.none() | st.just("No way."),
    tool_calls=st.lists(
        st.builds(ToolCallReply, st.just("f"), st.dictionaries(st.text("ab"), st.integers())), max_size=2
    ).map(tuple),
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(1, 3),
        "max_tokens": st.integers(1, 20),
        "max_completion_tokens": st.none() | st.integers(1, 20),
        "stop": st.none() | st.text("ab .", max_size=2) | st.lists(st.text("ab .", min_size=1, max_size=2), max_size=4),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 5),
        "tools": st.just([WEATHER]),
        "tool_choice": st.sampled_from(["auto", "none", "required", NAMED]),
        "seed": st.integers(0, 9),
        "model": st.sampled_from(["gpt-4o", "gpt-4", "o1", "any"]),
        "response_format": st.sampled_from([{"type": "json_object"}, {"type": "text"}]),
    },
)


@settings(max_examples=300)
@given(st.none() | REPLIES, REQUESTS)
def test_every_answer_adds_up(reply: Reply | None, request: dict[str, Any]) -> None:
    parts = ask(reply, **request)
    assert parts == ask(reply, **request)
    last = usage(parts)
    assert last.completion == last.tokens == counted(parts)
    assert [part.tokens for part in parts] == sorted(part.tokens for part in parts)
    limit = request.get("max_completion_tokens") or request.get("max_tokens")
    stops = request.get("stop") or []
    stops = [stops] if isinstance(stops, str) else stops
    for choice in range(request.get("n", 1)):
        mine = tuple(part for part in parts if part.choice == choice and not isinstance(part, Usage))
        assert isinstance(mine[0], Role)
        assert isinstance(mine[-1], Finish)
        assert limit is None or counted(mine) <= limit
        assert not any(stop in text(parts, choice) for stop in stops)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "x", [{}], {"type": 1}])
            for name in (
                "messages", "n", "max_tokens", "max_completion_tokens", "stop", "logprobs", "top_logprobs", "tools",
                "tool_choice", "functions", "function_call", "response_format",
            )
        },
    )
)  # fmt: skip
def test_odd_values_that_got_through_do_no_harm(fields: dict[str, Any]) -> None:
    assert usage(ask(**fields)).completion >= 0
