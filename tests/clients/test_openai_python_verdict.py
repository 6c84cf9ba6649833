"""The verdict on the openai SDK for Python, with its retries: what it is known to do gives no false finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from mockoai.mock import Mock
from mockoai.server.lifecycle import Server
from mockoai.server.outcome import verdict_on
from mockoai.verdict.model import Outcome, Verdict

HELLO: Any = [{"role": "user", "content": "Say where the harbour is."}]
DEADLINE = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Mock(), port=0) as server:
        yield server


def asks(client: OpenAI, stream: bool) -> str:
    if not stream:
        return client.chat.completions.create(model="gpt-4o", messages=HELLO).choices[0].message.content or ""
    chunks = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def judged(
    server: Server, id: str, *, stream: bool = True, call: Callable[[OpenAI, bool], str] = asks, **settings: Any
) -> Verdict:
    """Let the SDK meet a scenario, in a session of its own, and judge it by what it returned or raised."""
    session = f"{id}-{stream}-{time.monotonic_ns()}"
    url = f"{server.origin}/session/{session}/scenario/{id}/v1"
    outcome: dict[str, Any] = {"kind": "returned"}
    started = time.time()
    with OpenAI(base_url=url, api_key="sk-test", **{"timeout": 30.0, **settings}) as client:
        try:
            outcome["text"] = call(client, stream)
        except Exception as error:
            outcome = {"kind": "raised", "error": type(error).__name__, "message": str(error)}
        server.mock.outcomes.add(Outcome(session=session, started=started, ended=time.time(), **outcome))
    end = time.monotonic() + DEADLINE
    while not all(one.finished for one in server.mock.journal if one.session == session):
        assert time.monotonic() < end
        time.sleep(0.001)
    return verdict_on(server.mock, session)


def codes(verdict: Verdict) -> dict[str, str]:
    return {one.code: one.severity for one in verdict.findings}


@pytest.mark.parametrize(
    ("id", "attempts"),
    [
        ("auth-invalid-key", 1),
        ("status-422", 1),
        ("status-408", 3),
        ("status-529", 3),
        ("rate-limit-no-headers", 3),
        ("fail-n-then-succeed", 3),
        ("retry-after-seconds", 2),
        ("retry-after-http-date", 2),
        ("retry-after-ms", 2),
        ("retry-after-zero", 2),
        ("retry-after-negative-or-garbage", 3),
        ("retry-after-121s", 1),
        ("x-should-retry-false", 1),
        ("x-should-retry-true", 2),
        ("rst-before-headers", 3),
    ],
)
def test_how_it_retries_is_sound(server: Server, id: str, attempts: int) -> None:
    verdict = judged(server, id)
    assert codes(verdict) == {}
    assert (verdict.grade, verdict.connection) == ("OK", "OK")
    assert [len(call.attempts) for call in verdict.calls] == [attempts]


@pytest.mark.parametrize("id", ["status-501", "quota-exhausted-429"])
def test_that_it_retries_what_is_no_use_is_told_and_no_more(server: Server, id: str) -> None:
    assert codes(judged(server, id)) == {"retried-against-advice": "info"}


@pytest.mark.parametrize(
    ("id", "stream"),
    [
        ("fin-mid-chunked", True),
        ("rst-mid-stream", True),
        ("err-data-then-done", True),
        ("sse-truncated-json-event", True),
        ("sse-raw-newlines-in-data", True),
        ("close-delimited-truncated", False),
        ("http-200-error-json", False),
        ("duplicate-content-length", False),
    ],
)
def test_what_it_notices_it_is_given_credit_for(server: Server, id: str, stream: bool) -> None:
    verdict = judged(server, id, stream=stream, max_retries=0)
    assert {code for code in codes(verdict) if code != "gave-up"} == set()


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("done-missing-and-finish-missing", "truncated-answer-accepted"),
        ("close-delimited-truncated", "truncated-answer-accepted"),
        ("empty-200-stream", "empty-answer-accepted"),
        ("done-only", "empty-answer-accepted"),
        ("err-raw-json-no-prefix", "error-answer-accepted"),
        ("http-200-error-json", "error-answer-accepted"),
        ("sse-missing-data-prefix", "unreadable-answer-accepted"),
        ("html-200", "unreadable-answer-accepted"),
        ("sse-retry-only-event", "harmless-quirk-rejected"),
        ("sse-id-then-blank", "harmless-quirk-rejected"),
    ],
)
def test_what_it_swallows_or_chokes_on_fails(server: Server, id: str, code: str) -> None:
    verdict = judged(server, id)
    assert codes(verdict) == {code: "failure"}
    assert verdict.findings[0].faults


@pytest.mark.parametrize(
    "id", ["done-missing", "sse-crlf", "sse-comment-ping", "role-missing", "usage-after-done", "hold-open-after-done"]
)
def test_what_it_takes_as_it_should_is_ok(server: Server, id: str) -> None:
    def with_usage(client: OpenAI, stream: bool) -> str:
        options: Any = {"include_usage": True}
        chunks = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True, stream_options=options)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    verdict = judged(server, id, call=with_usage)
    assert codes(verdict) == {}
    assert verdict.grade == "OK"


def test_a_timeout_in_a_silence_is_sound(server: Server) -> None:
    verdict = judged(server, "stall-mid-stream", timeout=httpx.Timeout(5.0, read=0.3).read, max_retries=0)
    assert codes(verdict) == {}
    assert verdict.calls[0].final.reading.kind == "left"


def test_a_layer_of_retries_around_its_own_is_told(server: Server) -> None:
    def persistent(client: OpenAI, stream: bool) -> str:
        for _ in range(2):
            try:
                return asks(client, stream)
            except openai.APIError as error:
                failure = error
        raise failure

    verdict = judged(server, "retry-amplification", call=persistent)
    assert codes(verdict)["retry-amplification"] == "warning"
    assert len(verdict.calls[0].attempts) == 6


def test_parallel_callers_are_told_apart_and_their_jitter_is_seen(server: Server) -> None:
    session = f"parallel-{time.monotonic_ns()}"
    url = f"{server.origin}/session/{session}/scenario/rate-limit-no-headers/v1"

    def caller(number: int) -> None:
        with OpenAI(base_url=url, api_key="sk-test") as client, pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="gpt-4o", messages=HELLO, user=f"caller {number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(caller, range(4)))
    verdict = verdict_on(server.mock, session)
    assert [len(call.attempts) for call in verdict.calls] == [3] * 4
    assert set(codes(verdict)) == {"outcome-missing"}
