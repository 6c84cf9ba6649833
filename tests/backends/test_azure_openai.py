"""What Azure OpenAI does that its golden answers do not show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockoai.keys import Limits
from tests.support.imitating import KEY, MESSAGES, Imitated, chat, put, request

NAME = "azure-openai"
VERSION = "api-version=2024-10-21"


def asked(path: str, fields: dict[str, Any] | None = None, *, query: str = VERSION, **mock: Any) -> Imitated:
    given = request(NAME, fields, path, model=None, api_key=KEY)
    return put(NAME, replace(given, query=query, target=f"{path}?{query}"), **mock)


@pytest.mark.parametrize("deployment", ["gpt-4o", "my-chat", "team/chat"])
def test_the_deployment_in_the_path_is_the_model(deployment: str) -> None:
    answer = asked(f"/openai/deployments/{deployment}/chat/completions", {"messages": MESSAGES, "model": "other"})
    assert answer.status == "200 OK"
    assert answer.head["x-ms-deployment-name"] == deployment
    assert answer.json["model"] == {"gpt-4o": "gpt-4o-2024-08-06"}.get(deployment, deployment)


def test_deployments_can_complete_and_embed() -> None:
    text = asked("/openai/deployments/instruct/completions", {"prompt": "Hi"})
    assert text.json["choices"][0]["text"] == "It is sunny."
    vectors = asked("/openai/deployments/ada/embeddings", {"input": "Hi", "dimensions": 2})
    assert len(vectors.json["data"][0]["embedding"]) == 2


@pytest.mark.parametrize("path", ["/openai/deployments/gpt-4o/chat/completions", "/openai/models"])
@pytest.mark.parametrize("query", ["", "api-version=", "version=2024-10-21"])
def test_without_a_version_there_is_nothing(path: str, query: str) -> None:
    answer = asked(path, None if path.endswith("models") else {"messages": MESSAGES}, query=query)
    assert answer.status == "404 Not Found"
    assert answer.body == b'{"error":{"code":"404","message": "Resource not found"}}'
    assert asked("/openai/v1/models", query=query).status == "200 OK"


def test_what_is_no_deployment_is_nothing() -> None:
    for path in ("/openai/deployments//chat/completions", "/openai/deployments/gpt-4o/assistants"):
        assert asked(path, {"messages": MESSAGES}).status == "404 Not Found"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("api_key", KEY, "200 OK"),
        ("authorization", f"Bearer {KEY}", "200 OK"),
        ("api_key", "wrong", "401 PermissionDenied"),
        ("authorization", "Bearer wrong", "401 PermissionDenied"),
    ],
)
def test_a_key_may_come_by_either_header(header: str, value: str, status: str) -> None:
    named: dict[str, Any] = {header: value}
    given = request(NAME, {"messages": MESSAGES}, "/openai/v1/chat/completions", **named)
    assert put(NAME, given, keys=[KEY]).status == status


def test_what_is_filtered_says_so() -> None:
    (*_, last) = chat(NAME, reply="{ text: It is, finish: content_filter }", stream=True).chunks
    assert last["choices"][0]["content_filter_results"]["hate"] == {"filtered": True, "severity": "high"}


def test_too_many_requests_are_told_when_and_for_which_version() -> None:
    path = "/openai/deployments/gpt-4o/chat/completions"
    error = asked(path, {"messages": MESSAGES}, query="api-version=2025-01-01", limits=Limits(tpm=10))
    assert error.status == "429 Too Many Requests"
    assert "under Azure OpenAI API version 2025-01-01 have exceeded" in error.json["error"]["message"]
    assert list(error.json["error"]) == ["code", "message"]


def test_a_deployment_that_nobody_made_is_not_found() -> None:
    path = "/openai/deployments/{}/chat/completions"
    error = asked(path.format("gone"), {"messages": MESSAGES}, models=["mine"])
    assert (error.status, error.json["error"]["code"]) == ("404 Not Found", "DeploymentNotFound")
    assert asked(path.format("mine"), {"messages": MESSAGES}, models=["mine"]).status == "200 OK"
