"""A client that hides nothing: raw bytes out, raw bytes in with their times, and how the connection ended.

``exchange`` is one request on a connection of its own. ``Client`` is a connection kept in hand, for
pipelines, slow heads and requests that follow each other.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

Ending = Literal["open", "fin", "rst"]

DEADLINE = 10.0
"""Seconds after which a read that should have ended is a failure."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came back: all bytes, how it ended, and every read with its seconds since the request was sent."""

    data: bytes
    ending: Ending
    reads: tuple[tuple[float, bytes], ...]

    @property
    def status(self) -> int:
        """The status of the first answer, 0 when there is none."""
        parts = self.data.split(b" ", 2)
        return int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else 0

    @property
    def head(self) -> bytes:
        """Status line and headers, with the blank line."""
        end = self.data.find(b"\r\n\r\n")
        return self.data[: end + 4] if end >= 0 else self.data

    @property
    def body(self) -> bytes:
        """Everything behind the head, chunk framing included."""
        return self.data[len(self.head) :]

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, whatever its case."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").lower() == name.lower():
                return value.strip().decode("latin-1")
        return None

    def json(self) -> Any:
        """The body of an answer with a length, as JSON."""
        return json.loads(self.body)


def request(
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
    version: str = "HTTP/1.1",
) -> bytes:
    """Write a request: ``body`` as it is when bytes, as JSON otherwise; ``headers`` replace those of equal name."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    fields = {"host": host}
    if body is not None:
        fields |= {"content-type": "application/json", "content-length": str(len(data))}
    fields |= {name.lower(): value for name, value in (headers or {}).items()}
    lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def chat(text: str = "hello", *, stream: bool = False, path: str = "/v1/chat/completions", **headers: str) -> bytes:
    """Write a chat request; keyword names become headers, ``_`` written as ``-``."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], "stream": stream}
    return request("POST", path, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _whole(data: bytes) -> bool:
    """Whether ``data`` is an answer to its end, as far as that can be told before the connection ends."""
    answer = Received(data, "open", ())
    if not answer.head.endswith(b"\r\n\r\n"):
        return False
    if answer.status in (204, 304):
        return True
    if (answer.header("transfer-encoding") or "") == "chunked":
        return data.endswith(b"0\r\n\r\n")
    length = answer.header("content-length")
    return length is not None and len(answer.body) >= int(length)


class Client:
    """One connection."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", receive_buffer: int | None = None) -> None:
        """Connect; ``receive_buffer`` is the kernel's, in bytes, to be a reader that lags behind."""
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._sent = time.monotonic()
        self.socket.settimeout(DEADLINE)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Send all of ``data``; the times of what is received count from here."""
        self._sent = time.monotonic()
        self.socket.sendall(data)

    def receive(
        self,
        *,
        until: bytes | Callable[[bytes], bool] | None = None,
        count: int = 1,
        idle: float = DEADLINE,
        deadline: float = DEADLINE,
    ) -> Received:
        """Read until the other side ends the connection, was silent for ``idle`` seconds, or ``until`` has come.

        With ``until``, returns (as ``open``) as soon as it has been seen ``count`` times, or is true of what was read.
        Raises TimeoutError when nothing of that has happened ``deadline`` seconds after the call.
        """
        start = time.monotonic()
        data = b""
        reads: list[tuple[float, bytes]] = []
        ending: Ending = "open"
        while True:
            left = start + deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no end after {deadline} s; got {data[-200:]!r}")
            self.socket.settimeout(min(idle, left))
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                if idle <= left:
                    break
                continue
            except ConnectionResetError:
                ending = "rst"
                break
            if not piece:
                ending = "fin"
                break
            data += piece
            reads.append((time.monotonic() - self._sent, piece))
            if callable(until):
                if until(data):
                    break
            elif until is not None and data.count(until) >= count:
                break
        return Received(data, ending, tuple(reads))

    def ask(self, data: bytes) -> Received:
        """Send one request and read one whole answer, by its length, its last chunk, or the end of the connection."""
        self.send(data)
        return self.receive(until=_whole)

    def half_close(self) -> None:
        """Send a FIN and go on reading, as ``nc -N`` does when its input ends."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Leave at once, with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()

    def close(self) -> None:
        """Leave."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def exchange(
    port: int, data: bytes, *, idle: float = DEADLINE, until: bytes | None = None, host: str = "127.0.0.1"
) -> Received:
    """Send ``data`` on a new connection and read until it ends, shows ``until``, or is silent for ``idle`` seconds.

    Raises TimeoutError when an answer without ``idle`` does not end.
    """
    with Client(port, host=host) as client:
        client.send(data)
        return client.receive(idle=idle, until=until)
