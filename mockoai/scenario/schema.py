"""The JSON Schema of scenario files (draft 2020-12), so that editors complete and check while typing.

Made from the shapes that read the files, so it allows what the reader allows. It cannot see everything the
reader sees: duplicate keys, patterns that do not compile, faults that exclude each other, rules that are
never reached.
"""

from __future__ import annotations

from typing import Any

from mockoai.scenario.read import scenario_shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema, with every registered fault and backend."""
    definitions: dict[str, dict[str, Any]] = {}
    root = scenario_shape().schema(definitions)
    return {
        "$schema": DIALECT,
        "title": "mockoai scenario",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }
