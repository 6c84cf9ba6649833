"""What exo does that its golden answers do not show."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockoai.backends import BACKENDS
from tests.support.imitating import MESSAGES, chat, get, put, request

SERVED = BACKENDS["exo"].models()[0].id
TWO = "{ text: Let me see., tool_calls: [{ name: a, arguments: { x: 1 } }, { name: b, arguments: {} }] }"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_all_calls_come_in_one_chunk_with_their_end() -> None:
    *_, (delta, reason) = chat("exo", reply=TWO, stream=True).said
    assert reason == "tool_calls"
    assert [
        (call["index"], call["function"]["name"], call["function"]["arguments"]) for call in delta["tool_calls"]
    ] == [
        (0, "a", '{"x":1}'),
        (1, "b", "{}"),
    ]
    ids = [call["id"] for call in delta["tool_calls"]]
    assert all(UUID.fullmatch(id) for id in ids)
    assert len(set(ids)) == 2
    assert [call["function"]["id"] for call in delta["tool_calls"]] == ids


def test_text_before_calls_comes_first() -> None:
    said = chat("exo", reply=TWO, stream=True).said
    assert "".join(delta.get("content", "") for delta, _ in said) == "Let me see."
    assert all(delta["role"] == "assistant" for delta, _ in said)


def test_an_id_that_the_scenario_gives_is_kept() -> None:
    answer = chat("exo", reply="{ tool_calls: [{ name: a, arguments: {}, id: call_mine }] }").json
    assert answer["choices"][0]["message"]["tool_calls"][0]["id"] == "call_mine"
    assert answer["choices"][0]["message"]["content"] == ""


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": True}}])
def test_usage_comes_once_asked_for_or_not(options: dict[str, Any]) -> None:
    chunks = chat("exo", stream=True, **options).chunks
    assert ["usage" in chunk for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_streams_begin_at_once_and_go_on() -> None:
    slow = chat("exo", stream=True, rest="timing: { first_token: 25s }")
    assert slow.comments[:3] == [b": keep-alive"] * 3
    assert slow.comments[3].startswith(b": generation_stats {")
    assert [chunk["created"] for chunk in slow.chunks] == [1_792_567_679 + 25] * len(slow.chunks)


def test_whole_answers_have_no_length_and_mistakes_have_one() -> None:
    whole = chat("exo")
    assert whole.status == "200 "
    assert "content-length" not in whole.head
    assert whole.head["transfer-encoding"] == "chunked"
    refused = chat("exo", messages=5)
    assert refused.status == "422 "
    assert refused.head["content-length"] == str(len(refused.body))
    assert refused.json["detail"][0]["loc"] == ["body", "messages"]


def test_older_clients_get_no_chunks() -> None:
    answer = put("exo", request("exo", {"messages": MESSAGES}, version="1.0"))
    assert "transfer-encoding" not in answer.head
    assert answer.head["connection"] == "close"
    assert answer.json["object"] == "chat.completion"
    assert not answer.plan.keep_alive


def test_streams_close_their_connection() -> None:
    stream = chat("exo", stream=True)
    assert stream.head["connection"] == "close"
    assert not stream.plan.keep_alive
    assert chat("exo").plan.keep_alive


def test_numbers_have_no_bounds() -> None:
    assert chat("exo", temperature=-9, top_p=7, max_tokens=5, n=1).status == "200 "


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", "404 "),
        ("DELETE", "/v1/chat/completions", "405 "),
        ("HEAD", "/v1/models", "404 "),
        ("GET", "/v1/nothing", "404 "),
        ("POST", "/v1/nothing", "405 "),
        ("HEAD", "/state", "404 "),
        ("POST", "/state", "405 "),
    ],
)
def test_what_is_no_route_is_a_file_that_is_not_there(method: str, path: str, status: str) -> None:
    answer = get("exo", path, method)
    assert answer.status == status
    assert answer.head.get("allow") == ("GET, HEAD" if status == "405 " else None)


def test_chats_are_beside_the_imitation_of_ollama_too() -> None:
    answer = put("exo", request("exo", {"messages": MESSAGES}, "/ollama/v1/chat/completions"))
    assert answer.json["model"] == SERVED


def test_every_model_has_an_instance() -> None:
    instances = get("exo", "/state").json["instances"].values()
    listed = [one["id"] for one in get("exo", "/models").json["data"]]
    assert [one["MlxRingInstance"]["shardAssignments"]["modelId"] for one in instances] == listed


def test_an_empty_answer_is_one_chunk() -> None:
    assert chat("exo", stream=True, reply='{ text: "" }').said == [({"role": "assistant", "content": ""}, "stop")]
