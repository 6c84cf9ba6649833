"""``POST /chat/completions``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mockoai.endpoints.base import Endpoint, body
from mockoai.endpoints.chat_body import completion
from mockoai.endpoints.chat_stream import chunks
from mockoai.plan.items import Event, Failure, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Chat(Endpoint):
    """Chat completions: text, tool calls, refusals, streamed or not."""

    name = "chat"

    def check(self, context: Context) -> Failure | None:
        """Check the parameters against OpenAI's schema, and against each other."""
        from mockoai.endpoints import chat_rules

        return chat_rules.check(context.request.fields)

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render chunks and ``[DONE]``, or one body."""
        parts = tuple(parts)
        if context.stream:
            yield from chunks(parts, context)
        else:
            yield body(parts, completion(parts, context))
