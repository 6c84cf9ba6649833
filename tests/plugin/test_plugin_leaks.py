"""No test sees anything of another, in whatever order they run."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import RunTests

SHUFFLE = """
    import os
    import random
    import pytest

    def pytest_addoption(parser):
        parser.addoption("--order", type=int)

    def pytest_collection_modifyitems(config, items):
        random.Random(config.getoption("order")).shuffle(items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol():
        names = {"OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY"}
        assert not names & set(os.environ)
        result = yield
        assert not names & set(os.environ)
        return result
"""

TESTS = """
    import json
    import pytest
    from client import ask, text

    numbers = pytest.mark.parametrize("number", range(25))

    def fresh(mockoai):
        assert mockoai.requests == mockoai.exchanges == ()
        assert mockoai.scenario.id == "healthy"
        assert len(mockoai.server.mock.journal) == 0

    @numbers
    def test_healthy(mockoai, number):
        fresh(mockoai)
        # The seed, the session and the count of equal requests make the answer's id.
        ids = [json.loads(ask(f"question {number}")[1])["id"] for _ in range(2)]
        assert ids == IDS.setdefault(number, ids)

    @numbers
    def test_calls_are_counted_from_one(mockoai, number):
        fresh(mockoai)
        mockoai.use("fail-n-then-succeed")
        assert [ask()[0] for _ in range(3)] == [429, 503, 200]

    @numbers
    def test_rules(mockoai, number):
        fresh(mockoai)
        mockoai.rule(reply=f"reply {number}", when={"message": f"question {number}"})
        assert text(ask(f"question {number}")) == f"reply {number}"

    @numbers
    def test_faults(mockoai, number):
        fresh(mockoai)
        mockoai.rule(reply="a b c d", faults=["done-missing"], when={"stream": True})
        assert "[DONE]" not in ask(stream=True)[1]
        assert [fault.id for one in mockoai.exchanges for fault in one.faults()] == ["done-missing"]

    @numbers
    def test_other_sessions(mockoai, number):
        fresh(mockoai)
        mockoai.session("other").rule(reply=f"other {number}")
        assert text(ask(base=mockoai.session_url("other"))) == f"other {number}"
        assert mockoai.requests == ()

    @pytest.mark.mockoai("rate-limit-tokens")
    @numbers
    def test_marked(number):
        assert ask()[0] == 429

    @numbers
    def test_calls_of_the_client(mockoai, number):
        fresh(mockoai)
        mockoai.use("auth-invalid-key")
        with mockoai.call() as call:
            call.noticed = ask()[0] == 401
        assert mockoai.verdict.counts.outcomes == 1

    @numbers
    def test_what_the_client_names(mockoai, number):
        fresh(mockoai)
        assert ask(model="mockoai/rate-limit-tokens")[0] == 429
"""


def _run_orders(run: RunTests, pytester: pytest.Pytester, orders: range) -> None:
    pytester.makeconftest(SHUFFLE)
    # What a healthy test is answered depends on the test alone, so it is the same in every order.
    pytester.makepyfile(known="IDS = {}")
    for order in orders:
        result = run("from known import IDS\n" + _dedented(TESTS), "-q", "--order", str(order))
        result.assert_outcomes(passed=200)


def _dedented(text: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in text.splitlines())


def test_two_hundred_tests_in_two_orders(run: RunTests, pytester: pytest.Pytester) -> None:
    _run_orders(run, pytester, range(2))


@pytest.mark.slow
def test_two_hundred_tests_in_twenty_orders(run: RunTests, pytester: pytest.Pytester) -> None:
    _run_orders(run, pytester, range(20))
