from collections.abc import Mapping
from typing import Any

import pytest

from mockoai.plan.items import Failure, Model, Role, Text, Usage, Vector
from mockoai.scenario.model import ErrorReply, Reply
from tests.support.composing import ask

MODELS = (Model(id="gpt-4o", created=1), Model(id="org/llama-3", created=2, owned_by="org"))


@pytest.mark.parametrize(("endpoint", "first"), [("chat", Role), ("completions", Text), ("embeddings", Vector)])
def test_every_endpoint_has_its_answer(endpoint: str, first: type) -> None:
    parts = ask(endpoint=endpoint, input="x", prompt="x")
    assert isinstance(parts[0], first)
    assert isinstance(parts[-1], Usage)


def test_the_model_list() -> None:
    assert ask(endpoint="models", models=MODELS) == MODELS
    assert ask(endpoint="models") == ()


def test_one_model() -> None:
    found = ask(endpoint="model", models=MODELS, parameters=(("model", "org/llama-3"),))
    assert found == (MODELS[1],)


def test_a_model_that_is_not_listed_is_made_up() -> None:
    (model,) = ask(endpoint="model", models=MODELS, parameters=(("model", "gpt-9"),))
    assert isinstance(model, Model)
    assert (model.id, model.created) == ("gpt-9", 1_700_000_000)


@pytest.mark.parametrize("endpoint", ["chat", "completions", "embeddings", "models", "model", "unknown"])
def test_an_error_answers_every_endpoint(endpoint: str) -> None:
    (failure,) = ask(Reply(error=ErrorReply(status=418, message="teapot")), endpoint)
    assert isinstance(failure, Failure)
    assert (failure.status, failure.message, failure.type) == (418, "teapot", "invalid_request_error")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"status": 429},
            {"message": "Rate limit reached for requests", "type": "requests", "code": "rate_limit_exceeded"},
        ),
        ({"status": 429, "type": "tokens", "code": 7}, {"type": "tokens", "code": 7}),
        ({"status": 401}, {"type": "invalid_request_error", "code": "invalid_api_key"}),
        ({"status": 403}, {"type": "request_forbidden"}),
        ({"status": 500}, {"type": "server_error", "code": None}),
        ({"status": 503}, {"message": "The engine is currently overloaded, please try again later"}),
        ({"status": 502}, {"message": "Bad Gateway", "type": "server_error", "code": None}),
        ({"status": 422}, {"type": "invalid_request_error", "code": None}),
        ({"status": 599}, {"message": "Error 599", "type": "server_error"}),
        ({"status": 400, "param": "model"}, {"message": "Bad Request", "param": "model"}),
        (
            {"status": 400, "headers": (("x-a", "b"),), "body": {"detail": 1}, "content_type": "text/html"},
            {"headers": (("x-a", "b"),), "body": {"detail": 1}, "content_type": "text/html"},
        ),
    ],
)
def test_what_an_error_leaves_out_goes_by_its_status(given: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    (failure,) = ask(Reply(error=ErrorReply(**given)))
    assert {name: getattr(failure, name) for name in expected} == expected
