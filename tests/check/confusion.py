"""The check checked by the catalogue: what it finds on every shipped scenario, as tables that are kept beside it.

A scenario is named when its own id is found, or that of one which cannot be told from it by the wire. Both lists below
are short, and say why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from mockoai.check.conversation import Conversation
from mockoai.check.model import Finding, Report
from mockoai.check.run import check
from mockoai.check.target import Target
from mockoai.mock import Mock
from mockoai.scenario import catalogue
from tests.check.player import KEY, PATIENT, Player, scenario_target

NOW = 1_767_225_600.0

SAME_WIRE: dict[str, tuple[str, str]] = {
    "connect-refused": (
        "rst-before-headers",
        "a server that answers cannot refuse connections: the scenario resets them, byte for byte like the other",
    ),
}
"""By scenario: the id that is as good, and why the wire cannot tell the two apart."""

INVISIBLE: dict[str, str] = {
    "half-open-client-cancel": "it is about what the server does when the client has left, which no answer shows",
}
"""Scenarios that no answer shows, and why."""


@dataclass(frozen=True)
class Row:
    """What was found on one scenario."""

    scenario: str
    findings: tuple[Finding, ...]

    @property
    def ids(self) -> dict[str, str]:
        """The severity of every id that was found."""
        return {one.id: one.severity for one in self.findings}

    @property
    def named(self) -> str:
        """The id that names the scenario, empty when none does."""
        for id in (self.scenario, SAME_WIRE.get(self.scenario, ("", ""))[0]):
            if id in self.ids:
                return id
        return ""


def held(target: Target, mock: Mock) -> Report:
    """Check what ``mock`` serves at ``target``."""
    return check(Conversation(target), Player(mock), PATIENT)


def healthy(*, strict: bool) -> Report:
    """Check the healthy server; ``strict`` is one that looks at keys and models, as OpenAI does."""
    keys, models = ((KEY,), ("gpt-4o-mini",)) if strict else ((), ())
    mock = Mock(clock=lambda: NOW, keys=keys, models=models)
    return held(Target(port=8000, path="/v1", key=KEY), mock)


@cache
def habits() -> set[str]:
    """Return the ids that are found on a healthy server."""
    return {one.id for strict in (True, False) for one in healthy(strict=strict).findings}


def row(scenario: str) -> Row:
    """Check one scenario."""
    report = held(scenario_target(scenario), Mock(clock=lambda: NOW))
    return Row(scenario, report.findings)


def table(category: str) -> str:
    """Return the table of a category as Markdown."""
    return "\n".join(_table(category)) + "\n"


def _table(category: str) -> Iterator[str]:
    usual = habits()
    rows = [row(id) for id in catalogue.categories()[category]]
    yield f"# What `mockoai check` finds: {category}"
    yield ""
    yield "Written with `UPDATE_GOLDEN=1`. Left out of the last column is what a healthy server shows as well."
    yield ""
    yield "| scenario | found as | severity | and besides |"
    yield "| --- | --- | --- | --- |"
    for one in rows:
        others = sorted(set(one.ids) - usual - {one.named})
        if one.scenario in INVISIBLE:
            found, severity = "not visible", ""
        else:
            found = "itself" if one.named == one.scenario else f"`{one.named}`" if one.named else "**nothing**"
            severity = one.ids.get(one.named, "")
            if one.named in usual and severity == "info":
                found += ", as on a healthy server"
        besides = " ".join(f"`{id}`" for id in others)
        yield f"| `{one.scenario}` | {found} | {severity} | {besides} |"


def counted(text: str) -> tuple[int, int, int]:
    """Return how many scenarios of a table are named, visible, and in it."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    visible = [line for line in lines if "| not visible |" not in line]
    named = [line for line in visible if "**nothing**" not in line]
    return len(named), len(visible), len(lines)
