"""Errors instead of an answer, with OpenAI's words where the scenario gives none."""

from __future__ import annotations

from http import HTTPStatus

from mockoai.plan.items import Failure
from mockoai.request import Request
from mockoai.scenario.model import ErrorReply

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


def failure(error: ErrorReply) -> Failure:
    """Return the error that a scenario asks for; what it leaves out is what goes with its status."""
    usual = "server_error" if error.status >= 500 else "invalid_request_error"
    message, kind, code = _WORDS.get(error.status, (_phrase(error.status), usual, None))
    return Failure(
        status=error.status,
        message=error.message or message,
        type=error.type or kind,
        param=error.param,
        code=code if error.code is None else error.code,
        headers=error.headers,
        body=error.body,
        content_type=error.content_type,
    )


def no_such_model(name: str) -> Failure:
    """Return the error for a model that is not on the list."""
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Failure(status=404, message=message, code="model_not_found")


def no_such_url(request: Request) -> Failure:
    """Return the error for a path that is no endpoint."""
    return Failure(status=404, message=f"Invalid URL ({request.method} {request.path})")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Error {status}"
