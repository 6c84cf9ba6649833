"""What a client may take: bodies, heads, time. Whoever is refused is told so, and that the connection closes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mockoai.server.app import BODY_LIMIT
from mockoai.wire.protocol import Limits
from tests.server.conftest import Serve
from tests.support.scenarios import ECHO, LARGE
from tests.support.serving import serving
from tests.support.sockets import Client, Received, chat, exchange, request

MIB = 1024 * 1024
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
CHUNKED = {"transfer-encoding": "chunked"}


def _announced(size: int) -> bytes:
    return request("POST", "/v1/chat/completions", headers={"content-length": str(size)})


def _refused(received: Received, status: int) -> None:
    assert received.status == status
    assert received.header("connection") == "close"
    assert received.ending == "fin"
    assert len(received.body) == int(received.header("content-length") or -1)


# --- bodies -----------------------------------------------------------------------------------------------


def test_a_body_of_the_limit_is_read(serve: Serve) -> None:
    server = serve()
    data = b'{"model":"gpt-4o","messages":[{"role":"user","content":"' + b"x" * (BODY_LIMIT - 61) + b'"}]}'
    assert len(data) <= BODY_LIMIT
    with Client(server.port) as client:
        assert client.ask(request("POST", "/v1/chat/completions", data)).status != 413
    assert next(iter(server.mock.journal)).body_size == len(data)


def test_an_announced_body_over_the_limit_is_refused_before_it_is_sent(serve: Serve) -> None:
    server = serve()
    received = exchange(server.port, _announced(BODY_LIMIT + 1))
    _refused(received, 413)
    assert received.json()["error"]["code"] == "body_too_large"


def test_a_client_that_waits_for_permission_is_refused_without_it(serve: Serve) -> None:
    data = request(
        "POST", "/v1/chat/completions", headers={"content-length": str(BODY_LIMIT + 1), "expect": "100-continue"}
    )
    received = exchange(serve().port, data)
    _refused(received, 413)
    assert b"100 Continue" not in received.data


def test_a_client_that_waits_for_permission_gets_it(serve: Serve) -> None:
    head, _, body = chat(expect="100-continue").partition(b"\r\n\r\n")
    with Client(serve().port) as client:
        client.send(head + b"\r\n\r\n")
        assert client.receive(until=b"\r\n\r\n").data == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.ask(body).status == 200


def test_a_chunked_body_over_the_limit_is_refused(serve: Serve) -> None:
    server = serve()
    with Client(server.port) as client:
        client.send(request("POST", "/v1/chat/completions", headers=CHUNKED))
        for _ in range(BODY_LIMIT // 0x10000):
            client.send(CHUNK)
        client.send(b"1\r\nx\r\n")
        _refused(client.receive(), 413)


def test_what_follows_a_length_that_lies_is_not_part_of_the_body(serve: Serve) -> None:
    server = serve()
    data = request("POST", "/v1/chat/completions", b"{}" + b"x" * 100, headers={"content-length": "2"})
    received = exchange(server.port, data)
    assert received.ending == "fin"
    assert received.data.count(b"HTTP/1.1 400 Bad Request") == 2  # {} is no chat request, xxx… no request at all
    assert next(iter(server.mock.journal)).request.body == b"{}"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("how", ["announced", "chunked", "lying"])
def test_a_huge_body_costs_less_than_twice_the_limit(how: str) -> None:
    with serving() as served:
        peak = Path(f"/proc/{served.process.pid}/status")

        def most() -> int:
            return next(
                int(line.split()[1]) * 1024 for line in peak.read_text().splitlines() if line.startswith("VmHWM")
            )

        with Client(served.port) as client:
            client.ask(chat())
            client.ask(chat(stream=True))
        before = most()
        with Client(served.port) as client:
            if how == "chunked":
                client.send(request("POST", "/v1/chat/completions", headers=CHUNKED))
            else:
                client.send(_announced(100 * MIB if how == "announced" else MIB))
            try:
                for _ in range(100 * MIB // len(CHUNK)):
                    client.send(CHUNK)
            except ConnectionError:
                pass  # it did not have to listen to all of it
            received = client.receive()
        if how != "lying":
            assert received.status in (413, 0)  # the answer may be lost to a client that only talks
        assert most() - before < 2 * BODY_LIMIT


# --- heads ------------------------------------------------------------------------------------------------

HEAD = request("GET", "/v1/models")
FAST = Limits(head_time=0.15, body_time=0.15, linger=0.1)


def test_half_a_head_is_not_waited_for(serve: Serve) -> None:
    with Client(serve(limits=FAST).port) as client:
        client.send(HEAD[:-2])
        _refused(client.receive(), 408)


def test_a_head_that_drips_gains_no_time(serve: Serve) -> None:
    server = serve(limits=FAST)
    with Client(server.port) as client:
        begin = time.monotonic()
        received = Received(b"", "open", ())
        while received.ending == "open" and not received.data:
            client.send(b"x-drip: 1\r\n" if time.monotonic() - begin > 0.02 else HEAD[:-2])
            received = client.receive(idle=0.02)
        assert received.status == 408
        assert 0.14 < time.monotonic() - begin < 5


def test_a_connection_without_a_request_is_closed_without_a_word(serve: Serve) -> None:
    with Client(serve(limits=FAST).port) as client:
        received = client.receive()
    assert (received.data, received.ending) == (b"", "fin")


def test_empty_lines_before_a_request_are_not_one(serve: Serve) -> None:
    server = serve(limits=FAST)
    with Client(server.port) as client:
        client.send(b"\r\n\r\n")
        assert client.receive().data == b""
    with Client(server.port) as client:
        assert client.ask(b"\r\n" + HEAD).status == 200


def test_half_a_body_is_not_waited_for(serve: Serve) -> None:
    server = serve(limits=FAST)
    with Client(server.port) as client:
        client.send(chat()[:-2])
        _refused(client.receive(), 408)
    assert server.mock.journal.total == 0


def test_the_second_request_of_a_connection_has_its_time_too(serve: Serve) -> None:
    with Client(serve(limits=FAST).port) as client:
        assert client.ask(HEAD).status == 200
        client.send(HEAD[:-2])
        _refused(client.receive(), 408)


def test_between_requests_there_is_more_time_than_for_a_head(serve: Serve) -> None:
    with Client(serve(limits=FAST).port) as client:
        assert client.ask(HEAD).status == 200
        assert client.receive(idle=2 * FAST.head_time).ending == "open"
        assert client.ask(HEAD).status == 200


def test_an_idle_connection_is_closed_in_the_end(serve: Serve) -> None:
    with Client(serve(limits=Limits(idle=1)).port) as client:
        assert client.ask(HEAD).status == 200
        received = client.receive()
    assert (received.data, received.ending) == (b"", "fin")


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_a_large_head_is_refused_however_it_is_cut(serve: Serve, pieces: int) -> None:
    server = serve(limits=Limits(head_size=4096, linger=0.1))
    data = request("GET", "/v1/models", headers={f"x-{number}": "y" * 100 for number in range(60)})
    size = -(-len(data) // pieces)
    with Client(server.port) as client:
        for start in range(0, len(data), size):
            client.send(data[start : start + size])
        _refused(client.receive(), 431)
    assert server.mock.journal.total == 0


def test_a_large_body_behind_a_small_head_is_no_large_head(serve: Serve) -> None:
    with Client(serve(limits=Limits(head_size=1000)).port) as client:
        assert client.ask(chat("x" * 5000)).status == 200
        assert client.ask(chat("x" * 5000)).status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET /v1/models HTTP/9.9\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_is_refused(serve: Serve, data: bytes) -> None:
    server = serve(limits=Limits(linger=0.1))
    _refused(exchange(server.port, data, idle=5), 400)
    assert server.mock.journal.total == 0


def test_half_open_heads_do_not_hold_up_others(serve: Serve) -> None:
    server = serve()
    slow = [Client(server.port) for _ in range(500)]
    try:
        for client in slow:
            client.send(HEAD[:-2])
        with Client(server.port) as client:
            assert client.ask(HEAD).status == 200
        taken = []
        for _ in range(5):
            begin = time.monotonic()
            with Client(server.port) as client:
                assert client.ask(HEAD).status == 200
            taken.append(time.monotonic() - begin)
    finally:
        for client in slow:
            client.close()
    assert statistics.median(taken) < 0.1


# --- readers that lag -------------------------------------------------------------------------------------


def test_a_client_that_never_reads_is_not_kept_for_ever(serve: Serve, eventually: Callable[..., None]) -> None:
    server = serve(LARGE, limits=Limits(hang=0.2))
    with Client(server.port, receive_buffer=4096) as client:
        for _ in range(64):
            client.send(chat())
        eventually(lambda: server.mock.journal.total > 0 and not server._state.connections)
    assert {one.delivery.outcome for one in server.mock.journal} <= {"clean", "stopped", "client-left"}


def test_a_client_that_reads_slowly_gets_everything(serve: Serve) -> None:
    server = serve(LARGE)
    with Client(server.port, receive_buffer=4096) as client:
        for _ in range(8):
            client.send(chat())
        received = client.receive(until=b"HTTP/1.1 200 OK", count=8)
        rest = client.receive(idle=0.5)
    assert (received.data + rest.data).count(b"x" * 250_000) == 8


# --- when we will close, we say so ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "closes"),
    [
        (chat(), False),
        (chat(connection="keep-alive"), False),
        (chat(connection="close"), True),
        (chat().replace(b"HTTP/1.1", b"HTTP/1.0"), True),
        (chat(stream=True), False),
        (chat(stream=True, connection="close"), True),
        (chat(stream=True).replace(b"HTTP/1.1", b"HTTP/1.0"), True),
        (request("GET", "/v1/nothing"), False),
        (request("GET", "/health"), False),
        (request("GET", "/health", headers={"connection": "close"}), True),
        (request("GET", "/_mockoai/sessions"), False),
        (request("GET", "/_mockoai/nothing", headers={"connection": "close"}), True),
        (request("PUT", "/v1/models", {}), False),
        (_announced(BODY_LIMIT + 1), True),
    ],
)
def test_the_connection_ends_as_announced(serve: Serve, data: bytes, closes: bool) -> None:
    with Client(serve(ECHO).port) as client:
        received = client.ask(data)
        announced = (received.header("connection") or "").lower() == "close"
        assert announced is closes
        if closes:
            assert received.ending == "fin" or client.receive().ending == "fin"
        else:
            assert client.receive(idle=0.1).ending == "open"
