import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import Part, Usage, Vector
from mockoai.reply.embeddings import MAX_DIMENSIONS, vector
from mockoai.scenario.model import Reply, UsageReply
from tests.support.composing import ask, usage

SMALL = "text-embedding-3-small"


def embed(reply: Reply | None = None, **fields: Any) -> tuple[Part, ...]:
    return ask(reply, "embeddings", **{"model": SMALL, "input": "hello world", **fields})


def vectors(parts: tuple[Part, ...]) -> list[tuple[float, ...]]:
    found = [part for part in parts if isinstance(part, Vector)]
    assert [part.choice for part in found] == list(range(len(found)))
    return [part.values for part in found]


def test_one_input() -> None:
    parts = embed()
    assert [type(part) for part in parts] == [Vector, Usage]
    assert usage(parts) == Usage(prompt=2)


@pytest.mark.parametrize(
    ("given_", "count", "tokens"),
    [
        ("hello", 1, 1),
        (["hello", "hello world"], 2, 3),
        ([15339, 1917], 1, 2),
        ([[15339], [15339, 1917]], 2, 3),
        ([], 0, 0),
        (None, 0, 0),
        ([["odd"]], 1, 1),
        ([None], 1, 0),
    ],
)
def test_inputs_of_every_shape(given_: Any, count: int, tokens: int) -> None:
    parts = embed(input=given_)
    assert len(vectors(parts)) == count
    assert usage(parts).prompt == tokens


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, 1536),
        ({"model": "text-embedding-ada-002"}, 1536),
        ({"model": "text-embedding-3-large"}, 3072),
        ({"model": "text-embedding-3-large", "dimensions": 256}, 256),
        ({"dimensions": 1}, 1),
        ({"dimensions": 10**9}, MAX_DIMENSIONS),
    ],
)
def test_dimensions(fields: dict[str, Any], size: int) -> None:
    ((values,),) = [vectors(embed(**fields))]
    assert len(values) == size


@given(st.text(max_size=20), st.integers(1, 200))
def test_vectors_have_length_one(text: str, size: int) -> None:
    assert math.isclose(math.hypot(*vector(text, SMALL, size)), 1.0)


def test_the_same_input_has_the_same_vector_everywhere() -> None:
    first = vectors(embed(input="hello"))[0]
    assert vectors(embed(input=["x", "hello"], seed=9, user="b"))[1] == first
    assert vectors(embed(input=[[15339]]))[0] == first
    assert vectors(embed(input="Hello"))[0] != first
    assert vectors(embed(input="hello", model="other"))[0] != first


def test_different_inputs_are_far_apart() -> None:
    one, other = vector("hello", SMALL, 1536), vector("goodbye", SMALL, 1536)
    assert abs(sum(a * b for a, b in zip(one, other, strict=True))) < 0.2


def test_a_short_vector_is_the_front_of_a_long_one() -> None:
    short, long = vector("hello", SMALL, 8), vector("hello", SMALL, 1536)[:8]
    scale = math.hypot(*long)
    assert all(math.isclose(a, b / scale) for a, b in zip(short, long, strict=True))


def test_a_lone_surrogate_is_a_text_too() -> None:
    assert len(vector("\ud800", SMALL, 4)) == 4


def test_usage_can_be_said() -> None:
    assert usage(embed(Reply(usage=UsageReply(prompt_tokens=7)))).prompt == 7
