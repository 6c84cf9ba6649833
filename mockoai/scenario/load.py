"""Loading scenarios by what users call them: a file, or the id of a shipped one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mockoai.scenario import catalogue
from mockoai.scenario.diagnose import Diagnostic, ScenarioError, Source, nearest, quoted
from mockoai.scenario.model import Scenario
from mockoai.scenario.read import read_scenario
from mockoai.scenario.tree import MAX_SIZE

SUFFIXES = (".yaml", ".yml")


def load(name: str | os.PathLike[str]) -> Scenario:
    """Load the scenario that ``name`` means.

    A name is a file when one of that name exists, when it ends in ``.yaml`` or ``.yml``, or when it holds a
    path separator; otherwise it is the id of a shipped scenario. Raises :class:`ScenarioError` when there is
    no such scenario, when it cannot be read, and for everything that is wrong with it.
    """
    if not isinstance(name, str) or is_file(name):
        return load_text(_content(Path(name)), str(name))
    if name not in catalogue.index():
        raise ScenarioError([_unknown(name)])
    return catalogue.get(name)


def load_text(text: str | bytes, source: str = "<text>") -> Scenario:
    """Load a scenario from its text; ``source`` is what messages call it."""
    return read_scenario(text, source)


def load_all(names: Iterable[str | os.PathLike[str]]) -> tuple[Scenario, ...]:
    """Load several scenarios; raises one :class:`ScenarioError` with the mistakes of all of them.

    Two scenarios of the same id are a mistake too: the id is how one is addressed.
    """
    loaded: dict[str, Scenario] = {}
    wrong: list[Diagnostic] = []
    for name in names:
        try:
            scenario = load(name)
        except ScenarioError as error:
            wrong.extend(error.diagnostics)
            continue
        if scenario.id in loaded:
            wrong.append(_duplicate(loaded[scenario.id], scenario))
        loaded[scenario.id] = scenario
    if wrong:
        raise ScenarioError(wrong)
    return tuple(loaded.values())


def is_file(name: str) -> bool:
    """Whether ``name`` means a file rather than the id of a shipped scenario."""
    separators = [one for one in (os.sep, os.altsep, "/") if one]
    return name.endswith(SUFFIXES) or any(one in name for one in separators) or _is_file(name)


# Those of os.path and not of Path, which raise for names that are too long to be one.
_is_file, _is_directory = os.path.isfile, os.path.isdir


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE + 4)  # room for a byte order mark, and for seeing that there is more
    except FileNotFoundError:
        raise ScenarioError([_missing(path)]) from None
    except (OSError, ValueError) as error:
        if _is_directory(path):
            raise ScenarioError([_directory(path)]) from None
        raise ScenarioError([_unreadable(path, error)]) from None


def _unreadable(path: Path, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, OSError):
        reason, help = error.strerror or str(error), "check its name and its permissions"
    else:
        reason, help = "no file can have such a name", ""
    message = f"cannot read {quoted(path)}: {reason}"
    return Diagnostic("file-unreadable", message, Source(str(path)), help=help)


def _missing(path: Path) -> Diagnostic:
    help = ""
    try:
        beside = [one.name for one in path.parent.iterdir() if one.suffix in SUFFIXES]
    except OSError:
        help = f"there is no folder {quoted(path.parent)} either"
        beside = []
    if near := nearest(path.name, beside):
        help = f"did you mean {quoted(path.with_name(near))}?"
    elif path.stem in catalogue.index():
        help = f"the shipped scenario of that name is called {quoted(path.stem)}"
    return Diagnostic("file-missing", f"there is no file {quoted(path)}", Source(str(path)), help=help)


def _directory(path: Path) -> Diagnostic:
    return Diagnostic(
        "file-directory",
        f"{quoted(path)} is a folder",
        Source(str(path)),
        expected="a file, or the id of a shipped scenario",
        help=f"name the files in it: `{path}/*.yaml`",
    )


def _unknown(name: str) -> Diagnostic:
    near = nearest(name, catalogue.index())
    if near:
        help = f"did you mean {quoted(near)}?"
    elif name and _is_directory(name):
        return _directory(Path(name))
    elif file := next((name + suffix for suffix in SUFFIXES if _is_file(name + suffix)), None):
        help = f"to mean the file, write {quoted(file)}"
    else:
        help = "`mockoai list scenarios` shows all of them"
    return Diagnostic("unknown-scenario", f"no scenario is called {quoted(name)}", Source(name), help=help)


def _duplicate(first: Scenario, second: Scenario) -> Diagnostic:
    return Diagnostic(
        "duplicate-scenario",
        f"two scenarios are called {quoted(second.id)}",
        Source(second.source),
        help=f"the other is {first.source}; give one of them another `id`",
    )
