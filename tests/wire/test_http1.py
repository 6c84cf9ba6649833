from __future__ import annotations

import h11
import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import Chunk, End, Framing, Head, Item, LastChunk, Wait, Write
from mockoai.wire import http1

CHUNKED = Head(status=200, headers=(("Content-Type", "x/y"), ("Transfer-Encoding", "chunked")))


def wire(*items: Item) -> bytes:
    return b"".join(item.data for item in http1.encode(items) if isinstance(item, Write))


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (Head(status=200), b"HTTP/1.1 200 OK\r\n\r\n"),
        (Head(status=413), b"HTTP/1.1 413 Content Too Large\r\n\r\n"),
        (Head(status=529), b"HTTP/1.1 529 Site is overloaded\r\n\r\n"),
        (Head(status=799), b"HTTP/1.1 799 \r\n\r\n"),
        (Head(status=200, reason=""), b"HTTP/1.1 200 \r\n\r\n"),
        (Head(status=200, phrase=False), b"HTTP/1.1 200\r\n\r\n"),
        (Head(status=200, reason="Fine", version="HTTP/1.0"), b"HTTP/1.0 200 Fine\r\n\r\n"),
        (Head(status=200, headers=(("A", "b"), ("a", "c"))), b"HTTP/1.1 200 OK\r\nA: b\r\na: c\r\n\r\n"),
        (Head(status=200, headers=(("A", "b"),), newline=b"\n"), b"HTTP/1.1 200 OK\nA: b\n\n"),
        (Head(status=200, raw=b"SIP/2.0 what\r\n"), b"SIP/2.0 what\r\n"),
        (Head(status=200, headers=(("A", "é☃"),)), b"HTTP/1.1 200 OK\r\nA: \xe9?\r\n\r\n"),
    ],
)
def test_a_head_is_written_as_it_stands(head: Head, line: bytes) -> None:
    assert http1.encode_head(head) == line


def test_chunks_say_their_size_in_hexadecimal_and_end_in_a_last_one() -> None:
    data = wire(CHUNKED, Chunk(data=b"x" * 26), Chunk(data=b"yz"), LastChunk())

    assert data.split(b"\r\n\r\n", 1)[1] == b"1a\r\n" + b"x" * 26 + b"\r\n2\r\nyz\r\n0\r\n\r\n"


def test_an_empty_chunk_would_be_the_last_and_is_left_out() -> None:
    assert wire(CHUNKED, Chunk(data=b""), LastChunk()).endswith(b"\r\n\r\n0\r\n\r\n")


def test_a_fault_may_write_sizes_line_ends_and_trailers_of_its_own() -> None:
    chunk = Chunk(data=b"abc", size=b"ZZ", end=b"")
    data = wire(CHUNKED, chunk, LastChunk(trailers=(("X-Err", "no"),)))

    assert data.endswith(b"\r\n\r\nZZ\r\nabc0\r\nX-Err: no\r\n\r\n")


@pytest.mark.parametrize("framing", ["length", "close"])
def test_a_body_without_chunks_is_its_bytes(framing: Framing) -> None:
    head = Head(status=200, framing=framing)

    assert wire(head, Chunk(data=b"abc"), Chunk(data=b"d"), LastChunk()).endswith(b"\r\n\r\nabcd")


def test_writes_know_which_of_their_bytes_are_body() -> None:
    head, chunk, last, end = http1.encode(
        [CHUNKED, Chunk(data=b"abc", at=1.0, tokens=2, events=3, mark="done", faults=("f",)), LastChunk(at=2.0)]
    )

    assert isinstance(chunk, Write)
    assert chunk.data[chunk.lead : chunk.lead + chunk.body] == b"abc"
    assert (chunk.at, chunk.tokens, chunk.events, chunk.mark, chunk.faults) == (1.0, 2, 3, "done", ("f",))
    assert (head.mark, last.mark) == ("headers", "end")
    assert isinstance(head, Write)
    assert isinstance(last, Write)
    assert head.body == last.body == 0
    assert end == End(at=2.0, how="clean")


def test_the_end_of_a_body_without_chunks_carries_the_names_of_the_faults_that_left_something_out() -> None:
    *_, end = http1.encode([Head(status=200, framing="length"), LastChunk(faults=("done-missing",))])

    assert end.faults == ("done-missing",)


def test_items_of_the_transport_layer_pass() -> None:
    wait = Wait(at=0.0, seconds=1.0)

    assert list(http1.encode([CHUNKED, wait]))[1] is wait


@given(st.lists(st.binary(max_size=300), max_size=12), st.sampled_from(["chunked", "length", "close"]))
def test_two_other_parsers_read_what_was_written(pieces: list[bytes], framing: Framing) -> None:
    size = sum(map(len, pieces))
    delimiter = {"chunked": (("Transfer-Encoding", "chunked"),), "length": (("Content-Length", str(size)),)}
    head = Head(status=200, headers=delimiter.get(framing, (("Connection", "close"),)), framing=framing)
    data = wire(head, *(Chunk(data=piece) for piece in pieces), LastChunk())

    assert read_by_h11(data) == read_by_httptools(data) == b"".join(pieces)


def read_by_h11(data: bytes) -> bytes:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    client.receive_data(b"")
    body = b""
    while not isinstance(event := client.next_event(), (h11.EndOfMessage, h11.ConnectionClosed)):
        assert event is not h11.NEED_DATA
        if isinstance(event, h11.Data):
            body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return body


def read_by_httptools(data: bytes) -> bytes:
    class Reader:
        body = b""

        def on_body(self, piece: bytes) -> None:
            self.body += piece

    reader = Reader()
    httptools.HttpResponseParser(reader).feed_data(data)
    return reader.body
