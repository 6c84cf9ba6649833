"""Every code has help, every help is for a code that is used, and every code has an example of its diagnostic."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import mockoai.scenario
from mockoai.scenario.codes import HELP, explain
from mockoai.scenario.diagnose import Diagnostic
from tests.scenario.test_golden import GOLDEN

ROOM = Path(mockoai.scenario.__file__).parent


def literals(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def codes_used() -> set[str]:
    """The codes that the room's modules give to ``add``, ``_fail`` and :class:`Diagnostic`, as literals."""
    used: set[str] = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("add", "_fail", "Diagnostic"):
                    used |= literals(node.args[0])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
                used |= literals(node.value)
    return used


def codes_shown() -> set[str]:
    lines = [line for path in GOLDEN.rglob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    return {line.partition("[")[2].partition("]")[0] for line in lines if line.startswith("error[")}


def test_every_code_that_is_used_has_help_and_the_other_way_round() -> None:
    assert codes_used() == set(HELP)


def test_every_code_has_an_example_of_its_diagnostic() -> None:
    assert codes_shown() == set(HELP)


@pytest.mark.parametrize("code", sorted(HELP))
def test_help_says_in_a_sentence_what_is_wrong_and_then_more(code: str) -> None:
    text = HELP[code]
    first, _, rest = text.partition("\n")
    assert first.endswith((".", ":"))
    assert len(first) <= 100
    assert rest.strip()
    assert text.endswith("\n")
    assert text == inspect.cleandoc(text) + "\n"
    assert max(map(len, text.splitlines())) <= 100
    assert explain(code) == text


def test_an_unknown_code_has_no_help() -> None:
    assert explain("no-such-code") is None


def test_a_diagnostic_is_a_value() -> None:
    assert Diagnostic.__dataclass_params__.frozen  # type: ignore[attr-defined]
