"""What a run of ``mockoai run`` is made of, as frozen values: one case per scenario, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mockoai.errors import EXIT_INTERRUPTED, EXIT_NOTHING, EXIT_OK, EXIT_VERDICT
from mockoai.journal import Exchange
from mockoai.scenario.model import Scenario
from mockoai.verdict.model import Finding, Verdict

DEFAULT_TIMEOUT = 300.0
"""Seconds that a command may run when nothing else was asked for."""

Status = Literal["passed", "inconclusive", "failed", "not tested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One scenario, the command that met it, and what is to be said about that.

    ``name`` is how the scenario was named. ``received`` is when the command was started, in seconds since 1970,
    ``seconds`` how long it ran. ``exit_code`` is that of the system, negative for signals; ``timed_out`` says that
    it was ended because its time was over. ``stdout`` and ``stderr`` are what it printed. ``findings`` are those of
    the run of the command; those of the verdict stand there.
    """

    name: str
    scenario: Scenario
    received: float
    seconds: float
    exit_code: int
    verdict: Verdict
    timed_out: bool = False
    stdout: str = ""
    stderr: str = ""
    exchanges: tuple[Exchange, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> Status:
        """Whether it passed; what was not tested has not, and neither has what cannot be told."""
        if self.verdict.failed or any(one.severity == "failure" for one in self.findings):
            return "failed"
        if self.verdict.exit_code:
            return "not tested"
        return "inconclusive" if self.verdict.grade == "INCONCLUSIVE" else "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All cases, in the order in which they were asked for.

    ``command`` is as it was given. ``seed`` is that of the command line, or None. ``timeout`` is how long the
    command might run, in seconds. ``backend`` is the server that was imitated instead of the scenarios', or None;
    ``url_names`` are variables that were set to the base URL besides the usual ones. ``planned`` is how many cases
    there were to be, ``interrupted`` whether it was ended before all had been run.
    """

    cases: tuple[Case, ...]
    command: tuple[str, ...]
    timeout: float
    planned: int
    started: float
    seconds: float
    seed: int | None = None
    backend: str | None = None
    url_names: tuple[str, ...] = ()
    interrupted: bool = False

    def count(self, status: Status) -> int:
        """Return how many cases have ``status``."""
        return sum(one.status == status for one in self.cases)

    @property
    def exit_code(self) -> int:
        """What the command line ends with: what failed comes before what was not tested."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        if self.count("failed"):
            return EXIT_VERDICT
        return EXIT_NOTHING if self.count("not tested") or not self.cases else EXIT_OK
