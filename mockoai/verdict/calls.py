"""Which exchanges belong to one logical call, and which outcome to which call.

Strategy. Exchanges are grouped by session, idempotency key and body. An equal key says that two requests are one
call. An equal body alone does not: two users may ask the same. So a request with an equal body is a further attempt
only if the earlier one has ended, and not in a whole answer; and how sure that is stays with the attempt, as its
link (see :data:`~mockoai.verdict.model.Link`). Rules that blame a client for a retry ask for more than an equal body.

Among several calls that a request may continue, the one that waits longest gets it. That is the assignment under
which the shortest wait is longest, so what is then found too short is so under any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from mockoai.journal import Exchange
from mockoai.verdict.model import Attempt, Call, Link, Outcome
from mockoai.verdict.reading import Reading, read
from mockoai.verdict.signals import advice, ended
from mockoai.verdict.thresholds import CLOCK_GRAIN, MOMENT_GRAIN

KEY = "idempotency-key"
COUNT = "x-stainless-retry-count"


@dataclass(eq=False)
class _Chain:
    """A call while it is put together."""

    attempts: list[Attempt] = field(default_factory=list)

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]


def calls(exchanges: Iterable[Exchange], outcomes: Sequence[Outcome] = ()) -> list[Call]:
    """Group ``exchanges`` into calls, in the order in which these began, each with its outcome."""
    chains: list[_Chain] = []
    for exchange in sorted(exchanges, key=lambda one: (one.received, one.number)):
        _place(exchange, read(exchange), chains, outcomes)
    made = [
        Call(number, chain.attempts[0].exchange.session, chain.attempts[0].exchange.scenario, tuple(chain.attempts))
        for number, chain in enumerate(chains, 1)
    ]
    return _with_outcomes(made, outcomes)


# --- attempts ---------------------------------------------------------------------------------------------


def _place(exchange: Exchange, reading: Reading, chains: list[_Chain], outcomes: Sequence[Outcome]) -> None:
    """Add ``exchange`` to the chain it continues, or begin one."""
    count = retry_count(exchange)
    open_ = [one for one in chains if _may_continue(one.last, exchange, outcomes)]
    chain, link = _continued(exchange, count, open_, outcomes)
    if chain is None:
        chain = _Chain()
        chains.append(chain)
        chain.attempts.append(Attempt(exchange, reading, "", None, count))
        return
    end = ended(chain.last.exchange)
    gap = None if end is None else exchange.received - end
    # Less than nothing is a clock that stands still, or an end that was written down after the next request.
    if gap is not None and gap < 0:
        gap = 0.0 if gap > -CLOCK_GRAIN else None
    chain.attempts.append(Attempt(exchange, reading, link, gap, count))


def _continued(
    exchange: Exchange, count: int | None, open_: list[_Chain], outcomes: Sequence[Outcome]
) -> tuple[_Chain | None, Link]:
    """Return the chain of ``open_`` that ``exchange`` continues, and by what."""
    key = exchange.request.header(KEY)
    if key is not None:
        keyed = next((one for one in open_ if one.last.exchange.request.header(KEY) == key), None)
        if keyed is not None:
            return keyed, "key"
    waiting = [one for one in open_ if _ended_badly(one.last, exchange)]
    equal = [one for one in waiting if fingerprint(one.last.exchange) == fingerprint(exchange)]
    if count:
        counted = [one for one in equal if one.last.retries == count - 1]
        if counted:
            return counted[0], "count"
        changed = [one for one in waiting if one.last.retries == count - 1 and _same_route(one.last.exchange, exchange)]
        if len(changed) == 1 and not equal:
            return changed[0], "outcome" if _one_call(changed[0].last.exchange, exchange, outcomes) else "count"
    if not equal:
        return None, ""
    within = [one for one in equal if _one_call(one.last.exchange, exchange, outcomes)]
    if within:
        return within[0], "outcome"
    together = [one for one in equal if not _parted(one.last.exchange, exchange, outcomes)]
    return (together[0], "body") if together else (None, "")


def _may_continue(last: Attempt, exchange: Exchange, outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing forbids that ``exchange`` is of the same call as ``last``."""
    if last.exchange.session != exchange.session:
        return False
    telling = [one for one in outcomes if one.single and not one.assumed]
    before = {id(one) for one in telling if covers(one, last.exchange)}
    after = {id(one) for one in telling if covers(one, exchange)}
    # An outcome of one call that is about one of the two and not about the other sets them apart.
    return not (before or after) or bool(before & after)


