"""An instance of a JSON Schema (draft 2020-12), made from a seed.

Strategy. Of a flat schema (see ``mockoai.reply.subschemas``) one option of each group is chosen, then a type,
then a value is made for its keywords. Near the root the choices are drawn: some optional properties are
there, lists have a few elements. Further down, or once much has been made, every choice is the one that ends
soonest, so instances of schemas that refer to themselves are finite whenever there are finite ones. What
choosing cannot promise (``oneOf``, ``not``, ``contains``, …) is checked, and made again a few times.

Beyond the limits below, where a schema has no instance at all, or where it is no schema, the value is a best
guess: nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockoai.jsonvalue import equal
from mockoai.reply.conforms import conforms
from mockoai.reply.keywords import TYPES, properties, required, size, types
from mockoai.reply.numbers import number
from mockoai.reply.prose import WORDS
from mockoai.reply.regex import text_matching
from mockoai.reply.strings import string
from mockoai.reply.subschemas import HIGHEST, Flat, Subschemas
from mockoai.seed import Seed

Json = Any

VALUES = 4_000
"""Values in an instance after which the rest is left empty."""

_PLAYFUL = 300  # values up to which choices are drawn
_PLAYFUL_LEVEL = 3  # levels of nesting to which choices are drawn
_TRIES = 8  # how often a value that does not conform is made again
_LEAN = 4  # the try from which on only what must be there is made
_MORE = 2  # elements beyond the first that a list may have by itself


def instance(schema: Json, seed: Seed) -> Json:
    """Return an instance of ``schema``; the same for the same seed."""
    schemas = Subschemas(schema)
    return _Maker(schemas).make(schemas.flat(schema), seed)


class _Maker:
    """Makes the values of one instance."""

    def __init__(self, schemas: Subschemas) -> None:
        self.schemas = schemas
        self.made = 0
        self.level = 0
        self.lean = False

    @property
    def playful(self) -> bool:
        """Whether choices are drawn rather than the cheapest."""
        return self.level < _PLAYFUL_LEVEL and self.made < _PLAYFUL and not self.lean

    def make(self, flat: Flat, seed: Seed, name: str = "") -> Json:
        """Return an instance of ``flat``, which is the value of the property ``name``."""
        self.made += 1
        if self.made > VALUES or self.level > HIGHEST:
            return None
        chosen = self.chosen(flat, seed, 0)
        value = self.value(chosen, seed, name, 0)
        if not chosen.unsure or self.conforms(value, chosen):
            return value
        lean = self.lean
        for turn in range(1, _TRIES):
            if self.made > VALUES:
                break
            again = seed.child("again", turn)
            self.lean = lean or turn >= _LEAN
            chosen = self.chosen(flat, again, turn)
            value = self.value(chosen, again, name, turn)
            if self.conforms(value, chosen):
                break
        self.lean = lean
        return value

    def conforms(self, value: Json, flat: Flat) -> bool:
        """Whether ``value`` is an instance of the schemas that ``flat`` was made of and may miss."""
        return all(conforms(value, schema, self.schemas) for schema in flat.atoms)

    def chosen(self, flat: Flat, seed: Seed, turn: int) -> Flat:
        """Return ``flat`` with one option of each group chosen; ``turn`` moves on from the option drawn."""
        schemas = self.schemas
        group = 0
        while flat.groups and group < HIGHEST:
            group += 1
            options: Sequence[Flat] = [schemas.option(flat, number) for number in range(len(flat.groups[0]))]
            options = [one for one in options if schemas.fits(one, HIGHEST - 1)] or options
            if self.playful:
                options = self.mostly([one for one in options if not _is_null(one)], options, seed.child("null", group))
            else:
                low = min(schemas.height(one) for one in options)
                options = [one for one in options if turn or schemas.height(one) == low]
            flat = options[(seed.child("option", group).integer(0, len(options) - 1) + turn) % len(options)]
        return flat

    @staticmethod
    def mostly(some: Sequence[Any], others: Sequence[Any], seed: Seed) -> Sequence[Any]:
        """Return ``some``, or now and then ``others``; null is an answer too, but a rare one."""
        return some if some and seed.unit() < 0.85 else others

    def value(self, flat: Flat, seed: Seed, name: str, turn: int) -> Json:
        """Return a value for the keywords of ``flat``, whose groups are all chosen; on later turns of any type."""
        keywords = flat.keywords
        options = keywords.get("enum")
        if isinstance(options, list) and options:
            rest = {key: value for key, value in keywords.items() if key != "enum"}
            options = [one for one in options if _is_shallow(one)] or [None]
            fitting = [one for one in options if conforms(one, rest, self.schemas)] or options
            return seed.child("enum").choice(fitting)
        possible: Sequence[str] = TYPES if turn and "type" not in keywords else types(keywords)
        room = HIGHEST - 1 if self.playful else self.schemas.height(flat)
        possible = [one for one in possible if self.schemas.fits_as(flat, one, room)] or list(possible)
        if not possible:
            return None
        if not self.playful:
            return self.of_type(possible[turn % len(possible)], flat, seed, name)
        likely = self.mostly([one for one in possible if one != "null"], possible, seed.child("null"))
        return self.of_type(seed.child("type").choice(likely), flat, seed, name)

    def of_type(self, type: str, flat: Flat, seed: Seed, name: str) -> Json:
        """Return a value of one type."""
        if type == "object":
            return self.object(flat, seed)
        if type == "array":
            return self.array(flat, seed, name)
        if type == "string":
            text = string(flat.keywords, seed, name)
            self.made += len(text) // 100
            return text
        if type == "boolean":
            return seed.unit() < 0.5
        if type == "null":
            return None
        return number(flat.keywords, seed, whole=type == "integer")

    def object(self, flat: Flat, seed: Seed) -> dict[str, Json]:
        """Return an object: what is required, some of what is optional, and more where there must be more."""
        names = self.names(flat, seed)
        self.level += 1
        made = {
            name: self.make(self.schemas.property(flat, name), seed.child("property", name), name) for name in names
        }
        self.level -= 1
        return made

    def names(self, flat: Flat, seed: Seed) -> list[str]:
        """Return the names of an object's properties, in the order of the schema."""
        keywords = flat.keywords
        known = list(properties(keywords))
        needed = set(required(keywords))
        least, most = size(keywords, "minProperties", 0), size(keywords, "maxProperties", VALUES)
        optional = [one for one in known if one not in needed and self.possible(flat, one)]
        if self.playful:
            drawn = [one for one in optional if seed.child("optional", one).unit() < 0.5]
            needed.update(drawn[: max(0, most - len(needed))])
        left = [one for one in optional if one not in needed]
        if least > len(needed):
            left.sort(key=lambda name: self.schemas.height(self.schemas.property(flat, name)))
            needed.update(left[: least - len(needed)])
        dependents = keywords.get("dependentRequired", keywords.get("dependencies"))
        if isinstance(dependents, dict):
            for name in list(needed):
                _need(name, dependents, needed)
        names = [one for one in known if one in needed]
        names += [one for one in required(keywords) if one not in properties(keywords)]
        names += sorted(needed.difference(names))
        others = keywords.get("additionalProperties")
        is_map = not known and isinstance(others, dict) and self.playful and self.possible(flat, "")
        wanted = max(least, min(most, 1 + seed.integer(0, 1))) if is_map else least
        return names + self.further(flat, seed.child("names"), wanted - len(names), names)

    def possible(self, flat: Flat, name: str) -> bool:
        """Whether the property ``name`` has a value at all."""
        return self.schemas.fits(self.schemas.property(flat, name), HIGHEST - 2)

    def further(self, flat: Flat, seed: Seed, count: int, taken: Sequence[str]) -> list[str]:
        """Return ``count`` names of properties that the schema does not list."""
        keywords = flat.keywords
        allowed = keywords.get("propertyNames")
        patterns = keywords.get("patternProperties")
        made: list[str] = []
        for place in range(min(max(0, count), VALUES)):
            one = seed.child(place)
            if isinstance(allowed, dict):
                name = str(self.make(self.schemas.flat({"type": "string", "allOf": [allowed]}), one))
            elif isinstance(patterns, dict) and patterns:
                name = text_matching(one.choice(list(patterns)), one) or one.choice(WORDS)
            else:
                name = one.choice(WORDS)
            while not isinstance(allowed, dict) and (name in made or name in taken):
                name += str(one.child(len(name)).integer(0, 9))
            made.append(name)
        return made

    def array(self, flat: Flat, seed: Seed, name: str) -> list[Json]:
        """Return an array: as long as it must be, or with a few elements."""
        keywords = flat.keywords
        least, most = size(keywords, "minItems", 0), size(keywords, "maxItems", VALUES)
        contains = size(keywords, "minContains", 1) if isinstance(keywords.get("contains"), dict) else 0
        count = least = max(least, contains)
        if self.playful and self.schemas.fits(self.schemas.item(flat, count), HIGHEST - 2):
            count = max(least, min(most, 1 + seed.child("count").integer(0, _MORE)))
        unique = keywords.get("uniqueItems") is True
        made: list[Json] = []
        self.level += 1
        for place in range(min(count, VALUES)):
            item = self.schemas.item(flat, place, contained=place < contains)
            if item.keywords.get("type") == () or self.made > VALUES:
                break
            value = self.element(item, seed.child("item", place), name, made if unique else ())
            if unique and place >= least and any(equal(value, one) for one in made):
                break
            made.append(value)
        self.level -= 1
        return made

    def element(self, item: Flat, seed: Seed, name: str, others: Sequence[Json]) -> Json:
        """Return an element of an array that, if it can be had, is none of ``others``."""
        singular = name.removesuffix("s")
        value = self.make(item, seed, singular)
        options = item.keywords.get("enum")
        if others and isinstance(options, list):
            left = [one for one in options if not any(equal(one, other) for other in others)]
            return seed.choice(left) if left else value
        for turn in range(4 * _TRIES):
            if not any(equal(value, other) for other in others):
                break
            value = self.make(item, seed.child("other", turn), singular)
        return value


def _is_null(flat: Flat) -> bool:
    return flat.keywords.get("type") == ("null",) or flat.keywords.get("enum") == [None]


def _is_shallow(value: Json) -> bool:
    """Whether ``value`` is nested no deeper than a schema may be; deeper ones cannot be written."""
    inner = [value]
    for _ in range(HIGHEST):
        inner = [
            part
            for one in inner
            if isinstance(one, (list, dict))
            for part in (one if isinstance(one, list) else one.values())
        ]
    return not inner


def _need(name: str, dependents: Mapping[str, Json], needed: set[str]) -> None:
    """Add to ``needed`` what must be there because ``name`` is."""
    others = dependents.get(name)
    for other in others if isinstance(others, list) else ():
        if isinstance(other, str) and other not in needed:
            needed.add(other)
            _need(other, dependents, needed)
