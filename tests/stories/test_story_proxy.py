"""A proxy that closes the stream of its backend before it is read: what its user sees, and what the backend saw."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mockoai import fault
from tests.stories import proxy
from tests.stories.checking import checked, errors
from tests.stories.hosting import hosting
from tests.stories.waiting import ended

if TYPE_CHECKING:
    from mockoai.testing.session import Session

MODEL = "llama-3.2-1b"
TEXT = "It is 21 degrees in Paris."
EVENT = re.compile(rb"data: [^\n]+")
PATH = "/v1/chat/completions"


def asking(*, stream: bool = True) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": stream}


@contextmanager
def streamed(origin: str) -> Iterator[httpx.Response]:
    with httpx.stream("POST", origin + PATH, json=asking(), verify=proxy.TLS) as answer:
        yield answer


def posted(origin: str, *, stream: bool) -> httpx.Response:
    return httpx.post(origin + PATH, json=asking(stream=stream), verify=proxy.TLS)


class TestBroken:
    def test_its_user_gets_a_200_that_breaks_off_before_the_first_event(
        self, mockoai: Session, caplog: pytest.LogCaptureFixture
    ) -> None:
        mockoai.rule(reply=TEXT, timing={"between_tokens": "1s"})
        with hosting(proxy.broken(mockoai.url)) as origin, streamed(origin) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                answer.read()
        assert "httpx.StreamClosed: Attempted to read or stream content" in caplog.text

    def test_the_backend_saw_it_leave_in_the_middle_of_a_healthy_answer(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT, timing={"between_tokens": "1s"})
        with hosting(proxy.broken(mockoai.url)) as origin, streamed(origin) as answer:
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()
            (exchange,) = ended(mockoai)
        assert exchange.plan.status == 200
        assert exchange.plan.faults == ()
        assert exchange.delivery.outcome == "client-left"
        assert exchange.delivery.steps < exchange.plan.length
        assert exchange.delivery.ended < 1

    def test_the_verdict_tells_that_an_answer_which_was_sent_at_once_was_whole(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.broken(mockoai.url)) as origin, mockoai.call() as call, streamed(origin) as answer:
            answer.read()
        assert isinstance(call.error, httpx.RemoteProtocolError)
        # All of it lay in the proxy's socket when that was closed.
        assert mockoai.exchanges[-1].delivery.outcome == "clean"
        (finding,) = mockoai.verdict.findings
        assert finding.code == "healthy-answer-rejected"
        assert not mockoai.verdict.sound

    def test_what_is_not_streamed_works_which_is_why_nobody_noticed(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.broken(mockoai.url)) as origin:
            answer = posted(origin, stream=False).json()
        assert answer["choices"][0]["message"]["content"] == TEXT

    def test_it_says_that_it_could_not_connect_when_the_backend_has_its_request(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT, timing={"headers": "30s"})
        with hosting(proxy.broken(mockoai.url, timeout=0.1)) as origin:
            answer = posted(origin, stream=True)
        assert answer.status_code == 502
        assert answer.json()["detail"].startswith("Failed to connect to the backend")
        (exchange,) = ended(mockoai)
        assert exchange.request.json == asking()
        assert (exchange.delivery.outcome, exchange.delivery.bytes) == ("client-left", 0)


class TestMended:
    def test_every_event_is_passed_on_as_it_was_sent(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.mended(mockoai.url)) as origin, mockoai.call(), streamed(origin) as answer:
            came = EVENT.findall(answer.read())
        (exchange,) = mockoai.exchanges
        assert came == EVENT.findall(exchange.plan.data)
        assert came[-1] == b"data: [DONE]"
        assert len(came) == exchange.plan.events
        assert mockoai.verdict.grade == "OK"

    def test_nothing_is_held_back_and_nothing_comes_early(self, mockoai: Session) -> None:
        silence = fault("stall-mid-stream", after="3 tokens", for_="30s")
        mockoai.rule(reply=TEXT, timing={"first_token": "60ms", "between_tokens": "60ms"}, faults=[silence])
        with hosting(proxy.mended(mockoai.url)) as origin:
            with streamed(origin) as answer:
                lines = (line for line in answer.iter_lines() if '"content":"' in line)
                next(lines)  # the role
                times = []
                for _ in range(3):
                    next(lines)
                    times.append(time.time())
                # The page has three tokens, and the backend has not sent a fourth.
                (exchange,) = mockoai.exchanges
                assert not exchange.finished
            since = [moment - exchange.received for moment in times]
            assert all(came > planned - 0.005 for came, planned in zip(since, (0.06, 0.12, 0.18), strict=True))
            # When the page is closed, the backend is told.
            (exchange,) = ended(mockoai)
        assert exchange.delivery.outcome == "client-left"
        assert exchange.delivery.ended < 30

    def test_proxies_on_the_way_are_told_to_leave_it_alone(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.mended(mockoai.url)) as origin, streamed(origin) as answer:
            answer.read()
        headers = {name: answer.headers[name] for name in ("cache-control", "connection", "x-accel-buffering")}
        assert headers == {"cache-control": "no-cache", "connection": "keep-alive", "x-accel-buffering": "no"}
        assert answer.headers["content-type"].startswith("text/event-stream")

    def test_it_waits_twice_as_long_as_the_broken_one(self, mockoai: Session) -> None:
        assert (proxy.TIMEOUT, proxy.STREAM_TIMEOUT) == (60, 120)
        mockoai.rule(reply=TEXT, timing={"headers": "300ms"})
        with hosting(proxy.broken(mockoai.url, timeout=0.05)) as origin:
            assert posted(origin, stream=True).status_code == 502
        with hosting(proxy.mended(mockoai.url)) as origin:
            assert proxy.show_mended(f"{origin}/v1", "Hello", str) == TEXT

    def test_a_backend_that_falls_silent_is_told_in_an_event(self, mockoai: Session) -> None:
        silence = fault("stall-mid-stream", after="2 tokens", for_="30s")
        mockoai.rule(reply={"tokens": ["It", " is", " 21"]}, faults=[silence])
        shown: list[str] = []
        with (
            hosting(proxy.mended(mockoai.url, timeout=0.2)) as origin,
            pytest.raises(RuntimeError, match="ReadTimeout from the backend"),
        ):
            proxy.show_mended(f"{origin}/v1", "Hello", shown.append)
        assert "".join(shown) == "It is"

    @pytest.mark.mockoai(
        "rate-limit-tokens",
        "error-html-body",
        "connect-refused",
        "fin-mid-chunked",
        "early-upstream-close",
        "err-data-then-done",
        "err-data-no-done",
        "done-missing-and-finish-missing",
    )
    def test_every_failure_reaches_the_user_as_one(self, mockoai: Session) -> None:
        with hosting(proxy.mended(mockoai.url)) as origin:
            with mockoai.call() as call:
                call.text = proxy.show_mended(f"{origin}/v1", "Hello", str)
            assert isinstance(call.error, RuntimeError)
            assert str(call.error)
        mockoai.verdict.assert_sound()

    def test_what_is_not_streamed_is_collected_from_a_stream(self, mockoai: Session) -> None:
        mockoai.rule(reply=TEXT, when={"stream": True})
        with hosting(proxy.mended(mockoai.url)) as origin:
            answer = posted(origin, stream=False)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["object"] == "chat.completion"
        assert answer.json()["choices"] == [
            {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
        ]

    @pytest.mark.parametrize(
        ("id", "status"), [("rate-limit-tokens", 429), ("fin-mid-chunked", 502), ("err-data-no-done", 502)]
    )
    def test_what_is_not_streamed_fails_with_a_status(self, mockoai: Session, id: str, status: int) -> None:
        mockoai.use(id)
        with hosting(proxy.mended(mockoai.url)) as origin:
            answer = posted(origin, stream=False)
        assert answer.status_code == status
        assert answer.json()["error"]["message"]


class TestBackend:
    """The backend that the proxy was written for: its streams start with a comment, and end with another."""

    @pytest.fixture
    def exo(self, mockoai: Session) -> Session:
        mockoai.use(backend="exo", models=[MODEL], rules=[{"reply": TEXT}])
        return mockoai

    def test_the_broken_proxy_loses_it(self, exo: Session) -> None:
        broken = hosting(proxy.broken(exo.url))
        with broken as origin, streamed(origin) as answer, pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        assert answer.status_code == 200

    def test_the_mended_one_passes_comments_on_and_the_page_ignores_them(self, exo: Session) -> None:
        with hosting(proxy.mended(exo.url)) as origin:
            with streamed(origin) as answer:
                came = answer.read()
            with exo.call() as call:
                call.text = proxy.show_mended(f"{origin}/v1", "Hello", str)
        assert call.text == TEXT
        assert came.startswith(b": keep-alive\n\n")
        assert b": generation_stats {" in came
        assert exo.verdict.sound

    def test_what_is_not_streamed_is_one_answer(self, exo: Session) -> None:
        with hosting(proxy.mended(exo.url)) as origin:
            answer = posted(origin, stream=False).json()
        assert answer["model"] == MODEL
        assert answer["choices"][0]["message"]["content"] == TEXT

    def test_a_model_without_an_instance_is_told(self, mockoai: Session) -> None:
        mockoai.use(backend="exo", models=["another"])
        with (
            hosting(proxy.mended(mockoai.url)) as origin,
            pytest.raises(RuntimeError, match=r"No instance found for model llama-3\.2-1b"),
        ):
            proxy.show_mended(f"{origin}/v1", "Hello", str)


class TestChecked:
    """What ``mockoai check`` has to say to whoever runs the proxy, without a mock behind it being known."""

    OPTIONS = ("--model", MODEL, "--only", "chat", "--only", "stream")

    def test_it_finds_the_broken_one(self, mockoai: Session, capsys: pytest.CaptureFixture[str]) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.broken(mockoai.url)) as origin:
            code, found = checked(capsys, f"{origin}/v1", *self.OPTIONS)
        # The streams have no end; answers in one piece are fine.
        assert (code, errors(found)) == (1, ["fin-mid-chunked"])
        (finding,) = [one for one in found["findings"] if one["id"] == "fin-mid-chunked"]
        assert all("stream" in one["request"] for one in finding["evidence"])

    def test_it_finds_nothing_in_the_mended_one(self, mockoai: Session, capsys: pytest.CaptureFixture[str]) -> None:
        mockoai.rule(reply=TEXT)
        with hosting(proxy.mended(mockoai.url)) as origin:
            code, found = checked(capsys, f"{origin}/v1", *self.OPTIONS)
        assert (code, errors(found)) == (0, [])


class TestPage:
    @pytest.mark.parametrize(
        ("id", "code"),
        [
            ("err-data-no-done", "error-answer-accepted"),
            ("fin-mid-chunked", "truncated-answer-accepted"),
            ("early-upstream-close", "empty-answer-accepted"),
            ("rate-limit-tokens", "error-status-accepted"),
        ],
    )
    def test_the_broken_one_takes_half_an_answer_for_a_whole_one(self, mockoai: Session, id: str, code: str) -> None:
        mockoai.use(id)
        with hosting(proxy.mended(mockoai.url)) as origin, mockoai.call() as call:
            call.text = proxy.show_broken(f"{origin}/v1", "Hello", str)
        assert mockoai.verdict.grade == "FAILED"
        assert mockoai.verdict.findings[0].code == code
