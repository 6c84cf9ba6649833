"""Functions that other threads have called in the server's own, between two requests.

What changes the state of a server from outside is called there, so that it is changed for all of a request or for
none of it, and no lock is needed in the path of one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Calls:
    """The way into the thread of one event loop, open from :meth:`open` to :meth:`close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def open(self) -> None:
        """Take calls for the running loop, whose thread this is."""
        self._thread = threading.get_ident()
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Take no more; those that the loop did not come to are made now. In the loop's thread."""
        with self._lock:
            self._loop = None
        self._run()

    def call(self, function: Callable[[], T]) -> T:
        """Call ``function`` in the loop's thread and return what it returns, or raise what it raises.

        When no loop runs there is nobody to disturb, and it is called at once.
        """
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            loop = self._loop if self._thread != threading.get_ident() else None
            if loop is not None:
                self._waiting.append(run)
        if loop is None:
            return function()
        with contextlib.suppress(RuntimeError):  # closed meanwhile; then `close` makes the call
            loop.call_soon_threadsafe(self._run)
        return future.result()

    def _run(self) -> None:
        while self._waiting:
            self._waiting.popleft()()
