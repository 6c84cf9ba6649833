"""What Express and Node.js add to an answer."""

from __future__ import annotations

import pytest

from mockoai.backends.express import etag
from tests.support.imitating import MESSAGES, chat, get, put, request

MADE = ("lm-studio", "qwen-proxy")


def test_a_body_is_tagged_as_it_was_seen_on_the_wire() -> None:
    body = b'{"error":"Unexpected endpoint or method. (POST /chat/completions)"}'
    assert etag(body) == 'W/"43-qTdCaLfEMe8wb/ShYO0yTUTunEg"'


@pytest.mark.parametrize("name", MADE)
def test_headers_of_a_body_and_of_a_stream(name: str) -> None:
    body, stream = chat(name), chat(name, stream=True)
    assert list(body.head) == [
        *("x-powered-by", "content-type", "content-length", "etag", "date", "connection", "keep-alive")
    ]
    assert body.head["etag"] == etag(body.body)
    assert list(stream.head)[-3:] == ["connection", "keep-alive", "transfer-encoding"]
    assert "etag" not in stream.head


@pytest.mark.parametrize("name", MADE)
def test_a_connection_that_ends_is_kept_for_no_time(name: str) -> None:
    head = put(name, request(name, {"messages": MESSAGES}, version="1.0")).head
    assert head["connection"] == "close"
    assert "keep-alive" not in head


def test_what_a_scenario_adds_to_an_error_stands_behind_the_name() -> None:
    answer = chat("qwen-proxy", reply="{ error: { status: 429, headers: { Retry-After: '1' } } }")
    assert list(answer.head)[:3] == ["x-powered-by", "retry-after", "content-type"]


def test_an_error_that_is_not_express_s_own_has_none_of_it() -> None:
    answer = chat("qwen-proxy", rest="faults: [error-html-body]")
    assert "x-powered-by" not in answer.head
    assert "etag" not in answer.head


def test_no_route_is_a_page_that_says_which() -> None:
    answer = get("qwen-proxy", "/v1/<nothing> é")
    assert (answer.status, answer.head["content-type"]) == ("404 Not Found", "text/html; charset=utf-8")
    assert b"<pre>Cannot GET /v1/%3Cnothing%3E%20%C3%A9</pre>" in answer.body
    assert "etag" not in answer.head
