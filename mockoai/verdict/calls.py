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
from mockoai.verdict.reading import read
from mockoai.verdict.signals import advice, ended
from mockoai.verdict.thresholds import CLOCK_GRAIN, MOMENT_GRAIN

KEY = "idempotency-key"
COUNT = "x-stainless-retry-count"


class _About:
    """Which outcomes are about which exchange, by their places in the list of outcomes."""

    def __init__(self, exchanges: Sequence[Exchange], outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes
        self._all = {
            id(one): frozenset(place for place, outcome in enumerate(outcomes) if covers(outcome, one))
            for one in exchanges
        }
        self._telling = frozenset(place for place, one in enumerate(outcomes) if one.single and not one.assumed)

    def all(self, exchanges: Sequence[Exchange]) -> list[Outcome]:
        """Return the outcomes that are about all of ``exchanges``."""
        places = frozenset.intersection(*[self._all[id(one)] for one in exchanges])
        return [self.outcomes[place] for place in sorted(places)]

    def one_call(self, first: Exchange, second: Exchange) -> bool:
        """Whether an outcome of a single call, whose start is known, spans both."""
        return bool(self._all[id(first)] & self._all[id(second)] & self._telling)

    def two_calls(self, first: Exchange, second: Exchange) -> bool:
        """Whether outcomes of single calls are about the one or the other, and none is about both."""
        either = (self._all[id(first)] | self._all[id(second)]) & self._telling
        return bool(either) and not self.one_call(first, second)

    def parted(self, first: Exchange, second: Exchange) -> bool:
        """Whether an outcome whose start is not known was reported between the two."""
        between = (one for one in self.outcomes if one.assumed and one.session == first.session)
        return any(first.received <= one.ended < second.received for one in between)


@dataclass(eq=False)
class _Chain:
    """A call while it is put together."""

    attempts: list[Attempt] = field(default_factory=list)

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]


class _Chains:
    """All calls so far, and those that an exchange may continue, by what it has in common with their last one."""

    def __init__(self) -> None:
        self.all: list[_Chain] = []
        self._places: dict[tuple[object, ...], list[_Chain]] = {}

    def add(self, attempt: Attempt, chain: _Chain | None) -> None:
        """Make ``attempt`` the last of ``chain``, or of a new one."""
        if chain is None:
            chain = _Chain()
            self.all.append(chain)
        else:
            for place in _places(chain.last):
                self._places[place].remove(chain)
        chain.attempts.append(attempt)
        for place in _places(attempt):
            self._places.setdefault(place, []).append(chain)
            # Whoever has waited longest comes first.
            self._places[place].sort(key=lambda one: (one.last.exchange.received, one.last.exchange.number))

    def at(self, place: tuple[object, ...]) -> list[_Chain]:
        """Return the calls whose last exchange has ``place`` in common, the longest waiting first."""
        return self._places.get(place, [])


def _places(attempt: Attempt) -> list[tuple[object, ...]]:
    """Return what a further attempt would have in common with ``attempt``."""
    exchange = attempt.exchange
    key = exchange.request.header(KEY)
    places: list[tuple[object, ...]] = [] if key is None else [("key", exchange.session, key)]
    if attempt.reading.kind != "answer":
        places += [fingerprint(exchange), _route(exchange, attempt.retries)]
    return places


def _route(exchange: Exchange, count: int | None) -> tuple[object, ...]:
    return "route", exchange.session, exchange.request.method, exchange.request.path, count


def calls(exchanges: Iterable[Exchange], outcomes: Sequence[Outcome] = ()) -> list[Call]:
    """Group ``exchanges`` into calls, in the order in which these began, each with its outcome."""
    journal = sorted(exchanges, key=lambda one: (one.received, one.number))
    about = _About(journal, outcomes)
    chains = _Chains()
    for exchange in journal:
        count = retry_count(exchange)
        chain, link = _continued(exchange, count, chains, about)
        gap = None if chain is None else _gap(chain.last.exchange, exchange)
        chains.add(Attempt(exchange, read(exchange), link, gap, count), chain)
    made = [
        Call(number, chain.attempts[0].exchange.session, chain.attempts[0].exchange.scenario, tuple(chain.attempts))
        for number, chain in enumerate(chains.all, 1)
    ]
    return _with_outcomes(made, about)


# --- attempts ---------------------------------------------------------------------------------------------


def _gap(before: Exchange, after: Exchange) -> float | None:
    """Return the seconds from the end of one to the other; None when that cannot be."""
    end = ended(before)
    if end is None:
        return None
    gap = after.received - end
    # Less than nothing is a clock that stands still, or an end that was written down after the next request.
    return gap if gap >= 0 else 0.0 if gap > -CLOCK_GRAIN else None


def _continued(exchange: Exchange, count: int | None, chains: _Chains, about: _About) -> tuple[_Chain | None, Link]:
    """Return the call that ``exchange`` continues, and by what."""

    def open_at(place: tuple[object, ...]) -> list[_Chain]:
        return [one for one in chains.at(place) if not about.two_calls(one.last.exchange, exchange)]

    key = exchange.request.header(KEY)
    if key is not None and (keyed := open_at(("key", exchange.session, key))):
        return keyed[0], "key"
    equal = [one for one in open_at(fingerprint(exchange)) if _over(one.last, exchange)]
    if count:
        if counted := [one for one in equal if one.last.retries == count - 1]:
            return counted[0], "count"
        changed = [one for one in open_at(_route(exchange, count - 1)) if _over(one.last, exchange)]
        if len(changed) == 1 and not equal:
            return changed[0], "outcome" if about.one_call(changed[0].last.exchange, exchange) else "count"
    if within := [one for one in equal if about.one_call(one.last.exchange, exchange)]:
        return within[0], "outcome"
    together = [one for one in equal if not about.parted(one.last.exchange, exchange)]
    return (together[0], "body") if together else (None, "")


def _over(last: Attempt, exchange: Exchange) -> bool:
    """Whether ``last`` had ended when ``exchange`` came."""
    end = ended(last.exchange)
    return end is not None and end <= exchange.received + CLOCK_GRAIN


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


def _with_outcomes(made: list[Call], about: _About) -> list[Call]:
    """Give every call the outcome that is about it, when it can be told which."""
    used: set[int] = set()
    chosen: list[tuple[Call, Outcome | None, str]] = []
    mates: dict[int, list[Call]] = {}
    for call in made:
        outcome, why = _outcome_of(about.all(call.exchanges), used)
        chosen.append((call, outcome, why))
        if outcome is not None:
            mates.setdefault(id(outcome), []).append(call)
            if outcome.single:
                used.add(id(outcome))
    groups = {id: _Group(group) for id, group in mates.items()}
    return [_with_outcome(call, outcome, why, groups) for call, outcome, why in chosen]


class _Group:
    """The calls that one outcome is about."""

    def __init__(self, calls: list[Call]) -> None:
        self.size = len(calls)
        self.last = max(calls, key=lambda one: (_until(one), one.number)).number
        self.troubled = sum(one.final.reading.kind != "answer" for one in calls)


def _with_outcome(call: Call, outcome: Outcome | None, why: str, groups: dict[int, _Group]) -> Call:
    if outcome is None:
        return replace(call, why_none=why)
    group = groups[id(outcome)]
    if outcome.assumed and group.size > 1:
        return replace(call, why_none="the one that was reported does not say which of several calls it is")
    return replace(call, outcome=outcome, last=group.last == call.number, troubled=group.troubled)


def _outcome_of(about: list[Outcome], used: set[int]) -> tuple[Outcome | None, str]:
    """Return the outcome of a call, of those that are ``about`` it, or None and why there is none.

    One that names its exchanges comes before one that gives moments, one of a single call before one of a command,
    a shorter one before a longer. Several that overlap, because calls ran side by side, are shared out only if they
    all say the same.
    """
    if not about:
        return None, "no outcome was reported for it"
    best = max(_telling(one) for one in about)
    about = [one for one in about if _telling(one) == best]
    if len({(one.kind, one.noticed, one.text is None) for one in about}) > 1:
        return None, f"{len(about)} outcomes that differ are about the time in which it ran"
    unused = [one for one in about if id(one) not in used] or about
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
