"""What every fault does on every endpoint: a golden table, to be read when it changes.

A fault fires on an endpoint when there is an ordinary request to it under which it fires. Where there is none, the
table has the reason that the fault gives on the plainest request.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mockoai.cli.planned import CLOCK
from mockoai.cli.sample import VARIANTS, request
from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.mock import Mock
from mockoai.plan.steps import PlannedFault
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.address import Address
from tests.support import golden

TABLE = Path(__file__).parent / "golden" / "endpoints.txt"

COLUMNS = (
    ("chat stream", "chat", True),
    ("chat", "chat", False),
    ("legacy stream", "completions", True),
    ("legacy", "completions", False),
    ("embeddings", "embeddings", False),
    ("models", "models", False),
    ("model", "model", False),
)
"""The name of a column, the endpoint, and whether the answer is streamed."""

REQUIRED = {
    "header-set": {"name": "x-shown", "value": "1"},
    "header-missing": {"name": "content-type"},
    "set-field": {"path": "id", "value": "changed"},
    "drop-field": {"path": "object"},
}
"""Parameters of the faults that need some."""

VAGUE = ("nothing in the answer for it to act on",)
"""Reasons that say nothing."""


def fault(id: str) -> Fault:
    return registry.load()[id](**REQUIRED.get(id, {}))


def asked(endpoint: str, stream: bool) -> Iterator[Request]:
    """Yield ordinary requests to ``endpoint`` whose answers are, or are not, streamed; the plainest first."""
    model = "gpt-3.5-turbo-instruct" if endpoint == "completions" else "gpt-4o-mini"
    for fields in VARIANTS.get(endpoint, ({},)):
        if fields.get("stream", False) == stream:
            one = request(endpoint, model, fields, Rule())
            # An id to be echoed, for the fault that echoes it.
            yield Request(**{**_fields(one), "headers": (*one.headers, ("x-request-id", "trace-1"))})


def _fields(one: Request) -> dict[str, object]:
    names = ("method", "path", "target", "endpoint", "parameters", "body")
    return {name: getattr(one, name) for name in names}


@cache
def outcome(id: str, endpoint: str, stream: bool) -> PlannedFault:
    """Return what becomes of the fault ``id``: that it fired on some request, or why not on the plainest."""
    scenario = Scenario(id="table", rules=(Rule(faults=(fault(id),)),))
    plainest: PlannedFault | None = None
    for one in asked(endpoint, stream):
        mock = Mock([scenario], clock=lambda: CLOCK)
        plan = mock.answer(one, Address(one.path), mock.sessions.get("default")).plan
        (result,) = plan.faults
        if result.fired:
            return result
        plainest = plainest or result
    assert plainest is not None
    return plainest


def table() -> str:
    """Return the table: a row for every fault, and below it why it does not fire where it does not."""
    lines = [f"{'':<44}" + "".join(f"{name:^15}" for name, _, _ in COLUMNS).rstrip()]
    for id in sorted(registry.load(), key=lambda id: (registry.FAMILIES.index(registry.load()[id].family), id)):
        outcomes = {name: outcome(id, endpoint, stream) for name, endpoint, stream in COLUMNS}
        cells = "".join(f"{'fires' if one.fired else '-':^15}" for one in outcomes.values())
        lines.append(f"{id:<44}{cells}".rstrip())
        reasons: dict[str, list[str]] = {}
        for name, one in outcomes.items():
            if not one.fired:
                reasons.setdefault(one.why, []).append(name)
        lines += [f"    {', '.join(names)}: {why}" for why, names in reasons.items()]
    return "\n".join(lines) + "\n"


def test_the_table_is_the_golden_one() -> None:
    golden.check(TABLE, table())


@pytest.mark.parametrize("id", sorted(registry.load()))
def test_a_fault_fires_somewhere_and_says_why_it_does_not_elsewhere(id: str) -> None:
    outcomes = [outcome(id, endpoint, stream) for _, endpoint, stream in COLUMNS]
    assert any(one.fired for one in outcomes)
    assert all(one.why not in ("", *VAGUE) for one in outcomes), [one.why for one in outcomes if not one.fired]
