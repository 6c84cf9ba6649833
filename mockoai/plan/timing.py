"""When the parts of a healthy answer leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mockoai.plan.items import Part
from mockoai.scenario.model import Timing
from mockoai.seed import Seed


def schedule(parts: Iterable[Part], timing: Timing, seed: Seed) -> list[Part]:
    """Give every part its ``at``, in seconds after the request was read.

    The head and the role leave after ``headers``; the first token ``first_token`` later, each further one
    ``between_tokens`` after the one before. Choices are generated side by side: the nth tokens of all of them leave
    together. What carries no token leaves with the token before it.
    """
    now = timing.headers.sample(seed.child("headers"))
    gap = timing.between_tokens
    scheduled: list[Part] = []
    tokens = 0
    round_of: set[int] = set()
    drawn = 0
    for part in parts:
        if part.tokens > tokens:
            tokens = part.tokens
            if not drawn:
                now += timing.first_token.sample(seed.child("first_token"))
                drawn = 1
            elif part.choice in round_of:
                # Most gaps are fixed, and a seed that is not used costs as much as an item.
                now += gap.first if gap.shape == "fixed" else gap.sample(seed.child("between_tokens", drawn))
                drawn += 1
                round_of.clear()
            round_of.add(part.choice)
        scheduled.append(replace(part, at=now) if now else part)
    return scheduled


def immediate(timing: Timing) -> bool:
    """Whether ``timing`` lets everything leave at once."""
    return all(
        one.shape == "fixed" and one.first == 0.0
        for one in (timing.headers, timing.first_token, timing.between_tokens, timing.before_done)
    )
