import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockoai.reply.conforms import conforms
from mockoai.reply.schema import instance
from mockoai.reply.subschemas import Subschemas
from mockoai.seed import Seed
from tests.support.schemas import documents


def valid(schema: Any, value: Any) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


SCHEMAS: dict[str, Any] = {
    "steps": {
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}},
            "final_answer": {"type": "string"},
        },
        "required": ["steps", "final_answer"],
        "additionalProperties": False,
        "$defs": {
            "Step": {
                "type": "object",
                "properties": {"explanation": {"type": "string"}, "output": {"type": "string"}},
                "required": ["explanation", "output"],
                "additionalProperties": False,
            }
        },
    },
    "linked list": {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "value": {"type": "number"},
                    "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                },
                "required": ["value", "next"],
                "additionalProperties": False,
            }
        },
    },
    "tree by the root": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["name", "children"],
    },
    "optional recursion": {
        "type": "object",
        "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": {"type": "integer"}},
        "required": ["value"],
    },
    "by anchor and id": {
        "type": "array",
        "items": [{"$ref": "#point"}, {"$ref": "https://example.com/name"}],
        "prefixItems": [{"$ref": "#point"}, {"$ref": "https://example.com/name"}],
        "minItems": 2,
        "$defs": {
            "a": {"$anchor": "point", "const": 4},
            "b": {"$id": "https://example.com/name", "enum": ["x", "y"]},
        },
    },
    "escaped pointer": {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"const": 1}}},
    "pointer into a list": {"$ref": "#/anyOf/1", "anyOf": [{"type": "string"}, {"const": 3}]},
    "overlapping oneOf": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "overlapping oneOf in a list": {
        "type": "array",
        "items": {"oneOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 20}]},
        "minItems": 3,
    },
    "discriminated": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
                "required": ["kind"],
            },
            {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]},
        ],
        "discriminator": {"propertyName": "kind"},
    },
    "if then else": {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"], "properties": {"x": {"type": "integer"}}},
        "else": {"required": ["y"], "properties": {"y": {"type": "string"}}},
    },
    "allOf": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"maximum": 9}, "b": {"type": "string", "pattern": "^x+$", "minLength": 4}}},
            {"required": ["b"]},
        ]
    },
    "allOf of references": {
        "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}],
        "$defs": {
            "a": {"type": ["integer", "string"], "enum": [1, 2, "x"]},
            "b": {"type": ["number", "null"], "enum": [2, 3, 1.0, None]},
        },
    },
    "reference with siblings": {
        "$ref": "#/$defs/a",
        "minimum": 5,
        "$defs": {"a": {"type": "integer", "maximum": 6}},
    },
    "anyOf with siblings": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        "additionalProperties": False,
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "map with named keys": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "minProperties": 2,
        "propertyNames": {"pattern": "^[a-z]{3}$"},
    },
    "map with enumerated keys": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "minProperties": 1,
        "propertyNames": {"enum": ["a", "b"]},
    },
    "pattern properties": {
        "type": "object",
        "patternProperties": {"^p_": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "property and pattern": {
        "type": "object",
        "properties": {"p_a": {"minimum": 4}},
        "patternProperties": {"^p_": {"type": "integer", "maximum": 5}},
        "required": ["p_a", "p_b", "other"],
        "additionalProperties": {"type": "boolean"},
    },
    "minProperties": {"type": "object", "properties": {"a": {}, "b": {}}, "minProperties": 3},
    "maxProperties": {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 1},
    "dependent": {
        "type": "object",
        "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"type": "null"}},
        "dependentRequired": {"a": ["b"], "b": ["c"]},
        "required": ["a"],
    },
    "dependent schemas": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a"],
        "dependentSchemas": {"a": {"required": ["b"]}},
        "anyOf": [{}, {"required": ["b"]}],
    },
    "contains": {
        "type": "array",
        "contains": {"const": 7},
        "minContains": 2,
        "items": {"type": "integer"},
        "minItems": 4,
    },
    "unique": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    "unique, fewer than wanted": {"type": "array", "items": {"enum": [1]}, "uniqueItems": True},
    "tuple": {
        "type": "array",
        "prefixItems": [{"const": 1}, {"type": "string"}],
        "items": False,
        "minItems": 2,
    },
    "no items": {"type": "array", "items": False},
    "maxItems": {"type": "array", "items": {"type": "null"}, "maxItems": 1},
    "cents": {"type": "number", "multipleOf": 0.01, "minimum": 0, "exclusiveMaximum": 1},
    "sevens": {"type": "integer", "multipleOf": 7, "exclusiveMinimum": 7, "maximum": 21},
    "halves": {"type": "integer", "multipleOf": 0.5, "minimum": 2, "maximum": 3},
    "narrow": {"type": "number", "exclusiveMinimum": 0.001, "exclusiveMaximum": 0.002},
    "integers between": {"type": "integer", "exclusiveMinimum": 1.5, "exclusiveMaximum": 3},
    "below": {"type": "integer", "maximum": -5},
    "above": {"type": "number", "minimum": 1e6},
    "huge": {"type": "number", "minimum": -1e308, "maximum": 1e308},
    "not": {"not": {"type": "string"}},
    "not this value": {"type": "integer", "minimum": 1, "maximum": 2, "not": {"const": 1}},
    "type list": {"type": ["string", "null"], "format": "date-time"},
    "constants": {"enum": ["a", 1, None, {"b": [True]}]},
    "enum narrowed": {"enum": ["a", 1, None], "type": "integer"},
    "nested nullable": {"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"const": 3}]}}},
    "everything": True,
    "anything": {},
    "untyped": {"minimum": 3, "maximum": 4},
    "never in a list": {"type": "array", "items": {"anyOf": [False, {"type": "null"}]}},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_instances_are_valid(name: str) -> None:
    schema = SCHEMAS[name]
    if name == "by anchor and id":
        schema = {key: value for key, value in schema.items() if key != "items"}
    values = [instance(schema, Seed(number)) for number in range(60)]
    assert [value for value in values if not valid(schema, value)] == []


def test_draft_7_tuples_are_understood() -> None:
    schema = {
        "type": "array",
        "items": [{"const": 1}, {"const": 2}],
        "additionalItems": {"const": 3},
        "minItems": 3,
    }
    assert instance(schema, Seed(1))[:3] == [1, 2, 3]


def test_openapi_nullable_is_understood() -> None:
    schema = {"type": "string", "nullable": True}
    values = {type(instance(schema, Seed(number))) for number in range(100)}
    assert values == {str, type(None)}


def test_optional_properties_are_there_sometimes() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "null"}, "b": {"type": "null"}},
        "required": ["a"],
    }
    seen = {tuple(instance(schema, Seed(number))) for number in range(50)}
    assert seen == {("a",), ("a", "b")}


