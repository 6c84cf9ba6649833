"""Collecting mistakes, and the words for them."""

from __future__ import annotations

import pytest

from mockoai.errors import EXIT_USAGE, UsageError
from mockoai.scenario.diagnose import (
    Diagnostic,
    Mistakes,
    ScenarioError,
    Source,
    any_of,
    did_you_mean,
    nearest,
    quoted,
)
from mockoai.scenario.model import Span
from mockoai.scenario.nodes import Scalar

SOURCE = Source("a.yaml", "one\ntwo\r\nthree\rfour\x85five\u2028six")


def at(line: int, column: int = 1) -> Scalar:
    return Scalar(line, column, 1, "x")


def test_lines_are_those_that_the_parsers_count() -> None:
    assert SOURCE.lines == ["one", "two", "three", "four", "five", "six"]
    assert (SOURCE.line(1), SOURCE.line(6), SOURCE.line(7), SOURCE.line(0)) == ("one", "six", None, None)


def test_mistakes_come_in_the_order_of_the_file_whatever_the_order_found() -> None:
    mistakes = Mistakes(SOURCE)
    for line, column in ((3, 1), (1, 2), (1, 1)):
        mistakes.add("unknown-key", at(line, column), f"{line}:{column}")
    mistakes.add("yaml-empty", None, "the whole file")
    assert [one.message for one in mistakes.sorted()] == ["the whole file", "1:1", "1:2", "3:1"]


def test_the_same_mistake_met_again_through_an_alias_counts_once() -> None:
    mistakes = Mistakes(SOURCE)
    mistakes.add("unknown-key", at(1), "the same")
    mistakes.add("unknown-key", at(1), "the same")
    mistakes.add("unknown-key", at(1), "another")
    assert len(mistakes.sorted()) == 2


def test_a_code_without_help_cannot_be_used() -> None:
    with pytest.raises(KeyError):
        Mistakes(SOURCE).add("no-such-code", None, "what")


def test_nothing_is_raised_when_nothing_was_found() -> None:
    mistakes = Mistakes(SOURCE)
    mistakes.check()
    assert not mistakes


def test_an_error_carries_all_diagnostics_and_exits_with_2() -> None:
    mistakes = Mistakes(SOURCE)
    mistakes.add("unknown-key", at(2, 3), "second", help="help")
    mistakes.add("bad-place", at(1), "first", help="first help")
    with pytest.raises(ScenarioError) as caught:
        mistakes.check()
    error = caught.value
    assert isinstance(error, UsageError)
    assert (error.code, error.message, error.help) == ("bad-place", "first", "first help")
    assert [one.where for one in error.diagnostics] == ["a.yaml:1:1", "a.yaml:2:3"]
    assert error.exit_code == EXIT_USAGE
    assert str(error) == error.render()


def test_a_diagnostic_without_a_place_is_about_the_file() -> None:
    diagnostic = Diagnostic("file-missing", "there is no file", Source("a.yaml"))
    assert (diagnostic.where, diagnostic.path) == ("a.yaml", "a.yaml")
    assert Diagnostic("bad-id", "x", SOURCE, Span(3, 4)).where == "a.yaml:3:4"


def test_long_words_are_shortened() -> None:
    assert quoted("x" * 61) == "`" + "x" * 59 + "…`"
    assert quoted("x" * 60) == "`" + "x" * 60 + "`"
    assert quoted(None) == "`None`"


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "`a`"), (["a", "b"], "`a` or `b`"), (["a", "b", "c"], "`a`, `b` or `c`")]
)
def test_words_are_listed(words: list[str], text: str) -> None:
    assert any_of(words) == text


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("FAULTS", ["faults", "reply"]) == "faults"
    assert nearest("fautls", ["faults", "reply"]) == "faults"
    assert nearest("zzz", ["faults", "reply"]) is None
    assert nearest("", ["faults"]) is None
    assert did_you_mean("replly", ["faults", "reply"]) == "did you mean `reply`?"
    assert did_you_mean("zzz", ["faults"]) == ""


def test_a_very_long_word_is_compared_quickly() -> None:
    assert nearest("x" * 1_000_000, ["faults"] * 100) is None
