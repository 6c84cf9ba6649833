"""Which rule answers a request.

The first rule whose conditions all hold. ``call`` counts, for each rule apart, the requests of the session
that meet all its other conditions but ``chance``, whether or not the rule goes on to answer them: ``call: 3``
is the third such request, even when another rule answered the first two. ``chance`` is drawn last, from the
seed of the exchange, so it depends neither on time nor on what other rules draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockoai.match.conditions import Unmet, unmet
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.seed import Seed

NEAREST = 5
"""How many rules that came close are told of."""


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that answers and its place in the scenario, from 0.

    ``counters`` are the new counts of the rules that have a ``call`` and met this request, by place.
    """

    rule: Rule
    index: int
    counters: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that did not answer, its place, and the conditions that were not met."""

    rule: Rule
    index: int
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No rule answers. ``nearest`` are the rules with the fewest conditions not met, the best first."""

    scenario: Scenario
    request: Request
    nearest: tuple[Near, ...]
    counters: Mapping[int, int]


def match(scenario: Scenario, request: Request, counters: Mapping[int, int], draw: Seed) -> Match | NoMatch:
    """Return the rule of ``scenario`` that answers ``request``.

    ``counters`` are the counts so far, by the rule's place. Pure: storing the new counts is the caller's
    part, also when nothing matched.
    """
    counted: dict[int, int] = {}
    winner: Match | None = None
    for index, rule in enumerate(scenario.rules):
        when = rule.when
        if winner is not None and when.call is None:
            continue  # there is nothing left to count
        if next(unmet(when, request), None) is not None:
            continue
        if when.call is not None:
            number = counted[index] = counters.get(index, 0) + 1
            if number not in when.call:
                continue
        if winner is None and (when.chance is None or _drawn(draw, index) < when.chance):
            winner = Match(rule, index, counted)
    return winner or NoMatch(scenario, request, _nearest(scenario, request, counted, draw), counted)


def _drawn(draw: Seed, index: int) -> float:
    return draw.child("chance", index).unit()


def _nearest(scenario: Scenario, request: Request, counted: Mapping[int, int], draw: Seed) -> tuple[Near, ...]:
    near: list[Near] = []
    for index, rule in enumerate(scenario.rules):
        missed = list(unmet(rule.when, request))
        if not missed:
            # Only the call or the chance was in the way, and the chance is not drawn when the call is wrong.
            call, chance = rule.when.call, rule.when.chance
            if call is not None and counted[index] not in call:
                missed = [Unmet("call", call, counted[index])]
            elif chance is not None:
                missed = [Unmet("chance", chance, _drawn(draw, index))]
        near.append(Near(rule, index, tuple(missed)))
    near.sort(key=lambda one: len(one.unmet))
    return tuple(near[:NEAREST])
