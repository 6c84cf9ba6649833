"""The nodes of a scenario file's tree: values that know where they stand."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_LONGEST_INTEGER = 400  # digits; Python refuses to read very long ones, and none fits anything


@dataclass(slots=True, eq=False)
class Node:
    """A value of the file. Lines and columns count characters from 1.

    ``length`` is how many characters of the first line are it: of a scalar all, of a block mapping its first
    key, of a block sequence the dash. ``size`` counts the values it stands for, itself included; ``height``
    the levels.
    """

    line: int
    column: int
    length: int
    size: int = field(default=1, init=False)
    height: int = field(default=1, init=False)


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """Text, and whether it stands there plain or in quotes (or a block)."""

    text: str
    plain: bool = True
    style: str = ""

    @property
    def value(self) -> str | int | float | bool | None:
        """The value in the core schema of YAML 1.2; numbers too large to hold are infinite."""
        return resolve(self.text) if self.plain else self.text

    @property
    def empty(self) -> bool:
        """Whether nothing is written here."""
        return self.plain and not self.text


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """Keys and values, in the order of the file; no key twice."""

    entries: list[tuple[Scalar, Node]] = field(default_factory=list)

    def entry(self, key: str) -> tuple[Scalar, Node] | None:
        """Return the entry called ``key``, or None."""
        return next((entry for entry in self.entries if entry[0].text == key), None)


def resolve(text: str) -> str | int | float | bool | None:
    """Return what a plain scalar means in the core schema of YAML 1.2 (§10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]  # type: ignore[no-any-return]
    if text[0] not in "-+.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > _LONGEST_INTEGER:
            return -math.inf if text[0] == "-" else math.inf
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return -math.inf if text[0] == "-" else math.inf
    return text
