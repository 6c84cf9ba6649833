"""Shapes: what a value of a scenario file must look like, one class for reading it and for telling editors.

Theory of operation. The dataclasses of :mod:`mockoai.scenario.model` and of the faults are the only description of
the language. :func:`shape_of` turns the type of a field into a :class:`Shape`, which does two things: ``read`` a node
into a value, adding to the mistakes what is wrong with it, and give its JSON ``schema``. So what is read and what
editors complete cannot drift apart. Where a type says too little (a status is more than an int), the record that
holds the field names the shape (see :mod:`mockoai.scenario.record`).

A shape that cannot read a node adds at least one mistake and returns :data:`WRONG`; it never raises and never
returns half a value.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from mockoai.scenario.diagnose import Mistakes, any_of, did_you_mean, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence

WRONG: Any = object()
"""What ``read`` returns for a node that it could not read."""

Schema = dict[str, Any]

LARGEST = 2**63 - 1
"""The largest integer that every JSON library reads as it was written."""


class Shape:
    """What a value must look like. ``expected`` says it in words, for messages."""

    expected = "a value"

    def fits(self, node: Node) -> bool:
        """Whether ``node`` is of the right kind, whatever its content; for choosing among several shapes."""
        return True

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """Return the value of ``node``, or :data:`WRONG` after adding to ``mistakes``."""
        raise NotImplementedError

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return the JSON Schema; what is used in several places goes into ``definitions``."""
        raise NotImplementedError

    def wrong(self, node: Node, mistakes: Mistakes, help: str = "") -> Any:
        """Add that ``node`` is of the wrong kind, and return :data:`WRONG`."""
        mistakes.add("wrong-type", node, described(node), expected=self.expected, help=help)
        return WRONG


def described(node: Node) -> str:
    """Return what ``node`` is, in words: ```5` is a number``."""
    if isinstance(node, Sequence):
        return "this is a list"
    if isinstance(node, Mapping):
        return "this is a mapping"
    assert isinstance(node, Scalar)
    value = node.value
    if value is None:
        return f"{quoted(node.text)} is null"
    kind = "true or false" if isinstance(value, bool) else "text" if isinstance(value, str) else "a number"
    return f"{quoted(node.text)} is {kind}"


# --- scalars ----------------------------------------------------------------------------------------------


class Text(Shape):
    """Text; a number or ``true`` must be quoted to be text."""

    expected = "text"

    def fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and isinstance(node.value, str)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Scalar):
            return self.wrong(node, mistakes)
        value = node.value
        if isinstance(value, str):
            return value
        return self.wrong(node, mistakes, help=f'to mean the text, quote it: `"{node.text}"`')

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "string"}


class RawText(Shape):
    """Text, taken as it is written, quoted or not: ``1.10`` stays ``1.10``."""

    expected = "text"

    def fits(self, node: Node) -> bool:
        return isinstance(node, Scalar)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Scalar):
            return self.wrong(node, mistakes)
        if node.empty:
            mistakes.add("empty-value", node, "there is no text here", help='the empty text is `""`')
            return WRONG
        return node.text

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": ["string", "number", "boolean"]}


class Bool(Shape):
    """``true`` or ``false``."""

    expected = "`true` or `false`"

    def fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and isinstance(node.value, bool)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        help = ""
        if isinstance(node, Scalar):
            word = node.text.lower()
            if word in ("yes", "on", "y", "no", "off", "n"):
                right = "true" if word in ("yes", "on", "y") else "false"
                help = f"write `{right}`: in YAML 1.2, {quoted(node.text)} is a text"
        return self.wrong(node, mistakes, help)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "boolean"}


