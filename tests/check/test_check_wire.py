"""The check against the server itself, over sockets: what it finds is what it finds in planned answers.

A few scenarios for every way in which a connection can end or an answer be cut run always, all of them with
``make slow``, on a clock that runs faster so that half a minute of silence takes half a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mockoai import Server
from mockoai.check.conversation import Conversation
from mockoai.check.model import Bounds, Report
from mockoai.check.recorder import Clock, Recorder
from mockoai.check.run import check
from mockoai.mock import Mock
from mockoai.scenario import catalogue
from tests.check.confusion import INVISIBLE, NOW, Row
from tests.check.player import PATIENT, Player, scenario_target
from tests.support.fastclock import FastLoop, fast_server

QUICK = Bounds(patience=0.5, early=0.5, total=5.0, linger=0.03, settle=0.2)

SOME = (
    "auth-invalid-key",
    "bad-chunk-size",
    "close-delimited-truncated",
    "content-length-too-long",
    "content-length-too-short",
    "error-after-headers-nonstream",
    "fin-after-done-no-terminator",
    "fin-before-headers",
    "fin-mid-chunked",
    "fin-mid-headers",
    "gzip-truncated",
    "hold-open-after-done",
    "keepalive-idle-close-race",
    "lf-only-header-lines",
    "retry-after-negative-or-garbage",
    "rst-after-done",
    "rst-before-headers",
    "rst-mid-stream",
    "sse-crlf-split",
    "sse-missing-blank-line",
    "utf8-split-across-packets",
)
"""Scenarios without long silence, of every kind that a socket could show otherwise than a plan."""

BY_TIME = frozenset({"jitter", "byte-dribble", "burst-then-pause", "full-buffering", "missing-x-accel-buffering"})
"""What depends on moments, which a socket has of its own."""

SPEED = 40.0
"""Times that the fast clock is faster: a hiccup of 50 ms is two of its seconds, and its silences are 30 or more."""


PART = frozenset({"models", "chat", "stream"})
"""What is asked for where not all of it is needed."""


class HastyClock(Clock):
    """Waits for nothing that the check itself wants to wait for."""

    def sleep(self, seconds: float) -> None:
        pass


class FastClock(Clock):
    """The check's side of the fast clock."""

    def now(self) -> float:
        return time.monotonic() * SPEED

    def real(self, seconds: float) -> float:
        return seconds / SPEED


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Mock(clock=lambda: NOW)) as server:
        yield server


def checked(conversation: Conversation, recorder: Recorder, bounds: Bounds) -> Report:
    try:
        return check(conversation, recorder, bounds)
    finally:
        recorder.close()


@pytest.mark.parametrize("id", SOME)
def test_sockets_show_what_plans_do(id: str, server: Server) -> None:
    conversation = Conversation(scenario_target(id, server.port), groups=PART)
    report = checked(conversation, Recorder(QUICK, HastyClock()), QUICK)
    planned = check(Conversation(scenario_target(id), groups=PART), Player(Mock(clock=lambda: NOW)), PATIENT)
    assert {one.id for one in report.findings} - BY_TIME == {one.id for one in planned.findings} - BY_TIME
    assert id in {one.id for one in report.findings}


@pytest.fixture(scope="module")
def fast() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastLoop.__init__, "__defaults__", (SPEED,))
        with fast_server(Mock(clock=lambda: NOW)) as server:
            yield server


@pytest.mark.slow
@pytest.mark.parametrize("id", sorted(set(catalogue.ids()) - set(INVISIBLE)))
def test_every_scenario_is_named_over_sockets(id: str, fast: Server) -> None:
    bounds = Bounds(patience=120.0, early=120.0, total=700.0, linger=0.4, settle=8.0, connect=400.0)
    report = checked(Conversation(scenario_target(id, fast.port)), Recorder(bounds, FastClock()), bounds)
    assert Row(id, report.findings).named
