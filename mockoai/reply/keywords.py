"""What the keywords of a JSON Schema say, and what two of a kind say together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mockoai.jsonvalue import equal, is_number
from mockoai.scenario.pattern import PatternError, search

Json = Any

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
"""The types, the cheapest first; ``integer`` counts as one although JSON has none."""

_LOWER = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"))
_UPPER = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"))
_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties", "minProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)


def types(keywords: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the types an instance may have; those that the keywords speak of when none is named."""
    named = keywords.get("type")
    if named is not None:
        return tuple(named)
    for name, hints in _HINTS:
        if any(hint in keywords for hint in hints):
            return (name,)
    return ("string",)


def required(keywords: Mapping[str, Json]) -> list[str]:
    """Return the names of the properties that must be there."""
    names = keywords.get("required")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def properties(keywords: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the properties by name."""
    known = keywords.get("properties")
    return known if isinstance(known, dict) else {}


def prefix(keywords: Mapping[str, Json]) -> Sequence[Json]:
    """Return the schemas of the first elements; ``items`` as a list is the older way to give them."""
    first = keywords.get("prefixItems", keywords.get("items"))
    return first if isinstance(first, list) else ()


def size(keywords: Mapping[str, Json], name: str, default: int) -> int:
    """Return a bound on a length or a count."""
    value = keywords.get(name)
    return int(value) if is_number(value) and math.isfinite(value) else default


def matches(pattern: str, text: str) -> bool:
    """Whether ``pattern`` is found in ``text``; one that cannot be read constrains nothing."""
    try:
        return search(pattern, text)
    except PatternError:
        return True


def named_types(value: Json, *, nullable: bool) -> tuple[str, ...]:
    """Return the types that ``type`` names, in the order of :data:`TYPES`; all when what it says is no type."""
    named = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    wanted = [name for name in TYPES if name in named]
    if not named:
        wanted = list(TYPES)
    return ("null", *wanted) if nullable and "null" not in wanted else tuple(wanted)


def both(key: str, one: Json, other: Json) -> Json:
    """Return the value of ``key`` that says what ``one`` and ``other`` say together."""
    if one is other:
        return one
    if key == "type":
        pairs = [(a, b) for a in one for b in other]
        kept = {a if a == b else "integer" for a, b in pairs if a == b or {a, b} == {"integer", "number"}}
        return tuple([name for name in TYPES if name in kept])
    if key == "enum" and isinstance(one, list) and isinstance(other, list):
        return [value for value in one if any(equal(value, wanted) for wanted in other)]
    if key == "required" and isinstance(one, list) and isinstance(other, list):
        return [*one, *[name for name in other if name not in one]]
    if (key in _LOWER or key in _UPPER) and is_number(one) and is_number(other):
        return max(one, other) if key in _LOWER else min(one, other)
    if key in ("properties", "patternProperties") and isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **{name: {"allOf": [one[name], value]} if name in one else value for name, value in other.items()},
        }
    if key in ("items", "additionalProperties", "contains", "propertyNames"):
        return {"allOf": [one, other]}
    if key == "not":
        return {"anyOf": [one, other]}
    if key == "multipleOf" and isinstance(one, int) and isinstance(other, int):
        return math.lcm(one, other)
    if key == "uniqueItems":
        return True
    return other
