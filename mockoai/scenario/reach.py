"""Which rules can never be reached, because one before them answers everything that they would.

Every rule has to be held against all before it, so a long file would take quadratic time; the rules that can cover
others are therefore kept by one of their conditions, and a rule is held only against those kept under one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockoai.scenario.model import When

Condition = tuple[str, ...]


def covered(whens: Iterable[When]) -> Iterator[tuple[int, int]]:
    """Yield (rule, the first rule before it that answers all its requests) for every rule that has one."""
    kept: dict[Condition, list[tuple[int, When]]] = {}
    for number, when in enumerate(whens):
        near = [one for condition in _conditions(when) for one in kept.get(condition, ())]
        first = min((other for other, broader in near if covers(broader, when)), default=None)
        if first is not None:
            yield number, first
        elif _unlimited(when):
            for condition in _kept_under(when):
                kept.setdefault(condition, []).append((number, when))


def covers(first: When, second: When) -> bool:
    """Whether every request that meets ``second`` meets ``first`` too, as far as comparing them can tell."""
    return (
        _unlimited(first)
        and (first.stream is None or first.stream == second.stream)
        and _among(second.endpoint, first.endpoint)
        and _among(second.method, first.method)
        and _among(second.model, first.model)
        and set(_tests(first)) <= set(_tests(second))
    )


def _unlimited(when: When) -> bool:
    """Whether the rule answers its requests always, and not only some of them."""
    call = when.call
    every_call = call is None or (call.first <= 1 and call.last is None)
    return every_call and (when.chance is None or when.chance >= 1)


def _among(narrow: tuple[str, ...], broad: tuple[str, ...]) -> bool:
    """Whether one of ``narrow`` is always one of ``broad``; an empty tuple stands for anything."""
    return not broad or (bool(narrow) and set(narrow) <= set(broad))


def _tests(when: When) -> list[Condition]:
    tests: list[tuple[str, Any]] = [("message", test) for test in when.message]
    tests += [(f"header {name}", test) for name, those in when.header for test in those]
    tests += [(f"body {path}", test) for path, those in when.body for test in those]
    return [(name, test.how, repr(test.value)) for name, test in tests]


def _kept_under(when: When) -> list[Condition]:
    """Return conditions of which a rule must have one to be covered by ``when``: the most telling there are."""
    if tests := _tests(when):
        return [max(tests, key=lambda test: len(test[-1]))]
    if when.model:
        return [("model", model) for model in when.model]
    return [("any",)]


def _conditions(when: When) -> list[Condition]:
    """Return the conditions under which rules that cover ``when`` may be kept."""
    return [*_tests(when), *(("model", model) for model in when.model[:1]), ("any",)]
