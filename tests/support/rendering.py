"""Requests put to endpoints and backends, and parts rendered by them, without a server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from mockoai.backends import BACKENDS
from mockoai.endpoints import ENDPOINTS, resolve
from mockoai.plan.context import Context
from mockoai.plan.items import Event, Headers, Part
from mockoai.request import Request
from mockoai.seed import Seed

JSON: Headers = (("content-type", "application/json"),)
PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "models": "/v1/models",
    "model": "/v1/models/gpt-4o",
}


def asked(
    endpoint: str = "chat",
    fields: Any = None,
    *,
    body: bytes | None = None,
    method: str | None = None,
    path: str | None = None,
    headers: Headers = JSON,
    **more: Any,
) -> Context:
    """Return the context of a request to ``endpoint`` whose JSON body holds ``fields``, or whose body is ``body``.

    ``more`` goes to the context.
    """
    path = PATHS[endpoint] if path is None else path
    name, parameters = resolve(path)
    if body is None:
        body = b"" if fields is None else orjson.dumps(fields)
    request = Request(
        method=method or ("GET" if endpoint in ("models", "model") else "POST"),
        path=path,
        headers=headers,
        body=body,
        endpoint=name,
        parameters=parameters,
    )
    values: dict[str, Any] = {
        "backend": BACKENDS["openai"],
        "seed": Seed("exchange"),
        "content": Seed("content"),
        "now": 1782955817.25,
        "id": "chatcmpl-" + "A" * 29,
        "request_id": "req_0123456789abcdef0123456789abcdef",
        "model": "gpt-4o-mini-2024-07-18",
        "stream": isinstance(fields, dict) and fields.get("stream") is True,
    }
    return Context(request=request, **{**values, **more})


def rendered(parts: Iterable[Part], context: Context) -> list[Event]:
    """Return the events that the context's endpoint makes of ``parts``."""
    return list(ENDPOINTS[context.request.endpoint].events(parts, context))
