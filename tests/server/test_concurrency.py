"""Many clients at once: nothing is lost, nothing counted twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mockoai.server.lifecycle import Server
from tests.server.conftest import Serve
from tests.support.scenarios import ONCE
from tests.support.sockets import Client, chat

THREADS = 32
REQUESTS = 100


def _ask(server: Server, thread: int) -> list[bytes]:
    with Client(server.port) as client:
        return [client.ask(chat(f"{thread} asks for the {number}th time")).body for number in range(REQUESTS)]


def test_a_rule_for_the_first_call_fires_once_however_many_call(serve: Serve) -> None:
    server = serve(ONCE)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = [body for bodies in pool.map(lambda one: _ask(server, one), range(THREADS)) for body in bodies]
    assert len(answers) == THREADS * REQUESTS
    assert sum(b"the first" in body for body in answers) == 1
    assert sum(b"another" in body for body in answers) == THREADS * REQUESTS - 1
    journal = server.mock.journal
    assert (journal.total, journal.ended, len(journal)) == (THREADS * REQUESTS, THREADS * REQUESTS, 1000)
    assert [one.number for one in journal] == list(range(THREADS * REQUESTS - 999, THREADS * REQUESTS + 1))
    assert sum(server.metrics.requests.values()) == THREADS * REQUESTS


def test_sessions_count_for_themselves(serve: Serve) -> None:
    server = serve(ONCE)

    def ask(session: int) -> list[bytes]:
        path = f"/session/test-{session}/v1/chat/completions"
        with Client(server.port) as client:
            return [client.ask(chat(path=path)).body for _ in range(10)]

    with ThreadPoolExecutor(THREADS) as pool:
        for bodies in pool.map(ask, range(THREADS)):
            assert [b"the first" in body for body in bodies] == [True] + [False] * 9
