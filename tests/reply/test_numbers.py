from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockoai.reply.numbers import number
from mockoai.seed import Seed

BOUNDS = st.integers(-50, 50) | st.floats(-50, 50).map(lambda value: round(value, 2))


@given(BOUNDS, st.integers(2, 60), st.booleans(), st.sampled_from([(), (0,), (1,), (0, 1)]), st.integers())
def test_bounds_are_obeyed(low: float, size: int, whole: bool, exclusive: tuple[int, ...], seed: int) -> None:
    names = ["exclusiveMinimum" if 0 in exclusive else "minimum", "exclusiveMaximum" if 1 in exclusive else "maximum"]
    schema = {"type": "integer" if whole else "number", **dict(zip(names, (low, low + size), strict=True))}
    Draft202012Validator(schema).validate(number(schema, Seed(seed), whole=whole))


@given(st.sampled_from([1, 3, 7, 0.5, 0.25, 0.1, 0.01, 2.5, 1e-3]), st.integers(-100, 100), st.integers())
def test_multiples(step: float, low: int, seed: int) -> None:
    schema = {"type": "number", "multipleOf": step, "minimum": low, "maximum": low + 20}
    Draft202012Validator(schema).validate(number(schema, Seed(seed), whole=False))


@pytest.mark.parametrize(
    ("keywords", "low", "high"),
    [({}, 1, 100), ({"minimum": 500}, 500, 600), ({"maximum": -500}, -600, -500), ({"minimum": "x"}, 1, 100)],
)
def test_open_ends(keywords: dict[str, Any], low: int, high: int) -> None:
    drawn = {number(keywords, Seed(seed), whole=True) for seed in range(200)}
    assert len(drawn) > 50
    assert low <= min(drawn)
    assert max(drawn) <= high


def test_numbers_have_few_digits() -> None:
    assert all(len(str(number({}, Seed(seed), whole=False))) <= 5 for seed in range(100))


@pytest.mark.parametrize(
    "keywords",
    [
        {"minimum": 5, "maximum": 4},
        {"minimum": 1e300, "multipleOf": 1e-300},
        {"multipleOf": 0},
        {"multipleOf": -2},
        {"minimum": 1, "maximum": 2, "multipleOf": 50},
        {"minimum": -1.7e308, "maximum": 1.7e308},
    ],
)
def test_the_impossible_gives_a_number_too(keywords: dict[str, Any]) -> None:
    for whole in (True, False):
        assert isinstance(number(keywords, Seed(1), whole=whole), (int, float))
