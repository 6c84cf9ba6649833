"""Durations: the one way to say how long something takes.

``300ms``, ``1.5s``, ``2m``, or a distribution: ``{ normal: [20ms, 5ms] }`` (mean, standard deviation), ``{
uniform: [10ms, 30ms] }`` (from, to), ``{ lognormal: { median: 20ms, p99: 90ms } }``. A draw is never
negative.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from mockoai.seed import Seed

Shape = Literal["fixed", "normal", "uniform", "lognormal"]

_TEXT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|m)")
_Z99 = 2.3263478740408408  # 99th percentile of the standard normal distribution

EXPECTED = "`300ms`, `1.5s` or `2m`"


def parse_seconds(text: str) -> float:
    """Read ``300ms``, ``1.5s`` or ``2m`` as seconds; raises ValueError on anything else."""
    match = _TEXT.fullmatch(text.strip())
    if not match:
        raise ValueError(f"`{text}` is not a duration")
    number = float(match[1])
    return number / 1000 if match[2] == "ms" else number * 60 if match[2] == "m" else number


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in seconds, fixed or drawn.

    ``first`` and ``second`` are the value (fixed), mean and deviation (normal), bounds (uniform), or median
    and 99th percentile (lognormal).
    """

    shape: Shape
    first: float
    second: float = 0.0

    @classmethod
    def fixed(cls, seconds: float) -> Duration:
        """Return a duration that is always ``seconds``."""
        return cls("fixed", seconds)

    def sample(self, seed: Seed) -> float:
        """Return one draw, in seconds."""
        if self.shape == "fixed":
            return self.first
        if self.shape == "uniform":
            return self.first + (self.second - self.first) * seed.unit()
        if self.shape == "normal":
            return max(0.0, self.first + self.second * seed.normal())
        sigma = math.log(self.second / self.first) / _Z99
        return self.first * math.exp(sigma * seed.normal())

    def __str__(self) -> str:
        first, second = _show(self.first), _show(self.second)
        if self.shape == "fixed":
            return first
        if self.shape == "lognormal":
            return f"{{ lognormal: {{ median: {first}, p99: {second} }} }}"
        return f"{{ {self.shape}: [{first}, {second}] }}"


def _show(seconds: float) -> str:
    """Return ``seconds`` so that reading it gives them exactly; in milliseconds below one second, if it can."""
    if 0 < seconds < 1:
        text = f"{shown(round(seconds * 1000, 9))}ms"
        if parse_seconds(text) == seconds:
            return text
    return f"{shown(seconds)}s"


def shown(number: float) -> str:
    """Return ``number``, not negative, with all its digits and without an exponent."""
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")
