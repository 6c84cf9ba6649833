"""What one server serves: its scenarios, its state, and the plan for every request. No socket, no framework.

``mockoai serve`` puts it behind a socket (``mockoai.server``); ``mockoai plan`` asks it and prints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

from mockoai.address import HEADER, Address, model_scenario
from mockoai.allowance import Allowance, cost_of
from mockoai.backends import BACKENDS
from mockoai.backends.base import Backend
from mockoai.endpoints.routes import ENDPOINTS, PAGE
from mockoai.errors import MockoaiError, UsageError
from mockoai.journal import Journal
from mockoai.keys import ApiKey, Limits
from mockoai.match.explain import explain
from mockoai.match.match import NoMatch, match
from mockoai.plan.build import build
from mockoai.plan.context import Context
from mockoai.plan.items import Failure, Model
from mockoai.plan.steps import Plan
from mockoai.recall import Kept, Recall, template_for
from mockoai.request import Request
from mockoai.scenario import catalogue
from mockoai.scenario.diagnose import did_you_mean, quoted
from mockoai.scenario.model import HEALTHY, Lorem, Reply, Rule, Scenario
from mockoai.state import Session, Sessions, content_seed
from mockoai.verdict.outcomes import Outcomes

UNLIMITED = Limits()
"""As much as anybody likes."""

FALLBACKS = {
    "echo": Rule(name="fallback", reply=Reply(echo=True)),
    "lorem": Rule(name="fallback", reply=Reply(lorem=Lorem())),
}
"""What answers a request that no rule matched, by the scenario's ``fallback``; ``strict`` refuses it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The plan for a request, and what led to it.

    ``request`` is the request as the backend's routes have it. ``scenario`` and ``rule`` name what answered, empty when
    nothing did; ``near`` says which rules came close then.
    ``basis`` is what the plan was built from, when the scenario answered.
    """

    plan: Plan
    request: Request
    scenario: str = ""
    rule: str = ""
    near: str = ""
    basis: tuple[Scenario, Rule, Context] | None = None


class Mock:
    """What one server serves: its scenarios, state and journal, apart from any socket.

    ``scenarios`` are addressable by id beside the catalogue; the first is the server's own. ``models`` and ``keys``
    restrict what is accepted, ``limits`` how much of it in a minute; ``clock`` gives the time that answers show, in
    seconds since 1970, and ``ticks`` the seconds in which limits are counted.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario] = (),
        *,
        backend: str | None = None,
        seed: int | None = None,
        models: Sequence[str] = (),
        keys: Sequence[str | ApiKey] = (),
        limits: Limits = UNLIMITED,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scenario = scenarios[0] if scenarios else HEALTHY
        self.scenarios: dict[str, Scenario] = {one.id: one for one in scenarios}
        self.backend = backend
        self.seed = seed
        self.models = tuple(models)
        self.keys = tuple(ApiKey(one) if isinstance(one, str) else one for one in keys)
        self.limits = limits
        self.clock = clock
        self.ticks = ticks
        self.sessions = Sessions()
        self.journal = Journal()
        self.outcomes = Outcomes()
        self.started = clock()
        self._recall = Recall()

    def find(self, id: str) -> Scenario:
        """Return the scenario called ``id``: one given at the start, else one of the catalogue.

        Raises UsageError, with near names, when there is none. Never opens a file outside the catalogue.
        """
        found = self.scenarios.get(id)
        if found is not None:
            return found
        if id in catalogue.index():
            return catalogue.get(id)
        near = did_you_mean(id, [*self.scenarios, *catalogue.ids()]) or "`mockoai list scenarios` shows all of them"
        raise UsageError("unknown-scenario", f"no scenario is called {quoted(id)}", near)

    def choose(self, address: Address, request: Request, session: Session) -> Scenario:
        """Return the scenario that answers ``request``; the narrowest way of naming one wins."""
        return self._in_force(self._named(address, request), session)

    def _in_force(self, named: str | None, session: Session) -> Scenario:
        return self.find(named) if named else session.scenario or self.scenario

    def _named(self, address: Address, request: Request) -> str | None:
        named = request.header(HEADER) or address.scenario
        if not named and b"mockoai/" in request.body:
            named = model_scenario(request.model)
        return named

    def answer(self, request: Request, address: Address, session: Session) -> Answer:
        """Plan the answer to ``request`` and count it in ``session``."""
        try:
            scenario = self.choose(address, request, session)
        except MockoaiError as error:
            failure = Failure(status=404, message=f"{error.message}. {error.help}".strip(), code=error.code)
            context = self.context(HEALTHY, request, session)
            return Answer(build(HEALTHY, Rule(), context, failure), request, near=error.message)
        if self.seed is not None and scenario.seed != self.seed:
            scenario = replace(scenario, seed=self.seed)
        request = self._routed(request, scenario)
        context = self.context(scenario, request, session)
        if request.endpoint == PAGE and not any(PAGE in rule.when.endpoint for rule in scenario.rules):
            return Answer(build(scenario, Rule(), context), request, scenario.id, "page")
        counters = session.counters.get(scenario.id, {})
        matched = match(scenario, request, counters, context.seed)
        if matched.counters:
            session.counters[scenario.id] = {**counters, **matched.counters}
        if isinstance(matched, NoMatch):
            if rule := FALLBACKS.get(scenario.fallback):
                return Answer(build(scenario, rule, context), request, scenario.id, rule.name)
            near = explain(matched)
            failure = Failure(status=404, message=near, code="no_rule_matched")
            return Answer(build(scenario, Rule(), context, failure), request, scenario.id, near=near)
        rule = matched.rule
        name = rule.name or f"rule {matched.index + 1}"
        return Answer(build(scenario, rule, context), request, scenario.id, name, basis=(scenario, rule, context))

    def recall(self, key: Hashable) -> tuple[Session, Answer] | None:
        """Answer a request like one that is kept under ``key``, and count it; None when none is, or no longer holds."""
        kept = self._recall.get(key)
        if kept is None:
            return None
        session = self.sessions.get(kept.session)
        if kept.base is not self._in_force(kept.named, session):
            return None
        seed = kept.content.child(session.id, session.occurrence(kept.key))
        now = self.clock() if kept.clock is None else kept.clock
        backend = kept.backend
        id = backend.answer_id(kept.request.endpoint, seed)
        plan = kept.template.fill(id, backend.request_id(seed), now)
        return session, Answer(plan, kept.request, kept.scenario, kept.rule)

    def learn(self, key: Hashable, request: Request, address: Address, session: Session, answer: Answer) -> None:
        """Keep how ``request`` was answered, the second time it is seen, if it can be recalled."""
        if answer.basis is None or not self._recall.again(key):
            return
        scenario, rule, context = answer.basis
        named = self._named(address, request)
        base = self._in_force(named, session)
        template = template_for(scenario, rule, context, answer.plan)
        if template is None:
            self._recall.keep(key, None)
            return
        kept = Kept(
            request=context.request,
            session=session.id,
            named=named,
            base=base,
            scenario=answer.scenario,
            rule=answer.rule,
            backend=context.backend,
            clock=scenario.clock,
            content=context.content,
            key=context.content.data(16),
            template=template,
        )
        self._recall.keep(key, kept)

    def refuse(self, failure: Failure, request: Request, session: Session) -> Answer:
        """Plan an error that was decided before the request could be read."""
        return Answer(build(HEALTHY, Rule(), self.context(HEALTHY, request, session), failure), request)

    def imitated(self, scenario: Scenario) -> Backend:
        """Return the backend that answers for ``scenario``."""
        return BACKENDS[self.backend or scenario.backend]

    def _routed(self, request: Request, scenario: Scenario) -> Request:
        """Return ``request`` with the endpoint that its path has on the scenario's backend."""
        endpoint, parameters = self.imitated(scenario).resolve(request.path)
        if (endpoint, parameters) == (request.endpoint, request.parameters):
            return request
        return replace(request, endpoint=endpoint, parameters=parameters)

    def context(self, scenario: Scenario, request: Request, session: Session) -> Context:
        """Gather what shapes the answer beside the reply itself."""
        content = content_seed(scenario, request)
        occurrence = session.occurrence(content.data(16))
        seed = content.child(session.id, occurrence)
        backend = self.imitated(scenario)
        now = self.clock() if scenario.clock is None else scenario.clock
        models, exact = self._models(scenario, backend)
        keys = scenario.keys or self.keys
        uses, allowance = self._spent(scenario.limits or self.limits, keys, backend, request, session)
        return Context(
            request=request,
            backend=backend,
            seed=seed,
            content=content,
            now=now,
            id=backend.answer_id(request.endpoint, seed),
            request_id=backend.request_id(seed),
            model=backend.snapshot(request.model),
            stream=request.stream and request.endpoint in ("chat", "completions"),
            models=models,
            exact_models=exact,
            keys=keys,
            uses=uses,
            allowance=allowance,
        )

    def _spent(
        self, limits: Limits, keys: tuple[ApiKey, ...], backend: Backend, request: Request, session: Session
    ) -> tuple[int, Allowance | None]:
        """Count the use of the request's key; lists of models and pages are free."""
        if not (keys or limits.any) or not ENDPOINTS.get(request.endpoint, ENDPOINTS[PAGE]).takes_body:
            return 0, None
        shown = backend.credential(request)
        key = next((one for one in keys if one.key == shown), None)
        if keys and key is None:
            return 0, None
        limits = limits.of(key)
        if not limits.any and (key is None or key.revoked_after is None):
            return 0, None
        uses, allowance = session.spend(shown, limits, cost_of(request), self.ticks())
        return uses, allowance if limits.any else None

    def _models(self, scenario: Scenario, backend: Backend) -> tuple[tuple[Model, ...], bool]:
        if self.models:
            return tuple(backend.entry(name) for name in self.models), True
        if scenario.models is not None:
            known = [(one, backend.entry(one.id)) for one in scenario.models]
            entries = tuple(
                replace(entry, created=one.created or entry.created, owned_by=one.owned_by or entry.owned_by)
                for one, entry in known
            )
            return entries, True
        return backend.models(), backend.exact_models
