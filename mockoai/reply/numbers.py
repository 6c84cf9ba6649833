"""Numbers for a JSON Schema: within bounds, and multiples where asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mockoai.jsonvalue import is_number
from mockoai.reply.conforms import is_multiple
from mockoai.seed import Seed

Json = Any


def number(keywords: Mapping[str, Json], seed: Seed, *, whole: bool) -> Json:
    """Return a number within the bounds of ``keywords``, and a multiple where one is asked for.

    With one bound it lies within 100 of it; with none, between 1 and 100.
    """
    low, high = _bounds(keywords, whole=whole)
    ends = (keywords.get("exclusiveMinimum"), keywords.get("exclusiveMaximum"))
    step = keywords.get("multipleOf")
    if is_number(step) and step > 0 and math.isfinite(low / step) and math.isfinite(high / step):
        return _multiple(low, high, step, ends, seed, whole=whole)
    if whole:
        return seed.integer(math.ceil(low), max(math.ceil(low), math.floor(high)))
    part = seed.unit()
    value = low * (1 - part) + high * part
    for digits in (2, 6, 12):
        rounded = round(value, digits)
        if low <= rounded <= high and rounded not in ends:
            return rounded
    return value if value not in ends else low / 2 + high / 2


def _bounds(keywords: Mapping[str, Json], *, whole: bool) -> tuple[float, float]:
    lows = [value for key in ("minimum", "exclusiveMinimum") if is_number(value := keywords.get(key))]
    highs = [value for key in ("maximum", "exclusiveMaximum") if is_number(value := keywords.get(key))]
    low: float | None = max(lows) if lows else None
    high: float | None = min(highs) if highs else None
    if whole:
        # Just past an exclusive bound; ceil and floor take care of one that is not whole.
        low = math.floor(low) + 1 if low is not None and low == keywords.get("exclusiveMinimum") else low
        high = math.ceil(high) - 1 if high is not None and high == keywords.get("exclusiveMaximum") else high
    if low is None and high is None:
        return 1, 100
    if low is None:
        assert high is not None
        return high - 100, high
    return low, low + 100 if high is None else max(low, high)


def _multiple(low: float, high: float, step: float, ends: tuple[Json, Json], seed: Seed, *, whole: bool) -> Json:
    """Return a multiple of ``step`` from ``low`` to ``high`` that is none of ``ends``."""
    first, last = math.ceil(low / step), math.floor(high / step)
    if first > last:
        first, last = first, first + 10
    drawn = seed.integer(first, last)
    # In floating point few multiples divide evenly; search from the one drawn on, then from the lowest.
    for factor in (*range(drawn, min(last, drawn + 50) + 1), *range(first, min(last, first + 200) + 1)):
        value = factor * step
        fits = low <= value <= high and value not in ends and is_multiple(value, step)
        if fits and (not whole or value == int(value)):
            return int(value) if whole else value
    return int(first * step) if whole else first * step
