"""What a test asked for and did not get fails it, with the reason; what it says it does not mind does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import RunTests, errors, section

Golden = Callable[[str, str], None]


def test_a_request_that_no_rule_answers_fails_the_test_with_the_nearest_rules(run: RunTests, golden: Golden) -> None:
    result = run("""
        from client import ask

        def test_it(mockoai):
            mockoai.rule(name="weather", when={"message": {"contains": "weather"}, "stream": True}, reply="Sunny.")
            mockoai.rule(name="sport", when={"model": "gpt-4.1*"}, reply="One nil.")
            ask("What is the weather?", stream=True)
            ask("How do you do?", model="gpt-4.1")
            for _ in range(2):
                assert ask("How do you do?")[0] == 404
    """)
    result.assert_outcomes(failed=1)
    golden("unmatched.txt", section(result, "_ test_it _"))


def test_a_misspelt_scenario_fails_the_test_with_the_nearest_id(run: RunTests, golden: Golden) -> None:
    result = run("""
        def test_it(mockoai):
            mockoai.use("stall-midstream")
    """)
    result.assert_outcomes(failed=1)
    golden("misspelt.txt", errors(result))


def test_a_misspelt_fault_shows_the_argument(run: RunTests, golden: Golden) -> None:
    result = run("""
        from mockoai import fault

        def test_it(mockoai):
            mockoai.rule(
                reply="Paris.", faults=[fault("stall-mid-steam", after="3 tokens", for_="30s")], whne={"stream": 1}
            )
    """)
    result.assert_outcomes(failed=1)
    golden("misspelt-fault.txt", errors(result))


UNUSED = {
    "rule": ("mockoai.rule(reply='Paris.', when={'stream': True}); mockoai.rule(); ask()", "unused-rule"),
    "second rule": ("mockoai.rule(reply='a', when={'call': 1}); mockoai.rule(reply='b'); ask()", "unused-rule"),
    "scenario": ("mockoai.use('done-missing'); ask()", "unused-scenario"),
    "scenario without a request": ("mockoai.use('auth-any-key-accepted')", "unused-scenario"),
    "scenario that was replaced": (
        "mockoai.use('done-missing'); mockoai.use('usage-missing'); ask()",
        "`done-missing`",
    ),
    "fault": (
        "mockoai.rule(reply='Yes.', faults=[fault('fin-mid-chunked', after='50 tokens')]); ask(stream=True)",
        "fault-not-delivered",
    ),
}


@pytest.mark.parametrize("case", UNUSED)
def test_what_was_asked_for_and_came_to_nothing_fails_the_test(run: RunTests, case: str) -> None:
    body, told = UNUSED[case]
    source = f"""
        import pytest
        from client import ask
        from mockoai import fault

        def test_it(mockoai):
            {body}

        def test_allowed(mockoai):
            mockoai.allow_unused()
            {body}

        @pytest.mark.mockoai(allow_unused=True)
        class TestMarked:
            def test_allowed_by_the_marker(self, mockoai):
                {body}
    """
    result = run(source)
    result.assert_outcomes(failed=1, passed=2)
    result.stdout.fnmatch_lines([f"*error[[]*{told.replace('[', '[[]')}*"])


def test_why_a_rule_never_answered_is_told(run: RunTests, golden: Golden) -> None:
    result = run("""
        from client import ask

        def test_it(mockoai):
            mockoai.rule(
                name="weather",
                reply="Sunny.",
                when={"stream": True, "message": {"contains": "weather"}, "model": "gpt-4.1"},
            )
            mockoai.rule(name="second", reply="Again.", when={"call": 2, "header": {"x-tenant": "acme"}})
            mockoai.rule(reply="Anything.")
            ask("How do you do?", stream=True)
            ask("What is the weather?", stream=True)
    """)
    result.assert_outcomes(failed=1)
    golden("unused.txt", section(result, "_ test_it _"))


def test_one_of_several_variants_of_a_scenario_is_enough(run: RunTests) -> None:
    run("""
        from client import ask

        def test_streams_only(mockoai):
            mockoai.use("content-type-with-params")
            ask(stream=True)

        def test_by_the_header_of_a_request(mockoai):
            ask(model="mockoai/done-missing", stream=True)
    """).assert_outcomes(passed=2)


def test_unmatched_requests_can_be_allowed(run: RunTests) -> None:
    run("""
        import pytest
        from client import ask

        def test_said(mockoai):
            mockoai.allow_unmatched()
            mockoai.rule(when={"call": 2}, reply="Fine.")
            ask(), ask(), ask()

        @pytest.mark.mockoai(allow_unmatched=True, allow_unused=True)
        def test_marked(mockoai):
            mockoai.rule(when={"model": "other"}, reply="Fine.")
            ask()
    """).assert_outcomes(passed=2)


def test_a_test_that_failed_by_itself_shows_what_its_client_did(run: RunTests, golden: Golden) -> None:
    result = run("""
        from client import ask

        def test_it(mockoai):
            mockoai.use("fail-n-then-succeed")
            ask(), ask(api_key="sk-secret0123456789")
            raise RuntimeError("the test's own")
    """)
    result.assert_outcomes(failed=1)
    text = section(result, "- Captured mockoai call -")
    assert "sk-secret" not in text
    golden("story.txt", text)


def test_skipped_and_expected_failures_are_what_they_were(run: RunTests) -> None:
    run("""
        import pytest
        from client import ask

        def test_skipped(mockoai):
            mockoai.use("done-missing")
            pytest.skip("not here")

        @pytest.mark.xfail(strict=True)
        def test_expected(mockoai):
            mockoai.use("done-missing")
    """).assert_outcomes(skipped=1, xfailed=1)


def test_what_comes_while_fixtures_end_is_an_error_of_the_test(run: RunTests) -> None:
    result = run("""
        import pytest
        from client import ask

        @pytest.fixture
        def application(mockoai):
            yield
            ask("I am closing down")

        def test_it(mockoai, application):
            mockoai.rule(reply="Fine.", when={"message": "Hello"})
            ask()
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it*", "error[[]unmatched-request[]]:*"])


def test_an_answer_that_is_left_open_ends_with_its_test(run: RunTests) -> None:
    run("""
        import http.client
        import json
        import pytest
        from mockoai import fault

        KEPT = []

        def test_leaves_a_stream_open(mockoai):
            mockoai.rule(reply="One two three four.", faults=[fault("stall-mid-stream", after="1 token", for_="1m")])
            connection = http.client.HTTPConnection("127.0.0.1", mockoai.server.port)
            KEPT.append(connection)
            body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
            path = f"/session/{mockoai.id}/v1/chat/completions"
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            KEPT.append(answer)
            assert answer.readline().startswith(b"data:")

        def test_does_not_find_it(mockoai):
            connection, answer = KEPT
            with pytest.raises(http.client.IncompleteRead):
                answer.read()
            connection.close()
            assert mockoai.exchanges == ()
    """).assert_outcomes(passed=2)
