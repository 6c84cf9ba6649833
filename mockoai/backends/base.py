"""What an imitated server may do differently. The defaults are OpenAI's; a backend overrides what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockoai.plan.items import Event, Failure, Headers, Model
from mockoai.seed import Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Backend:
    """One imitated server: its name, default port, models, headers, error bodies and chunk habits."""

    name = "openai"
    title = "OpenAI"
    port = 8000
    json_type = "application/json"
    stream_type = "text/event-stream; charset=utf-8"

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return the ``id`` of an answer, always of the same length for one endpoint."""
        prefix = {"chat": "chatcmpl-", "completions": "cmpl-"}.get(endpoint)
        return prefix + seed.child("id").text(29) if prefix else ""

    def snapshot(self, model: str) -> str:
        """Return the model name that an answer to a request for ``model`` carries."""
        return model

    def models(self) -> tuple[Model, ...]:
        """The model list when the scenario and the command line give none."""
        raise NotImplementedError

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Headers of an answer, without those that delimit the body, in the order they are sent."""
        raise NotImplementedError

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Give an error its body and extra headers."""
        raise NotImplementedError

    def event(self, event: Event, context: Context) -> Event:
        """Give an event of the endpoint this backend's fields and order; OpenAI's is as the endpoint makes it."""
        return event

    def payload(self, failure: Failure) -> Any:
        """The JSON body of an error."""
        raise NotImplementedError
