"""Durations: fixed or drawn, never negative, the same from the same seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.duration import Duration, parse_seconds
from mockoai.seed import Seed

SHAPES = [Duration("normal", 0.02, 0.05), Duration("uniform", 0.01, 0.03), Duration("lognormal", 0.02, 0.09)]


@pytest.mark.parametrize(("text", "seconds"), [("300ms", 0.3), ("1.5s", 1.5), ("2m", 120.0), ("0s", 0.0)])
def test_durations_are_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "300", "1h", "-1s", "s", "1 second", "1:30"])
def test_a_duration_needs_a_unit_that_is_known(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_seconds(text)


@given(st.sampled_from(SHAPES), st.integers())
def test_draws_are_never_negative_and_repeat(shape: Duration, seed: int) -> None:
    assert shape.sample(Seed(seed)) >= 0
    assert shape.sample(Seed(seed)) == shape.sample(Seed(seed))


def test_what_is_drawn_below_nothing_is_nothing() -> None:
    assert Duration("normal", -5.0, 0.001).sample(Seed(0)) == 0.0
    assert Duration("normal", 0.25).sample(Seed(0)) == 0.25


def test_a_uniform_draw_stays_between_its_bounds() -> None:
    draws = [SHAPES[1].sample(Seed(i)) for i in range(500)]
    assert min(draws) >= 0.01
    assert max(draws) <= 0.03
    assert max(draws) - min(draws) > 0.015


def test_a_lognormal_draw_has_the_median_and_percentile_given() -> None:
    draws = sorted(SHAPES[2].sample(Seed(i)) for i in range(4000))
    assert draws[2000] == pytest.approx(0.02, rel=0.1)
    assert draws[3960] == pytest.approx(0.09, rel=0.25)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration.fixed(0.3), "300ms"),
        (Duration.fixed(1.5), "1.5s"),
        (Duration("normal", 0.02, 0.005), "{ normal: [20ms, 5ms] }"),
        (Duration("lognormal", 0.02, 0.09), "{ lognormal: { median: 20ms, p99: 90ms } }"),
    ],
)
def test_a_duration_shows_itself_as_the_file_says_it(duration: Duration, text: str) -> None:
    assert str(duration) == text
