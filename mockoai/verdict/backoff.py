"""Rules on how long a client waits before it tries again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import prod

from mockoai.verdict.calls import is_retry_proven
from mockoai.verdict.model import Attempt, Call, Evidence, Finding, Severity
from mockoai.verdict.rules import Case, answered, case_rule, finding, rule, shown
from mockoai.verdict.signals import RetryAfter, advice, ended, retry_after
from mockoai.verdict.thresholds import (
    ABSURD_WAIT,
    BACKOFF,
    CAPPED_WAIT,
    DATE_GRAIN,
    EARLY,
    JITTER,
    JITTER_EVIDENCE,
    LEAST_WAIT,
    LONG_WAIT,
    MAYBE_NO_BACKOFF,
    NO_BACKOFF,
    PARALLEL,
    TIMER_GRAIN,
)


@rule("retry-after-ignored")
def retry_after_ignored(call: Call) -> Iterable[Finding]:
    """The client came back sooner than the answer asked for.

    `Retry-After` in seconds or as a date (RFC 9110 §10.2.3) and `retry-after-ms` are compared with
    the time from the end of the answer to the next attempt; 5 % too early is let pass, 20 ms of any
    wait, and a second for a date, which has whole seconds. Of both headers the shorter wait counts.
    A negative value, one that is no number, and two that differ ask for nothing.

    FAILED up to a minute. NON-STRICT above, since many clients wait a minute at the most; from two
    minutes on only for those that come back within seconds: to give up, or to wait less, is sound
    then. NON-STRICT also for `retry-after-ms` alone, which not all clients know, and INFORMATIONAL
    for parts of a second, which the standard does not have. INCONCLUSIVE where only the body is
    equal, since it may be a new call.

    Wait as long as the server says, or give up when that is too long.
    """
    for before, after, asked in _waits(call):
        if after.gap is None or after.gap >= required(asked):
            continue
        severity = _severity(asked)
        proven = is_retry_proven(after)
        if not proven and severity != "failure":
            continue
        yield finding(
            "retry-after-ignored",
            severity if proven else "doubt",
            call,
            f"The answer asked to wait {asked.seconds:.3g} s; the next request came after {after.gap:.3g} s.",
            "Wait as long as Retry-After says, or give up when that is too long."
            if proven
            else "Report one outcome per call, so that a retry can be told from a new call.",
            shown(before, f"`{asked.said}`", seconds=asked.seconds),
            shown(after, "the next attempt", seconds=after.gap, expected=asked.seconds),
        )


def _waits(call: Call) -> Iterator[tuple[Attempt, Attempt, RetryAfter]]:
    for before, after in pairwise(call.attempts):
        asked = retry_after(before.exchange, before.reading)
        if asked is not None and asked.seconds > 0 and before.reading.kind == "status":
            yield before, after, asked


def _severity(asked: RetryAfter) -> Severity:
    if asked.form == "fraction":
        return "info"
    return "failure" if asked.seconds <= LONG_WAIT and asked.form != "ms" else "warning"


def required(asked: RetryAfter) -> float:
    """Return the shortest wait, in seconds, that is not held against a client."""
    if asked.seconds > ABSURD_WAIT:
        return CAPPED_WAIT
    return min(asked.seconds * EARLY, asked.seconds - TIMER_GRAIN) - (DATE_GRAIN if asked.form == "date" else 0.0)


@rule("no-backoff")
def no_backoff(call: Call) -> Iterable[Finding]:
    """The client tried again at once.

    Milliseconds after a failure the server is in the state that it was in. How little proves that
    there is no backoff depends on how often: clients that draw their waits from nothing to half a
    second, doubled each time (full jitter), make a short one now and then. What is not counted: a
    wait that the answer asked for, `Retry-After: 0` included; the first retry after a 408, or after
    a connection that was used before and turned out to be closed (RFC 9112 §9.3.1); a request with
    new credentials after a 401.

    NON-STRICT, where all retries of a call are known to be some, none came after a tenth of a second
    or later, and such a client would wait as little in one of 500 calls: one retry within 1 ms, two
    within 30 ms. INFORMATIONAL for one of 50, such as a single retry within 10 ms.

    Wait half a second, double it each time up to a limit, and take a random part off.
    """
    retries = [
        (before, after, after.gap)
        for before, after in pairwise(call.attempts)
        if after.gap is not None and is_retry_proven(after) and _calls_for_patience(before)
    ]
    if not retries:
        return
    longest = max(gap for _, _, gap in retries)
    chance = prod(longest / (BACKOFF * 2.0**number) for number in range(min(len(retries), 64)))
    if longest >= LEAST_WAIT or chance > MAYBE_NO_BACKOFF:
        return
    most = f"{len(retries)} times, at most {longest * 1000:.0f} ms" if len(retries) > 1 else f"{longest * 1000:.0f} ms"
    yield finding(
        "no-backoff",
        "warning" if chance <= NO_BACKOFF else "info",
        call,
        f"The client tried again {most} after {answered(retries[0][0])}.",
        "Wait before a retry: half a second, doubled each time, less a random part.",
        *(shown(after, f"after {answered(before)}", seconds=gap, expected=BACKOFF) for before, after, gap in retries),
    )


def _calls_for_patience(before: Attempt) -> bool:
    """Whether a retry at once after ``before`` is unsound."""
    if before.reading.kind == "nothing":
        return not before.exchange.reused
    if advice(before.reading) != "retry" or before.reading.status == 408:
        return False
    return retry_after(before.exchange, before.reading) is None


@case_rule("no-jitter")
def no_jitter(case: Case) -> Iterable[Finding]:
    """Callers side by side wait equally long before they try again.

    Callers that were turned away at the same time then come back together: the server
    gets its load in waves. Compared are three or more calls that ran side by side, retry by retry:
    it shows when their waits, of a tenth of a second and more, lie within 2 % of each other, twice
    for three or four callers and once for five. By chance that happens to a client that draws from
    a quarter of the wait once in some thousand runs. Waits that a Retry-After asked for are not
    compared.

    NON-STRICT.

    Take a random part off every wait; a quarter is what OpenAI's SDKs do, all of it (full jitter)
    spreads best.
    """
    for group in _side_by_side(case.calls):
        rounds = [one for one in _rounds(group) if len(one) >= PARALLEL and _alike([gap for _, _, gap in one])]
        if sum(len(one) - 1 for one in rounds) < JITTER_EVIDENCE:
            continue
        gaps = [gap for _, _, gap in rounds[0]]
        call = rounds[0][0][0]
        evidence: list[Evidence] = [
            shown(attempt, f"call {one.number}", seconds=gap) for found in rounds for one, attempt, gap in found
        ]
        yield finding(
            "no-jitter",
            "warning",
            call,
            f"{len(gaps)} calls side by side waited {min(gaps):.3g} to {max(gaps):.3g} s, with no random part.",
            "Take a random part off every wait.",
            *evidence,
        )


def _side_by_side(calls: tuple[Call, ...]) -> Iterator[list[Call]]:
    """Yield groups of retried calls whose first attempts overlap in time, each call in one group."""
    retried = [one for one in calls if len(one.attempts) > 1]
    group: list[Call] = []
    until = 0.0
    for call in sorted(retried, key=lambda one: one.attempts[0].exchange.received):
        second = call.attempts[1].exchange.received
        if group and call.attempts[0].exchange.received < until:
            until = min(until, second)
        else:
            if len(group) >= PARALLEL:
                yield group
            group, until = [], second
        group.append(call)
    if len(group) >= PARALLEL:
        yield group


def _rounds(group: list[Call]) -> Iterator[list[tuple[Call, Attempt, float]]]:
    """Yield for every retry, the first, the second and so on, the calls that made it and how long they waited."""
    for place in range(1, max(len(one.attempts) for one in group)):
        found = []
        for call in group:
            if len(call.attempts) <= place:
                continue
            before, after = call.attempts[place - 1], call.attempts[place]
            patient = retry_after(before.exchange, before.reading) is None and ended(before.exchange) is not None
            if patient and after.gap is not None and after.gap >= LEAST_WAIT and is_retry_proven(after):
                found.append((call, after, after.gap))
        yield found


def _alike(gaps: list[float]) -> bool:
    return max(gaps) - min(gaps) <= JITTER * max(gaps)
