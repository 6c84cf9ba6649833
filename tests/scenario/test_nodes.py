"""Scalars mean what the core schema of YAML 1.2 says, and not what YAML 1.1 did."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.scenario.nodes import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0xFf", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_the_core_schema(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *["no", "yes", "on", "off", "y", "N", "12:30", "1:30:00", "1_000", "0b11", "2024-01-01", "=", "nUll"],
        *["0x", "0o8", "1e", "1..2", ".", "-", "+", "tRue", "<<", "1 000", "٣"],
    ],
)
def test_what_yaml_1_1_surprises_with_is_text(text: str) -> None:
    assert resolve(text) == text


def test_not_a_number_is_read() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_a_whole_number_of_any_length_is_read_without_a_traceback() -> None:
    assert resolve("9" * 100_000) == math.inf
    assert resolve("-" + "9" * 100_000) == -math.inf


@settings(deadline=None)
@given(st.integers(-(10**30), 10**30))
def test_whole_numbers_are_read_as_written(number: int) -> None:
    assert resolve(str(number)) == number


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_as_written(number: float) -> None:
    assert resolve(repr(number)) == number
