"""The request as the pure middle sees it: bytes that were read, and what follows from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson


class Unparsable:
    """What :attr:`Request.json` is when the body is not JSON (RFC 8259)."""

    def __repr__(self) -> str:
        return "<not JSON>"


UNPARSABLE = Unparsable()


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    ``path`` is what remains after ``/session/{id}`` and ``/scenario/{id}`` have been taken off its front,
    percent-decoded, with its leading slash; ``target`` is the request target as it came. Header names are in
    lower case, in the order sent. ``endpoint`` names the API route (see ``mockoai.endpoints``) or is
    ``"unknown"``; ``parameters`` holds what the route's path captured.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    query: str = ""
    target: str = ""
    http_version: str = "1.1"
    endpoint: str = "unknown"
    parameters: tuple[tuple[str, str], ...] = ()
    keep_alive: bool = True

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or :data:`UNPARSABLE`; an empty body is unparsable too."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return UNPARSABLE

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The body's top-level fields; empty when it is not a JSON object."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def model(self) -> str:
        """The model that the path names, as Azure's deployments do, else the ``model`` field, or ``""``."""
        value = self.parameter("model") or self.fields.get("model")
        return value if isinstance(value, str) else ""

    @property
    def stream(self) -> bool:
        """Whether the body asks for a stream."""
        return self.fields.get("stream") is True

    @cached_property
    def message(self) -> str | None:
        """What the user said last, as text: the last user message, or the prompt or input; None when there is none.

        Of a message in parts these are the text parts, and of several prompts or inputs all, one to a line.
        """
        said = self.fields.get("prompt", self.fields.get("input"))
        messages = self.fields.get("messages")
        if isinstance(messages, list):
            users = [one for one in messages if isinstance(one, dict) and one.get("role") == "user"]
            said = users[-1].get("content") if users else None
        if not isinstance(said, list):
            return said if isinstance(said, str) else None
        texts = [one.get("text") if isinstance(one, dict) else one for one in said]
        lines = [one for one in texts if isinstance(one, str)]
        return "\n".join(lines) if lines else None

    def header(self, name: str) -> str | None:
        """Return the first header called ``name`` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def parameter(self, name: str) -> str:
        """Return what the route's path captured under ``name``, or ``""``."""
        for key, value in self.parameters:
            if key == name:
                return value
        return ""
