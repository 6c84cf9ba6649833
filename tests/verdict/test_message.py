"""HTTP responses, read from the bytes that were sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.verdict.message import COMMON_HEAD, Closed, parse

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_chunked_body_is_put_together_and_complete_with_its_last_chunk() -> None:
    found = parse(CHUNKED + b"3\r\nabc\r\n2;x=1\r\nde\r\n0\r\nX-Err: 1\r\n\r\n", "open")
    assert (found.status, found.body, found.complete, found.wrong, found.lax) == (200, b"abcde", True, "", "")
    assert found.header("transfer-encoding") == "chunked"


@pytest.mark.parametrize("rest", [b"", b"3\r", b"3\r\nab", b"3\r\nabc\r\n", b"3\r\nabc\r\n0\r\n", b"0\r\nX: 1\r\n"])
@pytest.mark.parametrize("closed", ["open", "fin", "rst"])
def test_a_chunked_body_without_its_end_is_not_complete(rest: bytes, closed: Closed) -> None:
    found = parse(CHUNKED + rest, closed)
    assert not found.complete
    assert not found.wrong


@pytest.mark.parametrize("rest", [b"ZZ\r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"\r\n", b"2\r\nabc\r\n0\r\n\r\n"])
def test_a_size_that_is_none_or_does_not_fit_is_wrong(rest: bytes) -> None:
    found = parse(CHUNKED + rest, "fin")
    assert found.wrong
    assert not found.complete


@pytest.mark.parametrize(
    ("rest", "closed", "complete", "surplus"),
    [
        (b"abcde", "open", True, b""),
        (b"abc", "fin", False, b""),
        (b"abcdefg", "open", True, b"fg"),
    ],
)
def test_a_length_says_where_the_body_ends(rest: bytes, closed: Closed, complete: bool, surplus: bytes) -> None:
    found = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + rest, closed)
    assert (found.complete, found.surplus, found.body) == (complete, surplus, rest[:5])


@pytest.mark.parametrize(("closed", "complete"), [("fin", True), ("rst", False), ("open", False)])
def test_without_a_length_the_end_of_the_connection_is_the_end(closed: Closed, complete: bool) -> None:
    assert parse(b"HTTP/1.0 200 OK\r\n\r\nabc", closed).complete is complete


def test_another_transfer_coding_ends_with_the_connection() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"
    assert parse(head + b"abc", "fin").complete
    assert not parse(head + b"abc", "open").complete


def test_lengths_that_differ_or_are_no_number_are_wrong_and_equal_ones_are_not() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: %s\r\n\r\nabc"
    assert "differ" in parse(head % b"5", "open").wrong
    assert parse(head % b"3", "open").complete
    assert "no number" in parse(b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc", "fin").wrong


def test_what_others_read_is_lax_and_not_wrong() -> None:
    both = parse(CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n") + b"1\r\na\r\n0\r\n\r\n", "open")
    assert "both" in both.lax
    assert both.complete
    assert "LF alone" in parse(b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", "open").lax
    assert "space" in parse(b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "open").lax
    assert "bytes" in parse(b"HTTP/1.1 200 OK\r\nX: " + b"x" * COMMON_HEAD + b"\r\n\r\n", "fin").lax
    interim = parse(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "open")
    assert (interim.status, interim.complete) == (204, True)
    assert interim.lax


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\nContent-Ty", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_without_a_final_head_there_is_no_status(data: bytes) -> None:
    found = parse(data, "fin")
    assert found.status == 0
    assert not found.wrong


def test_what_is_no_status_line_is_wrong() -> None:
    assert parse(b"ICY 200 OK\r\n\r\n", "fin").wrong


def test_an_answer_to_head_has_no_body() -> None:
    found = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "open", method="HEAD")
    assert found.complete


@given(st.binary(max_size=300), st.sampled_from(["open", "fin", "rst"]))
def test_no_bytes_raise(data: bytes, closed: Closed) -> None:
    parse(data, closed)
    parse(CHUNKED + data, closed)
    parse(b"HTTP/1.1 200 OK\r\n" + data, closed)


@given(st.binary(max_size=60), st.integers(1, 20))
def test_chunks_of_any_size_give_the_same_body(body: bytes, size: int) -> None:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"
    found = parse(CHUNKED + sent, "open")
    assert (found.body, found.complete) == (body, True)
