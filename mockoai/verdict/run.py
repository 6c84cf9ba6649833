"""Whether the run exercised what was asked for. These findings blame the run, not the client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockoai.faults.base import Fault
from mockoai.journal import DeliveredFault, Exchange
from mockoai.match.conditions import unmet
from mockoai.scenario.model import Rule, Scenario
from mockoai.verdict.model import Evidence, FaultCount, Finding, Severity
from mockoai.verdict.reading import read
from mockoai.verdict.rules import explained

NOT_FIRED = explained(
    "fault-not-fired",
    """
    A fault that was asked for did nothing, so nothing was tested.

    The answer had no place for it: it was over before `after: 90 tokens`, was not a stream, or had
    no tool call. A test that passes like that has proved nothing. It is enough that the fault fired
    once in the run, for each rule that has it and that answered.

    FAILED; it is the run that failed, not the client.

    Give the rule a `reply` that is long enough, or a `when` that only fits requests in which the
    fault can happen.
    """,
)

NOT_DELIVERED = explained(
    "fault-not-delivered",
    """
    A fault that was asked for was planned and never reached the client.

    The client had left before the first byte, wait or ending of it was due, or had not yet come
    that far. It is enough that the fault was delivered once in the run, for each rule that has it
    and that answered.

    FAILED; INCONCLUSIVE while the exchange is still under way. INFORMATIONAL when the client had the
    whole answer, its finish reason or `[DONE]`, and left before what the fault had behind it: that
    is what a sound client does.

    Let the fault come earlier, or the client stay longer.
    """,
)

NOT_REACHED = explained(
    "rule-not-reached",
    """
    A rule with a fault never answered, although a request came that it would have answered in its
    turn.

    Such as the rule for the second call when only one was made. Rules for requests of another kind
    are not counted, nor those whose faults, set alike, another rule has brought to the client.

    FAILED; it is the run that failed, though the cause may be that the client did not try again.

    See why no further call came, or take the rule out.
    """,
)

NOT_TESTED = explained(
    "not-tested",
    """
    Nothing was exercised: no request came, or none that the scenario has a fault for.

    NOT TESTED.

    See whether the client was pointed at the server (`OPENAI_BASE_URL`), at the scenario, and
    whether it streams where the scenario's faults are for streams.
    """,
)

UNMATCHED = explained(
    "request-unmatched",
    """
    A request came that no rule of the scenario answers, and got a 404.

    What the client made of that says nothing about the scenario.

    NON-STRICT; it is the run that has a gap, not the client.

    The finding says which rules came near. Add a rule without `when` at the end, or set `fallback:
    echo`.
    """,
)


def fault_counts(exchanges: Sequence[Exchange], scenarios: Sequence[Scenario]) -> list[FaultCount]:
    """Return what became of every fault that was asked for, by scenario, in the order they were met."""
    counts: dict[tuple[str, str], list[int]] = {}
    whys: dict[tuple[str, str], str] = {}
    for exchange in exchanges:
        for fault in exchange.faults():
            key = exchange.scenario, fault.id
            one = counts.setdefault(key, [0, 0, 0])
            one[0] += 1
            one[1] += fault.fired
            one[2] += fault.delivered
            if not fault.delivered:
                whys[key] = fault.why
    for scenario in scenarios:
        for index, rule in missed_rules(scenario, exchanges):
            for planned in rule.faults:
                key = scenario.id, planned.id
                counts.setdefault(key, [0, 0, 0])
                whys.setdefault(key, f"{_name(rule, index)} never answered")
    return [
        FaultCount(scenario, id, planned, fired, delivered, whys.get((scenario, id), ""))
        for (scenario, id), (planned, fired, delivered) in counts.items()
    ]


def missed_rules(scenario: Scenario, exchanges: Sequence[Exchange]) -> Iterator[tuple[int, Rule]]:
    """Yield the rules that deviate, never answered, and would have answered a request that came, in their turn."""
    came = [one for one in exchanges if one.scenario == scenario.id]
    answered = {one.rule for one in came}
    for index, rule in enumerate(scenario.rules):
        if not deviates(rule) or _name(rule, index) in answered or rule.when.call is None:
            continue
        if any(next(unmet(rule.when, one.request), None) is None for one in came):
            yield index, rule


def deviates(rule: Rule) -> bool:
    """Whether ``rule`` does anything but answer as a healthy server would."""
    failing = rule.reply is not None and rule.reply.error is not None
    return bool(rule.faults) or rule.events is not None or rule.wire is not None or failing


def _name(rule: Rule, index: int) -> str:
    return rule.name or f"rule {index + 1}"


def run_findings(
    exchanges: Sequence[Exchange], scenarios: Sequence[Scenario], counts: Sequence[FaultCount]
) -> Iterator[Finding]:
    """Yield what is wrong with the run."""
    planned: dict[tuple[str, str, str], list[tuple[Exchange, DeliveredFault]]] = {}
    for exchange in exchanges:
        for fault in exchange.faults():
            planned.setdefault((exchange.scenario, exchange.rule, fault.id), []).append((exchange, fault))
    for seen in planned.values():
        if not any(fault.delivered for _, fault in seen):
            yield _undelivered(seen)
    for scenario in scenarios:
        exercised = _exercised(scenario, exchanges)
        for index, rule in missed_rules(scenario, exchanges):
            if rule.faults and set(rule.faults) <= exercised:
                continue
            yield Finding(
                code=NOT_REACHED,
                severity="failure",
                message=f"`{_name(rule, index)}` of {scenario.id} never answered: no call {rule.when.call} came.",
                advice="See why no further call came, or take the rule out.",
                about="run",
                scenario=scenario.id,
                faults=tuple(one.id for one in rule.faults),
            )
    for exchange in exchanges:
        if exchange.near:
            yield Finding(
                code=UNMATCHED,
                severity="warning",
                message=f"{exchange.request.method} {exchange.request.path} was answered by no rule.",
                advice="Add a rule without `when` at the end, or set `fallback: echo`.",
                evidence=(Evidence(text=exchange.near, exchange=exchange.number),),
                about="run",
                scenario=exchange.scenario,
            )


def _exercised(scenario: Scenario, exchanges: Sequence[Exchange]) -> set[Fault]:
    """Return the faults of ``scenario``, each as it is set, that reached the client."""
    rules = {_name(rule, index): rule for index, rule in enumerate(scenario.rules)}
    found = set()
    for exchange in exchanges:
        if exchange.scenario == scenario.id and exchange.rule in rules:
            delivered = {one.id for one in exchange.faults() if one.delivered}
            found |= {one for one in rules[exchange.rule].faults if one.id in delivered}
    return found


def _undelivered(seen: Sequence[tuple[Exchange, DeliveredFault]]) -> Finding:
    """Return the finding about a fault of one rule that was delivered in none of the exchanges."""
    exchange, fault = seen[-1]
    fired = any(one.fired for _, one in seen)
    under_way = any(not one.finished for one, _ in seen)
    missed: Severity = "doubt" if under_way else "info" if all(left_with_all(one) for one, _ in seen) else "failure"
    return Finding(
        code=NOT_DELIVERED if fired else NOT_FIRED,
        severity=missed if fired else "failure",
        message=f"`{fault.id}` {'never reached the client' if fired else 'did nothing'}: {fault.why}.",
        advice="Let the fault come earlier, or the client stay longer."
        if fired
        else "Make the answer one in which the fault can happen.",
        evidence=tuple(Evidence(text=fault.why, exchange=one.number) for one, fault in seen[:_EXAMPLES]),
        about="run",
        scenario=exchange.scenario,
        faults=(fault.id,),
    )


def left_with_all(exchange: Exchange) -> bool:
    """Whether the client left when it had the whole answer, so that nothing behind it can be missed."""
    if exchange.delivery.outcome != "client-left":
        return False
    reading = read(exchange)
    return reading.done or (reading.kind == "answer" and reading.finished)


_EXAMPLES = 5


def untested(exchanges: Sequence[Exchange], scenarios: Sequence[Scenario]) -> Iterator[Finding]:
    """Yield for every scenario of which nothing was exercised, or for all at once, that it was not."""
    if not exchanges and not scenarios:
        yield _not_tested("", "No request came.")
    for scenario in scenarios:
        came = [one for one in exchanges if one.scenario == scenario.id]
        if not came:
            yield _not_tested(scenario.id, f"No request came to {scenario.id}.")
            continue
        names = {_name(rule, index) for index, rule in enumerate(scenario.rules) if deviates(rule)}
        if names and not any(one.rule in names for one in came):
            yield _not_tested(scenario.id, f"No request came that {scenario.id} has a fault for.")


def _not_tested(scenario: str, message: str) -> Finding:
    return Finding(
        code=NOT_TESTED,
        severity="doubt",
        message=message,
        advice="See whether the client was pointed at the server and the scenario, and whether it streams.",
        about="run",
        scenario=scenario,
    )
