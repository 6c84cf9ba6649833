"""From exchanges and outcomes to a verdict."""

from __future__ import annotations

from collections.abc import Iterable

from mockoai.journal import Exchange
from mockoai.scenario.model import Scenario
from mockoai.verdict.model import Outcome, Verdict


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
    raise NotImplementedError
