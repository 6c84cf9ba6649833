"""Journals for the verdict, made without a server: a mock with a clock that is set, and a delivery that is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from mockoai.address import split_path
from mockoai.endpoints.routes import resolve
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.plan.items import Write
from mockoai.request import Request
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Scenario
from mockoai.verdict.judge import judge
from mockoai.verdict.model import Finding, Kind, Outcome, Verdict

START = 1_767_225_600.0
"""When every story begins, in seconds since 1970."""

QUESTION: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say where the harbour is."}]}


class Story:
    """What a client did: requests at moments, in seconds after the start, and what was sent of the answers."""

    def __init__(self, text: str = "", *, scenario: Scenario | None = None) -> None:
        self.now = 0.0
        self.scenario = scenario or (load_text(text) if text else None)
        self.mock = Mock([] if self.scenario is None else [self.scenario], clock=lambda: START + self.now)
        self.exchanges: list[Exchange] = []

    def ask(
        self,
        at: float = 0.0,
        *,
        stream: bool = True,
        body: dict[str, Any] | bytes | None = None,
        headers: dict[str, str] | None = None,
        session: str = "default",
        path: str = "/v1/chat/completions",
        method: str = "POST",
        leave: float | None = None,
        hang: float = 300.0,
        connection: int | None = None,
        reused: bool = False,
        under_way: bool = False,
    ) -> Exchange:
        """Send a request and take the answer.

        ``leave`` is how many seconds after the request the client leaves, if the answer has not ended by then; ``hang``
        after how long the server ends what hangs. ``under_way`` leaves the answer where ``leave`` says, without an end.
        """
        self.now = at
        said = {**QUESTION, **({"stream": True} if stream else {})} if body is None else body
        data = said if isinstance(said, bytes) else b"" if method == "GET" else orjson.dumps(said)
        address = split_path(path)
        endpoint, parameters = resolve(address.path)
        request = Request(
            method=method,
            path=address.path,
            headers=tuple((name.lower(), value) for name, value in (headers or {}).items()),
            body=data,
            target=path,
            endpoint=endpoint,
            parameters=parameters,
        )
        answer = self.mock.answer(request, address, self.mock.sessions.get(session))
        number = len(self.exchanges) + 1
        exchange = Exchange(
            number=number,
            session=session,
            scenario=answer.scenario,
            rule=answer.rule,
            request=request,
            plan=answer.plan,
            received=START + at,
            connection=number if connection is None else connection,
            reused=reused,
            near=answer.near,
        )
        deliver(exchange, leave=leave, hang=hang, under_way=under_way)
        self.exchanges.append(exchange)
        return exchange

    def returned(self, text: str | None = None, **more: Any) -> Outcome:
        """Return the outcome of a call that returned; by default it spans all."""
        return self.outcome("returned", text=text, **more)

    def raised(self, error: str = "APIError", **more: Any) -> Outcome:
        """Return the outcome of a call that raised; by default it spans all."""
        return self.outcome("raised", error=error, **more)

    def outcome(self, kind: Kind, *, started: float = 0.0, ended: float = 100_000.0, **more: Any) -> Outcome:
        """Return an outcome; moments are in seconds after the start."""
        return Outcome(kind=kind, started=START + started, ended=START + ended, **more)

    def judge(
        self, *outcomes: Outcome, now: float | None = None, scenarios: Iterable[Scenario] | None = None
    ) -> Verdict:
        """Judge the story."""
        asked = [self.scenario] if self.scenario is not None else []
        return judge(
            self.exchanges,
            outcomes,
            scenarios=asked if scenarios is None else scenarios,
            now=None if now is None else START + now,
        )

    def found(self, *outcomes: Outcome, now: float | None = None) -> dict[str, str]:
        """Return the severity of every finding about the client or its connections, by code."""
        return {one.code: one.severity for one in self.judge(*outcomes, now=now).findings if one.about != "run"}

    def finding(self, code: str, *outcomes: Outcome, now: float | None = None) -> Finding:
        """Return the only finding called ``code``."""
        (found,) = [one for one in self.judge(*outcomes, now=now).findings if one.code == code]
        return found


def deliver(exchange: Exchange, *, leave: float | None = None, hang: float = 300.0, under_way: bool = False) -> None:
    """Carry out the plan of ``exchange`` as the writer does, at once, with times as planned."""
    plan, delivery = exchange.plan, exchange.delivery
    last = len(plan.steps) - 1
    for index, step in enumerate(plan.steps):
        gone = leave is not None and step.at > leave
        if gone or index == last:
            break
        delivery.steps = index + 1
        delivery.times.append((index + 1, step.at))
        if isinstance(step, Write):
            delivery.bytes += len(step.data)
    ended = plan.duration + (hang if plan.ending == "hang" else 0.0)
    if under_way:
        return
    if leave is not None and leave < ended:
        delivery.outcome, delivery.ended = "client-left", leave
        if plan.duration <= leave:
            delivery.steps = len(plan.steps)  # it left a connection that hung
        return
    delivery.steps = len(plan.steps)
    delivery.outcome, delivery.ended = plan.ending, ended
