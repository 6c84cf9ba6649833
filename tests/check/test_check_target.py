"""What users give: base URLs and keys as they are pasted, mended and told, or refused with what to write."""

from __future__ import annotations

import pytest

from mockoai.check.model import Ask, Recording, Segment
from mockoai.check.reading.exchange import Exchange
from mockoai.check.request import encode
from mockoai.check.target import Target, parse, redirected
from mockoai.errors import UsageError


@pytest.mark.parametrize(
    ("given", "url", "mended"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1", []),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1", []),
        ("HTTP://Example.com//v1///", "http://example.com//v1", []),
        ("https://api.example.com", "https://api.example.com", []),
        ("https://api.example.com:443/v1", "https://api.example.com/v1", []),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1", []),
        ("https://x.openai.azure.com/openai?api-version=1", "https://x.openai.azure.com/openai?api-version=1", []),
        ("localhost:1234/v1", "http://localhost:1234/v1", ["url-has-no-scheme"]),
        ("192.168.1.5:8080", "http://192.168.1.5:8080", ["url-has-no-scheme"]),
        ("api.example.com/v1", "https://api.example.com/v1", ["url-has-no-scheme"]),
        ("http://h/v1/chat/completions", "http://h/v1", ["url-has-endpoint"]),
        ("http://h/v1/chat/completions/", "http://h/v1", ["url-has-endpoint"]),
        ("http://h/v1/models", "http://h/v1", ["url-has-endpoint"]),
        (' "http://h/v1"\n', "http://h/v1", ["url-has-spaces"]),
        ("http://münchen.example/v1", "http://xn--mnchen-3ya.example/v1", []),
    ],
)
def test_urls(given: str, url: str, mended: list[str]) -> None:
    target = parse(given)
    assert target.url == url
    assert [code for code, _ in target.mended] == mended


@pytest.mark.parametrize(
    "given",
    [
        "",
        "  ",
        "ftp://h/v1",
        "http://",
        "http://user:pw@h/v1",
        "http://h:99999/v1",
        "http://h/a b",
        "http://h:x/",
        "http://[::",
        "[::",
    ],
)
def test_urls_that_cannot_be_meant(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(given)
    assert caught.value.code == "bad-url"
    assert caught.value.help


@pytest.mark.parametrize(
    ("given", "key", "mended"),
    [
        ("sk-1234", "sk-1234", []),
        ("", "", []),
        ("sk-1234\n", "sk-1234", ["key-has-spaces"]),
        ("'sk-1234'", "sk-1234", ["key-has-quotes"]),
        (' "sk-1234" ', "sk-1234", ["key-has-spaces", "key-has-quotes"]),
        ("Bearer sk-1234", "sk-1234", ["key-has-bearer"]),
    ],
)
def test_keys(given: str, key: str, mended: list[str]) -> None:
    target = parse("http://h/v1", given)
    assert target.key == key
    assert [code for code, _ in target.mended] == mended


@pytest.mark.parametrize("given", ["sk 1234", "sk-\x00", "sk-ключ"])
def test_keys_that_no_header_can_carry(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse("http://h/v1", given)
    assert caught.value.code == "bad-key"
    assert given not in caught.value.message


@pytest.mark.parametrize("given", ["no colon", "a b: c", ": x", "x: ü", "x: a\r\ny: b"])
def test_headers_that_are_none(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse("http://h/v1", headers=[given])
    assert caught.value.code == "bad-header"


@pytest.mark.parametrize(
    ("path", "other"),
    [("/v1", ""), ("", "/v1"), ("/api", "/api/v1"), ("/openai/v1", "/openai"), ("/v1beta/openai", "/v1beta/openai/v1")],
)
def test_the_other_base(path: str, other: str) -> None:
    assert Target(path=path).other_base().path == other


def headers_of(target: Target, **ask: object) -> dict[str, str]:
    data = encode(target, Ask(**{"name": "x", "kind": "chat", "path": "/chat/completions", "body": {}, **ask}))  # type: ignore[arg-type]
    head = data.split(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])


def test_a_key_is_shown_as_asked() -> None:
    target = Target(key="sk-mine")
    assert headers_of(target)["Authorization"] == "Bearer sk-mine"
    assert headers_of(target, credential="bare")["Authorization"] == "sk-mine"
    assert "sk-mine" not in headers_of(target, credential="wrong")["Authorization"]
    assert "Authorization" not in headers_of(target, credential="none")
    assert "Authorization" not in headers_of(Target())


def test_headers_of_the_user_replace_ours_and_are_credentials_too() -> None:
    target = Target(key="sk-mine", headers=(("authorization", "Basic abc"), ("api-key", "k")))
    shown = headers_of(target)
    assert (shown["authorization"], shown["api-key"]) == ("Basic abc", "k")
    assert "Authorization" not in shown
    assert "api-key" not in headers_of(target, credential="none")


@pytest.mark.parametrize(
    ("status", "location", "there"),
    [
        (307, "/v1/chat/completions", "/v1/chat/completions"),
        (308, "http://h/v1/x?y=1", "/v1/x?y=1"),
        (307, "https://h/v1/x", None),
        (307, "http://evil.example/v1/x", None),
        (307, "http://h:81/v1/x", None),
        (307, "//evil.example/v1/x", None),
        (307, "/v1/x\ty", None),
        (302, "/login", None),
        (200, "/v1/x", None),
    ],
)
def test_redirects_are_followed_on_the_same_server_only(status: int, location: str, there: str | None) -> None:
    data = f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    heard = Exchange(Ask(name="x", kind="chat", path="/x"), Recording(segments=(Segment(0.0, data),)))
    assert redirected(Target(host="h"), heard) == there
