"""Records: mappings of a scenario file that become a dataclass, key by key."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, get_type_hints

from mockoai.scenario.diagnose import Mistakes, any_of, nearest, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar
from mockoai.scenario.scalars import AnyJson
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.typed import shape_of

Pair = tuple[str, str]

_belongs: dict[str, str] = {}
"""Where a key is at home, for people who wrote it somewhere else."""


def pairs(*keys: str) -> tuple[Pair, ...]:
    """Return every two of ``keys``: at most one of them may be given."""
    return tuple(itertools.combinations(keys, 2))


def against(key: str, *others: str) -> tuple[Pair, ...]:
    """Return ``key`` with each of ``others``: it may not be given with any of them."""
    return tuple((key, other) for other in others)


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: its name in the file, the field it fills, and the shape of its value."""

    name: str
    field: str
    shape: Shape
    required: bool
    default: Any


class Record(Shape):
    """A mapping that becomes an instance of the dataclass ``cls``.

    ``noun`` is what messages call it. ``shapes`` replaces the shapes that the field types give; fields in
    ``skip`` are no keys. ``apart`` are pairs of keys that must not stand together. ``shorthand`` is (field,
    shape): a value that is no mapping, and fits, fills that field. ``home`` says where such a record is
    written; its keys found elsewhere are answered with that.
    """

    expected = "a mapping"

    def __init__(
        self,
        cls: type,
        noun: str = "",
        *,
        shapes: dict[str, Shape] | None = None,
        skip: Iterable[str] = (),
        apart: Iterable[Pair] = (),
        shorthand: tuple[str, Shape] | None = None,
        home: str = "",
    ) -> None:
        self.cls = cls
        self.noun = noun or f"`{cls.__name__.lower()}`"
        self._shapes = shapes or {}
        self._skip = frozenset(skip)
        self.apart = tuple(apart)
        self.shorthand = shorthand
        if shorthand:
            self.expected = f"{shorthand[1].expected}, or a mapping"
        if home:
            for field in dataclasses.fields(cls):
                if field.name not in self._skip:
                    _belongs.setdefault(field.name, home)

    def _extra_keys(self) -> Iterable[Key]:
        """Return the keys that no field is named after."""
        return ()

    @cached_property
    def keys(self) -> dict[str, Key]:
        """The keys by their name in the file, in the order of the fields."""
        hints = get_type_hints(self.cls)
        keys: dict[str, Key] = {}
        for field in dataclasses.fields(self.cls):
            if field.name in self._skip:
                continue
            default = field.default
            if field.default_factory is not dataclasses.MISSING:
                default = field.default_factory()
            shape = self._shapes.get(field.name) or shape_of(hints[field.name])
            name = field.name.rstrip("_")
            keys[name] = Key(name, field.name, shape, default is dataclasses.MISSING, default)
        keys.update((key.name, key) for key in self._extra_keys())
        return keys

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Mapping) or (self.shorthand is not None and self.shorthand[1].fits(node))

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Mapping):
            assert self.shorthand is not None
            name, shape = self.shorthand
            value = shape.read(node, mistakes)
            return WRONG if value is WRONG else self.cls(**{name: value})
        values = self._values(node, mistakes)
        return WRONG if values is WRONG else self._make(values, node, mistakes)

    def _values(self, node: Mapping, mistakes: Mistakes) -> Any:
        """Return the values of ``node`` by field, or :data:`WRONG`."""
        values: dict[str, Any] = {}
        meant: set[str | None] = set()  # keys that an unknown one is probably a misspelling of
        for key, value in node.entries:
            known = self.keys.get(key.text)
            if known is None:
                self._unknown(key, mistakes)
                meant.add(nearest(key.text, self.keys))
            elif isinstance(value, Scalar) and value.empty and not isinstance(known.shape, AnyJson):
                mistakes.add(
                    "empty-value",
                    key,
                    f"{quoted(key.text)} has no value",
                    expected=known.shape.expected,
                    help="give it one, or leave the key out; what belongs to it must be indented further",
                )
                values[known.field] = WRONG
            else:
                values[known.field] = known.shape.read(value, mistakes)
        apart = self._apart(node, mistakes)
        complete = self._complete(node, meant, mistakes)
        sound = not meant and not any(value is WRONG for value in values.values())
        return values if sound and apart and complete else WRONG

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        """Return the instance of ``values``, or :data:`WRONG`: the place for checks of several keys."""
        return self.cls(**values)

    def _unknown(self, key: Scalar, mistakes: Mistakes) -> None:
        """Add that ``key`` is none of this record's."""
        meant = nearest(key.text, self.keys)
        help = f"did you mean {quoted(meant)}?" if meant else ""
        if not meant and key.text in _belongs:
            help = f"{quoted(key.text)} belongs {_belongs[key.text]}"
        expected = any_of(self.keys) if self.keys else "no keys: it has no parameters"
        message = f"unknown key {quoted(key.text)} in {self.noun}"
        mistakes.add("unknown-key", key, message, expected=expected, help=help)

    def _apart(self, node: Mapping, mistakes: Mistakes) -> bool:
        """Whether no two keys stand together that must not."""
        sound = True
        given = {key.text: key for key, _ in node.entries}
        for one, other in self.apart:
            if one in given and other in given:
                first, second = sorted((given[one], given[other]), key=lambda key: (key.line, key.column))
                mistakes.add(
                    "exclusive-keys",
                    second,
                    f"{quoted(first.text)} and {quoted(second.text)} cannot stand together",
                    note="and this one",
                    also=[(first, "this one")],
                    help="keep one of them",
                )
                sound = False
        return sound

    def _complete(self, node: Mapping, meant: set[str | None], mistakes: Mistakes) -> bool:
        """Whether no key is missing, other than those that were probably ``meant``."""
        given = {key.text for key, _ in node.entries}
        missing = [key.name for key in self.keys.values() if key.required and key.name not in given]
        for name in missing:
            if name not in meant:
                mistakes.add("missing-key", node, f"{self.noun} needs {quoted(name)}", help=f"add `{name}: …`")
        return not missing

    # The schema.

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        name = self.cls.__name__
        if name not in definitions:
            definitions[name] = {}  # so that a record inside itself ends here
            definitions[name] = self._definition(definitions)
        reference = {"$ref": f"#/$defs/{name}"}
        if self.shorthand is None:
            return reference
        return {"anyOf": [self.shorthand[1].schema(definitions), reference]}

    def _definition(self, definitions: dict[str, Schema]) -> Schema:
        properties = {
            key.name: _annotated(key.shape.schema(definitions), field_text(self.cls, key.name), key.default)
            for key in self.keys.values()
        }
        out: Schema = {
            "description": class_text(self.cls),
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        if required := [key.name for key in self.keys.values() if key.required]:
            out["required"] = required
        if self.apart:
            out["allOf"] = [{"not": {"required": list(pair)}} for pair in self.apart]
        return out


def _annotated(schema: Schema, description: str, default: Any) -> Schema:
    out = dict(schema)
    if description:
        out["description"] = description
    if isinstance(default, (bool, int, float)) or (isinstance(default, str) and default):
        out["default"] = default
    return out


def class_text(cls: type) -> str:
    """Return the docstring of ``cls`` as plain text: what editors show."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", inspect.getdoc(cls) or "")
    return re.sub(r"``(.+?)``", r"`\1`", text, flags=re.DOTALL)


def field_text(cls: type, name: str) -> str:
    """Return what the docstring of ``cls`` says about its field ``name``: the sentence ```` ``name``: … ````.

    If there is none, the sentence that mentions it; an empty text when none does.
    """
    sentences = re.split(r"(?<=[.;])\s+", " ".join(class_text(cls).split()))
    for sentence in sentences:
        if sentence.startswith(f"`{name}`: "):
            text = sentence.removeprefix(f"`{name}`: ").rstrip(";.")
            return f"{text[0].upper()}{text[1:]}."
    return next((sentence for sentence in sentences if f"`{name}`" in sentence), "")
