"""Rules on whether and how often a client tries again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from mockoai.verdict.about import covers, fingerprint
from mockoai.verdict.backoff import required
from mockoai.verdict.calls import is_retry_proven
from mockoai.verdict.model import Attempt, Call, Finding, Outcome, Severity
from mockoai.verdict.noticed import REPORT
from mockoai.verdict.rules import REASONS, Case, answered, case_rule, finding, rule, shown
from mockoai.verdict.signals import Advice, advice, retry_after
from mockoai.verdict.thresholds import (
    CREDENTIALS,
    DOUBLED_LEAD,
    ENOUGH_TEXT,
    LONG_WAIT,
    ROUNDS,
    STORM,
    STORM_TIME,
)

PER_CALL = "Report one outcome per call, or send an Idempotency-Key, so that a retry can be told from a new call."


@rule("retried-non-retryable")
def retried_non_retryable(call: Call) -> Iterable[Finding]:
    """The client sent the same request again after an answer that says it is the request that is wrong.

    Retryable are 408, 409, 421, 425, 429, 498 and everything from 500 on, whatever comes with a
    Retry-After, and connections that were lost before a status came. Everything else from 400 on
    will be answered in the same way again, so that a retry only costs: quota, time, and sometimes an
    account that is locked. A request whose credentials changed is not the same, nor is one that the
    server asked for (`x-should-retry: true`).

    FAILED when the client counts its retries, sends the same Idempotency-Key, or did so within one
    reported call. Where only the body is equal it may be a new call: INCONCLUSIVE.

    Retry by status, not on every error. Refresh credentials after a 401, and then try once.
    """
    for before, after in _retries(call, "stop"):
        yield from _against(call, before, after, "failure", "retried-non-retryable")


@rule("retried-against-advice")
def retried_against_advice(call: Call) -> Iterable[Finding]:
    """The client tried again although the answer said not to.

    Either by `x-should-retry: false`, which OpenAI's servers send and its SDKs obey, or by a 429
    whose code is `insufficient_quota`, which means no money and not too many requests, or by a 501.
    Several common clients do not look there, so this is NON-STRICT for the header and INFORMATIONAL
    for the others.

    Look at `x-should-retry`, and at the code of the error besides the status.
    """
    severities: tuple[tuple[Advice, Severity], ...] = (
        ("asked not to", "warning"),
        ("quota", "info"),
        ("permanent", "info"),
    )
    for which, severity in severities:
        for before, after in _retries(call, which):
            yield from _against(call, before, after, severity, "retried-against-advice")


def _retries(call: Call, which: Advice) -> Iterator[tuple[Attempt, Attempt]]:
    """Yield the first retry after an answer that advises ``which``, with that answer; one that is known to be one."""
    pairs = [pair for pair in pairwise(call.attempts) if advice(pair[0].reading) == which and _same_credentials(*pair)]
    yield from sorted(pairs, key=lambda pair: not is_retry_proven(pair[1]))[:1]


def _same_credentials(before: Attempt, after: Attempt) -> bool:
    first, second = before.exchange.request, after.exchange.request
    return all(first.header(name) == second.header(name) for name in CREDENTIALS)


def _against(call: Call, before: Attempt, after: Attempt, severity: Severity, code: str) -> Iterator[Finding]:
    proven = is_retry_proven(after)
    if not proven and severity != "failure":
        return
    why = REASONS[advice(before.reading)]
    how = "The client sent the same request again" if proven else "An equal request came"
    yield finding(
        code,
        severity if proven else "doubt",
        call,
        f"{how} after {answered(before)}: {why}.",
        f"Do not retry status {before.reading.status}." if proven else PER_CALL,
        shown(before, f"got {answered(before)}", data=before.reading.shown),
        shown(after, "the same request again" if proven else "an equal request", seconds=after.gap),
    )


@rule("retry-storm")
def retry_storm(call: Call) -> Iterable[Finding]:
    """The client sent one request more than ten times within a minute.

    A server that turns requests away because it has too many gets more of them this way. The common
    clients make three attempts; more than ten for one call are not persistence but load. Attempts
    that came as late as a Retry-After asked for are not counted.

    FAILED. INCONCLUSIVE where only the body is equal, since they may be calls of their own.

    Put a limit on attempts, or on the time in which they may be made, and one on retries in all (a
    budget).
    """
    storm = _storm(call.attempts)
    if not storm:
        return
    made = len(storm)
    proven = sum(is_retry_proven(one) for one in storm) >= STORM
    took = storm[-1].exchange.received - storm[0].exchange.received
    yield finding(
        "retry-storm",
        "failure" if proven else "doubt",
        call,
        f"{made} attempts were made for one call in {took:.3g} s."
        if proven
        else f"{made} equal requests came in {took:.3g} s.",
        f"Limit the attempts of a call; {STORM} are too many." if proven else PER_CALL,
        shown(storm[0], "the first attempt"),
        shown(storm[-1], f"attempt {made}", seconds=took),
    )


def _storm(attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    """Return the most attempts within :data:`STORM_TIME` that no answer had asked for, if they are too many."""
    unasked = [attempts[0]]
    for before, after in pairwise(attempts):
        asked = retry_after(before.exchange, before.reading)
        if asked is None or asked.seconds <= 0 or after.gap is None or after.gap < required(asked):
            unasked.append(after)
    most: Sequence[Attempt] = ()
    first = 0
    for last, one in enumerate(unasked):
        while one.exchange.received - unasked[first].exchange.received > STORM_TIME:
            first += 1
        if last + 1 - first > max(STORM, len(most)):
            most = unasked[first : last + 1]
    return most


@rule("retry-amplification")
def retry_amplification(call: Call) -> Iterable[Finding]:
    """Two layers of the client retry the same call, so that their attempts multiply.

    It shows in the counter that OpenAI's SDKs send (`x-stainless-retry-count`): within one call it
    runs up, falls back to 0 and runs up again, so something around the SDK retries what the SDK has
    given up. Three attempts in each of three layers are 27.

    NON-STRICT within one reported call. Without an outcome it may be the application that asked
    twice: INCONCLUSIVE.

    Let one layer retry: `max_retries=0` in the SDK, or none around it.
    """
    counts = [one.retries for one in call.attempts]
    restarts = [
        after
        for before, after in pairwise(call.attempts)
        if after.retries == 0 and before.retries is not None and before.retries > 0
    ]
    if len(restarts) + 1 < ROUNDS:
        return
    proven = all(one.link in ("outcome", "key") for one in restarts)
    shape = ", ".join("?" if one is None else str(one) for one in counts[: 2 * STORM])
    yield finding(
        "retry-amplification",
        "warning" if proven else "doubt",
        call,
        f"{len(call.attempts)} attempts in {len(restarts) + 1} rounds: the retry counter ran {shape}.",
        "Let only one layer retry: `max_retries=0` in the SDK, or no retries around it." if proven else PER_CALL,
        *(shown(one, "the retry counter begins anew", seconds=one.gap) for one in restarts[:STORM]),
    )


@case_rule("gave-up")
def gave_up(case: Case) -> Iterable[Finding]:
    """The client did not try again after a failure that a second attempt often mends.

    Such as 429, 503, or a connection lost before any answer. One that asks for more patience than a
    minute, or for no retry at all, may be given up at once; and who asks another model instead has
    not given up.

    NON-STRICT, once the outcome shows that the call is over. A scenario that expects it (`client:
    gives-up`) is not told.

    Try again two or three times, with a growing and jittered wait.
    """
    for call in case.calls:
        attempt = call.final
        if len(call.attempts) > 1 or advice(attempt.reading) != "retry" or call.outcome is None:
            continue
        if call.outcome.kind == "cancelled" or _went_on(call, call.outcome, case):
            continue
        asked = retry_after(attempt.exchange, attempt.reading)
        if asked is not None and asked.seconds > LONG_WAIT:
            continue
        yield finding(
            "gave-up",
            "warning",
            call,
            f"The client gave up after one attempt, which got {answered(attempt)}.",
            "Try again two or three times, after Retry-After or with a growing, jittered wait.",
            shown(attempt, f"got {answered(attempt)}, and no other attempt came", data=attempt.reading.shown),
        )


def _went_on(call: Call, outcome: Outcome, case: Case) -> bool:
    """Whether more came, within what ``outcome`` is about, by which the client may have tried again."""
    first = call.final.exchange
    return any(
        one.received > first.received
        and one.request.method == first.request.method
        and (outcome.single or fingerprint(one) == fingerprint(first))
        and covers(outcome, one)
        for other in case.calls
        if other is not call
        for one in other.exchanges
    )


@rule("retried-after-delivery")
def retried_after_delivery(call: Call) -> Iterable[Finding]:
    """The client tried again when a part of the answer had already been handed to its caller.

    A stream cannot be taken back: whoever showed, stored or acted upon the first half gets it
    again, and the model may say something else the second time. No common SDK retries once the
    first byte of a body has come. It is sound for a client that keeps the answer until it is whole.

    FAILED when the text that was handed over, as reported, begins with the part of an earlier
    attempt and goes on with another. INCONCLUSIVE when it is not reported what was handed over, and
    when it is a command that printed the one behind the other.

    Retry before the first token only, or hold the answer back until it has its finish reason.
    """
    for before, after in pairwise(call.attempts):
        part = before.reading.text
        outcome = call.outcome
        if not before.reading.said or not part.strip():
            continue
        if not is_retry_proven(after):
            yield from _printed_both(call, before, after)
            continue
        handed = None if outcome is None else outcome.partial if outcome.partial is not None else outcome.text
        begun = shown(
            before, f"{len(part)} characters of the answer had been sent", data=part.encode("utf-8", "replace")
        )
        again = shown(after, "the same request again", seconds=after.gap)
        if handed is None:
            message = "The client tried again after a part of the answer was sent; was that handed on?"
            how = "Report the text that was handed over (`partial`, or `text`), so that a doubled part shows."
            yield finding("retried-after-delivery", "doubt", call, message, how if outcome else REPORT, begun, again)
        elif _doubled(handed, part, call.final.reading.text):
            message = "The caller got a part of one answer and then another from its beginning."
            how = "Retry before the first token only, or hand the answer over when it is whole."
            yield finding("retried-after-delivery", "failure", call, message, how, begun, again)
        return


def _printed_both(call: Call, before: Attempt, after: Attempt) -> Iterator[Finding]:
    """Find a command that printed a part and then an answer; that it asked twice may be what it is for."""
    part, outcome = before.reading.text, call.outcome
    if outcome is not None and _doubled(outcome.stdout, part, call.final.reading.text):
        message = "A part of an answer was printed, and an answer from its beginning after it."
        begun = shown(before, f"{len(part)} characters of the answer had been sent")
        again = shown(after, "an equal request", seconds=after.gap)
        yield finding("retried-after-delivery", "doubt", call, message, PER_CALL, begun, again)


def _doubled(handed: str, part: str, final: str) -> bool:
    """Whether ``handed`` is ``part``, and behind it the beginning of another answer, ``final``."""
    lead = final.strip()[:DOUBLED_LEAD]
    rest = handed.lstrip()[len(part.strip()) :].lstrip()
    return len(lead) >= ENOUGH_TEXT and handed.lstrip().startswith(part.strip()) and rest.startswith(lead)
