"""A connection test that is content with a list of models, and one that tries what the application needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import mockoai as served
from mockoai import fault
from tests.stories import connection
from tests.stories.checking import checked, errors
from tests.stories.connection import Endpoint, Report
from tests.stories.hosting import unused_port
from tests.support.serving import clean_environment

if TYPE_CHECKING:
    from mockoai.testing.session import Session

BREAK_STREAMS = {
    "empty-200-stream": connection.NO_DATA,
    "done-only": connection.NO_DATA,
    "json-for-stream-request": connection.NO_DATA,
    "sse-missing-data-prefix": connection.BAD_FORMAT,
    "ndjson-for-stream": connection.BAD_FORMAT,
    "sse-truncated-json-event": connection.BAD_FORMAT,
    "err-html-mid-stream": connection.NO_API,
    "done-missing-and-finish-missing": connection.CUT,
    "usage-lost-on-disconnect": "Connection failed: peer closed connection without sending complete message body",
    "err-data-no-done": "The endpoint says: The server had an error while processing your request.",
}
"""Failures that only show in a stream, and what the user is told about them."""


def endpoint(url: str, key: str = "sk-any", model: str = "") -> Endpoint:
    return Endpoint(url, key, model)


class TestBroken:
    @pytest.mark.mockoai(*BREAK_STREAMS, "unknown-route-200-error", "models-html", "models-empty", allow_unused=True)
    def test_it_is_content_with_what_cannot_work(self, mockoai: Session) -> None:
        assert connection.broken(endpoint(mockoai.url)).ok
        assert [one.path for one in mockoai.requests] == ["/v1/models"]

    def test_it_has_nothing_to_say_but_the_status(self, mockoai: Session) -> None:
        mockoai.use("auth-invalid-key")
        assert connection.broken(endpoint(mockoai.url)).problems == {"models": "Connection failed: 401"}


class TestMended:
    def test_it_counts_the_models_and_tries_the_first(self, mockoai: Session) -> None:
        mockoai.use(models=["llama-3.3-70b", "qwen2.5-7b", "mixtral-8x7b"], rules=[{"reply": "Hello there."}])
        report = connection.mended(endpoint(mockoai.url))
        assert str(report) == "Connected: 3 models"
        assert report.text == "Hello there."
        listed, plain, streamed = mockoai.requests
        assert (listed.method, listed.path) == ("GET", "/v1/models")
        assert (plain.path, plain.json["model"], plain.stream) == ("/v1/chat/completions", "llama-3.3-70b", False)
        assert (streamed.path, streamed.json["model"], streamed.stream) == (plain.path, "llama-3.3-70b", True)

    def test_it_tries_the_model_that_the_settings_name(self, mockoai: Session) -> None:
        assert connection.mended(endpoint(mockoai.url, model="gpt-4o-mini")).ok
        assert [one.json["model"] for one in mockoai.requests[1:]] == ["gpt-4o-mini", "gpt-4o-mini"]

    @pytest.mark.parametrize(
        "settings",
        [Endpoint("", "sk-any"), Endpoint("{url}", ""), Endpoint("{url}", "sk-any", enabled=False)],
        ids=["no URL", "no key", "not enabled"],
    )
    def test_what_is_not_configured_is_not_asked(self, mockoai: Session, settings: Endpoint) -> None:
        url = settings.base_url.format(url=mockoai.url)
        report = connection.mended(Endpoint(url, settings.api_key, enabled=settings.enabled))
        assert report.problems == {"settings": connection.NOT_CONFIGURED}
        assert mockoai.requests == ()

    def test_nobody_listens(self) -> None:
        report = connection.mended(endpoint(f"http://127.0.0.1:{unused_port()}/v1"))
        assert report.problems == {"models": connection.UNREACHABLE}

    def test_the_connection_is_reset(self, mockoai: Session) -> None:
        mockoai.use("connect-refused")
        assert connection.mended(endpoint(mockoai.url)).problems == {"models": connection.UNREACHABLE}

    def test_a_wrong_key_is_told_for_every_part(self) -> None:
        with served.Server(served.Mock(keys=["sk-right"])) as server:
            assert connection.mended(endpoint(server.url, "sk-right")).ok
            problems = connection.mended(endpoint(server.url, "sk-wrong")).problems
        assert list(problems) == ["models", "chat", "streaming"]
        for problem in problems.values():
            assert problem.startswith(connection.BAD_KEY)
            assert "Incorrect API key provided" in problem

    def test_a_base_url_with_the_path_of_chat_is_told_apart_from_others(self, mockoai: Session) -> None:
        problems = connection.mended(endpoint(f"{mockoai.url}/chat/completions")).problems
        assert set(problems.values()) == {connection.CHAT_IN_URL}
        problems = connection.mended(endpoint(mockoai.url.removesuffix("/v1") + "/v2")).problems
        assert all(one.startswith(connection.NOT_FOUND) for one in problems.values())

    @pytest.mark.mockoai(*BREAK_STREAMS)
    def test_what_only_breaks_streams_is_found_by_streaming(self, mockoai: Session) -> None:
        report = connection.mended(endpoint(mockoai.url))
        assert report.models
        assert list(report.problems) == ["streaming"]
        assert report.problems["streaming"].startswith(BREAK_STREAMS[mockoai.scenario.id])

    @pytest.mark.parametrize(
        ("id", "told"),
        [
            ("models-404", connection.NOT_FOUND),
            ("models-empty", connection.NO_MODELS),
            ("models-data-null", connection.NO_MODELS),
            ("models-bare-array", connection.NO_MODELS),
            ("models-html", connection.NO_API),
            ("models-200-error", "The endpoint says: Unexpected endpoint or method."),
        ],
    )
    def test_models_that_cannot_be_listed_do_not_keep_chat_from_working(
        self, mockoai: Session, id: str, told: str
    ) -> None:
        mockoai.use(id)
        report = connection.mended(endpoint(mockoai.url, model="gpt-4o"))
        assert list(report.problems) == ["models"]
        assert report.problems["models"].startswith(told)

    def test_an_error_behind_a_200_is_one(self, mockoai: Session) -> None:
        mockoai.use("unknown-route-200-error")
        problems = connection.mended(endpoint(mockoai.url)).problems
        assert list(problems) == ["models", "chat", "streaming"]
        assert all("Unexpected endpoint or method" in one for one in problems.values())

    def test_silence_ends(self, mockoai: Session) -> None:
        silence = fault("stall-mid-stream", after="3 tokens", for_="30s")
        mockoai.use(rules=[{"when": {"stream": True}, "faults": [silence]}, {}])
        problems = connection.mended(endpoint(mockoai.url), timeout=0.2).problems
        assert problems == {"streaming": "The endpoint was silent for 0.2 s."}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client


class TestJudged:
    """The connection test under test: what it takes for a stream, and what it does not."""

    # They only touch what is not asked here: an answer in one piece, and usage.
    UNTOUCHED = ("sse-for-nonstream-request", "usage-after-done")

    @pytest.mark.mockoai("sse/*", "mid-stream-errors/*", allow_unused=True)
    def test_it_takes_what_is_good_and_nothing_else(self, mockoai: Session, client: httpx.Client) -> None:
        client.base_url = httpx.URL(mockoai.url)
        report = Report()
        with mockoai.call() as call:
            connection.stream(client, "gpt-4o", report)
            call.text = report.text
        if mockoai.scenario.id in self.UNTOUCHED:
            assert mockoai.verdict.grade == "NOT TESTED"
        else:
            mockoai.verdict.assert_sound()


class TestCommand:
    """The same as a command, which ``mockoai run`` grades."""

    @pytest.mark.parametrize(
        ("form", "ids", "code", "told"),
        [
            ("mended", ["done-only", "sse-crlf"], 0, "2 scenarios: 2 passed"),
            # The verdict says what this test lacks: it does not stream.
            ("broken", ["done-only"], 5, "No request came that done-only has a fault for"),
        ],
    )
    def test_it_is_graded_by_how_it_ends(self, form: str, ids: list[str], code: int, told: str) -> None:
        done = graded(form, *ids)
        assert told in done.stdout, done.stdout + done.stderr
        assert done.returncode == code

    def test_a_file_says_how_it_must_end(self, tmp_path: Path) -> None:
        file = tmp_path / "page.yaml"
        file.write_text("id: page\nrules:\n  - faults: [html-200]\nexpect:\n  - exit: nonzero\n")
        done = graded("broken", str(file))
        assert done.returncode == 1
        assert "failure[expectation-not-met]: page expects `exit: nonzero`" in done.stdout


class TestCheck:
    """``mockoai check``, which answers the same questions, says the same of the same endpoints."""

    GROUPS = ("--only", "models", "--only", "chat", "--only", "stream")

    def test_both_count_the_models_of_a_good_one(self, mockoai: Session, capsys: pytest.CaptureFixture[str]) -> None:
        mockoai.use(models=["llama-3.3-70b", "qwen2.5-7b", "mixtral-8x7b"])
        code, found = checked(capsys, mockoai.url, *self.GROUPS)
        report = connection.mended(endpoint(mockoai.url))
        assert (code, errors(found), report.ok) == (0, [], True)
        assert found["models"]["count"] == len(report.models) == 3

    @pytest.mark.parametrize(
        ("id", "part"),
        [
            ("done-only", "streaming"),
            ("empty-200-stream", "streaming"),
            ("json-for-stream-request", "streaming"),
            ("sse-missing-data-prefix", "streaming"),
            ("models-html", "models"),
            ("auth-invalid-key", "chat"),
            ("unknown-route-200-error", "chat"),
        ],
    )
    def test_both_find_what_is_wrong_and_where(
        self, mockoai: Session, capsys: pytest.CaptureFixture[str], id: str, part: str
    ) -> None:
        mockoai.use(id)
        code, found = checked(capsys, mockoai.url, *self.GROUPS)
        assert code == 1
        assert id in errors(found)
        assert part in connection.mended(endpoint(mockoai.url)).problems

    def test_both_say_that_the_url_is_that_of_chat(self, mockoai: Session, capsys: pytest.CaptureFixture[str]) -> None:
        url = f"{mockoai.url}/chat/completions"
        _, found = checked(capsys, url, *self.GROUPS)
        (finding,) = [one for one in found["findings"] if one["id"] == "url-has-endpoint"]
        assert "must not contain `/chat/completions`" in finding["advice"]
        assert connection.CHAT_IN_URL in connection.mended(endpoint(url)).problems.values()

    def test_both_say_that_nobody_listens(self, capsys: pytest.CaptureFixture[str]) -> None:
        url = f"http://127.0.0.1:{unused_port()}/v1"
        code, found = checked(capsys, url, *self.GROUPS)
        assert (code, errors(found)) == (3, ["connect-refused"])
        assert connection.mended(endpoint(url)).problems == {"models": connection.UNREACHABLE}


def graded(form: str, *scenarios: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.stories.connection", form]
    run = [sys.executable, "-m", "mockoai", "run", *scenarios, "--", *command]
    return subprocess.run(run, capture_output=True, text=True, env=clean_environment(), timeout=60, check=False)
