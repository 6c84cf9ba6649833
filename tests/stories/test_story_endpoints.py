"""The eight calls of an endpoint test, against the backend that it was written for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families

import mockoai as served
from tests.stories import endpoints

MODELS = ["qwen3-max", "qwen-max", "qwen-plus", "qwen-turbo"]
TOOL = {
    "type": "function",
    "function": {
        "name": "read_file",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[served.Server]:
    with served.Server(served.Mock(backend="qwen-proxy")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: served.Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.url, api_key="dummy-key", max_retries=0) as client:
        yield client


class TestCalls:
    def test_counting_200s_gives_six_of_eight_to_a_server_without_a_fault(self, server: served.Server) -> None:
        found = endpoints.broken(server.origin)
        assert endpoints.summary(found) == "Passed: 6/8 (75%)"
        assert {name for name, problem in found.items() if problem} == {"Invalid Model", "Missing Messages"}
        assert (found["Invalid Model"], found["Missing Messages"]) == ("404", "400")

    def test_knowing_what_is_due_gives_it_all(self, server: served.Server) -> None:
        assert endpoints.summary(endpoints.mended(server.origin)) == "Passed: 8/8 (100%)"

    @pytest.mark.parametrize("id", ["choices-empty-nonstream", "content-missing", "body-truncated-json"])
    def test_a_200_without_an_answer_is_found_by_looking_at_it(self, server: served.Server, id: str) -> None:
        origin = f"{server.origin}/scenario/{id}"
        assert endpoints.broken(origin)["Chat Completions"] == ""
        assert endpoints.mended(origin)["Chat Completions"]

    def test_a_server_that_knows_any_model_looks_better_where_200s_are_counted(self) -> None:
        with served.Server(served.Mock(backend="text-generation-webui", models=MODELS)) as server:
            found = endpoints.broken(server.origin)
            assert (found["Invalid Model"], found["List Models"]) == ("", "")
            assert endpoints.mended(server.origin)["Invalid Model"] == "200 instead of 404"


class TestAnswers:
    def test_models(self, client: openai.OpenAI) -> None:
        assert [one.id for one in client.models.list()] == MODELS
        model = client.models.retrieve("qwen3-max")
        assert model.to_dict() == {
            "id": "qwen3-max",
            "object": "model",
            "created": 1704067200,
            "owned_by": "qwen",
            "permission": [],
            "root": "qwen3-max",
            "parent": None,
        }
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("no-such-model")

    def test_chat(self, client: openai.OpenAI) -> None:
        answer = client.chat.completions.create(model="qwen3-max", messages=[{"role": "user", "content": "Hello!"}])
        assert answer.id.startswith("chatcmpl-")
        assert answer.model == "qwen3-max"
        assert (answer.choices[0].message.role, answer.choices[0].finish_reason) == ("assistant", "stop")
        assert answer.usage is not None
        assert answer.usage.to_dict() == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

    def test_streams(self, client: openai.OpenAI) -> None:
        stream = client.chat.completions.create(
            model="qwen3-max", messages=[{"role": "user", "content": "Hello!"}], stream=True
        )
        chunks = list(stream)
        assert {chunk.id[:9] for chunk in chunks} == {"chatcmpl-"}
        assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
        assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"

    def test_legacy_completions_have_the_id_of_a_chat(self, client: openai.OpenAI) -> None:
        answer = client.completions.create(model="qwen3-max", prompt="Hello")
        assert answer.object == "text_completion"
        assert answer.id.startswith("chatcmpl-")
        assert answer.choices[0].logprobs is None
        assert answer.usage is not None
        assert answer.usage.to_dict() == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

    def test_tools_are_called_in_xml(self, client: openai.OpenAI) -> None:
        asked: dict[str, Any] = {"model": "qwen3-max", "tools": [TOOL], "tool_choice": "required"}
        asked["messages"] = [{"role": "user", "content": "Read it."}]
        choice = client.chat.completions.create(**asked).choices[0]
        stream = client.chat.completions.create(**asked, stream=True)
        streamed = "".join(one.delta.content or "" for chunk in stream for one in chunk.choices)
        assert (choice.message.tool_calls, choice.finish_reason) == (None, "stop")
        for content in (choice.message.content or "", streamed):
            call = ElementTree.fromstring(content)
            assert call.tag == "read_file"
            assert call.findtext("path")

    def test_missing_messages(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.BadRequestError, match="messages"):
            client.post("/chat/completions", body={"model": "qwen3-max"}, cast_to=object)


class TestOperations:
    def test_health(self, server: served.Server) -> None:
        httpx.get(f"{server.url}/models")
        health = httpx.get(f"{server.origin}/health").json()
        assert health["status"] == "ok"
        assert health["uptime"] > 0
        assert health["sessions"] >= 1
        assert health["credentials"] == "not configured"
        with served.Server(served.Mock(backend="qwen-proxy", keys=["sk-right"])) as other:
            assert httpx.get(f"{other.origin}/health").json()["credentials"] == "configured"

    def test_metrics(self) -> None:
        with served.Server(served.Mock(backend="qwen-proxy")) as server:
            endpoints.mended(server.origin)
            text = httpx.get(f"{server.origin}/metrics").text
        families = {one.name: one for one in text_string_to_metric_families(text)}
        requests = {
            (sample.labels["endpoint"], sample.labels["status"]): sample.value
            for sample in families["mockoai_requests"].samples
        }
        assert requests["chat", "200"] == requests["chat", "400"] == requests["completions", "200"] == 1
        errors = sum(sample.value for sample in families["mockoai_errors"].samples)
        assert errors == 2
        assert families["mockoai_request_duration_seconds"].type == "histogram"
