"""Every shipped scenario has a golden plan: the bytes and times of what each of its rules answers.

``UPDATE_GOLDEN=1`` rewrites them, ``-k sse/`` those of a category; what changed is then read in the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mockoai.scenario import catalogue
from tests.support import golden
from tests.support.catalogued import shown

PLANS = Path(__file__).parent / "golden"


@pytest.mark.parametrize("path", [f"{entry.category}/{id}" for id, entry in catalogue.index().items()])
def test_the_plan_is_the_golden_one(path: str) -> None:
    scenario = catalogue.get(path.partition("/")[2])
    golden.check(PLANS / f"{path}.txt", shown(scenario))


def test_every_golden_plan_is_that_of_a_shipped_scenario() -> None:
    shipped = {f"{entry.category}/{id}.txt" for id, entry in catalogue.index().items()}
    assert {path.relative_to(PLANS).as_posix() for path in PLANS.glob("*/*.txt")} == shipped
