"""Starting, stopping, signals, readiness; servers that share a process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mockoai.errors import StartError, UsageError
from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from mockoai.server import lifecycle
from mockoai.server.asgi import Application
from mockoai.server.lifecycle import Server
from mockoai.wire.protocol import Limits
from tests.server.conftest import Serve
from tests.support.scenarios import ENDLESS, LARGE, TICKING
from tests.support.sockets import Client, chat, exchange, request

STOP_TIME = 1.0
"""Seconds in which a server must have stopped, whatever is open."""
STREAMS = 50
DESCRIPTORS = Path("/proc/self/fd")


def _descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir()))


@contextmanager
def endless_streams(server: Server, count: int = STREAMS) -> Iterator[list[Client]]:
    """Open streams that have begun and do not end by themselves."""
    clients = [Client(server.port) for _ in range(count)]
    try:
        for client in clients:
            client.send(chat(stream=True))
        for client in clients:
            client.receive(until=b"one")
        yield clients
    finally:
        for client in clients:
            client.close()


def _stop_with_open_streams(times: int) -> None:
    port = 0
    before: tuple[int, int] | None = None
    for _ in range(times):
        server = Server(Mock([load_text(ENDLESS)]), port=port).start()
        port = server.port
        with endless_streams(server) as clients:
            begin = time.monotonic()
            server.stop()
            assert time.monotonic() - begin < STOP_TIME
            for client in clients:
                assert client.receive().ending == "fin"
        assert [one.delivery.outcome for one in server.mock.journal] == ["stopped"] * STREAMS
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
        now = (threading.active_count(), _descriptors())
        # The first round imports what later ones have.
        before = before or now
        assert now == before, "threads and descriptors are not back to where they were"


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="descriptors are counted in /proc")
def test_open_streams_do_not_hold_up_the_end() -> None:
    _stop_with_open_streams(4)


@pytest.mark.slow
@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="descriptors are counted in /proc")
def test_open_streams_do_not_hold_up_the_end_a_hundred_times_over() -> None:
    _stop_with_open_streams(100)


def test_a_client_that_does_not_read_does_not_hold_up_the_end(serve: Serve, eventually: Callable[..., None]) -> None:
    server = serve(LARGE)
    with Client(server.port, receive_buffer=4096) as client:
        for _ in range(32):
            client.send(chat())
        eventually(lambda: server.mock.journal.total > 0)
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < STOP_TIME


def test_a_hundred_starts_and_none_refused() -> None:
    for _ in range(100):
        with Server(Mock(), port=0) as server, Client(server.port) as client:
            assert client.ask(request("GET", "/health")).status == 200


def test_ready_means_that_our_own_request_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    probe = Server._probe

    async def watched(self: Server) -> None:
        await probe(self)
        seen.append("answered")

    monkeypatch.setattr(Server, "_probe", watched)
    server = Server(Mock(), port=0)

    def ready() -> None:
        seen.append("ready")
        server.stop()

    assert server.run(ready) == 0
    assert seen == ["answered", "ready"]


@pytest.mark.parametrize("wrong", [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b""])
def test_a_server_that_does_not_answer_itself_is_not_ready(monkeypatch: pytest.MonkeyPatch, wrong: bytes) -> None:
    class Reader:
        async def read(self) -> bytes:
            return wrong

    class Writer:
        def write(self, data: bytes) -> None: ...

        def close(self) -> None: ...

    async def connect(host: str, port: int) -> tuple[Reader, Writer]:
        return Reader(), Writer()

    monkeypatch.setattr(asyncio, "open_connection", connect)
    with pytest.raises(StartError) as caught:
        Server(Mock(), port=0).start()
    assert caught.value.code == "not-ready"


def test_a_server_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(self: object, scope: object, send: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Application, "_health", hang)
    monkeypatch.setattr(lifecycle, "PROBE_TIME", 0.05)
    with pytest.raises(StartError) as caught:
        Server(Mock(), port=0, grace=0.05).start()
    assert "no answer within 0.05 s" in caught.value.message


def test_what_fails_in_the_thread_is_raised_by_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(self: Server) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Server, "_probe", fail)
    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="a defect"):
        Server(Mock(), port=0).start()
    assert threading.active_count() == threads


def test_stopping_twice_and_stopping_what_never_started_is_fine() -> None:
    server = Server(Mock(), port=0).start()
    server.stop()
    server.stop()
    never = Server(Mock(), port=0)
    never.bind()
    port = never.port
    never.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize("loop", ["auto", "asyncio", "uvloop"])
def test_every_event_loop_serves_and_stops(serve: Serve, loop: str) -> None:
    if loop == "uvloop":
        pytest.importorskip("uvloop")
    server = serve(ENDLESS, loop=loop)
    with endless_streams(server, 3) as clients:
        server.stop()
        assert {client.receive().ending for client in clients} == {"fin"}


def test_a_loop_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with pytest.raises(UsageError) as caught:
        Server(Mock(), port=0, loop="uvloop")
    assert caught.value.code == "loop-unknown"
    with Server(Mock(), port=0) as server:
        assert exchange(server.port, request("GET", "/health"), until=b"}").status == 200


# --- two servers in one process ---------------------------------------------------------------------------


@pytest.mark.parametrize("patched", [False, True], ids=["plain", "after sse-starlette was imported"])
def test_stopping_one_server_leaves_the_stream_of_another(serve: Serve, patched: bool) -> None:
    if patched:
        import sse_starlette  # noqa: F401  (patches uvicorn for the whole process)
    one, other = serve(ENDLESS), serve(TICKING)
    with Client(other.port) as client, endless_streams(one, 5):
        client.send(chat(stream=True))
        client.receive(until=b"data:")
        one.stop()
        rest = client.receive(until=b"0\r\n\r\n")
    assert b"data: [DONE]\n\n" in rest.data
    assert [exchange.delivery.outcome for exchange in other.mock.journal] == ["clean"]


def test_stopping_one_server_leaves_the_live_feed_of_another(serve: Serve) -> None:
    one, other = serve(), serve()
    with Client(one.port) as first, Client(other.port) as second:
        for client in (first, second):
            client.send(request("GET", "/_mockoai/live"))
            client.receive(until=b"\r\n\r\n")
        one.stop()
        assert first.receive().ending == "fin"
        exchange(other.port, chat(), until=b"}")
        assert b"event: exchange" in second.receive(until=b"event: exchange").data


def test_servers_share_no_counts(serve: Serve) -> None:
    one, other = serve(), serve()
    exchange(one.port, chat(), until=b"}")
    assert (one.mock.journal.total, other.mock.journal.total) == (1, 0)
    assert b"mockoai_requests_total{" in one.metrics.render("")[0]
    assert b"mockoai_requests_total{" not in other.metrics.render("")[0]


# --- signals ----------------------------------------------------------------------------------------------

PROGRAM = """
import sys
from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from mockoai.server.lifecycle import Server

