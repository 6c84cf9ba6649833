"""The shipped scenarios: ``<category>/<id>.yaml``, in the wheel or beside the package in a checkout.

Nothing is parsed to find them: the index is made of file names, and a scenario is read when it is asked for.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mockoai.scenario.diagnose import REST_OF_LINE, Diagnostic, ScenarioError, Source, did_you_mean, quoted
from mockoai.scenario.model import Scenario, Span
from mockoai.scenario.read import read_scenario


class Entry(NamedTuple):
    """Where a shipped scenario is: its category and its file."""

    category: str
    path: Path


PACKAGE = Path(__file__).parents[1]


def folder(package: Path = PACKAGE) -> Path | None:
    """Return the folder of the catalogue that came with ``package``, or None when none did."""
    for candidate in (package / "_catalogue", package.parent / "scenarios"):
        if candidate.is_dir():
            return candidate
    return None


@cache
def index() -> dict[str, Entry]:
    """Return all shipped scenarios by id, in the order of category and id."""
    root = folder()
    return scan(root) if root else {}


def scan(root: Path) -> dict[str, Entry]:
    """Return the scenarios below ``root`` by id.

    Raises :class:`ScenarioError` when two categories have one of the same id.
    """
    found: dict[str, Entry] = {}
    for category in _names(root):
        for name in _names(root / category) if (root / category).is_dir() else ():
            id = name.removesuffix(".yaml")
            if id == name:
                continue
            entry = Entry(category, root / category / name)
            if id in found:
                message = f"two scenarios are called {quoted(id)}"
                help = f"the other is {found[id].path}; an id is unique across categories"
                raise ScenarioError([Diagnostic("duplicate-scenario", message, Source(str(entry.path)), help=help)])
            found[id] = entry
    return found


def _names(directory: Path) -> list[str]:
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith((".", "_")))


def ids() -> tuple[str, ...]:
    """Return the ids of all shipped scenarios."""
    return tuple(index())


def categories() -> dict[str, tuple[str, ...]]:
    """Return the ids of every category."""
    out: dict[str, list[str]] = {}
    for id, entry in index().items():
        out.setdefault(entry.category, []).append(id)
    return {category: tuple(members) for category, members in out.items()}


def path(id: str) -> Path:
    """Return the file of the shipped scenario ``id``.

    Raises :class:`ScenarioError` with the nearest id when there is none.
    """
    entry = index().get(id)
    if entry is None:
        help = did_you_mean(id, index()) or "`mockoai list scenarios` shows all of them"
        raise ScenarioError(
            [Diagnostic("unknown-scenario", f"no scenario is called {quoted(id)}", Source(id), help=help)]
        )
    return entry.path


@cache
def get(id: str) -> Scenario:
    """Return the shipped scenario ``id``, read once.

    Raises :class:`ScenarioError` when there is none, or when it is not sound.
    """
    file = path(id)
    return read_entry(Entry(file.parent.name, file))


def read_entry(entry: Entry) -> Scenario:
    """Read a file of a catalogue: its id must be its name, and its category, when given, its folder."""
    data = entry.path.read_bytes()
    scenario = read_scenario(data, str(entry.path))
    for key, value in (("id", entry.path.stem), ("category", entry.category)):
        found = getattr(scenario, key)
        if found and found != value:
            source = Source(str(entry.path), data.decode())
            lines = enumerate(source.lines, 1)
            line = next((number for number, one in lines if one.startswith(f"{key}:")), 1)
            diagnostic = Diagnostic(
                "catalogue-mismatch",
                f"the {key} {quoted(found)} does not fit the file",
                source,
                Span(line, 1),
                REST_OF_LINE,
                expected=quoted(value),
                help="a shipped scenario is `<category>/<id>.yaml`",
            )
            raise ScenarioError([diagnostic])
    return replace(scenario, category=entry.category)
