"""A JSON Schema made flat: references followed, conjunctions merged, alternatives laid side by side.

What is made of a schema is a :class:`Flat`: the keywords that all hold together, and groups of alternatives
of which one each must hold. ``allOf``, ``$ref`` and its siblings are merged into the keywords; ``anyOf`` and
``oneOf`` are groups, and ``if`` is the group of its two outcomes. Schemas may refer to themselves: a flat one
is made on demand, one level at a time, and remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mockoai.reply.keywords import both, matches, named_types, prefix, properties, required, size, types

Json = Any

HIGHEST = 48
"""Levels of nesting, alternatives included, beyond which a schema counts as having no instance."""

_DEEPEST = 32  # references and conjunctions within each other
_MOST = 20_000  # flat schemas of one document, after which nothing is merged any more
_CHECKED = frozenset((
    "not", "oneOf", "if", "contains", "dependentSchemas", "dependentRequired", "dependencies",
    "propertyNames", "uniqueItems",
))  # fmt: skip
_APART = frozenset((
    "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "const", "nullable", "$defs",
    "definitions", "$id", "$schema", "$anchor", "$dynamicAnchor", "$comment", "title", "description", "default",
    "examples", "deprecated", "readOnly", "writeOnly",
))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Schemas that must all hold, made one.

    ``keywords`` hold together with one of each of ``groups``. ``atoms`` are the schemas that were merged; where
    ``unsure``, an instance of the keywords is to be tried on them.
    """

    keywords: Mapping[str, Json]
    groups: tuple[tuple[Json, ...], ...] = ()
    atoms: tuple[Json, ...] = ()
    unsure: bool = False


_ANYTHING = Flat({})
_NOTHING = Flat({"type": ()}, atoms=(False,))


class Subschemas:
    """The schemas of one document, by reference and made flat.

    Flat schemas are interned: the same atoms with the same groups open are one object. Merging what is already in
    there changes nothing, which is what ends schemas that refer to themselves without going deeper.
    """

    def __init__(self, root: Json) -> None:
        self.root = root
        self._named: dict[str, Json] | None = None
        self._flat: dict[int, tuple[Json, Flat]] = {}
        self._interned: dict[tuple[frozenset[int], tuple[int, ...]], Flat] = {}
        self._parts: dict[tuple[int, object], Flat] = {}
        self._fits: dict[tuple[int, int], bool] = {}

    # References.

    def target(self, reference: str) -> Json:
        """Return what ``reference`` points to; True, which allows anything, when there is nothing.

        Known are pointers (RFC 6901), ``$anchor`` and ``$id``.
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
        known = self._parts.get((id(flat), number))
        if known is None:
            rest = self._intern(flat.keywords, flat.groups[1:], flat.atoms, flat.unsure)
            known = self._parts[id(flat), number] = self._merged(rest, self.flat(flat.groups[0][number]))
        return known

    def property(self, flat: Flat, name: str) -> Flat:
        """Return the schema of the property ``name`` of an object."""
        known = self._parts.get((id(flat), name))
        if known is None:
            known = _ANYTHING
            for schema in _property_schemas(flat.keywords, name):
                known = self._merged(known, self.flat(schema))
            self._parts[id(flat), name] = known
        return known

    def item(self, flat: Flat, place: int, *, contained: bool = False) -> Flat:
        """Return the schema of the element at ``place`` of an array, one that ``contains`` asks for if wanted."""
        first = prefix(flat.keywords)
        if place < len(first):
            item = self.flat(first[place])
        else:
            rest = flat.keywords.get("items", True)
            item = self.flat(flat.keywords.get("additionalItems", True) if isinstance(rest, list) else rest)
        return self._merged(item, self.flat(flat.keywords["contains"])) if contained else item

    def _flatten(self, schema: Json, through: tuple[str, ...], depth: int = 0) -> Flat:
        if schema is False:
            return _NOTHING
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return _ANYTHING
        flat = self._atom(schema)
        for key in ("$ref", "$dynamicRef"):
            reference = schema.get(key)
            if isinstance(reference, str) and reference not in through:
                target = self.target(reference)
                flat = self._merged(flat, self._flatten(target, (*through, reference), depth + 1))
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            flat = self._merged(flat, self._flatten(part, through, depth + 1))
        return flat

    def _atom(self, schema: dict[str, Json]) -> Flat:
        """Return what ``schema`` says itself, references and conjunctions aside."""
        known = self._parts.get((id(schema), "atom"))
        if known is not None:
            return known
        keywords = {key: value for key, value in schema.items() if key not in _APART}
        if "const" in schema:
            keywords["enum"] = [schema["const"]]
        if "type" in schema:
            keywords["type"] = named_types(schema["type"], nullable=schema.get("nullable") is True)
        groups = [tuple(schema[key]) for key in ("anyOf", "oneOf") if isinstance(schema.get(key), list) and schema[key]]
        if "if" in schema:
            holds = {"allOf": [schema["if"], schema.get("then", True)]}
            fails = {"allOf": [{"not": schema["if"]}, schema.get("else", True)]}
            groups.append((holds, fails))
        # A schema that only refers to others is no atom: it adds nothing to them.
        atoms = (schema,) if keywords or groups else ()
        atom = self._parts[id(schema), "atom"] = Flat(keywords, tuple(groups), atoms, bool(_CHECKED & schema.keys()))
        return atom

    def _merged(self, one: Flat, other: Flat) -> Flat:
        """Return what holds when both hold."""
        held = {id(atom) for atom in one.atoms}
        if len(self._interned) > _MOST or held.issuperset([id(atom) for atom in other.atoms]):
            return one
        if not one.atoms:
            return other
        keywords = dict(one.keywords)
        for key, value in other.keywords.items():
            keywords[key] = both(key, keywords[key], value) if key in keywords else value
        atoms = (*one.atoms, *[atom for atom in other.atoms if id(atom) not in held])
        unsure = one.unsure or other.unsure or bool(one.keywords and other.keywords)
        return self._intern(keywords, one.groups + other.groups, atoms, unsure)

    def _intern(
        self, keywords: Mapping[str, Json], groups: tuple[tuple[Json, ...], ...], atoms: tuple[Json, ...], unsure: bool
    ) -> Flat:
        key = (frozenset([id(atom) for atom in atoms]), tuple([id(group) for group in groups]))
        return self._interned.setdefault(key, Flat(keywords, groups, atoms, unsure))

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
        return known

    def fits_as(self, flat: Flat, type: str, room: int) -> bool:
        """Whether there is an instance of ``type`` of no more than ``room`` levels."""
        if type == "object":
            return self._fits_object(flat, room - 1)
        if type == "array":
            places = min(size(flat.keywords, "minItems", 0), len(prefix(flat.keywords)) + 1)
            return all(self.fits(self.item(flat, place), room - 1) for place in range(places))
        return True

    def _fits_object(self, flat: Flat, room: int) -> bool:
        keywords = flat.keywords
        needed = required(keywords)
        if not all(self.fits(self.property(flat, name), room) for name in needed):
            return False
        missing = size(keywords, "minProperties", 0) - len(needed)
        if missing <= 0 or self.fits(self.flat(keywords.get("additionalProperties", True)), room):
            return True
        optional = [name for name in properties(keywords) if name not in needed]
        patterns = keywords.get("patternProperties")
        found = sum([self.fits(self.property(flat, name), room) for name in optional])
        return found >= missing or (isinstance(patterns, dict) and bool(patterns))


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
