"""Every shipped scenario on a real socket: the bytes are the plan's, the end is the planned one, every fault arrived.

One server on a fast clock answers all of them. Each rule is asked with a request made to fit it, and what comes out of
the socket is held against the plan that a second, equal mock makes of the same request.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.cli.sample import asks
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario import catalogue
from mockoai.scenario.model import Rule, Scenario
from tests.support.fastclock import fast_server
from tests.support.sockets import Client

NOW = 1_767_225_600.0
PATIENCE = 20.0
"""Seconds of ours after which something that should have happened has not."""
QUIET = 0.05
"""Seconds of ours in which a server that hangs must stay silent; 25 of its own."""


@dataclass(frozen=True)
class Running:
    """The server under test."""

    mock: Mock
    port: int


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    mock = frozen()
    with fast_server(mock) as server:
        yield Running(mock, server.port)


def frozen() -> Mock:
    return Mock(clock=lambda: NOW)


@dataclass(frozen=True)
class Case:
    """A rule of a scenario, the request that it answers, and as which call of its session."""

    scenario: Scenario
    rule: Rule
    request: Request
    call: int
    plan: Plan

    def at(self, session: str) -> Request:
        return at(self.request, self.scenario, session)


def at(request: Request, scenario: Scenario, session: str) -> Request:
    """Return ``request`` sent to ``scenario`` in ``session``."""
    return replace(request, target=f"/session/{session}/scenario/{scenario.id}{request.target}")


def answered(request: Request, times: int = 1) -> tuple[Rule | None, Plan]:
    """Plan the answer to ``request`` when it comes for the ``times``-th time to a mock of its own."""
    mock = frozen()
    address = split_path(request.target)
    request = replace(request, path=address.path)
    session = mock.sessions.get(address.session or "default")
    for _ in range(times):
        answer = mock.answer(request, address, session)
    return (answer.basis[1] if answer.basis else None), answer.plan


@cache
def case(id: str, number: int) -> Case:
    """Return how to ask for rule ``number`` of the scenario ``id``: under a request that makes its faults fire."""
    scenario = catalogue.get(id)
    rule = scenario.rules[number]
    found: Case | None = None
    for request, call in asks(scenario, rule, BACKENDS[scenario.backend]):
        which, plan = answered(at(request, scenario, name(id, number)), call)
        if which is rule:
            found = found or Case(scenario, rule, request, call, plan)
            if all(one.fired for one in plan.faults):
                return Case(scenario, rule, request, call, plan)
    assert found is not None, f"no request was found that {rule.name!r} of {id} answers"
    return found


def name(id: str, number: int) -> str:
    return f"{id}-{number}"


def raw(request: Request) -> bytes:
    """Write ``request`` as it goes over the wire."""
    lines = [f"{request.method} {request.target} HTTP/{request.http_version}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body


CASES = [(id, number) for id in catalogue.ids() for number in range(len(catalogue.get(id).rules))]


@pytest.mark.parametrize(("id", "number"), CASES, ids=[name(*case) for case in CASES])
def test_the_wire_is_the_plan(id: str, number: int, running: Running) -> None:
    asked = case(id, number)
    session = name(id, number)
    request = asked.at(session)
    data = raw(request)
    for _ in range(asked.call - 1):
        with Client(running.port) as earlier:
            earlier.send(data)
            exchange = last_exchange(running, session)
            wait_for(lambda exchange=exchange: exchange.delivery.steps == exchange.plan.length)
    before = running.mock.journal.total

    with Client(running.port) as client:
        client.send(data)
        received, ended = read(client.socket, len(asked.plan.data))
        wait_for(lambda: running.mock.journal.total > before)
        exchange = last_exchange(running, session)

        assert received == asked.plan.data
        assert exchange.plan.data == asked.plan.data
        assert_ending(client, asked.plan, exchange, ended)

    wait_for(lambda: exchange.finished)
    assert [fault.id for fault in exchange.faults()] == [fault.id for fault in asked.rule.faults]
    for fault in exchange.faults():
        assert fault.fired, f"{fault.id}: {fault.why}"
        assert fault.delivered, f"{fault.id}: {fault.why}"


def read(sock: socket.socket, size: int) -> tuple[bytes, str]:
    """Read ``size`` bytes; returns them and how the connection ended, or ``""`` when it did not before they came."""
    sock.settimeout(PATIENCE)
    data = b""
    while len(data) < size:
        try:
            piece = sock.recv(1 << 16)
        except ConnectionResetError:
            return data, "rst"
        if not piece:
            return data, "fin"
        data += piece
    return data, ""


def assert_ending(client: Client, plan: Plan, exchange: Exchange, ended: str) -> None:
    """Assert that the connection ends as planned, and that nothing else comes on it."""
    how = plan.ending
    if how == "clean" and plan.keep_alive:
        assert not ended
        assert_usable(client)
        return
    if how == "hang":
        assert not ended
        wait_for(lambda: exchange.delivery.steps == plan.length)
        client.socket.settimeout(QUIET)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        return
    rest, ended = read(client.socket, 1) if not ended else (b"", ended)
    assert (rest, ended) == (b"", "rst" if how == "rst" else "fin")


def assert_usable(client: Client) -> None:
    """Assert that the next thing on the connection is the answer to another request."""
    client.send(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    client.socket.settimeout(PATIENCE)
    assert client.socket.recv(1 << 16).startswith(b"HTTP/1.1 200")


def last_exchange(running: Running, session: str) -> Exchange:
    """Return the last exchange of ``session``, once there is one."""
    wait_for(lambda: any(one.session == session for one in tuple(running.mock.journal)))
    return [one for one in tuple(running.mock.journal) if one.session == session][-1]


def wait_for(condition: object) -> None:
    """Wait until ``condition`` holds; fail when it does not in :data:`PATIENCE` seconds."""
    assert callable(condition)
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.0005)
