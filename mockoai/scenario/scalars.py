"""Shapes of single values: text, truth values, numbers, words of a list, and any JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from mockoai.scenario.diagnose import Mistakes, any_of, did_you_mean, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.shapes import WRONG, Schema, Shape

LARGEST = 2**63 - 1
"""The largest whole number of 64 bits, which every JSON library can read or refuses in the same way."""


class Text(Shape):
    """Text; a number or ``true`` must be quoted to be text."""

    expected = "text"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and isinstance(node.value, str)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        return node.text

    def _hint(self, node: Node) -> str:
        if isinstance(node, Scalar) and node.text:
            return f'to mean the text, quote it: `"{node.text}"`'
        return ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "string"}


class RawText(Shape):
    """Text, taken as it is written, quoted or not: ``1.10`` stays ``1.10``."""

    expected = "text"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and not node.empty

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        return node.text

    def _hint(self, node: Node) -> str:
        return 'the empty text is `""`' if isinstance(node, Scalar) else ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": ["string", "number", "boolean"]}


class Bool(Shape):
    """``true`` or ``false``."""

    expected = "`true` or `false`"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and isinstance(node.value, bool)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        return node.value

    def _hint(self, node: Node) -> str:
        word = node.text.lower() if isinstance(node, Scalar) else ""
        for right, others in (("true", ("yes", "on", "y", "true")), ("false", ("no", "off", "n", "false"))):
            if word in others:
                return f"write `{right}`: in YAML 1.2, {quoted(word)} is a text"
        return ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "boolean"}


class Number(Shape):
    """A finite number from ``low`` to ``high``, both included; ``above`` is not."""

    noun = "a number"
    kinds: tuple[type, ...] = (int, float)
    schema_type = "number"

    def __init__(self, low: float | None = None, high: float | None = None, *, above: float | None = None) -> None:
        self.low, self.high, self.above = low, high, above
        if above is not None:
            self.expected = f"{self.noun} above {above:g}"
        elif low is not None and high is not None:
            self.expected = f"{self.noun} from {low} to {high}"
        elif low is not None:
            self.expected = f"{self.noun}, {low} or more"
        else:
            self.expected = self.noun

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and self._is(node.value)

    def _is(self, value: Any) -> bool:
        return isinstance(value, self.kinds) and not isinstance(value, bool)

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        value: Any = node.value
        if not storable(value):
            mistakes.add("bad-number", node, unstorable(node, value), expected=self.expected)
            return WRONG
        low, high, above = self.low, self.high, self.above
        outside = (low is not None and value < low) or (high is not None and value > high)
        if outside or (above is not None and value <= above):
            message = f"{quoted(node.text)} is out of range"
            mistakes.add("out-of-range", node, message, expected=self.expected, help=self._hint(node))
            return WRONG
        return value

    def _hint(self, node: Node) -> str:
        if isinstance(node, Scalar) and node.text.endswith("%") and self.high == 1:
            return "write a fraction: 50% is `0.5`"
        return ""

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        out: Schema = {"type": self.schema_type}
        limits = (("minimum", self.low), ("maximum", self.high), ("exclusiveMinimum", self.above))
        out.update({name: limit for name, limit in limits if limit is not None})
        return out


class Integer(Number):
    """A whole number of 64 bits."""

    noun = "a whole number"
    kinds = (int,)
    schema_type = "integer"

    def _is(self, value: Any) -> bool:
        # A literal too large to read is infinite; it is a whole number all the same, refused as too large.
        return super()._is(value) or (isinstance(value, float) and math.isinf(value))

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"minimum": -LARGEST - 1, "maximum": LARGEST} | super()._schema(definitions)


def storable(number: float) -> bool:
    """Whether ``number`` can be written as JSON that others read back: finite, and 64 bits if it is whole."""
    if isinstance(number, int):
        return -LARGEST - 1 <= number <= LARGEST
    return math.isfinite(number)


def unstorable(node: Scalar, value: float) -> str:
    """Return in words why ``value``, written at ``node``, is not storable."""
    if isinstance(value, int) or node.text.lstrip("+-").isdigit():
        return f"{quoted(node.text)} does not fit into 64 bits"
    return f"{quoted(node.text)} is not a finite number"


class Choice(Shape):
    """One of a few words (or other single values).

    ``meant`` says which of them somebody means who writes another word, or None when that cannot be told.
    """

    def __init__(self, options: Iterable[Any], meant: Callable[[str], str | None] = lambda word: None) -> None:
        self.options = tuple(options)
        self.meant = meant
        self.expected = any_of(_as_yaml(option) for option in self.options)

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Scalar) and type(node.value) in {type(option) for option in self.options}

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        value = node.value
        for option in self.options:
            if type(option) is type(value) and option == value:
                return option
        meant = self.meant(node.text)
        near = did_you_mean(node.text, (one for one in self.options if isinstance(one, str)))
        mistakes.add(
            "unknown-value",
            node,
            f"{quoted(node.text)} is not one of the values allowed here",
            expected=self.expected,
            help=f"write {quoted(meant)}" if meant else near,
        )
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"enum": list(self.options)}


def _as_yaml(option: Any) -> str:
    if isinstance(option, bool):
        return str(option).lower()
    return "null" if option is None else str(option)


class AnyJson(Shape):
    """Any JSON value, as it stands. With ``null=False``, null must not be the whole value."""

    expected = "a JSON value"

    def __init__(self, *, null: bool = True) -> None:
        self.null = null

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if not self.null and isinstance(node, Scalar) and node.value is None:
            mistakes.add(
                "empty-value",
                node,
                "null is the same as leaving this out",
                help='for the four letters, write `"null"`, as text',
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
            mistakes.add("bad-number", node, unstorable(node, value), help="quote it to send it as text")
            return WRONG
        return value

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {} if self.null else {"not": {"type": "null"}}
