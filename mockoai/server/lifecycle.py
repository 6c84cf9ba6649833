"""Starting, running and stopping a server: in the main thread, or in a thread of its own for tests.

Strategy. uvicorn gives the HTTP protocol; the rest of its server is not used, because it waits for open
streams when it is to stop, looks only ten times a second whether it is to stop, and handles signals in a
way that sse-starlette patches for the whole process. Nothing here is shared between two servers.

The socket is bound before anything else, in the caller's thread, so what can go wrong goes wrong there; from
then on the kernel queues who comes. A server calls itself ready once it has answered a request of its own,
sent to its own socket. What the first answers need and a start does not is loaded right after that; or right
before, in a thread, where whoever starts it will ask it something next.

To stop is to end every plan where it stands, close every connection, and cut those that do not read what is
left within ``grace`` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, Self, TypeVar, cast

import uvicorn
from uvicorn.server import ServerState

from mockoai.errors import EXIT_INTERRUPTED, EXIT_OK, StartError, UsageError
from mockoai.mock import Mock
from mockoai.server.asgi import OWN_HEALTH, Application
from mockoai.server.bind import BACKLOG, WILDCARDS, bind
from mockoai.server.calls import Calls
from mockoai.server.metrics import Metrics
from mockoai.server.security import LOOPBACK, Security
from mockoai.wire.protocol import LIMITS, Connection, Limits

if TYPE_CHECKING:
    from mockoai.testing.recorder import Recorder
    from mockoai.testing.session import Session

T = TypeVar("T")

GRACE = 0.3
"""Seconds in which connections must close when the server stops."""
PROBE_TIME = 5.0
"""Seconds in which the server must answer its own first request."""

_CLOCK = (time.monotonic,)
"""The clock, out of reach of tests that stop the time of their process and do not mean the server."""

Loop = Literal["auto", "asyncio", "uvloop"]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
_PROBE = f"GET {OWN_HEALTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


class Server:
    """A mock behind a socket; without one, a healthy server.

    ``port`` 0 takes any free one. ``admin_token`` is what the control API asks for; without one only
    loopback addresses can be bound. ``loop`` chooses the event loop, ``limits`` what clients may take,
    ``grace`` how long connections have to close in the end.

    :meth:`run` serves until a signal comes; :meth:`start` and :meth:`stop` serve in a thread, as does
    ``with``. A server is started once.
    """

    def __init__(
        self,
        mock: Mock | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        admin_token: str | None = None,
        loop: Loop = "auto",
        limits: Limits = LIMITS,
        grace: float = GRACE,
    ) -> None:
        self.mock = mock = Mock() if mock is None else mock
        self.host = host.strip("[]")
        self.port = port
        self.security = Security(self.host, admin_token)
        self.limits = limits
        self.grace = grace
        self._state = ServerState()
        self.metrics = Metrics(mock, lambda: cast(set[Connection], self._state.connections))
        self.application = Application(mock, self.security, self.metrics)
        self._loop_factory = _loop_factory(loop)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._signals: list[int] = []
        self._serving = False
        self._stopping = False
        self._wake: Callable[[], object] = lambda: None
        self._calls = Calls()
        self._recorder: Recorder | None = None

    # Where it is.

    @property
    def address(self) -> str:
        """The host and port to connect to, an IPv6 address in brackets; the port is known once bound."""
        host = WILDCARDS.get(self.host, self.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The URL of the server itself, without a path."""
        return f"http://{self.address}"

    @property
    def url(self) -> str:
        """The base URL that OpenAI's clients take, with the path it has on the backend."""
        return f"{self.origin}{self.mock.imitated(self.mock.scenario).base}"

    # What it does.

    def bind(self) -> None:
        """Take the address, so that nobody else can; the kernel queues who comes from now on.

        Raises UsageError when the address is impossible or would be open to others without a token,
        StartError when it cannot be had.
        """
        if self._socket is None:
            self._socket = bind(self.host, self.port, self.security)
            self.port = self._socket.getsockname()[1]

    def run(self, ready: Callable[[], object] = lambda: None) -> int:
        """Serve until SIGINT or SIGTERM comes or :meth:`stop` is called, and return the exit code.

        ``ready`` is called once the server truly answers. A second SIGINT ends it at once. Raises
        UsageError and StartError as :meth:`bind` does.
        """
        self.bind()
        with self._handled_signals(), contextlib.suppress(KeyboardInterrupt):
            self._serve_in_loop(ready)
        return EXIT_INTERRUPTED if signal.SIGINT in self._signals else EXIT_OK

    def start(self) -> Self:
        """Serve in a thread; returns when the server truly answers, at once. Raises as :meth:`bind` does."""
        self.bind()
        settled = threading.Event()

        def ready() -> None:
            with contextlib.suppress(Exception):  # whoever asks for what is broken will be told
                self.application.warm_up()
            settled.set()

        def serve() -> None:
            try:
                self._serve_in_loop(ready)
            except BaseException as error:
                self._failure = error
            finally:
                settled.set()

        self._thread = threading.Thread(target=serve, name=f"mockoai-{self.port}", daemon=True)
        self._thread.start()
        settled.wait()
        self._raise_failure()
        return self

    def stop(self) -> None:
        """End every answer and close every connection; from any thread, and as often as one likes.

        After :meth:`start`, returns when the thread has ended; :meth:`run` returns by itself soon after.
        """
        self._ask_to_stop()
        if self._thread is not None:
            if self._thread is not threading.current_thread():
                self._thread.join()
                self._raise_failure()
        elif not self._serving:
            self._close_socket()

    def call(self, function: Callable[[], T]) -> T:
        """Call ``function`` in the server's own thread, between two requests, and return what it returns.

        So that what it changes is changed for all of a request or for none of it. Once the server has stopped
        there is nobody to disturb, and it is called at once.
        """
        return self._calls.call(function)

    def disconnect(self, connection: int) -> None:
        """End what is under way on the connection of that number, and close it. In the server's thread."""
        for one in tuple(self._state.connections):
            if cast(Connection, one).number == connection:
                cast(Connection, one).shutdown()

    def session(self, id: str = "") -> Session:
        """Open a session of this server: scenario, requests and verdict apart from all others.

        ``id`` stands in its base URL; without one it is numbered.
        """
        from mockoai.testing.session import open_session

        return open_session(self, id)

    @property
    def recorder(self) -> Recorder:
        """Who keeps the exchanges of the sessions that were opened; made at the first use."""
        if self._recorder is None:
            from mockoai.testing.recorder import Recorder

            self._recorder = Recorder(self)
        return self._recorder

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # Inside.

    def _ask_to_stop(self) -> None:
        self._stopping = True
        self._wake()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _serve_in_loop(self, ready: Callable[[], object]) -> None:
        self._serving = True
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._serve(ready))
        finally:
            self._serving = False
            self._calls.close()
            self._close_socket()

    async def _serve(self, ready: Callable[[], object]) -> None:
        assert self._socket is not None
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        self._wake = lambda: _call_threadsafe(loop, stop.set)
        self._calls.open()
        config = uvicorn.Config(
            self.application,
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        config.load()
        listener = await loop.create_server(
            lambda: Connection(config, self._state, {}, loop, limits=self.limits),
            sock=self._socket,
            backlog=BACKLOG,
        )
        try:
            if not self._stopping:
                await self._probe()
                ready()
                loop.call_soon(self.application.warm_up)
                await stop.wait()
        finally:
            listener.close()
            await self._end_connections()

    async def _probe(self) -> None:
        """Ask ourselves for our health, over the socket that clients will use."""
        assert self._socket is not None
        host = self._socket.getsockname()[0]
        answer = b""
        reason = f"no answer within {PROBE_TIME:g} s"
        try:
            async with asyncio.timeout(PROBE_TIME):
                reader, writer = await asyncio.open_connection(WILDCARDS.get(host, host), self.port)
                try:
                    writer.write(_PROBE)
                    answer = await reader.read()
                    reason = f"the answer was {answer[:40]!r}"
                finally:
                    writer.close()
        except OSError as error:  # TimeoutError is one
            reason = str(error) or reason
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise StartError(
                "not-ready",
                f"the server listens on {self.address} but does not answer itself: {reason}",
                "Look for a firewall, or a proxy for local addresses, in between.",
            )

    async def _end_connections(self) -> None:
        state = self._state
        insisted = len(self._signals) > 1
        for connection in tuple(state.connections):
            cast(Connection, connection).shutdown()
        if not insisted:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.grace):
                    await _emptied(state)
        # What is left belongs to clients that do not read, or to a task that does not end.
        for connection in tuple(state.connections):
            connection.transport.abort()
        for task in tuple(state.tasks):
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.grace):
                await _emptied(state)

    @contextlib.contextmanager
    def _handled_signals(self) -> Iterator[None]:
        """Stop at the first signal, whatever is open; at a second SIGINT drop everything."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        # Not a method: sse-starlette looks for a server behind the signal handler, and ends streams of others
        # with it.
        def handle(number: int, frame: object) -> None:
            again = number == signal.SIGINT and bool(self._signals)
            self._signals.append(number)
            if again:
                raise KeyboardInterrupt
            self._ask_to_stop()

        before = {number: signal.signal(number, handle) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _loop_factory(name: Loop) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop; None is asyncio's own way."""
    if name == "asyncio":
        return None
    try:
        import uvloop
    except ImportError:
        if name == "auto":
            return None
        help = "Install uvloop, or leave the choice to `auto`."
        raise UsageError("loop-unknown", "the event loop `uvloop` is not installed", help) from None

    class PunctualLoop(uvloop.Loop):
        """uvloop, with a clock that is not cut to whole milliseconds: steps would leave up to one early."""

        def time(self, clock: Callable[[], float] = _CLOCK[0]) -> float:
            return clock()

    return PunctualLoop


def _call_threadsafe(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed already
        loop.call_soon_threadsafe(call)


async def _emptied(state: ServerState) -> None:
    """Return when no connection and no task is left."""
    while state.connections or state.tasks:
        await asyncio.sleep(0.001)
