"""A session of a running server, as a test uses it: say what goes wrong, call the client, look at what came.

Theory of operation. The session is one of the server's, reached under ``/session/{id}``, with counters, exchanges and
a scenario of its own; what a test sets is set in the server's thread, between two requests. The exchanges are kept
apart by :mod:`mockoai.testing.recorder`, so that another test's traffic neither shows nor pushes them out.

An answer that has reached the client has not always ended for the server, which may still have to see that the client
left. So whoever judges waits for the answers to end, at most :data:`SETTLE` seconds; a client that leaves nothing open
never makes anybody wait.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from mockoai.errors import UsageError
from mockoai.journal import Exchange
from mockoai.request import Request
from mockoai.scenario.diagnose import ScenarioError, quoted
from mockoai.scenario.model import ErrorReply, Reply, Rule, Scenario
from mockoai.testing import build, checks
from mockoai.testing.build import Stage
from mockoai.testing.call import Call
from mockoai.testing.checks import CheckError, Problem
from mockoai.testing.environment import client_environment
from mockoai.testing.judged import Judged
from mockoai.testing.recorder import Record

if TYPE_CHECKING:
    from typing import Unpack

    from mockoai.server.lifecycle import Server
    from mockoai.testing.keys import RuleKeys, ScenarioKeys

SETTLE = 0.25
"""Seconds that answers have to end when they are judged."""
TIMEOUT = 5.0
"""Seconds for which :meth:`Session.wait_for` waits, unless told otherwise."""

_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")

OVER = Scenario(
    id="session-over",
    title="What is answered when a session is over",
    rules=(
        Rule(
            name="over",
            reply=Reply(
                error=ErrorReply(
                    status=410,
                    message="This session of mockoai is over: the test that it belongs to has ended. The client was "
                    "probably made in that test and kept.",
                    type="invalid_request_error",
                    code="session_over",
                )
            ),
        ),
    ),
)
"""What a session answers once it is closed: an error that no client takes for a reason to try again."""


def open_session(
    server: Server, id: str = "", *, label: str = "", name: str = "", folder: Path | None = None
) -> Session:
    """Open a session of ``server``; without an ``id`` it is numbered.

    ``label`` is what others call it, ``name`` what a scenario of rules alone is called, ``folder`` where files are
    looked for besides the working directory. Raises UsageError when the id cannot be one, or was used before.
    """
    recorder = server.recorder
    if not id:
        number = 1
        while recorder.known(f"session-{number}"):
            number += 1
        id = f"session-{number}"
    if not _ID.fullmatch(id):
        help = "It stands in a URL: letters, digits, `-`, `_`, `.` and `~`, 200 at most."
        raise UsageError("bad-session", f"{quoted(id)} cannot be the id of a session", help)
    if recorder.known(id):
        raise UsageError("session-exists", f"a session was called {quoted(id)} before", "Give it another id.")
    record = Record(id, label or id)
    recorder.opened(record)
    return Session(server, record, name or id, folder)


class Session:
    """A session of a server, for one test.

    ``id`` is its name, ``url`` the base URL for OpenAI's clients, ``environment`` the variables by which they find it.
    """

    def __init__(self, server: Server, record: Record, name: str, folder: Path | None) -> None:
        """Sessions are made by :func:`open_session`."""
        self.server = server
        self.id = record.id
        self.url = f"{server.origin}/session/{record.id}/v1"
        self.environment = client_environment(self.url, host=server.host)
        self.calls: list[Call] = []
        self.record = record
        self.journal = record.journal
        self.others: dict[str, Session] = {}
        self._name = name
        self._folder = folder
        self._stages: list[Stage] = []
        self._allowed: set[str] = set()
        self._recorder = server.recorder

    def __repr__(self) -> str:
        return f"<mockoai session {self.id}: {len(self.requests)} requests>"

    # What goes wrong.

    def use(self, *scenarios: str | os.PathLike[str] | Scenario, **keys: Unpack[ScenarioKeys]) -> None:
        """Answer by ``scenarios`` from now on: ids of the catalogue, files, or Scenarios; several are stacked.

        ``keys`` are those of a scenario file, such as ``fallback="echo"`` or ``rules=[...]``, and laid over them.
        What was used before is over, and calls are counted anew. Raises ScenarioError when one does not exist, is
        wrong, or does not go with the others.
        """
        __tracebackhide__ = True
        if not scenarios and not keys:
            raise UsageError("nothing-to-use", "nothing to use was given", 'For example `use("retry-after-seconds")`.')
        try:
            found = [build.find(one, self.server.mock, self._folder) for one in scenarios]
            stage = build.use(found, cast("dict[str, Any]", keys), self._name)
        except ScenarioError as error:
            raise ScenarioError(error.diagnostics) from None
        self._stages.append(stage)
        self._serve(stage.scenario, anew=True)

    def rule(self, **keys: Unpack[RuleKeys]) -> None:
        """Answer by one more rule, its ``keys`` those of a rule of a scenario file: ``rule(reply="Paris.")``.

        It stands behind the rules there are, but before those without ``when``. What is not matched is a 404, as in a
        file. Raises ScenarioError when it is wrong or would never be reached.
        """
        __tracebackhide__ = True
        current = self._stages[-1] if self._stages else None
        try:
            stage = build.add_rule(current, cast("dict[str, Any]", keys), self._name)
        except ScenarioError as error:
            raise ScenarioError(error.diagnostics) from None
        self._stages[-1:] = [stage]
        self._serve(stage.scenario, anew=False)

    @property
    def scenario(self) -> Scenario:
        """What requests are answered by."""
        return self._stages[-1].scenario if self._stages else self.server.mock.scenario

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Everything that requests were answered by so far."""
        return tuple(stage.scenario for stage in self._stages)

    # Where it is.

    def session(self, name: str) -> Session:
        """Return a session beside this one, for a second client of the test; it ends and is checked with this one."""
        found = self.others.get(name)
        if found is None:
            label, folder = self.record.label, self._folder
            id = f"{self.id}~{name}"
            found = self.others[name] = open_session(self.server, id, label=label, name=name, folder=folder)
        return found

    def session_url(self, name: str) -> str:
        """Return the base URL of the session called ``name`` beside this one."""
        return self.session(name).url

    # What the client does.

    def call(self, *, single: bool = True) -> Call:
        """Return a context manager around a call of the client: it tells the verdict whether that raised.

        ``single`` says that it is one logical call, so that equal requests in it are retries.
        """
        return Call(self._enter, self._leave, single)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request so far, in the order they came, with its plan and what was sent of it."""
        # What the server has to do behind the last byte that a client got is done when it has time to be asked.
        self.server.call(lambda: None)
        return self._recorder.snapshot(self.journal)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in the order they came."""
        return tuple(one.request for one in self._recorder.snapshot(self.journal))

    def wait_for(self, n: int, timeout: float = TIMEOUT) -> tuple[Request, ...]:
        """Wait until ``n`` requests have come in all, and return all there are.

        For clients in other threads or processes; in a coroutine use :meth:`wait_for_async`, as this lets nothing
        else run. Raises CheckError when they have not come within ``timeout`` seconds.
        """
        __tracebackhide__ = True
        came = self._recorder.wait(lambda: self.record.arrived >= n, timeout)
        return self._waited(came, n, timeout)

    async def wait_for_async(self, n: int, timeout: float = TIMEOUT) -> tuple[Request, ...]:
        """Wait as :meth:`wait_for` does while other tasks run, under asyncio or trio."""
        __tracebackhide__ = True
        from mockoai.testing.waiting import wait

        came = await wait(self._recorder.wake_on_change, lambda: self.record.arrived >= n, timeout)
        return self._waited(came, n, timeout)

    @property
    def verdict(self) -> Judged:
        """What is to be said about the client so far."""
        self.settle()
        for one in self.calls:
            one.looked_at = True
        return self.judge()

    # What a test may leave undone.

    def allow_unused(self) -> None:
        """Let rules go unanswered, scenarios unused and faults undelivered."""
        self._allowed.add("unused")

    def allow_unmatched(self) -> None:
        """Let requests come that no rule answers."""
        self._allowed.add("unmatched")

    def allow_late(self) -> None:
        """Let requests come when the session is over."""
        self._allowed.add("late")

    @property
    def late_allowed(self) -> bool:
        """Whether requests may come when the session is over."""
        return "late" in self._allowed

    # How it ends.

    def settle(self) -> None:
        """Wait for answers to end, for at most :data:`SETTLE` seconds."""
        if not self.record.settled():
            self._recorder.wait(self.record.settled, SETTLE)

    def check(self) -> list[Problem]:
        """Return what is wrong with the test so far."""
        self.settle()
        exchanges = self._recorder.snapshot(self.journal)
        found: list[Problem] = []
        if "unmatched" not in self._allowed:
            found += checks.unmatched(exchanges)
        if "unused" not in self._allowed:
            staged: dict[int, list[Exchange]] = {}
            for one in exchanges:
                staged.setdefault(self.record.stages.get(one.number, 0), []).append(one)
            found += checks.unused(self._stages, staged)
        for other in self.others.values():
            other._allowed |= self._allowed
            found += other.check()
        return found

    def late(self) -> list[Problem]:
        """Return what came when the session was over, once it is."""
        late = () if self.late_allowed else [one.record for one in self.everyone() if one.record.late]
        return [checks.late(one.late, one.late_count, one.ended) for one in late]

    def everyone(self) -> list[Session]:
        """Return this session and those beside it."""
        return [self, *(one for other in self.others.values() for one in other.everyone())]

    def unseen(self) -> BaseException | None:
        """Return the first error of a call that nobody looked at, or None."""
        calls = [call for one in self.everyone() for call in one.calls]
        return next((one.unseen for one in calls if one.unseen is not None), None)

    def judge(self) -> Judged:
        """Return the verdict on what came so far, without waiting."""
        exchanges = self._recorder.snapshot(self.journal)
        mock, label = self.server.mock, self.record.label
        outcomes = [one.outcome(self.id, label, self._numbers(one, exchanges)) for one in self.calls]
        # A client in another process reports for itself.
        outcomes += mock.outcomes.of(self.id)
        asked = {one.id: one for one in self.scenarios}
        for id in dict.fromkeys(one.scenario for one in exchanges):
            if id and id not in asked and id != mock.scenario.id:
                asked[id] = mock.find(id)  # requests can name one themselves
        return Judged.of(exchanges, outcomes, asked.values(), mock.clock(), self.journal.dropped)

    def close(self) -> None:
        """End what is under way; what comes from now on is late. As often as one likes."""
        for other in self.others.values():
            other.close()
        if self.record.open:
            self.settle()
            self._recorder.closed(self.record)
            self.server.call(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; without an error of the block's own, raise what is wrong: see :meth:`check`."""
        problems = [] if error is not None else self.check()
        self.close()
        if error is None and (unseen := self.unseen()) is not None:
            raise unseen
        if problems:
            raise CheckError(problems)

    # Inside.

    def _serve(self, scenario: Scenario, *, anew: bool) -> None:
        """Give the server ``scenario`` for this session; ``anew`` forgets what was counted."""
        stage = len(self._stages) - 1

        def serve() -> None:
            session = self.server.mock.sessions.get(self.id)
            session.scenario = scenario
            self.record.stage = stage
            if anew:
                session.reset()

        self.server.call(serve)

    def _end(self) -> None:
        """End what is under way, and have whoever still comes told. In the server's thread."""
        for connection in {one.connection for one in self.record.under_way.values()}:
            self.server.disconnect(connection)
        mock = self.server.mock
        mock.sessions.get(self.id).scenario = OVER
        mock.journal.clear(self.id)
        mock.outcomes.clear(self.id)

    def _enter(self, call: Call) -> None:
        call.started = self.server.mock.clock()
        call.first = self.record.arrived
        self.calls.append(call)

    def _leave(self, call: Call) -> None:
        call.ended = self.server.mock.clock()
        call.last = self.record.arrived

    def _numbers(self, call: Call, exchanges: tuple[Exchange, ...]) -> tuple[int, ...]:
        """Return the numbers of the exchanges that came during ``call``."""
        # The oldest may have been dropped.
        shift = self.record.arrived - len(exchanges)
        last = None if call.last is None else max(0, call.last - shift)
        return tuple(one.number for one in exchanges[max(0, call.first - shift) : last])

    def _waited(self, came: bool, n: int, timeout: float) -> tuple[Request, ...]:
        requests = self.requests
        if came:
            return requests
        seen = "; ".join(f"{one.method} {one.path}" for one in requests[-5:]) or "none"
        message = f"{len(requests)} of {n} requests came within {timeout:g} s: {seen}"
        help = "in a coroutine, `await mockoai.wait_for_async(...)`: `wait_for` lets nothing else run"
        raise CheckError([Problem("requests-missing", message, help)])
