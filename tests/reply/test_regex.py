import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.reply.regex import LONGEST, text_matching
from mockoai.seed import Seed

READABLE = [
    r"abc",
    r"^[a-z]+$",
    r"^[a-z]{3}$",
    r"^\d{3}-\d{4}$",
    r"^(\([0-9]{3}\))?[0-9]{3}-[0-9]{4}$",
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
    r"^#(?:[0-9a-fA-F]{3}){1,2}$",
    r"^(?!foo).*$",
    r"^[A-Z][a-z]*( [A-Z][a-z]*)*$",
    r"(a|b|)+?x",
    r"^(\w)\1$",
    r"^((a)|b)x\1$",
    r"\bfoo\b",
    r"[\]\-\\^]",
    r"[a\-z]{4}",
    r"[-a]{4}",
    r"[a-]{4}",
    r"a{,3}b{x}",
    r"^\+?[1-9]\d{1,14}$",
    r"^[^\x20-\x7e]$",
    r"^\S+\s\D\W$",
    r"^[\w.-]+$",
    r"^()*$",
    r"^$",
    r"|",
    r"^[$_A-Z][\w$]*\Z".replace(r"\Z", "$"),
    r"^A\x42\t\.$",
    r"^\ca$".replace(r"\ca", r"\x01"),
    r"^[\b]$",
    r"^[\d\s]+$",
    r"^.{2,4}$",
    r"^a{2}?b$",
]


@pytest.mark.parametrize("pattern", READABLE)
def test_the_text_matches(pattern: str) -> None:
    texts = [text_matching(pattern, Seed(number)) for number in range(60)]
    assert [text for text in texts if text is None or not re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "same"),
    [
        (r"^(?<year>\d{4})-\k<year>$", r"^(\d{4})-\1$"),
        (r"^\p{Lu}\p{Ll}\P{N}\p{L}$", r"^[A-Z][a-z]\D[A-Za-z]$"),
        (r"^\p{Script=Greek}$", r"^\w$"),
        (r"^\u0041\u{42}$", r"^AB$"),
        (r"^[\u0410-\u042f]+$", r"^[А-Я]+$"),
        (r"^\cJ$", r"^\n"),
        (r"^a++b$", r"^a+b$"),
    ],
)
def test_what_python_writes_otherwise(pattern: str, same: str) -> None:
    text = text_matching(pattern, Seed(3))
    assert text is not None
    assert re.search(same, text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[]",
        "a**",
        "+",
        "\\",
        r"\u12",
        r"\uD800",
        "[z-a]",
        "(?#c)",
        "(?<a",
        r"[^\d\D]",
        r"\xzz",
        "(" * 99,
        "(" * 50 + ")" * 50,
    ],
)
def test_what_cannot_be_read_gives_no_text(pattern: str) -> None:
    assert text_matching(pattern, Seed(1)) is None


@given(
    st.sampled_from([r"^[a-z]+$", r"^[A-Z]{2}-\d*$", "ab", r"^(\d\d)+$", r"^[a-z]+-[a-z]+$", r"^\w{1,50}$"]),
    st.integers(0, 60),
    st.integers(0, 20),
    st.integers(),
)
def test_lengths_are_obeyed(pattern: str, shortest: int, more: int, seed: int) -> None:
    longest = shortest + more
    text = text_matching(pattern, Seed(seed), shortest=shortest, longest=longest)
    if text is not None:
        assert shortest <= len(text) <= longest
        assert re.search(pattern, text)


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_a_length_that_can_be_had_is_found(size: int) -> None:
    text = text_matching(r"^[a-z]+$", Seed(1), shortest=size, longest=size)
    assert text is not None
    assert len(text) == size


def test_a_length_that_cannot_be_had_gives_no_text() -> None:
    assert text_matching(r"^abc$", Seed(1), longest=2) is None
    assert text_matching(r"^abc$", Seed(1), shortest=4) is None


def test_the_same_seed_writes_the_same() -> None:
    assert text_matching(r"^\w{8,12}$", Seed(5)) == text_matching(r"^\w{8,12}$", Seed(5))
    assert len({text_matching(r"^\w{8,12}$", Seed(number)) for number in range(20)}) > 15


@pytest.mark.parametrize("pattern", [r"^(a{1000}){1000}$", r"^(((a{99}){99}){99}){99}$", r"^((((x*)*)*)*)*y$"])
def test_hostile_expressions_come_to_an_end(pattern: str) -> None:
    start = time.perf_counter()
    text = text_matching(pattern, Seed(1), shortest=LONGEST, longest=LONGEST + 1)
    assert text is None or len(text) <= LONGEST + 1
    assert time.perf_counter() - start < 2


def test_references_that_double_the_text_come_to_an_end() -> None:
    pattern = "(?<a0>xx)" + "".join(f"(?<a{n}>\\k<a{n - 1}>\\k<a{n - 1}>)" for n in range(1, 60))
    text = text_matching(pattern, Seed(1))
    assert text is not None
    assert LONGEST / 2 < len(text) <= LONGEST


def test_an_absurdly_long_expression_is_not_read() -> None:
    assert text_matching("a" * 2_000, Seed(1)) == "a" * 2_000
    assert text_matching("a" * 2_001, Seed(1)) is None


@given(st.text(r"ab1\dws[](){}?*+|^$.,-:<>=!\ukpcx", max_size=25), st.integers())
def test_any_expression_is_read_or_refused(pattern: str, seed: int) -> None:
    text = text_matching(pattern, Seed(seed))
    assert text is None or isinstance(text, str)
