"""Whether a value is an instance of a JSON Schema, for the cases where building one may miss.

The keywords of draft 2020-12 and their forerunners in draft 7, but for annotations, ``format`` and
``unevaluated…``. An expression that cannot be read constrains nothing, and neither does what lies too deep.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from mockoai.jsonvalue import equal, is_number
from mockoai.reply.keywords import matches, prefix, required
from mockoai.reply.subschemas import Subschemas

Json = Any

Holds = Callable[[Json, Json], bool]

_DEEPEST = 64
_JSON_TYPES: dict[str, Callable[[Json], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
    "number": is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def conforms(value: Json, schema: Json, schemas: Subschemas, depth: int = 0) -> bool:
    """Whether ``value`` is an instance of ``schema``, whose references are those of ``schemas``."""
    if not isinstance(schema, dict):
        return schema is not False
    if depth > _DEEPEST:
        return True

    def holds(value: Json, schema: Json) -> bool:
        return conforms(value, schema, schemas, depth + 1)

    reference = schema.get("$ref", schema.get("$dynamicRef"))
    if isinstance(reference, str) and not holds(value, schemas.target(reference)):
        return False
    if not (_value(value, schema) and _combined(value, schema, holds)):
        return False
    if isinstance(value, dict):
        return _object(value, schema, holds)
    if isinstance(value, list):
        return _array(value, schema, holds)
    if isinstance(value, str):
        return _string(value, schema)
    return not is_number(value) or _number(value, schema)


def _value(value: Json, schema: Mapping[str, Json]) -> bool:
    named = schema.get("type")
    names = [named] if isinstance(named, str) else _texts(named)
    if value is None and schema.get("nullable") is True:
        names = []
    if names and not any(name in _JSON_TYPES and _JSON_TYPES[name](value) for name in names):
        return False
    if "const" in schema and not equal(value, schema["const"]):
        return False
    options = schema.get("enum")
    return not isinstance(options, list) or any(equal(value, option) for option in options)


def _combined(value: Json, schema: Mapping[str, Json], holds: Holds) -> bool:
    every, some, one = (schema.get(key) for key in ("allOf", "anyOf", "oneOf"))
    if isinstance(every, list) and not all(holds(value, inner) for inner in every):
        return False
    if isinstance(some, list) and not any(holds(value, inner) for inner in some):
        return False
    if isinstance(one, list) and sum([holds(value, inner) for inner in one]) != 1:
        return False
    if "not" in schema and holds(value, schema["not"]):
        return False
    if "if" in schema:
        return holds(value, schema.get("then" if holds(value, schema["if"]) else "else", True))
    return True


def _object(value: dict[str, Json], schema: Mapping[str, Json], holds: Holds) -> bool:
    if not all(name in value for name in required(schema)):
        return False
    if not _within(len(value), schema, "minProperties", "maxProperties"):
        return False
    known, patterns = _mapping(schema, "properties"), _mapping(schema, "patternProperties")
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", True)
    for name, one in value.items():
        found = [inner for pattern, inner in patterns.items() if matches(pattern, name)]
        if name in known:
            found.append(known[name])
        if not all(holds(one, inner) for inner in found or (others,)) or not holds(name, names):
            return False
    return all(
        all(one in value for one in needed) if isinstance(needed, list) else holds(value, needed)
        for key in ("dependentRequired", "dependentSchemas", "dependencies")
        for name, needed in _mapping(schema, key).items()
        if name in value
    )


def _array(value: list[Json], schema: Mapping[str, Json], holds: Holds) -> bool:
    if not _within(len(value), schema, "minItems", "maxItems"):
        return False
    first = prefix(schema)
    rest = schema.get("items", True)
    rest = schema.get("additionalItems", True) if isinstance(rest, list) else rest
    if not all(holds(one, first[place] if place < len(first) else rest) for place, one in enumerate(value)):
        return False
    if "contains" in schema:
        found = sum([holds(one, schema["contains"]) for one in value])
        if not _within(found, {"minContains": 1, **schema}, "minContains", "maxContains"):
            return False
    return schema.get("uniqueItems") is not True or unique(value)


def unique(values: list[Json]) -> bool:
    """Whether no two of ``values`` are equal."""
    return not any(equal(one, other) for place, one in enumerate(values) for other in values[:place])


def _string(value: str, schema: Mapping[str, Json]) -> bool:
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not matches(pattern, value):
        return False
    return _within(len(value), schema, "minLength", "maxLength")


def _number(value: float, schema: Mapping[str, Json]) -> bool:
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if (is_number(above) and value <= above) or (is_number(below) and value >= below):
        return False
    step = schema.get("multipleOf")
    if is_number(step) and step > 0 and not is_multiple(value, step):
        return False
    return _within(value, schema, "minimum", "maximum")


def is_multiple(value: float, step: float) -> bool:
    """Whether ``value`` divides by ``step``, as checkers that divide in floating point see it."""
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    quotient = value / step
    return math.isfinite(quotient) and quotient == int(quotient)


def _within(number: float, schema: Mapping[str, Json], low: str, high: str) -> bool:
    least, most = schema.get(low), schema.get(high)
    return not ((is_number(least) and number < least) or (is_number(most) and number > most))


def _mapping(schema: Mapping[str, Json], key: str) -> dict[str, Json]:
    found = schema.get(key)
    return found if isinstance(found, dict) else {}


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, (list, tuple)) else []
