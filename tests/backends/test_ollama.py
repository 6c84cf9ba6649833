"""What Ollama does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.imitating import MESSAGES, chat, get, post, put, request

SAID = "Hello! How can I help?"


def test_a_tag_may_be_left_out_when_it_is_the_latest() -> None:
    assert chat("ollama", model="llama3.2").json["model"] == "llama3.2"
    assert get("ollama", "/v1/models/llama3.2").json["created"] == 1_765_440_000
    for name in ("qwen2.5", "llama3.2:1b"):
        refused = chat("ollama", model=name)
        assert (refused.status, refused.json["error"]["message"]) == ("404 Not Found", f"model '{name}' not found")
    assert get("ollama", "/v1/models/qwen2.5").json["error"]["type"] == "not_found_error"


def test_scenarios_are_named_by_models_that_were_not_pulled() -> None:
    assert chat("ollama", model="mockoai/case").status == "200 OK"


@pytest.mark.parametrize("messages", [[], None])
def test_there_must_be_messages_before_there_is_a_model(messages: list[Any] | None) -> None:
    fields = {} if messages is None else {"messages": messages}
    answer = put("ollama", request("ollama", fields, model="nothing"))
    assert answer.json["error"]["message"] == "[] is too short - 'messages'"
    assert answer.head["content-type"] == "application/json; charset=utf-8"


def test_a_body_is_json_whatever_its_type_and_names_a_model() -> None:
    asked = request("ollama", {"messages": MESSAGES}, content_type="text/plain")
    assert put("ollama", asked).status == "200 OK"
    nameless = put("ollama", request("ollama", {"messages": MESSAGES}, model=None))
    assert nameless.json["error"]["message"] == "model is required"
    assert post("ollama", "/v1/embeddings", {}).json["error"]["message"] == "invalid input"


def test_a_namespace_owns_its_models_and_none_are_null() -> None:
    (one,) = put("ollama", request("ollama", None, "/v1/models"), models=["team/model:latest"]).json["data"]
    assert one["owned_by"] == "team"


def test_its_root_says_that_it_runs_also_without_a_body() -> None:
    assert (get("ollama", "/").body, get("ollama", "/", "HEAD").body) == (b"Ollama is running", b"")
    refused = post("ollama", "/api/tags", {})
    assert (refused.status, refused.head["allow"], refused.body) == (
        "405 Method Not Allowed",
        "GET",
        b"405 method not allowed",
    )


def test_its_own_list_begins_with_the_model_pulled_last() -> None:
    times = [one["modified_at"] for one in get("ollama", "/api/tags").json["models"]]
    assert times == sorted(times, reverse=True)


def test_a_model_is_shown_by_either_name_of_the_field() -> None:
    shown = post("ollama", "/api/show", {}, model="mistral").json
    assert shown["model_info"]["llama.context_length"] == 32_768
    assert post("ollama", "/api/show", {"name": "mistral"}, model=None).json == shown
    assert post("ollama", "/api/show", {}, model="nothing").json == {"error": "model 'nothing' not found"}
    assert post("ollama", "/api/show", {"verbose": True}, model=None).json == {"error": "model is required"}
    assert put("ollama", request("ollama", b"", "/api/show")).json == {"error": "missing request body"}


@pytest.mark.parametrize(("path", "field"), [("/api/chat", "messages"), ("/api/generate", "prompt")])
def test_its_own_api_says_something_in_lines_or_at_once(path: str, field: str) -> None:
    def text(line: Any) -> str:
        said: str = line["response"] if "response" in line else line["message"]["content"]
        return said

    asked = {field: MESSAGES if field == "messages" else "Hi"}
    streamed = post("ollama", path, asked)
    lines = [orjson.loads(line) for line in streamed.body.splitlines()]
    assert streamed.head["content-type"] == "application/x-ndjson"
    assert "".join([text(line) for line in lines]) == SAID
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    whole = post("ollama", path, {**asked, "stream": False}).json
    assert (text(whole), whole["done_reason"]) == (SAID, "stop")
    assert post("ollama", path, {}).json["done_reason"] == "load"
    assert post("ollama", path, asked, model="nothing").status == "404 Not Found"


def test_models_of_other_names_are_listed_as_something_likely() -> None:
    (one,) = put("ollama", request("ollama", None, "/api/tags"), models=["mine:latest"]).json["models"]
    assert (one["name"], len(one["digest"]), one["details"]["format"]) == ("mine:latest", 64, "gguf")
    (up,) = put("ollama", request("ollama", None, "/api/ps"), models=["mine:latest", "other"]).json["models"]
    assert up["expires_at"].startswith("2026-10-21T07:32:59.")
