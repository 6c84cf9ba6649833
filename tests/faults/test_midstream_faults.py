"""Errors behind the first event of a stream, to the byte, and how the body ends behind them."""

from __future__ import annotations

import pytest

from tests.support.faulted import TEXT, faulted

DONE = b"data: [DONE]\n\n"
PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)

ERRORS = [
    (
        "err-data-then-done",
        b'data: {"error":{"message":"Internal server error","type":"InternalServerError","param":null,"code":500}}\n\n'
        + DONE,
    ),
    (
        "err-data-then-done: { object: true, message: m, type: t, code: null }",
        b'data: {"error":{"object":"error","message":"m","type":"t","param":null,"code":null}}\n\n' + DONE,
    ),
    (
        "err-data-no-done",
        b'data: {"error":{"message":"The server had an error while processing your request. Sorry about that!",'
        b'"type":"server_error","param":null,"code":null}}\n\n',
    ),
    (
        "err-event-named",
        b'event: error\ndata: {"error":{"message":"Tool choice is required, but model did not call a tool","type":'
        b'"invalid_request_error","code":"tool_use_failed","failed_generation":"","status_code":400}}\n\n',
    ),
    (
        "err-event-named: { shape: lm-studio, message: Compute error. }",
        b'event: error\ndata: {"error":{"message":"Compute error."},"message":"Compute error."}\n\n',
    ),
    ("err-event-flat", b'event: error\ndata: {"message":"boom","code":"oops"}\n\n'),
    ("err-bare-string", b'data: {"error":"boom"}\n\n'),
    ("err-tgi: { message: m }", b'data: {"error":{"message":"m","http_status_code":422}}\n\n' + DONE),
    (
        "err-flat-object",
        b'data: {"object":"error","message":"boom","type":"InternalServerError","param":null,"code":500}\n\n' + DONE,
    ),
    ("err-fastchat: { text: '**T**' }", b'data: {"text":"**T**","error_code":50001}\n\n' + DONE),
    ("err-fastapi-detail", b'data: {"detail":"boom"}\n\n'),
    (
        "err-int-code-metadata: { raw: r }",
        b'data: {"error":{"code":502,"message":"Provider returned error","metadata":{"provider_name":"Google",'
        b'"raw":"r"}}}\n\n',
    ),
    ("err-message-not-string", b'data: {"error":{"message":{"a":1}}}\n\n'),
    (
        "err-raw-json-no-prefix",
        b'{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded. Please try again later.",\n'
        b'    "status": "UNAVAILABLE"\n  }\n}\n',
    ),
    ("err-error-field-prefix: { message: m }", b'error: {"code":500,"message":"m","type":"server_error"}\n\n'),
    ("err-plain-text", b"Internal Server Error"),
    ("err-html-mid-stream", PAGE),
    (
        "err-plain-text-in-data",
        b"data: upstream connect error or disconnect/reset before headers\n\n",
    ),
    ("err-swallowed-clean-done", DONE),
]


def healthy(frames: int) -> bytes:
    """Return the first frames of the healthy stream."""
    return b"".join(frame + b"\n\n" for frame in faulted("noop").frames[:frames])


@pytest.mark.parametrize(("fault", "end"), ERRORS, ids=[one for one, _ in ERRORS])
def test_errors(fault: str, end: bytes) -> None:
    answer = faulted(f"{{ {fault} }}" if ":" in fault else fault)

    assert answer.body == healthy(4) + end, "the role and three tokens, then the error"
    assert answer.plan.data.endswith(b"\r\n0\r\n\r\n"), "the body ends cleanly"
    assert answer.plan.ending == "clean"
    assert answer.plan.status == 200
    assert answer.fault.fired


PLACES = [
    ("headers", 0),
    ("0 tokens", 0),
    ("role", 1),
    ("1 token", 2),
    ("2 events", 2),
    ("50%", 5),
    ("finish", len(TEXT) + 2),
]


@pytest.mark.parametrize(("place", "frames"), PLACES, ids=[one for one, _ in PLACES])
@pytest.mark.parametrize("fault", ["err-bare-string", "err-plain-text-in-data"])
def test_places(fault: str, place: str, frames: int) -> None:
    answer = faulted(f"{{ {fault}: {{ after: {place} }} }}")

    assert len(answer.frames) == frames + 1
    assert answer.body.startswith(healthy(frames))


CHUNKS = [
    (
        "err-in-chunk-with-choices",
        b'"choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"error"}],'
        b'"error":{"code":502,"message":"Provider disconnected unexpectedly"}}\n\n' + DONE,
    ),
    (
        "err-inside-choice",
        b'"choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"error",'
        b'"error":{"code":502,"message":"Provider disconnected unexpectedly"}}]}\n\n' + DONE,
    ),
    (
        "err-becomes-empty-chunk",
        b'"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n',
    ),
    (
        "{ err-swallowed-clean-done: { finish: true } }",
        b'"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\n' + DONE,
    ),
]


@pytest.mark.parametrize(("fault", "end"), CHUNKS, ids=[one for one, _ in CHUNKS])
def test_errors_inside_a_chunk(fault: str, end: bytes) -> None:
    answer = faulted(fault)

    assert answer.body.startswith(healthy(4) + b'data: {"id":"chatcmpl-')
    assert answer.body.endswith(end)
    assert answer.text == "It is 21"


def test_errors_inside_a_chunk_of_a_legacy_completion() -> None:
    chunk = faulted("err-in-chunk-with-choices", "completions").events[-1]

    assert chunk["choices"] == [{"text": "", "index": 0, "logprobs": None, "finish_reason": "error"}]
    assert chunk["error"]["code"] == 502


def test_tgi_speaks_otherwise_on_the_legacy_route() -> None:
    answer = faulted("{ err-tgi: { message: m } }", "completions")

    assert answer.events[-1] == {"error": "m", "error_type": "generation"}


def test_what_is_no_event_does_not_count_as_one() -> None:
    assert faulted("err-plain-text").plan.events == 4
    assert faulted("err-plain-text-in-data").plan.events == 5


FAULTS = [one.split(":")[0].strip("{ ") for one, _ in (*ERRORS, *CHUNKS)]


@pytest.mark.parametrize("fault", sorted(set(FAULTS)))
def test_nothing_of_the_answer_is_there(fault: str) -> None:
    late = faulted(f"{{ {fault}: {{ after: 8 tokens }} }}")
    body = faulted(fault, stream=False)

    assert late.fault.why.startswith("the answer has no place `8 tokens`")
    assert not late.fault.fired
    assert late.plan.data == faulted("noop").plan.data
    assert (body.fault.fired, body.fault.why) == (False, "the answer is not streamed")


def test_nothing_to_swallow() -> None:
    answer = faulted("{ err-swallowed-clean-done: { after: finish } }")

    assert answer.fault.why == "nothing but [DONE] follows `finish`"
    assert not answer.fault.fired


def test_the_error_leaves_with_the_token_before_it() -> None:
    from tests.support.planning import GAPS, fault, planned, writes

    plan = planned(fault("err-bare-string", after="2 tokens"), timing=GAPS)

    (error,) = [step for step in writes(plan) if b'"error"' in step.data]
    assert error.at == pytest.approx(0.25)
    assert plan.duration == pytest.approx(0.25)
