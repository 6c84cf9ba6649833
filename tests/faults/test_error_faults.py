"""Errors in place of the answer: status, headers that matter, and the body to the byte."""

from __future__ import annotations

import pytest

from tests.support.faulted import faulted

FLAT = b'{"object":"error","message":"boom","type":"BadRequestError","param":null,"code":400}'
PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
OVERFLOW = (
    b"This model's maximum context length is 2048 tokens. However, you requested 2723 tokens (1699 in the messages, "
    b"1024 in the completion). Please reduce the length of the messages or completion."
)

BODIES = [
    ("error-flat-object", 400, FLAT),
    (
        "error-flat-object: { status: 503, message: m, type: t, parameter: p, code: 7 }",
        503,
        b'{"object":"error","message":"m","type":"t","param":"p","code":7}',
    ),
    ("error-flat-fastchat: { message: m }", 400, b'{"object":"error","message":"m","code":40303}'),
    ("error-bare-string", 500, b'{"error":"model requires more system memory"}'),
    ("error-bare-string: { status: 401, message: Unauthorized }", 401, b'{"error":"Unauthorized"}'),
    (
        "error-string-plus-type: { status: 429, message: Model is overloaded, kind: overloaded }",
        429,
        b'{"error":"Model is overloaded","error_type":"overloaded"}',
    ),
    (
        "error-code-and-error-string",
        200,
        b'{"code":"The service is currently unavailable","error":"Timed out waiting for first token"}',
    ),
    (
        "error-json-array: { message: m }",
        429,
        b'[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]',
    ),
    ("error-html-body", 502, PAGE),
    (
        "http-200-error-json",
        200,
        b'{"error":{"message":"boom","type":"server_error","param":null,"code":null}}',
    ),
    ("http-200-error-json: { shape: detail }", 200, b'{"detail":"boom"}'),
    (
        "unknown-route-200-error",
        200,
        b'{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}',
    ),
    (
        "context-length-exceeded",
        400,
        b'{"object":"error","message":"' + OVERFLOW + b'","type":"BadRequestError","param":null,"code":400}',
    ),
    (
        "context-length-exceeded: { shape: llama.cpp, limit: 8192, messages: 13392 }",
        400,
        b'{"error":{"code":400,"message":"request (13392 tokens) exceeds the available context size (8192 tokens), '
        b'try increasing it","type":"exceed_context_size_error","n_prompt_tokens":13392,"n_ctx":8192}}',
    ),
]


@pytest.mark.parametrize(("fault", "status", "body"), BODIES, ids=[fault for fault, _, _ in BODIES])
@pytest.mark.parametrize("stream", [True, False])
def test_bodies_of_other_servers(fault: str, status: int, body: bytes, stream: bool) -> None:
    answer = faulted(f"{{ {fault} }}" if ":" in fault else fault, stream=stream)

    assert answer.plan.status == status
    assert answer.body == body
    assert answer.fault.fired
    assert answer.plan.ending == "clean"
    assert not answer.plan.stream
    assert set(answer.head) <= {"content-type", "date", "x-powered-by", "server", "content-length", "connection"}


CONTENT_TYPES = [
    ("error-flat-object", "application/json"),
    ("error-html-body", "text/html"),
    ("unknown-route-200-error", "application/json; charset=utf-8"),
    ("{ http-200-error-json: { content_type: text/event-stream } }", "text/event-stream"),
]


@pytest.mark.parametrize(("fault", "content_type"), CONTENT_TYPES)
def test_content_types(fault: str, content_type: str) -> None:
    assert faulted(fault).head["content-type"] == content_type


ERRORS = [
    (
        "auth-missing-key",
        401,
        "You didn't provide an API key.",
        {"type": "invalid_request_error", "param": None, "code": None},
    ),
    (
        "auth-invalid-key",
        401,
        "Incorrect API key provided: sk-proj-********************cdef. "
        "You can find your API key at https://platform.openai.com/account/api-keys.",
        {"type": "invalid_request_error", "param": None, "code": "invalid_api_key"},
    ),
    (
        "unknown-route-404-openai",
        404,
        "Invalid URL (POST /v1/chat/completions)",
        {"type": "invalid_request_error", "param": None, "code": None},
    ),
    (
        "model-not-found-404-openai",
        404,
        "The model `gpt-4o` does not exist or you do not have access to it.",
        {"type": "invalid_request_error", "param": None, "code": "model_not_found"},
    ),
    (
        "bad-request-unsupported-parameter",
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {"type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"},
    ),
    (
        "{ context-length-exceeded: { shape: openai } }",
        400,
        OVERFLOW.decode(),
        {"type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"},
    ),
    (
        "quota-exhausted-429",
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        {"type": "insufficient_quota", "param": None, "code": "insufficient_quota"},
    ),
]


