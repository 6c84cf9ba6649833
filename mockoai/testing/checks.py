"""What a test must have done with the scenarios that it asked for: the problems of a session.

Nothing here is about whether the client did well, which is the verdict's part. It is about a test that tests
something else than it says: a request that nobody foresaw, a rule or a fault that never came to anything, a request
that came when its test was over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockoai.journal import Exchange
from mockoai.match.explain import explain
from mockoai.match.match import NoMatch, match
from mockoai.scenario.diagnose import quoted
from mockoai.scenario.model import Rule, Scenario
from mockoai.seed import Seed
from mockoai.testing.build import Stage, Used, plain, rule_name
from mockoai.testing.recorder import Late
from mockoai.verdict.run import left_with_all

MAX_SHOWN = 10
"""Problems of one kind that are shown."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a test: a ``code``, what happened, and what to do about it."""

    code: str
    message: str
    help: str

    def render(self) -> str:
        """Return it as text, without a last line feed."""
        return f"error[{self.code}]: {self.message}\n  = help: {self.help}"


class CheckError(AssertionError):
    """A test tested something else than it says; ``problems`` are what is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(render(problems))
        self.problems = tuple(problems)


def render(problems: Iterable[Problem]) -> str:
    """Return ``problems`` as text, without a last line feed; many of one kind are counted."""
    shown: dict[str, int] = {}
    out: list[str] = []
    for one in problems:
        shown[one.code] = shown.get(one.code, 0) + 1
        if shown[one.code] <= MAX_SHOWN:
            out.append(one.render())
    out += [f"and {count - MAX_SHOWN} more {code}" for code, count in shown.items() if count > MAX_SHOWN]
    return "\n".join(out)


def unmatched(exchanges: Iterable[Exchange]) -> Iterator[Problem]:
    """Yield the requests that no rule answered, equal ones once."""
    counts: dict[str, int] = {}
    for exchange in exchanges:
        if exchange.near:
            counts[exchange.near] = counts.get(exchange.near, 0) + 1
    help = "add a rule for it, or say `mockoai.allow_unmatched()`"
    for near, count in counts.items():
        times = f" ({count} times)" if count > 1 else ""
        yield Problem("unmatched-request", near + times, help)


def unused(stages: Sequence[Stage], exchanges: Mapping[int, Sequence[Exchange]]) -> Iterator[Problem]:
    """Yield what was asked for and came to nothing; ``exchanges`` are those of each stage, by its index."""
    for index, stage in enumerate(stages):
        came = exchanges.get(index, ())
        own = [one for one in came if one.scenario == stage.scenario.id]
        answered = {one.rule for one in own}
        for place, rule in enumerate(stage.scenario.rules):
            name = rule_name(rule, place)
            if name in stage.written and name not in answered and not plain(rule):
                message = f"the rule {quoted(name)} never answered: {_why(rule, stage.scenario, came)}"
                help = "send the request, drop the rule, or say `mockoai.allow_unused()`"
                yield Problem("unused-rule", message, help)
        for used in stage.used:
            if answered.isdisjoint(used.rules):
                yield _unused_scenario(used, stage.scenario, came)
    yield from _undelivered([one for came in exchanges.values() for one in came])


def late(requests: Sequence[Late], count: int, ended: float) -> Problem:
    """Return the problem that ``count`` requests came for a session that had ``ended``; ``requests`` are the first."""
    first = requests[0]
    after = max(0.0, first.received - ended)
    what = f"{first.method} {first.path}" + (f" for {quoted(first.model)}" if first.model else "")
    message = f"{what} came {after:.3g} s after the test had ended"
    if first.running:
        message += f", while {first.running} ran"
    if count > 1:
        message += f"; {count} requests in all"
    help = (
        "stop what the test has started, and make the client anew for each test: one that is kept goes on with the "
        "base URL of the test that made it; or say `mockoai.allow_late()`"
    )
    return Problem("late-request", message, help)


def _unused_scenario(used: Used, scenario: Scenario, came: Sequence[Exchange]) -> Problem:
    rules = [rule for place, rule in enumerate(scenario.rules) if rule_name(rule, place) in used.rules]
    why = _why(rules[0], scenario, came) if len(rules) == 1 else _answered(came) or "no request came"
    message = f"the scenario {quoted(used.id)} came to nothing: {why}"
    return Problem("unused-scenario", message, "send the request that it answers, or say `mockoai.allow_unused()`")


def _why(rule: Rule, scenario: Scenario, came: Sequence[Exchange]) -> str:
    """Return why ``rule`` answered none of the requests that came: what missed, of the one that came nearest."""
    if not came:
        return "no request came"
    alone = Scenario(id=scenario.id, rules=(rule,))
    found = [match(alone, one.request, {}, Seed(0)) for one in came]
    missed = [one for one in found if isinstance(one, NoMatch)]
    if rule.when.call is not None or rule.when.chance is not None or len(missed) < len(found):
        return _answered(came) or "no request came"
    nearest = min(missed, key=lambda one: len(one.nearest[0].unmet))
    _, _, reason = explain(nearest).partition(" Nearest: ")
    request = nearest.request
    which = "the request" if len(came) == 1 else f"of {len(came)} requests the nearest"
    name = reason.partition(": ")[2].rstrip(".")
    return f"{which} was {request.method} {request.path}, and {name}"


def _answered(came: Sequence[Exchange]) -> str:
    """Return which rules answered instead."""
    counts: dict[str, int] = {}
    for one in came:
        name = one.rule or "no rule"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{_requests(count)} answered by {quoted(name)}" for name, count in counts.items())


def _requests(count: int) -> str:
    return "1 request was" if count == 1 else f"{count} requests were"


def _undelivered(exchanges: Iterable[Exchange]) -> Iterator[Problem]:
    """Yield the faults that were asked for and reached the client in no exchange of their rule.

    Who left with the whole answer in hand is not missed by what comes behind it.
    """
    found: dict[tuple[str, str, str], list[str] | None] = {}
    for exchange in exchanges:
        for fault in exchange.faults():
            key = (exchange.scenario, exchange.rule, fault.id)
            if fault.delivered or (fault.fired and left_with_all(exchange)):
                found[key] = None
            else:
                reasons = found.setdefault(key, [])
                if reasons is not None:
                    reasons.append(fault.why)
    for (scenario, rule, id), reasons in found.items():
        if reasons:
            message = f"the fault {quoted(id)} never reached the client: {reasons[-1]}"
            help = f"see rule {quoted(rule)} of {quoted(scenario)}, or say `mockoai.allow_unused()`"
            yield Problem("fault-not-delivered", message, help)
