from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from mockoai.match.match import NEAREST, Match, NoMatch, match
from mockoai.request import Request
from mockoai.scenario.model import CallRange, Rule, Scenario, When
from mockoai.seed import Seed


def request(**fields: Any) -> Request:
    return Request("POST", "/v1/chat/completions", body=orjson.dumps(fields), endpoint="chat")


def scenario(*whens: When) -> Scenario:
    return Scenario(id="test", rules=tuple(Rule(when=when) for when in whens))


class Play:
    """Matches request after request, storing the counts as a session does."""

    def __init__(self, *whens: When) -> None:
        self.scenario = scenario(*whens)
        self.counters: dict[int, int] = {}
        self.calls = 0

    def __call__(self, **fields: Any) -> int | None:
        self.calls += 1
        found = match(self.scenario, request(**fields), self.counters, Seed(self.calls))
        self.counters.update(found.counters)
        return found.index if isinstance(found, Match) else None


STREAM = When(stream=True)


def test_the_first_rule_that_holds_answers() -> None:
    play = Play(STREAM, When(model=("a",)), When())
    assert play(stream=True, model="a") == 0
    assert play(model="a") == 1
    assert play(model="b") == 2
    assert play.counters == {}


def test_the_rule_and_its_place_are_given() -> None:
    found = match(scenario(STREAM, When()), request(), {}, Seed(1))
    assert isinstance(found, Match)
    assert (found.index, found.rule.when) == (1, When())


def test_call_counts_requests_that_meet_the_other_conditions() -> None:
    play = Play(When(stream=True, call=CallRange(2, 2)))
    assert [play(stream=stream) for stream in (True, False, False, True, True)] == [None, None, None, 0, None]
    assert play.counters == {0: 3}


def test_call_counts_even_when_another_rule_answers() -> None:
    play = Play(When(call=CallRange(1, 1)), When(call=CallRange(2, 3)), When(call=CallRange(2, 2)), When())
    assert [play() for _ in range(5)] == [0, 1, 1, 3, 3]
    assert play.counters == {0: 5, 1: 5, 2: 5}


def test_a_call_range_without_an_end_goes_on() -> None:
    play = Play(When(call=CallRange(3)))
    assert [play() for _ in range(5)] == [None, None, 0, 0, 0]


def test_the_given_counts_are_left_alone() -> None:
    counters = {0: 4, 7: 1}
    found = match(scenario(When(call=CallRange(5, 5))), request(), counters, Seed(1))
    assert isinstance(found, Match)
    assert found.counters == {0: 5}
    assert counters == {0: 4, 7: 1}


def test_chance_zero_never_and_one_always() -> None:
    never, always = Play(When(chance=0)), Play(When(chance=1))
    assert {never() for _ in range(200)} == {None}
    assert {always() for _ in range(200)} == {0}


def test_chance_is_drawn_from_the_seed_alone() -> None:
    one = scenario(When(chance=0.3))
    drawn = [isinstance(match(one, request(), {}, Seed(n)), Match) for n in range(1000)]
    assert drawn == [isinstance(match(one, request(stream=True), {}, Seed(n)), Match) for n in range(1000)]
    assert 250 < sum(drawn) < 350


def test_chances_of_two_rules_are_drawn_apart() -> None:
    both = scenario(When(chance=0.5), When(chance=0.5))
    places = [getattr(match(both, request(), {}, Seed(n)), "index", None) for n in range(400)]
    assert 150 < places.count(0) < 250
    assert 60 < places.count(1) < 140
    assert 60 < places.count(None) < 140


def test_a_lost_chance_still_counts_as_a_call() -> None:
    play = Play(When(chance=0, call=CallRange(1)))
    assert [play(), play()] == [None, None]
    assert play.counters == {0: 2}


def test_the_nearest_rules_come_first() -> None:
    found = match(
        scenario(When(stream=True, model=("a",)), When(stream=True), When(model=("a",), call=CallRange(2, 2))),
        request(model="a"),
        {},
        Seed(1),
    )
    assert isinstance(found, NoMatch)
    assert [near.index for near in found.nearest] == [0, 1, 2]
    assert [[one.name for one in near.unmet] for near in found.nearest] == [["stream"], ["stream"], ["call"]]
    worse = match(scenario(When(stream=True, model=("a",)), STREAM), request(), {}, Seed(1))
    assert isinstance(worse, NoMatch)
    assert [near.index for near in worse.nearest] == [1, 0]


def test_the_call_that_was_wrong_is_told_not_the_chance() -> None:
    found = match(scenario(When(call=CallRange(2, 2), chance=0)), request(), {0: 6}, Seed(1))
    assert isinstance(found, NoMatch)
    ((missed,),) = [near.unmet for near in found.nearest]
    assert (missed.name, missed.found) == ("call", 7)


def test_a_scenario_without_rules_matches_nothing() -> None:
    found = match(scenario(), request(), {}, Seed(1))
    assert isinstance(found, NoMatch)
    assert found.nearest == ()


def test_only_a_few_near_rules_are_kept() -> None:
    found = match(scenario(*[STREAM] * 50), request(), {}, Seed(1))
    assert isinstance(found, NoMatch)
    assert len(found.nearest) == NEAREST


WHENS = st.builds(
    When,
    stream=st.none() | st.booleans(),
    model=st.sampled_from([(), ("a",), ("*",)]),
    call=st.none() | st.builds(CallRange, st.integers(1, 3), st.none() | st.integers(3, 5)),
    chance=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
)


@given(st.lists(WHENS, max_size=4), st.lists(st.booleans(), max_size=8))
def test_no_match_names_at_least_one_reason_for_every_rule(whens: list[When], streams: list[bool]) -> None:
    counters: dict[int, int] = {}
    for number, stream in enumerate(streams):
        found = match(scenario(*whens), request(stream=stream, model="a"), counters, Seed(number))
        again = match(scenario(*whens), request(stream=stream, model="a"), counters, Seed(number))
        assert found == again
        counters.update(found.counters)
        if isinstance(found, NoMatch):
            assert all(near.unmet for near in found.nearest)
        for index, count in found.counters.items():
            assert whens[index].call is not None
            assert count <= number + 1
