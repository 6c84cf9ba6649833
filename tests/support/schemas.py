"""JSON Schemas for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# Schemas that have an instance by construction, and of which jsonschema is the judge.

NAMES = st.sampled_from(["city", "email", "value", "a b", "ids"])
AGAIN = {
    "type": "object",
    "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "more": {"$ref": "#"}},
    "required": ["next"],
}
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        *[st.integers(0, 9)] * 2,
    ),
    st.sampled_from([{"type": "string", "pattern": r"^[a-f]{2,}\d$"}, {"type": "string", "format": "uuid"}]),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-9, 9),
        st.integers(0, 9),
    ),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low, "maximum": low + 0.5}, st.integers(-9, 9)),
    st.builds(lambda step: {"type": "integer", "multipleOf": step}, st.integers(1, 9)),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"const": {"a": 1}}, {"enum": ["x", 2, None]}, True, {}]),
    st.sampled_from([{"type": ["string", "null"]}, {"$ref": "#/$defs/leaf"}, AGAIN]),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def build(properties: dict[str, Any], required: list[str], closed: bool, least: int) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in required if name in properties],
            "minProperties": min(least, len(properties)),
            **({"additionalProperties": False} if closed else {}),
        }

    names = st.lists(NAMES, unique=True, max_size=5)
    return st.builds(build, st.dictionaries(NAMES, inner, max_size=4), names, st.booleans(), st.integers(0, 2))


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def build(items: Any, least: int, more: int, first: list[Any]) -> dict[str, Any]:
        bounds = {"minItems": least, "maxItems": least + more}
        return {"type": "array", "items": items, **bounds, **({"prefixItems": first} if first else {})}

    return st.builds(build, inner, st.integers(0, 3), st.integers(0, 3), st.lists(inner, max_size=2))


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    tagged = st.lists(inner, min_size=1, max_size=3).map(
        lambda options: {
            "oneOf": [
                {"type": "object", "properties": {"tag": {"const": n}, "of": one}, "required": ["tag", "of"]}
                for n, one in enumerate(options)
            ]
        }
    )
    both = st.tuples(inner, inner).map(
        lambda pair: {
            "allOf": [
                {"type": "object", "properties": {"left": pair[0]}, "required": ["left"]},
                {"type": "object", "properties": {"right": pair[1]}, "required": ["right"]},
            ]
        }
    )
    either = st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
    return st.one_of(either, tagged, both)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    inner = st.recursive(LEAVES, lambda one: objects(one) | arrays(one) | combined(one), max_leaves=8)
    root = draw(objects(inner) | combined(inner))
    return {**root, "$defs": {"leaf": {"type": "integer", "minimum": 1}}}
