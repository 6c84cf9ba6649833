"""The recorder on real sockets: what a scripted server does is told apart, in time, and the key goes nowhere else."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mockoai.check.conversation import Conversation
from mockoai.check.model import Ask, Bounds, Recording
from mockoai.check.reading.exchange import Exchange
from mockoai.check.recorder import Recorder
from mockoai.check.run import check
from mockoai.check.target import Target

CERTIFICATE = Path(__file__).parent / "localhost.pem"
SHORT = Bounds(patience=0.3, early=0.3, total=1.0, linger=0.05, settle=0.2, connect=0.5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ASK = Ask(name="x", kind="chat", path="/chat/completions", body={"model": "m"})

Serve = Callable[[socket.socket], object]


@contextmanager
def server(*serve: Serve, tls: bool = False) -> Iterator[Target]:
    """Listen, and let every connection be served by the next of ``serve``, the last by all that come later."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)

    stopping = threading.Event()

    def loop() -> None:
        for number in range(1000):
            connection, _ = listener.accept()
            if stopping.is_set():
                connection.close()
                return
            connection.settimeout(5)
            try:
                with context.wrap_socket(connection, server_side=True) if context else connection as wrapped:
                    serve[min(number, len(serve) - 1)](wrapped)
            except OSError:
                continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield Target(secure=tls, port=listener.getsockname()[1], path="/v1", key="sk-secret-key")
    finally:
        # A thread that waits in accept is woken by a connection, not by the close.
        stopping.set()
        with socket.socket() as last:
            last.settimeout(1)
            last.connect_ex(listener.getsockname())
        thread.join(5)
        listener.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*parts: bytes | float, then: str = "close") -> Serve:
    """Answer with ``parts``, waiting where one is a number, then ``close``, ``reset`` or ``hang``."""

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        for part in parts:
            if isinstance(part, float):
                time.sleep(part)
            else:
                connection.sendall(part)
        if then == "reset":
            time.sleep(0.02)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif then == "hang":
            connection.recv(1)

    return serve


def record(target: Target, bounds: Bounds = SHORT, patience: float | None = None) -> Recording:
    recorder = Recorder(bounds)
    try:
        return recorder(target, ASK, patience)
    finally:
        recorder.close()


def test_segments_have_their_times() -> None:
    with server(answering(OK[:20], 0.1, OK[20:])) as target:
        recording = record(target)
    assert recording.data == OK
    first, second = recording.segments
    assert (first.data, second.data) == (OK[:20], OK[20:])
    assert second.at - first.at >= 0.09
    assert recording.connecting > 0


@pytest.mark.parametrize(("then", "ending"), [("close", "fin"), ("reset", "rst")])
def test_a_close_is_told_from_a_reset(then: str, ending: str) -> None:
    with server(answering(OK[:-1], then=then)) as target:
        recording = record(target)
    assert (recording.ending, recording.gave_up, recording.data) == (ending, "", OK[:-1])


def test_silence_is_given_up() -> None:
    with server(answering(OK[:-1], then="hang")) as target:
        recording = record(target)
    assert (recording.ending, recording.gave_up) == ("open", "silence")
    assert 0.3 <= recording.ended < 2


def test_a_dribble_is_given_up_in_the_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    with server(answering(head, *[part for _ in range(20) for part in (0.1, b"\n")])) as target:
        recording = record(target, Bounds(patience=0.3, total=0.5))
    assert recording.gave_up == "time"


def test_an_answer_without_end_is_cut_at_the_size() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with server(answering(head + b"x" * 200_000, then="hang")) as target:
        recording = record(target, Bounds(patience=0.3, size=100_000))
    assert recording.gave_up == "size"
    assert len(recording.data) == 100_000


def test_what_follows_a_whole_answer_is_heard() -> None:
    with server(answering(OK, 0.01, b"more", then="hang")) as target:
        recording = record(target)
    assert Exchange(ASK, recording).message.rest == b"more"
    assert recording.ending == "open"


def test_a_connection_is_used_again_only_when_asked() -> None:
    def twice(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(OK)

    with server(twice) as target:
        recorder = Recorder(SHORT)
        first = recorder(target, ASK)
        again = recorder(target, Ask(name="y", kind="chat", path="/x", body={}, again=True))
        fresh = recorder(target, ASK)
        recorder.close()
    assert [one.reused for one in (first, again, fresh)] == [False, True, False]
    assert again.connecting == 0


# --- no connection ------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_nobody_listens() -> None:
    recording = record(Target(port=free_port()))
    assert recording.trouble == "refused"
    assert not recording.segments


def test_a_name_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **more: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    recording = record(Target(host="nowhere.invalid"))
    assert (recording.trouble, "nowhere.invalid" in recording.detail) == ("dns", True)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: gate.wait(10) and [])
    start = time.monotonic()
    recording = record(Target(host="slow.invalid"))
    gate.set()
    assert recording.trouble == "dns"
    assert time.monotonic() - start < 5


def test_tls_is_spoken_and_certificates_are_looked_at() -> None:
    with server(answering(OK), tls=True) as target:
        refused = record(target)
        accepted = Recorder(SHORT, insecure=True)(target, ASK)
    assert (refused.trouble, "certificate" in refused.detail) == ("tls", True)
    assert accepted.data == OK


def test_a_server_without_tls() -> None:
    with server(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as target:
        recording = record(Target(secure=True, port=target.port))
    assert recording.trouble == "tls"


# --- whole checks -------------------------------------------------------------------------------------------


def test_a_server_that_takes_connections_and_says_nothing_is_told_soon() -> None:
    with server(answering(then="hang")) as target:
        start = time.monotonic()
        report = check(Conversation(target), Recorder(SHORT), SHORT)
        assert time.monotonic() - start < 3
    assert not report.answered
    assert [one.id for one in report.findings] == ["max-concurrent-accept-backlog"]
    assert len(report.asked) == 2


def test_another_protocol_is_told() -> None:
    with server(answering(b"-ERR unknown command 'GET'\r\n")) as target:
        report = check(Conversation(target), Recorder(SHORT), SHORT)
    assert "answer-not-http" in [one.id for one in report.findings]


def test_a_key_is_taken_to_no_other_server() -> None:
    heard: list[bytes] = []

    def thief(connection: socket.socket) -> None:
        heard.append(read_request(connection))

    with server(thief) as other:
        there = f"http://localhost:{other.port}/v1/models"
        moved = f"HTTP/1.1 307 X\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        with server(answering(moved)) as target:
            report = check(Conversation(target), Recorder(SHORT), SHORT)
    assert "redirect-307-trailing-slash" in [one.id for one in report.findings]
    assert [data for data in heard if data] == []
