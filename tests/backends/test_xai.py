"""What xAI does that its golden answers do not show."""

from __future__ import annotations

import pytest

from tests.support.imitating import MESSAGES, chat, put, request

NAME = "xai"


def test_what_was_thought_counts_beside_the_completion() -> None:
    usage = chat(NAME, reply="{ text: Sunny., reasoning: Look. }").json["usage"]
    thought = usage["completion_tokens_details"]["reasoning_tokens"]
    assert thought == 2
    assert usage["completion_tokens"] == 2
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] + thought


def test_what_was_thought_costs_as_much_as_what_is_said() -> None:
    usage = chat(NAME, reply="{ text: Hi, usage: { prompt_tokens: 125, completion_tokens: 211, cached_tokens: 46 } }")
    assert usage.json["usage"]["cost_in_usd_ticks"] == (125 - 46) * 3000 + 46 * 750 + 211 * 5000


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"model": x', "400 Bad Request"), (b'{"messages":[]}', "422 Unprocessable Content")]
)
def test_what_is_no_json_and_what_does_not_fit_have_different_shapes(body: bytes, status: str) -> None:
    answer = put(NAME, request(NAME, body))
    assert answer.status == status
    assert list(answer.json) == (["error"] if status.startswith("422") else ["code", "error"])
    assert answer.json["error"].startswith("Failed to ")


def test_an_alias_is_answered_by_the_dated_model() -> None:
    answer = put(NAME, request(NAME, {"messages": MESSAGES}, model="grok-4"), models=["grok-4"])
    assert answer.json["model"] == "grok-4-0709"
