"""Rules on how a client leaves its connections. They make the grade of the connection, not that of the client."""

from __future__ import annotations

from collections.abc import Iterable

from mockoai.verdict.about import covers
from mockoai.verdict.model import Attempt, Call, Finding
from mockoai.verdict.rules import Case, case_rule, finding, shown
from mockoai.verdict.signals import ended
from mockoai.verdict.thresholds import CLOSE_GRACE


@case_rule("not-closed-on-cancel")
def not_closed_on_cancel(case: Case) -> Iterable[Finding]:
    """The caller cancelled the call, and the client left the connection open.

    A server finds out that nobody wants the rest only by the connection being closed, and goes on
    generating, and billing, until then. A second after the cancellation is let pass.

    UNCLEAN.

    Close the response when the call is cancelled: `async with` around the stream, `AbortController`
    in JavaScript.
    """
    advice = "Close the response when the call is cancelled."
    yield from _kept(case, "not-closed-on-cancel", True, "the caller cancelled", advice)


@case_rule("connection-left-open")
def connection_left_open(case: Case) -> Iterable[Finding]:
    """The call was over, and the connection still open in the middle of an answer.

    The call had returned or raised, and the server was still sending, or silent, a second and more
    later. Such connections come back to no pool; each is a file descriptor, and work for the
    server. A call that returned counts only if its text was reported: else the stream itself may
    be what it returned, to be read by somebody else.

    UNCLEAN.

    Close the response in every case: with a context manager, or in a `finally`.
    """
    advice = "Close the response in every case: with a context manager, or in a `finally`."
    yield from _kept(case, "connection-left-open", False, "the call had ended", advice)


def _kept(case: Case, code: str, cancelled: bool, what: str, advice: str) -> Iterable[Finding]:
    for call in case.calls:
        outcome = call.outcome
        if outcome is None or not outcome.single or (outcome.kind == "cancelled") is not cancelled:
            continue
        if outcome.kind == "returned" and outcome.text is None:
            continue
        for attempt in call.attempts:
            end = ended(attempt.exchange)
            until = case.now if end is None else end
            if until is None or outcome.ended == float("inf") or not covers(outcome, attempt.exchange):
                continue
            late = until - outcome.ended
            if late <= CLOSE_GRACE:
                continue
            state = "was still open" if end is None or attempt.exchange.delivery.outcome != "client-left" else "closed"
            yield finding(
                code,
                "warning",
                call,
                f"The connection {state} {late:.3g} s after {what}.",
                advice,
                shown(attempt, f"{state} after {what}", seconds=late, expected=CLOSE_GRACE),
                about="connection",
            )


@case_rule("poisoned-connection-reused")
def poisoned_connection_reused(case: Case) -> Iterable[Finding]:
    """The client used a connection again that was in an unknown state.

    More bytes had come than the answer's length said, or its framing was broken; what is read next
    on that connection may be the rest of the old answer. RFC 9112 §6.3 and §9.3 have it closed.

    UNCLEAN.

    Close the connection after an answer whose end is not certain, or behind which something came.
    """
    before: dict[int, tuple[Call, Attempt]] = {}
    attempts = [(call, attempt) for call in case.calls for attempt in call.attempts]
    for call, attempt in sorted(attempts, key=lambda one: one[1].exchange.number):
        number = attempt.exchange.connection
        if number in before and attempt.exchange.reused:
            old_call, old = before[number]
            message = old.reading.message
            if message.surplus or message.wrong:
                why = message.wrong or f"{len(message.surplus)} bytes came behind its end"
                yield finding(
                    "poisoned-connection-reused",
                    "warning",
                    old_call,
                    f"A connection was used again after an answer that left it in an unknown state: {why}.",
                    "Close a connection when the end of an answer is not certain.",
                    shown(old, why, data=message.surplus),
                    shown(attempt, "the next request on the same connection"),
                    about="connection",
                )
        before[number] = (call, attempt)
