"""The marker: one scenario, several, patterns, categories; on functions, classes and unittest's test cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockoai.scenario import catalogue
from tests.plugin.conftest import RunTests, section


def test_a_marked_test_is_answered_by_the_scenario(run: RunTests) -> None:
    run("""
        import os
        import pytest
        from client import ask

        @pytest.mark.mockoai("rate-limit-tokens")
        def test_with_the_fixture(mockoai):
            assert ask()[0] == 429
            assert mockoai.scenario.id == "rate-limit-tokens"

        @pytest.mark.mockoai("rate-limit-tokens")
        def test_without():
            assert ask()[0] == 429

        @pytest.fixture
        def application():
            return os.environ["OPENAI_BASE_URL"]

        @pytest.mark.mockoai("rate-limit-tokens")
        def test_before_the_other_fixtures(application):
            assert ask(base=application)[0] == 429
    """).assert_outcomes(passed=3)


def test_several_scenarios_run_the_test_for_each(run: RunTests) -> None:
    result = run(
        """
        import pytest
        from client import ask

        @pytest.mark.parametrize("number", [1, 2])
        @pytest.mark.mockoai("rate-limit-tokens", "quota-exhausted-*")
        def test_it(number):
            assert ask()[0] == 429
        """,
        "-v",
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines_random(["*::test_it[[]rate-limit-tokens-1[]] PASSED*", "*[[]quota-exhausted-429-2[]]*"])


def test_a_category_is_run_whole(run: RunTests) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.mockoai(category="sse", allow_unused=True)
        def test_by_name(mockoai):
            assert mockoai.scenario.category == "sse"

        @pytest.mark.mockoai("rate-limits/*", allow_unused=True)
        class TestByPattern:
            def test_it(self, mockoai):
                assert mockoai.scenario.category == "rate-limits"
        """,
        "--collect-only",
        "-q",
    )
    categories = catalogue.categories()
    shown = [line.partition("[")[2].rstrip("]") for line in result.outlines if "[" in line and "::" in line]
    assert shown == [*categories["sse"], *categories["rate-limits"]]


def test_own_scenarios_are_named_like_shipped_ones(run: RunTests, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("cases")
    (folder / "flat.yaml").write_text("id: own-flat\nrules: [{ reply: Flat. }]\n")
    (folder / "house").mkdir()
    (folder / "house" / "deep.yml").write_text("id: own-deep\nrules: [{ reply: Deep. }]\n")
    source = """
        import pytest
        from client import ask, text

        @pytest.mark.mockoai("own-*")
        def test_each(mockoai):
            assert text(ask()) == {"own-flat": "Flat.", "own-deep": "Deep."}[mockoai.scenario.id]

        @pytest.mark.mockoai(category="house")
        def test_category():
            assert text(ask()) == "Deep."

        def test_used(mockoai):
            mockoai.use("own-flat")
            assert text(ask()) == "Flat."
            assert ask(model="mockoai/own-deep")[0] == 200

        def test_nothing_named(mockoai):
            assert text(ask()) not in ("Flat.", "Deep.")
    """
    run(source, "--mockoai-scenarios", "cases").assert_outcomes(passed=5)
    pytester.makeini(
        "[pytest]\naddopts = -p no:asyncio -p no:cacheprovider\nmockoai_scenarios = cases\nmockoai_seed = 7\n"
    )
    result = run(source)
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["mockoai: 5 sessions, * seed 7"])


def test_wrong_scenarios_of_a_folder_are_shown(run: RunTests, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("cases")
    (folder / "wrong.yaml").write_text("id: wrong\nruels: []\n")
    source = """
        import pytest

        @pytest.mark.mockoai("done-missing")
        def test_it(): ...
    """
    result = run(source, "--mockoai-scenarios", "cases")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]unknown-key[]]: unknown key `ruels` in the scenario", "*wrong.yaml:2:1"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result = run(source, "--mockoai-scenarios", "casse")
    result.stdout.fnmatch_lines(["error[[]no-scenario-folder[]]: there is no folder `casse`"])


WRONG = {
    "misspelt id": '"done-missin"',
    "misspelt category": 'category="see"',
    "pattern of nothing": '"see/*"',
    "unknown keyword": '"done-missing", allow_unsed=True',
    "no text": "42",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_in_a_marker_is_told(run: RunTests, golden: Callable[[str, str], None], case: str) -> None:
    result = run(f"""
        import pytest

        @pytest.mark.mockoai({WRONG[case]})
        def test_it(mockoai): ...
    """)
    result.assert_outcomes(errors=1)
    golden(f"marker-{case.replace(' ', '-')}.txt", section(result, "_ ERROR "))


def test_unittest_style(run: RunTests) -> None:
    run("""
        import os
        import unittest
        from unittest import mock

        import pytest
        import mockoai
        from client import ask, text
        from mockoai.testing.checks import CheckError

        @pytest.mark.mockoai("rate-limit-tokens")
        class MarkedTest(unittest.TestCase):
            def test_answered_by_the_scenario(self):
                self.assertEqual(ask()[0], 429)

        @pytest.mark.mockoai("rate-limit-tokens")
        class FailingTest(unittest.TestCase):
            def test_fails_by_itself(self):
                ask()
                self.fail("own")

            def test_fails_the_check(self):
                pass

        class OwnServerTest(unittest.TestCase):
            def setUp(self):
                self.server = self.enterContext(mockoai.Server())

            def test_session(self):
                with self.server.session() as session, mock.patch.dict(os.environ, session.environment):
                    session.rule(reply="Fine.")
                    self.assertEqual(text(ask()), "Fine.")
                    self.assertEqual(len(session.requests), 1)

            def test_session_is_checked(self):
                with self.assertRaises(CheckError) as caught:
                    with self.server.session() as session:
                        session.use("done-missing")
                self.assertEqual([one.code for one in caught.exception.problems], ["unused-scenario"])
    """).assert_outcomes(passed=3, failed=2)
