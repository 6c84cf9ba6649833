"""The unmodified openai SDK for Python does everything an application does with it."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
HELLO: Any = [{"role": "user", "content": "Hello"}]


class Person(BaseModel):
    name: str
    age: int
    friends: list["Person"]


@pytest.fixture
def client(healthy_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=healthy_url, api_key="sk-test", max_retries=0) as client:
        yield client


def test_models_are_listed_and_retrieved(client: OpenAI) -> None:
    models = client.models.list().data
    assert {"gpt-4o", "text-embedding-3-small"} <= {model.id for model in models}
    assert client.models.retrieve(models[0].id) == models[0]
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("no-such-model")
    assert caught.value.code == "model_not_found"


def test_chat_answers_with_usage_and_a_request_id(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model.startswith("gpt-4o-")
    assert answer._request_id is not None
    assert answer._request_id.startswith("req_")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_stream_carries_one_token_in_a_chunk_and_usage_last(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    texts = [chunk.choices[0].delta.content for chunk in chunks[1:-2]]
    assert all(texts)
    assert chunks[-1].usage.completion_tokens == len(texts)


def test_n_choices_are_kept_apart(client: OpenAI) -> None:
    texts = ["", ""]
    for chunk in client.chat.completions.create(model="gpt-4o", messages=HELLO, n=2, stream=True):
        texts[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert all(texts)


def test_logprobs_have_the_tokens_of_the_text(client: OpenAI) -> None:
    choice = client.chat.completions.create(model="gpt-4o", messages=HELLO, logprobs=True, top_logprobs=3).choices[0]
    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    assert "".join(token.token for token in choice.logprobs.content) == choice.message.content
    assert all(len(token.top_logprobs) == 3 and token.logprob <= 0 for token in choice.logprobs.content)


def test_a_tool_call_streams_in_fragments_that_add_up(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="gpt-4o", messages=HELLO, tools=[WEATHER], tool_choice="required"
    ) as stream:
        final = stream.get_final_completion()
    call = final.choices[0].message.tool_calls[0]  # type: ignore[index]
    assert call.id.startswith("call_")
    arguments = json.loads(call.function.arguments)
    assert set(arguments) == {"city", "unit"}
    assert arguments["unit"] in ("C", "F")
    assert final.choices[0].finish_reason == "tool_calls"


def test_an_agent_that_answers_the_call_gets_text(client: OpenAI) -> None:
    first = client.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[WEATHER], tool_choice="required")
    message = first.choices[0].message
    assert message.tool_calls
    result: Any = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny"}
    history: Any = [*HELLO, message.model_dump(exclude_none=True), result]
    second = client.chat.completions.create(model="gpt-4o", messages=history, tools=[WEATHER])
    assert second.choices[0].message.content
    assert second.choices[0].finish_reason == "stop"


def test_structured_output_is_parsed(client: OpenAI) -> None:
    answer = client.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_limits_and_stops_are_kept(client: OpenAI) -> None:
    short = client.chat.completions.create(model="gpt-4o", messages=HELLO, max_completion_tokens=3)
    assert short.choices[0].finish_reason == "length"
    assert short.usage is not None
    assert short.usage.completion_tokens == 3
    whole = client.chat.completions.create(model="gpt-4o", messages=HELLO).choices[0].message.content
    assert whole


def test_legacy_completions_answer_and_stream(client: OpenAI) -> None:
    answer = client.completions.create(model="gpt-3.5-turbo-instruct", prompt=["a", "b"], max_tokens=4)
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert answer.id.startswith("cmpl-")
    chunks = list(client.completions.create(model="gpt-3.5-turbo-instruct", prompt="a", stream=True))
    assert chunks[-1].choices[0].finish_reason in ("stop", "length")
    assert "".join(chunk.choices[0].text for chunk in chunks)


def test_embeddings_come_as_floats_and_base64_alike(client: OpenAI) -> None:
    ask: Any = {"model": "text-embedding-3-small", "input": "a"}
    packed = client.embeddings.create(**ask).data[0].embedding  # the SDK asks for base64 by itself
    plain = client.embeddings.create(**ask, encoding_format="float").data[0].embedding
    assert len(packed) == 1536
    assert packed == pytest.approx(plain, rel=1e-6)
    assert sum(value * value for value in plain) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"temperature": 9}, "decimal_above_max_value"),
        ({"messages": []}, "empty_array"),
        ({"messages": "hello"}, "invalid_type"),
    ],
)
def test_bad_requests_raise_the_sdks_own_error(client: OpenAI, change: Any, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**({"model": "gpt-4o", "messages": HELLO} | change))
    assert caught.value.code == code
    assert caught.value.type == "invalid_request_error"
