"""Rate limits as token buckets: what a key has spent, and what it may still ask for.

A bucket holds a minute's worth and fills evenly, so the time until a request would be served follows from what is
missing. A request that is refused takes nothing: whoever comes back after the time he was told is served. How many
tokens a request takes is decided before it is answered, as OpenAI does: the most it may generate, or a token for
every four bytes of it, whichever is more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockoai.keys import Limits
from mockoai.request import Request

MINUTE = 60.0
"""Seconds in which an empty bucket fills."""
BYTES_PER_TOKEN = 4
_NEARLY = 1e-6
"""What sums of floats may lack of a whole request or token."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's rates once the request is counted.

    ``requests`` and ``tokens`` are the limits a minute, None where there is none; ``remaining_*`` what is left of them
    now; ``reset_*`` the seconds until they are whole again. ``cost`` is how many tokens the request takes. Of a request
    that is refused, ``limited`` says what it ran out of, ``requests`` or ``tokens``, and ``wait`` how many seconds it
    would have to wait; infinity when it is larger than the limit.
    """

    requests: int | None = None
    tokens: int | None = None
    remaining_requests: int = 0
    remaining_tokens: int = 0
    reset_requests: float = 0.0
    reset_tokens: float = 0.0
    cost: int = 0
    limited: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """How much was in a bucket at a time in seconds."""

    level: float
    at: float

    def filled(self, limit: int, now: float) -> float:
        """Return how much is in it at ``now``, of a bucket that holds ``limit``."""
        return min(float(limit), self.level + max(0.0, now - self.at) * limit / MINUTE)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a key has done so far: how often it was used, and its buckets, None where they are still full."""

    uses: int = 0
    requests: Bucket | None = None
    tokens: Bucket | None = None


def cost_of(request: Request) -> int:
    """Return how many tokens ``request`` is taken for."""
    asked = [request.fields.get(name) for name in ("max_completion_tokens", "max_tokens")]
    most = max([value for value in asked if type(value) is int], default=0)
    return max(1, most, len(request.body) // BYTES_PER_TOKEN)


def spend(before: Spending, limits: Limits, cost: int, now: float) -> tuple[Spending, Allowance]:
    """Take one request and ``cost`` tokens from the buckets at ``now``, in seconds, if both hold as much.

    Returns what the key has spent then, a use more in any case, and what it has left.
    """
    requests = _level(before.requests, limits.rpm, now)
    tokens = _level(before.tokens, limits.tpm, now)
    waits = {"requests": _wait(requests, 1, limits.rpm), "tokens": _wait(tokens, cost, limits.tpm)}
    limited = max(waits, key=lambda what: waits[what])
    wait = waits[limited]
    if not wait:
        limited = ""
        requests, tokens = requests - 1, tokens - cost
    return (
        Spending(
            uses=before.uses + 1,
            requests=None if limits.rpm is None else Bucket(requests, now),
            tokens=None if limits.tpm is None else Bucket(tokens, now),
        ),
        Allowance(
            requests=limits.rpm,
            tokens=limits.tpm,
            remaining_requests=math.floor(requests + _NEARLY) if limits.rpm is not None else 0,
            remaining_tokens=math.floor(tokens + _NEARLY) if limits.tpm is not None else 0,
            reset_requests=_wait(requests, limits.rpm or 0, limits.rpm),
            reset_tokens=_wait(tokens, limits.tpm or 0, limits.tpm),
            cost=cost,
            limited=limited,
            wait=wait,
        ),
    )


def _level(bucket: Bucket | None, limit: int | None, now: float) -> float:
    if limit is None:
        return math.inf
    return float(limit) if bucket is None else bucket.filled(limit, now)


def _wait(level: float, amount: int, limit: int | None) -> float:
    """Return the seconds until a bucket with ``level`` in it holds ``amount``."""
    if limit is None or level + _NEARLY >= amount:
        return 0.0
    return (amount - level) * MINUTE / limit if amount <= limit else math.inf
