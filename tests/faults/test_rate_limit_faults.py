"""Rate limits: figures that hang together, and every form of saying when to come back."""

from __future__ import annotations

import pytest

from mockoai.faults.rate_limit import decimal, go_duration
from tests.support.faulted import faulted


def test_too_many_requests() -> None:
    answer = faulted("rate-limit-requests")

    assert answer.plan.status == 429
    assert answer.json["error"] == {
        "message": "Rate limit reached for gpt-4o in organization org-mockoai on requests per min (RPM): Limit 3, "
        "Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to "
        "learn more.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    assert answer.head["x-ratelimit-limit-requests"] == "3"
    assert answer.head["x-ratelimit-remaining-requests"] == "0"
    assert answer.head["x-ratelimit-reset-requests"] == "1m0s"
    assert "retry-after" not in answer.head


def test_too_many_tokens() -> None:
    answer = faulted("rate-limit-tokens")

    error = answer.json["error"]
    assert (
        "on tokens per min (TPM): Limit 200000, Used 195663, Requested 7592. Please try again in 976ms."
        in (error["message"])
    )
    assert (error["type"], error["code"]) == ("tokens", "rate_limit_exceeded")
    assert answer.head["x-ratelimit-remaining-tokens"] == "4337"
    assert answer.head["x-ratelimit-reset-tokens"] == "58.698s"


def test_a_request_without_a_model() -> None:
    message = faulted("rate-limit-requests", "models").json["error"]["message"]

    assert message.startswith("Rate limit reached for default in organization org-mockoai on requests")


FORMS = [
    ("retry_after: 1s", {"retry-after": "1"}),
    ("retry_after: 250ms", {"retry-after": "0.25"}),
    ("retry_after: 0s", {"retry-after": "0"}),
    ("retry_after: 121s", {"retry-after": "121"}),
    ("retry_after: 300ms, form: ms", {"retry-after-ms": "300"}),
    ("retry_after: 1s, form: both", {"retry-after-ms": "1000", "retry-after": "1"}),
    # The clock shows 07:27:59.25: half a second is lost to the format, and never given to the client.
    ("retry_after: 2s, form: date", {"retry-after": "Wed, 21 Oct 2026 07:28:02 GMT"}),
    ("retry_after: 0s, form: date", {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}),
]


@pytest.mark.parametrize("fault", ["rate-limit-requests", "rate-limit-tokens", "quota-exhausted-429"])
@pytest.mark.parametrize(("parameters", "expected"), FORMS, ids=[one for one, _ in FORMS])
def test_when_to_come_back(fault: str, parameters: str, expected: dict[str, str]) -> None:
    answer = faulted(f"{{ {fault}: {{ {parameters} }} }}")

    assert {name: value for name, value in answer.head.items() if name.startswith("retry-after")} == expected


@pytest.mark.parametrize("fault", ["rate-limit-requests", "rate-limit-tokens"])
@pytest.mark.parametrize(("parameters", "text"), [("250ms", "250ms"), ("61s", "1m1s"), ("0s", "0s")])
def test_the_message_says_the_same(fault: str, parameters: str, text: str) -> None:
    message = faulted(f"{{ {fault}: {{ retry_after: {parameters} }} }}").json["error"]["message"]

    assert f" Please try again in {text}. " in message


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0004, "0s"),
        (0.9765, "976ms"),
        (1.5, "1.5s"),
        (20, "20s"),
        (60, "1m0s"),
        (1123.156, "18m43.156s"),
        (7201, "2h0m1s"),
    ],
)
def test_durations_as_go_writes_them(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (10, "10"), (1e6, "1000000"), (0.25, "0.25"), (1 / 3, "0.333333")]
)
def test_numbers_without_exponents(number: float, text: str) -> None:
    assert decimal(number) == text