class Number(Shape):
    """A finite number from ``low`` to ``high``, both included; ``above`` is not."""

    noun = "a number"
    kinds: tuple[type, ...] = (int, float)
    schema_type = "number"

    def __init__(
        self, low: float | None = None, high: float | None = None, *, above: float | None = None
    ) -> None:
        self.low, self.high, self.above = low, high, above
        if above is not None:
            self.expected = f"{self.noun} above {above:g}"
        elif low is not None and high is not None:
            self.expected = f"{self.noun} from {low} to {high}"
        elif low is not None:
            self.expected = f"{self.noun}, {low} or more"
        else:
            self.expected = self.noun

    def fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and self._is(node.value)

    def _is(self, value: Any) -> bool:
        return isinstance(value, self.kinds) and not isinstance(value, bool)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Scalar):
            return self.wrong(node, mistakes)
        value: Any = node.value
        if not self._is(value):
            if isinstance(value, str) and value.endswith("%"):
                return self.wrong(node, mistakes, help="write a fraction: 50% is 0.5")
            return self.wrong(node, mistakes)
        if not storable(value):
            mistakes.add(
                "bad-number",
                node,
                f"{quoted(node.text)} is no number that can be held",
                expected=self.expected,
            )
            return WRONG
        low, high, above = self.low, self.high, self.above
        if (low is not None and value < low) or (high is not None and value > high):
            return self._outside(node, mistakes)
        if above is not None and value <= above:
            return self._outside(node, mistakes)
        return value

    def _outside(self, node: Scalar, mistakes: Mistakes) -> Any:
        mistakes.add("out-of-range", node, f"{quoted(node.text)} is out of range", expected=self.expected)
        return WRONG

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        out: Schema = {"type": self.schema_type}
        limits = (("minimum", self.low), ("maximum", self.high), ("exclusiveMinimum", self.above))
        out.update({name: limit for name, limit in limits if limit is not None})
        return out


class Integer(Number):
    """A whole number."""

    noun = "a whole number"
    kinds = (int,)
    schema_type = "integer"

    def _is(self, value: Any) -> bool:
        # A literal too large to read is infinite; it is a whole number all the same, and refused as too large.
        return super()._is(value) or (isinstance(value, float) and math.isinf(value))


def storable(number: float) -> bool:
    """Whether ``number`` can be written as JSON that everybody reads back: finite, and 64 bits if it is whole."""
    if isinstance(number, int):
        return -LARGEST - 1 <= number <= LARGEST
    return math.isfinite(number)


class Choice(Shape):
    """One of a few words (or numbers)."""

    def __init__(self, options: Iterable[Any]) -> None:
        self.options = tuple(options)
        self.expected = any_of(_as_yaml(option) for option in self.options)

    def fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and self._find(node) is not WRONG

    def _find(self, node: Scalar) -> Any:
        value = node.value
        for option in self.options:
            if type(option) is type(value) and option == value:
                return option
        return WRONG

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Scalar):
            return self.wrong(node, mistakes)
        found = self._find(node)
        if found is WRONG:
            mistakes.add(
                "unknown-value",
                node,
                f"{quoted(node.text)} is not one of the values allowed here",
                expected=self.expected,
                help=did_you_mean(node.text, (one for one in self.options if isinstance(one, str))),
            )
        return found

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"enum": list(self.options)}


def _as_yaml(option: Any) -> str:
    if isinstance(option, bool):
        return str(option).lower()
    return "null" if option is None else str(option)


# --- any JSON ---------------------------------------------------------------------------------------------


class AnyJson(Shape):
    """Any JSON value, as it stands. With ``null=False``, null must not be the whole value."""

    expected = "a JSON value"

    def __init__(self, *, null: bool = True) -> None:
        self.null = null

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not self.null and isinstance(node, Scalar) and node.value is None:
            mistakes.add(
                "empty-value",
                node,
                "null is the same as leaving this out",
                help='for the four characters, write `"null"`, as text',
            )
            return WRONG
        return self._value(node, mistakes)

    def _value(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Sequence):
            items = [self._value(item, mistakes) for item in node.items]
            return WRONG if any(item is WRONG for item in items) else items
        if isinstance(node, Mapping):
            fields = {key.text: self._value(value, mistakes) for key, value in node.entries}
            return WRONG if any(value is WRONG for value in fields.values()) else fields
        assert isinstance(node, Scalar)
        value = node.value
        if isinstance(value, (int, float)) and not storable(value):
            mistakes.add(
                "bad-number",
                node,
                f"{quoted(node.text)} is no number that JSON can hold",
                expected="a finite number, of at most 64 bits if it is whole",
                help="quote it to send it as text",
            )
            return WRONG
        return value

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {} if self.null else {"not": {"type": "null"}}


# --- compounds --------------------------------------------------------------------------------------------


