"""The application in front: nothing stands before the mocked API, and the first request finds everything ready."""

from __future__ import annotations

import subprocess
import sys

from mockoai.mock import Mock
from mockoai.server.lifecycle import Server
from tests.support.sockets import Client, chat, request

PROGRAM = """
import sys, time
from mockoai.mock import Mock
from mockoai.server.lifecycle import Server

LATE = ("mockoai.endpoints.chat_request", "splintr")
assert not any(name in sys.modules for name in LATE), "imported before the server was ready"
with Server(Mock(), port=0) as server:
    deadline = time.monotonic() + 20
    while not all(name in sys.modules for name in LATE):
        assert time.monotonic() < deadline
        time.sleep(0.001)
assert (server.mock.journal.total, server.mock.sessions.ids()) == (0, [])
"""


def test_a_ready_server_loads_what_the_first_request_would_wait_for() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_warming_up_leaves_no_trace(server: Server) -> None:
    with Client(server.port) as client:
        first = client.ask(chat())
        server.application.warm_up()
        health = client.ask(request("GET", "/health")).json()
    assert (health["exchanges"], health["sessions"]) == (1, 1)
    assert first.status == 200


def test_no_answer_of_the_mocked_api_carries_our_headers(server: Server) -> None:
    with Client(server.port) as client:
        mocked = client.ask(chat())
        ours = client.ask(request("GET", "/health"))
    assert mocked.header("cache-control") is None
    assert ours.header("cache-control") == "no-store"


def test_a_backends_own_health_page_stands_before_ours_which_is_always_at_its_own_place() -> None:
    with Server(Mock(backend="vllm")) as server, Client(server.port) as client:
        theirs = client.ask(request("GET", "/health"))
        assert (theirs.status, theirs.body, theirs.header("content-length")) == (200, b"", "0")
        assert client.ask(request("GET", "/_mockoai/health")).json()["status"] == "ok"
