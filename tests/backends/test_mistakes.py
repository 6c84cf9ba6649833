"""What is wrong with a body, found in OpenAI's error, and what pydantic makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from mockoai.backends.mistakes import Mistake, complaint, mistake
from mockoai.endpoints import check
from tests.support.rendering import asked

USER = [{"role": "user", "content": "Hi"}]
CHAT = {"model": "m", "messages": USER}


def found(fields: Any = None, *, body: bytes | None = None, **more: Any) -> Mistake:
    context = asked("chat", fields, body=body, **more)
    failure = check(context)
    assert failure is not None
    return mistake(failure, context)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"messages": USER}, ("missing", "model", "", {"messages": USER})),
        ({"model": "m"}, ("missing", "messages", "", {"model": "m"})),
        ({**CHAT, "messages": "Hi"}, ("type", "messages", "array", "Hi")),
        ({**CHAT, "messages": [{"content": "Hi"}]}, ("missing", "messages.0.role", "", {"content": "Hi"})),
        ({**CHAT, "model": 5}, ("type", "model", "string", 5)),
        ({**CHAT, "temperature": 9}, ("above", "temperature", "2", 9)),
        ({**CHAT, "temperature": -1}, ("below", "temperature", "0", -1)),
        ({**CHAT, "n": "x"}, ("type", "n", "integer", "x")),
        ({**CHAT, "stream": "yes"}, ("type", "stream", "boolean", "yes")),
        ([], ("type", "", "object", [])),
    ],
)
def test_it_is_known_where_what_stands_and_what_should(fields: Any, expected: tuple[Any, ...]) -> None:
    one = found(fields)
    assert (one.kind, one.name, one.expected, one.value) == expected
    assert one.message


def test_a_role_has_its_alternatives() -> None:
    one = found({**CHAT, "messages": [{"role": "king", "content": "Hi"}]})
    assert (one.kind, one.name, one.value) == ("literal", "messages.0.role", "king")
    assert one.expected.startswith("'system', 'assistant', 'user'")
    assert " or '" in one.expected


@pytest.mark.parametrize("body", [b"{", b'{"a":1,}', b"\xff", b"nothing"])
def test_a_body_that_is_no_json_says_where_it_breaks(body: bytes) -> None:
    one = found(body=body)
    assert (one.kind, one.value) == ("unparsable", {})
    assert isinstance(one.path[0], int)


def test_nothing_at_all_is_missing() -> None:
    assert (found(body=b"").kind, found(body=b"").path) == ("missing", ())


def test_another_content_type_is_no_json() -> None:
    one = found(body=b'{"model":"m"}', headers=(("content-type", "text/plain"),))
    assert (one.kind, one.value) == ("not-json", '{"model":"m"}')


class Model(BaseModel):
    model: str
    messages: list[dict[str, Any]]
    temperature: float = Field(1.0, ge=0, le=2)
    n: int = 1
    logprobs: bool = False


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "m"},
        {"messages": USER},
        {**CHAT, "messages": "Hi"},
        {**CHAT, "temperature": 9},
        {**CHAT, "temperature": -1},
        {**CHAT, "temperature": "hot"},
        {**CHAT, "n": []},
        {**CHAT, "n": "x"},
        {**CHAT, "n": 1.5},
        {**CHAT, "n": {}},
        {**CHAT, "logprobs": {}},
        {**CHAT, "logprobs": "perhaps"},
        {**CHAT, "logprobs": 7},
        {**CHAT, "model": None},
    ],
)
def test_a_complaint_is_that_of_pydantic(fields: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        Model.model_validate(fields)
    (theirs,) = raised.value.errors(include_url=False)
    ours = complaint(found(fields))
    assert ours["loc"] == ("body", *theirs["loc"])
    assert (ours["input"], ours.get("ctx")) == (theirs["input"], theirs.get("ctx"))
    assert ours["type"] == theirs["type"]
    assert ours["msg"] == theirs["msg"]
