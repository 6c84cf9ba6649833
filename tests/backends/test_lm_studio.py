"""What LM Studio does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from tests.support.imitating import KEY, MESSAGES, Imitated, chat, get, post, put, request

LOADED = BACKENDS["lm-studio"].models()[0].id


def test_one_of_its_own_list_is_found_by_name_and_others_are_no_route() -> None:
    assert get("lm-studio", "/api/v0/models/qwen2.5-7b-instruct").json["max_context_length"] == 32768
    for path, method in (("/api/v0/models/nothing", "GET"), ("/api/v0/models/qwen2.5-7b-instruct", "POST")):
        answer = get("lm-studio", path, method)
        assert (answer.status, answer.json) == (
            "200 OK",
            {"error": f"Unexpected endpoint or method. ({method} {path})"},
        )


def test_any_model_is_answered_by_the_one_that_is_loaded() -> None:
    def name(model: str | None, **listed: list[str]) -> str:
        asked = request("lm-studio", {"messages": MESSAGES}, model=model)
        answer = put("lm-studio", asked, models=listed.get("models", ())).json
        assert answer["model"] == answer["system_fingerprint"]
        found: str = answer["model"]
        return found

    assert (name("gpt-4o"), name(None)) == (LOADED, LOADED)
    assert (name("gpt-4o", models=["a", "b"]), name("b", models=["a", "b"])) == ("a", "b")


def test_a_scenario_says_which_model_answers() -> None:
    assert chat("lm-studio", reply="{ text: Hi, model: other }").json["model"] == "other"


def test_nobody_answers_while_nothing_is_loaded() -> None:
    mock = Mock([load_text("id: none\nmodels: []\nrules:\n  - reply: {}\n")], backend="lm-studio")

    def asked(path: str, fields: dict[str, Any] | None = None) -> Imitated:
        answer = mock.answer(request("lm-studio", fields, path), split_path(path), mock.sessions.get("default"))
        return Imitated(answer.plan)

    assert asked("/v1/models").json == {"data": [], "object": "list"}
    refused = asked("/v1/chat/completions", {"messages": MESSAGES})
    assert (refused.status, refused.json["error"]["param"]) == ("404 Not Found", "model")
    assert refused.json["error"]["message"].startswith("No models loaded. ")


def test_models_of_other_names_are_listed_as_something_likely() -> None:
    listed = put("lm-studio", request("lm-studio", None, "/api/v0/models"), models=["my-model", "my-embedder"]).json
    kinds = [(one["id"], one["type"], one["state"]) for one in listed["data"]]
    assert kinds == [("my-model", "llm", "loaded"), ("my-embedder", "embeddings", "not-loaded")]


@pytest.mark.parametrize(
    ("path", "field"),
    [("/v1/chat/completions", "messages"), ("/v1/completions", "prompt"), ("/v1/embeddings", "input")],
)
def test_what_is_missing_is_a_field_that_is_required(path: str, field: str) -> None:
    assert post("lm-studio", path, {}).json == {"error": f"'{field}' field is required"}
    answer = put("lm-studio", request("lm-studio", {"messages": MESSAGES}, path, content_type="text/plain"))
    assert (answer.status, answer.json) == ("400 Bad Request", {"error": f"'{field}' field is required"})


def test_other_mistakes_are_a_bare_string_and_no_number_is_too_high() -> None:
    for answer in (chat("lm-studio", messages="hi"), put("lm-studio", request("lm-studio", b"{"))):
        assert answer.status == "400 Bad Request"
        assert isinstance(answer.json["error"], str)
    assert chat("lm-studio", temperature=9, top_p=3).status == "200 OK"


def test_what_a_scenario_says_of_an_error_makes_it_an_object() -> None:
    assert chat("lm-studio", reply="{ error: { status: 400, message: No. } }").json == {"error": "No."}
    error = chat("lm-studio", reply="{ error: { status: 400, message: No., code: oops } }").json["error"]
    assert (error["message"], error["code"]) == ("No.", "oops")


def test_keys_are_shown_for_ten_characters() -> None:
    def said(**headers: str) -> str:
        answer = put("lm-studio", request("lm-studio", None, "/v1/models", **headers), keys=[KEY])
        assert answer.status == "401 Unauthorized"
        message: str = answer.json["error"]["message"]
        return message

    assert said(authorization="Bearer local-dummy-key").startswith(
        "Malformed LM Studio API token provided: local-dumm*****. "
    )
    assert said().startswith("An LM Studio API token is required")
