"""A plan for a request that was given or made up, and how it is shown: for ``plan`` and ``explain``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.cli.instant import show_instant
from mockoai.cli.sample import asks, main_rule
from mockoai.mock import Answer, Mock
from mockoai.plan.render import WIDTH, Paint, render, summary, to_json
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.scenario.render import printable
from mockoai.state import DEFAULT_SESSION

CLOCK = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""When plans are made, in seconds since 1970: always then, so that two plans differ only where they must."""


@dataclass(frozen=True, slots=True)
class Planned:
    """How ``scenario`` answers ``request`` when it comes for the ``call``-th time to ``session``.

    ``backend`` is what is imitated.
    """

    scenario: Scenario
    request: Request
    answer: Answer
    call: int
    backend: str
    session: str = DEFAULT_SESSION

    @property
    def fired(self) -> bool:
        """Whether every fault of the rule fired."""
        return all(one.fired for one in self.answer.plan.faults)

    @property
    def clock(self) -> float:
        """The time the answer shows, in seconds since 1970."""
        return CLOCK if self.scenario.clock is None else self.scenario.clock


def best(
    scenario: Scenario,
    target: Rule,
    candidates: Iterable[tuple[Request, int]],
    backend: str | None = None,
    session: str = DEFAULT_SESSION,
) -> Planned:
    """Plan ``candidates``, requests and as which call they come; return the first that fires all faults of ``target``.

    Failing that, the first that ``target`` answers at all; failing that, the first.
    """
    first: Planned | None = None
    answered: Planned | None = None
    for candidate, call in candidates:
        planned = plan(scenario, candidate, call, backend, session)
        first = first or planned
        basis = planned.answer.basis
        if basis is not None and basis[1] is target:
            answered = answered or planned
            if planned.fired:
                return planned
    found = answered or first
    assert found is not None
    return found


def plan(
    scenario: Scenario, request: Request, call: int, backend: str | None = None, session: str = DEFAULT_SESSION
) -> Planned:
    """Plan the answer to ``request`` when it comes for the ``call``-th time to ``session``.

    A session that its URL names is the one it comes to.
    """
    mock = Mock([scenario], backend=backend, clock=lambda: CLOCK)
    address = split_path(request.path)
    name = address.session or session
    state = mock.sessions.get(name)
    request = replace(request, path=address.path)
    for _ in range(call - 1):
        mock.answer(request, address, state)
    answer = mock.answer(request, address, state)
    return Planned(scenario, request, answer, call, backend or scenario.backend, name)


def sample(scenario: Scenario, rule: Rule | None = None) -> Planned:
    """Plan the most ordinary request under which the faults of ``rule``, or of the main rule, fire."""
    target = rule or main_rule(scenario)
    return best(scenario, target, asks(scenario, target, BACKENDS[scenario.backend]))


def as_text(planned: Planned, *, full: bool = False, width: int = WIDTH, paint: Paint | None = None) -> str:
    """Return what was asked and how it is answered, as text."""
    paint = paint or (lambda style, text: text)
    scenario, asked, answer = planned.scenario, planned.request, planned.answer
    body = asked.body.decode("utf-8", "backslashreplace")
    line = printable(" ".join(f"{asked.method} {asked.target} {body}".split()))
    room = width - 10
    if not full and len(line) > room:
        line = line[: room - 1] + "…"
    again = f", call {planned.call}" if planned.call > 1 else ""
    if planned.session != DEFAULT_SESSION:
        again += f", session {printable(planned.session)}"
    made_of = f"backend {planned.backend}, seed {scenario.seed}, {show_instant(planned.clock)}"
    facts = {
        "scenario": f"{scenario.id}, {made_of}",
        "request": line,
        "rule": printable(answer.rule or "none matched") + again,
        "answer": summary(answer.plan),
    }
    head = "".join(f"{paint('dim', f'{name:<8}')}  {text}\n" for name, text in facts.items())
    return f"{head}\n{render(answer.plan, full=full, width=width, paint=paint)}"


def as_json(planned: Planned) -> str:
    """Return what was asked and how it is answered, as JSON."""
    scenario, asked, answer = planned.scenario, planned.request, planned.answer
    value: dict[str, Any] = {
        "scenario": scenario.id,
        "source": scenario.source,
        "backend": planned.backend,
        "seed": scenario.seed,
        "clock": planned.clock,
        "request": {
            "method": asked.method,
            "target": asked.target,
            "endpoint": asked.endpoint,
            "body": asked.body.decode("utf-8", "replace"),
        },
        "call": planned.call,
        "session": planned.session,
        "rule": answer.rule,
        "near": answer.near,
        "plan": to_json(answer.plan),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
