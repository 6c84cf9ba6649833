"""What FastChat does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, MESSAGES, chat, post, put, request

SERVED = BACKENDS["fastchat"].models()[0].id


def test_choices_come_one_after_another_and_end_together() -> None:
    chunks = chat("fastchat", stream=True, n=3).chunks
    indices = [chunk["choices"][0]["index"] for chunk in chunks]
    assert indices[:-3] == sorted(indices[:-3])
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-3:]] == ["stop"] * 3
    assert ["object" in chunk for chunk in chunks] == [False] * (len(chunks) - 3) + [True] * 3
    assert ["created" in chunk for chunk in chunks] == ["object" in chunk for chunk in chunks]


def test_prompts_come_one_after_another_too() -> None:
    answer = post("fastchat", "/v1/completions", {"prompt": ["a", "b"], "stream": True})
    said = [(chunk["choices"][0]["index"], chunk["choices"][0]["finish_reason"]) for chunk in answer.chunks]
    assert said == [*sorted(said[:-2]), (0, "stop"), (1, "stop")]


def test_chunks_have_spaces_and_bodies_have_none() -> None:
    assert b'{"id": "chatcmpl-' in chat("fastchat", stream=True).body
    assert b'{"id":"chatcmpl-' in chat("fastchat").body


def test_text_is_not_escaped() -> None:
    answer = chat("fastchat", stream=True, reply="{ text: Grüße }")
    assert "ü".encode() in answer.body
    assert "".join(delta.get("content", "") for delta, _ in answer.said) == "Grüße"


def test_usage_is_never_streamed() -> None:
    chunks = chat("fastchat", stream=True, stream_options={"include_usage": True}).chunks
    assert not [chunk for chunk in chunks if "usage" in chunk]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temperature": -1}, "-1.0 is less than the minimum of 0 - 'temperature'"),
        ({"top_p": 2}, "2.0 is greater than the maximum of 1 - 'top_p'"),
        ({"max_tokens": 0}, "0 is less than the minimum of 1 - 'max_tokens'"),
        ({"n": 0}, "0 is less than the minimum of 1 - 'n'"),
    ],
)
def test_few_numbers_have_bounds(fields: dict[str, Any], message: str) -> None:
    answer = chat("fastchat", **fields)
    assert (answer.status, answer.json) == (
        "400 Bad Request",
        {"object": "error", "message": message, "code": 40302},
    )


def test_the_others_have_none() -> None:
    assert chat("fastchat", presence_penalty=9, frequency_penalty=-9).status == "200 OK"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"[]", "'msg': 'value is not a valid dict', 'type': 'type_error.dict'"),
        (b'{"messages":[]}', "'loc': ('body', 'model'), 'msg': 'field required', 'type': 'value_error.missing'"),
        (
            b'{"model":"vicuna-7b-v1.5","messages":[{"role":"user","content":"x"}],"n":"x"}',
            "'msg': 'value is not a valid integer'",
        ),
        (b"{", "{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error', 'input': {}"),
    ],
)
def test_mistakes_are_said_in_the_words_of_pydantic_1(body: bytes, complaint: str) -> None:
    answer = put("fastchat", request("fastchat", body)).json
    assert answer["code"] == 40001
    assert complaint in answer["message"]


def test_the_second_route_needs_no_key() -> None:
    asked = {"messages": MESSAGES}
    open_route = put("fastchat", request("fastchat", asked, "/api/v1/chat/completions"), keys=[KEY])
    assert open_route.json["object"] == "chat.completion"
    assert put("fastchat", request("fastchat", asked), keys=[KEY]).status == "401 Unauthorized"


def test_prompts_are_said_to_fit_or_not() -> None:
    prompts = [{"model": SERVED, "prompt": "Hi", "max_tokens": most} for most in (4095, 4096)]
    checked = post("fastchat", "/api/v1/token_check", {"prompts": [*prompts, 5]}).json["prompts"]
    assert checked[:2] == [
        {"fits": True, "tokenCount": 1, "contextLength": 4096},
        {"fits": False, "tokenCount": 1, "contextLength": 4096},
    ]
    assert post("fastchat", "/api/v1/token_check", {"prompts": "?"}).json == {"prompts": []}
