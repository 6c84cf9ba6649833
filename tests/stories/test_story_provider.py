"""A provider set-up that finds the models of the servers people run at home."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import openai
import pytest

import mockoai as served
from tests.stories import provider
from tests.stories.hosting import unused_port
from tests.support.serving import clean_environment, serving

if TYPE_CHECKING:
    from mockoai.testing.session import Session

PORTS = {"lm-studio": 1234, "localai": 8080, "text-generation-webui": 5000, "vllm": 8000, "ollama": 11434}
"""The backends of the set-up's manual, and the ports in the base URLs that it gives for them."""
LOCAL = list(PORTS)
NO_DATES = ("lm-studio", "localai")
"""Backends that do not say when a model was made."""


@pytest.fixture(params=LOCAL)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def local(mockoai: Session, backend: str) -> Session:
    mockoai.use(backend=backend)
    return mockoai


class TestBroken:
    def test_it_wants_what_only_openai_says(self, local: Session, backend: str) -> None:
        if backend in NO_DATES:
            with pytest.raises(KeyError, match="created"):
                provider.broken(local.url)
        else:
            assert provider.broken(local.url)

    def test_a_slash_too_many_is_another_route(self, local: Session, backend: str) -> None:
        # LM Studio answers 200 to any route, with an error that has no `data`.
        error = KeyError if backend == "lm-studio" else httpx.HTTPStatusError
        with pytest.raises(error, match="data" if backend == "lm-studio" else "404"):
            provider.broken(f"{local.url}/")
        assert local.requests[-1].path == "/v1//models"

    def test_a_key_in_quotes_is_another_key(self, backend: str) -> None:
        with served.Server(served.Mock(backend=backend, keys=["sk-right"])) as server:
            with pytest.raises(httpx.HTTPStatusError, match="401"):
                provider.broken(server.url, '"sk-right"')
            with pytest.raises(httpx.HTTPStatusError, match="401"):
                provider.broken(server.url, "")

    def test_it_offers_what_cannot_chat(self, mockoai: Session) -> None:
        mockoai.use(backend="vllm", models=["qwen2.5-7b", "nomic-embed-text"])
        assert [one.id for one in provider.broken(mockoai.url)] == ["qwen2.5-7b", "nomic-embed-text"]


class TestMended:
    @pytest.mark.parametrize("form", ["{}", "{}/", "{}//", " {}/ "])
    def test_it_finds_the_models(self, local: Session, form: str) -> None:
        found = provider.mended(form.format(local.url))
        assert found
        assert all(one.context >= 4096 for one in found)
        (request,) = local.requests
        assert (request.method, request.path) == ("GET", "/v1/models")

    def test_without_a_key_there_is_no_header(self, local: Session) -> None:
        assert provider.mended(local.url, "  ")
        assert local.requests[-1].header("authorization") is None

    def test_a_key_may_come_with_blanks_and_quotes(self, backend: str) -> None:
        with served.Server(served.Mock(backend=backend, keys=["sk-right"])) as server:
            for key in ("sk-right", " sk-right ", '"sk-right"', "'sk-right'", ' "sk-right"'):
                assert provider.mended(server.url, key), key

    def test_it_tells_a_missing_key_from_a_wrong_one(self, backend: str) -> None:
        with served.Server(served.Mock(backend=backend, keys=["sk-right"])) as server:
            with pytest.raises(provider.SetupError, match="requires an API key"):
                provider.mended(server.url)
            with pytest.raises(provider.SetupError, match="not accepted"):
                provider.mended(server.url, "sk-wrong")

    def test_nobody_listens(self) -> None:
        with pytest.raises(provider.SetupError, match="is the server running"):
            provider.mended(f"http://127.0.0.1:{unused_port()}/v1")

    def test_a_base_url_that_leads_elsewhere_gets_advice(self, local: Session) -> None:
        with pytest.raises(provider.SetupError, match=r"should end in /v1"):
            provider.mended(local.url.removesuffix("/v1") + "/v2")

    @pytest.mark.parametrize(
        ("id", "told"),
        [
            ("models-empty", "No models found"),
            ("models-data-null", "No models found"),
            ("models-bare-array", "No list of models"),
            ("models-404", "status 404"),
            ("models-html", "status 200"),
            ("models-200-error", "status 200"),
        ],
    )
    def test_what_is_no_list_of_models_is_told(self, mockoai: Session, id: str, told: str) -> None:
        mockoai.use(id)
        with pytest.raises(provider.SetupError, match=told):
            provider.mended(mockoai.url)

    def test_what_cannot_chat_is_left_out(self, mockoai: Session) -> None:
        names = ["qwen2.5-7b", "text-embedding-nomic-embed-text-v1.5", "bge-m3", "tts-1", "whisper-1"]
        mockoai.use(backend="lm-studio", models=names)
        assert [one.id for one in provider.mended(mockoai.url)] == ["qwen2.5-7b"]

    @pytest.mark.parametrize(
        ("id", "context", "max_output"),
        [
            ("Llama-3.3-70B-Instruct", 128, 8),
            ("llama3.2:3b", 128, 8),
            ("meta-llama/Meta-Llama-3.1-8B-Instruct", 128, 8),
            ("llama-3-8b-instruct", 8, 8),
            ("mistral-large-2411", 128, 8),
            ("Mistral-Small-24B-Instruct-2501", 32, 4),
            ("mixtral-8x22b-instruct-v0.1", 64, 4),
            ("mixtral:8x7b", 32, 4),
            ("qwen2.5:7b", 128, 8),
            ("deepseek-r1-distill-qwen-14b", 64, 8),
            ("phi-3-mini-128k-instruct", 128, 4),
            ("llama-3-8b-instruct-32k", 32, 8),
            ("something-else", 4, 4),
        ],
    )
    def test_contexts_are_estimated_by_names(self, mockoai: Session, id: str, context: int, max_output: int) -> None:
        mockoai.use(backend="localai", models=[id])
        (model,) = provider.mended(mockoai.url)
        assert (model.id, model.context, model.max_output) == (id, context * 1024, max_output * 1024)
        assert not model.said

    def test_what_the_server_says_counts_more_than_the_name(self, mockoai: Session) -> None:
        mockoai.use(backend="vllm", models=["llama-3-8b-instruct"])
        (model,) = provider.mended(mockoai.url)
        assert model.said
        assert model.context == 131_072
        assert provider.estimate(model.id) == 8 * 1024


