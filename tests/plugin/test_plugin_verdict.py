"""What a test is told of its client: neither that it did what it did not do, nor that it is well when nobody knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import RunTests, errors

Golden = Callable[[str, str], None]

STREAMING = '''
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

QUESTION = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def stream(url, until=b"[DONE]"):
    """Return the text of a stream, which is read as far as ``until``, or to its end."""
    data = b""
    with httpx.stream("POST", f"{url}/chat/completions", json={**QUESTION, "stream": True}) as answer:
        for piece in answer.iter_bytes():
            data += piece
            if until in data:
                break
    events = [line[6:] for line in data.decode().splitlines() if line.startswith("data: {")]
    return "".join(json.loads(one)["choices"][0]["delta"].get("content") or "" for one in events)


def patient(url):
    """Ask, and again as late as it is told."""
    while True:
        answer = httpx.post(f"{url}/chat/completions", json=QUESTION)
        if answer.status_code == 200:
            return answer.json()["choices"][0]["message"]["content"]
        time.sleep(float(answer.headers["retry-after"]))
'''


def written(tests: str) -> str:
    lines = tests.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return STREAMING + "\n\n" + "\n".join(line[indent:] for line in lines)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "verdict-no-text.txt",
            """
            with mockoai.call():
                stream(mockoai.url)
            """,
        ),
        (
            "verdict-no-outcome.txt",
            """
            stream(mockoai.url)
            """,
        ),
        (
            "verdict-caught-inside.txt",
            """
            with mockoai.call(), pytest.raises(ValueError):
                if not stream(mockoai.url).endswith("."):
                    raise ValueError("half an answer")
            """,
        ),
        (
            "verdict-accepted.txt",
            """
            with mockoai.call() as call:
                call.text = stream(mockoai.url)
            """,
        ),
    ],
)
def test_of_half_an_answer_it_is_told_what_is_known(run: RunTests, golden: Golden, name: str, body: str) -> None:
    source = f"""
    @pytest.mark.mockoai("done-missing-and-finish-missing")
    def test_it(mockoai):
        {body.strip()}
        mockoai.verdict.assert_sound()
    """
    result = run(written(source))
    result.assert_outcomes(failed=1)
    golden(name, errors(result))


def test_a_test_that_tested_nothing_is_not_laid_to_the_client(run: RunTests, golden: Golden) -> None:
    result = run(
        written("""
        from mockoai import fault

        def test_it(mockoai):
            mockoai.rule(reply="Yes.", faults=[fault("fin-mid-chunked", after="50 tokens")])
            with mockoai.call() as call:
                call.text = stream(mockoai.url)
            mockoai.verdict.assert_sound()
        """)
    )
    result.assert_outcomes(failed=1)
    golden("verdict-not-fired.txt", errors(result))


def test_a_client_that_stops_at_the_end_need_not_wait_for_what_comes_behind(run: RunTests) -> None:
    run(
        written("""
        from mockoai import fault

        @pytest.mark.parametrize("until", [b"[DONE]", b'"finish_reason":"stop"'])
        def test_it(mockoai, until):
            mockoai.rule(reply="Yes.", timing={"before_done": "100ms"}, faults=[fault("rst-mid-stream", after="done")])
            with mockoai.call() as call:
                call.text = stream(mockoai.url, until)
            mockoai.verdict.assert_sound()

        def test_but_one_that_leaves_before_has_not_tested_it(mockoai):
            mockoai.rule(reply="Yes it is.", timing={"between_tokens": "100ms"}, faults=[fault("fin-before-done")])
            stream(mockoai.url, b"Yes")
        """).replace('fault("fin-before-done")', 'fault("fin-mid-chunked", after="3 tokens")')
    ).assert_outcomes(passed=2, failed=1)


def test_callers_side_by_side_that_ask_the_same_are_not_blamed_for_each_other(run: RunTests) -> None:
    run(
        written("""
        def test_it(mockoai):
            mockoai.rule(
                when={"call": "..3"}, reply={"error": {"status": 429, "headers": {"retry-after": "1"}}}
            )
            mockoai.rule(reply="Yes.")

            def caller(number):
                time.sleep(number / 50)
                with mockoai.call() as call:
                    call.text = patient(mockoai.url)

            with ThreadPoolExecutor(3) as pool:
                list(pool.map(caller, range(3)))
            verdict = mockoai.verdict
            assert [len(one.attempts) for one in verdict.calls] == [2, 2, 2]
            assert verdict.grade == "OK"
        """)
    ).assert_outcomes(passed=1)


def test_the_error_behind_a_clients_own_is_told(run: RunTests, golden: Golden) -> None:
    result = run(
        written("""
        class AnswerError(Exception):
            pass

        @pytest.mark.mockoai("sse-retry-only-event")
        def test_it(mockoai):
            with mockoai.call():
                try:
                    stream(mockoai.url)
                    json.loads("")
                except ValueError as error:
                    raise AnswerError("no answer") from error
            mockoai.verdict.assert_sound()

        @pytest.mark.mockoai("sse-retry-only-event")
        def test_content(mockoai):
            with mockoai.call():
                stream(mockoai.url)
                raise AnswerError("too short")
            mockoai.verdict.assert_sound()
        """)
    )
    result.assert_outcomes(failed=2)
    golden("verdict-refused.txt", errors(result))


def test_unittest_style(run: RunTests) -> None:
    result = run(
        written("""
        import unittest
        import mockoai

        class TestWithTheFixture(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def session(self, mockoai):
                self.mockoai = mockoai

            def test_sound(self):
                self.mockoai.use("done-missing")
                with self.mockoai.call() as call:
                    call.text = stream(self.mockoai.url)
                self.mockoai.verdict.assert_sound()

            def test_unsound(self):
                self.mockoai.use("done-missing-and-finish-missing")
                with self.mockoai.call() as call:
                    call.text = stream(self.mockoai.url)
                self.mockoai.verdict.assert_sound()

            def test_unused(self):
                self.mockoai.use("done-missing")

        class TestWithout(unittest.TestCase):
            def setUp(self):
                self.server = self.enterContext(mockoai.Server())

            def test_sound(self):
                with self.server.session() as session:
                    session.use("fin-mid-chunked")
                    with session.call() as call:
                        stream(session.url)
                    self.assertEqual(type(call.error).__name__, "RemoteProtocolError")
                    session.verdict.assert_sound()

            def test_unused(self):
                with self.assertRaisesRegex(AssertionError, "unused-scenario"), self.server.session() as session:
                    session.use("fin-mid-chunked")
        """)
    )
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*FAILED test_it.py::TestWithTheFixture::test_unsound*",
            "*FAILED test_it.py::TestWithTheFixture::test_unused*",
        ]
    )
