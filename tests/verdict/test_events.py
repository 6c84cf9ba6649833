"""Server-sent events, decoded as the standard says; checked against the encoder of ours and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.verdict.events import decode
from mockoai.wire.sse import encode_event


def data(body: bytes) -> list[bytes]:
    return [one.data for one in decode(body).messages]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes) -> None:
    assert data(b"data: a" + end + b"data:b" + end + end + b"data: c" + end + end) == [b"a\nb", b"c"]


@pytest.mark.parametrize(
    "body",
    [b": ping\n\n", b"id: 1\n\n", b"retry: 3000\n\n", b"event: ping\n\n", b"data:\n\n", b"data\n\n", b"\n\n", b""],
)
def test_what_has_no_data_is_no_event_and_nothing_unknown(body: bytes) -> None:
    found = decode(body + b"data: x\n\n")
    assert [one.data for one in found.messages] == [b"x"]
    assert not found.ignored


def test_a_name_is_that_of_its_own_event() -> None:
    found = decode(b"event: error\ndata: x\n\ndata: y\n\n").messages
    assert [one.name for one in found] == ["error", ""]


def test_lines_that_are_no_fields_are_kept_apart() -> None:
    found = decode(b'data: x\n\n{"error": 1}\n\nerror: {"code": 500}\n\n<html>')
    assert found.ignored == (b'{"error": 1}', b'error: {"code": 500}', b"<html>")


def test_an_event_without_its_blank_line_is_pending() -> None:
    assert decode(b"data: a\n\ndata: b\n").pending == b"b"
    assert decode(b"data: a\n\ndata: b").pending == b"b"
    assert decode(b"data: a\n\n").pending == b""


def test_one_byte_order_mark_at_the_start_is_passed_over() -> None:
    assert data(b"\xef\xbb\xbfdata: a\n\n") == [b"a"]


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    decode(body)


LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1, max_size=20)


@given(st.lists(LINES, max_size=5))
def test_what_is_encoded_is_decoded(texts: list[str]) -> None:
    assert data(b"".join(encode_event(text.encode()) for text in texts)) == [text.encode() for text in texts]
