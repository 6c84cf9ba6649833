"""Errors that a scenario asks for: whose they are, and so which headers, type and reason phrase they have."""

from __future__ import annotations

import pytest

from mockoai.backends import BACKENDS
from mockoai.reply.failure import failure
from mockoai.scenario.model import ErrorReply
from tests.support.faulted import Faulted, ask, scenario


def answered(error: str) -> Faulted:
    return ask(scenario("", f"{{ error: {error} }}"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"detail": "x"}, "application/json"),
        ([1], "application/json"),
        (False, "application/json"),
        ("text", "text/plain; charset=utf-8"),
        ("", ""),
    ],
)
def test_a_body_of_its_own_has_the_type_that_fits_it(body: object, content_type: str) -> None:
    made = failure(ErrorReply(500, body=body), BACKENDS["openai"])  # type: ignore[arg-type]
    assert (made.content_type, made.foreign, made.body) == (content_type, True, body)


def test_a_body_of_its_own_comes_without_the_backends_headers() -> None:
    answer = answered("{ status: 502, body: { message: down }, headers: { server: kong } }")
    assert list(answer.head) == ["content-type", "date", "server", "content-length", "connection"]
    assert answer.body == b'{"message":"down"}'


def test_an_empty_body_has_no_type() -> None:
    answer = answered('{ status: 401, body: "" }')
    assert list(answer.head) == ["date", "content-length", "connection"]
    assert answer.body == b""


def test_a_type_that_was_given_is_kept() -> None:
    answer = answered("{ status: 400, body: { a: 1 }, content_type: application/octet-stream }")
    assert answer.head["content-type"] == "application/octet-stream"


def test_an_error_in_the_backends_shape_has_its_headers() -> None:
    answer = answered("{ status: 503 }")
    assert answer.head["x-request-id"]
    assert answer.head["openai-processing-ms"]


@pytest.mark.parametrize("body", ["", "body: { detail: x }, "])
def test_the_reason_phrase_can_be_given(body: str) -> None:
    answer = answered(f"{{ status: 401, {body}reason: PermissionDenied }}")
    assert answer.plan.data.startswith(b"HTTP/1.1 401 PermissionDenied\r\n")


def test_without_one_it_is_the_usual_or_for_others_the_older_one() -> None:
    assert answered("{ status: 422 }").plan.data.startswith(b"HTTP/1.1 422 Unprocessable Content\r\n")
    older = answered("{ status: 422, body: { detail: x } }")
    assert older.plan.data.startswith(b"HTTP/1.1 422 Unprocessable Entity\r\n")
