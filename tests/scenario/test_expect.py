"""Expectations, as they are written and as they are kept for the verdict."""

from __future__ import annotations

import pytest

from mockoai.scenario.expect import EXPECTATIONS
from mockoai.scenario.model import CallRange, Expectation, Span
from mockoai.scenario.model import Test as Check
from mockoai.scenario.read import shape_of
from tests.scenario.reading import read, refusal

EXPECTATION = shape_of(Expectation)

READ: list[tuple[str, str, object]] = [
    ("calls: 2..4", "calls", CallRange(2, 4)),
    ("calls: 0", "calls", CallRange(0, 0)),
    ("client: gives-up", "client", "gives-up"),
    ("exit: 0", "exit", 0),
    ("exit: nonzero", "exit", "nonzero"),
    ("stdout: 21 degrees", "stdout", (Check("equals", "21 degrees"),)),
    ("stderr: { contains: error, regex: '^a' }", "stderr", (Check("contains", "error"), Check("regex", "^a"))),
    ("within: 30s", "within", 30.0),
    ("no-retry", "no-retry", True),
    ("no-retry: true", "no-retry", True),
]


@pytest.mark.parametrize(("text", "name", "value"), READ)
def test_expectations_are_read(text: str, name: str, value: object) -> None:
    assert read(EXPECTATION, text) == Expectation(name, value)


@pytest.mark.parametrize("text", ["exit: 0", "no-retry"])
def test_an_expectation_knows_where_it_stands(text: str) -> None:
    assert read(EXPECTATION, f"\n  {text}").span == Span(2, 3)


def test_every_expectation_is_read_above() -> None:
    assert {name for _, name, _ in READ} == set(EXPECTATIONS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("calls", "empty-value"),
        ("call", "unknown-expectation"),
        ("clients: notices", "unknown-expectation"),
        ("[calls]", "wrong-type"),
        ("{}", "bad-entry"),
        ("{ calls: 1, exit: 0 }", "bad-entry"),
        ("client: ignores", "unknown-value"),
        ("exit: 256", "out-of-range"),
        ("exit: zero", "unknown-value"),
        ("no-retry: false", "unknown-value"),
        ("within: 30", "bad-duration"),
        ("stdout: { exists: true }", "unknown-key"),
    ],
)
def test_wrong_expectations_are_refused(text: str, code: str) -> None:
    assert refusal(EXPECTATION, text).code == code
