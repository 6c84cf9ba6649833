"""What every fault does on every endpoint: a golden table, to be read when it changes.

A fault fires on an endpoint when there is an ordinary request to it under which it fires. Where there is none, the
table has the reason that the fault gives on the plainest request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from mockoai.address import Address
from mockoai.cli.planned import CLOCK
from mockoai.cli.sample import VARIANTS, request
from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.plan.steps import PlannedFault
from mockoai.request import Request
from mockoai.scenario.model import Reply, Rule, Scenario, Timing, ToolCallReply
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

REASONING = Reply(text="Paris.", reasoning="They ask for a city.")
CALLS = Reply(
    tool_calls=(
        ToolCallReply(name="get_weather", arguments={"city": "Paris"}),
        ToolCallReply(name="get_time", arguments={"city": "Rome"}),
    )
)
REPLIES = {
    "reasoning-content": REASONING,
    "reasoning-field": REASONING,
    "tool-id-not-unique": CALLS,
    "tool-index-all-zero": CALLS,
    "tool-parallel-interleaved": CALLS,
    "utf8-split-across-packets": Reply(text="Déjà vu."),
}
"""Replies of the faults that need one of their own; where the endpoint has no such reply, it has another."""

TIMING = Timing(between_tokens=Duration.fixed(0.05))
"""When tokens leave, for the fault that holds them back."""

VAGUE = ("nothing in the answer for it to act on",)
"""Reasons that say nothing."""


def fault(id: str) -> Fault:
    return registry.load()[id](**REQUIRED.get(id, {}))


def asked(endpoint: str, stream: bool) -> Iterator[Request]:
    """Yield ordinary requests to ``endpoint`` whose answers are, or are not, streamed; the plainest first."""
    model = "gpt-3.5-turbo-instruct" if endpoint == "completions" else "gpt-4o-mini"
    for fields in VARIANTS.get(endpoint, ({},)):
        if fields.get("stream", False) == stream:
            for more in ({}, {"n": 2}) if endpoint in ("chat", "completions") else ({},):
                one = request(endpoint, model, {**fields, **more}, Rule())
                # An id to be echoed, for the fault that echoes it.
                yield replace(one, headers=(*one.headers, ("x-request-id", "trace-1")))


@cache
def outcome(id: str, endpoint: str, stream: bool) -> PlannedFault:
    """Return what becomes of the fault ``id``: that it fired on some request, or why not on the plainest."""
    faults = (fault("sse-crlf"), fault(id)) if id == "sse-crlf-split" else (fault(id),)
    rule = Rule(reply=REPLIES.get(id), timing=TIMING, faults=faults)
    scenario = Scenario(id="table", rules=(rule,))
    plainest: PlannedFault | None = None
    for one in asked(endpoint, stream):
        mock = Mock([scenario], clock=lambda: CLOCK)
        plan = mock.answer(one, Address(one.path), mock.sessions.get("default")).plan
        result = plan.faults[-1]
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
