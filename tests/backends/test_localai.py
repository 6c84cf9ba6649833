"""What LocalAI does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.faulted import TWO
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
MINE = "11111111-2222-4333-8444-555555555555"
FORCED: dict[str, Any] = {"messages": MESSAGES, "tools": [TOOL], "tool_choice": "required"}


@pytest.mark.parametrize("stream", [False, True])
def test_the_clients_own_id_is_that_of_the_answer_and_of_its_calls(stream: bool) -> None:
    answer = put("localai", request("localai", {**FORCED, "stream": stream}, x_correlation_id=MINE), reply="{}")
    assert answer.head["x-correlation-id"] == MINE
    if stream:
        assert {one["id"] for one in answer.chunks} == {MINE}
        assert answer.chunks[0]["choices"][0]["delta"]["tool_calls"][0]["id"] == f"{MINE}-0"
    else:
        assert answer.json["choices"][0]["message"]["tool_calls"][0]["id"] == answer.json["id"] == MINE


def test_ids_that_a_scenario_says_stay() -> None:
    calls = chat("localai", reply=TWO, tools=[TOOL]).json["choices"][0]["message"]["tool_calls"]
    assert [(one["index"], one["id"]) for one in calls] == [(0, "call_a"), (0, "call_b")]


def test_each_call_takes_two_chunks() -> None:
    deltas = [delta for delta, _ in chat("localai", reply=TWO, tools=[TOOL], stream=True).said]
    functions = [one["tool_calls"][0]["function"] for one in deltas[:-1]]
    assert functions == [
        {"name": "get_weather", "arguments": ""},
        {"arguments": '{"city":"Paris"}'},
        {"name": "get_time", "arguments": ""},
        {"arguments": '{"city":"Rome"}'},
    ]
    assert deltas[-1] == {"content": None}


def test_a_name_that_is_a_path_is_not_looked_up() -> None:
    assert chat("localai", model="org/model").json["model"] == "org/model"
    assert chat("localai", model="model").status == "404 Not Found"


def test_no_model_is_the_first_one() -> None:
    asked = request("localai", {"messages": MESSAGES}, model=None)
    assert put("localai", asked, models=["mine"]).json["model"] == "mine"


def test_nothing_has_to_be_said() -> None:
    assert put("localai", request("localai", {})).status == "200 OK"
    answer = chat("localai", messages="hi")
    assert answer.status == "400 Bad Request"
    assert answer.json["error"]["message"].startswith("code=400, message=failed parsing request body: json: cannot")
    assert "x-correlation-id" not in answer.head


@pytest.mark.parametrize(
    ("header", "value"),
    [("authorization", f"Bearer {KEY}"), ("authorization", KEY), ("x_api_key", KEY), ("xi_api_key", KEY)],
)
def test_a_key_may_come_in_many_ways(header: str, value: str) -> None:
    named: dict[str, Any] = {header: value}
    assert put("localai", request("localai", None, "/v1/models", **named), keys=[KEY]).status == "200 OK"
    named[header] = "sk-wrong"
    refused = put("localai", request("localai", None, "/v1/models", **named), keys=[KEY])
    assert (refused.status, refused.head["www-authenticate"]) == ("401 Unauthorized", "Bearer")


def test_its_health_needs_no_key() -> None:
    for path, status in (("/healthz", "200 OK"), ("/readyz", "200 OK"), ("/version", "401 Unauthorized")):
        assert put("localai", request("localai", None, path), keys=[KEY]).status == status


def test_pages_do_not_take_other_methods() -> None:
    answer = post("localai", "/version", {})
    assert (answer.status, answer.head["allow"]) == ("405 Method Not Allowed", "OPTIONS, GET")
    assert get("localai", "/version", "HEAD").status == "200 OK"
