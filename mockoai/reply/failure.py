"""Errors instead of an answer, with OpenAI's words where the scenario gives none.

An error with a body of its own comes from another server than the one imitated, or from something in front of it, and
so has none of that server's headers: a page of nginx knows no ``openai-organization``.
"""

from __future__ import annotations

from typing import Any

from mockoai.plan.items import Failure, Headers
from mockoai.request import Request
from mockoai.scenario.model import ErrorReply
from mockoai.wire.http1 import REASONS

_WORDS: dict[int, tuple[str, str, str | None]] = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    403: (
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    ),
    429: ("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request. Sorry about that!", "server_error", None),
    503: ("The engine is currently overloaded, please try again later", "server_error", None),
}
"""Message, type and code by status."""

_OLDER_PHRASES = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
"""What most servers still call statuses that RFC 9110 has renamed."""


def failure(error: ErrorReply) -> Failure:
    """Return the error that a scenario asks for; what it leaves out is what goes with its status."""
    if error.body is not None:
        return foreign(error.status, error.body, error.content_type, error.headers, error.reason)
    usual = "server_error" if error.status >= 500 else "invalid_request_error"
    message, kind, code = _WORDS.get(error.status, (_phrase(error.status), usual, None))
    return Failure(
        status=error.status,
        message=error.message or message,
        type=error.type or kind,
        param=error.param,
        code=code if error.code is None else error.code,
        headers=error.headers,
        content_type=error.content_type,
        reason=error.reason,
    )


def foreign(
    status: int, body: Any, content_type: str | None = None, headers: Headers = (), reason: str | None = None
) -> Failure:
    """Return an error of another server: its body is ``body`` whatever the backend's shape is, its headers are few.

    Without ``content_type``, a text is ``text/plain``, other JSON values are JSON, and an empty text has no type.
    """
    if content_type is None:
        content_type = "application/json"
        if isinstance(body, (str, bytes)):
            content_type = "text/plain; charset=utf-8" if body else ""
    return Failure(
        status=status,
        body=body,
        content_type=content_type,
        headers=headers,
        reason=reason or _OLDER_PHRASES.get(status),
        foreign=True,
    )


def no_such_model(name: str) -> Failure:
    """Return the error for a model that is not on the list."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Failure(status=404, message=message, code="model_not_found")


def no_such_url(request: Request) -> Failure:
    """Return the error for a path that is no endpoint."""
    return Failure(status=404, message=f"Invalid URL ({request.method} {request.path})")


def _phrase(status: int) -> str:
    return REASONS.get(status, f"Error {status}")
