"""Shapes made of others: a value or null, one of several, lists, and mappings with free keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockoai.scenario.diagnose import Mistakes
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.shapes import WRONG, Schema, Shape, nothing

_SHORT = 40  # characters of a value that is repeated in advice


class Nullable(Shape):
    """A value, or ``null``."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner
        self.expected = inner.expected

    def _fits(self, node: Node) -> bool:
        return self.inner.fits(node) or _null(node)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        return None if _null(node) else self.inner.read(node, mistakes)

    def _hint(self, node: Node) -> str:
        return self.inner._hint(node)

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [self.inner.schema(definitions), {"type": "null"}]}


def _null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


class Either(Shape):
    """A value of one of several shapes: the first that fits reads it."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self.shapes = tuple(shapes)
        self.expected = " or ".join(shape.expected for shape in self.shapes)

    def _fits(self, node: Node) -> bool:
        return any(shape.fits(node) for shape in self.shapes)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        return next(shape for shape in self.shapes if shape.fits(node)).read(node, mistakes)

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [shape.schema(definitions) for shape in self.shapes]}


class ListOf(Shape):
    """A list whose items all have one shape, read as a tuple; ``filled`` when it must have one."""

    expected = "a list"

    def __init__(self, item: Shape, *, filled: bool = False) -> None:
        self.item, self.filled = item, filled

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Sequence)

    def _read(self, node: Sequence, mistakes: Mistakes) -> Any:
        if self.filled and not node.items:
            return nothing(node, mistakes)
        items = [self.item.read(item, mistakes) for item in node.items]
        return WRONG if any(item is WRONG for item in items) else tuple(items)

    def _hint(self, node: Node) -> str:
        if not self.item.fits(node):
            return ""
        if isinstance(node, Scalar) and node.plain and len(node.text) <= _SHORT:
            return f"put it in a list: `[{node.text}]`"
        return "make it an item of a list: start it with `- `"

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        out: Schema = {"type": "array", "items": self.item.schema(definitions)}
        if self.filled:
            out["minItems"] = 1
        return out


class OneOrMany(Shape):
    """One value, or a list of them; read as a tuple."""

    def __init__(self, item: Shape) -> None:
        self.item = item
        self.many = ListOf(item, filled=True)
        self.expected = f"{item.expected}, or a list"

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Sequence) or self.item.fits(node)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Sequence):
            return self.many.read(node, mistakes)
        value = self.item.read(node, mistakes)
        return WRONG if value is WRONG else (value,)

    def _hint(self, node: Node) -> str:
        return self.item._hint(node)

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [self.item.schema(definitions), self.many.schema(definitions)]}


class Pairs(Shape):
    """A mapping from texts to values of one shape; read as a tuple of pairs in the order of the file.

    ``filled`` when there must be one. ``names`` is a pattern of the keys for the schema; when the file is read,
    ``_key`` checks them.
    """

    expected = "a mapping"

    def __init__(self, value: Shape, *, filled: bool = False, names: str = "") -> None:
        self.value, self.filled, self.names = value, filled, names

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Mapping)

    def _key(self, node: Scalar, mistakes: Mistakes) -> Any:
        """Return the key at ``node`` as it is kept."""
        return node.text

    def _read(self, node: Mapping, mistakes: Mistakes) -> Any:
        if self.filled and not node.entries:
            return nothing(node, mistakes)
        read = [(self._key(key, mistakes), self.value.read(value, mistakes)) for key, value in node.entries]
        wrong = any(key is WRONG or value is WRONG for key, value in read)
        return WRONG if wrong else tuple(read)

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        out: Schema = {"type": "object", "additionalProperties": self.value.schema(definitions)}
        if self.filled:
            out["minProperties"] = 1
        if self.names:
            out["propertyNames"] = {"pattern": f"^{self.names}$"}
        return out
