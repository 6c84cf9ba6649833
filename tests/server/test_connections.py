"""Several requests on one connection, and what comes in while an answer is under way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockoai.server.lifecycle import Server
from mockoai.wire.protocol import Limits
from tests.server.conftest import Serve
from tests.support.scenarios import ECHO, ENDLESS
from tests.support.sockets import Client, chat, request

SHORT = """
id: short
timing: { between_tokens: 100ms }
rules:
  - when: { stream: true }
    reply: { text: "one two three", tokens: ["one", " two", " three"] }
  - reply: { echo: true }
"""
"""A stream that takes 0.2 s."""

END = b"0\r\n\r\n"


def test_requests_follow_each_other_on_one_connection(serve: Serve) -> None:
    server = serve(ECHO)
    with Client(server.port) as client:
        for text in ("first", "second", "third"):
            assert text.encode() in client.ask(chat(text)).body
    assert [one.reused for one in server.mock.journal] == [False, True, True]
    assert len({one.connection for one in server.mock.journal}) == 1


def test_pipelined_requests_are_all_answered_in_their_order(serve: Serve) -> None:
    server = serve(SHORT)
    with Client(server.port) as client:
        client.send(chat(stream=True) + chat("second") + chat(stream=True) + chat("fourth"))
        data = client.receive(until=b"fourth").data
    assert data.count(b"HTTP/1.1 200 OK") == 4
    assert data.count(END) == 2
    assert data.index(b"three") < data.index(b"second") < data.rindex(b"three") < data.index(b"fourth")
    assert [one.reused for one in server.mock.journal] == [False, True, True, True]
    assert [one.delivery.outcome for one in server.mock.journal][:3] == ["clean"] * 3


def test_a_request_in_pieces_is_one_request(serve: Serve) -> None:
    data = chat("in pieces")
    with Client(serve(ECHO).port) as client:
        for byte in data[:-1]:
            client.send(bytes([byte]))
        assert b"in pieces" in client.ask(data[-1:]).body


def test_the_mocked_and_the_control_api_share_a_connection(serve: Serve) -> None:
    with Client(serve(ECHO).port) as client:
        assert client.ask(chat()).status == 200
        assert client.ask(request("GET", "/_mockoai/exchanges")).json()["total"] == 1
        assert client.ask(request("GET", "/health")).json()["exchanges"] == 1
        assert client.ask(chat()).status == 200


@pytest.mark.parametrize("rest", [b"garbage\r\n\r\n", b"POST /v1 HTTP/1.1\r\ncontent-length: x\r\n\r\n"])
def test_garbage_behind_a_request_is_refused_after_its_answer(serve: Serve, rest: bytes) -> None:
    server = serve(SHORT, limits=Limits(linger=0.1))
    with Client(server.port) as client:
        client.send(chat(stream=True) + rest)
        received = client.receive()
    whole, _, refusal = received.data.partition(END)
    assert whole.count(b"data:") == 6
    assert refusal.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"connection: close" in refusal
    assert received.ending == "fin"


def test_half_a_request_behind_another_is_refused_after_its_answer(serve: Serve) -> None:
    server = serve(SHORT, limits=Limits(head_time=0.05, body_time=0.05, linger=0.1))
    for half in (b"POST /v1/chat", chat()[:-2]):
        with Client(server.port) as client:
            client.send(chat(stream=True) + half)
            whole, _, refusal = client.receive().data.partition(END)
        assert whole.count(b"data:") == 6
        assert refusal.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_stray_line_ends_behind_a_request_change_nothing(serve: Serve) -> None:
    server = serve(SHORT, limits=Limits(head_time=0.05))
    with Client(server.port) as client:
        client.send(chat(stream=True) + b"\r\n")
        assert client.receive(until=END).data.count(b"data:") == 6
        client.send(b"\r\n")
        assert client.ask(chat("still here")).status == 200


H2C = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2_settings": "AAMAAABk"}


@pytest.mark.parametrize("pieces", [1, 2, 50])
def test_an_offer_to_upgrade_is_declined_and_the_request_answered(serve: Serve, pieces: int) -> None:
    server = serve(ECHO)
    with Client(server.port) as client:
        for text in ("first", "second"):
            data = chat(text, **H2C)
            size = -(-len(data) // pieces)
            for start in range(0, len(data) - size, size):
                client.send(data[start : start + size])
            assert text.encode() in client.ask(data[-(len(data) % size or size) :]).body
        assert (
            client.ask(request("GET", "/v1/models", headers={"connection": "Upgrade", "upgrade": "websocket"})).status
            == 200
        )
    first = next(iter(server.mock.journal))
    assert first.request.header("upgrade") == "h2c"
    assert first.request.header("http2-settings") == "AAMAAABk"


def test_an_offer_to_upgrade_does_not_swallow_what_follows(serve: Serve) -> None:
    with Client(serve(ECHO).port) as client:
        client.send(chat("first", **H2C) + chat("second") + request("GET", "/health", headers=H2C))
        data = client.receive(until=b"uptime").data
    assert data.index(b"first") < data.index(b"second") < data.index(b'"status":"ok"')


def test_connect_is_no_request_for_an_origin(serve: Serve) -> None:
    with Client(serve(limits=Limits(linger=0.1)).port) as client:
        client.send(b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n")
        received = client.receive()
    assert (received.status, received.ending) == (400, "fin")


def test_a_client_that_leaves_is_noticed_at_once(
    serve: Serve, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    server = serve(ENDLESS)

    def outcomes() -> list[str]:
        return [one.delivery.outcome for one in server.mock.journal]

    with Client(server.port) as client:
        client.send(chat(stream=True))
        client.receive(until=b"one")
    eventually(lambda: outcomes() == ["client-left"])
    client = Client(server.port)
    client.send(chat(stream=True))
    client.receive(until=b"one")
    client.reset()
    eventually(lambda: outcomes() == ["client-left"] * 2)
    assert server._state.connections == set()


def test_a_client_that_leaves_after_a_large_request_is_noticed_too(
    serve: Serve, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    server = serve(ENDLESS)
    data = chat("x" * 2_000_000, stream=True)
    with Client(server.port) as client:
        client.send(data[:1_000_000])
        client.send(data[1_000_000:])
        client.receive(until=b"one")
    eventually(lambda: [one.delivery.outcome for one in server.mock.journal] == ["client-left"])


def test_connections_are_numbered(server: Server) -> None:
    for _ in range(2):
        with Client(server.port) as client:
            client.ask(chat())
    first, second = server.mock.journal
    assert first.connection < second.connection
