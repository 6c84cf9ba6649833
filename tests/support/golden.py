"""Golden files: expected text kept beside the tests, rewritten with UPDATE_GOLDEN=1 and then read in the diff."""

from __future__ import annotations

import os
from pathlib import Path


def check(path: Path, actual: str) -> None:
    """Assert that ``path`` holds ``actual``; with UPDATE_GOLDEN=1, write it instead."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    assert actual == expected, f"{path} differs; if the new text is right: UPDATE_GOLDEN=1 make test"
