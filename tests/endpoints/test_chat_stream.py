"""The chunks of a streamed chat completion, held against recorded ones."""

import json
import string
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends.openai import OpenAI
from mockoai.plan.context import Context
from mockoai.plan.items import (
    DONE,
    Event,
    Finish,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from mockoai.seed import Seed
from mockoai.wire.sse import encode_json
from tests.support.rendering import asked, rendered

# Recorded on api.openai.com in July 2026: gpt-4o-mini, with ``include_usage``. Only the usage details are written here
# once for both.
DETAILS = (
    '"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,'
    '"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}'
)
TEXT_HEAD = (
    '{"id":"chatcmpl-Dx0Xq5Xx9rHB2ehcHZCRDsnuymUXc","object":"chat.completion.chunk","created":1782955818,'
    '"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_d0469e1700",'
)
TEXT_RECORDING = (
    TEXT_HEAD + '"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,'
    '"finish_reason":null}],"usage":null,"obfuscation":"HM7mrUsjk"}',
    TEXT_HEAD + '"choices":[{"index":0,"delta":{"content":"The"},"logprobs":null,"finish_reason":null}],"usage":null,'
    '"obfuscation":"auU6fTns"}',
    TEXT_HEAD + '"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null,'
    '"obfuscation":"RTaww"}',
    TEXT_HEAD + '"choices":[],"usage":{"prompt_tokens":78,"completion_tokens":9,"total_tokens":87,' + DETAILS + "},"
    '"obfuscation":"dhWUdLZO659"}',
)
CALL_HEAD = TEXT_HEAD.replace("q5Xx9rHB2ehcHZCRDsnuymUXc", "pqH8w09uBXwq1zFGYdETjtnEl").replace("5818", "5817")
CALL_RECORDING = (
    CALL_HEAD + '"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":'
    '"call_ZR5UUuTt3pf61kjwAJIYdVMj","type":"function","function":{"name":"get_capital","arguments":""}}],'
    '"refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"C63r"}',
    CALL_HEAD + '"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\""}}]},'
    '"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"qfQVOwfh62oUst"}',
    CALL_HEAD + '"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"country"}}]},'
    '"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"UqdZk18gUR"}',
    CALL_HEAD + '"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null,'
    '"obfuscation":"VskHzNI7KMRUodI"}',
    CALL_HEAD + '"choices":[],"usage":{"prompt_tokens":53,"completion_tokens":15,"total_tokens":68,' + DETAILS + "},"
    '"obfuscation":"khVgg3RsaN"}',
)
# Recorded in March 2026 without ``include_usage``.
PLAIN_HEAD = (
    '{"id":"chatcmpl-DPTCSiILDqSfGEsai0LaZHmgPpD0W","object":"chat.completion.chunk","created":1774962816,'
    '"model":"gpt-3.5-turbo-0125","service_tier":"default","system_fingerprint":null,'
)
PLAIN_RECORDING = (
    PLAIN_HEAD + '"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,'
    '"finish_reason":null}],"obfuscation":"OtnVC"}',
    PLAIN_HEAD + '"choices":[{"index":0,"delta":{"content":"1"},"logprobs":null,"finish_reason":null}],'
    '"obfuscation":"pG3Dfl"}',
    PLAIN_HEAD + '"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"obfuscation":"0"}',
)

USAGE = {"stream_options": {"include_usage": True}}
BARE = {"stream_options": {"include_obfuscation": False}}


def stream(fields: Any = None, **more: Any) -> Context:
    return asked(
        "chat",
        {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}], "stream": True, **(fields or {})},
        **more,
    )


def chunks(parts: Iterable[Part], fields: Any = BARE, **more: Any) -> list[Any]:
    """The payloads of all chunks, without ``[DONE]``."""
    events = rendered(parts, stream(fields, **more))
    assert events[-1].payload is DONE
    return [event.payload for event in events[:-1]]


def choices(parts: Iterable[Part], fields: Any = BARE, **more: Any) -> list[Any]:
    """What the chunks say about their choices, in short."""
    found = []
    for payload in chunks(parts, fields, **more):
        (choice,) = payload["choices"]
        assert list(choice) == ["index", "delta", "logprobs", "finish_reason"]
        found.append(choice)
    return found


def deltas(parts: Iterable[Part], fields: Any = BARE, **more: Any) -> list[Any]:
    return [choice["delta"] for choice in choices(parts, fields, **more)]


def comparable(line: bytes | str) -> str:
    """One chunk with what is made up at random masked, length for length."""
    chunk = orjson.loads(line)
    if chunk["system_fingerprint"] is not None:
        chunk["system_fingerprint"] = "fp_" + "#" * (len(chunk["system_fingerprint"]) - 3)
    chunk["obfuscation"] = "#" * len(chunk["obfuscation"])
    return orjson.dumps(chunk).decode()


