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
from mockoai.verdict.about import KEY, About, Place, fingerprint, is_over, is_question, retry_count
from mockoai.verdict.model import Attempt, Call, Link, Outcome
from mockoai.verdict.noticed import is_alone
from mockoai.verdict.reading import read
from mockoai.verdict.signals import advice, ended
from mockoai.verdict.thresholds import CLOCK_GRAIN


@dataclass(eq=False)
class _Chain:
    """A call while it is put together. ``told`` are the outcomes that are about all of it, of :meth:`About.telling`."""

    told: frozenset[int]
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]


class _Chains:
    """All calls so far, and those that an exchange may continue, by what it has in common with their last one."""

    def __init__(self) -> None:
        self.all: list[_Chain] = []
        self._places: dict[Place, list[_Chain]] = {}
        self._asking: dict[Place, list[_Chain]] = {}

    def add(self, attempt: Attempt, told: frozenset[int], chain: _Chain | None) -> None:
        """Make ``attempt``, which ``told`` are about, the last of ``chain``, or of a new one."""
        if chain is None:
            chain = _Chain(told)
            self.all.append(chain)
        else:
            chain.told &= told
            for place in _places(chain.last):
                self._places[place].remove(chain)
        chain.attempts.append(attempt)
        asking = self._asking.setdefault(fingerprint(attempt.exchange), [])
        if chain not in asking:
            asking.append(chain)
        for place in _places(attempt):
            self._places.setdefault(place, []).append(chain)
            # Whoever has waited longest comes first.
            self._places[place].sort(key=lambda one: (one.last.exchange.received, one.last.exchange.number))

    def at(self, place: Place) -> list[_Chain]:
        """Return the calls whose last exchange has ``place`` in common, the longest waiting first."""
        return self._places.get(place, [])

    def asking(self, exchange: Exchange) -> list[_Chain]:
        """Return all calls that asked the same as ``exchange``, those that have their answer too."""
        return self._asking.get(fingerprint(exchange), [])


def _places(attempt: Attempt) -> list[Place]:
    """Return what a further attempt would have in common with ``attempt``."""
    exchange = attempt.exchange
    key = exchange.request.header(KEY)
    places: list[Place] = [] if key is None else [("key", exchange.session, key)]
    if attempt.reading.kind != "answer":
        places += [fingerprint(exchange), _route(exchange, attempt.retries)]
    return places


def _route(exchange: Exchange, count: int | None) -> Place:
    return "route", exchange.session, exchange.request.method, exchange.request.path, count


def calls(exchanges: Iterable[Exchange], outcomes: Sequence[Outcome] = ()) -> list[Call]:
    """Group ``exchanges`` into calls, in the order in which these began, each with its outcome."""
    journal = [(one, read(one)) for one in sorted(exchanges, key=lambda one: (one.received, one.number))]
    about = About(journal, outcomes)
    chains = _Chains()
    for exchange, reading in journal:
        count = retry_count(exchange)
        chain, link = _continued(exchange, count, chains, about)
        gap = None if chain is None else _gap(chain.last.exchange, exchange)
        chains.add(Attempt(exchange, reading, link, gap, count), about.telling(exchange), chain)
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


def _continued(exchange: Exchange, count: int | None, chains: _Chains, about: About) -> tuple[_Chain | None, Link]:
    """Return the call that ``exchange`` continues, and by what."""

    def open_at(place: Place) -> list[_Chain]:
        return [one for one in chains.at(place) if not about.two_calls(one.last.exchange, exchange)]

    key = exchange.request.header(KEY)
    if key is not None and (keyed := open_at(("key", exchange.session, key))):
        return keyed[0], "key"
    equal = [one for one in open_at(fingerprint(exchange)) if is_over(one.last.exchange, exchange)]
    if count:
        if counted := [one for one in equal if one.last.retries == count - 1]:
            return counted[0], "count"
        changed = [one for one in open_at(_route(exchange, count - 1)) if is_over(one.last.exchange, exchange)]
        if len(changed) == 1 and not equal:
            spanned = about.one_call(changed[0].last.exchange, exchange)
            return changed[0], "outcome" if spanned else "count"
    if within := [one for one in equal if about.one_call(one.last.exchange, exchange)]:
        asked = [one.told for one in chains.asking(exchange)]
        if not about.begins(exchange, asked):
            return within[0], "outcome"
        return (None, "") if about.is_awaited(exchange, asked) else (within[0], "body")
    together = [one for one in equal if _may_be_one(one.last.exchange, exchange, about)]
    return (together[0], "body") if together else (None, "")


