"""Reading one value with one shape, as tests of shapes need it."""

from __future__ import annotations

from typing import Any

from mockoai.scenario.diagnose import Diagnostic
from mockoai.scenario.shapes import WRONG, Shape
from mockoai.scenario.tree import decode, parse


def read(shape: Shape, text: str) -> Any:
    """Return the value that ``shape`` reads from the YAML ``text``; fails when it finds a mistake."""
    value, mistakes = attempt(shape, text)
    assert not mistakes, [one.message for one in mistakes]
    return value


def refusal(shape: Shape, text: str) -> Diagnostic:
    """Return the one mistake that ``shape`` finds in the YAML ``text``."""
    value, mistakes = attempt(shape, text)
    assert value is WRONG
    assert len(mistakes) == 1, [one.message for one in mistakes]
    return mistakes[0]


def attempt(shape: Shape, text: str) -> tuple[Any, list[Diagnostic]]:
    """Return what ``shape`` makes of the YAML ``text``, and the mistakes it finds."""
    mistakes = decode(text, "test.yaml")
    node = parse(mistakes)
    assert node is not None, mistakes.sorted()
    return shape.read(node, mistakes), mistakes.sorted()
