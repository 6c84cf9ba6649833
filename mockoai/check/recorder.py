"""The only module of the check that touches a socket or a clock: sends a request and records what comes, and when.

Plain blocking sockets, one request at a time: every ``recv`` is a segment as the kernel gave it, a reset is told from
a close, and Ctrl-C works. A key goes to the target's own host and nowhere else, since nothing is followed here.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time

from mockoai.check.model import Ask, Bounds, Ending, Recording, Trouble
from mockoai.check.reading.listening import Listening
from mockoai.check.request import encode
from mockoai.check.target import Target

PIECE = 256 * 1024
"""Bytes that are read at once at most."""


class Clock:
    """The time of the check: real, or faster for tests."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def real(self, seconds: float) -> float:
        """Return how long ``seconds`` take on the wall."""
        return seconds

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(self.real(seconds))


class ConnectError(Exception):
    """No connection was made: the trouble, and the system's words for it."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(detail)
        self.trouble: Trouble = trouble
        self.detail = detail


class Recorder:
    """Records answers, within ``bounds``; keeps one connection for asks that go over that of the one before."""

    def __init__(self, bounds: Bounds, clock: Clock | None = None, *, insecure: bool = False) -> None:
        self._bounds = bounds
        self._clock = clock or Clock()
        self._insecure = insecure
        self._addresses: dict[tuple[str, int], list[tuple[socket.AddressFamily, tuple[object, ...]]]] = {}
        self._kept: socket.socket | None = None

    def __call__(self, target: Target, ask: Ask, patience: float | None = None) -> Recording:
        """Send ``ask`` to ``target`` and listen until it is over; ``patience`` as in :class:`Bounds`."""
        if ask.wait:
            self._clock.sleep(ask.wait)
        kept, self._kept = self._kept, None
        start = self._clock.now()
        if kept is not None and not ask.again:
            kept.close()
            kept = None
        try:
            connection = kept or self._connect(target)
        except ConnectError as error:
            return Recording(trouble=error.trouble, detail=error.detail, ended=self._clock.now() - start)
        connecting = 0.0 if kept else self._clock.now() - start
        return self._exchange(connection, encode(target, ask), ask, patience, connecting, reused=kept is not None)

    def close(self) -> None:
        """Close the connection that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _exchange(
        self,
        connection: socket.socket,
        request: bytes,
        ask: Ask,
        patience: float | None,
        connecting: float,
        *,
        reused: bool,
    ) -> Recording:
        listening = Listening(ask.method, self._bounds, patience)
        start = self._clock.now()
        try:
            connection.settimeout(self._clock.real(self._bounds.patience))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer may have come all the same
                connection.sendall(request)
            self._listen(connection, listening, start)
        except TimeoutError:
            connection.close()
            return Recording(trouble="lost", detail="the request could not be sent", connecting=connecting)
        recording = listening.recording(connecting=connecting, reused=reused)
        if listening.reusable:
            self._kept = connection
        else:
            connection.close()
        return recording

    def _listen(self, connection: socket.socket, listening: Listening, start: float) -> None:
        while not listening.over:
            left = listening.deadline - (self._clock.now() - start)
            if left <= 0:
                listening.expire(self._clock.now() - start)
                return
            connection.settimeout(max(self._clock.real(left), 0.0001))
            ending: Ending = "fin"
            try:
                data = connection.recv(PIECE)
            except TimeoutError:
                continue
            except ssl.SSLEOFError:
                data = b""
            except OSError:
                data, ending = b"", "rst"
            at = self._clock.now() - start
            if data:
                listening.feed(data, at)
            else:
                listening.end(ending, at)

    # Connecting.

    def _connect(self, target: Target) -> socket.socket:
        deadline = self._clock.now() + self._bounds.connect
        last = ConnectError("unreachable", "the name has no address")
        for family, address in self._resolve(target, deadline):
            left = deadline - self._clock.now()
            if left <= 0:
                raise ConnectError("timeout", f"no connection within {self._bounds.connect:g} s")
            try:
                return self._open(family, address, self._clock.real(left), target)
            except ConnectError as error:
                last = error
        raise last

    def _open(
        self, family: socket.AddressFamily, address: tuple[object, ...], timeout: float, target: Target
    ) -> socket.socket:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._secured(connection, target) if target.secure else connection
        except ConnectError:
            connection.close()
            raise
        except OSError as error:
            connection.close()
            raise _trouble(error, self._bounds.connect) from None

    def _secured(self, connection: socket.socket, target: Target) -> socket.socket:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        if self._insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            return context.wrap_socket(connection, server_hostname=target.host)
        except ssl.SSLCertVerificationError as error:
            raise ConnectError("tls", f"the certificate is not accepted: {error.verify_message}") from None
        except ssl.SSLError as error:
            raise ConnectError("tls", f"no TLS could be spoken: {error.reason or error}") from None
        except TimeoutError:
            raise ConnectError("tls", "the TLS handshake was not answered") from None
        except OSError as error:
            raise ConnectError("tls", f"the connection broke in the TLS handshake: {error}") from None

    def _resolve(self, target: Target, deadline: float) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
        """Look the host up, in a thread: the system's resolver has no timeout of ours."""
        key = (target.host, target.port)
        if key in self._addresses:
            return self._addresses[key]
        answers: queue.SimpleQueue[list[tuple[socket.AddressFamily, tuple[object, ...]]] | OSError] = (
            queue.SimpleQueue()
        )

        def look() -> None:
            try:
                found = socket.getaddrinfo(*key, type=socket.SOCK_STREAM)
                answers.put([(family, address) for family, _, _, _, address in found])
            except OSError as error:
                answers.put(error)

        threading.Thread(target=look, daemon=True).start()
        try:
            found = answers.get(timeout=max(self._clock.real(deadline - self._clock.now()), 0.1))
        except queue.Empty:
            raise ConnectError("dns", f"`{target.host}` was not resolved in time") from None
        if isinstance(found, OSError):
            raise ConnectError("dns", f"`{target.host}` has no address: {found.strerror or found}") from None
        self._addresses[key] = found
        return found


def _trouble(error: OSError, limit: float) -> ConnectError:
    if isinstance(error, ConnectionRefusedError):
        return ConnectError("refused", "the connection was refused")
    if isinstance(error, TimeoutError):
        return ConnectError("timeout", f"no connection within {limit:g} s")
    return ConnectError("unreachable", error.strerror or str(error))
