"""From the arguments of a Python call to what a scenario file would say, read by the same shapes.

Strategy. A call is written out as Python, and while it is written, nodes are made that know where in that text they
stand. The reader of scenario files reads the nodes; so what is allowed is the same in both, mistakes are said in the
same words, and the line with the caret shows the argument::

    error[unknown-fault]: no fault is called `stall-mid-steam`
     --> mockoai.rule:3:17
      |
    3 |   faults=[fault("stall-mid-steam", after="3 tokens")],
      |                 ^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `stall-mid-stream`?
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mockoai.scenario import nodes, syntax
from mockoai.scenario.diagnose import Mistakes, Source, quoted
from mockoai.scenario.nodes import Node, Scalar
from mockoai.scenario.shapes import Shape
from mockoai.scenario.tree import MAX_DEPTH, MAX_NODES
from mockoai.testing.written import WrittenFault

_LONG = 1024  # bits; Python refuses to write very long numbers, and none fits anything
_VALUES = "text, numbers, `True`, `False`, `None`, bytes, timedeltas, lists, mappings and `fault(...)`"


class Call:
    """A call of ``name`` with ``arguments``: its ``text``, and its ``node``, a mapping of the arguments.

    An underscore behind a name is left off: ``for_`` is the key ``for``. ``fixed`` are entries that nobody wrote.
    """

    def __init__(self, name: str, arguments: Mapping[str, Any], fixed: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._parts: list[str] = []
        self._line = self._column = 1
        self._depth = self._count = 0
        self._wrong: list[tuple[str, Node, str, str]] = []
        self.node = nodes.Mapping(1, 1, len(name))
        for key, text in (fixed or {}).items():
            self.node.entries.append((Scalar(1, 1, len(name), key), Scalar(1, 1, len(name), text, plain=False)))
        self._put(f"{name}(")
        for key, value in arguments.items():
            self._new_line()
            self._put("  ")
            self.node.entries.append(self._argument(key, value))
            self._put(",")
        if arguments:
            self._new_line()
        self._put(")")
        self.text = "".join(self._parts)

    @property
    def source(self) -> Source:
        """The text with its name, as diagnostics show it."""
        return Source(self.name, self.text)

    def read(self, shape: Shape) -> Any:
        """Return what ``shape`` makes of the arguments; raises ScenarioError with every mistake."""
        mistakes = Mistakes(self.source)
        for code, node, message, help in self._wrong:
            mistakes.add(code, node, message, help=help)
        mistakes.check()
        value = shape.read(self.node, mistakes)
        mistakes.check()
        return value

    # Writing.

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._column += len(text)

    def _new_line(self) -> None:
        self._parts.append("\n")
        self._line += 1
        self._column = 1

    def _argument(self, name: str, value: Any) -> tuple[Scalar, Node]:
        key = Scalar(self._line, self._column, len(name), name.rstrip("_"))
        self._put(f"{name}=")
        return key, self._value(value)

    def _value(self, value: Any) -> Node:
        self._count += 1
        node: Node
        if self._depth > MAX_DEPTH or self._count > MAX_NODES:
            node = self._scalar("…", "")
            deep = self._depth > MAX_DEPTH
            limit = f"nested more than {MAX_DEPTH} levels deep" if deep else f"more than {MAX_NODES:,} values"
            self._refuse("yaml-too-deep" if deep else "yaml-too-many", node, limit, "give it in smaller pieces")
            return node
        self._depth += 1
        if isinstance(value, WrittenFault):
            node = self._fault(value)
        elif isinstance(value, Mapping):
            node = self._mapping(value)
        elif isinstance(value, (list, tuple)):
            node = self._sequence(value)
        else:
            node = self._single(value)
        self._depth -= 1
        return node

    def _single(self, value: Any) -> Node:
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool):
            return self._scalar(repr(value), "null" if value is None else str(value).lower(), plain=True)
        if isinstance(value, (int, float)):
            return self._scalar(*_number(value), plain=True)
        if isinstance(value, timedelta):
            seconds = f"{value.total_seconds():.6f}".rstrip("0").rstrip(".")
            return self._scalar(repr(value), f"{seconds}s")
        if isinstance(value, bytes):
            text = self._scalar(repr(value), value.decode("latin-1"))
            whole = nodes.Mapping(text.line, text.column, text.length)
            whole.entries.append((Scalar(text.line, text.column, text.length, "bytes"), text))
            return whole
        shown = quoted(" ".join(repr(value).split()))[1:-1]
        node = self._scalar(shown, shown)
        self._refuse("wrong-type", node, f"this is a {type(value).__name__}", f"scenarios are made of {_VALUES}")
        return node

    def _text(self, value: str) -> Scalar:
        node = self._scalar(json.dumps(value, ensure_ascii=not value.isprintable()), value)
        if syntax.SURROGATE.search(value):
            self._refuse("yaml-syntax", node, "half of a surrogate pair, which is no character", syntax.SURROGATE_HELP)
        return node

    def _scalar(self, shown: str, text: str, *, plain: bool = False) -> Scalar:
        node = Scalar(self._line, self._column, len(shown), text, plain, "" if plain else '"')
        self._put(shown)
        return node

    def _fault(self, value: WrittenFault) -> Node:
        call = nodes.Mapping(self._line, self._column, 1)
        self._put("fault(")
        id = self._value(value.id)
        parameters = nodes.Mapping(call.line, call.column, 1)
        for name, argument in value.parameters.items():
            self._put(", ")
            parameters.entries.append(self._argument(name, argument))
        self._put(")")
        call.length = parameters.length = self._column - call.column
        if not parameters.entries or not isinstance(id, Scalar):
            return id
        call.entries.append((id, parameters))
        return call

    def _mapping(self, value: Mapping[Any, Any]) -> Node:
        node = nodes.Mapping(self._line, self._column, 1)
        self._put("{")
        for key, item in value.items():
            if node.entries:
                self._put(", ")
            name = self._single(key)
            if not isinstance(name, Scalar) or not isinstance(key, (str, int)):
                self._refuse("yaml-key", name, "a key must be text", "")
                name = Scalar(name.line, name.column, name.length, "")
            self._put(": ")
            node.entries.append((name, self._value(item)))
        self._put("}")
        node.length = self._column - node.column
        return node

    def _sequence(self, value: list[Any] | tuple[Any, ...]) -> Node:
        node = nodes.Sequence(self._line, self._column, 1)
        self._put("[")
        for item in value:
            if node.items:
                self._put(", ")
            node.items.append(self._value(item))
        self._put("]")
        node.length = self._column - node.column
        return node

    def _refuse(self, code: str, node: Node, message: str, help: str) -> None:
        self._wrong.append((code, node, message, help))


def _number(value: float) -> tuple[str, str]:
    """Return ``value`` as Python and as YAML 1.2 write it."""
    if isinstance(value, int) and value.bit_length() > _LONG:
        return hex(value)[:20] + "…", "-.inf" if value < 0 else ".inf"
    shown = repr(value)
    return shown, {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(shown, shown)
