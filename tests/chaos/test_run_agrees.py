"""``mockoai run`` over whole categories, against what the client matrix measured of the same clients on the same calls.

The matrix knows what was meant and compares every field of an answer. A run knows what was sent, what the command
printed and how it ended, and must never be wrong about what both can see:

==================  ==================================================================================================
in the matrix       in the run
==================  ==================================================================================================
survived            the command ended with 0 and passes; nothing says that it took something broken for an answer
an error            the command ended with 1, and nothing says that it took something broken for an answer
silent              FAILED, or INCONCLUSIVE where a command that printed nothing may have noticed
hung                FAILED
==================  ==================================================================================================

A run does not see what nobody prints, so it may pass what is silent in the finish reason or the usage alone. Nor does
it read: wrong words in a well-formed answer pass it (:data:`WORDS`), and a scenario that wants them checked says so
with ``expect: [{stdout: …}]``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockoai.scenario import catalogue
from tests.matrix.cases import Case, cases
from tests.matrix.environments import DRIVERS
from tests.matrix.run import LIMIT, RETRY_SECONDS, SILENCE, TIMEOUT
from tests.support.serving import clean_environment

pytestmark = pytest.mark.slow

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "clients" / "node" / "node_modules"
CATEGORIES = ("sse", "chunks", "transport", "rate-limits")
KIND = "stream"
JOBS = 3

WORDS: Mapping[str, str] = {
    "content-after-finish": "a chunk behind the finish reason has text that was not meant",
    "content-non-string": "content that is a number is text to JavaScript, which has no objection to `+=`",
    "content-parts-array": "content that is an array is text to JavaScript, which has no objection to `+=`",
    "data-after-done": "what is behind [DONE] is rightly left out, and was part of what was meant",
    "finish-length-hidden": "the finish reason says that the text is whole, and it is not",
    "n-interleaved": "the choices of `n` are put together as one text",
    "refusal-delta": "the refusal is in a field that the application does not read",
    "think-tags-in-content": "the reasoning stands in the text",
}
"""Scenarios whose answer is well formed with wrong words in it, and what is wrong with them."""

RETRIES: Mapping[str, Mapping[str, list[str]]] = {
    "openai-python-newest": {"quota-exhausted-429": ["retried-against-advice"]},
    "openai-node-newest": {
        "quota-exhausted-429": ["retried-against-advice"],
        "retry-after-61s": ["retry-after-ignored"],
        "retry-after-121s": ["retry-after-ignored"],
    },
}
"""What is found of the clients' own retries, by scenario; of all others of the category, nothing."""

_SEEN = {"text", "tool_calls", "models", "error"}
"""Fields of an answer that the application prints; ``error``: it prints an answer where an error was meant."""


def matrix(client: str, table: str = "rows") -> dict[str, Json]:
    """Return what the matrix has on ``client``, by scenario; in ``retries`` with the client's own retries."""
    rows = json.loads((ROOT / "scenarios" / "clients.json").read_text(encoding="utf-8"))[table]
    return {row["scenario"]: row["results"][client] for row in rows if row["call"] == KIND and client in row["results"]}


def chosen(category: str) -> list[Case]:
    """Return the calls to make: those that are one request, of a client that stays, with the shipped file."""
    found = [
        case for id in catalogue.ids() if catalogue.get(id).category == category for case in cases(catalogue.get(id))
    ]
    return [case for case in found if case.call == KIND and not (case.warm or case.leave or case.yaml)]


def job(case: Case, retries: bool) -> Json:
    return {
        "case": case.key,
        "headers": dict(case.headers),
        "endpoint": case.endpoint,
        "body": case.body,
        "model": case.model,
        "timeout": TIMEOUT,
        "retries": None if retries else 0,
        "silence": RETRY_SECONDS if retries else SILENCE,
        "limit": LIMIT,
        "warm": 0,
        "leave": 0,
    }


