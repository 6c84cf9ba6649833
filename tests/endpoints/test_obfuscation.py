"""Paddings."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.endpoints.obfuscation import Padding, size_of
from mockoai.seed import ALPHANUMERIC, Seed


@given(st.lists(st.integers(0, 5000), max_size=200))
def test_any_size_is_padded_to_one_more_than_a_multiple_of_16(sizes: list[int]) -> None:
    padding = Padding(Seed("x"))
    for size in sizes:
        made = padding.next(size)
        assert (size + len(made)) % 16 == 1
        assert len(made) < 16
        assert set(made) <= set(ALPHANUMERIC)


def test_paddings_go_on_and_are_the_same_for_the_same_seed() -> None:
    def made(seed: str) -> str:
        padding = Padding(Seed(seed))
        return "".join(padding.next(2) for _ in range(100))  # 15 characters each: several blocks

    assert made("x") == made("x") != made("y")
    assert len(made("x")) == 1500
    assert len({made("x")[start : start + 15] for start in range(0, 1500, 15)}) == 100


@pytest.mark.parametrize(
    ("value", "size"),
    [("", 2), ("é", 4), ("\n", 4), ("\ud83d", 8), ({"a": [1, None]}, 14), (2**70, 22)],
)
def test_sizes_are_those_of_compact_json(value: object, size: int) -> None:
    assert size_of(value) == size


@given(st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_sizes_are_those_of_what_is_sent(value: object) -> None:
    assert size_of(value) == len(orjson.dumps(value))
