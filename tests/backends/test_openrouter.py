"""What OpenRouter does that its golden answers do not show."""

from __future__ import annotations

from mockoai.keys import ApiKey
from tests.support.imitating import KEY, MESSAGES, chat, put, request

NAME = "openrouter"
WAIT = "timing: { first_token: 3.5s }"


def test_a_whole_answer_that_takes_its_time_begins_with_blank_lines() -> None:
    answer = chat(NAME, rest=WAIT)
    assert answer.head["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.head
    assert answer.body.startswith(b"\n         \n" * 3 + b'{"id"')
    assert answer.json["choices"][0]["message"]["content"] == "It is sunny."
    assert [step.at for step in answer.plan.steps][:4] == [0, 1, 2, 3]


def test_an_answer_at_once_and_an_error_have_a_length() -> None:
    late = chat(NAME, reply="{ error: { status: 503 } }", rest=WAIT)
    assert (late.status, late.body[:1]) == ("503 Service Unavailable", b"{")
    for answer in (chat(NAME), late):
        assert answer.head["content-length"] == str(len(answer.body))


def test_anybody_sees_the_models_and_nobody_else_the_rest() -> None:
    for path, status in (("/api/v1/models", "200 OK"), ("/api/v1/key", "401 Unauthorized")):
        assert put(NAME, request(NAME, None, path), keys=[KEY]).status == status


def test_who_has_no_credit_must_pay() -> None:
    poor = ApiKey(KEY, no_quota=True)
    answer = put(NAME, request(NAME, {"messages": MESSAGES}, key=KEY), keys=[poor])
    assert answer.status == "402 Payment Required"
    assert answer.json["error"]["code"] == 402


def test_a_model_says_who_serves_it_and_what_it_costs() -> None:
    for model, provider in (("mistralai/mistral-nemo", "Mistral"), ("mine/own", "DeepInfra")):
        answer = put(NAME, request(NAME, {"messages": MESSAGES}, model=model), models=[model])
        assert answer.json["provider"] == provider
        assert (answer.json["usage"]["cost"] > 0) == (provider == "Mistral")