@pytest.mark.parametrize(
    ("recording", "parts"),
    [
        pytest.param(
            TEXT_RECORDING,
            (Role(), Text(text="The"), Finish(reason="stop"), Usage(prompt=78, completion=9)),
            id="text",
        ),
        pytest.param(
            CALL_RECORDING,
            (
                Role(),
                ToolCall(id="call_ZR5UUuTt3pf61kjwAJIYdVMj", name="get_capital"),
                ToolCall(arguments='{"'),
                ToolCall(arguments="country"),
                Finish(reason="tool_calls"),
                Usage(prompt=53, completion=15),
            ),
            id="call",
        ),
    ],
)
def test_streams_are_as_recorded(recording: tuple[str, ...], parts: tuple[Part, ...]) -> None:
    first = orjson.loads(recording[0])
    context = stream(USAGE, id=first["id"], now=first["created"] + 0.9)
    lines = [encode_json(event.payload) for event in rendered(parts, context)[:-1]]
    assert [comparable(line) for line in lines] == [comparable(line) for line in recording]


def test_without_include_usage_there_is_no_usage_key_and_no_usage_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockoai.endpoints.chat_stream.system_fingerprint", lambda model: None)
    first = orjson.loads(PLAIN_RECORDING[0])
    context = stream(id=first["id"], now=first["created"], model=first["model"])
    parts = (Role(), Text(text="1"), Finish(reason="stop"), Usage(prompt=1, completion=1))
    lines = [encode_json(event.payload) for event in rendered(parts, context)[:-1]]
    assert [comparable(line) for line in lines] == [comparable(line) for line in PLAIN_RECORDING]


def test_fingerprints_are_like_openais_and_constant_for_a_model() -> None:
    one, same, other = (
        chunks([Role()], model=model)[0]["system_fingerprint"] for model in ("gpt-4o", "gpt-4o", "gpt-4.1")
    )
    assert one == same != other
    assert one.startswith("fp_")
    assert len(one) == 13
    assert set(one[3:]) <= set(string.hexdigits.lower())


def test_the_stream_ends_with_done() -> None:
    last = rendered([Role(at=1.0), Finish(reason="stop", at=2.5, tokens=7, faults=("drop",))], stream())[-1]
    assert (last.payload, last.mark, last.at, last.tokens, last.faults) == (DONE, "done", 2.5, 7, ())


def test_an_empty_reply_is_done_at_once() -> None:
    assert rendered([], stream()) == [Event(payload=DONE, mark="done")]


# --- padding ----------------------------------------------------------------------------------------------


def test_padding_can_be_switched_off() -> None:
    parts = (Role(), Text(text="hi"), Finish(reason="stop"), Usage())
    assert all("obfuscation" not in chunk for chunk in chunks(parts, BARE))
    both = {"stream_options": {"include_usage": True, "include_obfuscation": False}}
    assert [list(chunk)[-1] for chunk in chunks(parts, both)] == ["usage"] * 4
    on = {"stream_options": {"include_obfuscation": True}}
    assert all(list(chunk)[-1] == "obfuscation" for chunk in chunks(parts, on))


@given(
    texts=st.lists(st.text(), min_size=1, max_size=30),
    usage=st.booleans(),
    numbers=st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)),
)
def test_chunks_have_sizes_that_tell_little(texts: list[str], usage: bool, numbers: tuple[int, int]) -> None:
    parts = [Role(), *(Text(text=text) for text in texts), Finish(reason="stop")]
    parts.append(Usage(prompt=numbers[0], completion=numbers[1]))
    fields = USAGE if usage else {}
    for chunk in chunks(parts, fields):
        assert len(encode_json(chunk)) % 16 == 1
        assert len(chunk["obfuscation"]) < 16
        assert set(chunk["obfuscation"]) <= set(string.ascii_letters + string.digits)


def test_padding_comes_from_the_content_seed_alone() -> None:
    parts = (Role(), *(Text(text=text) for text in "abcdef"), Finish(reason="stop"))
    first = chunks(parts, {}, seed=Seed("one"), content=Seed("same"))
    assert first == chunks(parts, {}, seed=Seed("two"), content=Seed("same"))
    assert first != chunks(parts, {}, seed=Seed("one"), content=Seed("other"))


# --- choices ----------------------------------------------------------------------------------------------


def test_choices_come_as_their_parts_do() -> None:
    parts = [
        Role(choice=0),
        Role(choice=1),
        Text(text="a", choice=0),
        Text(text="b", choice=1),
        Finish(reason="stop", choice=1),
        Finish(reason="length", choice=0),
    ]
    assert [(one["index"], one["delta"], one["finish_reason"]) for one in choices(parts)] == [
        (0, {"role": "assistant", "content": "", "refusal": None}, None),
        (1, {"role": "assistant", "content": "", "refusal": None}, None),
        (0, {"content": "a"}, None),
        (1, {"content": "b"}, None),
        (1, {}, "stop"),
        (0, {}, "length"),
    ]


