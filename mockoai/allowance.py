"""What a key may still ask for: the limits that a rate limit's headers tell of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's rates once the request is counted.

    ``requests`` and ``tokens`` are the limits a minute, None where there is none; ``remaining_*`` what is left of them
    now; ``reset_*`` the seconds until they are whole again. ``wait`` is how many seconds a request that was refused
    would have to wait, 0 when it was served, and ``limited`` what it ran out of.
    """

    requests: int | None = None
    tokens: int | None = None
    remaining_requests: int = 0
    remaining_tokens: int = 0
    reset_requests: float = 0.0
    reset_tokens: float = 0.0
    wait: float = 0.0
    limited: str = ""
