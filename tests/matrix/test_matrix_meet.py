"""A driver, the server and the journal work together: with the openai-python of the development environment."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from mockoai.scenario import catalogue
from tests.matrix import meaning
from tests.matrix.cases import cases, healthy
from tests.matrix.clients import CLIENTS
from tests.matrix.drive import Drive, DriverError, environment
from tests.matrix.environments import DRIVERS, Installed, UnavailableError, install
from tests.matrix.grade import Grade, grade
from tests.matrix.run import Column, Results, key, meet
from tests.matrix.server import Server

PYTHON = [sys.executable, str(DRIVERS / "openai_python.py")]
WANTED = {
    "healthy stream": "survived",
    "healthy stream, tool": "survived",
    "healthy models": "survived",
    "sse-crlf stream": "survived",
    "auth-invalid-key stream": "own",
    "choices-null stream": "foreign",
    "done-missing-and-finish-missing stream": "silent",
    "body-truncated-json whole": "foreign",
}


def test_a_client_meets_scenarios_and_is_graded() -> None:
    every = [*healthy(), *(case for key in WANTED for case in cases_of(key.split()[0]))]
    chosen = {case.key: case for case in every if case.key in WANTED}

    async def run() -> dict[str, Grade]:
        server, drive = Server(), Drive(PYTHON)
        try:
            found = {}
            for name, case in chosen.items():
                one = await meet(server, drive, "python", case)
                meant = meaning.of(case.served, one["exchanges"]["last"])
                found[name] = grade(one["result"], one["exchanges"], meant)
            return found
        finally:
            await drive.stop()
            await server.stop()

    found = asyncio.run(run())
    assert {name: one.mark for name, one in found.items()} == WANTED
    assert found["choices-null stream"].by == "loop"
    assert found["body-truncated-json whole"].by == "sdk"


def cases_of(scenario: str) -> list[Any]:
    return cases(catalogue.get(scenario)) if scenario in catalogue.ids() else []


JOB = {"case": "c", "silence": 0.2, "limit": 5, "warm": 0, "leave": 0, "endpoint": "chat", "body": {"stream": True}}
FAKE = """
import sys, time
sys.path.insert(0, {drivers!r})
from talk import Driver, serve

class Fake(Driver):
    own = (LookupError,)
    def open(self, job): print("noise on stdout")
    def ask(self, client, job):
        yield "one"
        if job["case"] == "hangs": time.sleep(60)
        if job["case"] == "raises": raise KeyError("own")
        if job["case"] == "dies": sys.stdout.flush(); import os; os._exit(3)
        yield "two"
    def read(self, given, job, answer):
        answer["text"] = "".join(given)
        if job["case"] == "loops": answer["text"] += None

serve(Fake())
"""


@pytest.fixture
def fake(tmp_path: Path) -> list[str]:
    file = tmp_path / "fake.py"
    file.write_text(FAKE.format(drivers=str(DRIVERS)))
    return [sys.executable, str(file)]


def driven(command: list[str], *names: str) -> list[Any]:
    async def run() -> list[Any]:
        drive = Drive(command)
        try:
            return [await drive.run({**JOB, "case": name}) for name in names]
        finally:
            await drive.stop()

    made: Coroutine[Any, Any, list[Any]] = run()
    return asyncio.run(made)


def test_a_driver_tells_what_the_client_and_the_loop_did(fake: list[str]) -> None:
    fine, raised, looped = driven(fake, "fine", "raises", "loops")
    assert (fine["answer"], fine["given"], fine["sdk"], fine["loop"]) == ({"text": "onetwo"}, 2, None, None)
    assert (raised["answer"], raised["sdk"]["own"], raised["sdk"]["class"]) == ({"text": "one"}, True, "KeyError")
    assert (looped["sdk"], looped["loop"]["own"], looped["loop"]["class"]) == (None, False, "TypeError")


def test_a_driver_that_hangs_says_so_and_another_follows(fake: list[str]) -> None:
    hung, fine = driven(fake, "hangs", "fine")
    assert (hung["hung"], hung["answer"]) == (True, {"text": "one"})
    assert fine["answer"] == {"text": "onetwo"}


def test_a_driver_that_dies_hung(fake: list[str]) -> None:
    died, fine = driven(fake, "dies", "fine")
    assert died["hung"]
    assert fine["answer"] == {"text": "onetwo"}


def test_a_driver_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="does not start"):
        driven([sys.executable, str(tmp_path / "missing.py")], "fine")


def test_clients_run_without_what_would_change_them() -> None:
    given = {"PATH": "/bin", "OPENAI_API_KEY": "sk-1", "https_proxy": "http://proxy", "MOCKOAI_PORT": "1"}
    assert set(environment(given)) == {"PATH", "NO_PROXY", "PYTHONDONTWRITEBYTECODE", "TZ"}


def test_results_are_kept_by_client_driver_and_wire(tmp_path: Path) -> None:
    (case, *_) = healthy()
    one = Column(CLIENTS[0], Installed(tmp_path, {"openai": "1.0"}, "Python 3.11.7"))
    other = Column(CLIENTS[0], Installed(tmp_path, {"openai": "1.1"}, "Python 3.11.7"))
    results = Results(tmp_path / "results.jsonl")
    results.add(key(one, case), {"result": 1})
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"key": "cut o')
    again = Results(tmp_path / "results.jsonl")
    assert again.get(key(one, case)) == {"key": key(one, case), "result": 1}
    assert again.get(key(other, case)) is None


def test_a_client_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="node is not installed"):
        install(CLIENTS[5].environment, tmp_path, lambda line: None)


def test_an_environment_that_is_there_is_not_installed_again(tmp_path: Path) -> None:
    said: list[str] = []
    environment = CLIENTS[0].environment
    path = tmp_path / environment.id
    (path / "bin").mkdir(parents=True)
    python = path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (path / "installed.json").write_text(json.dumps({"packages": environment.packages}))
    found = install(environment, tmp_path, said.append)
    assert said == []
    assert "openai" in found.versions
    assert found.command(("a.py", "x"))[1:] == [str(DRIVERS / "a.py"), "x"]
