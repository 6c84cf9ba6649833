"""Requests as the pure middle sees them, for tests that need no socket."""

from __future__ import annotations

import json
from typing import Any

from mockoai.address import split_path
from mockoai.endpoints import resolve
from mockoai.mock import Answer, Mock
from mockoai.request import Request
from mockoai.state import DEFAULT_SESSION

NOW = 1_759_436_814.0
"""The frozen clock of tests: 2025-10-02 20:26:54 UTC."""


def frozen() -> float:
    """Return :data:`NOW`."""
    return NOW


def ask(
    body: Any = None,
    path: str = "/v1/chat/completions",
    *,
    method: str = "POST",
    version: str = "1.1",
    **headers: str,
) -> Request:
    """Make a request; keyword names become headers, ``_`` written as ``-``."""
    address = split_path(path)
    endpoint, parameters = resolve(address.path)
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        method,
        address.path,
        headers=tuple(({"host": "127.0.0.1", "content-type": "application/json"} | given).items()),
        body=data,
        target=path,
        http_version=version,
        endpoint=endpoint,
        parameters=parameters,
        keep_alive=version == "1.1" and given.get("connection") != "close",
    )


def chat(text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Make the body of a chat request."""
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}


def answered(mock: Mock, request: Request) -> Answer:
    """Answer ``request`` in the session that its target names."""
    address = split_path(request.target)
    return mock.answer(request, address, mock.sessions.get(address.session or DEFAULT_SESSION))
