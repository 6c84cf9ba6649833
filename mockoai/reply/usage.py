"""Token counts of an answer."""

from __future__ import annotations

from mockoai.plan.items import Usage
from mockoai.reply.answer import Meter
from mockoai.scenario.model import Reply, UsageReply

_TRUE = UsageReply()


def usage(reply: Reply, meter: Meter, prompt: int) -> Usage:
    """Return the true counts, or in their place what the scenario says."""
    said = reply.usage or _TRUE
    return Usage(
        tokens=meter.tokens,
        prompt=prompt if said.prompt_tokens is None else said.prompt_tokens,
        completion=meter.tokens if said.completion_tokens is None else said.completion_tokens,
        reasoning=meter.reasoning if said.reasoning_tokens is None else said.reasoning_tokens,
        cached=said.cached_tokens or 0,
    )
