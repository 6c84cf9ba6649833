"""Scenarios by the names, globs and folders given on the command line, and those of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from mockoai.errors import UsageError
from mockoai.report.facts import SCHEMA_VERSION
from mockoai.report.redact import REDACTED
from mockoai.scenario import catalogue
from mockoai.scenario.diagnose import did_you_mean, quoted
from mockoai.scenario.load import SUFFIXES, load_all
from mockoai.scenario.model import HEALTHY, Scenario


def select(names: Iterable[str]) -> list[tuple[str, Scenario]]:
    """Return every scenario that ``names`` mean, each once, with the name that means it alone.

    A name is what ``load`` takes, ``category/id``, a folder, or a glob over files or over ``id`` and
    ``category/id`` of the catalogue. Raises ScenarioError, and UsageError for a glob that means nothing.
    """
    found = list(dict.fromkeys(one for name in names for one in _expanded(name)))
    read = [one for one in found if one != HEALTHY.id]
    loaded = dict(zip(read, load_all(read), strict=True)) | {HEALTHY.id: HEALTHY}
    return [(one, loaded[one]) for one in found]


def _expanded(name: str) -> Iterator[str]:
    path = Path(name)
    category, _, id = name.rpartition("/")
    entry = catalogue.index().get(id)
    if name and path.is_dir() and name not in catalogue.index():
        files = sorted(str(one) for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())
        yield from _some(name, files)
    elif path.exists() or not has_magic(name):
        yield id if entry is not None and entry.category == category and not path.exists() else name
    else:
        # Path.glob takes no absolute patterns.
        files = [one for one in sorted(glob(name, recursive=True)) if one.endswith(SUFFIXES)]  # noqa: PTH207
        yield from _some(name, files or _shipped(name))


def _shipped(pattern: str) -> list[str]:
    return [
        id
        for id, entry in catalogue.index().items()
        if fnmatchcase(f"{entry.category}/{id}" if "/" in pattern else id, pattern)
    ]


def _some(name: str, found: Sequence[str]) -> Sequence[str]:
    if not found:
        category = name.split("/", maxsplit=1)[0]
        near = did_you_mean(category, catalogue.categories()) if "/" in name else ""
        raise UsageError("no-scenario-matches", f"no scenario matches {quoted(name)}", near or _LISTED)
    return found


_LISTED = "`mockoai list scenarios` shows all there are; quote a glob, or the shell takes it for files."


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run did: the names of the cases that did not pass, its command, and its options."""

    names: tuple[str, ...]
    command: tuple[str, ...]
    seed: int | None
    timeout: float
    backend: str | None
    url_names: tuple[str, ...]


def earlier(path: str, only: Sequence[str]) -> Earlier:
    """Read the report that ``mockoai run --json`` wrote to ``path``; ``only`` are the names or ids that are wanted.

    Without ``only``, those that did not pass. Raises UsageError when it is no such report or has nothing to run.
    """
    try:
        report: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        version = report["schema_version"]
        cases = [(str(one["name"]), str(one["scenario"]), one["status"] != "passed") for one in report["cases"]]
        command = tuple(str(one) for one in report["command"])
        names = tuple(name for name, id, bad in cases if (name in only or id in only if only else bad))
        url_names = tuple(map(str, report["base_url_env"]))
        found = Earlier(names, command, report["seed"], float(report["timeout"]), report["backend"], url_names)
    except OSError as error:
        raise UsageError("bad-report", f"cannot read {quoted(path)}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        help = "Give the file that `mockoai run --json FILE` wrote."
        raise UsageError("bad-report", f"{quoted(path)} is no report of a run", help) from None
    if version != SCHEMA_VERSION:
        help = f"This version reads schema_version {SCHEMA_VERSION}; run it anew."
        raise UsageError("bad-report", f"{quoted(path)} has schema_version {version}", help)
    if not names:
        help = "Name one of its scenarios to run it all the same."
        message = f"{quoted(path)} has no such scenario" if only else f"every scenario of {quoted(path)} passed"
        raise UsageError("nothing-to-replay", message, help)
    return found


def recorded_command(found: Earlier) -> tuple[str, ...]:
    """Return the command of an earlier run; raises UsageError when a secret was taken out of it."""
    if any(REDACTED in word for word in found.command):
        help = "Give the command again: `mockoai run --replay REPORT -- COMMAND`."
        raise UsageError("missing-command", "a secret was taken out of the command in the report", help)
    return found.command