def _ended_badly(last: Attempt, exchange: Exchange) -> bool:
    end = ended(last.exchange)
    return last.reading.kind != "answer" and end is not None and end <= exchange.received + CLOCK_GRAIN


def _one_call(first: Exchange, second: Exchange, outcomes: Sequence[Outcome]) -> bool:
    """Whether an outcome of a single call spans both."""
    spanning = (one for one in outcomes if one.single and not one.assumed)
    return any(covers(one, first) and covers(one, second) for one in spanning)


def _parted(first: Exchange, second: Exchange, outcomes: Sequence[Outcome]) -> bool:
    """Whether an outcome whose start is not known was reported between the two."""
    return any(one.assumed and first.received <= one.ended < second.received for one in _of(outcomes, first))


def _of(outcomes: Sequence[Outcome], exchange: Exchange) -> list[Outcome]:
    return [one for one in outcomes if one.session == exchange.session]


def _same_route(first: Exchange, second: Exchange) -> bool:
    return (first.request.method, first.request.path) == (second.request.method, second.request.path)


def fingerprint(exchange: Exchange) -> tuple[object, ...]:
    """Return what must be equal for two requests to ask the same."""
    request = exchange.request
    return exchange.session, request.method, request.path, request.query, exchange.body_size, request.body


def retry_count(exchange: Exchange) -> int | None:
    """Return the client's own count of retries, which OpenAI's SDKs send, or None."""
    text = exchange.request.header(COUNT)
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else None


# --- outcomes ---------------------------------------------------------------------------------------------


def covers(outcome: Outcome, exchange: Exchange) -> bool:
    """Whether ``outcome`` is about ``exchange``."""
    if outcome.session != exchange.session:
        return False
    if outcome.exchanges:
        return exchange.number in outcome.exchanges
    if outcome.assumed:
        # Both moments are the server's own.
        return outcome.started < exchange.received <= outcome.ended
    return outcome.started - MOMENT_GRAIN <= exchange.received <= outcome.ended + MOMENT_GRAIN


def _with_outcomes(made: list[Call], outcomes: Sequence[Outcome]) -> list[Call]:
    """Give every call the outcome that is about it, when it can be told which."""
    spare = list(outcomes)
    chosen: dict[int, tuple[Outcome | None, str]] = {}
    for call in made:
        outcome, why = _outcome_of(call, outcomes, spare)
        chosen[call.number] = outcome, why
        if outcome is not None and outcome.single:
            spare = [one for one in spare if one is not outcome]
    out: list[Call] = []
    for call in made:
        outcome, why = chosen[call.number]
        if outcome is None:
            out.append(replace(call, why_none=why))
            continue
        mates = [one for one in made if chosen[one.number][0] is outcome]
        if outcome.assumed and len(mates) > 1:
            out.append(replace(call, why_none="the one that was reported does not say which of several calls it is"))
            continue
        last = max(mates, key=lambda one: (_until(one), one.number))
        troubled = sum(one.final.reading.kind != "answer" for one in mates)
        out.append(replace(call, outcome=outcome, last=last is call, troubled=troubled))
    return out


def _outcome_of(call: Call, outcomes: Sequence[Outcome], spare: list[Outcome]) -> tuple[Outcome | None, str]:
    """Return the outcome of ``call``, or None and why there is none.

    One that names its exchanges comes before one that gives moments, one of a single call before one of a command,
    a shorter one before a longer. Several that overlap, because calls ran side by side, are shared out only if they
    all say the same.
    """
    about = [one for one in outcomes if all(covers(one, exchange) for exchange in call.exchanges)]
    if not about:
        return None, "no outcome was reported for it"
    best = max(_telling(one) for one in about)
    about = [one for one in about if _telling(one) == best]
    if len({(one.kind, one.noticed, one.text is None) for one in about}) > 1:
        return None, f"{len(about)} outcomes that differ are about the time in which it ran"
    unused = [one for one in about if any(one is other for other in spare)] or about
    return min(unused, key=lambda one: one.ended - one.started), ""


def _telling(outcome: Outcome) -> tuple[bool, bool, bool]:
    """Return what makes one outcome say more than another, to be compared."""
    return bool(outcome.exchanges), outcome.single, not outcome.assumed


def _until(call: Call) -> float:
    end = ended(call.final.exchange)
    return float("inf") if end is None else end


def is_retry_proven(attempt: Attempt) -> bool:
    """Whether more than an equal body says that ``attempt`` is a further one of its call."""
    return attempt.link in ("outcome", "count", "key")


def invites_retry(attempt: Attempt) -> bool:
    """Whether a sound client may try again after ``attempt``."""
    return advice(attempt.reading) in ("retry", "either")
