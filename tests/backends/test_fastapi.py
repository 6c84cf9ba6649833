"""How servers made with FastAPI refuse what is none of their routes' business, and what they make of complaints."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.backends import BACKENDS
from mockoai.backends.fastapi import FastAPI, as_json, as_text
from tests.support.imitating import MESSAGES, get, post, put, request

MADE = [name for name in BACKENDS if isinstance(BACKENDS[name], FastAPI) and name != "exo"]
"""exo answers for files where others have no route; LiteLLM reads bodies itself, whatever their type."""
COMPLAINTS: list[dict[str, Any]] = [
    {"type": "missing", "loc": ("body", "model"), "msg": "Field required", "input": {"a": None}},
    {"type": "value_error", "loc": ("body",), "msg": "Value error, no", "input": 5, "ctx": {"error": ValueError("no")}},
]


@pytest.mark.parametrize("name", MADE)
def test_an_unknown_route_is_not_found(name: str) -> None:
    answer = post(name, "/v1/nothing", {})
    assert (answer.status, answer.json) == ("404 Not Found", {"detail": "Not Found"})


@pytest.mark.parametrize("name", MADE)
def test_a_method_that_is_not_taken_is_said_which_is(name: str) -> None:
    for method, path, allowed in (("GET", "/v1/chat/completions", "POST"), ("HEAD", "/v1/models", "GET")):
        answer = get(name, path, method)
        assert (answer.status, answer.head["allow"]) == ("405 Method Not Allowed", allowed)
        assert answer.body == (b"" if method == "HEAD" else b'{"detail":"Method Not Allowed"}')


@pytest.mark.parametrize("name", MADE)
def test_what_the_application_adds_stands_before_the_length(name: str) -> None:
    names = [one for one in get(name, "/v1/chat/completions").head if one != "server"]
    assert names[:4] == ["date", "allow", "content-length", "content-type"]


@pytest.mark.parametrize("name", [name for name in MADE if name != "litellm-proxy"])
def test_a_body_that_is_no_json_is_the_clients_mistake(name: str) -> None:
    for asked in (request(name, b"{"), request(name, {"messages": MESSAGES}, content_type="text/plain")):
        assert put(name, asked).status[:3] in ("400", "422")


def test_complaints_are_counted_and_written_as_python_does() -> None:
    first = "  {'type': 'missing', 'loc': ('body', 'model'), 'msg': 'Field required', 'input': {'a': None}}\n"
    assert as_text(COMPLAINTS[:1]) == f"1 validation error:\n{first}"
    assert as_text(COMPLAINTS).startswith(f"2 validation errors:\n{first}  {{'type': 'value_error'")
    assert "'ctx': {'error': ValueError('no')}" in as_text(COMPLAINTS)


def test_exceptions_have_no_json() -> None:
    assert [one.get("ctx") for one in as_json(COMPLAINTS)["detail"]] == [None, {"error": {}}]
