"""However the bytes are cut, they mean the same; and whatever comes, the server answers, closes, and goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from mockoai.server.lifecycle import Server
from mockoai.wire.protocol import Limits
from tests.support.scenarios import ECHO
from tests.support.sockets import Client, chat, request

REQUESTS = (
    chat("first")
    + chat("second", stream=True)
    + request("POST", "/v1/chat/completions", b"not JSON")
    + request("GET", "/health")
    + chat("third", connection="Upgrade", upgrade="h2c")
    + chat("fourth")
    .replace(b"content-length: 89", b"transfer-encoding: chunked")
    .replace(b"\r\n\r\n{", b"\r\n\r\n59\r\n{")
    + b"\r\n0\r\n\r\n"
    + chat("fifth", connection="close")
)
STATUSES = [b"200", b"200", b"400", b"200", b"200", b"200", b"200"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    limits = Limits(head_time=0.05, body_time=0.05, linger=0.05)
    with Server(Mock([load_text(ECHO)]), port=0, limits=limits) as server:
        yield server


@pytest.mark.usefixtures("server")
def test_the_requests_are_what_they_should_be(server: Server) -> None:
    with Client(server.port) as client:
        client.send(REQUESTS)
        received = client.receive()
    assert re.findall(rb"HTTP/1.1 (\d+)", received.data) == STATUSES
    assert [word in received.data for word in (b"first", b"second", b"third", b"fourth", b"fifth")] == [True] * 5
    assert received.ending == "fin"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, len(REQUESTS) - 1), max_size=40).map(sorted))
@example(list(range(1, len(REQUESTS), 3)))
def test_however_requests_are_cut_the_answers_are_the_same(server: Server, cuts: list[int]) -> None:
    with Client(server.port) as client:
        for start, end in zip([0, *cuts], [*cuts, len(REQUESTS)], strict=True):
            if start != end:
                client.send(REQUESTS[start:end])
        received = client.receive()
    assert re.findall(rb"HTTP/1.1 (\d+)", received.data) == STATUSES
    assert received.ending == "fin"


_LINES = st.sampled_from(
    [
        b"GET /v1/models HTTP/1.1\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\n",
        b"GET /_mockoai/exchanges?limit=1 HTTP/1.0\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n",
        b"host: localhost\r\n",
        b"content-length: 3\r\n",
        b"content-length: 99999999\r\n",
        b"transfer-encoding: chunked\r\n",
        b"connection: upgrade\r\nupgrade: h2c\r\n",
        b"connection: close\r\n",
        b"expect: 100-continue\r\n",
        b"\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"{}\r\n",
        b"\x00\xff",
        b": \r\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(_LINES, max_size=12).map(b"".join)))
def test_whatever_comes_the_connection_ends_and_the_server_goes_on(server: Server, data: bytes) -> None:
    with Client(server.port) as client:
        client.send(data)
        # What is left open is an idle connection, which a request ends.
        client.send(b"\r\n")
        received = client.receive(idle=0.3)
    assert received.data == b"" or received.data.startswith(b"HTTP/1.1 ")
    with Client(server.port) as client:
        assert client.ask(request("GET", "/health")).status == 200
