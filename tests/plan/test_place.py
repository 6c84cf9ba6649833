"""Places: one grammar for every fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.place import MARKS, Place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("3 tokens", Place("tokens", 3)),
        ("1 token", Place("tokens", 1)),
        ("4 events", Place("events", 4)),
        ("120 bytes", Place("bytes", 120)),
        ("1.5s", Place("seconds", 1.5)),
        ("300ms", Place("seconds", 0.3)),
        ("2m", Place("seconds", 120)),
        ("50%", Place("percent", 50)),
        *[(mark, Place("mark", mark=mark)) for mark in MARKS],
    ],
)
def test_every_unit_is_read(text: str, place: Place) -> None:
    assert Place.parse(text) == place
    assert Place.parse(f" {text} ") == place


@pytest.mark.parametrize(
    "text", ["", "3", "tokens", "3 token s", "-1 tokens", "3 parsecs", "101%", "1h", "1e3s", "half"]
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a place|past the end"):
        Place.parse(text)


@given(
    st.one_of(
        st.builds(Place, st.sampled_from(["tokens", "events", "bytes"]), st.integers(0, 10**5).map(float)),
        st.builds(Place, st.just("percent"), st.integers(0, 100).map(float)),
        st.sampled_from(MARKS).map(lambda mark: Place("mark", mark=mark)),
    )
)
def test_a_place_reads_back_what_it_shows(place: Place) -> None:
    assert Place.parse(str(place)) == place


def test_a_percentage_is_of_tokens_in_a_stream_and_of_bytes_elsewhere() -> None:
    half = Place("percent", 50)
    assert half.resolved(tokens=7, size=1000, stream=True) == Place("tokens", 4)
    assert half.resolved(tokens=7, size=1001, stream=False) == Place("bytes", 500)
    assert half.resolved(tokens=0, size=1000, stream=True) == Place("bytes", 500)
    assert Place("tokens", 3).resolved(tokens=7, size=9, stream=True) == Place("tokens", 3)
