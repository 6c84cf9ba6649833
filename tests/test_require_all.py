"""In .ci/run a test that is skipped fails, with its reason; at home it is skipped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import clean_environment

TESTS = """
import pytest

def test_skips():
    pytest.skip("no node here")

@pytest.mark.xfail(strict=True)
def test_is_expected_to_fail():
    assert False

def test_passes():
    pass
"""


@pytest.mark.parametrize(
    ("required", "code", "summary"),
    [("", 0, "1 passed, 1 skipped, 1 xfailed"), ("1", 1, "1 failed, 1 passed, 1 xfailed")],
)
def test_a_skip_is_a_failure_where_everything_is_required(
    required: str, code: int, summary: str, tmp_path: Path
) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=clean_environment(MOCKOAI_REQUIRE_ALL=required, PYTEST_ADDOPTS=""),
    )
    assert done.returncode == code, done.stdout
    assert summary in done.stdout
    assert ("nothing may be (MOCKOAI_REQUIRE_ALL): Skipped: no node here" in done.stdout) is bool(required)
