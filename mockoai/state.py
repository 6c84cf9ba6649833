"""State that outlives a request: sessions, their counters, and which requests they have seen before."""

from __future__ import annotations

import itertools
from collections import OrderedDict

from mockoai.request import Request
from mockoai.scenario.model import Scenario
from mockoai.seed import Seed

MAX_SESSIONS = 10_000
MAX_SEEN = 65_536
DEFAULT_SESSION = "default"

_lives = itertools.count()
"""A number for every session and for each time it was reset: what was counted before no longer counts."""


class Occurrences:
    """How often each request was seen in each session; the ones not seen for longest are forgotten.

    One count for all sessions, so that their number does not multiply its bound.
    """

    def __init__(self, limit: int = MAX_SEEN) -> None:
        self._counts: OrderedDict[tuple[int, bytes], int] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, key: tuple[int, bytes]) -> int:
        """Count ``key`` once more and return how often it was seen, from 1."""
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self._limit:
            self._counts.popitem(last=False)
        return count


class Session:
    """An isolated set of counters, scenario and exchanges.

    ``scenario`` overrides the server's when set. ``counters`` holds, for each scenario id, the calls counted by rule.
    """

    def __init__(self, id: str, occurrences: Occurrences | None = None) -> None:
        """``occurrences`` is shared by the sessions of a server."""
        self.id = id
        self.scenario: Scenario | None = None
        self.counters: dict[str, dict[int, int]] = {}
        self._occurrences = Occurrences() if occurrences is None else occurrences
        self._life = next(_lives)

    def occurrence(self, content: bytes) -> int:
        """Count this request among equal ones of the session, from 1.

        So that what is drawn for a request depends on the request and on how often it came, and not on the order in
        which parallel requests happen to arrive.
        """
        return self._occurrences.count((self._life, content))

    def reset(self) -> None:
        """Forget all counts; the scenario stays."""
        self.counters.clear()
        self._life = next(_lives)


class Sessions:
    """All sessions by id; the least recently used are forgotten when there are too many."""

    def __init__(self, limit: int = MAX_SESSIONS) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._limit = limit
        self._occurrences = Occurrences()

    def get(self, id: str) -> Session:
        """Return the session called ``id``, new if need be."""
        session = self._sessions.get(id)
        if session is None:
            session = self._sessions[id] = Session(id, self._occurrences)
            if len(self._sessions) > self._limit:
                oldest = next(key for key in self._sessions if key != DEFAULT_SESSION)
                del self._sessions[oldest]
        else:
            self._sessions.move_to_end(id)
        return session

    def find(self, id: str) -> Session | None:
        """Return the session called ``id``, or None."""
        return self._sessions.get(id)

    def ids(self) -> list[str]:
        """All ids, least recently used first."""
        return list(self._sessions)

    def drop(self, id: str) -> bool:
        """Forget the session called ``id``; False when there is none."""
        return self._sessions.pop(id, None) is not None


def content_seed(scenario: Scenario, request: Request) -> Seed:
    """Return the seed of everything that depends on what is asked, and not on when or how often."""
    return Seed(scenario.seed).child(request.method, request.path, request.query, request.body)
