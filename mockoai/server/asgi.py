"""One ASGI application out of three: the mocked API, ``/health``, and the control API with ``/metrics``.

Strategy. The mocked API is what has to be fast, so nothing stands in front of it but one look at the path.
Starlette and prometheus-client are imported with the first request that needs them; ``/health`` needs
neither, since every start asks for it. Where the backend has a health page of its own, as vLLM and llama.cpp have,
``/health`` is that one; ours is at ``/_mockoai/health`` always.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

import orjson

import mockoai
from mockoai.address import Address
from mockoai.endpoints.routes import PAGE
from mockoai.journal import Refused
from mockoai.mock import Mock
from mockoai.request import Request
from mockoai.server.app import MockApplication, Receive, Scope, Send
from mockoai.server.metrics import Metrics
from mockoai.server.security import Refusal, Security
from mockoai.state import Session
from mockoai.wire.refusal import NoRequest

CONTROL = "/_mockoai"
HEALTH = "/health"
OWN_HEALTH = f"{CONTROL}{HEALTH}"
"""Where the server tells its health whatever the backend has at :data:`HEALTH`."""
METRICS = "/metrics"

_CHAT = "/v1/chat/completions"
_LONG = "hello again " * 100
"""The tokenizer does with its first long text what it need not do for a short one."""

Json = dict[str, Any]


class Application:
    """Everything that one server answers."""

    def __init__(self, mock: Mock, security: Security, metrics: Metrics) -> None:
        self.mock = mock
        self.security = security
        self.metrics = metrics
        self._mocked = MockApplication(mock)
        self._control: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on to whom its path belongs."""
        path: str = scope["path"]
        if path == OWN_HEALTH or (path == HEALTH and not self._backend_has(HEALTH)):
            return self._health(scope, send)
        if (path.startswith(CONTROL) and path[len(CONTROL) :][:1] in ("", "/")) or path == METRICS:
            return self._operations(scope, receive, send)
        return self._mocked(scope, receive, send)

    def refused(self, connection: int, refusal: NoRequest) -> None:
        """Keep what the protocol has refused for us."""
        mock = self.mock
        mock.journal.refuse(Refused(mock.clock(), connection, refusal.code, refusal.why))

    def _backend_has(self, path: str) -> bool:
        """Whether the server that is imitated by default answers ``path`` in a way of its own."""
        return self.mock.imitated(self.mock.scenario).resolve(path)[0] == PAGE

    def warm_up(self) -> None:
        """Do what the first requests would otherwise wait for: the tables and models that answers need."""
        mock = Mock()
        for text, stream in (("hello", False), (_LONG, True)):
            body = orjson.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}], "stream": stream})
            request = Request("POST", _CHAT, body=body, endpoint="chat")
            mock.answer(request, Address(_CHAT), Session("warm-up"))

    async def _operations(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self.security.refuse(scope["headers"])
        if refusal is not None:
            await send_refusal(scope, send, refusal)
            return
        if self._control is None:
            from mockoai.server.control import control

            self._control = control(self.mock, self.security, self.metrics)
        await self._control(scope, receive, send)

    async def _health(self, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            message = f"{scope['path']} cannot be asked with {scope['method']}."
            refusal = Refusal(405, "method-not-allowed", message, "Use GET or HEAD.")
            await send_refusal(scope, send, refusal, (b"allow", b"GET, HEAD"))
            return
        mock = self.mock
        await send_json(
            scope,
            send,
            200,
            {
                "status": "ok",
                "version": mockoai.__version__,
                "uptime": round(mock.clock() - mock.started, 3),
                "sessions": len(mock.sessions.ids()),
                "exchanges": mock.journal.total,
                "scenario": mock.scenario.id,
                "credentials": "configured" if mock.keys or mock.scenario.keys else "not configured",
            },
        )


def error_body(code: str, message: str, help: str) -> Json:
    """Return the body of every error of the control API."""
    return {"error": {"code": code, "message": message, "help": help}}


async def send_refusal(scope: Scope, send: Send, refusal: Refusal, *headers: tuple[bytes, bytes]) -> None:
    """Answer with ``refusal``."""
    if refusal.status == 401:
        headers = (*headers, (b"www-authenticate", b'Bearer realm="mockoai control API"'))
    body = error_body(refusal.code, refusal.message, refusal.help)
    await send_json(scope, send, refusal.status, body, *headers)


async def send_json(scope: Scope, send: Send, status: int, payload: Json, *headers: tuple[bytes, bytes]) -> None:
    """Answer with ``payload``; nobody may keep it, and no browser may take it for anything else."""
    body = orjson.dumps(payload)
    fields = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *guarding_headers(),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def guarding_headers() -> list[tuple[bytes, bytes]]:
    """Return the headers of everything that is not the mocked API."""
    return [
        (b"date", formatdate(usegmt=True).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
