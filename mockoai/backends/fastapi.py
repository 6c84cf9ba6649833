"""What servers made with FastAPI and uvicorn have in common: how they refuse what is none of their routes' business.

An unknown route is ``{"detail":"Not Found"}``, a method it does not take ``{"detail":"Method Not Allowed"}`` with
``allow`` (Starlette's routing; FastAPI's default handlers). Routes for GET do not take HEAD. What an application adds
to the headers of an answer stands before its ``content-length`` (Starlette's ``Response``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.compatible import Compatible
from mockoai.backends.mistakes import complaint, mistake
from mockoai.endpoints.routes import ENDPOINTS
from mockoai.plan.items import Event, Failure, Headers, Page

if TYPE_CHECKING:
    from mockoai.plan.context import Context

BODY_CAUSES = frozenset({"content-type", "json", "model-missing", "parameter"})
"""Causes of refusals for which the body is to blame."""


class FastAPI(Compatible):
    """A server made with FastAPI."""

    def page(self, context: Context) -> Page:
        """Answer with the page; HEAD is a method like any other."""
        return self.wrong_method(context) if context.request.method == "HEAD" else super().page(context)

    def wrong_method(self, context: Context) -> Page:
        """Refuse a method that a page does not take, naming one that it does."""
        path = context.request.path
        allowed = next(method for method, _, page in (key.partition(" ") for key in self.pages) if page == path)
        return Page(status=405, body={"detail": "Method Not Allowed"}, headers=(("Allow", allowed),))

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse routes and methods as FastAPI does; the rest is for each server to say."""
        if failure.cause == "route":
            return replace(failure, status=404, body={"detail": "Not Found"}, headers=())
        if failure.cause == "method":
            methods = ENDPOINTS[context.request.endpoint].methods
            allow: Headers = (("Allow", ", ".join(methods)),)
            return replace(failure, status=405, body={"detail": "Method Not Allowed"}, headers=allow)
        return failure

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Put the error's own headers before the length."""
        headers, event = super().failure(failure, context)
        added = {name.lower() for name, _ in failure.headers}
        own = [pair for pair in headers if pair[0].lower() not in added]
        at = next((position for position, pair in enumerate(own) if pair[0] == "Content-Length"), len(own))
        return (*own[:at], *(pair for pair in headers if pair[0].lower() in added), *own[at:]), event

    def complaint(self, failure: Failure, context: Context) -> dict[str, Any]:
        """Return what pydantic says of the body that OpenAI refuses with ``failure``."""
        return complaint(mistake(failure, context))


def as_text(complaints: Iterable[dict[str, Any]]) -> str:
    """Write ``complaints`` as FastAPI's ``RequestValidationError`` does: a count, then each as Python writes it."""
    found = list(complaints)
    count = f"{len(found)} validation error{'s' if len(found) != 1 else ''}:\n"
    return count + "".join([f"  {one}\n" for one in found])


def as_json(complaints: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of FastAPI's own 422: ``{"detail": [...]}``, where an exception is ``{}``."""
    return {"detail": [one | {"ctx": {"error": {}}} if one["type"] == "value_error" else one for one in complaints]}
