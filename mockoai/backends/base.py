"""What an imitated server may do differently.

The defaults are OpenAI's; a backend overrides what it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockoai.plan.items import Event, Failure, Headers, Model
from mockoai.seed import Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context

_ID_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}


class Backend:
    """One imitated server: its name, default port, models, headers, error bodies and chunk habits.

    ``reasoning_field`` is the key under which reasoning shows in messages and deltas (``reasoning_content``,
    ``reasoning``); None where it is counted and not shown.

    Equal requests must get equal answers but for their ids and the time, which is what lets them be recalled.
    So whatever else is made up comes from the context's ``content`` seed, not from its ``seed``.
    """

    name = "openai"
    title = "OpenAI"
    port = 8000
    json_type = "application/json"
    stream_type = "text/event-stream; charset=utf-8"
    reasoning_field: str | None = None

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return the ``id`` of an answer, always equally long for one endpoint; empty where it has none."""
        prefix = _ID_PREFIXES.get(endpoint)
        return prefix + seed.child("id").text(29) if prefix else ""

    def models(self) -> tuple[Model, ...]:
        """The model list when the scenario and the command line give none."""
        raise NotImplementedError

    def snapshot(self, model: str) -> str:
        """Return the name that answers give for ``model``; the same, unless it is an alias of a dated one."""
        return model

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Headers of an answer, without those that delimit the body, in the order they are sent."""
        raise NotImplementedError

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Give an error its body and all its headers but those that delimit the body."""
        raise NotImplementedError

    def event(self, event: Event, context: Context) -> Event:
        """Give an event of the endpoint this backend's fields and order; OpenAI's it has already."""
        return event

    def payload(self, failure: Failure) -> Any:
        """The JSON body of an error."""
        raise NotImplementedError