class TestContexts:
    """What the set-up estimates, against what the servers know of the same models."""

    @pytest.mark.parametrize(
        ("backend", "model", "context"),
        [
            ("lm-studio", "meta-llama-3.1-8b-instruct", 128),
            ("localai", "mixtral-8x7b-instruct-v0.1", 32),
            ("text-generation-webui", "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", 128),
            ("ollama", "deepseek-r1:7b", 64),
            ("ollama", "llama3.2:latest", 128),
        ],
    )
    def test_names_are_read_as_each_server_spells_them(
        self, mockoai: Session, backend: str, model: str, context: int
    ) -> None:
        mockoai.use(backend=backend)
        found = {one.id: one for one in provider.mended(mockoai.url)}
        assert found[model] == provider.Model(model, context * 1024, found[model].max_output)

    def test_a_name_promises_more_than_lm_studio_can_load(self) -> None:
        with served.Server(served.Mock(backend="lm-studio")) as server:
            known = httpx.get(f"{server.origin}/api/v0/models").json()["data"]
            found = {one.id: one.context for one in provider.mended(server.url)}
        limits = {one["id"]: one["max_context_length"] for one in known}
        assert found.keys() <= limits.keys()
        assert found["meta-llama-3.1-8b-instruct"] == limits["meta-llama-3.1-8b-instruct"]
        assert found["qwen2.5-7b-instruct"] == 4 * limits["qwen2.5-7b-instruct"]


class TestRealClients:
    def test_the_openai_sdk_lists_the_models(self, local: Session) -> None:
        with openai.OpenAI() as client:
            listed = [one.id for one in client.models.list()]
        assert [one for one in listed if "embed" not in one] == [one.id for one in provider.mended(local.url)]

    def test_ollamas_own_client_knows_the_same_models(self) -> None:
        ollama = pytest.importorskip("ollama")
        with served.Server(served.Mock(backend="ollama")) as server, ollama.Client(server.origin) as client:
            listed = client.list().models
            with openai.OpenAI(base_url=server.url, api_key="ollama") as other:
                assert [one.model for one in listed] == [one.id for one in other.models.list()]
            for one in listed:
                assert one.size > 0
                assert one.digest
                assert one.modified_at is not None
                assert one.details.family
            shown = client.show("qwen2.5:7b")
            assert shown.modelinfo["qwen2.context_length"] < provider.estimate("qwen2.5:7b")
            answer = client.chat(model="llama3.2", messages=[{"role": "user", "content": "Hello"}])
            assert answer.message.content
            with pytest.raises(ollama.ResponseError, match="'no-such' not found"):
                client.show("no-such")


class TestServed:
    def test_ports_are_those_of_the_manual(self) -> None:
        run = [sys.executable, "-m", "mockoai", "list", "backends", "--json"]
        out = subprocess.run(run, capture_output=True, text=True, env=clean_environment(), timeout=60, check=True)
        known = {one["name"]: one for one in json.loads(out.stdout)["backends"]}
        assert {name: (known[name]["port"], known[name]["base"]) for name in LOCAL} == {
            name: (port, "/v1") for name, port in PORTS.items()
        }

    def test_a_server_of_its_own_is_set_up(self) -> None:
        with serving("--backend", "lm-studio") as server:
            assert provider.mended(f"http://127.0.0.1:{server.port}/v1/")