@pytest.mark.parametrize(("fault", "status", "message", "rest"), ERRORS, ids=[one[0] for one in ERRORS])
def test_errors_in_the_shape_of_the_backend(fault: str, status: int, message: str, rest: dict[str, str | None]) -> None:
    answer = faulted(fault, headers=(("authorization", "Bearer sk-proj-0123456789abcdef0123cdef"),))

    error = answer.json["error"]
    assert answer.plan.status == status
    assert error["message"].startswith(message)
    assert {key: error[key] for key in ("type", "param", "code")} == rest
    assert list(error) == ["message", "type", "param", "code"]
    assert answer.head["x-request-id"]


@pytest.mark.parametrize("fault", ["auth-missing-key", "model-not-found-404-openai"])
@pytest.mark.parametrize("endpoint", ["completions", "embeddings", "models", "model"])
def test_an_error_answers_every_endpoint(fault: str, endpoint: str) -> None:
    answer = faulted(fault, endpoint)

    assert answer.fault.fired
    assert "error" in answer.json


def test_an_error_takes_the_place_of_another_one() -> None:
    answer = faulted("error-bare-string", model=None)

    assert answer.plan.status == 500
    assert answer.fault.fired


def test_names_what_was_asked_for() -> None:
    missing = faulted("model-not-found-404-openai", "model").json["error"]["message"]
    given = faulted("{ model-not-found-404-openai: { model: gpt-9 } }").json["error"]["message"]
    route = faulted("unknown-route-404-openai", path="/v1/ask_url").json["error"]["message"]

    assert missing.startswith("The model `gpt-4o` ")
    assert given.startswith("The model `gpt-9` ")
    assert route == "Invalid URL (POST /v1/ask_url)"


ELSEWHERE = [
    (
        "responses",
        400,
        {"message": "The requested model 'gpt-9' does not exist.", "type": "invalid_request_error"}
        | {"param": "model", "code": "model_not_found"},
    ),
    (
        "groq",
        404,
        {"message": "The model `gpt-9` does not exist or you do not have access to it."}
        | {"type": "invalid_request_error", "code": "model_not_found"},
    ),
    (
        "vllm",
        404,
        {"message": "The model `gpt-9` does not exist.", "type": "NotFoundError", "param": "model", "code": 404},
    ),
    (
        "ollama",
        404,
        {"message": "model 'gpt-9' not found", "type": "not_found_error", "param": None, "code": None},
    ),
]


@pytest.mark.parametrize(("form", "status", "error"), ELSEWHERE, ids=[one[0] for one in ELSEWHERE])
def test_a_missing_model_in_the_words_of_others(form: str, status: int, error: dict[str, str | int | None]) -> None:
    answer = faulted(f"{{ model-not-found: {{ form: {form} }} }}", model="gpt-9")

    assert answer.plan.status == status
    assert answer.json == {"error": error}
    # OpenAI's own is OpenAI's in its headers too; those of others are not.
    assert ("x-request-id" in answer.head) == (form == "responses")


def test_a_missing_model_at_fastchat() -> None:
    answer = faulted("{ model-not-found: { form: fastchat, model: other } }")

    assert answer.plan.status == 400
    assert answer.json["code"] == 40301
    assert answer.json["message"].endswith("allowed now, your model other")


def test_a_page_of_a_gateway_names_it_in_every_place() -> None:
    answer = faulted("{ error-html-body: { status: 504, server: openresty } }")

    assert answer.plan.data.startswith(b"HTTP/1.1 504 Gateway Time-out\r\n")
    assert b"<title>504 Gateway Time-out</title>" in answer.body
    assert answer.head["server"] == "openresty"
    assert b"<center>openresty</center>" in answer.body


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("error-html-body: { status: 413 }", b"HTTP/1.1 413 Request Entity Too Large\r\n"),
        ("error-string-plus-type", b"HTTP/1.1 422 Unprocessable Entity\r\n"),
        ("error-flat-object: { status: 404 }", b"HTTP/1.1 404 Not Found\r\n"),
    ],
)
def test_others_keep_the_older_reason_phrases(fault: str, line: bytes) -> None:
    assert faulted(f"{{ {fault} }}" if ":" in fault else fault).plan.data.startswith(line)


def test_advice_can_be_left_out() -> None:
    error = faulted("{ bad-request-unsupported-parameter: { parameter: seed, instead: '' } }").json["error"]

    assert error["message"] == "Unsupported parameter: 'seed' is not supported with this model."
    assert error["param"] == "seed"
