"""A JSON Schema made flat: references followed, conjunctions merged, alternatives laid side by side.

What is made of a schema is a :class:`Flat`: the keywords that all hold together, and groups of alternatives
of which one each must hold. ``allOf``, ``$ref`` and its siblings are merged into the keywords; ``anyOf`` and
``oneOf`` are groups, and ``if`` is the group of its two outcomes. Schemas may refer to themselves: a flat one
is made on demand, one level at a time, and remembered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from mockoai.jsonvalue import equal, is_number
from mockoai.scenario.pattern import compile_pattern, search

Json = Any

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
"""The types, the cheapest first; ``integer`` counts as one although JSON has none."""

HIGHEST = 48
"""Levels of nesting, alternatives included, beyond which a schema counts as having no instance."""

_DEEPEST = 32  # references and conjunctions within each other
_NEVER: dict[str, Json] = {"type": ()}
_CHECKED = frozenset((
    "not", "oneOf", "if", "contains", "dependentSchemas", "dependentRequired", "dependencies",
    "propertyNames", "uniqueItems",
))  # fmt: skip
_COMBINING = frozenset(("allOf", "anyOf", "$ref"))
_NOTES = frozenset((
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description", "default",
    "examples", "deprecated", "readOnly", "writeOnly",
))  # fmt: skip
_APART = frozenset((
    "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "const", "nullable", "$defs",
    "definitions", "$id", "$schema", "$anchor",
))  # fmt: skip
_LOWER = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"))
_UPPER = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"))
_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("object", ("properties", "required", "additionalProperties", "patternProperties", "minProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """``keywords`` hold together with one of each of ``groups``. ``checked`` are schemas an instance is tried
    on.
    """

    keywords: Mapping[str, Json]
    groups: tuple[tuple[Json, ...], ...] = ()
    checked: tuple[Json, ...] = ()


class Subschemas:
    """The schemas of one document, by reference and made flat."""

    def __init__(self, root: Json) -> None:
        self.root = root
        self._named: dict[str, Json] | None = None
        self._flat: dict[int, tuple[Json, Flat]] = {}
        self._parts: dict[tuple[int, object], tuple[Flat, Flat]] = {}
        self._fits: dict[tuple[int, int], bool] = {}

    # References.

    def target(self, reference: str) -> Json:
        """Return what ``reference`` points to (RFC 6901 pointers, ``$anchor``, ``$id``); True when it is not
        found.
        """
        document, _, fragment = reference.partition("#")
        root = self.root
        if document and not (isinstance(root, dict) and root.get("$id") == document):
            root = self._by_name().get(document, True)
        if fragment.startswith("/"):
            return _pointed(root, fragment)
        if fragment:
            return self._by_name().get("#" + fragment, True)
        return root

    def _by_name(self) -> dict[str, Json]:
        if self._named is None:
            self._named = {}
            todo = [self.root]
            while todo:
                one = todo.pop()
                if isinstance(one, dict):
                    for key, mark in (("$id", ""), ("$anchor", "#"), ("$dynamicAnchor", "#")):
                        if isinstance(one.get(key), str):
                            self._named.setdefault(mark + one[key], one)
                    todo.extend(one.values())
                elif isinstance(one, list):
                    todo.extend(one)
        return self._named

    # Flat schemas and their parts.

    def flat(self, schema: Json) -> Flat:
        """Return ``schema`` made flat."""
        known = self._flat.get(id(schema))
        if known is None:
            # The schema is kept beside it: an identity is only one as long as the object lives.
            known = self._flat[id(schema)] = (schema, self._flatten(schema, ()))
        return known[1]

    def option(self, flat: Flat, number: int) -> Flat:
        """Return ``flat`` with one option of its first group chosen."""
        return self._part(flat, number, lambda: _merged(_rest(flat), self.flat(flat.groups[0][number])))

    def property(self, flat: Flat, name: str) -> Flat:
        """Return the schema of the property ``name`` of an object."""
        return self._part(flat, name, lambda: self._joined(list(_property_schemas(flat.keywords, name))))

    def item(self, flat: Flat, place: int) -> Flat:
        """Return the schema of the element at ``place`` of an array."""
        first = prefix(flat.keywords)
        if place < len(first):
            return self.flat(first[place])
        rest = flat.keywords.get("items")
        rest = flat.keywords.get("additionalItems", True) if isinstance(rest, list) else rest
        return self.flat(True if rest is None else rest)

    def wanted_item(self, flat: Flat, place: int) -> Flat:
        """Return the schema of the element at ``place`` that also is what the array must contain."""
        contains = flat.keywords["contains"]
        return self._part(
            flat, ("contains", place), lambda: _merged(self.item(flat, place), self.flat(contains))
        )

    def _part(self, flat: Flat, key: object, make: Any) -> Flat:
        known = self._parts.get((id(flat), key))
        if known is None:
            known = self._parts[(id(flat), key)] = (flat, make())
        return known[1]

    def _joined(self, schemas: Sequence[Json]) -> Flat:
        flat = self.flat(schemas[0])
        for schema in schemas[1:]:
            flat = _merged(flat, self.flat(schema))
        return flat

    def _flatten(self, schema: Json, through: tuple[str, ...], depth: int = 0) -> Flat:
        if not isinstance(schema, dict):
            return Flat(_NEVER) if schema is False else Flat({})
        if depth > _DEEPEST:
            return Flat({})
        keywords = {key: value for key, value in schema.items() if key not in _APART}
        if "const" in schema:
            keywords["enum"] = [schema["const"]]
        if "type" in schema:
            keywords["type"] = _types(schema["type"], nullable=schema.get("nullable") is True)
        groups = [
            tuple(schema[key])
            for key in ("anyOf", "oneOf")
            if isinstance(schema.get(key), list) and schema[key]
        ]
        if "if" in schema:
            holds = {"allOf": [schema["if"], schema.get("then", True)]}
            fails = {"allOf": [{"not": schema["if"]}, schema.get("else", True)]}
            groups.append((holds, fails))
        flat = Flat(keywords, tuple(groups), (schema,) if _is_checked(schema) else ())
        for key in ("$ref", "$dynamicRef"):
            reference = schema.get(key)
            if isinstance(reference, str) and reference not in through:
                target = self.target(reference)
                flat = _merged(flat, self._flatten(target, (*through, reference), depth + 1))
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            flat = _merged(flat, self._flatten(part, through, depth + 1))
        return flat

    # Which schemas have an instance at all, and how deep it is.

    def height(self, flat: Flat) -> int:
        """Return how deep the shallowest instance is; :data:`HIGHEST` when there is none."""
        return next((room for room in range(HIGHEST) if self.fits(flat, room)), HIGHEST)

    def fits(self, flat: Flat, room: int) -> bool:
        """Whether there is an instance of no more than ``room`` levels."""
        if room < 0:
            return False
        key = (id(flat), room)
        known = self._fits.get(key)
        if known is None:
            if flat.groups:
                options = range(len(flat.groups[0]))
                known = any(self.fits(self.option(flat, number), room - 1) for number in options)
            elif "enum" in flat.keywords:
                known = bool(flat.keywords["enum"])
            else:
                known = any(self.fits_as(flat, name, room) for name in types(flat.keywords))
            self._fits[key] = known
            self._flat.setdefault(id(flat), (flat, flat))  # keeps it alive, as above
        return known

    def fits_as(self, flat: Flat, type: str, room: int) -> bool:
        """Whether there is an instance of ``type`` of no more than ``room`` levels."""
        if type == "object":
            return all(self.fits(self.property(flat, name), room - 1) for name in required(flat.keywords))
        if type == "array":
            places = min(size(flat.keywords, "minItems", 0), len(prefix(flat.keywords)) + 1)
            return all(self.fits(self.item(flat, place), room - 1) for place in range(places))
        return True


# What keywords say.


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
    compiled = _compiled(pattern)
    return compiled is None or search(compiled, text)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    try:
        return compile_pattern(pattern)
    except ValueError:
        return None


def _property_schemas(keywords: Mapping[str, Json], name: str) -> Iterator[Json]:
    known = properties(keywords)
    found = name in known
    if found:
        yield known[name]
    patterns = keywords.get("patternProperties")
    if isinstance(patterns, dict):
        for pattern, schema in patterns.items():
            if matches(pattern, name):
                found = True
                yield schema
    if not found:
        yield keywords.get("additionalProperties", True)


def _types(value: Json, *, nullable: bool) -> tuple[str, ...]:
    named = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    wanted = [name for name in TYPES if name in named]
    if not named:
        wanted = list(TYPES)
    return ("null", *wanted) if nullable and "null" not in wanted else tuple(wanted)


def _is_checked(schema: Mapping[str, Json]) -> bool:
    """Whether merging and choosing alone may miss an instance of ``schema``."""
    keys = schema.keys() - _NOTES
    parts = schema.get("allOf")
    several = isinstance(parts, list) and len(parts) > 1
    return several or bool(keys & _CHECKED) or (bool(keys & _COMBINING) and len(keys) > 1)


def _pointed(root: Json, pointer: str) -> Json:
    here = root
    for step in unquote(pointer).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return True
    return here


def _rest(flat: Flat) -> Flat:
    return Flat(flat.keywords, flat.groups[1:], flat.checked)


def _merged(one: Flat, other: Flat) -> Flat:
    """Return what holds when both hold."""
    keywords = dict(one.keywords)
    for key, value in other.keywords.items():
        keywords[key] = _both(key, keywords[key], value) if key in keywords else value
    return Flat(keywords, one.groups + other.groups, one.checked + other.checked)


def _both(key: str, one: Json, other: Json) -> Json:
    """Return the value of ``key`` that says what ``one`` and ``other`` say together."""
    if one is other or one == other:
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
            **{
                name: {"allOf": [one[name], value]} if name in one else value for name, value in other.items()
            },
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
