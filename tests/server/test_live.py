"""The live feed: every exchange as it ends, for viewers that come, go, come back and lag."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mockoai.server import live
from mockoai.server.lifecycle import Server
from tests.server.conftest import Serve
from tests.support.scenarios import ECHO, ENDLESS
from tests.support.sockets import Client, chat, request

Eventually = Callable[[Callable[[], bool]], None]


def _say(server: Server, text: str = "hello", **where: str) -> None:
    with Client(server.port) as client:
        client.ask(chat(text, **where))


class Viewer:
    """A reader of the feed, with the simplest parser that can be: chunks off, blocks split, fields read."""

    def __init__(
        self, server: Server, path: str = "/_mockoai/live", last: str | None = None, buffer: int | None = None
    ):
        self.client = Client(server.port, receive_buffer=buffer)
        self.client.send(request("GET", path, headers={} if last is None else {"last-event-id": last}))
        received = self.client.receive(until=b"\r\n\r\n")
        assert received.status == 200
        assert received.header("content-type") == "text/event-stream; charset=utf-8"
        self.raw = received.body

    def events(self, count: int) -> list[tuple[int, dict[str, Any]]]:
        """Return the next ``count`` events as (id, data)."""
        while len(self._blocks()) < count:
            received = self.client.receive(until=b"\n\n")
            self.raw += received.data
            assert received.ending == "open"
        found = [self._parsed(block) for block in self._blocks()[:count]]
        for _ in range(count):
            self.raw = self.raw[self.raw.index(b"\n\n\r\n") + 4 :]
        return found

    def rest(self) -> list[tuple[int, dict[str, Any]]]:
        """Return all whole events up to the end of the connection."""
        received = self.client.receive()
        assert received.ending in ("fin", "rst")
        self.raw += received.data
        return [self._parsed(block) for block in self._blocks()]

    def _blocks(self) -> list[bytes]:
        return self.raw.split(b"\n\n\r\n")[:-1]

    def _parsed(self, block: bytes) -> tuple[int, dict[str, Any]]:
        fields = dict(line.split(b": ", 1) for line in block.split(b"\r\n", 1)[1].split(b"\n"))
        assert fields[b"event"] == b"exchange"
        return int(fields[b"id"]), json.loads(fields[b"data"])

    def __enter__(self) -> Viewer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.close()


def test_viewers_are_told_of_every_exchange_that_ends(serve: Serve) -> None:
    server = serve(ECHO)
    with Viewer(server) as one, Viewer(server) as other:
        for number in (1, 2):
            _say(server)
            for viewer in (one, other):
                [(id, shown)] = viewer.events(1)
                assert (id, shown["number"], shown["finished"], shown["rule"]) == (number, number, True, "echo")


def test_ids_follow_the_order_of_the_ends(serve: Serve, eventually: Eventually) -> None:
    server = serve(ENDLESS)
    with Viewer(server) as viewer:
        with Client(server.port) as slow:
            slow.send(chat(stream=True))
            slow.receive(until=b"one")
            _say(server)
            assert [(id, shown["number"]) for id, shown in viewer.events(1)] == [(1, 2)]
        assert [(id, shown["number"]) for id, shown in viewer.events(1)] == [(2, 1)]


def test_a_viewer_that_comes_back_gets_what_it_missed(serve: Serve) -> None:
    server = serve(ECHO)
    for _ in range(4):
        _say(server)
    with Viewer(server, last="2") as viewer:
        _say(server)
        assert [id for id, _ in viewer.events(3)] == [3, 4, 5]
    with Viewer(server, last="0") as viewer:
        assert [id for id, _ in viewer.events(5)] == [1, 2, 3, 4, 5]
    with Viewer(server, last="nonsense") as viewer:
        _say(server)
        assert [id for id, _ in viewer.events(1)] == [6]


def test_a_viewer_may_follow_one_session(serve: Serve) -> None:
    server = serve(ECHO)
    _say(server, path="/session/a/v1/chat/completions")
    with Viewer(server, "/_mockoai/live?session=a", last="0") as viewer:
        _say(server)
        _say(server, path="/session/a/v1/chat/completions")
        assert [shown["session"] for _, shown in viewer.events(2)] == ["a", "a"]


def test_a_viewer_that_leaves_is_forgotten(serve: Serve, eventually: Eventually) -> None:
    server = serve(ECHO)
    Viewer(server).client.close()
    eventually(lambda: not server._state.tasks)
    assert len(server.mock.journal._listeners) == 1  # the metrics


def test_a_viewer_that_lags_is_cut_off_and_may_come_back(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUEUE", 4)
    server = serve(ECHO)
    long = "/session/" + "x" * 30_000 + "/v1/chat/completions"
    sent = 0
    with Viewer(server, buffer=4096) as viewer:
        with Client(server.port) as client:
            while len(server.mock.journal._listeners) > 1:
                client.ask(chat(path=long))
                sent += 1
                assert sent < 1000, "it is still there"
        seen = viewer.rest()[-1][0]
    assert seen < sent
    with Viewer(server, last=str(seen)) as again:
        assert [id for id, _ in again.events(sent - seen)] == list(range(seen + 1, sent + 1))


def test_the_feed_ends_with_the_server(serve: Serve) -> None:
    server = serve(ECHO)
    with Viewer(server) as viewer:
        server.stop()
        assert viewer.client.receive().ending == "fin"


def test_a_head_request_ends(serve: Serve) -> None:
    server = serve(ECHO)
    with Client(server.port) as client:
        client.send(request("HEAD", "/_mockoai/live"))
        assert client.receive(until=b"\r\n\r\n").status == 200
    assert len(server.mock.journal._listeners) == 1


PROGRAM = """
import sys
from mockoai.mock import Mock
from mockoai.server.lifecycle import Server
from tests.support.sockets import Client, chat, request

with Server(Mock(), port=0) as server, Client(server.port) as client:
    assert client.ask(chat()).status == 200
    assert client.ask(chat(stream=True)).status == 200
    assert client.ask(request("GET", "/health")).status == 200
    print(sorted(one for one in ("sse_starlette", "starlette", "prometheus_client", "anyio") if one in sys.modules))
    client.ask(request("GET", "/_mockoai/"))
    client.ask(request("GET", "/metrics"))
    print(sorted(one for one in ("sse_starlette", "starlette", "prometheus_client", "anyio") if one in sys.modules))
"""


def test_nothing_is_imported_before_it_is_needed() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["[]", "['anyio', 'prometheus_client', 'starlette']"]
