"""Paths into a request's body: ``tools[0].function.name``, ``messages[-1].content``, ``metadata."a key"``.

A path is fields and indices. A field with other characters than letters, digits, ``_``, ``$``, ``@`` and
``-`` stands in quotes; a negative index counts from the end. There are no wildcards: a path leads to one
value, or to none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

Path = tuple[str | int, ...]

_STEP = re.compile(
    r"""(?x) (?P<dot>\.)? (?: (?P<plain>[\w$@-]+) | "(?P<quoted>[^"]+)" ) | \[ (?P<index>-?\d{1,9}) \]"""
)


class Missing:
    """What a path leads to where there is nothing."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING = Missing()


class PathError(ValueError):
    """A text is no path. ``place`` is the number of characters that could be read."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


@lru_cache(maxsize=512)
def parse(text: str) -> Path:
    """Read a path; raises PathError when ``text`` is none."""
    steps: list[str | int] = []
    place = 0
    while place < len(text):
        step = _STEP.match(text, place)
        if step is None or not _follows(step, first=not steps):
            raise PathError(f"`{text}` is not a path: `{text[place:]}` is no field or index", place)
        steps.append(int(step["index"]) if step["index"] is not None else step["plain"] or step["quoted"])
        place = step.end()
    if not steps:
        raise PathError("an empty path leads nowhere", 0)
    return tuple(steps)


def _follows(step: re.Match[str], *, first: bool) -> bool:
    """Whether ``step`` can stand there: a path begins with a field, and further fields have a dot before them."""
    return not first if step["index"] is not None else bool(step["dot"]) is not first


def find(value: Any, path: Path) -> Any:
    """Return what ``path`` leads to in the JSON value ``value``; :data:`MISSING` where there is nothing."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return MISSING
        elif not isinstance(value, list) or not -len(value) <= step < len(value):
            return MISSING
        value = value[step]
    return value