@pytest.mark.parametrize(
    ("asked_for", "answered"),
    [
        (None, "default"),
        ("auto", "default"),
        ("default", "default"),
        ("flex", "flex"),
        ("scale", "scale"),
        ("priority", "priority"),
        ("fast", "priority"),
    ],
)
def test_the_service_tier_is_the_one_asked_for(asked_for: str | None, answered: str) -> None:
    parts = [Role(), Finish(reason="stop")]
    assert {chunk["service_tier"] for chunk in chunks(parts, {"service_tier": asked_for})} == {answered}


def test_a_refusal_is_said_in_its_own_key() -> None:
    parts = [Role(), Refusal(text="I'm"), Refusal(text=" sorry"), Finish(reason="stop")]
    assert deltas(parts)[1:] == [{"refusal": "I'm"}, {"refusal": " sorry"}, {}]


def test_log_probabilities_are_shown_with_their_tokens() -> None:
    token = TokenLogprob(token="é", logprob=-0.25, top=(("é", -0.25), ("e", -1.5)))
    parts = [Role(), Text(text="é", logprob=token), Refusal(text="é", logprob=token), Finish(reason="stop")]
    shown = {
        "token": "é",
        "logprob": -0.25,
        "bytes": [195, 169],
        "top_logprobs": [
            {"token": "é", "logprob": -0.25, "bytes": [195, 169]},
            {"token": "e", "logprob": -1.5, "bytes": [101]},
        ],
    }
    assert [choice["logprobs"] for choice in choices(parts, {**BARE, "logprobs": True})] == [
        {"content": [], "refusal": None},
        {"content": [shown], "refusal": None},
        {"content": None, "refusal": [shown]},
        None,
    ]


# --- calls ------------------------------------------------------------------------------------------------


