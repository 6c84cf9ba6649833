"""The JSON Schema allows what the reader allows, and refuses what a schema can see."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mockoai.faults import registry
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.record import class_text
from mockoai.scenario.schema import DIALECT, json_schema
from mockoai.scenario.tree import decode, parse
from tests.scenario.test_golden import VALID, WRONG

INVISIBLE = {
    "bad-parameter",  # what a fault refuses, it refuses in code
    "bad-regex",
    "bad-tokens",
    "duplicate-key",  # JSON has none, by the time a schema sees it
    "fault-conflict",
    "fault-never-fires",
    "unreachable-rule",
    "wire-end",
}
"""Mistakes that no schema can see."""


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def as_json(node: Node) -> Any:
    if isinstance(node, Sequence):
        return [as_json(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key.text: as_json(value) for key, value in node.entries}
    assert isinstance(node, Scalar)
    return node.value


def tree_of(path: Path) -> Node | None:
    mistakes = decode(path.read_bytes(), path.name)
    return None if mistakes else parse(mistakes)


def test_it_is_a_schema_of_the_dialect_it_names() -> None:
    schema = json_schema()
    assert schema["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_what_the_reader_takes_the_schema_takes(path: Path) -> None:
    load_text(path.read_bytes(), path.name)
    node = tree_of(path)
    assert node is not None
    validator().validate(as_json(node))


@pytest.mark.parametrize("path", [path for path in WRONG if tree_of(path)], ids=lambda path: path.stem)
def test_what_the_reader_refuses_the_schema_refuses_where_it_can(path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(path.read_bytes(), path.name)
    node = tree_of(path)
    assert node is not None
    seen = {one.code for one in caught.value.diagnostics} - INVISIBLE
    assert validator().is_valid(as_json(node)) is not bool(seen)


def test_editors_are_told_about_every_fault_and_its_parameters() -> None:
    alone, given = json_schema()["$defs"]["Fault"]["anyOf"]
    assert set(given["properties"]) == set(registry.load())
    assert "noop" in alone["enum"]
    assert "test-values" not in alone["enum"], "it has a parameter that must be given"
    for id, cls in registry.load().items():
        shown = given["properties"][id]
        assert shown["description"] == class_text(cls)
        assert shown["additionalProperties"] is False


def test_editors_are_told_what_every_key_is_for() -> None:
    definitions = json_schema()["$defs"]
    assert "source" not in definitions["Scenario"]["properties"]
    assert definitions["When"]["properties"]["message"]["description"] == "Tests of the last user message."
    records = ["Scenario", "Rule", "When", "Timing", "Reply", "ToolCallReply", "ErrorReply", "UsageReply", "Lorem"]
    for name in [*records, "LiteralEvent", "ModelEntry"]:
        assert definitions[name]["description"], name
        for key, schema in definitions[name]["properties"].items():
            assert schema["description"], f"{name}.{key}"
