"""The control API under ``/_mockoai/``, and ``/metrics``: what the server did, and what it shall do next.

JSON in and out. Errors are ``{"error": {"code", "message", "help"}}`` with the status that fits. Whoever
gets here has passed :mod:`mockoai.server.security`. Nothing is shown of an exchange but what
:mod:`mockoai.report.exchange` shows, so no secrets are.

A session that nobody used yet is the server's scenario, no counts and no exchanges; it begins to exist with
its first request or its first scenario.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict
from functools import partial
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

import mockoai
from mockoai.errors import MockoaiError
from mockoai.mock import Mock
from mockoai.report.exchange import detail, summary
from mockoai.report.faults import outcomes
from mockoai.report.redact import Redactor
from mockoai.report.verdict import outcome_json, verdict_json
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Scenario
from mockoai.server.app import Receive, Scope, Send
from mockoai.server.asgi import CONTROL, METRICS, Json, error_body, guarding_headers
from mockoai.server.live import Feed
from mockoai.server.metrics import Metrics
from mockoai.server.outcome import about, reported, verdict_on
from mockoai.server.query import FILTERS, PAGES, ControlError, Query, json_object, near, nearest, page
from mockoai.server.security import Security
from mockoai.state import DEFAULT_SESSION, Session

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a request to the control API: a scenario of the largest size, escaped in JSON."""
logger = logging.getLogger("mockoai.server")

Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """The routes of one server's control API."""

    def __init__(self, mock: Mock, security: Security, metrics: Metrics) -> None:
        self.mock = mock
        self.metrics = metrics
        self.redactor = Redactor([*[one.key for one in mock.keys], *([security.token] if security.token else [])])
        self.feed = Feed(mock, self.redactor)
        # path, methods and handlers, what it does: also the index that users see.
        self.table: tuple[tuple[str, dict[str, Handler], str], ...] = (
            ("/", {"GET": self.index}, "this list"),
            (
                "/scenario",
                {"GET": self.get_scenario, "PUT": self.put_scenario, "DELETE": self.delete_scenario},
                'the scenario of a session: ?session=ID; PUT {"scenario": "ID"} or {"yaml": "…"}',
            ),
            ("/scenarios", {"GET": self.scenarios}, "every scenario that can be named"),
            ("/sessions", {"GET": self.sessions}, "every session, with its scenario and counts"),
            ("/sessions/{id}", {"GET": self.session, "DELETE": self.delete_session}, "one session"),
            ("/exchanges", {"GET": self.exchanges}, f"the journal: ?{'&'.join((*FILTERS, *PAGES))}"),
            ("/exchanges/{number}", {"GET": self.exchange}, "one exchange, whole"),
            ("/refused", {"GET": self.refused}, "what was no request, and was refused before it could be one"),
            ("/faults", {"GET": self.faults}, "what became of every fault: ?session=ID"),
            ("/outcome", {"POST": self.outcome}, 'how a call ended: {"session": "ID", "outcome": "returned"}'),
            ("/verdict", {"GET": self.verdict}, "what is to be said about the client: ?session=ID"),
            ("/reset", {"POST": self.reset}, "forget counts and exchanges of ?session=ID, or of all"),
            ("/live", {"GET": self.live}, "every exchange as it ends, as server-sent events: ?session=ID"),
        )

    # --- scenarios and sessions -------------------------------------------------------------------

    async def index(self, request: Request) -> Response:
        """List the routes."""
        _query(request)
        routes = [
            {"path": CONTROL + path, "methods": list(methods), "what": what} for path, methods, what in self.table
        ]
        others = [{"path": METRICS, "methods": ["GET"], "what": "figures for Prometheus"}]
        return answer({"name": "mockoai", "version": mockoai.__version__, "routes": routes + others})

    async def get_scenario(self, request: Request) -> Response:
        """Say which scenario a session has."""
        return answer(self._scenario_of(_query(request, "session").text("session") or DEFAULT_SESSION))

    async def put_scenario(self, request: Request) -> Response:
        """Give a session a scenario, by id or as YAML; it starts with its calls uncounted."""
        id = _query(request, "session").text("session") or DEFAULT_SESSION
        body = json_object(await _body(request), ("scenario", "yaml"))
        named, yaml = body.get("scenario"), body.get("yaml")
        if (named is None) == (yaml is None) or not isinstance(named or yaml, str):
            help = 'For example {"scenario": "done-missing"}.'
            raise ControlError(400, "bad-json", "The body must have `scenario` or `yaml`, as a text.", help)
        scenario = self.mock.find(named) if isinstance(named, str) else load_text(str(yaml), "<request>")
        session = self.mock.sessions.get(id)
        session.scenario = scenario
        session.counters.pop(scenario.id, None)
        return answer(self._scenario_of(id))

    async def delete_scenario(self, request: Request) -> Response:
        """Let a session go back to the server's scenario."""
        id = _query(request, "session").text("session") or DEFAULT_SESSION
        session = self.mock.sessions.find(id)
        if session is not None:
            session.scenario = None
        return answer(self._scenario_of(id))

    async def scenarios(self, request: Request) -> Response:
        """List what can be named: the scenarios given at the start, and the shipped ones."""
        _query(request)
        own = [
            {"id": one.id, "category": one.category or None, "title": one.title, "given": True}
            for one in self.mock.scenarios.values()
        ]
        shipped = [
            {"id": id, "category": category, "given": False}
            for category, ids in catalogue.categories().items()
            for id in ids
            if id not in self.mock.scenarios
        ]
        return answer({"server": self.mock.scenario.id, "scenarios": own + shipped})

    async def sessions(self, request: Request) -> Response:
        """List the sessions, least recently used first."""
        _query(request)
        known = [self.mock.sessions.find(id) for id in self.mock.sessions.ids()]
        counts = Counter(one.session for one in self.mock.journal)
        return answer({"sessions": [self._session(one, counts[one.id]) for one in known if one is not None]})

    async def session(self, request: Request) -> Response:
        """Show one session."""
        _query(request)
        session = self._known_session(request)
        return answer(self._session(session, sum(one.session == session.id for one in self.mock.journal)))

    async def delete_session(self, request: Request) -> Response:
        """Forget a session, with its scenario, counts and exchanges."""
        _query(request)
        session = self._known_session(request)
        self.mock.sessions.drop(session.id)
        return answer({"deleted": session.id, "exchanges": self._forget(session.id)})

    async def reset(self, request: Request) -> Response:
        """Forget counts and exchanges, of one session or of all; scenarios stay."""
        id = _query(request, "session").text("session")
        self.mock.sessions.reset(id)
        return answer({"session": id, "exchanges": self._forget(id)})

    # --- exchanges --------------------------------------------------------------------------------

    async def exchanges(self, request: Request) -> Response:
        """List exchanges, a page at a time."""
        found = page(self.mock.journal, _query(request, *FILTERS, *PAGES))
        shown = [summary(one, self.redactor) for one in found.exchanges]
        dropped = self.mock.journal.dropped
        return answer({"exchanges": shown, "total": found.total, "next": found.next, "dropped": dropped})

    async def exchange(self, request: Request) -> Response:
        """Show one exchange, whole."""
        _query(request)
        number = request.path_params["number"]
        for one in self.mock.journal:
            if str(one.number) == number:
                # Secrets are looked for in every byte of the answer, of which there may be many.
                return answer(await run_in_threadpool(detail, one, self.redactor))
        help = "`GET /_mockoai/exchanges?order=newest` lists what the journal has."
        raise ControlError(404, "unknown-exchange", f"The journal has no exchange {number}.", help)

    async def refused(self, request: Request) -> Response:
        """List the last bytes that were no request: malformed, too large or too slow."""
        _query(request)
        journal = self.mock.journal
        return answer({"refused": [asdict(one) for one in journal.refused], "total": journal.refusals})

    async def faults(self, request: Request) -> Response:
        """Say of every fault how often it was asked for, fired and was delivered, and why when not."""
        session = _query(request, "session").text("session")
        journal = self.mock.journal
        found = outcomes(one for one in journal if session in (None, one.session))
        # What the journal no longer holds is not counted; who relies on the counts must know.
        return answer({"faults": found, "dropped": journal.dropped})

    async def outcome(self, request: Request) -> Response:
        """Keep how a call ended for its caller."""
        _query(request)
        outcome = reported(self.mock, await _body(request))
        return answer({**outcome_json(outcome, self.redactor), "about": about(self.mock, outcome)}, 201)

    async def verdict(self, request: Request) -> Response:
        """Judge the client, by the exchanges and outcomes of a session, or by all."""
        session = _query(request, "session").text("session")
        # Up to the whole journal is read again: answers to others must not wait for that.
        verdict = await run_in_threadpool(verdict_on, self.mock, session)
        return answer(verdict_json(verdict, self.redactor))

    async def live(self, request: Request) -> Response:
        """Follow the exchanges as they end."""
        session = _query(request, "session").text("session")
        last = request.headers.get("last-event-id", "")
        return self.feed.response(request, session, int(last) if last.isascii() and last.isdigit() else None)

    async def metrics_page(self, request: Request) -> Response:
        """Give the figures to Prometheus."""
        body, content_type = self.metrics.render(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    # --- inside -----------------------------------------------------------------------------------

    def _scenario_of(self, id: str) -> Json:
        session = self.mock.sessions.find(id)
        own = session.scenario if session is not None else None
        scenario = own or self.mock.scenario
        lost = self.mock.sessions.lost(id)
        return {
            "session": id,
            "from": "session" if own is not None else "server",
            **({"lost": lost} if lost else {}),
            "scenario": {
                "id": scenario.id,
                "title": scenario.title,
                "backend": self.mock.backend or scenario.backend,
                "seed": scenario.seed if self.mock.seed is None else self.mock.seed,
                "rules": [_rule_name(scenario, index) for index in range(len(scenario.rules))],
            },
        }

    def _session(self, session: Session, exchanges: int) -> Json:
        counters = {}
        for id, counts in session.counters.items():
            scenario = self._counted(session, id)
            counters[id] = {_rule_name(scenario, index): count for index, count in counts.items()}
        return {**self._scenario_of(session.id), "counters": counters, "exchanges": exchanges}

    def _counted(self, session: Session, id: str) -> Scenario | None:
        for scenario in (session.scenario, self.mock.scenario):
            if scenario is not None and scenario.id == id:
                return scenario
        try:
            return self.mock.find(id)
        except MockoaiError:
            return None  # an inline scenario that has been replaced since

    def _known_session(self, request: Request) -> Session:
        id = request.path_params["id"]
        session = self.mock.sessions.find(id)
        if session is None:
            help = near(id, self.mock.sessions.ids()) or "`GET /_mockoai/sessions` lists them."
            raise ControlError(404, "unknown-session", f"There is no session `{id}`.", help)
        return session

    def _forget(self, session: str | None) -> int:
        before = len(self.mock.journal)
        self.mock.journal.clear(session)
        self.mock.outcomes.clear(session)
        return before - len(self.mock.journal)


def control(mock: Mock, security: Security, metrics: Metrics) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Return the control API and ``/metrics`` as an ASGI application."""
    routes = Control(mock, security, metrics)
    app = Starlette(
        routes=[
            *(Route(CONTROL + path, _one_of(methods), methods=list(methods)) for path, methods, _ in routes.table),
            Route(METRICS, routes.metrics_page, methods=["GET"]),
        ],
        exception_handlers={
            ControlError: _refused,
            MockoaiError: _unusable,
            HTTPException: partial(_unroutable, routes),
            Exception: _failed,
        },
    )
    app.router.redirect_slashes = False

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == CONTROL:
            scope = {**scope, "path": CONTROL + "/"}

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                taken = {name for name, _ in message["headers"]}
                message["headers"] += [one for one in guarding_headers() if one[0] not in taken]
            await send(message)

        try:
            await app(scope, receive, send_guarded)
        except Exception as error:
            # Starlette raises again what it has answered already.
            if error is not scope["state"].get("answered"):
                raise

    return guarded


def answer(payload: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return ``payload`` as JSON."""
    return Response(orjson.dumps(payload), status, headers, media_type="application/json")


def _one_of(methods: dict[str, Handler]) -> Handler:
    async def handle(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method](request)

    return handle


def _query(request: Request, *known: str) -> Query:
    return Query(request.query_params.multi_items(), known)


async def _body(request: Request) -> bytes:
    data = bytearray()
    try:
        async for piece in request.stream():
            data += piece
            if len(data) > MAX_BODY:
                message = f"The body is larger than {MAX_BODY} bytes."
                raise ControlError(413, "body-too-large", message, "A scenario has at most 1 MiB.")
    except ClientDisconnect:
        raise ControlError(400, "bad-json", "The body did not come to its end.") from None
    return bytes(data)


def _rule_name(scenario: Scenario | None, index: int) -> str:
    """Return what exchanges call rule ``index``."""
    named = scenario is not None and index < len(scenario.rules) and scenario.rules[index].name
    return named or f"rule {index + 1}"


# --- errors -----------------------------------------------------------------------------------------------


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ControlError)
    return answer(error_body(error.code, error.message, error.help), error.status)


async def _unusable(request: Request, error: Exception) -> Response:
    """Answer with what is wrong with a scenario; an unknown id is a 404, a mistake in a text a 422."""
    assert isinstance(error, MockoaiError)
    body = error_body(error.code, error.message, error.help)
    render = getattr(error, "render", None)
    if render is not None:
        body["error"]["text"] = render()
    return answer(body, 404 if error.code == "unknown-scenario" else 422)


async def _unroutable(routes: Control, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        body = error_body("method-not-allowed", f"{path} cannot be asked with {request.method}.", f"Use {allowed}.")
        return answer(body, 405, {"Allow": allowed})
    # Only what differs is compared: every route begins alike.
    found = nearest(path.removeprefix(CONTROL), [one for one, _, _ in routes.table])
    help = f"Did you mean `{CONTROL}{found}`?" if found else f"`GET {CONTROL}/` lists the routes."
    return answer(error_body("unknown-route", f"The control API has no route {path}.", help), error.status_code)


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("the control API failed on %s %s", request.method, request.url.path, exc_info=error)
    request.state.answered = error
    help = "This is a defect of mockoai; the server's log has the details. Please report it."
    return answer(error_body("internal", "The control API failed.", help), 500)
