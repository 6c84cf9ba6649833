"""State that outlives a request: sessions, their counters, and which requests they have seen before."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import Literal

from mockoai.allowance import Allowance, Spending, spend
from mockoai.keys import Limits
from mockoai.request import Request
from mockoai.scenario.model import Scenario
from mockoai.seed import Seed

MAX_SESSIONS = 10_000
MAX_SEEN = 65_536
MAX_FORGOTTEN = 65_536
MAX_KEYS = 1_000
DEFAULT_SESSION = "default"

Lost = Literal["", "scenario", "counts"]
"""What a session that was forgotten had."""

_lives = itertools.count()
"""A number for every session and for each time it was reset: what was counted before no longer counts."""


class Occurrences:
    """How often each request was seen in each session; the ones not seen for longest are forgotten.

    One count for all sessions, so that their number does not multiply its bound. Answers are planned in more than one
    thread.
    """

    def __init__(self, limit: int = MAX_SEEN) -> None:
        self._counts: OrderedDict[tuple[int, bytes], int] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, key: tuple[int, bytes]) -> int:
        """Count ``key`` once more and return how often it was seen, from 1."""
        with self._lock:
            count = self._counts.pop(key, 0) + 1
            self._counts[key] = count
            if len(self._counts) > self._limit:
                self._counts.popitem(last=False)
        return count


class Session:
    """An isolated set of counters, scenario and exchanges.

    ``scenario`` overrides the server's when set. ``lost`` says what a session of this id had until others took its
    place: what this one is served is not what somebody asked for. ``counters`` holds, for each scenario id, the calls
    counted by rule, ``spending`` what each API key has spent.
    """

    def __init__(self, id: str, occurrences: Occurrences | None = None) -> None:
        """``occurrences`` is shared by the sessions of a server."""
        self.id = id
        self._scenario: Scenario | None = None
        self.lost: Lost = ""
        self.counters: dict[str, dict[int, int]] = {}
        self.spending: OrderedDict[str, Spending] = OrderedDict()
        self._occurrences = Occurrences() if occurrences is None else occurrences
        self._life = next(_lives)

    @property
    def scenario(self) -> Scenario | None:
        """The session's own scenario; one that is given another, or none, has lost nothing."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario | None) -> None:
        self._scenario = scenario
        self.lost = ""

    def occurrence(self, content: bytes) -> int:
        """Count this request among equal ones of the session, from 1.

        So that what is drawn for a request depends on the request and on how often it came, and not on the order in
        which parallel requests happen to arrive.
        """
        return self._occurrences.count((self._life, content))

    def spend(self, key: str, limits: Limits, cost: int, now: float) -> tuple[int, Allowance]:
        """Count a use of the API key ``key``, and take it from its rates if they allow it; see :func:`spend`.

        Returns how often it was used. Keys that were not used for longest are forgotten when there are too many.
        """
        spent, allowance = spend(self.spending.pop(key, Spending()), limits, cost, now)
        self.spending[key] = spent
        if len(self.spending) > MAX_KEYS:
            self.spending.popitem(last=False)
        return spent.uses, allowance

    def reset(self) -> None:
        """Forget all counts; the scenario stays."""
        if self.lost == "counts":
            self.lost = ""
        self.counters.clear()
        self.spending.clear()
        self._life = next(_lives)


class Sessions:
    """All sessions by id; the least recently used are forgotten when there are too many.

    Of those that had a scenario or counts it is remembered that they did, of the last :data:`MAX_FORGOTTEN`.
    """

    def __init__(self, limit: int = MAX_SESSIONS, remembered: int = MAX_FORGOTTEN) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._forgotten: OrderedDict[str, Lost] = OrderedDict()
        self._limit = limit
        self._remembered = remembered
        self._occurrences = Occurrences()

    def get(self, id: str) -> Session:
        """Return the session called ``id``, new if need be."""
        session = self._sessions.get(id)
        if session is None:
            session = self._sessions[id] = Session(id, self._occurrences)
            session.lost = self._forgotten.pop(id, "")
            if len(self._sessions) > self._limit:
                self._forget(next(key for key in self._sessions if key != DEFAULT_SESSION))
        else:
            self._sessions.move_to_end(id)
        return session

    def _forget(self, id: str) -> None:
        session = self._sessions.pop(id)
        lost: Lost = "scenario" if session.scenario is not None else "counts" if session.counters else session.lost
        if lost:
            self._forgotten[id] = lost
            if len(self._forgotten) > self._remembered:
                self._forgotten.popitem(last=False)

    def find(self, id: str) -> Session | None:
        """Return the session called ``id``, or None."""
        return self._sessions.get(id)

    def lost(self, id: str) -> Lost:
        """Return what a session of this id had that it has no longer."""
        session = self._sessions.get(id)
        return self._forgotten.get(id, "") if session is None else session.lost

    def ids(self) -> list[str]:
        """All ids, least recently used first."""
        return list(self._sessions)

    def reset(self, id: str | None = None) -> None:
        """Reset the session called ``id``, or all; nothing when there is none."""
        for one in [id] if id is not None else self.ids():
            if session := self.find(one):
                session.reset()
        for one in [id] if id is not None else list(self._forgotten):
            if self._forgotten.get(one) == "counts":
                del self._forgotten[one]

    def drop(self, id: str) -> bool:
        """Forget the session called ``id``, on purpose; False when there is none."""
        self._forgotten.pop(id, None)
        return self._sessions.pop(id, None) is not None


def content_seed(scenario: Scenario, request: Request) -> Seed:
    """Return the seed of everything that depends on what is asked, and not on when or how often."""
    return Seed(scenario.seed).child(request.method, request.path, request.query, request.body)
