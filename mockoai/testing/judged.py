"""A verdict that a test can insist on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from mockoai.journal import Exchange
from mockoai.report.redact import Redactor
from mockoai.scenario.model import Scenario
from mockoai.verdict.judge import judge
from mockoai.verdict.model import Finding, Outcome, Verdict

_TOLD = ("failure", "doubt")


class VerdictError(AssertionError):
    """A client is not known to be sound; ``verdict`` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(text(verdict))
        self.verdict = verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Verdict):
    """A verdict, as tests get it."""

    @classmethod
    def of(
        cls,
        exchanges: Iterable[Exchange],
        outcomes: Iterable[Outcome],
        scenarios: Iterable[Scenario],
        now: float,
        dropped: int = 0,
    ) -> Judged:
        """Judge; the arguments are those of :func:`mockoai.verdict.judge.judge`."""
        verdict = judge(exchanges, outcomes, scenarios=scenarios, now=now, dropped=dropped)
        return cls(**{one.name: getattr(verdict, one.name) for one in fields(Verdict)})

    def assert_sound(self) -> None:
        """Raise VerdictError unless the client is known to be sound: see :attr:`Verdict.sound`."""
        __tracebackhide__ = True
        if not self.sound:
            raise VerdictError(self)


def text(verdict: Verdict) -> str:
    """Return the grade and what led to it, secrets removed, without a last line feed."""
    told = [one for one in verdict.findings if one.severity in _TOLD] or list(verdict.findings)
    lines = [_headline(verdict, told)]
    for finding in told:
        lines += _finding(finding)
    if verdict.grade == "NOT TESTED" and not told:
        lines.append("  = help: nothing was asked of the server, or nothing went wrong that a client could notice")
    return Redactor().text("\n".join(lines))


def _headline(verdict: Verdict, told: Sequence[Finding]) -> str:
    """Return the grade in a sentence that says of the client no more than is known."""
    worst = [one for one in told if one.severity == told[0].severity]
    if all(one.about == "run" for one in worst):
        return f"it was not tested whether the client is sound: {verdict.grade}"
    if verdict.failed:
        return f"the client is {verdict.grade}, not sound"
    return f"it is not known whether the client is sound: {verdict.grade}"


def _finding(finding: Finding) -> list[str]:
    out = [f"{finding.severity}[{finding.code}]: {finding.message}"]
    out += [f"  - {one.text}" for one in finding.evidence]
    if finding.advice:
        out.append(f"  = help: {finding.advice}")
    return out
