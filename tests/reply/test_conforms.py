from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockoai.reply.conforms import conforms, is_multiple
from mockoai.reply.subschemas import Subschemas
from tests.support.schemas import documents


def check(value: Any, schema: Any) -> bool:
    return conforms(value, schema, Subschemas(schema))


VALUES: list[Any] = [
    None, True, False, 0, 1, 1.0, 1.5, -3, 14, "", "a", "abc", "é", [], [1], [1, 1.0], [1, True], ["a", "b", "c"],
    [[1], [1]], {}, {"a": 1}, {"a": 1, "b": 2}, {"p_x": 1, "a": "s"}, {"a": None, "b": None, "c": None},
]  # fmt: skip

SCHEMAS: list[Any] = [
    True,
    False,
    {},
    {"type": "integer"},
    {"type": "number"},
    {"type": ["string", "null"]},
    {"type": "boolean"},
    {"const": 1},
    {"const": True},
    {"const": [1, True]},
    {"enum": ["a", 1, None, {"a": 1}]},
    {"minimum": 1},
    {"maximum": 1},
    {"exclusiveMinimum": 1},
    {"exclusiveMaximum": 1},
    {"multipleOf": 7},
    {"multipleOf": 0.5},
    {"minLength": 1},
    {"maxLength": 1},
    {"pattern": "^a"},
    {"minItems": 1},
    {"maxItems": 1},
    {"uniqueItems": True},
    {"items": {"type": "integer"}},
    {"items": False},
    {"prefixItems": [{"const": 1}], "items": {"type": "boolean"}},
    {"contains": {"const": 1}},
    {"contains": {"const": 1}, "minContains": 2},
    {"contains": {"const": 1}, "maxContains": 1, "minContains": 0},
    {"required": ["a"]},
    {"minProperties": 1},
    {"maxProperties": 1},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"patternProperties": {"^p_": {"minimum": 2}}, "additionalProperties": {"type": "string"}},
    {"propertyNames": {"maxLength": 1}},
    {"dependentRequired": {"a": ["b"]}},
    {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"allOf": [{"minimum": 1}, {"maximum": 1}]},
    {"anyOf": [{"type": "string"}, {"minimum": 1}]},
    {"oneOf": [{"minimum": 1}, {"maximum": 1}]},
    {"not": {"type": "string"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 1}},
    {"if": {"type": "string"}},
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}, "minimum": 1},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_it_judges_as_a_validator_does(schema: Any) -> None:
    judge = Draft202012Validator(schema)
    assert [value for value in VALUES if check(value, schema) != judge.is_valid(value)] == []


@settings(max_examples=150, deadline=None)
@given(documents(), st.sampled_from(VALUES))
def test_it_judges_generated_schemas_as_a_validator_does(schema: Any, value: Any) -> None:
    assert check(value, schema) == Draft202012Validator(schema).is_valid(value)


def test_the_older_keywords() -> None:
    tuple_ = {"items": [{"const": 1}], "additionalItems": False}
    assert check([1], tuple_)
    assert not check([2], tuple_)
    assert not check([1, 1], tuple_)
    dependent = {"dependencies": {"a": ["b"], "b": {"required": ["c"]}}}
    assert check({"a": 1, "b": 1, "c": 1}, dependent)
    assert not check({"a": 1}, dependent)
    assert not check({"a": 1, "b": 1}, dependent)
    assert check(None, {"type": "string", "nullable": True})
    assert not check(None, {"type": "string"})


def test_an_unreadable_pattern_constrains_nothing() -> None:
    assert check("x", {"pattern": "("})
    assert check("x", {"pattern": "(?=a)"})


def test_what_refers_to_itself_without_end_is_taken() -> None:
    assert check(1, {"$ref": "#"})


def test_multiples_are_exact_in_floating_point() -> None:
    assert is_multiple(9, 3)
    assert is_multiple(0.5, 0.25)
    assert not is_multiple(0.07, 0.01)
    assert not is_multiple(1e300, 1e-300)
