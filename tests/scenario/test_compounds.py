"""Shapes made of others."""

from __future__ import annotations

from mockoai.scenario.compounds import Either, ListOf, Nullable, OneOrMany, Pairs
from mockoai.scenario.scalars import Choice, Integer, Text
from mockoai.scenario.shapes import WRONG
from tests.scenario.reading import attempt, read, refusal


def test_null_is_none_where_it_may_be() -> None:
    assert read(Nullable(Integer()), "null") is None
    assert read(Nullable(Integer()), "3") == 3
    found = refusal(Nullable(Text()), "3")
    assert (found.code, found.expected, found.help) == ("wrong-type", "text", 'to mean the text, quote it: `"3"`')


def test_the_first_shape_that_fits_reads() -> None:
    shape = Either((Integer(0, 9), Choice(("many",))))
    assert (read(shape, "3"), read(shape, "many")) == (3, "many")
    assert refusal(shape, "10").code == "out-of-range"
    assert refusal(shape, "mayn").code == "unknown-value"
    assert refusal(shape, "1.5").expected == "a whole number from 0 to 9 or `many`"


def test_lists_become_tuples() -> None:
    assert read(ListOf(Text()), "[a, b]") == ("a", "b")
    assert read(ListOf(Text()), "[]") == ()


def test_all_wrong_items_of_a_list_are_found() -> None:
    value, mistakes = attempt(ListOf(Text()), "[a, 1, b, 2]")
    assert value is WRONG
    assert [one.where for one in mistakes] == ["test.yaml:1:5", "test.yaml:1:11"]


def test_a_value_that_should_be_in_a_list_is_answered_with_how() -> None:
    assert refusal(ListOf(Text()), "a").help == "put it in a list: `[a]`"
    assert "`- `" in refusal(ListOf(Text()), "'a'").help
    assert refusal(ListOf(Text()), "{ a: b }").help == ""


def test_a_list_that_must_not_be_empty() -> None:
    assert refusal(ListOf(Text(), filled=True), "[]").code == "empty-value"
    assert ListOf(Text(), filled=True).schema({})["minItems"] == 1


def test_one_or_many() -> None:
    shape = OneOrMany(Text())
    assert (read(shape, "a"), read(shape, "[a, b]")) == (("a",), ("a", "b"))
    assert refusal(shape, "[]").code == "empty-value"
    assert refusal(shape, "3").help == 'to mean the text, quote it: `"3"`'
    assert refusal(OneOrMany(Integer(0)), "-1").code == "out-of-range"


def test_pairs_keep_the_order_of_the_file() -> None:
    assert read(Pairs(Integer()), "{ b: 1, a: 2 }") == (("b", 1), ("a", 2))
    assert refusal(Pairs(Integer()), "{ b: x }").code == "wrong-type"
    assert refusal(Pairs(Integer()), "[a]").code == "wrong-type"
    assert refusal(Pairs(Integer(), filled=True), "{}").code == "empty-value"
