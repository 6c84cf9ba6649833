import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockoai.reply.strings import FORMATS, string
from mockoai.seed import Seed

CHECKER = Draft202012Validator.FORMAT_CHECKER

PATTERNS = {
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "time": r"([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ",
    "duration": r"P\d+DT\d+H",
    "hostname": r"[a-z]+\.example\.com",
    "uri": r"https://example\.com/[a-z]+",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "json-pointer": r"(/[^/~]+)+",
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    for number in range(50):
        text = string({"format": name}, Seed(number))
        CHECKER.check(text, name)
        assert re.fullmatch(PATTERNS.get(name, ".+"), text)


def test_an_unknown_format_is_only_a_note() -> None:
    assert string({"format": "moon-phase"}, Seed(1)) == string({}, Seed(1))


def test_a_format_gives_way_to_length_and_pattern() -> None:
    assert len(string({"format": "uuid", "maxLength": 5}, Seed(1))) <= 5
    assert string({"format": "uuid", "pattern": "^x$"}, Seed(1)) == "x"


@given(st.integers(0, 80), st.integers(0, 40), st.sampled_from(["", "city", "summary"]), st.integers())
def test_lengths_are_obeyed(least: int, more: int, name: str, seed: int) -> None:
    text = string({"minLength": least, "maxLength": least + more}, Seed(seed), name)
    assert least <= len(text) <= least + more
    assert not text.endswith(" ")


def test_an_absurd_length_is_bounded() -> None:
    assert len(string({"minLength": 10**12}, Seed(1))) < 20_000
    assert len(string({"minLength": 1e300}, Seed(1))) < 20_000


@pytest.mark.parametrize("odd", ["3", None, True, -4, [1]])
def test_odd_lengths_are_passed_over(odd: Any) -> None:
    assert string({"minLength": odd}, Seed(1)) == string({}, Seed(1))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("city", r"[A-Z]\w+"),
        ("destinationCity", r"[A-Z]\w+"),
        ("user_name", r"[a-z0-9._]+"),
        ("userName", r"[a-z0-9._]+"),
        ("firstName", r"[A-Z][a-z]+"),
        ("product_name", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("email", r"[a-z]+@example\.(com|org|net)"),
        ("order_id", r"[0-9a-f]{8}"),
        ("orderId", r"[0-9a-f]{8}"),
        ("final_answer", r"[A-Z].+ .+\."),
        ("whatever", r"[a-z]+ [a-z]+"),
        ("", r"[a-z]+ [a-z]+"),
    ],
)
def test_the_name_of_a_property_suggests_its_value(name: str, pattern: str) -> None:
    for number in range(20):
        assert re.fullmatch(pattern, string({}, Seed(number), name))


def test_an_unreadable_pattern_leaves_the_rest_standing() -> None:
    assert 3 <= len(string({"pattern": "(", "minLength": 3, "maxLength": 9}, Seed(1))) <= 9