def _may_be_one(before: Exchange, exchange: Exchange, about: About) -> bool:
    """Whether nothing says that an equal request is a call of its own."""
    keys = {one.request.header(KEY) for one in (before, exchange)} - {None}
    return len(keys) < 2 and not about.parted(before, exchange) and not about.counts_anew(exchange)


# --- outcomes ---------------------------------------------------------------------------------------------


def _with_outcomes(made: list[Call], about: About) -> list[Call]:
    """Give every call the outcome that is about it, when it can be told which."""
    shares = _Shares([(call, _most_telling(about.all(call.exchanges))) for call in made])
    chosen = shares.chosen()
    mates: dict[int, list[Call]] = {}
    for call, (outcome, _) in zip(made, chosen, strict=True):
        if outcome is not None:
            mates.setdefault(id(outcome), []).append(call)
    groups = {id: _Group(group) for id, group in mates.items()}
    return [_with_outcome(call, outcome, why, groups) for call, (outcome, why) in zip(made, chosen, strict=True)]


class _Shares:
    """Shares outcomes out among calls, each of which comes with those that may be its own.

    Of several, because calls ran side by side, that is its own whose text is the call's. The others are shared out,
    a shorter one before a longer, only if they all say the same.
    """

    def __init__(self, wanted: list[tuple[Call, list[Outcome]]]) -> None:
        self._wanted = wanted
        self._used: set[int] = set()
        self._found: dict[int, tuple[Outcome | None, str]] = {}
        self._alike: dict[frozenset[int], int] = {}
        for _, about in wanted:
            key = frozenset(map(id, about))
            self._alike[key] = self._alike.get(key, 0) + 1

    def chosen(self) -> list[tuple[Outcome | None, str]]:
        """Return the outcome of each call, or None and why there is none."""
        for call, about in self._wanted:
            text = call.final.reading.text
            own = [one for one in about if id(one) not in self._used and is_alone(text, one.text or "")]
            if len(about) > 1 and own:
                self._take(call, own)
        for call, about in sorted(self._wanted, key=lambda one: (len(one[1]), one[0].number)):
            if call.number not in self._found:
                self._share(call, about)
        return [self._found[call.number] for call, _ in self._wanted]

    def _share(self, call: Call, about: list[Outcome]) -> None:
        if not about:
            self._found[call.number] = None, "no outcome was reported for it"
            return
        unused = [one for one in about if id(one) not in self._used]
        # As many calls as outcomes: what one has, no other has.
        alike = self._alike[frozenset(map(id, about))] == len(about)
        left = unused if unused and alike else about
        if len({(one.kind, one.noticed, _said(one.text)) for one in left}) > 1:
            self._found[call.number] = None, f"{len(left)} outcomes that differ are about the time in which it ran"
            return
        self._take(call, unused or about)

    def _take(self, call: Call, some: list[Outcome]) -> None:
        outcome = min(some, key=lambda one: one.ended - one.started)
        self._found[call.number] = outcome, ""
        if outcome.single:
            self._used.add(id(outcome))


class _Group:
    """The calls that one outcome is about."""

    def __init__(self, calls: list[Call]) -> None:
        self.size = len(calls)
        questions = [one for one in calls if is_question(one.final.exchange)] or calls
        self.last, self.latest = (max(some, key=lambda one: (_until(one), one.number)) for some in (questions, calls))
        self.troubled = sum(one.final.reading.kind != "answer" for one in calls)


def _with_outcome(call: Call, outcome: Outcome | None, why: str, groups: dict[int, _Group]) -> Call:
    if outcome is None:
        return replace(call, why_none=why)
    group = groups[id(outcome)]
    if outcome.assumed and group.size > 1:
        return replace(call, why_none="the one that was reported does not say which of several calls it is")
    last, latest = group.last is call, group.latest is call
    return replace(call, outcome=outcome, last=last, latest=latest, troubled=group.troubled)


def _most_telling(about: list[Outcome]) -> list[Outcome]:
    """Return those of ``about`` that say most.

    One that names its exchanges comes before one that gives moments, one of a single call before one of a command.
    """
    best = max(map(_telling, about), default=None)
    return [one for one in about if _telling(one) == best]


def _said(text: str | None) -> bool | None:
    return None if text is None else bool(text.strip())


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
