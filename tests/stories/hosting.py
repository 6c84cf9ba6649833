"""An ASGI application on a socket of its own, as its users deploy it: by uvicorn, here in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn, stopped at once; its own server looks ten times a second whether it is to stop, and has stopped."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.running = threading.Event()

    async def main_loop(self) -> None:
        self._loop, self._left = asyncio.get_running_loop(), asyncio.Event()
        self.running.set()
        await self._left.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks)
        await self.lifespan.shutdown()

    def leave(self) -> None:
        assert self.running.wait(10), "the application did not start"
        self._loop.call_soon_threadsafe(self._left.set)


@contextmanager
def hosting(application: ASGIApp) -> Iterator[str]:
    """Serve ``application`` on a free port until the block ends, and yield its origin.

    What uvicorn logs goes to the root logger, where ``caplog`` finds it.
    """
    config = uvicorn.Config(application, ws="none", log_config=None, timeout_graceful_shutdown=1)
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The kernel queues who comes from now on, so nobody has to wait until uvicorn is ready.
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.leave()
            thread.join()


def unused_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port
