"""HTTP/1.1 answers read from segments: framing, flaws, what stands behind the end, and when bytes had come."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.check.reading.http1 import Message, Reader

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nX-Err: none\r\n\r\n"
)
LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def read(*segments: bytes, closed: bool = False, method: str = "POST") -> Message:
    reader = Reader(method)
    for at, data in enumerate(segments):
        reader.feed(data, float(at))
    return reader.message(closed=closed)


def test_chunks_trailers_and_offsets() -> None:
    message = read(CHUNKED)
    assert (message.status, message.reason, message.framing, message.whole) == (200, "OK", "chunked", True)
    assert message.body == b"hello world"
    assert message.chunks == (5, 11)
    assert message.trailers == (("X-Err", "none"),)
    assert not message.flaw
    assert not message.rest


@given(st.sets(st.integers(1, len(CHUNKED) - 1)))
def test_however_it_is_cut_it_reads_the_same(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(CHUNKED)]
    pieces = [CHUNKED[start:end] for start, end in pairwise(places)]
    message, whole = read(*pieces), read(CHUNKED)
    assert (message.body, message.chunks, message.trailers, message.headers) == (
        whole.body,
        whole.chunks,
        whole.trailers,
        whole.headers,
    )
    assert message.whole
    assert message.arrivals[-1][0] == len(message.body)


def test_bytes_know_when_they_came() -> None:
    message = read(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", b"", b"llo")
    assert message.arrivals == ((2, 0.0), (5, 2.0))
    assert message.head_at == 0.0


@pytest.mark.parametrize(
    ("data", "flaw", "body"),
    [
        (CHUNKED.replace(b"6;x=1", b"ZZ"), "chunk-size", b"hello"),
        (CHUNKED.replace(b"hello\r\n", b"hello??"), "chunk-end", b"hello"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "head", b""),
        (b"HTTP/1.1 OK 200\r\n\r\n", "head", b""),
    ],
)
def test_flaws(data: bytes, flaw: str, body: bytes) -> None:
    message = read(data)
    assert (message.flaw, message.body, message.whole) == (flaw, body, False)


def test_a_cut_head_is_no_flaw_but_no_answer_either() -> None:
    message = read(b"HTTP/1.1 200 OK\r\nContent-Ty", closed=True)
    assert (message.status, message.flaw) == (0, "")
    assert message.head == b"HTTP/1.1 200 OK\r\nContent-Ty"


def test_fewer_and_more_bytes_than_announced() -> None:
    assert not read(LENGTH[:-1], closed=True).whole
    more = read(LENGTH + b"!!")
    assert (more.whole, more.body, more.rest) == (True, b"hello", b"!!")


def test_a_body_without_a_length_is_whole_when_the_server_closes() -> None:
    data = b"HTTP/1.0 200 OK\r\n\r\nhello"
    assert read(data, closed=True).whole
    assert not read(data).whole
    assert read(data).framing == "close"
    assert read(data).closes


def test_what_is_odd_about_a_head_is_kept() -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\nContent-Length: 2\nContent-Length: 3\n\nok"
    message = read(data)
    assert message.interim == (100,)
    assert message.reason is None
    assert message.newlines == {b"\n"}
    assert message.values("content-length") == ["2", "3"]
    assert message.body == b"ok"


@pytest.mark.parametrize(("status", "method"), [(204, "POST"), (304, "GET"), (200, "HEAD")])
def test_answers_without_a_body_are_over_with_the_head(status: int, method: str) -> None:
    data = f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode()
    assert read(data, method=method).whole


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_it(data: bytes, closed: bool) -> None:
    read(data, closed=closed)
    read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data, closed=closed)
