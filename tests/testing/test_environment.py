"""The variables by which clients find a server."""

from __future__ import annotations

import pytest

from mockoai.testing.environment import client_environment

URL = "http://127.0.0.1:8000/v1"


def test_the_variables_of_new_and_old_libraries() -> None:
    assert client_environment(URL, inherited={}) == {
        "OPENAI_BASE_URL": URL,
        "OPENAI_API_BASE": URL,
        "OPENAI_API_KEY": "sk-mockoai",
    }


@pytest.mark.parametrize(
    ("inherited", "past"),
    [
        ({"HTTP_PROXY": "http://proxy:3128"}, "127.0.0.1"),
        ({"http_proxy": "http://proxy:3128", "NO_PROXY": "intranet"}, "intranet,127.0.0.1"),
        ({"ALL_PROXY": "socks5://proxy", "no_proxy": "a,127.0.0.1"}, "a,127.0.0.1"),
    ],
)
def test_a_proxy_is_gone_past(inherited: dict[str, str], past: str) -> None:
    found = client_environment(URL, inherited=inherited)
    assert found["NO_PROXY"] == found["no_proxy"] == past
