"""A folder of scenarios of one's own, to be named by their ids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mockoai.errors import UsageError
from mockoai.scenario.diagnose import quoted
from mockoai.scenario.load import SUFFIXES, load_all
from mockoai.scenario.model import Scenario


def load_folder(here: Path, root: Path, name: str) -> tuple[Scenario, ...]:
    """Load every scenario below the folder ``name``, relative to ``here`` or else to ``root``.

    A scenario in a folder of its own belongs to the category of that name, unless it says otherwise. Raises UsageError
    when there is no such folder, ScenarioError with the mistakes of all files.
    """
    folder = next((one for one in (here / name, root / name) if one.is_dir()), None)
    if folder is None:
        help = f"Looked in {here}" + (f" and {root}." if root != here else ".")
        raise UsageError("no-scenario-folder", f"there is no folder {quoted(name)}", help)
    files = sorted(one for one in folder.rglob("*") if one.suffix in SUFFIXES and one.is_file())
    loaded = load_all(files)
    return tuple(
        one if one.category else replace(one, category="/".join(Path(one.source).relative_to(folder).parts[:-1]))
        for one in loaded
    )
