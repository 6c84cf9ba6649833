"""Bodies of embeddings."""

import math
import struct
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.endpoints.embeddings import packed
from mockoai.plan.items import Event, Part, Text, Usage, Vector
from mockoai.wire.sse import encode_body
from tests.support.rendering import asked, rendered

MODEL = "text-embedding-3-small"
PARTS: tuple[Part, ...] = (
    Vector(values=(0.5, -0.25), at=0.1, tokens=0, faults=("a",)),
    Vector(values=(1.0, 0.0), choice=1, at=0.2, faults=("b",)),
    Usage(prompt=5, at=0.3),
)


def answer(parts: tuple[Part, ...], **fields: Any) -> Event:
    (event,) = rendered(parts, asked("embeddings", {"model": MODEL, "input": "hi", **fields}, model=MODEL))
    return event


def test_a_body_is_written_as_openai_writes_it() -> None:
    event = answer(PARTS)
    assert encode_body(event).data.decode() == (
        """\
{
  "object": "list",
  "data": [
    {
      "object": "embedding",
      "index": 0,
      "embedding": [
        0.5,
        -0.25
      ]
    },
    {
      "object": "embedding",
      "index": 1,
      "embedding": [
        1.0,
        0.0
      ]
    }
  ],
  "model": "text-embedding-3-small",
  "usage": {
    "prompt_tokens": 5,
    "total_tokens": 5
  }
}
"""
    )
    assert (event.at, event.mark, event.faults) == (0.3, "body", ("a", "b"))


@pytest.mark.parametrize("encoding", [None, "float"])
def test_numbers_are_the_default(encoding: str | None) -> None:
    assert answer(PARTS, encoding_format=encoding).payload["data"][0]["embedding"] == [0.5, -0.25]


def test_base64_is_of_little_endian_floats() -> None:
    data = answer(PARTS, encoding_format="base64").payload["data"]
    assert [one["embedding"] for one in data] == ["AAAAPwAAgL4=", "AACAPwAAAAA="]


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_base64_can_be_read_back(values: list[float]) -> None:
    data = b64decode(packed(tuple(values)), validate=True)
    assert list(struct.unpack(f"<{len(values)}f", data)) == values


def test_numbers_too_large_for_a_float_are_infinite() -> None:
    data = b64decode(packed((1e300, -1e300, 1.0)))
    assert struct.unpack("<3f", data) == (math.inf, -math.inf, 1.0)


def test_it_is_never_streamed() -> None:
    assert answer(PARTS, stream=True).mark == "body"


def test_what_is_missing_is_left_out() -> None:
    assert answer((Text(text="x"),)).payload == {"object": "list", "data": [], "model": MODEL}
    assert answer(()).payload["data"] == []
