"""JSON values: what is equal, what is a number, and how one is written without spaces."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

import orjson

Json = Any
"""Any JSON value, as ``orjson.loads`` gives it."""


def is_number(value: Json) -> TypeGuard[float]:
    """Whether ``value`` is a JSON number; a boolean is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(one: Json, other: Json) -> bool:
    """Whether two values are equal as JSON: numbers by value, ``1`` is ``1.0``, and a boolean is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    return bool(one == other)


def compact(value: Json) -> str:
    """Return ``value`` as JSON without spaces; characters beyond ASCII stand for themselves."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        # A number past 64 bits, a key that is no string, or too deep: the slower way takes them all.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
