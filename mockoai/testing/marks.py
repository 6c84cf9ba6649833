"""``@pytest.mark.mockoai("id", category="sse", allow_unused=True)``: which scenarios a test is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mockoai.errors import UsageError
from mockoai.scenario import catalogue
from mockoai.scenario.diagnose import any_of, did_you_mean, quoted
from mockoai.scenario.model import Scenario

if TYPE_CHECKING:
    import pytest

ALLOWANCES = ("allow_unused", "allow_unmatched", "allow_late")
_KEYWORDS = ("category", *ALLOWANCES)


@dataclass(frozen=True, slots=True)
class Marked:
    """What the markers of a test say: ``names`` of scenarios as written, ``categories``, what it may leave undone."""

    names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    allowed: frozenset[str] = field(default_factory=frozenset)

    @property
    def many(self) -> bool:
        """Whether the test is to run once for each of several scenarios."""
        return len(self.names) > 1 or bool(self.categories) or any(_is_pattern(one) for one in self.names)


def read(marks: Iterable[pytest.Mark]) -> Marked:
    """Read the markers of a test, the closest first: the closest that names scenarios does so alone.

    Raises UsageError when one says what cannot be said.
    """
    names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    allowed: set[str] = set()
    for mark in marks:
        _check(mark)
        category: Any = mark.kwargs.get("category", ())
        category = (category,) if isinstance(category, str) else tuple(category)
        if not (names or categories):
            names, categories = tuple(mark.args), category
        allowed |= {name for name in ALLOWANCES if mark.kwargs.get(name)}
    return Marked(names, categories, frozenset(allowed))


def expand(marked: Marked, own: Sequence[Scenario]) -> list[str]:
    """Return the names of all scenarios that are meant, each once, patterns and categories written out.

    ``own`` are scenarios besides the catalogue. Raises UsageError for what nothing belongs to.
    """
    known = {one.id: f"{one.category}/{one.id}" for one in own}
    known |= {id: f"{entry.category}/{id}" for id, entry in catalogue.index().items() if id not in known}
    categories = {path.partition("/")[0] for path in known.values()} - {""}
    found: dict[str, None] = {}
    for category in marked.categories:
        if category not in categories:
            help = did_you_mean(category, categories) or f"categories are {any_of(sorted(categories))}"
            raise UsageError("no-scenario-matches", f"there is no category {quoted(category)}", help)
        found |= dict.fromkeys(id for id, path in known.items() if path.startswith(f"{category}/"))
    for name in marked.names:
        if not _is_pattern(name):
            found[name] = None
            continue
        matching = [id for id, path in known.items() if fnmatchcase(path, name) or fnmatchcase(id, name)]
        if not matching:
            near = did_you_mean(name.partition("/")[0], categories) if "/" in name else ""
            help = near or "patterns are held against `category/id` and `id`"
            raise UsageError("no-scenario-matches", f"no scenario is like {quoted(name)}", help)
        found |= dict.fromkeys(matching)
    return list(found)


def _is_pattern(name: str) -> bool:
    return any(one in name for one in "*?[")


def _check(mark: pytest.Mark) -> None:
    for name in mark.args:
        if not isinstance(name, str):
            help = "Give ids, files and patterns as text."
            raise UsageError("bad-marker", f"`@pytest.mark.mockoai` was given {quoted(repr(name))}", help)
    for key in mark.kwargs:
        if key not in _KEYWORDS:
            help = did_you_mean(key, _KEYWORDS) or f"it takes {any_of(_KEYWORDS)}"
            raise UsageError("bad-marker", f"`@pytest.mark.mockoai` takes no {quoted(key)}", help)
