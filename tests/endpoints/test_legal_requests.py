"""Every request that OpenAI's schema allows is accepted.

The generators below were written by hand after OpenAI's OpenAPI description (version 2.3.0). ``PROPERTIES`` was made
from it by machine: it lists the properties of every object in the bodies, so that a generator that forgets one fails.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.endpoints import ENDPOINTS, check
from tests.support.rendering import asked

Json = Any
Maker = st.SearchStrategy[Json]

PROPERTIES: dict[str, str] = {
    "chat": "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens "
    "messages metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key "
    "prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier "
    "stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity "
    "web_search_options",
    "completions": "best_of echo frequency_penalty logit_bias logprobs max_tokens model n presence_penalty prompt seed "
    "stop stream stream_options suffix temperature top_p user",
    "embeddings": "dimensions encoding_format input model user",
    "developer message": "content name role",
    "system message": "content name role",
    "user message": "content name role",
    "assistant message": "audio content function_call name refusal role tool_calls",
    "tool message": "content role tool_call_id",
    "function message": "content name role",
    "text part": "prompt_cache_breakpoint text type",
    "image part": "image_url prompt_cache_breakpoint type",
    "image url": "detail url",
    "audio part": "input_audio prompt_cache_breakpoint type",
    "input audio": "data format",
    "file part": "file prompt_cache_breakpoint type",
    "file": "file_data file_id filename",
    "refusal part": "refusal type",
    "breakpoint": "mode",
    "function call": "arguments name",
    "tool call": "function id type",
    "custom tool call": "custom id type",
    "custom call": "input name",
    "audio reference": "id",
    "function tool": "function type",
    "function": "description name parameters strict",
    "custom tool": "custom type",
    "custom": "description format name",
    "text format": "type",
    "grammar format": "grammar type",
    "grammar": "definition syntax",
    "allowed tools choice": "allowed_tools type",
    "allowed tools": "mode tools",
    "function choice": "function type",
    "custom choice": "custom type",
    "named": "name",
    "legacy function": "description name parameters",
    "json schema format": "json_schema type",
    "json schema": "description name schema strict",
    "plain format": "type",
    "audio": "format voice",
    "custom voice": "id",
    "prediction": "content type",
    "stream options": "include_obfuscation include_usage",
    "moderation": "model policy",
    "moderation policy": "input output",
    "moderation mode": "mode",
    "prompt cache options": "mode ttl",
    "web search options": "search_context_size user_location",
    "user location": "approximate type",
    "location": "city country region timezone",
}

MADE: dict[str, set[str]] = {}


def thing(name: str, required: dict[str, Maker] | None = None, optional: dict[str, Maker] | None = None) -> Maker:
    """Make objects called ``name``, and note which properties they may have."""
    required, optional = required or {}, optional or {}
    MADE[name] = {*required, *optional}
    return st.fixed_dictionaries(required, optional=optional)


text = st.text(max_size=8)
short = st.text(min_size=1, max_size=4)
truth = st.booleans()
schemas = st.dictionaries(text, st.none() | truth | st.integers(-9, 9) | text, max_size=2)


def nullable(maker: Maker) -> Maker:
    return st.none() | maker


def one_of(*values: str) -> Maker:
    return st.sampled_from(values)


def integers(low: int, high: int) -> Maker:
    """JSON Schema has one integer, however it is written."""
    return st.integers(low, high) | st.integers(low, min(high, 2**53)).map(float)


def numbers(low: float, high: float) -> Maker:
    return st.floats(low, high) | st.integers(int(low), int(high))


def several(maker: Maker, low: int = 0, high: int = 3) -> Maker:
    return st.lists(maker, min_size=low, max_size=high)


# --- messages ---------------------------------------------------------------------------------------------

breakpoint_ = {"prompt_cache_breakpoint": thing("breakpoint", {"mode": st.just("explicit")})}
text_part = thing("text part", {"type": st.just("text"), "text": text}, breakpoint_)
image_url = thing("image url", {"url": st.just("https://example.com/a.png")}, {"detail": one_of("auto", "low", "high")})
input_audio = thing("input audio", {"data": text, "format": one_of("wav", "mp3")})
file = thing("file", {}, {"filename": text, "file_data": text, "file_id": text})
user_part = (
    text_part
    | thing("image part", {"type": st.just("image_url"), "image_url": image_url}, breakpoint_)
    | thing("audio part", {"type": st.just("input_audio"), "input_audio": input_audio}, breakpoint_)
    | thing("file part", {"type": st.just("file"), "file": file}, breakpoint_)
)
assistant_part = text_part | thing("refusal part", {"type": st.just("refusal"), "refusal": text})
function_call = thing("function call", {"name": text, "arguments": text})


def plain(role: str, part: Maker) -> Maker:
    content = text | several(part, 1)
    return thing(f"{role} message", {"role": st.just(role), "content": content}, {"name": text})


tool_answer = thing(
    "tool message",
    {"role": st.just("tool"), "content": text | several(text_part, 1), "tool_call_id": text},
)
assistant = thing(
    "assistant message",
    {"role": st.just("assistant")},
    {
        "content": nullable(text | several(assistant_part, 1)),
        "refusal": nullable(text),
        "name": text,
        "audio": nullable(thing("audio reference", {"id": text})),
        "tool_calls": several(
            thing("tool call", {"id": short, "type": st.just("function"), "function": function_call})
            | thing(
                "custom tool call",
                {
                    "id": short,
                    "type": st.just("custom"),
                    "custom": thing("custom call", {"name": text, "input": text}),
                },
            )
        ),
        "function_call": nullable(function_call),
    },
)
single = (
    plain("developer", text_part)
    | plain("system", text_part)
    | plain("user", user_part)
    | thing("function message", {"role": st.just("function"), "content": nullable(text), "name": text})
)


@st.composite
def turns(draw: st.DrawFn) -> list[Json]:
    """Make a message, or one of the model with an answer to each of its calls."""
    if not draw(truth):
        return [draw(single)]
    message = draw(assistant)
    answers = [{**draw(tool_answer), "tool_call_id": call["id"]} for call in message.get("tool_calls", [])]
    return [message, *draw(st.permutations(answers))]


messages = several(turns(), 1, 4).map(lambda many: [message for turn in many for message in turn])

# --- chat -------------------------------------------------------------------------------------------------

named = thing("named", {"name": text})
function_tool = thing(
    "function tool",
    {
        "type": st.just("function"),
        "function": thing(
            "function",
            {"name": text},
            {"description": text, "parameters": schemas, "strict": nullable(truth)},
        ),
    },
)
grammar = thing("grammar", {"definition": text, "syntax": one_of("lark", "regex")})
custom_tool = thing(
    "custom tool",
    {
        "type": st.just("custom"),
        "custom": thing(
            "custom",
            {"name": text},
            {
                "description": text,
                "format": thing("text format", {"type": st.just("text")})
                | thing("grammar format", {"type": st.just("grammar"), "grammar": grammar}),
            },
        ),
    },
)
allowed_tools = thing("allowed tools", {"mode": one_of("auto", "required"), "tools": several(schemas)})
tool_choice = (
    one_of("none", "auto", "required")
    | thing("allowed tools choice", {"type": st.just("allowed_tools"), "allowed_tools": allowed_tools})
    | thing("function choice", {"type": st.just("function"), "function": named})
    | thing("custom choice", {"type": st.just("custom"), "custom": named})
)
json_schema = thing("json schema", {"name": text}, {"description": text, "schema": schemas, "strict": nullable(truth)})
response_format = thing("plain format", {"type": one_of("text", "json_object")}) | thing(
    "json schema format", {"type": st.just("json_schema"), "json_schema": json_schema}
)
mode = thing("moderation mode", {"mode": one_of("score", "block")})
location = thing("location", {}, {"country": text, "region": text, "city": text, "timezone": text})
stop = nullable(text | several(text, 1, 4))
logit_bias = nullable(st.dictionaries(text, integers(-100, 100), max_size=2))
penalty = nullable(numbers(-2, 2))
stream_options = nullable(thing("stream options", {}, {"include_usage": truth, "include_obfuscation": truth}))

CHAT_OPTIONS: dict[str, Maker] = {
    "audio": nullable(
        thing(
            "audio",
            {
                "voice": one_of("alloy", "cedar") | text | thing("custom voice", {"id": text}),
                "format": one_of("wav", "aac", "mp3", "flac", "opus", "pcm16"),
            },
        )
    ),
    "frequency_penalty": penalty,
    "function_call": one_of("none", "auto") | named,
    "functions": several(thing("legacy function", {"name": text}, {"description": text, "parameters": schemas}), 1),
    "logit_bias": logit_bias,
    "logprobs": nullable(truth),
    "max_completion_tokens": nullable(integers(1, 10**6)),
    "max_tokens": nullable(integers(1, 10**6)),
    "metadata": nullable(st.dictionaries(text, text, max_size=16)),
    "modalities": nullable(several(one_of("text", "audio"))),
    "moderation": nullable(
        thing(
            "moderation",
            {"model": text},
            {"policy": nullable(thing("moderation policy", {}, {"input": nullable(mode), "output": nullable(mode)}))},
        )
    ),
    "n": nullable(integers(1, 128)),
    "parallel_tool_calls": truth,
    "prediction": nullable(thing("prediction", {"type": st.just("content"), "content": text | several(text_part, 1)})),
    "presence_penalty": penalty,
    "prompt_cache_key": nullable(text),
    "prompt_cache_options": thing(
        "prompt cache options", {}, {"ttl": st.just("30m"), "mode": one_of("implicit", "explicit")}
    ),
    "prompt_cache_retention": nullable(one_of("in_memory", "24h")),
    "reasoning_effort": nullable(one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "response_format": response_format,
    "safety_identifier": nullable(st.text(max_size=64)),
    "seed": nullable(integers(-(2**63), 2**63)),
    "service_tier": nullable(one_of("auto", "default", "flex", "scale", "priority", "fast")),
    "stop": stop,
    "store": nullable(truth),
    "stream": nullable(truth),
    "stream_options": stream_options,
    "temperature": nullable(numbers(0, 2)),
    "tool_choice": tool_choice,
    "tools": several(function_tool | custom_tool),
    "top_logprobs": nullable(integers(0, 20)),
    "top_p": nullable(numbers(0, 1)),
    "user": text,
    "verbosity": nullable(one_of("low", "medium", "high")),
    "web_search_options": thing(
        "web search options",
        {},
        {
            "user_location": nullable(
                thing("user location", {"type": st.just("approximate"), "approximate": location})
            ),
            "search_context_size": one_of("low", "medium", "high"),
        },
    ),
}
any_chat = thing("chat", {"model": short, "messages": messages}, CHAT_OPTIONS)


def consistent(body: Json) -> Json:
    """Make parameters fit each other, where the API asks for it and the schema does not."""
    if body.get("stream_options") is not None:
        body["stream"] = True
    if body.get("top_logprobs") is not None:
        body["logprobs"] = True
    if body.get("tool_choice", "none") != "none" and not body.get("tools"):
        body["tools"] = [{"type": "function", "function": {"name": "f"}}]
    if body.get("response_format") == {"type": "json_object"}:
        body["messages"] = [*body["messages"], {"role": "user", "content": "in JSON"}]
    return body


chat = any_chat.map(consistent)

# --- completions and embeddings ---------------------------------------------------------------------------

tokens = several(integers(0, 10**5), 1)
any_completions = thing(
    "completions",
    {"model": short, "prompt": nullable(text | several(text) | tokens | several(tokens, 1))},
    {
        "best_of": nullable(integers(0, 20)),
        "echo": nullable(truth),
        "frequency_penalty": penalty,
        "logit_bias": logit_bias,
        "logprobs": nullable(integers(0, 5)),
        "max_tokens": nullable(integers(0, 10**6)),
        "n": nullable(integers(1, 128)),
        "presence_penalty": penalty,
        "seed": nullable(integers(-(2**63), 2**63)),
        "stop": stop,
        "stream": nullable(truth),
        "stream_options": stream_options,
        "suffix": nullable(text),
        "temperature": nullable(numbers(0, 2)),
        "top_p": nullable(numbers(0, 1)),
        "user": text,
    },
)
completions = any_completions.map(consistent)
embeddings = thing(
    "embeddings",
    {"model": short, "input": short | several(short, 1) | tokens | several(tokens, 1)},
    {"encoding_format": one_of("float", "base64"), "dimensions": integers(1, 3072), "user": text},
)

# --- the properties ---------------------------------------------------------------------------------------


def test_the_generators_know_every_property_of_the_schema() -> None:
    assert {name: " ".join(sorted(made)) for name, made in MADE.items()} == PROPERTIES


def test_the_request_models_know_every_property_of_the_schema() -> None:
    from mockoai.endpoints.chat_request import ChatRequest
    from mockoai.endpoints.completions_request import CompletionsRequest
    from mockoai.endpoints.embeddings_request import EmbeddingsRequest

    models = {"chat": ChatRequest, "completions": CompletionsRequest, "embeddings": EmbeddingsRequest}
    for name, model in models.items():
        assert {*model.model_fields, "model"} == set(PROPERTIES[name].split())


@given(chat)
def test_every_legal_chat_request_is_accepted(body: Json) -> None:
    assert check(asked("chat", body)) is None


@given(completions)
def test_every_legal_completions_request_is_accepted(body: Json) -> None:
    assert check(asked("completions", body)) is None


@given(embeddings)
def test_every_legal_embeddings_request_is_accepted(body: Json) -> None:
    assert check(asked("embeddings", body)) is None


rubbish = st.recursive(
    st.none() | truth | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text | st.sampled_from(["type", "role"]), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("endpoint", ["chat", "completions", "embeddings"])
@given(data=st.data())
def test_rubbish_is_accepted_or_refused_but_never_breaks_anything(endpoint: str, data: st.DataObject) -> None:
    names = sorted(PROPERTIES[endpoint].split())
    body = data.draw(st.dictionaries(st.sampled_from(names), rubbish, max_size=5))
    failure = ENDPOINTS[endpoint].check(asked(endpoint, body))
    assert failure is None or (failure.status == 400 and failure.message)


@given(data=st.data())
def test_rubbish_inside_a_good_request_is_refused_with_the_place_it_is_at(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CHAT_OPTIONS)))
    body = {"model": "m", "messages": [{"role": "user", "content": "json"}], name: data.draw(rubbish)}
    failure = check(asked("chat", body))
    if failure is not None:
        assert failure.param is not None
        assert failure.param.partition(".")[0].partition("[")[0] == name
