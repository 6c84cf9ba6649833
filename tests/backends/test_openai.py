"""OpenAI's headers, error bodies, models and names."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends import BACKENDS
from mockoai.endpoints import check, refusals
from mockoai.plan.context import Context
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import Event, Failure, Headers
from mockoai.seed import Seed
from mockoai.wire.sse import encode_body
from tests.support.rendering import asked

OPENAI = BACKENDS["openai"]
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}


def failed(failure: Failure, context: Context | None = None) -> tuple[Headers, Event]:
    return OPENAI.failure(failure, asked("chat", CHAT) if context is None else context)


def written(failure: Failure, context: Context | None = None) -> bytes:
    return encode_body(failed(failure, context)[1]).data


def names(headers: Headers) -> list[str]:
    return [name.lower() for name, _ in headers]


# --- headers of answers -----------------------------------------------------------------------------------


def test_a_stream_of_chat_has_these_headers_in_this_order() -> None:
    context = asked("chat", {**CHAT, "stream": True})
    headers = OPENAI.headers(context, status=200, stream=True)
    processing = dict(headers)["openai-processing-ms"]
    assert headers == (
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Date", "Thu, 02 Jul 2026 01:30:17 GMT"),
        ("access-control-expose-headers", "X-Request-ID"),
        ("openai-organization", "mockoai"),
        ("openai-processing-ms", processing),
        ("openai-project", "proj_mockoai"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-limit-tokens", "2000000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-remaining-tokens", str(2_000_000 - len(context.request.body) // 4)),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-ratelimit-reset-tokens", "0s"),
        ("x-request-id", "req_0123456789abcdef0123456789abcdef"),
        ("X-Content-Type-Options", "nosniff"),
    )
    assert 90 <= int(processing) <= 900


def test_a_body_is_json() -> None:
    assert OPENAI.headers(asked("chat", CHAT), status=200, stream=False)[0] == ("Content-Type", "application/json")


@pytest.mark.parametrize("endpoint", ["completions", "embeddings"])
def test_older_routes_name_the_model_and_allow_all_origins(endpoint: str) -> None:
    context = asked(endpoint, {"model": "m", "prompt": "x", "input": "x"}, model="the-model")
    good = dict(OPENAI.headers(context, status=200, stream=False))
    assert good["access-control-allow-origin"] == "*"
    assert good["openai-model"] == "the-model"
    assert "openai-model" not in dict(OPENAI.headers(context, status=400, stream=False))


@pytest.mark.parametrize("endpoint", ["models", "model"])
def test_lists_of_models_are_not_limited(endpoint: str) -> None:
    headers = OPENAI.headers(asked(endpoint), status=200, stream=False)
    assert not [name for name in names(headers) if name.startswith("x-ratelimit")]
    assert "x-request-id" in names(headers)


def test_a_long_request_takes_its_part_of_the_tokens() -> None:
    headers = dict(OPENAI.headers(asked("chat", body=b"x" * 400_000), status=200, stream=False))
    assert headers["x-ratelimit-remaining-tokens"] == "1900000"
    assert headers["x-ratelimit-reset-tokens"] == "3s"
    headers = dict(OPENAI.headers(asked("chat", body=b"x" * 12_000_000), status=200, stream=False))
    assert headers["x-ratelimit-remaining-tokens"] == "0"


def test_headers_depend_on_the_content_and_not_on_the_exchange() -> None:
    def headers(seed: str, content: str) -> Headers:
        return OPENAI.headers(asked("chat", CHAT, seed=Seed(seed), content=Seed(content)), status=200, stream=False)

    assert headers("a", "x") == headers("b", "x") != headers("a", "y")


@pytest.mark.parametrize("stream", [False, True])
def test_headers_that_would_be_untrue_are_left_out(stream: bool) -> None:
    found = names(OPENAI.headers(asked("chat", CHAT), status=200, stream=stream))
    assert not {"strict-transport-security", "alt-svc", "set-cookie", "cf-ray", "server"} & set(found)
    assert not {"content-length", "transfer-encoding", "connection"} & set(found)
    assert len(set(found)) == len(found)


# --- errors -----------------------------------------------------------------------------------------------


def test_the_gateway_writes_errors_with_four_spaces() -> None:
    failure = refusals.unknown_model("this-model-does-not-exist")
    headers, event = failed(failure)
    assert encode_body(event).data == (
        b"{\n"
        b'    "error": {\n'
        b'        "message": "The model `this-model-does-not-exist` does not exist or you do not have access to it.",\n'
        b'        "type": "invalid_request_error",\n'
        b'        "param": null,\n'
        b'        "code": "model_not_found"\n'
        b"    }\n"
        b"}\n"
    )
    assert headers == (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Date", "Thu, 02 Jul 2026 01:30:17 GMT"),
        ("openai-organization", "mockoai"),
        ("vary", "Origin"),
        ("x-request-id", "req_0123456789abcdef0123456789abcdef"),
        ("X-Content-Type-Options", "nosniff"),
    )
    assert event.mark == "error"


@pytest.mark.parametrize(
    ("endpoint", "failure", "size"),
    [
        pytest.param("chat", refusals.unknown_model("this-model-does-not-exist"), 231, id="404"),
        pytest.param("chat", refusals.missing_key(), 496, id="401"),
        pytest.param(
            "chat",
            refusals.bad_request(
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                "messages[0].role",
                "unsupported_value",
            ),
            221,
            id="chat",
        ),
        pytest.param("embeddings", refusals.in_schema_words("-1 is less than the minimum of 1", "dimensions"), 160),
    ],
)
def test_errors_have_the_content_lengths_that_were_recorded(endpoint: str, failure: Failure, size: int) -> None:
    assert len(written(failure, asked(endpoint, {"model": "m"}))) == size


def test_an_engine_writes_errors_with_two_spaces_and_chat_leaves_out_the_line_feed() -> None:
    failure = refusals.missing("messages")
    headers, event = failed(failure)
    assert encode_body(event).data == (
        b"{\n"
        b'  "error": {\n'
        b'    "message": "Missing required parameter: \'messages\'.",\n'
        b'    "type": "invalid_request_error",\n'
        b'    "param": "messages",\n'
        b'    "code": "missing_required_parameter"\n'
        b"  }\n"
        b"}"
    )
    assert headers == OPENAI.headers(asked("chat", CHAT), status=400, stream=False)
    assert written(failure, asked("embeddings", {"model": "m"})).endswith(b"  }\n}\n")


@pytest.mark.parametrize(
    "failure",
    [refusals.bad_request(refusals.MISSING_MODEL), refusals.bad_request(refusals.UNPARSABLE_BODY)],
)
def test_the_gateway_gives_the_400s_about_what_it_reads_itself(failure: Failure) -> None:
    headers, event = failed(failure)
    assert ("vary", "Origin") in headers
    assert "openai-processing-ms" not in names(headers)
    assert encode_body(event).data.startswith(b'{\n    "error"')


def test_without_a_key_there_is_a_challenge_and_no_organization() -> None:
    headers, _ = failed(refusals.missing_key())
    assert dict(headers)["www-authenticate"] == 'Bearer realm="OpenAI API"'
    assert "openai-organization" not in names(headers)
    headers, _ = failed(refusals.wrong_key("sk-0"))
    assert "www-authenticate" not in names(headers)
    assert "openai-organization" not in names(headers)


def test_a_rate_limit_says_what_is_left_and_a_quota_does_not() -> None:
    headers, _ = failed(Failure(status=429, type="requests", code="rate_limit_exceeded"))
    assert "x-ratelimit-remaining-requests" in names(headers)
    headers, _ = failed(Failure(status=429, type="insufficient_quota", code="insufficient_quota"))
    assert "x-ratelimit-remaining-requests" not in names(headers)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_of_the_server_are_the_engines(status: int) -> None:
    headers, event = failed(Failure(status=status, message="The server had an error", type="server_error"))
    assert "openai-processing-ms" in names(headers)
    assert encode_body(event).data.endswith(b"\n}\n")


def test_extra_is_merged_into_the_error() -> None:
    failure = Failure(status=400, message="m", extra=(("innererror", {"code": "x"}), ("type", None)))
    assert failed(failure)[1].payload == {
        "error": {"message": "m", "type": None, "param": None, "code": None, "innererror": {"code": "x"}}
    }


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("<html>é", "<html>é".encode()),
        (b"\xff\x00", b"\xff\x00"),
        (b"", b""),
        ({"detail": "x"}, b'{"detail":"x"}'),
        ([], b"[]"),
    ],
)
def test_a_body_of_its_own_is_sent_as_it_is(body: Any, data: bytes) -> None:
    assert written(Failure(status=502, body=body)) == data
    assert written(Failure(status=404, body=body)) == data


def test_headers_of_its_own_replace_those_of_equal_name_in_any_case() -> None:
    own = (("X-Request-ID", "other"), ("Retry-After", "3"), ("retry-after-ms", "3000"))
    plain, _ = failed(Failure(status=503))
    headers, _ = failed(Failure(status=503, headers=own))
    assert headers == (*(pair for pair in plain if pair[0] != "x-request-id"), *own)


def test_a_content_type_of_its_own_comes_first() -> None:
    for status in (404, 503):
        headers, _ = failed(Failure(status=status, body="<html>", content_type="text/html"))
        assert headers[0] == ("Content-Type", "text/html")
        assert names(headers).count("content-type") == 1


def test_the_event_takes_its_place_from_the_failure() -> None:
    _, event = failed(Failure(status=500, at=1.5, tokens=3, faults=("x",)))
    assert (event.at, event.tokens, event.faults, event.mark) == (1.5, 3, ("x",), "error")


@pytest.mark.parametrize(
    "context",
    [
        asked(path="/v1/ask_url", fields={}),
        asked("chat", CHAT, method="GET"),
        asked("chat", CHAT, headers=(("content-type", "text/plain"),)),
        asked("chat", CHAT, headers=(), keys=("sk-1",)),
        asked("chat", body=b"{"),
        asked("chat", {}),
        asked("embeddings", {"model": "m"}),
        asked("completions", {"model": "m", "n": 0}),
        asked("model", exact_models=True),
    ],
    ids=lambda context: f"{context.request.method} {context.request.path} {context.request.body[:20]!r}",
)
def test_every_refusal_has_openais_shape(context: Context) -> None:
    failure = check(context)
    assert failure is not None
    assert list(failed(failure, context)[1].payload["error"]) == ["message", "type", "param", "code"]


# --- dates ------------------------------------------------------------------------------------------------


@given(st.floats(0, 253_402_300_799))
def test_dates_are_those_of_the_standard_library(seconds: float) -> None:
    expected = datetime.fromtimestamp(int(seconds), UTC)
    assert imf_fixdate(seconds) == format_datetime(expected, usegmt=True)
    assert parsedate_to_datetime(imf_fixdate(seconds)) == expected


def test_dates_out_of_range_are_the_nearest_there_is() -> None:
    assert imf_fixdate(-1.0) == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert imf_fixdate(1e300) == "Fri, 31 Dec 9999 23:59:59 GMT"


# --- models -----------------------------------------------------------------------------------------------


def test_models_are_listed_once_with_their_dates() -> None:
    models = OPENAI.models()
    assert len({model.id for model in models}) == len(models)
    assert all(model.created > 1_600_000_000 for model in models)
    wanted = {"gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small"}
    assert wanted <= {model.id for model in models}


@pytest.mark.parametrize(
    ("asked_for", "answered"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-3.5-turbo-instruct", "gpt-3.5-turbo-instruct:20230824-v2"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        ("text-embedding-3-small", "text-embedding-3-small"),
        ("anything else", "anything else"),
        ("", ""),
    ],
)
def test_an_alias_is_answered_by_a_dated_model(asked_for: str, answered: str) -> None:
    assert OPENAI.snapshot(asked_for) == answered
    assert OPENAI.snapshot(answered) == answered


@pytest.mark.parametrize(
    ("endpoint", "prefix", "length"),
    [("chat", "chatcmpl-", 38), ("completions", "cmpl-", 34), ("embeddings", "", 0), ("models", "", 0)],
)
def test_answers_have_ids_like_openais(endpoint: str, prefix: str, length: int) -> None:
    id = OPENAI.answer_id(endpoint, Seed("x"))
    assert id.startswith(prefix)
    assert len(id) == length
    assert id == OPENAI.answer_id(endpoint, Seed("x"))
    assert not id or id != OPENAI.answer_id(endpoint, Seed("y"))
