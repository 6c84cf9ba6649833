"""The fixtures: a session per test, the environment, what a test can see and say."""

from __future__ import annotations

import os

import pytest

from tests.plugin.conftest import RunTests


def test_the_client_finds_the_session_and_the_test_sees_the_requests(run: RunTests) -> None:
    run("""
        import openai

        def test_healthy(mockoai):
            with openai.OpenAI() as client:
                answer = client.chat.completions.create(
                    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]
                )
            assert answer.choices[0].finish_reason == "stop"
            assert mockoai.requests[-1].json["model"] == "gpt-4o"
            assert mockoai.requests[-1].header("authorization") == "Bearer sk-mockoai"
            (exchange,) = mockoai.exchanges
            assert exchange.finished
            assert exchange.delivery.outcome == "clean"
            assert f"/session/{mockoai.id}/v1" in mockoai.url
    """).assert_outcomes(passed=1)


def test_the_environment_is_that_of_the_test_and_is_put_back(run: RunTests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-before")
    run("""
        import os

        def test_set(mockoai):
            assert os.environ["OPENAI_BASE_URL"] == os.environ["OPENAI_API_BASE"] == mockoai.url
            assert os.environ["OPENAI_API_KEY"] == "sk-mockoai"

        def test_put_back():
            assert "OPENAI_BASE_URL" not in os.environ
            assert "OPENAI_API_BASE" not in os.environ
            assert os.environ["OPENAI_API_KEY"] == "sk-before"

        def test_changed_by_the_test(monkeypatch, mockoai):
            monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
            monkeypatch.delenv("OPENAI_BASE_URL")

        def test_put_back_again():
            test_put_back()
    """).assert_outcomes(passed=4)
    assert os.environ["OPENAI_API_KEY"] == "sk-before"
    assert "OPENAI_BASE_URL" not in os.environ


def test_every_test_has_a_session_of_its_own(run: RunTests) -> None:
    run("""
        import pytest
        from client import ask, text

        ids = []

        @pytest.mark.parametrize("number", range(5))
        def test_counts_begin_anew(mockoai, number):
            assert mockoai.requests == ()
            mockoai.rule(reply=f"first of {number}", when={"call": 1})
            mockoai.rule(reply="later")
            assert text(ask()) == f"first of {number}"
            assert text(ask()) == "later"
            assert len(mockoai.requests) == 2
            ids.append(mockoai.id)

        def test_ids_are_the_same_in_every_run():
            assert len(set(ids)) == 5
            assert all(id.startswith("test_counts_begin_anew-") for id in ids)
            assert ids[0] == "test_counts_begin_anew-0-323c6c66"
    """).assert_outcomes(passed=6)


def test_one_server_serves_all_tests_and_is_stopped_in_the_end(run: RunTests, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import socket
        import pytest

        ports = set()

        @pytest.hookimpl(trylast=True)
        def pytest_unconfigure():
            (port,) = ports
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=1)
            print("the port is free")
    """)
    result = run(
        """
        from conftest import ports

        def test_one(mockoai_server, mockoai):
            ports.add(mockoai_server.port)

        def test_two(mockoai):
            ports.add(mockoai.server.port)
        """,
        "-s",
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*the port is free*"])


def test_the_server_can_be_another(run: RunTests) -> None:
    run("""
        import pytest
        import mockoai as package
        from client import ask

        @pytest.fixture(scope="session")
        def mockoai_server():
            with package.Server(package.Mock(keys=["sk-right"])) as server:
                yield server

        def test_it(mockoai):
            assert ask()[0] == 401
    """).assert_outcomes(passed=1)


def test_a_second_client_has_a_session_beside(run: RunTests) -> None:
    run("""
        from client import ask, text

        def test_two(mockoai):
            mockoai.rule(reply="the writer")
            judge = mockoai.session("judge")
            judge.rule(reply="the judge")
            assert text(ask()) == "the writer"
            assert text(ask(base=mockoai.session_url("judge"))) == "the judge"
            assert len(mockoai.requests) == len(judge.requests) == 1
            assert mockoai.session("judge") is judge

        def test_checked_too(mockoai):
            mockoai.session("judge").rule(reply="never")
    """).assert_outcomes(passed=1, failed=1)


def test_use_replaces_and_rules_are_stacked(run: RunTests) -> None:
    run("""
        from client import ask, text

        def test_one_after_the_other(mockoai):
            mockoai.use("rate-limit-requests")
            assert ask()[0] == 429
            mockoai.use("fail-n-then-succeed")
            mockoai.rule(reply="Fine.")
            assert [ask()[0] for _ in range(3)] == [429, 503, 200]
            mockoai.rule(reply="Streams.", when={"stream": True})
            assert "Streams" in ask(stream=True)[1]
            assert text(ask()) == "Fine."
            mockoai.use("fail-n-then-succeed")
            assert ask()[0] == 429

        def test_keywords_are_the_keys_of_a_file(mockoai):
            mockoai.use(fallback="echo", rules=[{"when": {"call": 1}, "reply": {"error": {"status": 418}}}])
            assert ask()[0] == 418
            assert text(ask("Say this")) == "Say this"
    """).assert_outcomes(passed=2)


def test_a_file_is_found_beside_the_test(run: RunTests, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("unit")
    (folder / "own.yaml").write_text("id: own\nrules: [{ reply: From a file. }]\n")
    (folder / "test_own.py").write_text(
        "from client import ask, text\n"
        "def test_own(mockoai):\n"
        "    mockoai.use('own.yaml')\n"
        "    assert text(ask()) == 'From a file.'\n"
    )
    run("", "unit").assert_outcomes(passed=1)


def test_requests_are_kept_whole(run: RunTests) -> None:
    run("""
        from client import ask

        def test_large(mockoai):
            ask("x" * 200_000)
            assert len(mockoai.requests[0].json["messages"][0]["content"]) == 200_000
    """).assert_outcomes(passed=1)


def test_waiting_for_requests_of_another_thread(run: RunTests) -> None:
    result = run("""
        import threading
        import pytest
        from client import ask

        def test_they_come(mockoai):
            thread = threading.Thread(target=lambda: [ask() for _ in range(3)])
            thread.start()
            assert len(mockoai.wait_for(3)) == 3
            thread.join()

        def test_they_do_not_come(mockoai):
            ask()
            mockoai.wait_for(2, timeout=0.01)
    """)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*error[[]requests-missing[]]: 1 of 2 requests came within 0.01 s: POST /v1/chat/completions"]
    )


def test_the_first_answer_is_not_late(run: RunTests) -> None:
    result = run(
        """
        import sys
        from client import ask

        def test_first(mockoai):
            # All that a healthy answer needs was loaded before the test began.
            before = set(sys.modules)
            ask(stream=True)
            assert {one for one in set(sys.modules) - before if one.startswith("mockoai.")} == set()
        """,
        process=True,
    )
    result.assert_outcomes(passed=1)


# --- calls ------------------------------------------------------------------------------------------------


def test_a_call_holds_back_the_error_of_the_client_for_the_verdict(run: RunTests) -> None:
    run("""
        import openai
        import pytest

        def test_it(mockoai):
            mockoai.use("fin-mid-chunked")
            with mockoai.call() as call, openai.OpenAI(max_retries=0) as client:
                stream = client.chat.completions.create(
                    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True
                )
                list(stream)
            assert call.raised
            assert isinstance(call.error, Exception)
            mockoai.verdict.assert_sound()
    """).assert_outcomes(passed=1)


def test_an_error_that_nobody_looks_at_fails_the_test(run: RunTests) -> None:
    result = run("""
        def test_it(mockoai):
            with mockoai.call():
                raise ValueError("from the client")
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*raise ValueError*", "*ValueError: from the client"])


def test_mistakes_of_the_test_are_not_held_back(run: RunTests) -> None:
    run("""
        import pytest

        def test_assertion(mockoai):
            with mockoai.call() as call:
                assert False

        def test_name(mockoai):
            with mockoai.call() as call:
                sumarise()

        def test_skip(mockoai):
            with mockoai.call() as call:
                pytest.skip("not today")

        def test_fail(mockoai):
            with mockoai.call() as call:
                pytest.fail("no")
    """).assert_outcomes(failed=3, skipped=1)


def test_an_unsound_client_fails_with_what_it_did(run: RunTests) -> None:
    result = run("""
        import openai

        def test_it(mockoai):
            mockoai.use("done-missing-and-finish-missing")
            with mockoai.call() as call, openai.OpenAI() as client:
                stream = client.chat.completions.create(
                    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], stream=True
                )
                call.text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
            mockoai.verdict.assert_sound()
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*VerdictError: the client is FAILED, not sound", "*failure[[]truncated-answer-accepted[]]*", "*= help: *"]
    )
