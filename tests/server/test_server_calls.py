"""Calls into the server's thread: made there, in order, and never lost when it ends."""

from __future__ import annotations

import asyncio
import threading

import pytest

from mockoai.server.calls import Calls
from mockoai.server.lifecycle import Server


def test_calls_are_made_in_the_servers_thread() -> None:
    with Server() as server:
        thread = server.call(threading.current_thread)
        assert thread.name == f"mockoai-{server.port}"
        assert server.call(lambda: server.call(threading.current_thread)) is thread
        with pytest.raises(ZeroDivisionError):
            server.call(lambda: 1 / 0)
    assert server.call(threading.current_thread) is threading.current_thread()


def test_what_the_loop_did_not_come_to_is_called_when_it_ends() -> None:
    calls = Calls()
    got: list[int] = []
    asked = threading.Event()

    def ask() -> None:
        asked.set()
        got.append(calls.call(lambda: 42))

    async def serve() -> threading.Thread:
        calls.open()
        thread = threading.Thread(target=ask)
        thread.start()
        asked.wait()
        return thread

    # The loop ends without running anything further.
    thread = asyncio.run(serve())
    calls.close()
    thread.join(timeout=10)
    assert got == [42]


def test_stopping_while_others_call_loses_no_call() -> None:
    for _ in range(5):
        server = Server().start()
        done: list[int] = []

        def keep_calling(server: Server = server, done: list[int] = done) -> None:
            for number in range(200):
                done.append(server.call(lambda number=number: number))  # type: ignore[misc]

        threads = [threading.Thread(target=keep_calling) for _ in range(4)]
        for thread in threads:
            thread.start()
        server.stop()
        for thread in threads:
            thread.join(timeout=10)
            assert not thread.is_alive()
        assert sorted(done) == sorted(list(range(200)) * 4)
