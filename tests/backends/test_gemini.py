"""What Gemini does that its golden answers do not show."""

from __future__ import annotations

import pytest

from tests.support.imitating import MESSAGES, chat, get, put, request

NAME = "gemini"
LONG = " ".join(["sunny"] * 40)


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "models/gemini-2.5-pro"])
def test_a_model_is_known_by_either_name(model: str) -> None:
    answer = put(NAME, request(NAME, {"messages": MESSAGES}, model=model))
    assert (answer.status, answer.json["model"]) == ("200 OK", "gemini-2.5-pro")
    found = get(NAME, f"/v1beta/openai/models/{model}").json
    assert (found["id"], found["display_name"]) == ("models/gemini-2.5-pro", "Gemini 2.5 Pro")


def test_models_that_somebody_names_are_listed_as_the_others() -> None:
    listed = put(NAME, request(NAME, None, "/v1beta/openai/models"), models=["gemini-2.5-pro", "mine"]).json["data"]
    assert [(one["id"], one["display_name"]) for one in listed] == [
        ("models/gemini-2.5-pro", "Gemini 2.5 Pro"),
        ("models/mine", "mine"),
    ]


def test_text_comes_in_few_pieces_each_with_the_role() -> None:
    answer = chat(NAME, reply=f"{{ text: {LONG} }}", stream=True)
    assert 2 <= len(answer.said) <= 6
    assert "".join([delta["content"] for delta, _ in answer.said]) == LONG
    assert all(delta["role"] == "assistant" for delta, _ in answer.said)
    assert [reason for _, reason in answer.said if reason] == ["stop"]


def test_what_was_thought_counts_in_the_total_only() -> None:
    usage = chat(NAME, reply="{ text: Sunny., reasoning: Look. }").json["usage"]
    assert usage["total_tokens"] - usage["prompt_tokens"] - usage["completion_tokens"] == 2


def test_what_a_fault_does_to_a_call_shows_in_its_only_chunk() -> None:
    call = "{ tool_calls: [{ name: look, arguments: {} }] }"
    assert chat(NAME, reply=call, rest="faults: [tool-args-doubled]", stream=True).fault.fired


def test_an_error_that_a_scenario_writes_is_left_as_it_is() -> None:
    body = '[\\n  {\\n    \\"why\\": 1\\n  }\\n]'
    answer = chat(NAME, reply=f'{{ error: {{ status: 500, body: "{body}" }} }}')
    assert answer.body == b'[\n  {\n    "why": 1\n  }\n]'
