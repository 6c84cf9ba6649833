"""Rules that are never reached."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.scenario.model import CallRange, When
from mockoai.scenario.model import Test as Check
from mockoai.scenario.reach import covered, covers

WEATHER = Check("contains", "weather")
PARIS = Check("glob", "*Paris*")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (When(), When()),
        (When(), When(stream=True, model=("a",), call=CallRange(1, 1), chance=0.5)),
        (When(call=CallRange(1, None), chance=1.0), When()),
        (When(stream=True), When(stream=True, message=(WEATHER,))),
        (When(endpoint=("chat", "completions")), When(endpoint=("chat",))),
        (When(method=("GET", "PUT")), When(method=("PUT",), stream=True)),
        (When(model=("a", "b")), When(model=("b",))),
        (When(message=(WEATHER,)), When(message=(PARIS, WEATHER))),
        (
            When(body=(("n", (Check("gt", 1),)),)),
            When(body=(("n", (Check("gt", 1), Check("lt", 9))), ("m", (WEATHER,)))),
        ),
        (When(header=(("x", (PARIS,)),)), When(header=(("x", (PARIS,)),))),
    ],
)
def test_a_rule_covers_the_same_and_the_narrower(first: When, second: When) -> None:
    assert covers(first, second)
    assert list(covered([first, second])) == [(1, 0)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (When(stream=True), When()),
        (When(stream=True), When(stream=False)),
        (When(call=CallRange(1, 3)), When(call=CallRange(1, 1))),
        (When(call=CallRange(2, None)), When(call=CallRange(2, None))),
        (When(chance=0.5), When(chance=0.5)),
        (When(endpoint=("chat",)), When(endpoint=("chat", "completions"))),
        (When(endpoint=("chat",)), When()),
        (When(method=("GET",)), When(method=("GET", "PUT"))),
        (When(method=("GET",)), When()),
        (When(model=("a",)), When(model=("b",))),
        (When(message=(WEATHER, PARIS)), When(message=(WEATHER,))),
        (When(message=(WEATHER,)), When(header=(("message", (WEATHER,)),))),
        (When(body=(("n", (Check("equals", 1),)),)), When(body=(("n", (Check("equals", True),)),))),
    ],
)
def test_a_rule_does_not_cover_what_it_may_not_answer(first: When, second: When) -> None:
    assert not covers(first, second)
    assert list(covered([first, second])) == []


def test_the_first_rule_that_covers_is_named() -> None:
    rules = [When(call=CallRange(1, 1)), When(stream=True), When(model=("a",)), When(stream=True, model=("a",)), When()]
    assert list(covered(rules)) == [(3, 1)]
    assert list(covered([When(), When(stream=True), When()])) == [(1, 0), (2, 0)]


TESTS = st.lists(st.sampled_from([WEATHER, PARIS, Check("equals", [1])]), max_size=2, unique_by=repr).map(tuple)
WHENS = st.builds(
    When,
    endpoint=st.sampled_from([(), ("chat",), ("chat", "completions")]),
    method=st.sampled_from([(), ("GET",), ("GET", "PUT")]),
    stream=st.sampled_from([None, True, False]),
    model=st.sampled_from([(), ("a",), ("a", "b"), ("b", "a")]),
    message=TESTS,
    body=st.sampled_from([(), (("n", (WEATHER,)),)]),
    call=st.sampled_from([None, CallRange(1, 1), CallRange(1, None)]),
    chance=st.sampled_from([None, 0.5, 1.0]),
)


@settings(deadline=None)
@given(st.lists(WHENS, max_size=8))
def test_looking_near_finds_what_looking_everywhere_finds(rules: list[When]) -> None:
    expected = {number for number, rule in enumerate(rules) if any(covers(before, rule) for before in rules[:number])}
    found = list(covered(rules))
    assert {number for number, _ in found} == expected
    assert all(covers(rules[first], rules[number]) for number, first in found)


def test_ten_thousand_rules_are_no_work() -> None:
    start = time.process_time()
    assert not list(covered(When(message=(Check("contains", f"text {number}"),)) for number in range(10_000)))
    assert not list(covered(When(model=(f"model-{number}", "other")) for number in range(1)))
    assert time.process_time() - start < 2