server = Server(Mock([load_text(sys.stdin.read())]), port=0, grace=float(sys.argv[1]))
sys.exit(server.run(lambda: print(server.port, flush=True)))
"""


@contextmanager
def program(scenario: str, grace: float = lifecycle.GRACE) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server in the main thread of a process of its own."""
    command = [sys.executable, "-c", PROGRAM, str(grace)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(scenario.encode())
        process.stdin.close()
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_within_a_second_whatever_is_open(number: signal.Signals, code: int) -> None:
    with program(ENDLESS) as (process, port), Client(port) as client:
        client.send(chat(stream=True))
        client.receive(until=b"one")
        begin = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=5) == code
        assert time.monotonic() - begin < STOP_TIME
        assert client.receive().ending == "fin"
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_second_interrupt_does_not_wait_for_anybody(eventually: Callable[..., None]) -> None:
    with program(LARGE, grace=60.0) as (process, port), Client(port, receive_buffer=4096) as client:
        for _ in range(64):  # more than the kernel's buffers hold, and never read
            client.send(chat())
        seen: list[bytes] = []

        def stuck() -> bool:
            figures = exchange(port, request("GET", "/metrics", headers={"connection": "close"})).data
            seen.extend(line for line in figures.splitlines() if line.startswith(b"mockoai_requests_total"))
            return b"mockoai_exchanges_open 1.0" in figures and len(seen) > 20 and len(set(seen[-20:])) == 1

        eventually(stuck)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_caller_gets_its_signal_handlers_back() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    server = Server(Mock(), port=0)
    assert server.run(server.stop) == 0
    assert {number: signal.getsignal(number) for number in before} == before


def test_limits_are_those_of_the_server(serve: Serve) -> None:
    server = serve(limits=Limits(head_size=100))
    assert exchange(server.port, request("GET", "/health", headers={"x-long": "y" * 200})).status == 431
