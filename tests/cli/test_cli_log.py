"""The server's log: one line for an exchange, no secrets, and never in the way."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mockoai.cli import log as module
from mockoai.cli.log import ExchangeLog, Log
from mockoai.journal import Exchange, Refused
from mockoai.plan.items import End, Write
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.report.redact import Redactor
from mockoai.request import Request

FIRED = PlannedFault("fin-mid-chunked", "transport", True, "closed after 3 tokens")
MISSED = PlannedFault("usage-missing", "reply", False, "the answer is not streamed")


def exchange(
    *faults: PlannedFault, outcome: str = "clean", steps: int = 2, near: str = "", **request: object
) -> Exchange:
    marked = tuple(one.id for one in faults if one.fired)
    plan = Plan(steps=(Write(data=b"x"), End(at=0.2, how="clean", faults=marked)), faults=faults, status=200)
    asked = Request("POST", "/v1/chat/completions", target="/v1/chat/completions", **request)  # type: ignore[arg-type]
    made = Exchange(
        number=7,
        session="default",
        scenario="" if near else "flaky",
        rule="" if near else "cut",
        request=asked,
        plan=plan,
        received=0.0,
        connection=3,
        reused=True,
        near=near,
    )
    made.delivery.outcome = outcome  # type: ignore[assignment]
    made.delivery.steps = steps
    made.delivery.ended = 0.2004
    made.delivery.bytes = 1
    return made


class Lines:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def line(self, text: str) -> None:
        self.texts.append(text)


def logged(one: Exchange, level: str = "info", secrets: tuple[str, ...] = ()) -> str:
    lines = Lines()
    ExchangeLog(lines, Redactor(secrets), lambda style, text: text, level)(one)  # type: ignore[arg-type]
    return "\n".join(lines.texts)


def test_a_line_says_what_was_asked_what_answered_and_how_long_it_took() -> None:
    clock = time.strftime("%H:%M:%S", time.localtime(0))
    assert logged(exchange()) == f"{clock}  POST /v1/chat/completions  200  flaky/cut  0.200s"


def test_faults_are_told_apart_by_what_became_of_them() -> None:
    assert "  fin-mid-chunked: delivered  " in logged(exchange(FIRED))
    assert "  usage-missing: NOT FIRED (the answer is not streamed)  " in logged(exchange(MISSED))
    left = logged(exchange(FIRED, outcome="client-left", steps=1))
    assert "  fin-mid-chunked: NOT DELIVERED (the client left: step 2 of 2 was not sent)  the client left  " in left


def test_a_request_that_no_rule_answers_says_what_was_near() -> None:
    assert logged(exchange(near="No rule\nmatches.")).endswith("  no rule  0.200s  No rule matches.")


def test_debug_adds_how_it_went() -> None:
    assert logged(exchange(), "debug").endswith(
        "  [7] session default, connection 3, reused, 2 of 2 steps, 1 bytes, clean"
    )


def test_warnings_are_what_went_otherwise_than_planned() -> None:
    assert logged(exchange(FIRED), "warning") == ""
    assert "NOT FIRED" in logged(exchange(MISSED), "warning")
    assert "no rule" in logged(exchange(near="x"), "warning")
    assert logged(exchange(MISSED), "error") == ""


def test_no_secret_is_logged() -> None:
    one = exchange(headers=(("authorization", "Bearer own-secret"),))
    one.request = replace(one.request, target="/v1/models?key=own-secret&k=server-secret&t=sk-abcdefghijklmnop")
    line = logged(one, "debug", ("server-secret",))
    for secret in ("own-secret", "server-secret", "sk-abcdefghijklmnop"):
        assert secret not in line


def test_what_a_client_sends_cannot_drive_the_terminal() -> None:
    line = logged(exchange(near="no rule for model \x1b[31mred\x1b[0m"))
    assert "\x1b" not in line
    assert "model \\x1b[31mred" in line


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_lines_arrive_in_their_order(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    log = Log(writer)
    for number in range(100):
        log.line(f"line {number}")
    log.close()
    assert os.read(reader, 100_000).decode().splitlines() == [f"line {number}" for number in range(100)]


def test_nobody_reading_stops_nobody_and_is_told_afterwards(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LINES", 50)
    monkeypatch.setattr(module, "CLOSING", 0.01)
    reader, writer = pipe
    log = Log(writer)
    for _ in range(10_000):
        log.line("x" * 100)
    assert log.left_out > 0
    log.close()  # the thread is stuck in a write, and this returns all the same
    received = b""
    while b"left out: nobody was reading" not in received:
        received += os.read(reader, 100_000)


def test_a_stream_that_is_gone_is_forgotten(pipe: tuple[int, int]) -> None:
    _, writer = pipe
    reader, broken = os.pipe()
    os.close(reader)
    log = Log(broken)
    log.line("nobody")
    log.close()
    os.close(broken)
    assert writer


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_what_was_no_request_is_logged_with_the_reason(level: str) -> None:
    lines = Lines()
    log = ExchangeLog(lines, Redactor(), lambda style, text: text, level)  # type: ignore[arg-type]
    log.refused(Refused(0.0, 9, 400, "This is not a request in HTTP/1.1: no \x1b."))
    told = [text.partition("  ")[2] for text in lines.texts]
    wanted = ["refused 400  This is not a request in HTTP/1.1: no \\x1b.  connection 9"]
    assert told == ([] if level == "error" else wanted)
