import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.jsonvalue import compact, equal, is_number

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        ([1, [2]], [1.0, [2]], True),
        ([1], [True], False),
        ([1], [1, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        (None, False, False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_equal(one: Any, other: Any, same: bool) -> None:
    assert equal(one, other) is same
    assert equal(other, one) is same


def test_is_number() -> None:
    assert [value for value in (1, 1.5, True, "1", None) if is_number(value)] == [1, 1.5]


@given(VALUES)
def test_compact_reads_back(value: Any) -> None:
    assert equal(json.loads(compact(value)), value)


def test_compact_has_no_spaces_of_its_own() -> None:
    assert compact({"a": [1, 2.5, None, True], "é": "x y"}) == '{"a":[1,2.5,null,true],"é":"x y"}'


def test_what_is_too_much_for_the_fast_way() -> None:
    assert compact({"big": 2**70, 1: "é"}) == '{"big":1180591620717411303424,"1":"é"}'
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert compact(deep) == "[" * 301 + "]" * 301
