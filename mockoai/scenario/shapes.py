"""Shapes: what a value of a scenario file must look like, one class for reading it and for telling editors.

Theory of operation. The dataclasses of :mod:`mockoai.scenario.model` and of the faults are the only
description of the language. :func:`mockoai.scenario.typed.shape_of` turns the type of a field into a
:class:`Shape`, which does two things: ``read`` a node into a value, adding to the mistakes what is wrong with
it, and give its JSON ``schema``. So what is read and what editors complete cannot drift apart. Where a type
says too little (a status is more than an int), the record that holds the field names the shape (see
:mod:`mockoai.scenario.record`).

A shape that cannot read a node adds at least one mistake and returns :data:`WRONG`; it never raises and never
returns half a value. Subclasses fill in ``_fits``, ``_read``, ``_schema`` and, for advice, ``_hint``.
"""

from __future__ import annotations

from typing import Any

from mockoai.scenario.diagnose import Mistakes, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence

WRONG: Any = object()
"""What ``read`` returns for a node that it could not read."""

Schema = dict[str, Any]


class Shape:
    """What a value must look like. ``expected`` says it in words, for messages."""

    expected = "a value"

    def fits(self, node: Node) -> bool:
        """Whether ``node`` is of the right kind, whatever its content."""
        return self._fits(node)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """Return the value of ``node``, or :data:`WRONG` after adding to ``mistakes``."""
        if self._fits(node):
            return self._read(node, mistakes)
        return self.wrong(node, mistakes)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return the JSON Schema; what is used in several places goes into ``definitions``."""
        return self._schema(definitions)

    def wrong(self, node: Node, mistakes: Mistakes) -> Any:
        """Add that ``node`` is of the wrong kind, and return :data:`WRONG`."""
        code = "empty-value" if isinstance(node, Scalar) and node.empty else "wrong-type"
        mistakes.add(code, node, described(node), expected=self.expected, help=self._hint(node))
        return WRONG

    def _fits(self, node: Node) -> bool:
        return True

    def _read(self, node: Any, mistakes: Mistakes) -> Any:
        raise NotImplementedError

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        raise NotImplementedError

    def _hint(self, node: Node) -> str:
        """Return what to do about ``node``, which is of the wrong kind."""
        return ""


def described(node: Node) -> str:
    """Return what ``node`` is, in words: ```5` is a number``."""
    if isinstance(node, Sequence):
        return "this is a list"
    if isinstance(node, Mapping):
        return "this is a mapping"
    assert isinstance(node, Scalar)
    if node.empty:
        return "there is nothing here"
    value = node.value
    if value is None:
        return f"{quoted(node.text)} is null"
    if isinstance(value, bool):
        return f"{quoted(node.text)} is a truth value"
    return f"{quoted(node.text)} is {'text' if isinstance(value, str) else 'a number'}"


def nothing(node: Node, mistakes: Mistakes) -> Any:
    """Add that the list or mapping at ``node`` must not be empty, and return :data:`WRONG`."""
    mistakes.add("empty-value", node, "there is nothing in it", help="fill it, or leave the key out")
    return WRONG
