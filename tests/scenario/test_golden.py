"""Wrong files and the exact text they are answered with; files that are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"
WRONG = sorted(GOLDEN.glob("*.yaml"))
VALID = sorted((GOLDEN / "valid").glob("*.yaml"))


def refused(text: str | bytes, name: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, name)
    return caught.value


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_mistake_is_shown_as_it_always_was(path: Path) -> None:
    error = refused(path.read_bytes(), path.name)
    golden.check(path.with_suffix(".txt"), error.render())
    assert error.exit_code == 2
