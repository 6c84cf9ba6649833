"""Aphrodite is vLLM of its time, with the pages by which Kobold's clients know a server."""

from __future__ import annotations

import pytest

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, chat, get, put, request

SERVED = BACKENDS["aphrodite"].models()[0].id


@pytest.mark.parametrize("base", ["/api/v1", "/api/latest"])
def test_kobold_finds_model_and_version_under_either_base(base: str) -> None:
    assert get("aphrodite", f"{base}/model").json == {"result": f"aphrodite/{SERVED}"}
    assert get("aphrodite", f"{base}/info/version").json == {"result": "1.2.4"}


def test_kobold_needs_no_key() -> None:
    assert put("aphrodite", request("aphrodite", None, "/api/v1/model"), keys=[KEY]).status == "200 OK"
    assert put("aphrodite", request("aphrodite", None, "/v1/models"), keys=[KEY]).status == "401 Unauthorized"


def test_what_vllm_got_later_is_not_there() -> None:
    answer = chat("aphrodite", reply="{ text: Sunny., reasoning: Look. }").json
    assert answer["choices"][0]["message"]["reasoning_content"] == "Look."
    assert answer["system_fingerprint"] is None
    chunks = chat("aphrodite", stream=True).chunks
    assert not [chunk for chunk in chunks if "system_fingerprint" in chunk]


def test_the_context_is_as_long_everywhere() -> None:
    length = get("aphrodite", "/v1/models").json["data"][0]["max_model_len"]
    assert get("aphrodite", "/api/extra/true_max_context_length").json == {"value": length}
    assert get("aphrodite", "/api/v1/config/max_length").json == {"value": length}
