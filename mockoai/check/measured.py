"""What real clients made of a failure when the catalogue was last run with them: ``scenarios/clients.json``."""

from __future__ import annotations

from functools import cache

from mockoai.check.model import Measured
from mockoai.scenario import catalogue

_MARKS = ("survived", "own", "foreign", "silent", "hung")


def measured(id: str) -> tuple[Measured, ...]:
    """Return the counts of every kind of call that ``id`` was tried in; nothing where it was not."""
    return _all().get(id, ())


@cache
def _all() -> dict[str, tuple[Measured, ...]]:
    import json

    folder = catalogue.folder()
    file = folder / "clients.json" if folder else None
    if file is None or not file.is_file():
        return {}
    found: dict[str, list[Measured]] = {}
    for row in json.loads(file.read_text(encoding="utf-8"))["rows"]:
        marks = [one["mark"] for one in row["results"].values()]
        counts = {mark: marks.count(mark) for mark in _MARKS}
        found.setdefault(row["scenario"], []).append(Measured(call=row["call"], **counts))
    return {id: tuple(rows) for id, rows in found.items()}
