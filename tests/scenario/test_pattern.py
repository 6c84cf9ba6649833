"""Patterns are matched in linear time, or refused in words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.scenario.pattern import MAX_LENGTH, PatternError, compile_pattern, search


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        (r"\bparis\b", "in paris.", True),
        (r"\bparis\b", "parish", False),
        ("(?i)PARIS", "in paris", True),
        (r"(?s)a.b", "a\nb", True),
        (r"a.b", "a\nb", False),
        (r"\d{2,3}", "a 21", True),
        (r"^$", "", True),
        (r"é+\z", "caféé", True),
        ("(?P<name>x)+?", "xx", True),
    ],
)
def test_a_pattern_is_looked_for_anywhere(pattern: str, text: str, found: bool) -> None:
    assert search(pattern, text) is found
    assert compile_pattern(pattern).search(text) is found
    assert search(compile_pattern(pattern), text) is found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a+)+$", "a" * 26 + "!"),
        (r"(a+)+$", "a" * 1_000_000 + "!"),
        (r"(a|aa)+$", "a" * 100_000 + "!"),
        (r"(x+x+)+y", "x" * 100_000),
        (r"(.*)*=.*=", "=" + "a" * 100_000),
        (r"(?:a?){50}a{50}", "a" * 49),
    ],
)
def test_a_bomb_takes_as_long_as_reading_the_text(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    start = time.process_time()
    assert compiled.search(text) is False
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("pattern", "start", "length", "words"),
    [
        ("wea(ther", 3, 1, "unclosed group"),
        ("[z-a]", 1, 3, "invalid character class range"),
        (r"a\Z", 1, 2, "unrecognized escape"),
        ("(?=a)b", 0, 3, "look-around"),
        (r"(a)\1", 3, 2, "backreferences"),
        ("*a", 0, 1, "repetition operator"),
    ],
)
def test_what_does_not_compile_is_shown_where(pattern: str, start: int, length: int, words: str) -> None:
    with pytest.raises(PatternError, match=words) as caught:
        compile_pattern(pattern)
    assert (caught.value.start, caught.value.length) == (start, length)
    with pytest.raises(PatternError):
        search(pattern, "a")


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"\w{1000}", "((((x{99}){99}){99}){99})"])
def test_a_pattern_that_would_fill_the_memory_is_refused(pattern: str) -> None:
    start = time.process_time()
    with pytest.raises(PatternError, match="too large"):
        compile_pattern(pattern)
    assert time.process_time() - start < 1


def test_a_long_pattern_is_refused_unread() -> None:
    compile_pattern("a" * MAX_LENGTH)
    with pytest.raises(PatternError, match="1,000 characters"):
        compile_pattern("a" * (MAX_LENGTH + 1))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(PatternError, match="nest"):
        compile_pattern("(" * 400 + ")" * 400)


def test_a_pattern_of_several_lines_is_refused_in_words_too() -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern("(a\n")
    assert "unclosed group" in str(caught.value)
    assert caught.value.length == 0


def test_half_a_character_matches_nothing() -> None:
    assert search(".", "\ud800") is False


def test_a_pattern_is_compiled_once() -> None:
    assert compile_pattern("abc") is compile_pattern("abc")
    assert repr(compile_pattern("abc")) == "Pattern('abc')"
    assert compile_pattern("abc").text == "abc"


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_pattern_or_is_refused(pattern: str, text: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except PatternError as error:
        place = (error.start, error.length)
    else:
        assert compiled.search(text) in (True, False)
        return
    assert 0 <= place[0] <= sum(place) <= max(len(pattern), 1)
