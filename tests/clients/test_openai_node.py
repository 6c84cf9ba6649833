"""The unmodified openai SDK for Node.js does everything an application does with it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def result(healthy_url: str) -> Any:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (NODE / "node_modules" / "openai").is_dir():
        pytest.skip(f"run `npm ci` in {NODE.relative_to(Path.cwd())} first")
    done = subprocess.run(
        ["node", "exercise.mjs", healthy_url],
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_models_are_listed_and_retrieved(result: Any) -> None:
    assert "gpt-4o" in result["models"]
    assert result["model"] == "gpt-4o"


def test_chat_and_its_stream_say_the_same(result: Any) -> None:
    assert result["chat"]["finish"] == result["stream"]["finish"] == "stop"
    assert result["chat"]["text"]
    assert result["chat"]["requestId"].startswith("req_")
    assert result["stream"]["text"]
    usage = result["stream"]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    # A chunk for the role, one for each token, one for the finish and one for usage.
    assert result["stream"]["chunks"] == usage["completion_tokens"] + 3


def test_a_required_tool_is_called_with_arguments_that_fit(result: Any) -> None:
    assert [call["name"] for call in result["tools"]] == ["get_weather"]
    assert isinstance(result["tools"][0]["arguments"]["city"], str)
    assert result["toolsFinish"] == "tool_calls"


def test_an_agent_terminates(result: Any) -> None:
    assert result["runTools"]


def test_structured_output_is_parsed(result: Any) -> None:
    assert set(result["parsed"]) == {"name", "age", "tags"}
    assert isinstance(result["parsed"]["age"], int)


def test_legacy_completions_and_embeddings_work(result: Any) -> None:
    assert result["completion"]["id"].startswith("cmpl-")
    assert result["completion"]["finish"] == "length"
    assert result["completionStream"]
    assert [len(vector) for vector in result["embeddings"]] == [8, 8]


def test_errors_are_the_sdks_own(result: Any) -> None:
    errors = result["errors"]
    assert (errors["model"]["class"], errors["model"]["code"]) == ("NotFoundError", "model_not_found")
    assert (errors["temperature"]["class"], errors["temperature"]["status"]) == ("BadRequestError", 400)
    assert (errors["messages"]["class"], errors["messages"]["code"]) == ("BadRequestError", "empty_array")
