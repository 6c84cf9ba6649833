"""Bytes and headers."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.scenario.octets import BytesShape, HeadersShape
from tests.scenario.reading import read, refusal

BYTES, HEADERS = BytesShape(), HeadersShape()


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('"a\\r\\n\\0"', b"a\r\n\0"),
        ("plain", b"plain"),
        ('\'{"a": "b\\nc"}\'', b'{"a": "b\\nc"}'),
        ('"é"', b"\xc3\xa9"),
        ('{ text: "é" }', b"\xc3\xa9"),
        ('{ bytes: "\\xe9\\xff" }', b"\xe9\xff"),
        ('{ bytes: "é" }', b"\xe9"),
        ("{ base64: AP8= }", b"\x00\xff"),
        ('{ base64: "AP\\n 8=" }', b"\x00\xff"),
        ('""', b""),
    ],
)
def test_bytes_can_be_written_in_three_ways(text: str, data: bytes) -> None:
    assert read(BYTES, text) == data


@pytest.mark.parametrize("text", ["data\\r\\n", "'data\\n'", "{ bytes: 'x\\r' }"])
def test_an_escape_that_is_none_is_not_sent_by_mistake(text: str) -> None:
    found = refusal(BYTES, text)
    assert found.code == "bad-bytes"
    assert "double quotes" in found.help


@pytest.mark.parametrize("text", ['{ bytes: "☃" }', "{ base64: AP8 }", '{ base64: "A*P8=" }', "{ base64: é }"])
def test_what_is_no_byte_is_refused(text: str) -> None:
    assert refusal(BYTES, text).code == "bad-bytes"


@pytest.mark.parametrize("text", ["42", "[a]", "{}", "{ bytes: a, text: b }", "{ hex: ff }", "{ bytes: 42 }"])
def test_what_is_no_text_is_refused(text: str) -> None:
    assert refusal(BYTES, text).code == "wrong-type"


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_can_be_written(data: bytes) -> None:
    assert read(BYTES, f'{{ base64: "{base64.b64encode(data).decode()}" }}') == data
    escaped = "".join(f"\\x{byte:02x}" for byte in data)
    assert read(BYTES, f'{{ bytes: "{escaped}" }}') == data


def test_headers_keep_their_order_their_case_and_what_is_written() -> None:
    text = "{ Retry-After: 1.10, set-cookie: [a=1, b=2], x-flag: true, X-Name: 'ü' }"
    assert read(HEADERS, text) == (
        ("Retry-After", "1.10"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("x-flag", "true"),
        ("X-Name", "ü"),
    )


@pytest.mark.parametrize(
    "text", ["{ 'a b': 1 }", "{ 'a:': 1 }", "{ '': 1 }", "{ é: 1 }", '{ a: "x\\r\\ny" }', "{ a: ☃ }"]
)
def test_headers_that_cannot_be_sent_are_refused(text: str) -> None:
    assert refusal(HEADERS, text).code == "bad-header"


def test_a_header_needs_a_value() -> None:
    assert refusal(HEADERS, "{ a: [] }").code == "empty-value"
    assert refusal(HEADERS, "{ a: }").code == "empty-value"
    assert read(HEADERS, "{ a: '' }") == (("a", ""),)
