"""What a project pays that has mockoai installed and does not use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import clean_environment

HEAVY = ("sse_starlette", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "orjson", "yaml", "faker", "click")


CONFTEST = """
import sys

def pytest_unconfigure():
    print("modules:", *sys.modules)
"""


def modules_of(folder: Path, source: str) -> set[str]:
    """Run a test file in a process of its own and return every module that is there in the end."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(source)
    without = [part for name in ("faker", "cacheprovider", "asyncio", "xdist") for part in ("-p", f"no:{name}")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", *without, "test_it.py"],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout
    return set(done.stdout.partition("modules:")[2].split())


def test_a_project_that_does_not_use_it_imports_two_small_modules(tmp_path: Path) -> None:
    found = modules_of(tmp_path, "def test_it(): pass\n")
    assert {one for one in found if one.startswith("mockoai")} == {"mockoai", "mockoai.pytest_plugin"}
    assert not found & set(HEAVY)


def test_the_fixture_imports_the_server_and_nothing_that_changes_it_for_others(tmp_path: Path) -> None:
    found = modules_of(tmp_path, "def test_it(mockoai): mockoai.rule()\n")
    assert "uvicorn" in found
    assert not found & {"sse_starlette", "starlette", "faker", "prometheus_client"}


@pytest.mark.parametrize("module", ["mockoai", "mockoai.pytest_plugin", "mockoai.testing.written"])
def test_modules_that_tests_import_are_light(module: str) -> None:
    code = f"import sys, pytest, {module}; print(*sys.modules)"
    found = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert module in found
    assert not found & set(HEAVY)
