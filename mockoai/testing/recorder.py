"""What a server was asked in each session that was opened, kept for whoever opened it.

The server's thread writes, those of tests read, and wait without polling. A session that is over keeps a note of
every request that still comes for it, and of the session that was open then: the test that caused it and the test
that would otherwise be blamed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockoai.journal import Exchange, Journal
from mockoai.server.app import BODY_LIMIT

if TYPE_CHECKING:
    from mockoai.server.lifecycle import Server

MAX_LATE = 20
"""Late requests of one session that are described; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Late:
    """A request that came when its session was over: what it asked, when, in seconds since 1970, and what ran then."""

    number: int
    method: str
    path: str
    model: str
    received: float
    running: str


class Record:
    """The exchanges of one session, and which of its stages each belongs to."""

    def __init__(self, id: str, label: str) -> None:
        """``label`` is what others call the session: the id of a test."""
        self.id = id
        self.label = label
        self.open = True
        self.stage = 0
        self.stages: dict[int, int] = {}
        self.journal = Journal()
        self.arrived = 0
        self.under_way: dict[int, Exchange] = {}
        self.ended = 0.0
        self.late: list[Late] = []
        self.late_count = 0

    def settled(self) -> bool:
        """Whether every answer has ended."""
        return not self.under_way

    def forget(self) -> None:
        """Keep no more than is needed to know a late request; whoever opened the session has the rest."""
        self.journal = Journal()
        self.stages = {}
        self.under_way = {}


class Recorder:
    """The records of one server."""

    def __init__(self, server: Server) -> None:
        self._changed = threading.Condition()
        self._records: dict[str, Record] = {}
        self._open: list[Record] = []
        self._wakers: list[Callable[[], None]] = []
        self._clock = server.mock.clock
        journal = server.mock.journal
        journal.max_body = BODY_LIMIT
        journal.greet(self._begun)
        journal.listen(self._ended)

    def opened(self, record: Record) -> None:
        """Keep what comes for the session of ``record``."""
        with self._changed:
            self._records[record.id] = record
            self._open.append(record)

    def closed(self, record: Record) -> None:
        """Take what comes for the session of ``record`` for late from now on."""
        with self._changed:
            if record.open:
                record.open = False
                record.ended = self._clock()
                self._open.remove(record)

    def known(self, id: str) -> bool:
        """Whether a session called ``id`` is or was open."""
        return id in self._records

    def snapshot(self, journal: Journal) -> tuple[Exchange, ...]:
        """Return the exchanges of ``journal``, in the order in which they came."""
        with self._changed:
            return tuple(journal)

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until ``condition`` holds, for at most ``timeout`` seconds; return whether it does."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def wake_on_change(self, waker: Callable[[], None]) -> Callable[[], None]:
        """Call ``waker``, in the server's thread, whenever something came or ended; returns what ends that."""
        with self._changed:
            self._wakers.append(waker)
        return lambda: self._wakers.remove(waker)

    # In the server's thread.

    def _begun(self, exchange: Exchange) -> None:
        record = self._records.get(exchange.session)
        if record is None:
            return
        with self._changed:
            if record.open:
                record.stages[exchange.number] = record.stage
                record.arrived += 1
                record.journal.add(exchange)
                record.under_way[exchange.number] = exchange
            else:
                record.late_count += 1
                if len(record.late) < MAX_LATE:
                    record.late.append(self._late(exchange))
            self._tell()

    def _ended(self, exchange: Exchange) -> None:
        record = self._records.get(exchange.session)
        if record is None:
            return
        with self._changed:
            record.under_way.pop(exchange.number, None)
            self._tell()

    def _tell(self) -> None:
        self._changed.notify_all()
        for waker in tuple(self._wakers):
            waker()

    def _late(self, exchange: Exchange) -> Late:
        request = exchange.request
        running = self._open[-1].label if self._open else ""
        return Late(exchange.number, request.method, request.path, exchange.model, exchange.received, running)
