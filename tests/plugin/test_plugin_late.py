"""Requests that come when their test is over are answered with an error, and reported for the test that owns them."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import RunTests, section

KEPT = """
    import os
    import pytest
    from client import ask, text

    KEPT = {}

    def test_owner(mockoai):
        KEPT.setdefault("base", os.environ["OPENAI_BASE_URL"])
        assert ask()[0] == 200

    def test_innocent(mockoai):
        mockoai.rule(reply="Mine.")
        status, body = ask("Q", base=KEPT["base"])
        assert status == 410
        assert "session_over" in body
        assert text(ask()) == "Mine."
        assert len(mockoai.requests) == 1
        ask(base=KEPT["base"])

    def test_later():
        pass
"""


def test_a_late_request_is_an_error_of_its_own_test(run: RunTests, golden: Callable[[str, str], None]) -> None:
    result = run(KEPT)
    result.assert_outcomes(passed=3, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    golden("late.txt", section(result, "_ ERROR at teardown of test_owner _"))
    result.stdout.fnmatch_lines(["mockoai: 2 sessions, 2 exchanges, 2 late requests", "*ERROR test_it.py::test_owner*"])


def test_late_requests_can_be_allowed(run: RunTests) -> None:
    run(KEPT.replace("def test_owner", "@pytest.mark.mockoai(allow_late=True)\n    def test_owner")).assert_outcomes(
        passed=3
    )
    run(KEPT.replace("KEPT.set", "mockoai.allow_late(); KEPT.set")).assert_outcomes(passed=3)


def test_what_the_client_names_itself_is_late_too(run: RunTests) -> None:
    run("""
        from client import ask
        KEPT = []

        def test_owner(mockoai):
            KEPT.append(mockoai.url)

        def test_innocent(mockoai):
            assert ask(base=KEPT[0], model="mockoai/done-missing")[0] == 200
    """).assert_outcomes(passed=2, errors=1)


def test_other_reports_have_it_as_well(run: RunTests, pytester: pytest.Pytester) -> None:
    run(KEPT, "--junitxml=out.xml")
    cases = ElementTree.parse(pytester.path / "out.xml").getroot().iter("testcase")
    errors = [(case.get("name"), error.text) for case in cases for error in case.iter("error")]
    assert [name for name, _ in errors] == ["test_owner"]
    assert "late-request" in (errors[0][1] or "")


def test_a_test_that_runs_again_does_not_own_what_its_first_run_left(run: RunTests, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
    """)
    result = run("""
        import os
        from client import ask
        BASES = []

        def test_twice(mockoai):
            BASES.append(os.environ["OPENAI_BASE_URL"])
            assert ask(base=BASES[0])[0] == (200 if len(BASES) == 1 else 410)
            assert len(mockoai.requests) == (1 if len(BASES) == 1 else 0)
            assert len(set(BASES)) == len(BASES)

        def test_last():
            pass
    """)
    result.assert_outcomes(passed=4, errors=1)