def test_before_several_calls_the_role_stands_alone() -> None:
    parts = [
        Role(),
        ToolCall(index=0, id="call_A", name="f"),
        ToolCall(index=0, arguments="{}"),
        ToolCall(index=1, id="call_B", name="g"),
        ToolCall(index=1, arguments="{}"),
        Finish(reason="tool_calls"),
    ]
    assert deltas(parts) == [
        {"role": "assistant", "content": None},
        {"tool_calls": [{"index": 0, "id": "call_A", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
        {"tool_calls": [{"index": 1, "id": "call_B", "type": "function", "function": {"name": "g", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
        {},
    ]


def test_after_text_a_call_has_a_chunk_of_its_own() -> None:
    parts = [Role(), Text(text="Sure"), ToolCall(id="call_A", name="f"), Finish(reason="tool_calls")]
    assert [list(delta) for delta in deltas(parts)] == [["role", "content", "refusal"], ["content"], ["tool_calls"], []]


def test_each_choice_opens_in_its_own_way() -> None:
    parts = [
        Role(choice=0),
        Role(choice=1),
        ToolCall(choice=0, id="call_A", name="f"),
        Text(choice=1, text="No"),
        ToolCall(choice=1, id="call_B", name="f"),
    ]
    assert [(one["index"], list(one["delta"])) for one in choices(parts)] == [
        (1, ["role", "content", "refusal"]),
        (0, ["role", "content", "tool_calls", "refusal"]),
        (1, ["content"]),
        (1, ["tool_calls"]),
    ]


def test_a_role_said_with_its_call_keeps_what_both_parts_bring() -> None:
    parts = [
        Role(at=0.5, tokens=0, faults=("late",)),
        ToolCall(at=0.25, tokens=1, id="call_A", name="f", faults=("late", "odd")),
    ]
    first = rendered(parts, stream())[0]
    assert (first.at, first.tokens, first.mark, first.faults) == (0.5, 1, "role", ("late", "odd"))


def test_a_legacy_call_is_a_function_call() -> None:
    parts = [
        Role(),
        ToolCall(name="f", legacy=True),
        ToolCall(arguments="{}", legacy=True),
        Finish(reason="function_call"),
    ]
    assert deltas(parts) == [
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": "f", "arguments": ""},
            "refusal": None,
        },
        {"function_call": {"arguments": "{}"}},
        {},
    ]


def test_a_call_of_a_custom_tool_has_input() -> None:
    parts = [Text(text="x"), ToolCall(id="call_A", name="f", kind="custom"), ToolCall(kind="custom", arguments="1+1")]
    assert deltas(parts)[1:] == [
        {"tool_calls": [{"index": 0, "id": "call_A", "type": "custom", "custom": {"name": "f", "input": ""}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": "1+1"}}]},
    ]


# --- reasoning --------------------------------------------------------------------------------------------


class Thinking(OpenAI):
    reasoning_field = "reasoning_content"


REASONED = [Role(), Reasoning(text="Hm"), Text(text="Yes"), Finish(reason="stop")]


def test_reasoning_does_not_show() -> None:
    assert [list(delta) for delta in deltas(REASONED)] == [["role", "content", "refusal"], ["content"], []]


def test_reasoning_shows_under_the_name_a_backend_gives_it() -> None:
    assert deltas(REASONED, backend=Thinking())[1:3] == [{"reasoning_content": "Hm"}, {"content": "Yes"}]


def test_reasoning_that_shows_comes_before_the_call() -> None:
    parts = [Role(), Reasoning(text="Hm"), ToolCall(id="call_A", name="f")]
    hidden, shown = deltas(parts), deltas(parts, backend=Thinking())
    assert [list(delta) for delta in hidden] == [["role", "content", "tool_calls", "refusal"]]
    assert [list(delta) for delta in shown] == [["role", "content", "refusal"], ["reasoning_content"], ["tool_calls"]]


# --- odd parts --------------------------------------------------------------------------------------------


def test_events_take_their_place_from_their_parts() -> None:
    parts: list[Part] = [
        Role(at=0.1, tokens=0),
        Text(text="a", at=0.2, tokens=1, faults=("x",)),
        Text(text="b", at=0.3, tokens=2, logprob=TokenLogprob("b", -1.0)),
        Finish(reason="stop", at=0.4, tokens=2, faults=("y",)),
        Usage(at=0.5, tokens=2, faults=("z", "x")),
    ]
    events = rendered(parts, stream(USAGE))[:-1]
    assert [(one.at, one.tokens, one.mark, one.faults) for one in events] == [
        (part.at, part.tokens, part.mark, part.faults) for part in parts
    ]


def test_what_is_said_twice_is_rendered_twice() -> None:
    parts = [Role(), Role(role="tool"), Text(text="a"), Finish(reason="stop"), Finish(reason="length"), Text(text="b")]
    assert [(one["delta"], one["finish_reason"]) for one in choices(parts)] == [
        ({"role": "assistant", "content": "", "refusal": None}, None),
        ({"role": "tool", "content": "", "refusal": None}, None),
        ({"content": "a"}, None),
        ({}, "stop"),
        ({}, "length"),
        ({"content": "b"}, None),
    ]


def test_calls_without_id_name_or_role_are_rendered_as_they_are() -> None:
    parts = [ToolCall(index=-1, arguments="{"), ToolCall(index=7, id="call_A"), ToolCall(index=7, name="f")]
    assert deltas(parts) == [
        {"tool_calls": [{"index": -1, "function": {"arguments": "{"}}]},
        {"tool_calls": [{"index": 7, "id": "call_A", "type": "function", "function": {"arguments": ""}}]},
        {"tool_calls": [{"index": 7, "type": "function", "function": {"name": "f", "arguments": ""}}]},
    ]


PARTS: tuple[Part, ...] = (
    Role(),
    Role(role=""),
    Text(text="a"),
    Text(text="\ud83d"),
    Text(text="b", logprob=TokenLogprob("\ud83d", -1.0)),
    Reasoning(text="hm"),
    Refusal(text="no"),
    ToolCall(id="call_A", name="f"),
    ToolCall(arguments="{"),
    ToolCall(index=1, id=""),
    ToolCall(index=-3, kind="custom", name=""),
    ToolCall(legacy=True, name="g"),
    Finish(reason="stop"),
    Finish(reason=""),
    Usage(),
    Usage(prompt=2**70, extra=(("total_tokens", None), ("more", [1]))),
    Part(),
)


@given(
    parts=st.lists(
        st.builds(lambda part, choice: replace(part, choice=choice), st.sampled_from(PARTS), st.integers(-1, 2)),
        max_size=12,
    ),
    fields=st.sampled_from([{}, USAGE, BARE, {"logprobs": True}]),
    backend=st.sampled_from([OpenAI(), Thinking()]),
)
def test_any_parts_in_any_order_are_rendered(parts: list[Part], fields: Any, backend: OpenAI) -> None:
    events = rendered(parts, stream(fields, backend=backend))
    assert [event.payload is DONE for event in events] == [False] * (len(events) - 1) + [True]
    for event in events[:-1]:
        line = encode_json(event.payload)
        assert json.loads(line)["object"] == "chat.completion.chunk"
        assert "obfuscation" not in event.payload or len(line) % 16 == 1
    said = "".join(part.text for part in parts if isinstance(part, Text))
    heard = "".join(
        choice["delta"].get("content") or "" for event in events[:-1] for choice in event.payload["choices"]
    )
    assert heard == said
