"""Rules on how long a client waits for what does not come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockoai.plan.items import Wait, Write
from mockoai.verdict.model import Attempt, Call, Finding, Severity
from mockoai.verdict.rules import Case, case_rule, finding, rule, shown
from mockoai.verdict.signals import ended
from mockoai.verdict.thresholds import ENDLESS, LATE_END, NO_LIMIT, NO_TIMEOUT, STALL

TIMEOUTS = ("x-stainless-read-timeout", "x-stainless-timeout")
"""Headers in which OpenAI's SDKs tell their timeout, in seconds."""


@case_rule("no-read-timeout")
def no_read_timeout(case: Case) -> Iterable[Finding]:
    """The client sat out a long silence.

    Not a byte came, and the client was still there. A client that tells a timeout (OpenAI's SDKs do,
    in `x-stainless-read-timeout` or `x-stainless-timeout`) has one, and is not counted as long as
    that is longer than the silence was. A silence of less than two minutes proves nothing when the
    answer went on afterwards: that is patience.

    NON-STRICT from five minutes on, which no default timeout but that of OpenAI's SDKs exceeds, and
    for a client that did not keep to the one it tells. INCONCLUSIVE for less, when the answer did
    not go on and the server had to end it: nobody knows how long the client would have waited.
    INFORMATIONAL from two minutes on, when it went on.

    Set a timeout between two reads, for streams too, where the one for the whole call does not
    count.
    """
    for call in case.calls:
        for attempt in call.attempts:
            seconds, given_up = _silence(attempt, case.now)
            told = told_timeout(attempt)
            if seconds <= 0 or (told is not None and told > seconds) or _whole_before_silence(attempt):
                continue
            if seconds < STALL and not given_up:
                continue
            sure = seconds >= NO_TIMEOUT or told is not None
            severity: Severity = "warning" if sure else "doubt" if given_up else "info"
            how = "was still waiting" if severity != "doubt" else "was waiting until the server ended it"
            yield finding(
                "no-read-timeout",
                severity,
                call,
                f"The client {how} after {seconds:.3g} s without a byte.",
                "Set a timeout between two reads."
                if severity != "doubt"
                else "Let the silence last longer than the client's timeout, or set that lower for the test.",
                shown(attempt, "silence", seconds=seconds, expected=STALL),
            )


def told_timeout(attempt: Attempt) -> float | None:
    """Return the timeout that the client tells of itself, in seconds, or None."""
    for name in TIMEOUTS:
        try:
            return float(attempt.exchange.request.header(name) or "")
        except ValueError:
            continue
    return None


def _silence(attempt: Attempt, now: float | None) -> tuple[float, bool]:
    """Return the longest silence that the client was there for to its end, and whether the server ended it."""
    exchange = attempt.exchange
    delivery, steps = exchange.delivery, exchange.plan.steps
    waits = [step.seconds for step in steps[: delivery.steps] if isinstance(step, Wait)]
    # The last wait that was begun is in the count of steps only once it is over, or when nothing follows it.
    if delivery.outcome == "client-left" and waits and isinstance(steps[delivery.steps - 1], Wait):
        waits.pop()
    longest = max(waits, default=0.0)
    since = delivery.times[-1][1] if delivery.times else 0.0
    if delivery.outcome == "hang":
        return max(longest, delivery.ended - since), True
    if not exchange.finished and now is not None and (exchange.plan.ending == "hang" or delivery.steps < len(steps)):
        return max(longest, now - exchange.received - since), False
    return longest, False


def _whole_before_silence(attempt: Attempt) -> bool:
    """Whether the client had all it needed, so that its connection may well stay open."""
    return attempt.reading.kind == "answer" and attempt.exchange.plan.ending == "hang"


@rule("no-overall-limit")
def no_overall_limit(call: Call) -> Iterable[Finding]:
    """Comments kept the client waiting, for as long as the server liked.

    Only comments or blank lines came, and the client was still there at the end. They begin the
    timeout between two reads anew each time, so a model that hangs behind a server that is well
    never times out.

    NON-STRICT from ten minutes on; INFORMATIONAL from two minutes on, since a model may think for
    long, and a limit may be longer.

    Set a limit for the first token, or for the whole call, that comments do not begin anew.
    """
    for attempt in call.attempts:
        for seconds, lines in _kept_waiting(attempt):
            yield finding(
                "no-overall-limit",
                "warning" if seconds >= NO_LIMIT else "info",
                call,
                f"Comments alone kept the client waiting for {seconds:.3g} s.",
                "Set a limit for the first token, or for the call, that comments do not begin anew.",
                shown(attempt, f"{lines} writes without an event", seconds=seconds, expected=ENDLESS),
            )


def _kept_waiting(attempt: Attempt) -> Iterator[tuple[float, int]]:
    """Yield the longest time in which bytes came and no event, when it is too long, and how many writes it had."""
    exchange = attempt.exchange
    best, lines = 0.0, 0
    start: float | None = None
    count, reached = 0, (-1, -1)
    for step in exchange.plan.steps[: exchange.delivery.steps]:
        if not isinstance(step, Write):
            continue
        if (step.tokens, step.events) != reached or start is None:
            if start is not None and count > 1 and step.at - start > best:
                best, lines = step.at - start, count
            start, count, reached = step.at, 0, (step.tokens, step.events)
        else:
            count += 1
    end = exchange.delivery.ended
    if start is not None and count > 1 and exchange.finished and end - start > best:
        best, lines = end - start, count
    if best >= ENDLESS:
        yield best, lines


@rule("waits-after-done")
def waits_after_done(call: Call) -> Iterable[Finding]:
    """The call ended long after its answer had.

    `[DONE]` had come, and the connection was held open behind it. The client read on until the
    server closed it, and its caller waited as long. Gateways that keep connections to their
    upstream alive do that.

    NON-STRICT, when the outcome says when the call ended.

    Stop at `[DONE]`, and close the response.
    """
    attempt, outcome = call.final, call.outcome
    delivery, end = attempt.exchange.delivery, ended(attempt.exchange)
    if outcome is None or not outcome.single or not attempt.reading.done or end is None or not delivery.times:
        return
    last = attempt.exchange.received + delivery.times[-1][1]
    late = outcome.ended - last
    if delivery.outcome not in ("hang", "client-left") or late == float("inf") or late < LATE_END or not call.last:
        return
    if attempt.exchange.plan.ending == "hang":
        yield finding(
            "waits-after-done",
            "warning",
            call,
            f"The call ended {late:.3g} s after [DONE] was sent.",
            "Stop at [DONE], and close the response.",
            shown(attempt, "the call ended this long after [DONE]", seconds=late, expected=LATE_END),
        )
