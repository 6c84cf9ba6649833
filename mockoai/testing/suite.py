"""One run of pytest in one process: its server, the sessions of its tests, and what is to be told in the end.

Theory of operation. A test is checked at the end of its call, so that it *fails*; what goes wrong between that and the
end of its fixture is an error of its teardown. What comes later still, for a session that is over, is reported as an
error of the test that owned the session, once all tests are through: pytest counts and shows it as any other.

With pytest-xdist every worker has a suite of its own. It hands what it has to tell to the process that it works for,
which has a suite without a server.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockoai.errors import MockoaiError
from mockoai.pytest_plugin import MARK, SUITE
from mockoai.testing.marks import Marked, expand, read

if TYPE_CHECKING:
    from mockoai.scenario.model import Scenario
    from mockoai.server.lifecycle import Server
    from mockoai.testing.recorder import Record
    from mockoai.testing.session import Session

OPEN = pytest.StashKey["Session"]()
PASSED = pytest.StashKey[bool]()

_SLUG = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass
class Totals:
    """What was done in all sessions."""

    sessions: int = 0
    exchanges: int = 0
    delivered: int = 0
    undelivered: int = 0

    def add(self, other: Totals) -> None:
        """Count ``other`` too."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


@dataclass
class Told:
    """What a process has to tell in the end: plain values, since another process may have to be told."""

    totals: Totals = field(default_factory=Totals)
    late: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Over:
    """A session that is over: its test, and the records that late requests come into."""

    nodeid: str
    location: tuple[str, int | None, str]
    records: tuple[Record, ...]


def of(config: pytest.Config) -> Suite:
    """Return the suite of ``config``, new if need be."""
    suite: Suite | None = config.stash.get(SUITE, None)
    if suite is None:
        suite = config.stash[SUITE] = Suite(config)
        config.pluginmanager.register(suite, "mockoai-suite")
    return suite


