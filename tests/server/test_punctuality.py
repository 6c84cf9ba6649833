"""When steps leave: never early, not late, no drift. The figures are printed; `pytest -s` shows them."""

from __future__ import annotations

import statistics

import pytest

from mockoai.plan.items import Write
from mockoai.server.lifecycle import Server
from tests.server.conftest import Serve
from tests.support.scenarios import TICKING
from tests.support.sockets import Client, chat, exchange

EARLY = 0.001
LATE = 0.010
"""Seconds within which 95 % of the steps leave after their time."""
DRIFT = 0.005
"""Seconds that the end of an answer may be later than its beginning was."""
GAP = 0.005
TOKENS = 200


@pytest.fixture
def ticking(serve: Serve) -> Server:
    server = serve(TICKING)
    with Client(server.port) as client:
        client.ask(chat("to get everything into memory"))
    server.mock.journal.clear()
    return server


def _lateness(server: Server) -> list[float]:
    """Return for every wake-up how much later it was than the last step that it sent was due."""
    [one] = server.mock.journal
    return [at - one.plan.steps[done - 1].at for done, at in one.delivery.times]


def test_steps_leave_at_their_time_without_drift(ticking: Server) -> None:
    received = exchange(ticking.port, chat(stream=True), until=b"0\r\n\r\n", idle=10)
    late = _lateness(ticking)
    assert len(late) > TOKENS / 2
    p95 = statistics.quantiles(late, n=20)[-1]
    drift = statistics.median(late[-20:]) - statistics.median(late[:20])
    print(f"\nearliest {min(late) * 1e3:.3f} ms, p95 {p95 * 1e3:.3f} ms, drift {drift * 1e3:.3f} ms", end=" ")
    assert min(late) > -EARLY
    assert drift < DRIFT
    assert p95 < LATE
    assert received.reads[-1][0] > (TOKENS - 1) * GAP - EARLY


def test_a_client_sees_no_step_early(ticking: Server) -> None:
    with Client(ticking.port) as client:
        client.send(chat(stream=True))
        received = client.receive(until=b"0\r\n\r\n")
    [one] = ticking.mock.journal
    due = 0
    ahead = []
    for at, data in received.reads:
        due += len(data)
        sent = 0
        for step in one.plan.steps:
            if isinstance(step, Write):
                sent += len(step.data)
                if sent >= due:
                    # The client's clock starts before the request is read, so early here is early there.
                    ahead.append(step.at - at)
                    break
    print(f"\nearliest arrival {max(ahead) * 1e3:.3f} ms ahead over {len(ahead)} reads", end=" ")
    assert max(ahead) < EARLY
    assert len(received.reads) > TOKENS / 2


@pytest.mark.slow
def test_three_hundred_streams_at_once_stay_on_time(ticking: Server) -> None:
    """The plan's own error under load, printed; the bound is wide, because the machine may be busy."""
    clients = [Client(ticking.port) for _ in range(300)]
    for client in clients:
        client.send(chat(stream=True))
    for client in clients:
        assert b"[DONE]" in client.receive(until=b"0\r\n\r\n").data
        client.close()
    late = [at - one.plan.steps[done - 1].at for one in ticking.mock.journal for done, at in one.delivery.times[1:]]
    p50, p99 = statistics.median(late), statistics.quantiles(late, n=100)[-1]
    print(f"\n300 streams: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms late", end=" ")
    assert min(late) > -EARLY
