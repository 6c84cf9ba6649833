"""Who may use the control API: hosts, origins and the admin token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.errors import UsageError
from mockoai.server.security import Security, host_name

LOCAL = Security()
EXPOSED = Security(host="0.0.0.0", token="hunter-of-tokens")
OWN = (b"host", b"127.0.0.1:8000")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LocalHost",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:8000",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_loopback_names_are_welcome(host: str) -> None:
    assert LOCAL.refuse([(b"host", host.encode())]) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil",
        "127.0.0.1.evil:8000",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1:8000@evil.example",
        "localhost.evil.example",
        "127.0.0.2",
        "2130706433",
        "[::2]",
        "::1",
        "[::1",
        "127.0.0.1 evil.example",
        "127.0.0.1/",
        "",
        " ",
        ":8000",
    ],
)
def test_other_hosts_are_refused(host: str) -> None:
    refusal = LOCAL.refuse([(b"host", host.encode())])
    assert refusal is not None
    assert (refusal.status, refusal.code) == (421, "host-refused")


def test_no_host_and_two_hosts_are_refused() -> None:
    for headers in ([], [OWN, OWN], [OWN, (b"host", b"evil.example")]):
        refusal = LOCAL.refuse(headers)
        assert refusal is not None
        assert refusal.code == "host-refused"


def test_the_host_that_was_bound_is_welcome_by_its_name_only() -> None:
    bound = Security(host="build-box", token="secret-token")
    token = (b"authorization", b"Bearer secret-token")
    assert bound.refuse([(b"host", b"build-box:8000"), token]) is None
    refusal = bound.refuse([(b"host", b"other-box:8000"), token])
    assert refusal is not None
    assert refusal.code == "host-refused"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1", "file://", ""]
)
def test_foreign_origins_are_refused(origin: str) -> None:
    refusal = LOCAL.refuse([OWN, (b"origin", origin.encode())])
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "origin-refused")


def test_the_own_origin_is_welcome() -> None:
    assert LOCAL.refuse([OWN, (b"origin", b"http://127.0.0.1:8000"), (b"sec-fetch-site", b"same-origin")]) is None
    assert LOCAL.refuse([OWN, (b"sec-fetch-site", b"none")]) is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_are_refused_by_what_the_browser_says(site: str) -> None:
    refusal = LOCAL.refuse([OWN, (b"sec-fetch-site", site.encode())])
    assert refusal is not None
    assert refusal.status == 403


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer hunter-of-tokens"),
        (b"authorization", b"bearer hunter-of-tokens"),
        (b"x-mockoai-token", b"hunter-of-tokens"),
    ],
)
def test_the_token_opens(header: tuple[bytes, bytes]) -> None:
    assert EXPOSED.refuse([OWN, header]) is None
    assert EXPOSED.refuse([(b"host", b"mock.internal:8000"), header]) is None


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "token-required"),
        ([(b"authorization", b"Basic hunter-of-tokens")], "token-required"),
        ([(b"authorization", b"Bearer hunter-of-token")], "token-wrong"),
        ([(b"authorization", b"Bearer hunter-of-tokens-")], "token-wrong"),
        ([(b"authorization", b"Bearer ")], "token-wrong"),
        ([(b"x-mockoai-token", b"")], "token-wrong"),
        ([(b"x-mockoai-token", b"\xff\xfe")], "token-wrong"),
    ],
)
def test_without_the_token_it_stays_closed(headers: list[tuple[bytes, bytes]], code: str) -> None:
    refusal = EXPOSED.refuse([OWN, *headers])
    assert refusal is not None
    assert (refusal.status, refusal.code) == (401, code)


def test_a_token_is_asked_for_on_loopback_too_once_there_is_one() -> None:
    refusal = Security(token="hunter-of-tokens").refuse([OWN])
    assert refusal is not None
    assert refusal.status == 401


def test_no_token_means_loopback() -> None:
    for address in ("127.0.0.1", "127.8.9.10", "::1"):
        LOCAL.check_address(address)
    for address in ("0.0.0.0", "::", "192.168.1.5", "8.8.8.8", "fe80::1%eth0"):
        with pytest.raises(UsageError) as caught:
            LOCAL.check_address(address)
        assert caught.value.code == "admin-token-required"
        assert caught.value.exit_code == 2
        EXPOSED.check_address(address)


@pytest.mark.parametrize("token", ["", "  "])
def test_a_blank_token_is_a_mistake(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        Security(token=token)
    assert caught.value.code == "admin-token-empty"


@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_local_host_unless_it_is_one(text: str) -> None:
    refused = LOCAL.refuse([(b"host", text.encode("latin-1", "replace"))]) is not None
    name = host_name(text)
    assert refused or name in ("localhost", "127.0.0.1", "::1")
