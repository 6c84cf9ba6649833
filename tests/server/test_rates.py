"""Keys and rate limits as a client meets them: on a socket, with the time in the test's hands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockoai.keys import Limits
from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from mockoai.server.lifecycle import Server
from tests.support.sockets import Client, Received, chat, request

KEYS = """
id: keys
keys:
  - sk-plain-000
  - { key: sk-expired-000, expired: true }
  - { key: sk-revoked-000, revoked_after: 2 }
  - { key: sk-poor-000, no_quota: true }
  - { key: sk-org-000, organization: org-1 }
  - { key: sk-slow-000, rpm: 2 }
limits: { rpm: 1000 }
"""


class Ticks:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def server(ticks: Ticks) -> Iterator[Server]:
    with Server(Mock([load_text(KEYS)], ticks=ticks)) as server:
        yield server


def ask(server: Server, key: str, path: str = "/v1/chat/completions", **headers: str) -> Received:
    with Client(server.port) as client:
        return client.ask(chat(path=path, authorization=f"Bearer {key}", **headers))


def code(received: Received) -> tuple[int, str | None]:
    return received.status, received.json()["error"]["code"]


def test_each_key_behaves_in_its_way(server: Server) -> None:
    assert ask(server, "sk-plain-000").status == 200
    assert code(ask(server, "sk-other-000")) == (401, "invalid_api_key")
    assert code(ask(server, '"sk-plain-000"')) == (401, "invalid_api_key")
    assert code(ask(server, "sk-expired-000")) == (401, "invalid_api_key")
    assert "has expired" in ask(server, "sk-expired-000").json()["error"]["message"]
    assert code(ask(server, "sk-poor-000")) == (429, "insufficient_quota")
    assert ask(server, "sk-org-000").status == 200
    assert ask(server, "sk-org-000", openai_organization="org-1").status == 200
    assert code(ask(server, "sk-org-000", openai_organization="org-2")) == (401, "mismatched_organization")


def test_a_key_is_revoked_after_its_uses_in_each_session_apart(server: Server) -> None:
    assert [ask(server, "sk-revoked-000").status for _ in range(4)] == [200, 200, 401, 401]
    assert ask(server, "sk-revoked-000", "/session/other/v1/chat/completions").status == 200


def test_the_wait_that_is_told_is_the_true_one(server: Server, ticks: Ticks) -> None:
    first, second, refused = (ask(server, "sk-slow-000") for _ in range(3))
    assert first.header("x-ratelimit-limit-requests") == "2"
    assert first.header("x-ratelimit-remaining-requests") == "1"
    assert first.header("x-ratelimit-reset-requests") == "30s"
    assert first.header("x-ratelimit-limit-tokens") is None
    assert second.header("x-ratelimit-reset-requests") == "1m0s"
    assert code(refused) == (429, "rate_limit_exceeded")
    assert refused.header("retry-after") == "30"
    assert refused.header("retry-after-ms") == "30000"
    assert "Limit 2, Used 2, Requested 1. Please try again in 30s." in refused.json()["error"]["message"]
    ticks.now += 29.99
    assert ask(server, "sk-slow-000").status == 429
    ticks.now += 0.01
    assert ask(server, "sk-slow-000").status == 200
    assert ask(server, "sk-slow-000").status == 429


def test_limits_hold_without_keys_and_for_each_key_shown_apart(ticks: Ticks) -> None:
    with Server(Mock(limits=Limits(rpm=1, tpm=1000), ticks=ticks)) as server:
        assert [ask(server, "a").status, ask(server, "b").status, ask(server, "a").status] == [200, 200, 429]
        ticks.now += 60
        with Client(server.port) as client:
            body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1001}
            large = client.ask(request("POST", "/v1/chat/completions", body, headers={"authorization": "Bearer c"}))
        assert code(large) == (429, "rate_limit_exceeded")
        assert large.json()["error"]["message"].startswith("Request too large for gpt-4o")
        assert large.header("retry-after") is None


def test_what_is_counted_is_never_recalled(server: Server) -> None:
    # The second like request makes a template where nothing is counted; the third would be recalled.
    assert [ask(server, "sk-slow-000").status for _ in range(4)] == [200, 200, 429, 429]
