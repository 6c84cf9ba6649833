"""The example in Python: its tests find the bug, and pass once it is mended."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import clean_environment

EXAMPLE = Path(__file__).parent / "python"

BUG = "    return summary\n"
MENDED = '    if not finished:\n        raise RuntimeError("the summary is not whole")\n    return summary\n'
LOOP = "            for choice in chunk.choices:\n"


def run(folder: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "-p", "no:cacheprovider"]
    environment = clean_environment(COLUMNS="160")
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_bug_is_found(example: Path) -> None:
    out = run(example)
    assert "1 failed, 5 passed" in out, out
    assert "FAILED test_summarise.py::test_half_a_summary_is_not_taken_for_a_whole_one[done-missing-and-finish" in out
    assert "failure[truncated-answer-accepted]: The client took a part of an answer for a good one" in out
    assert "finish_reason" in out or "finish reason" in out


def test_it_passes_once_it_is_mended(example: Path) -> None:
    program = example / "summarise.py"
    text = program.read_text(encoding="utf-8")
    assert text.count(BUG) == text.count(LOOP) == 1
    text = text.replace(BUG, MENDED).replace('summary = ""\n', 'summary = ""\n    finished = False\n')
    text = text.replace(LOOP, LOOP + "                finished = finished or choice.finish_reason is not None\n")
    program.write_text(text, encoding="utf-8")
    out = run(example)
    assert "6 passed" in out, out
