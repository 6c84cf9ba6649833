"""Single values: each of its kind only, each with advice."""

from __future__ import annotations

import pytest

from mockoai.scenario.scalars import AnyJson, Bool, Choice, Integer, Number, RawText, Text
from mockoai.scenario.shapes import Shape
from tests.scenario.reading import read, refusal


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Text(), "hello", "hello"),
        (Text(), "'42'", "42"),
        (Text(), "no", "no"),
        (Text(), "''", ""),
        (Text(), "|\n  two\n  lines\n", "two\nlines\n"),
        (RawText(), "1.10", "1.10"),
        (RawText(), "true", "true"),
        (Bool(), "true", True),
        (Bool(), "False", False),
        (Integer(), "-3", -3),
        (Integer(), "010", 10),
        (Integer(), str(2**63 - 1), 2**63 - 1),
        (Number(), "3", 3),
        (Number(0, 1), "1", 1),
        (Number(above=0), "0.001", 0.001),
        (Choice(("a", "b")), "b", "b"),
        (Choice((1, "1", True, None)), "'1'", "1"),
        (AnyJson(), "{ a: [1, 1.5, x, null, true, {}], b: }", {"a": [1, 1.5, "x", None, True, {}], "b": None}),
        (AnyJson(), "~", None),
    ],
)
def test_values_are_read(shape: Shape, text: str, value: object) -> None:
    found = read(shape, text)
    assert found == value
    assert type(found) is type(value)


def test_a_choice_tells_true_from_one() -> None:
    assert read(Choice((True,)), "true") is True
    assert refusal(Choice((True,)), "1").code == "wrong-type"
    assert read(Choice((None, "x")), "null") is None
    assert Choice((True, None, "x", 1)).expected == "`true`, `null`, `x` or `1`"


@pytest.mark.parametrize(
    ("shape", "text", "code", "advice"),
    [
        (Text(), "42", "wrong-type", '"42"'),
        (Text(), "true", "wrong-type", '"true"'),
        (Text(), "null", "wrong-type", '"null"'),
        (Text(), "[a]", "wrong-type", ""),
        (RawText(), "[a]", "wrong-type", ""),
        (Bool(), "yes", "wrong-type", "write `true`"),
        (Bool(), "Off", "wrong-type", "write `false`"),
        (Bool(), "'true'", "wrong-type", "write `true`"),
        (Bool(), "1", "wrong-type", ""),
        (Integer(), "1.0", "wrong-type", ""),
        (Integer(), "true", "wrong-type", ""),
        (Integer(1), "0", "out-of-range", ""),
        (Integer(), str(2**63), "bad-number", ""),
        (Integer(), "9" * 5000, "bad-number", ""),
        (Number(), ".inf", "bad-number", ""),
        (Number(), ".nan", "bad-number", ""),
        (Number(), "1e999", "bad-number", ""),
        (Number(0, 1), "50%", "wrong-type", "0.5"),
        (Number(0, 1), "1.01", "out-of-range", ""),
        (Number(above=0), "0", "out-of-range", ""),
        (Choice(("fast", "slow")), "fats", "unknown-value", "`fast`"),
        (Choice(("fast", "slow")), "1", "wrong-type", ""),
        (AnyJson(), "[.nan]", "bad-number", "quote it"),
        (AnyJson(), "{ a: 1e999 }", "bad-number", "quote it"),
        (AnyJson(), str(2**64), "bad-number", "quote it"),
        (AnyJson(null=False), "null", "empty-value", '"null"'),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(shape: Shape, text: str, code: str, advice: str) -> None:
    found = refusal(shape, text)
    assert found.code == code
    assert advice in found.help
    assert bool(found.help) or not advice
