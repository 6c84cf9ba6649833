"""Rules on what was taken for a whole answer and was none. The last attempt of a call counts: what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockoai.plan.items import Wait
from mockoai.verdict.model import Call, Finding
from mockoai.verdict.noticed import REPORT_MORE, Noticed, is_alone, noticed, own_mistake
from mockoai.verdict.rules import answered, finding, rule, shown

SAY_SO = 'Where the code noticed in another way than by raising, say so: `call.noticed = True`, or {"noticed": true}.'


@rule("truncated-answer-accepted")
def truncated_answer_accepted(call: Call) -> Iterable[Finding]:
    """The client took a part of an answer for the whole.

    The body ended before its framing, its JSON, or its stream did: no finish reason and no `[DONE]`
    came. A stream with a finish reason is whole without `[DONE]`, and one with `[DONE]` and no
    finish reason is let pass as well, since servers are known that never send one. Only the last
    attempt counts: who notices and retries has noticed.

    FAILED when the text that was returned is that part and says no more. Without an outcome: see
    `outcome-missing`; with one that does not tell: `outcome-unclear`.

    Check at the end of a stream that a finish reason came, and raise if none did.
    """
    yield from _taken(call, "cut", "truncated-answer-accepted", "Raise when a stream ends without a finish reason.")


@rule("empty-answer-accepted")
def empty_answer_accepted(call: Call) -> Iterable[Finding]:
    """The client took nothing for an answer.

    The status was good and nothing came that says anything: no event, `[DONE]` alone, or no choice.
    An answer that has a choice with an empty text is one, since a model can have nothing to say.

    FAILED when the text that was returned is empty. Sound when it is all of what follows an early
    `[DONE]`, for who reads on. Without an outcome: see `outcome-missing`; with one that does not
    tell: `outcome-unclear`.

    Raise when an answer has no choice, or a stream ends without a single chunk.
    """
    if call.final.reading.kind == "empty" and _has_all(call):
        return
    yield from _taken(call, "empty", "empty-answer-accepted", "Raise when an answer has no choice.")


@rule("error-answer-accepted")
def error_answer_accepted(call: Call) -> Iterable[Finding]:
    """The client took an answer that carries an error for a good one.

    The status was 200, since it had been sent when things went wrong; the error is in an event of
    the stream, in a line that is no event, in a choice, in a finish reason, or is the whole body.
    Errors behind the finish reason or `[DONE]` do not count.

    FAILED when the text that was returned is what came with the error, or empty. Without an outcome:
    see `outcome-missing`; with one that does not tell: `outcome-unclear`.

    Look for `error` in every chunk and body, whatever the status, and for chunks without `choices`.
    """
    yield from _taken(call, "failed", "error-answer-accepted", "Look for `error` in every chunk, whatever the status.")


@rule("unreadable-answer-accepted")
def unreadable_answer_accepted(call: Call) -> Iterable[Finding]:
    """The client took for an answer what it cannot have read.

    The body is HTML, is not coded as its head says, has events that are no JSON, or is a body for a
    stream, or a stream for a body. Many clients skip what they cannot read, and the answer comes
    out short or empty.

    FAILED when the text that was returned is the body as it stands, is empty, or is what a strict
    reader gets, where a lenient one gets more. Sound when it is all of that. INCONCLUSIVE when it is
    not reported which text was returned, or when it is another.

    Check the content type, and raise on an event that does not parse.
    """
    reading = call.final.reading
    if reading.kind != "unreadable":
        return
    seen = noticed(call)
    if seen.value is False and reading.salvage.strip():
        text = call.outcome.text if call.outcome is not None else None
        if text is None:
            unclear = "it returned, and a lenient reader finds a text in what was sent"
            yield from _unclear(call, Noticed(None, unclear, REPORT_MORE))
            return
        if reading.salvage.strip() in text:
            return
    yield from _taken(
        call, "unreadable", "unreadable-answer-accepted", "Check the content type; raise on what does not parse."
    )


@rule("error-status-accepted")
def error_status_accepted(call: Call) -> Iterable[Finding]:
    """The client gave an error status, or no answer at all, back as an answer.

    The text that was returned is empty or is the body of the error. A text of its own is a
    fallback, and that is sound. Who returns after an error and does not report the text is not
    judged: see `outcome-unclear`.

    FAILED.

    Raise on every status from 400 on.
    """
    reading = call.final.reading
    if reading.kind not in ("status", "nothing"):
        return
    outcome, seen = call.outcome, noticed(call)
    if outcome is not None and outcome.kind == "returned" and not call.last:
        return  # after an error it asked something else, and got its answer there
    if outcome is not None and outcome.kind == "raised" and outcome.single and not own_mistake(outcome):
        return  # whatever else it asked: an error is what the caller got
    if outcome is None or outcome.kind != "returned" or outcome.noticed is True:
        if seen.value is None:
            yield from _unclear(call, seen)
        return
    body = reading.message.body.decode("utf-8", "replace")
    if outcome.noticed is None and outcome.text is None:
        why = f"it returned, and the last answer was {answered(call.final)}: something caught the error"
        yield from _unclear(call, Noticed(None, why, REPORT_MORE))
        return
    text = (outcome.text or "").strip()
    if outcome.noticed is False or not text or is_alone(body, text):
        yield _accepted(call, seen, "error-status-accepted", "Raise on every status from 400 on.")


@rule("bad-framing-accepted")
def bad_framing_accepted(call: Call) -> Iterable[Finding]:
    """The client read an HTTP message that no client may read.

    Two Content-Lengths that differ, or a size of a chunk that is none: where one message ends and
    the next begins cannot be known then, and proxies and clients that guess differently are how
    requests are smuggled (RFC 9112 §6.3, §7.1, §11.2). What recipients may tolerate, such as lines
    that end in LF alone, is not counted.

    FAILED when the text that was returned is that of the message. Without an outcome: see
    `outcome-missing`; with one that does not tell: `outcome-unclear`.

    Refuse the message and close the connection.
    """
    reading = call.final.reading
    if reading.kind != "answer" or not reading.message.wrong:
        return
    seen = noticed(call)
    if seen.value is False:
        yield _accepted(call, seen, "bad-framing-accepted", "Refuse the message and close the connection.")
    elif seen.value is None:
        yield from _unclear(call, seen)


@rule("outcome-missing")
def outcome_missing(call: Call) -> Iterable[Finding]:
    """Whether the client noticed is not known, because nobody reported how the call ended.

    The last answer was not whole, and what a client makes of that does not show on the wire: who
    raises an error and who takes a part for the whole look the same.

    INCONCLUSIVE.

    Report the outcome: run the call inside `with mockoai.call():` in pytest, run the program with
    `mockoai run`, or send

        POST /_mockoai/outcome
        {"session": "test-17", "outcome": "raised", "error": "ConnectionError"}

    with `"outcome": "returned"` and the `text` when it returned one.
    """
    reading = call.final.reading
    if call.outcome is not None or reading.kind == "answer" or reading.kind in _JUDGED:
        return
    if reading.kind == "left" and not _silent_when_left(call):
        return
    yield from _unclear(call, noticed(call))


@rule("outcome-unclear")
def outcome_unclear(call: Call) -> Iterable[Finding]:
    """Whether the client noticed is not known: an outcome was reported, and does not tell.

    A command that ends with 0 may be a test that saw the error and was content, unless it printed
    what was sent and nothing else; one that fails in a check of its own has not said that the client
    noticed. A call that returned may have returned a fallback: only a text that is what was sent,
    and says no more, shows that it did not. Of several calls in one outcome, another may have
    failed.

    INCONCLUSIVE.

    Report one outcome per call, with the text that was returned: `call.text = answer` in pytest. A
    client that notices by other means than an error can say so: `call.noticed = True`, or
    `{"noticed": true}`. A test that catches the error does so outside of `mockoai.call()`, or looks
    at `call.error`; inside, the call has returned.
    """
    if call.outcome is not None and call.final.reading.kind == "left":
        seen = noticed(call)
        unsure = seen.value is None and call.outcome.kind == "returned" and call.outcome.text is None
        if (unsure or seen.value is False) and _silent_when_left(call):
            why = "the client left while the server was silent, and the call returned"
            yield from _unclear(call, Noticed(None, why, REPORT_MORE))


_JUDGED = ("cut", "empty", "failed", "unreadable", "status", "nothing")
"""Kinds of which a rule above says when it cannot tell."""


def _taken(call: Call, kind: str, code: str, advice: str) -> Iterator[Finding]:
    """Find ``code`` when the last reading is of ``kind`` and the client did not notice."""
    if call.final.reading.kind != kind:
        return
    seen = noticed(call)
    if seen.value is False:
        yield _accepted(call, seen, code, advice)
    elif seen.value is None:
        yield from _unclear(call, seen)


def _has_all(call: Call) -> bool:
    """Whether what was returned or printed has all the text that a lenient reader finds."""
    salvage = call.final.reading.salvage.strip()
    outcome = call.outcome
    if not salvage or outcome is None:
        return False
    return salvage in (outcome.stdout if outcome.text is None else outcome.text)


def _accepted(call: Call, seen: Noticed, code: str, advice: str) -> Finding:
    final = call.final
    return finding(
        code,
        "failure",
        call,
        f"The client took {answered(final)} for a good one: {seen.why}.",
        f"{advice} {SAY_SO}",
        shown(final, final.reading.message.wrong or final.reading.why, data=final.reading.shown),
    )


def _unclear(call: Call, seen: Noticed) -> Iterator[Finding]:
    """Say that it is not known whether the client noticed, by the code that fits; a cancelled call need not."""
    if call.outcome is not None and call.outcome.kind == "cancelled":
        return
    final = call.final
    yield finding(
        "outcome-unclear" if call.outcome is not None else "outcome-missing",
        "doubt",
        call,
        f"The client got {answered(final)}; whether it noticed is not known: {seen.why}.",
        seen.advice or REPORT_MORE,
        shown(final, final.reading.message.wrong or final.reading.why, data=final.reading.shown),
    )


def _silent_when_left(call: Call) -> bool:
    """Whether the client left while a fault kept the server silent."""
    exchange = call.final.exchange
    steps = exchange.plan.steps
    now = exchange.delivery.steps
    step = steps[min(now, len(steps) - 1)]
    before = steps[now - 1] if 0 < now <= len(steps) else step
    return any(isinstance(one, Wait) and bool(one.faults) for one in (step, before)) or exchange.plan.ending == "hang"
