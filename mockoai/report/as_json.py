"""A run as a JSON file, for other programs: the facts as they are."""

from __future__ import annotations

import json

from mockoai.report.facts import Json


def render(facts: Json) -> str:
    """Return ``facts`` as JSON text."""
    return json.dumps(facts, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"
