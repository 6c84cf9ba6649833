"""Errors instead of an answer, with the backend's words where the scenario gives none.

An error with a body of its own comes from another server than the one imitated, or from something in front of it, and
so has none of that server's headers: a page of nginx knows no ``openai-organization``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockoai.plan.items import Failure, Headers
from mockoai.scenario.model import ErrorReply

if TYPE_CHECKING:
    from mockoai.backends.base import Backend

_OLDER_PHRASES = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
"""What most servers still call statuses that RFC 9110 has renamed."""


def failure(error: ErrorReply, backend: Backend) -> Failure:
    """Return the error that a scenario asks for; what it leaves out is what ``backend`` says with its status."""
    if error.body is not None:
        return foreign(error.status, error.body, error.content_type, error.headers, error.reason)
    message, kind, code = backend.words(error.status)
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