def test_properties_stand_in_the_order_of_the_schema() -> None:
    schema = {"type": "object", "properties": {"z": {}, "a": {}, "m": {}}, "required": ["m", "a", "z"]}
    assert list(instance(schema, Seed(1))) == ["z", "a", "m"]


def test_all_options_come_up() -> None:
    schema = {"anyOf": [{"const": 1}, {"const": 2}, {"const": 3}]}
    assert {instance(schema, Seed(number)) for number in range(60)} == {1, 2, 3}


def test_the_same_seed_makes_the_same_instance() -> None:
    one = [json.dumps(instance(SCHEMAS["tree by the root"], Seed(number))) for number in range(20)]
    assert one == [json.dumps(instance(SCHEMAS["tree by the root"], Seed(number))) for number in range(20)]
    assert len(set(one)) > 10


def test_an_unknown_reference_allows_anything() -> None:
    assert isinstance(instance({"$ref": "#/nowhere"}, Seed(1)), str)
    assert isinstance(instance({"$ref": "elsewhere.json#/x"}, Seed(1)), str)


def doubling(levels: int) -> dict[str, Any]:
    defs: dict[str, Any] = {f"d{levels}": {"type": "string"}}
    for level in range(levels):
        below = {"$ref": f"#/$defs/d{level + 1}"}
        defs[f"d{level}"] = {"type": "object", "properties": {"x": below, "y": below}, "required": ["x", "y"]}
    return {"$ref": "#/$defs/d0", "$defs": defs}


def nested(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


def conjoined(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"allOf": [schema]}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"anyOf": [{"$ref": "#"}]},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 2},
        {"type": "array", "minItems": 10**9, "items": {"type": "string", "minLength": 10**9}},
        {"type": "array", "uniqueItems": True, "minItems": 10**6, "items": {"type": "integer"}},
        {"type": "object", "minProperties": 10**9},
        {"enum": []},
        {"anyOf": []},
        {"type": []},
        {"type": "moon"},
        {"not": {}},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "integer", "minimum": 1e300},
        {"type": "number", "multipleOf": 5e-324, "minimum": 1},
        {"type": "number", "multipleOf": 1e300},
        {"type": "integer", "multipleOf": 0.3, "minimum": 1, "maximum": 1},
        {"type": "number", "multipleOf": 0},
        False,
        7,
        None,
        doubling(30),
        nested(300),
        conjoined(300),
        {"allOf": [doubling(20), {"$ref": "#/allOf/0/$defs/d0"}]},
        {"oneOf": [{"type": "object", "properties": {"a": {"$ref": "#"}}}] * 3},
    ],
    ids=range(29),
)
def test_what_has_no_end_or_no_instance_still_ends(schema: Any) -> None:
    start = time.perf_counter()
    value = instance(schema, Seed(1))
    assert len(json.dumps(value)) < 500_000
    assert time.perf_counter() - start < 3


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents(), st.integers(0, 2**32))
def test_instances_of_generated_schemas_are_valid(schema: Any, seed: int) -> None:
    value = instance(schema, Seed(seed))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(value)
    assert conforms(value, schema, Subschemas(schema))


KEYWORDS = (
    "type", "properties", "required", "items", "prefixItems", "enum", "const", "anyOf", "oneOf", "allOf",
    "not", "if", "then", "else", "$ref", "$defs", "minimum", "maximum", "exclusiveMinimum", "multipleOf",
    "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "contains",
    "minContains", "minProperties", "maxProperties", "additionalProperties", "patternProperties",
    "propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "nullable", "additionalItems",
    "$anchor", "$id",
)  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text("ab^[", max_size=3),
    lambda one: (
        st.lists(one, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYWORDS),
            one | st.sampled_from(["object", "array", "string", "integer", "number", "#", "#/$defs/a", "#a"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ODD, st.integers(0, 99))
def test_what_is_no_schema_never_raises(schema: Any, seed: int) -> None:
    json.dumps(instance(schema, Seed(seed)))
