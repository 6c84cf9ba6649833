"""What LiteLLM's proxy does that its golden answers do not show."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.keys import Limits
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

NAME = "litellm-proxy"


def refused(*, keys: list[str] | None = None, **headers: str) -> Any:
    answer = put(NAME, request(NAME, None, "/v1/models", **headers), keys=keys or [KEY])
    assert answer.status == "401 Unauthorized"
    return answer.json["error"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("authorization", f"Bearer {KEY}"), ("authorization", f"bearer {KEY}"), ("api_key", KEY), ("x_api_key", KEY)],
)
def test_a_key_may_come_as_other_providers_want_it(header: str, value: str) -> None:
    named: dict[str, Any] = {header: value}
    assert put(NAME, request(NAME, None, "/v1/models", **named), keys=[KEY]).status == "200 OK"


def test_a_key_that_is_unknown_is_told_by_its_end_and_its_digest() -> None:
    error = refused(authorization="Bearer sk-wrong-1234")
    assert "Received API Key = sk-...1234, Key Hash (Token) =" in error["message"]
    assert (error["type"], error["code"]) == ("token_not_found_in_db", "401")
    assert refused(authorization=KEY)["message"].endswith("Ensure Key has `Bearer ` prefix.")
    assert refused()["param"] == "None"


def test_its_health_needs_no_key_and_the_rest_does() -> None:
    for path, status in (("/health/liveliness", "200 OK"), ("/model/info", "401 Unauthorized")):
        assert put(NAME, request(NAME, None, path), keys=[KEY]).status == status


def test_models_that_are_not_there() -> None:
    assert get(NAME, "/v1/models/nope").json == {"detail": "The model `nope` does not exist or is not accessible"}
    error = put(NAME, request(NAME, {"input": "Hi"}, "/v1/embeddings", model=None)).json["error"]
    assert error["message"].startswith("/embeddings: Invalid model name passed in model=None. ")


def test_a_body_is_json_whatever_its_type() -> None:
    assert put(NAME, request(NAME, {"messages": MESSAGES}, content_type="text/plain")).status == "200 OK"
    for body, where in ((b'{"a": x}', "line 1 column 7 (char 6)"), (b"", "line 1 column 1 (char 0)")):
        error = put(NAME, request(NAME, body)).json["error"]
        assert error["message"].startswith("Invalid JSON payload: ")
        assert error["message"].endswith(where)


def test_what_is_missing_is_named_with_the_route() -> None:
    error = post(NAME, "/v1/completions", {}).json["error"]
    assert (error["message"], error["param"]) == ("/completions: Missing required parameter: 'prompt'.", "prompt")


def test_what_a_scenario_says_is_not_wrapped() -> None:
    error = chat(NAME, reply="{ error: { status: 429, message: Slow down. } }").json["error"]
    assert (error["message"], error["type"], error["code"]) == ("Slow down.", "throttling_error", "429")


def test_the_cost_is_that_of_the_tokens() -> None:
    answer = chat(NAME)
    usage = answer.json["usage"]
    cost = usage["prompt_tokens"] * 2.5e-06 + usage["completion_tokens"] * 1e-05
    assert float(answer.head["x-litellm-response-cost"]) == pytest.approx(cost)
    last = chat(NAME, stream=True, stream_options={"include_usage": True}).chunks[-1]
    assert last["usage"]["cost"] == pytest.approx(cost)
    assert last["choices"] == [{"index": 0, "delta": {}}]


def test_the_same_model_is_always_served_by_the_same_deployment() -> None:
    listed = {one["model_name"]: one["model_info"]["id"] for one in get(NAME, "/model/info").json["data"]}
    for model in ("gpt-4o", "deepseek-r1"):
        head = chat(NAME, model=model).head
        assert (head["x-litellm-model-id"], head["x-litellm-model-group"]) == (listed[model], model)


def test_who_is_rate_limited_is_told_what_is_left() -> None:
    asked = request(NAME, {"messages": MESSAGES})
    head = put(NAME, asked, limits=Limits(rpm=60)).head
    assert (head["x-ratelimit-limit-requests"], head["x-ratelimit-remaining-requests"]) == ("60", "59")
