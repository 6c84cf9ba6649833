"""One connection at a time, byte for byte, on both event loops: what uvicorn leaves open, and what was truly sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mockoai.faults.base import Run
from mockoai.faults.noop import Noop
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.plan.items import Ending, Item
from mockoai.scenario.model import LiteralEvent, LiteralWire, Rule, Scenario, When
from mockoai.server.lifecycle import Server
from mockoai.wire.protocol import Limits
from mockoai.wire.writer import LARGE, Writer
from tests.support.sockets import Client, chat, exchange, request

MIB = 1024 * 1024
END = b"0\r\n\r\n"
OFFER = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
EVENTS = Rule(events=(LiteralEvent(data={"a": 1}, has_data=True), LiteralEvent(data="[DONE]", has_data=True)))
SLOW = Rule(events=(*(EVENTS.events or ()), LiteralEvent(wait=0.4), *(EVENTS.events or ())))

Make = Callable[..., Server]


def large(mebibytes: int, how: Ending = "clean") -> Rule:
    """Return an answer of that size, a step for each MiB, with the head as its first."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (mebibytes * MIB)
    return Rule(wire=LiteralWire(steps=(head, *(bytes([65 + i % 26]) * MIB for i in range(mebibytes))), end=how))


@pytest.fixture(params=["asyncio", "uvloop"])
def serve(request: pytest.FixtureRequest) -> Iterator[Make]:
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    servers: list[Server] = []

    def start(*rules: Rule, **settings: Any) -> Server:
        mock = Mock([Scenario(id="s", rules=rules)] if rules else [])
        servers.append(Server(mock, port=0, loop=request.param, **settings).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def last(server: Server) -> Exchange:
    """Return the last exchange once it has ended."""
    end = time.monotonic() + 10
    while not (ended := [one for one in server.mock.journal if one.finished]):
        assert time.monotonic() < end, "the exchange did not end"
        time.sleep(0.001)
    return ended[-1]


# --- requests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stray", [b"", b"\r\n", b"\r\n\r\n"])
def test_stray_line_ends_do_not_keep_an_idle_connection_open(serve: Make, stray: bytes) -> None:
    server = serve(limits=Limits(idle=1))
    with Client(server.port) as client:
        assert client.ask(request("GET", "/health")).status == 200
        client.send(stray)
        received = client.receive(deadline=5.0)
    assert (received.data, received.ending) == (b"", "fin")


def test_a_body_that_waits_for_its_turn_is_not_late(serve: Make) -> None:
    server = serve(SLOW, limits=Limits(body_time=0.1))
    second = chat("second")
    with Client(server.port) as client:
        client.send(chat("first"))
        client.receive(until=b"[DONE]")
        client.send(second[:-9])
        time.sleep(0.02)
        client.send(second[-9:])
        data = client.receive(until=END, count=2).data
    assert b" 408 " not in data
    assert data.count(b"HTTP/1.1 200 OK") == 1  # the first head came before


def test_any_number_of_offers_to_upgrade_is_declined(serve: Make) -> None:
    count = 1500
    with Client(serve().port) as client:
        client.send(OFFER * count)
        data = client.receive(until=b'"status":"ok"', count=count).data
    assert data.count(b"HTTP/1.1 200 OK") == count


def test_a_client_of_http_1_0_is_not_told_to_continue(serve: Make) -> None:
    data = request("POST", "/v1/embeddings", b"{}", headers={"expect": "100-continue"}, version="HTTP/1.0")
    received = exchange(serve().port, data)
    assert received.status == 400
    assert b"100 Continue" not in received.data


@pytest.mark.parametrize(
    ("data", "status", "why"),
    [
        (b"GET /v1/models HTTP/1.1\r\n\r\n", 400, b"no Host"),
        (b"GET /v1/models HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n", 400, b"more than one Host"),
        (b"GET /v1/models HTTP/1.0\r\nhost: a\r\nHost: b\r\n\r\n", 400, b"more than one Host"),
        (b"POST /v1/completions HTTP/1.1\r\nhost: a b\r\ncontent-length: 9\r\n\r\n", 400, b"names no host"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, b"TLS"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, b"HTTP/2"),
        (b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", 400, b"no proxy"),
        (b"GARBAGE\r\n\r\n", 400, b"Invalid method"),
        (b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", 431, b"too large"),
    ],
)
def test_what_is_no_request_is_refused_and_kept(serve: Make, data: bytes, status: int, why: bytes) -> None:
    server = serve()
    received = exchange(server.port, data)
    assert (received.status, received.ending) == (status, "fin")
    assert why in received.body
    assert received.header("connection") == "close"
    (refused,) = server.mock.journal.refused
    assert (refused.status, refused.why.encode() + b"\n") == (status, received.body)
    assert server.mock.journal.total == 0


def test_a_request_of_http_1_0_needs_no_host(serve: Make) -> None:
    assert exchange(serve().port, b"GET /v1/models HTTP/1.0\r\n\r\n").status == 200


def test_a_step_of_any_size_arrives_whole(serve: Make) -> None:
    body = bytes(range(256)) * (LARGE // 256 + 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    server = serve(Rule(wire=LiteralWire(steps=(head, body, b"!"), end="fin")))
    received = exchange(server.port, chat())
    assert received.data == head + body + b"!"
    assert (last(server).delivery.steps, last(server).delivery.bytes) == (4, len(head) + len(body) + 1)


def test_a_client_that_closes_its_side_has_left(serve: Make) -> None:
    server = serve(SLOW)
    with Client(server.port) as client:
        client.send(chat())
        client.receive(until=b"[DONE]")
        client.half_close()
        client.receive()
    assert last(server).delivery.outcome == "client-left"


def test_what_is_due_at_once_reaches_a_client_that_closes_its_side(serve: Make) -> None:
    server = serve(EVENTS)
    with Client(server.port) as client:
        client.send(chat())
        client.half_close()
        assert client.receive().data.endswith(END)
    assert last(server).delivery.outcome == "clean"


def test_an_answer_to_head_ends_behind_its_head(serve: Make) -> None:
    server = serve(EVENTS)
    with Client(server.port) as client:
        client.send(request("HEAD", "/v1/chat/completions") + chat())
        data = client.receive(until=END).data
    first, second, _ = data.split(b"\r\n\r\n", 2)
    assert first.endswith(b"Transfer-Encoding: chunked\r\nConnection: keep-alive")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("model", ["a\r\nset-cookie: b=c", "a\nb", "\0", "模"])
def test_a_model_name_cannot_write_headers(serve: Make, model: str) -> None:
    data = request("POST", "/v1/completions", {"model": model, "prompt": "x"})
    received = exchange(serve().port, data, until=b"\n}\n")
    assert received.status == 200
    assert received.header("openai-model") is None
    assert received.header("set-cookie") is None
    assert received.json()["model"] == model


def test_a_live_feed_ends_with_its_connection_whatever_was_pipelined_behind_it(
    serve: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()
    with Client(server.port) as client:
        client.send(request("GET", "/_mockoai/live") + request("GET", "/health"))
        client.receive(until=b"\r\n\r\n")
    end = time.monotonic() + 10
    with caplog.at_level(logging.WARNING):
        while server._state.tasks:
            assert time.monotonic() < end, "the feed goes on"
            exchange(server.port, chat(), until=b"}\n")
    assert not caplog.records


# --- what was truly sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["clean", "fin", "rst"])
@pytest.mark.parametrize("leaves", [Client.close, Client.reset])
def test_what_a_client_that_leaves_did_not_take_was_not_sent(
    serve: Make, how: Ending, leaves: Callable[[Client], None]
) -> None:
    server = serve(large(50, how))
    client = Client(server.port, receive_buffer=65536)
    client.send(chat())
    got = 0
    while got < MIB:
        got += len(client.socket.recv(65536))
    leaves(client)
    left = last(server)
    head = left.plan.size - 50 * MIB
    assert left.delivery.outcome == "client-left"
    assert got <= left.delivery.bytes < 20 * MIB
    assert left.delivery.steps == 1 + (left.delivery.bytes - head) // MIB


@pytest.mark.parametrize("how", ["clean", "fin", "rst"])
def test_a_reader_that_lags_behind_gets_all_of_a_large_answer(
    serve: Make, how: Ending, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(large(5, how))
    with caplog.at_level(logging.WARNING), Client(server.port, receive_buffer=65536) as client:
        client.send(chat())
        time.sleep(0.05)
        received = client.receive()
    assert len(received.body) == 5 * MIB
    assert received.ending == ("rst" if how == "rst" else "fin")
    exchange_ = last(server)
    assert exchange_.delivery.outcome == how
    assert (exchange_.delivery.bytes, exchange_.delivery.steps) == (exchange_.plan.size, exchange_.plan.length)
    assert not caplog.records


def test_a_reset_does_not_wait_for_ever_for_a_client_that_takes_nothing(serve: Make) -> None:
    server = serve(large(1, "rst"), limits=Limits(hang=0.2))
    with Client(server.port, receive_buffer=4096) as client:
        client.send(chat())
        assert last(server).delivery.outcome == "stopped"


# --- defects of ours --------------------------------------------------------------------------------------------


class Broken(Noop):
    """A fault with a defect."""

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        raise RuntimeError("a defect")


def test_a_defect_in_a_fault_is_answered_logged_and_kept(serve: Make, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(Rule(when=When(stream=True), faults=(Broken(),)), Rule())
    with caplog.at_level(logging.ERROR), Client(server.port) as client:
        first = client.ask(chat(stream=True))
        assert client.ask(chat()).status == 200
    assert (first.status, first.json()["error"]["code"]) == (500, "internal")
    assert first.header("connection") == "keep-alive"
    assert [one.plan.status for one in server.mock.journal] == [500, 200]
    (record,) = caplog.records
    assert record.getMessage() == "no plan could be made for POST /v1/chat/completions"
    assert record.exc_info is not None


def test_a_plan_that_breaks_while_it_is_sent_ends_its_exchange(
    serve: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Writer) -> None:
        raise RuntimeError("a defect")

    server = serve()
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(Writer, "start", broken)
        received = exchange(server.port, chat())
    assert (received.data, received.ending) == (b"", "fin")
    assert last(server).delivery.outcome == "stopped"  # it was not the client who left
    assert exchange(server.port, chat(), until=b"\n}\n").status == 200
