"""JSON that is read whatever is wrong with it, with what is wrong (RFC 8259). Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Wrong = Literal["nan", "control", "utf8", "bom", "blank-lines"]
"""What a reader had to overlook: a number that is none, a control character in a string, bytes that are not UTF-8,
a byte order mark, or blank lines before the value."""

_BOM = "\ufeff"


class NotJson:
    """What :attr:`Text.value` is when there is no JSON."""

    def __repr__(self) -> str:
        return "<not JSON>"

    def __bool__(self) -> bool:
        return False


NOT_JSON = NotJson()


@dataclass(frozen=True, slots=True)
class Text:
    """A text read as JSON: its value, what had to be overlooked, and where reading failed, -1 if it did not."""

    value: Any
    wrong: frozenset[Wrong] = frozenset()
    failed: int = -1

    @property
    def cut(self) -> bool:
        """Whether it begins like JSON and ends too early."""
        return self.value is NOT_JSON and self.failed > 0


def read(data: bytes) -> Text:
    """Read ``data`` as one JSON value."""
    wrong: set[Wrong] = set()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        wrong.add("utf8")
    if text.startswith(_BOM):
        text = text[1:]
        wrong.add("bom")
    if text.startswith(("\n", "\r")):
        wrong.add("blank-lines")
    value: Any
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        try:
            value = json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            return Text(NOT_JSON, frozenset(wrong), _failed(text, error))
        except RecursionError:
            return Text(NOT_JSON, frozenset(wrong), 0)
        wrong.add("control")
    if ("NaN" in text or "Infinity" in text) and _holds_nan(value):
        wrong.add("nan")
    return Text(value, frozenset(wrong))


def _failed(text: str, error: json.JSONDecodeError) -> int:
    """Return how far the text was JSON, 0 when it does not begin like an object or array."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return 0
    unterminated = error.msg.startswith("Unterminated string")
    return len(text) if unterminated or not text[error.pos :].strip() else error.pos


def _holds_nan(value: Any) -> bool:
    """Whether a number in ``value`` is NaN or infinite."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, float) and (one != one or one in (float("inf"), float("-inf"))):
            return True
        if isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
    return False
