"""The journal's bounds, and memory that stays flat however long the server runs."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockoai.journal import MAX_BODY, MAX_BYTES, MAX_EXCHANGES, Exchange, Journal
from mockoai.plan.items import End, Write
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.state import MAX_SEEN
from tests.server.conftest import Serve
from tests.support.scenarios import ECHO
from tests.support.serving import serving
from tests.support.sockets import Client, chat, request

MIB = 1024 * 1024


def _exchange(number: int, body: bytes, plan: Plan) -> Exchange:
    return Exchange(
        number=number,
        session="default",
        scenario="s",
        rule="r",
        request=Request("POST", "/v1/chat/completions", headers=(("accept", "*/*" * 100),), body=body),
        plan=plan,
        received=0.0,
        connection=1,
        reused=False,
    )


def test_the_journal_keeps_a_thousand_exchanges_and_the_beginning_of_a_body(serve: Serve) -> None:
    server = serve(ECHO)
    with Client(server.port) as client:
        client.ask(chat("x" * 200_000))
        kept = next(iter(server.mock.journal))
        assert (len(kept.request.body), MAX_BODY) == (65536, 65536)
        assert kept.body_size > 200_000
        for _ in range(MAX_EXCHANGES + 10):
            client.ask(chat())
        figures = client.ask(request("GET", "/_mockoai/exchanges")).json()
    assert (len(server.mock.journal), server.mock.journal.total) == (1000, 1011)
    assert (figures["total"], figures["dropped"]) == (1000, 11)


def _large() -> Plan:
    return Plan((Write(data=bytes(bytearray(200_000))), End()))


def _dribbled() -> Plan:
    return Plan((*(Write(data=bytes([at % 256]), at=at / 1000) for at in range(3000)), End(at=3.0)))


@pytest.mark.parametrize("plan", [_large, _dribbled], ids=["large", "dribbled"])
@pytest.mark.parametrize("body", [b"x" * MAX_BODY, b"[" + b"[]," * 20_000 + b"[]]"], ids=["text", "deep"])
def test_the_journal_takes_no_more_than_it_says(plan: Callable[[], Plan], body: bytes) -> None:
    journal = Journal()
    gc.collect()
    tracemalloc.start()
    try:
        for number in itertools.count(1):
            exchange = _exchange(number, bytes(bytearray(body)), plan())
            exchange.delivery.times = [(done, done / 1000) for done in range(exchange.plan.length)]
            journal.add(exchange)
            if journal.dropped == 10:
                break
        del exchange
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert journal.bytes <= MAX_BYTES
    assert taken < MAX_BYTES


STATUS = Path("/proc/self/status")
SETTLED = 100_000
"""Requests after which everything that is bounded is full; the last is what a session has seen before."""
assert SETTLED > MAX_SEEN
REQUESTS = SETTLED + 100_000
FLAT = 8 * MIB
"""A leak of 84 bytes a request would be more. A full OrderedDict, as of what was seen, rebuilds its table at times."""


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_memory_is_flat_over_a_hundred_thousand_requests(tmp_path: Path) -> None:
    scenario = tmp_path / "echo.yaml"
    scenario.write_text(ECHO)
    with serving(str(scenario), "--quiet") as served:
        status = Path(f"/proc/{served.process.pid}/status")

        def taken() -> int:
            return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if "VmRSS" in line)

        def ask(numbers: range) -> None:
            with Client(served.port) as client:
                for number in numbers:
                    assert client.ask(chat(f"request {number}", stream=number % 4 == 0)).status == 200

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, [range(first, SETTLED, 4) for first in range(4)]))
            settled = taken()
            list(pool.map(ask, [range(SETTLED + first, REQUESTS, 4) for first in range(4)]))
        grown = taken() - settled
        with Client(served.port) as client:
            health = client.ask(request("GET", "/health")).json()
    print(f"\n{settled / MIB:.1f} MiB after {SETTLED} requests, {grown / MIB:+.1f} MiB after {REQUESTS}", end=" ")
    assert health["exchanges"] == REQUESTS
    assert grown < FLAT