class Nullable(Shape):
    """A value, or ``null``."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner
        self.expected = inner.expected

    def fits(self, node: Node) -> bool:
        return self.inner.fits(node) or (isinstance(node, Scalar) and node.value is None)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar) and node.value is None:
            return None
        return self.inner.read(node, mistakes)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [self.inner.schema(definitions), {"type": "null"}]}


class Either(Shape):
    """A value of one of several shapes: the first that fits reads it."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self.shapes = tuple(shapes)
        self.expected = " or ".join(shape.expected for shape in self.shapes)

    def fits(self, node: Node) -> bool:
        return any(shape.fits(node) for shape in self.shapes)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        for shape in self.shapes:
            if shape.fits(node):
                return shape.read(node, mistakes)
        return self.wrong(node, mistakes)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [shape.schema(definitions) for shape in self.shapes]}


class ListOf(Shape):
    """A list whose items all have one shape; read as a tuple."""

    def __init__(self, item: Shape, *, filled: bool = False) -> None:
        self.item, self.filled = item, filled
        self.expected = "a list"

    def fits(self, node: Node) -> bool:
        return isinstance(node, Sequence)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Sequence):
            help = ""
            if self.item.fits(node):
                short = isinstance(node, Scalar) and len(node.text) < 40 and node.plain
                help = f"put it in a list: `[{node.text}]`" if short else "put a `- ` before it"  # type: ignore[attr-defined]
            return self.wrong(node, mistakes, help)
        if self.filled and not node.items:
            return empty_list(node, mistakes)
        items = [self.item.read(item, mistakes) for item in node.items]
        return WRONG if any(item is WRONG for item in items) else tuple(items)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        out: Schema = {"type": "array", "items": self.item.schema(definitions)}
        if self.filled:
            out["minItems"] = 1
        return out


def empty_list(node: Node, mistakes: Mistakes) -> Any:
    """Add that the list or mapping at ``node`` must not be empty."""
    mistakes.add("empty-value", node, "there is nothing in it", help="fill it, or leave the key out")
    return WRONG


class OneOrMany(Shape):
    """One value, or a list of them; read as a tuple."""

    def __init__(self, item: Shape) -> None:
        self.item = item
        self.many = ListOf(item, filled=True)
        self.expected = f"{item.expected}, or a list"

    def fits(self, node: Node) -> bool:
        return isinstance(node, Sequence) or self.item.fits(node)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Sequence):
            return self.many.read(node, mistakes)
        value = self.item.read(node, mistakes)
        return WRONG if value is WRONG else (value,)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [self.item.schema(definitions), self.many.schema(definitions)]}


class Pairs(Shape):
    """A mapping from any text to values of one shape; read as a tuple of pairs in the order of the file."""

    expected = "a mapping"

    def __init__(self, value: Shape) -> None:
        self.value = value

    def fits(self, node: Node) -> bool:
        return isinstance(node, Mapping)

    def key(self, node: Scalar, mistakes: Mistakes) -> Any:
        """Return the key at ``node`` as it is kept."""
        return node.text

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        if not isinstance(node, Mapping):
            return self.wrong(node, mistakes)
        pairs = [(self.key(key, mistakes), self.value.read(value, mistakes)) for key, value in node.entries]
        return WRONG if any(WRONG in pair for pair in pairs) else tuple(pairs)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema(definitions)}


# --- from types -------------------------------------------------------------------------------------------

_BASIC: dict[Any, Callable[[], Shape]] = {str: Text, bool: Bool, int: Integer, float: Number, Any: AnyJson}
_NAMED: dict[type, Shape] = {}


def register(kind: type, shape: Shape) -> None:
    """Say that values of the class ``kind`` are read by ``shape``."""
    _NAMED[kind] = shape


@cache
def shape_of(hint: Any) -> Shape:
    """Return the shape of values of the type ``hint``; raises TypeError when the language cannot say such values."""
    if hint in _NAMED:
        return _NAMED[hint]
    if hint in _BASIC:
        return _BASIC[hint]()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Choice(arguments)
    if origin in (Union, types.UnionType):
        some = [shape_of(one) for one in arguments if one is not types.NoneType]
        shape = some[0] if len(some) == 1 else Either(some)
        return Nullable(shape) if types.NoneType in arguments else shape
    if origin is tuple and arguments[1:] == (...,):
        inner = arguments[0]
        if get_origin(inner) is tuple and len(get_args(inner)) == 2 and get_args(inner)[0] is str:
            return Pairs(shape_of(get_args(inner)[1]))
        return ListOf(shape_of(inner))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        from mockoai.scenario.record import Record

        return Record(hint)
    raise TypeError(f"the scenario language has no way to write {hint!r}")
