"""What was truly sent of a plan, as opposed to what was planned."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["", "clean", "fin", "rst", "hang", "client-left", "stopped"]


class Delivery:
    """What was truly sent of one plan.

    ``steps`` counts the steps carried out; ``bytes`` the bytes handed to the kernel; ``times`` holds a pair for every
    wake-up: the number of steps done by then, and when, in seconds after the request was read. ``outcome`` is how it
    ended: an ending of the plan, ``client-left`` when the client closed first, ``stopped`` when the server did; empty
    while under way. ``ended`` is when, in the same seconds.
    """

    __slots__ = ("bytes", "ended", "outcome", "steps", "times")

    def __init__(self) -> None:
        self.steps = 0
        self.bytes = 0
        self.times: list[tuple[int, float]] = []
        self.outcome: Outcome = ""
        self.ended = 0.0
