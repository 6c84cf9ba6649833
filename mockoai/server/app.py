"""The application: bytes in, a plan, bytes out, an exchange in the journal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from mockoai.backends import BACKENDS
from mockoai.backends.base import Backend
from mockoai.endpoints import resolve
from mockoai.errors import MockoaiError
from mockoai.journal import Exchange, Journal
from mockoai.match.match import NoMatch, match
from mockoai.match.explain import explain
from mockoai.plan.build import build
from mockoai.plan.context import Context
from mockoai.plan.items import Failure, Model
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario import catalogue
from mockoai.scenario.model import HEALTHY, Rule, Scenario
from mockoai.seed import HEXADECIMAL, Seed
from mockoai.server.address import HEADER, Address, model_scenario, split_path
from mockoai.state import DEFAULT_SESSION, Session, Sessions, content_seed
from mockoai.wire.protocol import EXTENSION, Connection

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request body that are accepted."""

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Any], Any]

_OPERATIONS = ("/_mockoai", "/health", "/metrics")


class BodyTooLarge(Exception):
    """The request's body is over :data:`BODY_LIMIT`."""


class Mock:
    """What one server serves: its scenarios, state and journal, apart from any socket.

    ``scenarios`` are addressable by id beside the catalogue; the first is the server's own. ``models`` and ``keys``
    restrict what is accepted; ``clock`` gives the time in seconds since 1970.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario] = (),
        *,
        backend: str | None = None,
        seed: int | None = None,
        models: Sequence[str] = (),
        keys: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.scenario = scenarios[0] if scenarios else HEALTHY
        self.scenarios: dict[str, Scenario] = {one.id: one for one in scenarios}
        self.backend = backend
        self.seed = seed
        self.models = tuple(models)
        self.keys = tuple(keys)
        self.clock = clock
        self.sessions = Sessions()
        self.journal = Journal()
        self.started = clock()
        self._numbers = 0

    def find(self, id: str) -> Scenario:
        """Return the scenario called ``id``: one given at the start, else one of the catalogue.

        Raises UsageError, with near names, when there is none. Never opens a file outside the catalogue.
        """
        found = self.scenarios.get(id)
        return found if found is not None else catalogue.get(id, extra=self.scenarios)

    def choose(self, address: Address, request: Request, session: Session) -> Scenario:
        """Return the scenario that answers ``request``; the narrowest way of naming one wins."""
        named = request.header(HEADER) or address.scenario
        if not named and b"mockoai/" in request.body:
            named = model_scenario(request.model)
        if named:
            return self.find(named)
        return session.scenario or self.scenario

    def answer(self, request: Request, address: Address, session: Session) -> tuple[Plan, str, str, str]:
        """Plan the answer to ``request``; returns the plan, scenario id, rule name and near misses."""
        try:
            scenario = self.choose(address, request, session)
        except MockoaiError as error:
            failure = Failure(status=404, message=f"{error.message}. {error.help}".strip(), code=error.code)
            context = self.context(HEALTHY, request, session)
            return build(HEALTHY, Rule(), context, failure), "", "", error.message
        if self.seed is not None:
            scenario = replace(scenario, seed=self.seed)
        context = self.context(scenario, request, session)
        counters = session.counters.get(scenario.id, {})
        matched = match(scenario, request, counters, context.seed)
        if matched.counters:
            session.counters[scenario.id] = {**counters, **matched.counters}
        if isinstance(matched, NoMatch):
            if scenario.fallback != "strict":
                return build(scenario, Rule(), context), scenario.id, "fallback", ""
            near = explain(matched)
            failure = Failure(status=404, message=near, code="no_rule_matched")
            return build(scenario, Rule(), context, failure), scenario.id, "", near
        rule = matched.rule
        return build(scenario, rule, context), scenario.id, rule.name or f"rule {matched.index + 1}", ""

    def context(self, scenario: Scenario, request: Request, session: Session) -> Context:
        """Gather what shapes the answer beside the reply itself."""
        content = content_seed(scenario, request)
        occurrence = session.occurrence(content.data(16))
        seed = content.child(session.id, occurrence)
        backend = BACKENDS[self.backend or scenario.backend]
        now = self.clock() if scenario.clock is None else scenario.clock
        models, exact = self._models(scenario, backend)
        return Context(
            request=request,
            backend=backend,
            seed=seed,
            content=content,
            now=now,
            id=backend.answer_id(request.endpoint, seed),
            request_id="req_" + seed.child("request").text(32, HEXADECIMAL),
            model=backend.snapshot(request.model),
            stream=request.stream and request.endpoint in ("chat", "completions"),
            models=models,
            exact_models=exact,
            keys=self.keys,
        )

    def _models(self, scenario: Scenario, backend: Backend) -> tuple[tuple[Model, ...], bool]:
        if self.models:
            return tuple(Model(id=name, created=1_700_000_000) for name in self.models), True
        if scenario.models is not None:
            entries = tuple(
                Model(id=one.id, created=one.created or 1_700_000_000, owned_by=one.owned_by or "openai")
                for one in scenario.models
            )
            return entries, True
        return backend.models(), False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request on the connection that the protocol lends."""
        connection = cast(Connection, scope["extensions"][EXTENSION])
        refused: Failure | None = None
        try:
            body = await _read_body(scope, receive)
        except BodyTooLarge:
            body = b""
            refused = Failure(status=413, message="Request body too large: the limit is 10 MiB.", code="body_too_large")
        except ConnectionError:
            return
        start = asyncio.get_running_loop().time()
        address = split_path(scope["path"])
        request = _request(scope, address, body, connection)
        session = self.sessions.get(address.session or DEFAULT_SESSION)
        if refused is not None:
            request = replace(request, keep_alive=False)
            context = self.context(HEALTHY, request, session)
            plan, scenario, rule, near = build(HEALTHY, Rule(), context, refused), "", "", ""
        else:
            plan, scenario, rule, near = self.answer(request, address, session)
        self._numbers += 1
        exchange = Exchange(
            number=self._numbers,
            session=session.id,
            scenario=scenario,
            rule=rule,
            request=request,
            plan=plan,
            received=self.clock(),
            connection=connection.number,
            reused=connection.requests > 1,
            near=near,
        )
        self.journal.add(exchange)
        await connection.send_plan(plan, start, exchange.delivery)
        self.journal.finished(exchange)


def _request(scope: Mapping[str, Any], address: Address, body: bytes, connection: Connection) -> Request:
    endpoint, parameters = resolve(address.path)
    query = scope["query_string"].decode("latin-1")
    raw = scope["raw_path"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=address.path,
        headers=tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]),
        body=body,
        query=query,
        target=f"{raw}?{query}" if query else raw,
        http_version=scope["http_version"],
        endpoint=endpoint,
        parameters=parameters,
        keep_alive=connection.cycle.keep_alive,
    )


async def _read_body(scope: Mapping[str, Any], receive: Receive) -> bytes:
    """Read the whole body; raises BodyTooLarge past the limit, ConnectionError when the client left."""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > BODY_LIMIT:
            raise BodyTooLarge
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionError
    body: bytes = message["body"]
    if not message["more_body"]:
        if len(body) > BODY_LIMIT:
            raise BodyTooLarge
        return body
    parts = [body]
    size = len(body)
    while message["more_body"]:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        size += len(message["body"])
        if size > BODY_LIMIT:
            raise BodyTooLarge
        parts.append(message["body"])
    return b"".join(parts)


__all__ = ["BODY_LIMIT", "Mock", "Seed"]
