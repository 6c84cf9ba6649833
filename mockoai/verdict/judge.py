"""From exchanges and outcomes to a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockoai.journal import Exchange
from mockoai.scenario.model import Scenario
from mockoai.verdict.calls import calls
from mockoai.verdict.expectations import expects_giving_up, results, unmet_findings
from mockoai.verdict.model import Counts, Finding, Grade, Outcome, Severity, Verdict
from mockoai.verdict.rules import Case, findings
from mockoai.verdict.run import NOT_TESTED, fault_counts, run_findings, untested

_GRADES: dict[Severity, Grade] = {
    "failure": "FAILED",
    "doubt": "INCONCLUSIVE",
    "warning": "NON-STRICT",
    "info": "INFORMATIONAL",
}
"""What the worst finding makes of the grade; the worst first."""

_ORDER: tuple[Severity, ...] = tuple(_GRADES)


def judge(
    exchanges: Iterable[Exchange],
    outcomes: Iterable[Outcome] = (),
    *,
    scenarios: Iterable[Scenario] = (),
    now: float | None = None,
    dropped: int = 0,
) -> Verdict:
    """Return what is to be said about whoever sent ``exchanges``.

    ``exchanges`` are those of the journal, of one session or of several, in any order; those under way are judged as
    far as they have come. ``outcomes`` are what callers reported, of the same sessions. ``scenarios`` are those
    that were asked for: their ``expect:`` is evaluated, and a rule of theirs that never answered although a request
    came for it is a fault that did not fire. ``now`` is the present moment in seconds since 1970, for exchanges under
    way; None says that nothing more will come. ``dropped`` is how many exchanges the journal had to drop.

    Pure, and total: it raises for no journal whatever.
    """
    journal = sorted(exchanges, key=lambda one: one.number)
    reported, asked = list(outcomes), list(scenarios)
    made = calls(journal, reported)
    patient = {one.id for one in asked if expects_giving_up(one)}
    found = [one for one in findings(Case(tuple(made), now)) if not (one.code == "gave-up" and one.scenario in patient)]
    expected = tuple(results(asked, made, reported))
    faults = fault_counts(journal, asked)
    found += unmet_findings(expected)
    found += run_findings(journal, asked, faults)
    missing = list(untested(journal, asked))
    found += missing
    found.sort(key=lambda one: (_ORDER.index(one.severity), one.call is None, one.call or 0))
    return Verdict(
        grade=_grade(found, journal),
        connection="NOT TESTED" if not journal else "UNCLEAN" if any(map(_about_connection, found)) else "OK",
        findings=tuple(found),
        calls=tuple(made),
        expectations=expected,
        faults=tuple(faults),
        undelivered=tuple(one for one in faults if not one.exercised),
        counts=Counts(
            exchanges=len(journal),
            calls=len(made),
            outcomes=len(reported),
            retries=sum(len(one.attempts) - 1 for one in made),
            dropped=dropped,
        ),
    )


def _about_connection(finding: Finding) -> bool:
    return finding.about == "connection"


def _grade(found: Sequence[Finding], journal: Sequence[Exchange]) -> Grade:
    """Return the grade that the worst finding makes; what was not tested at all has none."""
    counted = [one for one in found if not _about_connection(one)]
    others = [one for one in counted if one.code != NOT_TESTED]
    if not journal or (len(others) < len(counted) and not any(one.severity == "failure" for one in others)):
        return "FAILED" if any(one.severity == "failure" for one in others) else "NOT TESTED"
    for severity, grade in _GRADES.items():
        if any(one.severity == severity for one in counted):
            return grade
    return "OK"
