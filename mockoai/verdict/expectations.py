"""``expect:`` of a scenario, compared with what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockoai.jsonvalue import compact
from mockoai.match.conditions import text_holds
from mockoai.scenario.model import CallRange, Expectation, Scenario, Test
from mockoai.verdict.model import Attempt, Call, ExpectationResult, Finding, Outcome
from mockoai.verdict.noticed import REPORT, noticed, succeeded
from mockoai.verdict.rules import explained
from mockoai.verdict.signals import ended

NOT_MET = explained(
    "expectation-not-met",
    """
    Something that the scenario expects did not happen.

    The entry stands under `expect:` in the file: `calls` counts the requests that came, `within`
    the seconds from the first request to the end of the last answer, `no-retry` says that no
    request came again after an answer that was not whole, `client` what the caller made of it
    (`notices`, `recovers`, `gives-up`), `exit`, `stdout` and `stderr` what the command did.

    FAILED.
    """,
)

UNCLEAR = explained(
    "expectation-unclear",
    """
    Whether something happened that the scenario expects is not known.

    `client` needs the outcome of the calls, `exit`, `stdout` and `stderr` that of a command that
    `mockoai run` ran.

    INCONCLUSIVE.
    """,
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there is to compare with: the calls and outcomes of one scenario."""

    calls: tuple[Call, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def attempts(self) -> list[Attempt]:
        return [attempt for call in self.calls for attempt in call.attempts]


Judged = tuple[bool | None, str]
"""Whether an expectation is met, None when that is not known, and why."""


def results(
    scenarios: Sequence[Scenario], calls: Sequence[Call], outcomes: Sequence[Outcome]
) -> Iterator[ExpectationResult]:
    """Yield what became of every expectation."""
    for scenario in scenarios:
        own = tuple(one for one in calls if one.scenario == scenario.id)
        seen = _Seen(own, tuple(outcomes))
        for one in scenario.expect:
            met, why = _JUDGES[one.name](one.value, seen)
            yield ExpectationResult(scenario.id, one.name, _text(one), met, why, one.span.line)


def unmet_findings(found: Sequence[ExpectationResult]) -> Iterator[Finding]:
    """Yield a finding for every expectation that is not met, or of which that is not known."""
    for one in found:
        if one.met is True:
            continue
        known = one.met is False
        yield Finding(
            code=NOT_MET if known else UNCLEAR,
            severity="failure" if known else "doubt",
            message=f"{one.scenario} expects `{one.name}: {one.value}`; {one.why}.",
            advice="See why, or change the expectation in the file." if known else REPORT,
            scenario=one.scenario,
            line=one.line,
        )


def expects_giving_up(scenario: Scenario) -> bool:
    """Whether ``scenario`` says that the client shall give up."""
    return any(one.name == "client" and one.value == "gives-up" for one in scenario.expect)


# --- one judge each ---------------------------------------------------------------------------------------


def _calls(value: CallRange, seen: _Seen) -> Judged:
    came = len(seen.attempts)
    return came in value or (came == 0 and value.first == 0), f"{_count(came, 'request')} came"


def _no_retry(value: bool, seen: _Seen) -> Judged:
    most = max((len(one.attempts) for one in seen.calls), default=0)
    return most <= 1, "no request came again" if most <= 1 else f"one request came {most} times"


def _within(value: float, seen: _Seen) -> Judged:
    if not seen.attempts:
        return None, "no request came"
    ends = [ended(one.exchange) for one in seen.attempts]
    known = [one for one in ends if one is not None]
    if len(known) < len(ends):
        return None, "an answer is still under way"
    took = max(known) - min(one.exchange.received for one in seen.attempts)
    return took <= value, f"it took {took:.3g} s"


def _client(value: str, seen: _Seen) -> Judged:
    if not seen.calls:
        return None, "no request came"
    return _all([_CLIENT[value](call) for call in seen.calls])


def _notices(call: Call) -> Judged:
    if call.final.reading.kind == "answer":
        earlier = [one for one in call.attempts[:-1] if one.reading.kind != "answer"]
        if earlier:
            return True, "it tried again, so it noticed"
        if not any(fault.delivered for fault in call.final.exchange.faults()):
            return True, "there was nothing to notice"
    seen = noticed(call)
    return seen.value, seen.why


def _recovers(call: Call) -> Judged:
    got = succeeded(call)
    if call.final.reading.kind != "answer":
        sure = call.outcome is not None and call.outcome.kind != "cancelled"
        return (False if sure else None), f"its last attempt did not get a whole answer ({call.final.reading.why})"
    return got, {True: "it got its answer", False: "it failed", None: call.why_none or "the caller cancelled it"}[got]


def _gives_up(call: Call) -> Judged:
    if call.final.reading.kind == "answer":
        return _negated(succeeded(call)), "its last attempt got a whole answer"
    seen = noticed(call)
    return seen.value, seen.why


_CLIENT: dict[str, Callable[[Call], Judged]] = {"notices": _notices, "recovers": _recovers, "gives-up": _gives_up}


def _exit(value: int | str, seen: _Seen) -> Judged:
    return _all(
        [
            (one.exit_code != 0 if value == "nonzero" else one.exit_code == value, f"it ended with {one.exit_code}")
            for one in seen.outcomes
            if one.kind == "exited"
        ]
    )


def _printed(stream: str) -> Callable[[Any, _Seen], Judged]:
    def judge(value: tuple[Test, ...], seen: _Seen) -> Judged:
        texts = [getattr(one, stream) for one in seen.outcomes if one.kind == "exited"]
        return _all([(_holds(value, text), f"{stream} is {_short(text)!r}") for text in texts])

    return judge


def _holds(tests: tuple[Test, ...], text: str) -> bool:
    """Whether ``text`` passes, as it is or without the line end that commands print last."""
    return any(all(text_holds(test, one) for test in tests) for one in (text, text.rstrip("\r\n")))


_JUDGES: dict[str, Callable[[Any, _Seen], Judged]] = {
    "calls": _calls,
    "client": _client,
    "exit": _exit,
    "stdout": _printed("stdout"),
    "stderr": _printed("stderr"),
    "within": _within,
    "no-retry": _no_retry,
}


def _all(judged: Sequence[Judged]) -> Judged:
    """Return the worst of several: not met, then not known."""
    if not judged:
        return None, "no command was run"
    for wanted in (False, None):
        for met, why in judged:
            if met is wanted:
                return met, why
    return judged[0]


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


def _text(expectation: Expectation) -> str:
    value = expectation.value
    if isinstance(value, tuple):
        return ", ".join(f"{one.how} {compact(one.value)}" for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}s" if expectation.name == "within" else str(value)
