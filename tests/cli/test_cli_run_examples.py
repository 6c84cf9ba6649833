"""The examples for `mockoai run` that users copy: they run, and they say what the command line takes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockoai.cli.run import command
from mockoai.cli.select import select
from tests.support.serving import clean_environment

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_program_for_node_is_sound() -> None:
    names = ("healthy", "fin-mid-chunked", "rate-limit-tokens", "sse-crlf")
    ran = subprocess.run(
        [sys.executable, "-m", "mockoai", "run", *names, "--", "node", str(EXAMPLES / "node" / "ask.mjs")],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert "4 scenarios: 4 passed" in ran.stdout
    assert "INCONCLUSIVE" not in ran.stdout


def test_the_workflow_names_what_there_is() -> None:
    workflow: dict[str, Any] = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    lines = [step["run"] for step in workflow["jobs"]["chaos"]["steps"] if "run" in step]
    (line,) = [one for one in lines if one.startswith("mockoai run ")]
    words = shlex.split(line)[2:]
    context = click.Context(command)
    command.parse_args(context, words)
    assert len(select(context.params["scenarios"])) > 10
    assert context.params["html"].startswith("reports/")
