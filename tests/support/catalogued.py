"""Plans of the shipped scenarios as text: readable, as ``mockoai plan`` shows them, and exact by a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from mockoai.cli.planned import Planned, as_text, sample
from mockoai.cli.sample import is_plain
from mockoai.plan.items import End, Wait, Write
from mockoai.plan.steps import Plan
from mockoai.scenario.model import Rule, Scenario

FIRST, LAST = 60, 16
"""Lines that a long plan keeps of its start and end."""


def shown(scenario: Scenario) -> str:
    """Return the plan of every rule of ``scenario`` as text; of a rule that answers as a healthy server, its facts."""
    return "\n".join(_shown(scenario, rule, number) for number, rule in enumerate(scenario.rules, 1))


def _shown(scenario: Scenario, rule: Rule, number: int) -> str:
    planned = sample(scenario, rule)
    assert planned.answer.basis is not None, f"rule {number} of {scenario.id} is not reached: {planned.answer.near}"
    assert planned.answer.basis[1] is rule, f"rule {number} of {scenario.id} is not reached"
    lines = as_text(planned).splitlines()
    if is_plain(rule):
        lines = [*lines[: lines.index("")], "", "a healthy answer"]
    if len(lines) > FIRST + LAST + 1:
        lines[FIRST:-LAST] = [f"… {len(lines) - FIRST - LAST} lines …"]
    return "\n".join([*lines, digest(planned), ""])


def digest(planned: Planned) -> str:
    """Return one line that changes with any byte, any time and the end of a plan."""
    plan = planned.answer.plan
    hashed = hashlib.sha256(b"\n".join(_facts(plan))).hexdigest()
    return f"sha256  {hashed}  of {plan.size} bytes in {plan.length} steps"


def _facts(plan: Plan) -> Iterator[bytes]:
    for step in plan.steps:
        # Whole microseconds, so that the last digit of a float cannot matter.
        at = f"{step.at:.6f}".encode()
        if isinstance(step, Write):
            yield b"write %s %s" % (at, step.data.hex().encode())
        elif isinstance(step, Wait):
            yield b"wait %s %.6f" % (at, step.seconds)
        elif isinstance(step, End):
            yield b"end %s %s %d" % (at, step.how.encode(), plan.keep_alive)
