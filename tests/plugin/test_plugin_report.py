"""``--mockoai-report``: every session, with what it saw and what is to be said of it."""

from __future__ import annotations

import json

import pytest

from tests.plugin.conftest import RunTests

TESTS = """
    import pytest
    from client import ask

    def test_passes(mockoai):
        mockoai.use("retry-after-seconds")
        with mockoai.call(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_API_KEY", "sk-secret0123456789")
            ask()

    def test_fails(mockoai):
        mockoai.rule(reply="Fine.", when={"stream": True})
        ask("with sk-secret0123456789 in it")

    def test_other(): pass
"""


def test_the_report_has_every_session(run: RunTests, pytester: pytest.Pytester) -> None:
    result = run(TESTS, "--mockoai-report", "reports/mockoai.json", "--mockoai-seed", "5")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["mockoai: 2 sessions, 2 exchanges, 1 fault *, seed 5, report in reports/mockoai.json"])
    text = (pytester.path / "reports" / "mockoai.json").read_text()
    assert "secret0123456789" not in text
    found = json.loads(text)
    assert list(found) == ["schema_version", "mockoai", "seed", "totals", "sessions"]
    assert (found["schema_version"], found["seed"]) == (1, 5)
    assert found["totals"] == {"sessions": 2, "exchanges": 2, "delivered": 1, "undelivered": 0}
    first, second = found["sessions"]
    keys = ["id", "test", "scenarios", "verdict", "problems", "exchanges", "outcome", "late"]
    assert list(first) == list(second) == keys
    assert (first["test"], first["outcome"], first["scenarios"]) == (
        "test_it.py::test_passes",
        "passed",
        ["retry-after-seconds"],
    )
    assert first["verdict"]["calls"][0]["outcome"]["outcome"] == "returned"
    assert [one["status"] for one in first["exchanges"]] == [429]
    assert (second["test"], second["outcome"]) == ("test_it.py::test_fails", "failed")
    assert [one["code"] for one in second["problems"]] == ["unmatched-request", "unused-rule"]


def test_a_run_without_sessions_has_a_report_too(run: RunTests, pytester: pytest.Pytester) -> None:
    result = run("def test_it(): pass", "--mockoai-report", "out.json")
    result.assert_outcomes(passed=1)
    assert json.loads((pytester.path / "out.json").read_text())["sessions"] == []
    result.stdout.no_fnmatch_line("mockoai:*sessions*")


def test_quiet_runs_are_quiet(run: RunTests) -> None:
    result = run("def test_it(mockoai): pass", "-q")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("mockoai: *")
