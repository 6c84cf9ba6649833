"""Paths into a request's body: ``tools[0].function.name``, ``messages[-1].content``, ``metadata."a key"``.

A path is fields and indices. A field with other characters than letters, digits, ``_``, ``$``, ``@`` and
``-`` stands in quotes; a negative index counts from the end, and ``[*]`` stands for every index: the path
``tools[*].function.name`` leads to the names of all tools. Any other path leads to one value, or to none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, islice
from typing import Any


class Every:
    """The step of a path that stands for every index."""

    def __repr__(self) -> str:
        return "<every>"


EVERY = Every()

Path = tuple[str | int | Every, ...]

MOST = 10_000
"""Values that one path leads to at most; what lies behind them is not looked at."""

_STEP = re.compile(
    r"""(?x) (?P<dot>\.)? (?: (?P<plain>[\w$@-]+) | "(?P<quoted>[^"]+)" ) | \[ (?P<index>-?\d{1,9}|\*) \]"""
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
    steps: list[str | int | Every] = []
    place = 0
    while place < len(text):
        step = _STEP.match(text, place)
        if step is None or not _follows(step, first=not steps):
            raise PathError(f"`{text}` is not a path: `{text[place:]}` is no field or index", place)
        index = step["index"]
        if index is None:
            steps.append(step["plain"] or step["quoted"])
        else:
            steps.append(EVERY if index == "*" else int(index))
        place = step.end()
    if not steps:
        raise PathError("an empty path leads nowhere", 0)
    return tuple(steps)


def _follows(step: re.Match[str], *, first: bool) -> bool:
    """Whether ``step`` can stand there: a path begins with a field, and further fields have a dot before them."""
    return not first if step["index"] is not None else bool(step["dot"]) is not first


def find(value: Any, path: Path) -> list[Any]:
    """Return what ``path`` leads to in the JSON value ``value``; nothing where there is nothing."""
    found = [value]
    for step in path:
        if isinstance(step, str):
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
        elif isinstance(step, Every):
            lists = (one for one in found if isinstance(one, list))
            found = list(islice(chain.from_iterable(lists), MOST))
        else:
            found = [one[step] for one in found if isinstance(one, list) and -len(one) <= step < len(one)]
    return found
