"""The text that a scenario's reply gives."""

from __future__ import annotations

from mockoai.jsonvalue import compact
from mockoai.plan.context import Context
from mockoai.reply.prose import lorem
from mockoai.reply.tokens import split
from mockoai.scenario.model import Reply
from mockoai.seed import Seed


def scripted(reply: Reply, context: Context, seed: Seed) -> tuple[str, ...] | None:
    """Return the text that the scenario gives, in tokens; None when it gives none."""
    model = context.request.model
    if reply.tokens:
        return reply.tokens
    if reply.text is not None:
        return split(reply.text, model)
    if reply.lorem is not None:
        return lorem(reply.lorem.tokens, seed.child("lorem"), model)
    if reply.echo:
        return split(context.request.message or "", model)
    if reply.json is not None:
        return split(compact(reply.json), model)
    return None
