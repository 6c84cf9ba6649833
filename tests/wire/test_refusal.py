import pytest

from mockoai.wire.refusal import HEAD_TOO_LARGE, TIMEOUT, check_host, unreadable


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"localhost",
        b"127.0.0.1:8000",
        b"[::1]:8000",
        b"[::1]",
        b"a_b.example:",
        b"xn--bcher-kva.example",
        b"a%20b",
        b":80",
    ],
)
def test_hosts_that_pass(host: bytes) -> None:
    assert check_host([(b"accept", b"*/*"), (b"host", host)], "1.1") is None


@pytest.mark.parametrize(
    "host",
    [
        b"a b",
        b"a, b",
        b"http://a",
        b"a/b",
        b"user@a",
        b"a:80:81",
        b"a:b",
        b"[::1",
        b"::1",
        b"[::1]x",
        b"b\xc3\xbccher",
        b"a\tb",
        b"a?b",
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_names_no_host(host: bytes, version: str) -> None:
    refusal = check_host([(b"host", host)], version)
    assert refusal is not None
    assert refusal.code == 400
    assert "names no host" in refusal.why


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_two_hosts_even_if_they_are_the_same(version: str) -> None:
    refusal = check_host([(b"host", b"a"), (b"accept", b"*/*"), (b"host", b"a")], version)
    assert refusal is not None
    assert "more than one Host" in refusal.why


def test_only_http_1_0_goes_without() -> None:
    refusal = check_host([(b"accept", b"*/*")], "1.1")
    assert refusal is not None
    assert "no Host" in refusal.why
    assert check_host([], "1.0") is None


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (b"\x16\x03\x01\x02\x00\x01", "Invalid method encountered", "This is a TLS handshake"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "x", "This is HTTP/2,"),
        (b"nonsense", "Invalid method encountered", "This is not a request in HTTP/1.1: Invalid method encountered."),
        (b"nonsense", "", "This is not a request in HTTP/1.1: it cannot be read."),
    ],
)
def test_what_came_instead_is_said(data: bytes, reason: str, said: str) -> None:
    refusal = unreadable(data, reason)
    assert refusal.code == 400
    assert refusal.why.startswith(said)


def test_an_answer_says_why_and_closes() -> None:
    assert TIMEOUT.answer == (
        b"HTTP/1.1 408 Request Timeout\r\n"
        b"content-type: text/plain; charset=utf-8\r\n"
        b"content-length: 34\r\n"
        b"connection: close\r\n\r\n"
        b"The request was not sent in time.\n"
    )
    assert HEAD_TOO_LARGE.code == 431
