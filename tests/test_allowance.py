"""Token buckets: what is let through, what is left, and that who waits as long as he is told is served."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mockoai.allowance import Spending, cost_of, spend
from mockoai.keys import Limits
from mockoai.request import Request


def test_a_minutes_worth_may_be_spent_at_once_and_comes_back_evenly() -> None:
    limits = Limits(rpm=3)
    spent = Spending()
    for left in (2, 1, 0):
        spent, allowance = spend(spent, limits, 1, 100.0)
        assert (allowance.wait, allowance.remaining_requests, allowance.reset_requests) == (
            0.0,
            left,
            20.0 * (3 - left),
        )
    spent, refused = spend(spent, limits, 1, 105.0)
    assert (refused.limited, refused.wait, refused.remaining_requests) == ("requests", 15.0, 0)
    spent, again = spend(spent, limits, 1, 120.0)
    assert (again.limited, again.remaining_requests) == ("", 0)
    assert spent.uses == 5


def test_a_refused_request_takes_nothing() -> None:
    limits = Limits(rpm=100, tpm=60)
    spent, _ = spend(Spending(), limits, 50, 0.0)
    spent, refused = spend(spent, limits, 20, 0.0)
    assert (refused.limited, refused.wait, refused.cost) == ("tokens", 10.0, 20)
    assert (refused.remaining_requests, refused.remaining_tokens) == (99, 10)
    _, smaller = spend(spent, limits, 10, 0.0)
    assert not smaller.limited


def test_a_request_larger_than_the_limit_waits_for_ever() -> None:
    _, refused = spend(Spending(), Limits(tpm=10), 11, 0.0)
    assert (refused.limited, refused.wait) == ("tokens", math.inf)


def test_without_limits_nothing_is_refused_and_uses_are_counted() -> None:
    spent, allowance = spend(Spending(uses=4), Limits(), 10**9, 0.0)
    assert (spent.uses, allowance.limited, allowance.requests, allowance.tokens) == (5, "", None, None)


@given(
    rpm=st.integers(1, 5000),
    tpm=st.integers(1, 100_000),
    asked=st.lists(st.tuples(st.integers(1, 2000), st.floats(0, 10)), max_size=60),
)
def test_who_waits_as_long_as_he_is_told_is_served_and_nobody_gets_more_than_a_minutes_worth(
    rpm: int, tpm: int, asked: list[tuple[int, float]]
) -> None:
    limits, spent, now = Limits(rpm, tpm), Spending(), 0.0
    served = tokens = 0
    for cost, gap in asked:
        now += gap
        spent, allowance = spend(spent, limits, cost, now)
        if allowance.limited:
            if math.isinf(allowance.wait):
                continue
            now += allowance.wait
            spent, allowance = spend(spent, limits, cost, now)
            assert not allowance.limited
        served, tokens = served + 1, tokens + cost
        assert served <= rpm * (1 + now / 60) + 1e-3
        assert tokens <= tpm * (1 + now / 60) + 1e-3


def test_a_request_is_taken_for_the_most_it_may_generate_or_a_token_for_four_bytes() -> None:
    assert cost_of(Request("POST", "/", body=b"x" * 400)) == 100
    assert cost_of(Request("POST", "/", body=b'{"max_tokens": 500}')) == 500
    assert cost_of(Request("POST", "/", body=b'{"max_completion_tokens": 7, "max_tokens": true}')) == 12
    assert cost_of(Request("POST", "/")) == 1