class Suite:
    """See the module."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.told = Told()
        self._over: list[Over] = []
        self._runs: dict[str, int] = {}

    # What tests get.

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios of the folder that was named; raises ScenarioError and UsageError."""
        from mockoai.testing.folder import load_folder

        named = self.config.getoption("mockoai_scenarios") or self.config.getini("mockoai_scenarios")
        return load_folder(self.config.invocation_params.dir, self.config.rootpath, named) if named else ()

    @property
    def seed(self) -> int | None:
        """The seed that was given, or None."""
        seed: int | None = self.config.getoption("mockoai_seed")
        written = self.config.getini("mockoai_seed")
        return int(written) if seed is None and written else seed

    @contextmanager
    def serve(self) -> Iterator[Server]:
        """Run the server that the tests share."""
        from mockoai.mock import Mock
        from mockoai.server.lifecycle import Server

        with _plainly():
            server = Server(Mock(self.scenarios, seed=self.seed)).start()
        # Given to name them, not to answer: a test that names none gets a healthy server.
        server.mock.scenario = Mock().scenario
        try:
            yield server
        finally:
            server.stop()

    @contextmanager
    def session(self, request: pytest.FixtureRequest, server: Server) -> Iterator[Session]:
        """Open the session of a test, with what its markers say, and end it."""
        from mockoai.testing.session import open_session

        item: pytest.Item = request.node
        name = _SLUG.sub("-", getattr(item, "originalname", None) or item.name).strip("-._")[:60] or "test"
        session = open_session(server, self._id(item), label=item.nodeid, name=name, folder=item.path.parent)
        item.stash[OPEN] = session
        item.stash[PASSED] = False
        problems = ""
        try:
            with _plainly():
                marked = read(item.iter_markers(MARK))
                for allowed in marked.allowed:
                    getattr(session, allowed)()
                named = [request.param] if hasattr(request, "param") else marked.names
                if named:
                    session.use(*named)
            yield session
        finally:
            problems = self._end(item, session)
        if problems:
            pytest.fail(problems, pytrace=False)

    def scenarios_for(self, item: pytest.Item) -> list[str] | None:
        """Return the scenarios that a marked test runs for, one after the other; None when it runs once."""
        try:
            marked: Marked = read(item.iter_markers(MARK))
            return expand(marked, self.scenarios) if marked.many else None
        except MockoaiError as error:
            raise pytest.Collector.CollectError(_shown(error)) from None

    # Hooks, in force once a test has used the fixture.

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Check a test that passed, and tell of one that failed what its client did."""
        session = item.stash.get(OPEN, None)
        if session is None:
            return (yield)
        try:
            result = yield
        except (Exception, pytest.fail.Exception):
            self._tell_story(item, session)
            raise
        if getattr(item, "_excinfo", None):  # of a unittest.TestCase, whose errors are not raised here
            self._tell_story(item, session)
            return result
        problems = session.check()
        unseen = session.unseen()
        if problems or unseen is not None:
            self._tell_story(item, session, problems=False)
        if problems:
            from mockoai.testing.checks import render

            pytest.fail(render(problems), pytrace=False)
        if unseen is not None:
            raise unseen
        item.stash[PASSED] = True
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how tests ended, for the report."""
        if self.config.getoption("mockoai_report"):
            known = self.told.outcomes.get(report.nodeid)
            if known is None or report.outcome == "failed" or (report.when == "call" and known != "failed"):
                self.told.outcomes[report.nodeid] = report.outcome

    # The end.

    def conclude(self, session: pytest.Session) -> None:
        """Report late requests, or have the process that this one works for do it."""
        from mockoai.testing import checks

        for one in self._over:
            for record in one.records:
                if record.late:
                    problem = checks.late(record.late, record.late_count, record.ended)
                    self.told.late.append(
                        {
                            "test": one.nodeid,
                            "location": list(one.location),
                            **asdict(problem),
                            "count": record.late_count,
                        }
                    )
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[MARK] = json.dumps(asdict(self.told))
            return
        for late in self.told.late:
            text = f"error[{late['code']}]: {late['message']}\n  = help: {late['help']}"
            path, line, domain = late["location"]
            session.config.hook.pytest_runtest_logreport(
                report=pytest.TestReport(
                    nodeid=late["test"],
                    location=(path, line, domain),
                    keywords={},
                    outcome="failed",
                    longrepr=text,
                    when="teardown",
                )
            )

    def take(self, told: str) -> None:
        """Add what another process has to tell."""
        values = json.loads(told)
        self.told.totals.add(Totals(**values["totals"]))
        self.told.late += values["late"]
        self.told.sessions += values["sessions"]

    def write_report(self) -> None:
        """Write what all sessions saw to the file that was named."""
        from mockoai.report.sessions import report

        path = Path(self.config.invocation_params.dir, self.config.getoption("mockoai_report"))
        for one in self.told.sessions:
            one["outcome"] = self.told.outcomes.get(one["test"])
            one["late"] = sum(late["count"] for late in self.told.late if late["test"] == one["test"])
        text = json.dumps(report(self.told.sessions, asdict(self.told.totals), seed=self.seed), indent=2)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")

    def summarise(self, reporter: pytest.TerminalReporter) -> None:
        """Say in a line what was tested."""
        totals = self.told.totals
        if not totals.sessions or reporter.no_summary or reporter.verbosity < 0:
            return
        parts = [_count(totals.sessions, "session"), _count(totals.exchanges, "exchange")]
        if totals.delivered:
            parts.append(f"{_count(totals.delivered, 'fault')} delivered")
        if totals.undelivered:
            parts.append(f"{totals.undelivered} not delivered")
        if self.told.late:
            parts.append(_count(sum(one["count"] for one in self.told.late), "late request"))
        if self.seed is not None:
            parts.append(f"seed {self.seed}")
        if report := self.config.getoption("mockoai_report"):
            parts.append(f"report in {report}")
        reporter.write_line(f"mockoai: {', '.join(parts)}")

    # Inside.

    def _id(self, item: pytest.Item) -> str:
        """Return an id for the session of ``item``: the same in every run, so that what is drawn is too.

        A test that runs again in the same run gets another, by which late requests of its first run are known.
        """
        number = self._runs[item.nodeid] = self._runs.get(item.nodeid, 0) + 1
        slug = _SLUG.sub("-", item.name).strip("-._")[:60]
        digest = hashlib.sha256(item.nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"{slug}-{digest}" + (f"-{number}" if number > 1 else "")

    def _end(self, item: pytest.Item, session: Session) -> str:
        """Close the session and keep what is to be told; return what went wrong since the test was checked."""
        from mockoai.testing.checks import render

        problems = session.check() if item.stash[PASSED] else []
        session.close()
        del item.stash[OPEN]
        self._tell(item, session)
        everyone = session.everyone()
        if not session.late_allowed:
            records = tuple(one.record for one in everyone)
            self._over.append(Over(item.nodeid, item.location, records))
        for one in everyone:
            one.record.forget()
        return render(problems)

    def _tell(self, item: pytest.Item, session: Session) -> None:
        totals = self.told.totals
        for one in session.everyone():
            exchanges = one.exchanges
            totals.sessions += 1
            totals.exchanges += len(exchanges)
            faults = [fault.delivered for exchange in exchanges if exchange.plan.faults for fault in exchange.faults()]
            totals.delivered += sum(faults)
            totals.undelivered += len(faults) - sum(faults)
            if self.config.getoption("mockoai_report"):
                from mockoai.report.sessions import session_entry

                verdict = one.judge()
                self.told.sessions.append(
                    session_entry(
                        one.id,
                        test=item.nodeid,
                        scenarios=one.scenarios,
                        exchanges=exchanges,
                        verdict=verdict,
                        problems=[asdict(problem) for problem in one.check()],
                    )
                )

    def _tell_story(self, item: pytest.Item, session: Session, *, problems: bool = True) -> None:
        """Add what happened in a session to what is shown of its test, which failed."""
        from mockoai.testing.story import story

        everyone = [one for one in session.everyone() if one.requests]
        if everyone:
            text = "\n".join(story(one, problems=problems) for one in everyone)
            item.add_report_section("call", MARK, text)


@contextmanager
def _plainly() -> Iterator[None]:
    """Fail with the message alone where an error is one that users can do something about."""
    try:
        yield
    except MockoaiError as error:
        raise pytest.fail.Exception(_shown(error), pytrace=False) from None


def _shown(error: MockoaiError) -> str:
    rendered: Callable[[], str] | None = getattr(error, "render", None)
    if rendered is not None:
        return rendered().rstrip("\n")
    return f"error[{error.code}]: {error.message}" + (f"\n  = help: {error.help}" if error.help else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