def run(asked: list[Case], folder: Path, driver: list[str], retries: bool = False) -> dict[str, Json]:
    """Run the application around ``driver`` against ``asked``; return the cases of the report by scenario."""
    (folder / "cases.json").write_text(json.dumps({case.scenario: job(case, retries) for case in asked}))
    command = [sys.executable, str(Path(__file__).with_name("app.py")), "cases.json", *driver]
    scenarios = [case.scenario for case in asked]
    options = ["--jobs", str(JOBS), "--timeout", f"{LIMIT + 10:g}s", "--json", "run.json", "--quiet"]
    ran = subprocess.run(
        [sys.executable, "-m", "mockoai", "run", *scenarios, *options, "--", *command],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in (0, 1), ran.stderr
    report = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {case["scenario"]: case for case in report["cases"]}


def disagreement(known: Json, case: Json) -> str:
    """Return how ``case`` of a run differs from what the matrix knows, or an empty text."""
    accepted = [one["code"] for one in case["findings"] if one["code"].endswith("-accepted")]
    failed, exit_code = case["status"] == "failed", case["command"]["exit_code"]
    mark, differs = known["mark"], set(known.get("differs", ()))
    if mark == "survived":
        return "" if exit_code == 0 and not failed and not accepted else "did not pass"
    if mark in ("own", "foreign"):
        return "" if exit_code == 1 and not accepted else "did not notice"
    if mark == "hung":
        return "" if failed else "passed"
    assert mark == "silent"
    if exit_code != 0:
        return "did not end well"
    judged = case["grade"] in ("FAILED", "INCONCLUSIVE")
    if case["scenario"] in WORDS:
        return "is judged: take it out of WORDS" if judged else ""
    return "passed" if differs & _SEEN and not judged else ""


def compare(asked: list[Case], known: dict[str, Json], found: dict[str, Json]) -> None:
    assert len(asked) > 10
    assert found.keys() == {case.scenario for case in asked}
    wrong = {
        id: f"{known[id]['mark']} {known[id].get('differs', '')} in the matrix, but it {how}: {case['grade']}, "
        f"{[one['code'] for one in case['findings']]}, exit {case['command']['exit_code']}, "
        f"{case['command']['stderr'][-200:]!r}"
        for id, case in found.items()
        if known[id]["mark"] not in ("undelivered", "none") and (how := disagreement(known[id], case))
    }
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.fixture(params=["openai-python-newest", "openai-node-newest"])
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def driver(client: str, tmp_path: Path) -> list[str]:
    """Return the command of the driver of ``client``."""
    if "python" in client:
        return [sys.executable, str(DRIVERS / "openai_python.py")]
    if shutil.which("node") is None or not (NODE_MODULES / "openai").is_dir():
        pytest.skip("needs Node, and `make node`")
    # Node looks for packages beside the program.
    for name in ("openai_node.mjs", "talk.mjs"):
        shutil.copy(DRIVERS / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    return ["node", str(tmp_path / "openai_node.mjs")]


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_run_judges_the_newest_clients_as_the_matrix_does(
    client: str, driver: list[str], category: str, tmp_path: Path
) -> None:
    asked = chosen(category)
    compare(asked, matrix(client), run(asked, tmp_path, driver))


def test_a_run_sees_the_retries_that_the_matrix_saw_and_faults_those_that_ignore_what_was_said(
    client: str, driver: list[str], tmp_path: Path
) -> None:
    known = matrix(client, "retries")
    # Who waits for a minute as told is left out.
    asked = [case for case in chosen("rate-limits") if known[case.scenario]["mark"] != "hung"]
    found = run(asked, tmp_path, driver, retries=True)
    compare(asked, known, found)
    came = {id: case["counts"]["exchanges"] for id, case in found.items()}
    assert came == {case.scenario: known[case.scenario]["attempts"] for case in asked}
    faulted = {id: [one["code"] for one in case["findings"]] for id, case in found.items() if case["findings"]}
    assert faulted == RETRIES[client]
