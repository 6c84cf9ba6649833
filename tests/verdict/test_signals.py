"""What an answer asks of the client next."""

from __future__ import annotations

import pytest

from mockoai.verdict.reading import read
from mockoai.verdict.signals import advice, ended, retry_after
from tests.support.judging import Story


def refused(status: int = 429, code: str = "rate_limit_exceeded", more: str = "", **headers: str) -> Story:
    listed = "".join(f', {name.replace("_", "-")}: "{value}"' for name, value in headers.items())
    error = f"status: {status}, code: {code}, headers: {{ x-a: b{listed} }}"
    story = Story(f"id: s\n{more}\nrules: [{{ reply: {{ error: {{ {error} }} }} }}]")
    story.ask()
    return story


def advised(story: Story) -> str:
    return advice(read(story.exchanges[0]))


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 524, 529])
def test_these_invite_a_retry(status: int) -> None:
    assert advised(refused(status)) == "retry"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 418, 422, 424])
def test_these_do_not(status: int) -> None:
    assert advised(refused(status)) == "stop"


def test_what_is_no_use_and_what_the_server_says_itself() -> None:
    assert advised(refused(501)) == "permanent"
    assert advised(refused(429, "insufficient_quota")) == "quota"
    assert advised(refused(429, x_should_retry="false")) == "asked not to"
    assert advised(refused(400, x_should_retry="true")) == "retry"


def test_a_lost_connection_invites_a_retry_and_a_begun_answer_leaves_it_open() -> None:
    lost = Story("id: s\nrules: [{ faults: [rst-before-headers] }]")
    assert advice(read(lost.ask())) == "retry"
    cut = Story("id: s\nrules: [{ faults: [fin-mid-chunked: { after: 1 token }] }]")
    assert advice(read(cut.ask())) == "either"


def wait(story: Story) -> float | None:
    exchange = story.exchanges[0]
    found = retry_after(exchange, read(exchange))
    return None if found is None else found.seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "2"}, 2.0),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after_ms": "300"}, 0.3),
        ({"retry_after": "2", "retry_after_ms": "300"}, 0.3),
        ({"retry_after": "2", "retry_after_ms": "x"}, 2.0),
        ({"retry_after": "Thu, 01 Jan 2026 00:00:04 GMT"}, 4.0),
        ({"retry_after": "Wed, 31 Dec 2025 23:59:00 GMT"}, None),
        ({"retry_after": "Thu, 01 Jan 99999 00:00:04 GMT"}, None),
    ],
    ids=str,
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(refused(**headers)) == (None if seconds is None else pytest.approx(seconds))


def test_with_a_frozen_clock_a_date_asks_for_no_more_than_either_clock_says() -> None:
    frozen = "clock: 1700000000"  # 14 Nov 2023 22:13:20, long before the story
    assert wait(refused(more=frozen, retry_after="Tue, 14 Nov 2023 22:13:22 GMT")) is None


def test_an_answer_under_way_has_no_end() -> None:
    story = Story()
    assert ended(story.ask(under_way=True)) is None
