"""Servers for tests: real sockets, a free port, stopped when the test ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from mockoai.mock import Mock
from mockoai.scenario.load import load_text
from mockoai.server.lifecycle import Server

DEADLINE = 10.0


class Serve(Protocol):
    """``serve(yaml…, keys=…, limits=…)``: a running server with these scenarios."""

    def __call__(self, *texts: str, keys: tuple[str, ...] = (), **settings: Any) -> Server: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(*texts: str, keys: tuple[str, ...] = (), **settings: Any) -> Server:
        mock = Mock([load_text(text) for text in texts], keys=keys)
        server = Server(mock, **({"port": 0} | settings))
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(serve: Serve) -> Server:
    """A healthy server."""
    return serve()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds that happens by itself; fail when it does not."""

    def wait(holds: Callable[[], bool], deadline: float = DEADLINE) -> None:
        end = time.monotonic() + deadline
        while not holds():
            assert time.monotonic() < end, "did not happen in time"
            time.sleep(0.001)

    return wait
