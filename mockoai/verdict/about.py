"""Which outcomes are about which exchanges, and what they say of how many calls there were.

An outcome of a single call that spans two equal requests says that the second is a retry, as long as no other call was
reported for the time: side by side, two callers may ask the same. Then as many of their requests began a call as were
reported, and only the rest are retries. Which are which is a matching, of calls to outcomes, and what can be the
beginning of a call is taken for one: who is blamed for a retry has made one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mockoai.journal import Exchange
from mockoai.verdict.model import Outcome
from mockoai.verdict.reading import Reading
from mockoai.verdict.signals import ended
from mockoai.verdict.thresholds import CLOCK_GRAIN, CROWD, MOMENT_GRAIN

KEY = "idempotency-key"
COUNT = "x-stainless-retry-count"

Place = tuple[object, ...]
"""What exchanges that may be of one call have in common."""

Read = tuple[Exchange, Reading]
"""An exchange, and what was read of it."""


def fingerprint(exchange: Exchange) -> Place:
    """Return what must be equal for two requests to ask the same."""
    request = exchange.request
    return exchange.session, request.method, request.path, request.query, exchange.body_size, request.body


def retry_count(exchange: Exchange) -> int | None:
    """Return the client's own count of retries, which OpenAI's SDKs send, or None."""
    text = exchange.request.header(COUNT)
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else None


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


def is_over(before: Exchange, exchange: Exchange) -> bool:
    """Whether ``before`` had ended when ``exchange`` came."""
    end = ended(before)
    return end is not None and end <= exchange.received + CLOCK_GRAIN


class About:
    """Which outcomes are about which exchange, by their places in the list of outcomes."""

    def __init__(self, journal: Sequence[Read], outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes
        self._all = {
            id(one): frozenset(place for place, outcome in enumerate(outcomes) if covers(outcome, one))
            for one, _ in journal
        }
        telling = {place for place, one in enumerate(outcomes) if one.single and not one.assumed}
        # Of a crowd it is not worked out who is who.
        telling -= {place for found in self._all.values() if len(found) > CROWD for place in found}
        self._telling = {key: found & telling for key, found in self._all.items()}
        questions: dict[Place, list[Read]] = {}
        for one in journal:
            questions.setdefault(fingerprint(one[0]), []).append(one)
        # What was asked side by side within an outcome was more than the one call that the outcome is about.
        telling -= {place for group in questions.values() for place in self._side_by_side(group)}
        self._telling = {key: found & telling for key, found in self._all.items()}
        self._uncounted = frozenset(place for place, group in questions.items() if not _counts_run(group))
        firsts = {place: group[0][0] for place, group in questions.items()}
        self._asked = {place: self.telling(one) for place, one in firsts.items() if is_question(one)}

    def all(self, exchanges: Sequence[Exchange]) -> list[Outcome]:
        """Return the outcomes that are about all of ``exchanges``."""
        places = frozenset.intersection(*[self._all[id(one)] for one in exchanges])
        return [self.outcomes[place] for place in sorted(places)]

    def telling(self, exchange: Exchange) -> frozenset[int]:
        """Return the outcomes of a single call, with a start that is known, that are about ``exchange``."""
        return self._telling[id(exchange)]

    def one_call(self, first: Exchange, second: Exchange) -> bool:
        """Whether an outcome of a single call is about both."""
        return not self.telling(first).isdisjoint(self.telling(second))

    def two_calls(self, first: Exchange, second: Exchange) -> bool:
        """Whether outcomes of single calls are about the one or the other, and none is about both."""
        one, other = self.telling(first), self.telling(second)
        return bool(one or other) and one.isdisjoint(other)

    def parted(self, first: Exchange, second: Exchange) -> bool:
        """Whether an outcome whose start is not known was reported between the two."""
        between = (one for one in self.outcomes if one.assumed and one.session == first.session)
        return any(first.received <= one.ended < second.received for one in between)

    def begins(self, exchange: Exchange, equal: Iterable[frozenset[int]]) -> bool:
        """Whether ``exchange`` can be the first of a call that was reported, beside those that asked the same.

        ``equal`` are the outcomes that are about each of these.
        """
        return _seated(_entangled(self.telling(exchange), equal))

    def is_awaited(self, exchange: Exchange, equal: Iterable[frozenset[int]]) -> bool:
        """Whether one must be: more calls were reported than other questions came, and calls that asked the same."""
        place = fingerprint(exchange)
        others = (told for asked, told in self._asked.items() if asked != place)
        return _seated(_entangled(self.telling(exchange), [*equal, *others]))

    def counts_anew(self, exchange: Exchange) -> bool:
        """Whether clients that count their retries ask this side by side, so that a count of 0 is a new call."""
        return fingerprint(exchange) in self._uncounted and retry_count(exchange) == 0

    def _side_by_side(self, group: Sequence[Read]) -> Iterator[int]:
        """Yield the outcomes within which equal requests, ``group``, cannot have been asked one after the other."""
        alone: dict[int, list[Read]] = {}
        under_way: list[Exchange] = []
        for one, reading in group:
            own = self.telling(one)
            under_way = [other for other in under_way if not is_over(other, one)]
            beside = [taken for other in under_way if (taken := self.telling(other) & own)]
            if not _seated([own, *beside] if beside else []):
                yield from own
            under_way.append(one)
            if len(own) == 1:
                alone.setdefault(min(own), []).append((one, reading))
        yield from (place for place, asked in alone.items() if not _counts_run(asked))


def _entangled(own: frozenset[int], others: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return ``own`` and those of ``others`` that it shares places with, or that share places with these."""
    found, left, places = [own], [one for one in others if one], set(own)
    while near := [one for one in left if not places.isdisjoint(one)]:
        left = [one for one in left if places.isdisjoint(one)]
        places = places.union(*near)
        found += near
    return found


def _seated(wanted: Sequence[frozenset[int]]) -> bool:
    """Whether each of ``wanted`` can have one of its places that no other has (by augmenting paths)."""
    owners: dict[int, int] = {}

    def seat(number: int, tried: set[int]) -> bool:
        for place in wanted[number]:
            if place in tried:
                continue
            tried.add(place)
            if place not in owners or seat(owners[place], tried):
                owners[place] = number
                return True
        return False

    return all(seat(number, set()) for number in range(len(wanted)))


def _counts_run(asked: Iterable[Read]) -> bool:
    """Whether the counts of a client run 0, 1, 2 and begin anew, as they do when it asks one thing after the other."""
    before: int | None = None
    answered = False
    for one, reading in asked:
        count = retry_count(one)
        if count and before is not None and (count != before + 1 or answered):
            return False
        before, answered = count, reading.kind == "answer"
    return True


def is_question(exchange: Exchange) -> bool:
    """Whether a call may have been made for it alone: not for a list of models, or a look whether all is well."""
    return exchange.request.method == "POST"
