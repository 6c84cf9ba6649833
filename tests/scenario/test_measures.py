"""How long, where, which calls."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.plan.duration import Duration, parse_seconds
from mockoai.plan.place import MARKS, Place
from mockoai.scenario.measures import LONGEST, CallRangeShape, DurationShape, FixedDuration, PlaceShape
from mockoai.scenario.model import CallRange
from tests.scenario.reading import read, refusal

DURATION, PLACE, CALLS = DurationShape(), PlaceShape(), CallRangeShape()


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("300ms", Duration.fixed(0.3)),
        ("1.5s", Duration.fixed(1.5)),
        ("2 m", Duration.fixed(120.0)),
        ("'0s'", Duration.fixed(0.0)),
        ("1440m", Duration.fixed(LONGEST)),
        ("{ normal: [20ms, 5ms] }", Duration("normal", 0.02, 0.005)),
        ("{ uniform: [10ms, 10ms] }", Duration("uniform", 0.01, 0.01)),
        ("{ lognormal: { p99: 90ms, median: 20ms } }", Duration("lognormal", 0.02, 0.09)),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    assert read(DURATION, text) == duration


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("300", "write `300ms` or `300s`"),
        ("1.5", "write `1.5ms` or `1.5s`"),
        ("0", "write `0s`"),
        ("5 sec", "did you mean `5s`?"),
        ("5 Minutes", "did you mean `5m`?"),
        ("250 msec.", "did you mean `250ms`?"),
        ("2h", "`120m`"),
        ("1441m", "longest"),
    ],
)
def test_what_was_probably_meant_is_said(text: str, advice: str) -> None:
    found = refusal(DURATION, text)
    assert found.code == "bad-duration"
    assert advice in found.help


@pytest.mark.parametrize("text", ["soon", "-5ms", "1e3ms", "12:30", "true", "~", "5 parsecs", "٣ms", ".inf"])
def test_anything_else_is_no_duration(text: str) -> None:
    assert refusal(DURATION, text).code == "bad-duration"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{ gauss: [1ms, 2ms] }",
        "{ normal: 20ms }",
        "{ normal: [20ms] }",
        "{ normal: [20ms, [5ms]] }",
        "{ normal: [1ms, 2ms], uniform: [1ms, 2ms] }",
        "{ uniform: [2ms, 1ms] }",
        "{ lognormal: { median: 1ms } }",
        "{ lognormal: { median: 1ms, p95: 2ms } }",
        "{ lognormal: { median: 0s, p99: 1ms } }",
        "{ lognormal: { median: 2ms, p99: 1ms } }",
    ],
)
def test_a_distribution_must_be_complete_and_possible(text: str) -> None:
    assert refusal(DURATION, text).code == "bad-distribution"


def test_a_list_is_no_duration_and_a_wait_is_no_distribution() -> None:
    assert refusal(DURATION, "[1ms]").code == "wrong-type"
    assert "distribution" in refusal(FixedDuration(), "{ normal: [20ms, 5ms] }").help
    assert read(FixedDuration(), "30ms") == 0.03


@settings(deadline=None)
@given(
    st.one_of(
        st.builds(Duration.fixed, st.floats(0, LONGEST)),
        st.builds(Duration, st.just("normal"), st.floats(0, LONGEST), st.floats(0, LONGEST)),
        st.tuples(st.floats(0, LONGEST), st.floats(0, LONGEST)).map(lambda two: Duration("uniform", *sorted(two))),
        st.tuples(st.floats(1e-9, LONGEST), st.floats(1e-9, LONGEST)).map(
            lambda two: Duration("lognormal", *sorted(two))
        ),
    )
)
def test_a_duration_reads_back_exactly_what_it_shows(duration: Duration) -> None:
    assert read(DURATION, str(duration)) == duration


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_milliseconds_are_shown_as_they_were_written(number: int) -> None:
    shown = str(Duration.fixed(parse_seconds(f"{number}ms")))
    assert shown == (f"{number}ms" if 0 < number < 1000 else f"{number / 1000:g}s" if number < 10**6 else "1000s")


@settings(deadline=None)
@given(
    st.one_of(
        st.builds(Place, st.sampled_from(["tokens", "events", "bytes"]), st.integers(0, 2**53).map(float)),
        st.builds(Place, st.just("percent"), st.floats(0, 100)),
        st.builds(Place, st.just("seconds"), st.floats(0, LONGEST)),
        st.sampled_from(MARKS).map(lambda mark: Place("mark", mark=mark)),
    )
)
def test_a_place_reads_back_exactly_what_it_shows(place: Place) -> None:
    assert read(PLACE, str(place)) == place


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("3", "`3 tokens`, `3 events` or `3 bytes`"),
        ("1", "`1 token`, `1 event` or `1 byte`"),
        ("3 chunks", "`3 events`"),
        ("1 chunk", "`1 event`"),
        ("3 tokns", "`3 tokens`"),
        ("20 b", "`20 bytes`"),
        ("50 percent", "`50%`"),
        ("5 seconds", "`5s`"),
        ("1.5 events", "counted whole"),
        ("hedders", "`headers`"),
        ("Finish", "`finish`"),
    ],
)
def test_the_place_that_was_probably_meant_is_said(text: str, advice: str) -> None:
    found = refusal(PLACE, text)
    assert found.code == "bad-place"
    assert advice in found.help


@pytest.mark.parametrize(("text", "code"), [("101%", "impossible-place"), ("2000m", "impossible-place")])
def test_places_that_no_answer_has(text: str, code: str) -> None:
    assert refusal(PLACE, text).code == code


@pytest.mark.parametrize("text", ["true", "~", "-1", "1.5", "somewhere", "3 light years", "-1 tokens"])
def test_anything_else_is_no_place(text: str) -> None:
    found = refusal(PLACE, text)
    assert (found.code, found.help) == ("bad-place", "")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("2", CallRange(2, 2)),
        ("'2'", CallRange(2, 2)),
        ("2..3", CallRange(2, 3)),
        ("2..", CallRange(2, None)),
        ("..3", CallRange(1, 3)),
        ("3..3", CallRange(3, 3)),
    ],
)
def test_ranges_of_calls_are_read_and_shown(text: str, calls: CallRange) -> None:
    assert read(CALLS, text) == calls
    assert read(CALLS, f"'{calls}'") == calls


@pytest.mark.parametrize("text", ["0", "0..2", "3..2", "..", "1-3", "first", "-1", "1.5", "~", "9999999999"])
def test_anything_else_is_no_range(text: str) -> None:
    assert refusal(CALLS, text).code == "bad-range"


@settings(deadline=None)
@given(st.integers(0, 9), st.none() | st.integers(0, 9))
def test_a_range_reads_back_what_it_shows(first: int, more: int | None) -> None:
    calls = CallRange(first, None if more is None else first + more)
    assert read(CallRangeShape(least=0), f"'{calls}'") == calls


def test_a_range_can_be_allowed_to_hold_no_call() -> None:
    assert read(CallRangeShape(least=0), "0") == CallRange(0, 0)
    assert read(CallRangeShape(least=0), "0..2") == CallRange(0, 2)
    assert refusal(CALLS, "[1]").code == "wrong-type"
