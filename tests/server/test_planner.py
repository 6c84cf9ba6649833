"""Where answers are planned, in which order, and what becomes of those that cannot be."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest

import mockoai.mock
from mockoai.address import Address, split_path
from mockoai.mock import Answer, Mock
from mockoai.plan.build import build
from mockoai.request import Request
from mockoai.scenario.load import load_text
from mockoai.server.planner import Planner
from mockoai.state import DEFAULT_SESSION, Session, Sessions

PATH = "/v1/chat/completions"
LONG = "id: long\nrules: [{ when: { stream: true }, reply: { lorem: { tokens: 9000 } } }, { name: short }]"
COUNTED = "id: counted\nrules: [{ name: first, when: { call: 1 } }, { when: { call: 2 } }, { name: others }]"


def asked(path: str = PATH, **fields: Any) -> tuple[Request, Address]:
    body = orjson.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], **fields})
    address = split_path(path)
    return Request("POST", address.path, body=body, endpoint="chat"), address


class Watched(Mock):
    """Remembers which thread planned what, and holds long answers back until it is told to go on."""

    def __init__(self, *texts: str) -> None:
        super().__init__([load_text(text) for text in texts])
        self.threads: list[tuple[str, bool]] = []
        self.go_on = threading.Event()
        self.reached = threading.Event()
        self.loop_thread = threading.get_ident()

    def answer(self, request: Request, address: Address, session: Session) -> Answer:
        here = threading.get_ident() == self.loop_thread
        if request.stream:
            self.reached.set()
            assert self.go_on.wait(10)
        self.threads.append((session.id, here))
        return super().answer(request, address, session)


async def _ask(planner: Planner, session: str = DEFAULT_SESSION, **fields: Any) -> Answer:
    request, address = asked(**fields)
    return await planner.plan(request, address, planner.mock.sessions.get(session), None)


def test_what_is_quick_is_planned_at_once() -> None:
    async def run() -> Watched:
        mock = Watched(LONG)
        await _ask(Planner(mock))
        return mock

    assert asyncio.run(run()).threads == [(DEFAULT_SESSION, True)]


def test_what_takes_long_keeps_its_own_session_waiting_and_no_other() -> None:
    async def run() -> None:
        mock = Watched(LONG)
        planner = Planner(mock)
        long = asyncio.create_task(_ask(planner, "a", stream=True))
        await asyncio.to_thread(mock.reached.wait, 10)
        behind = asyncio.create_task(_ask(planner, "a"))
        again = asyncio.create_task(_ask(planner, "a", stream=True))
        assert (await _ask(planner, "b")).rule == "short"
        assert mock.threads == [("b", True)]
        assert not behind.done()
        mock.go_on.set()
        assert [(await one).rule for one in (long, behind, again)] == ["rule 1", "short", "rule 1"]
        assert mock.threads[1:] == [("a", False), ("a", True), ("a", False)]
        await _ask(planner, "a")
        assert mock.threads[-1] == ("a", True)
        assert not planner._busy

    asyncio.run(run())


def test_answers_are_the_same_wherever_they_are_planned() -> None:
    request, address = asked(stream=True)
    planned = Mock([load_text(LONG)], clock=lambda: 0.0)
    at_once = planned.answer(request, address, planned.sessions.get(DEFAULT_SESSION))
    other = Mock([load_text(LONG)], clock=lambda: 0.0)
    in_thread = asyncio.run(_ask(Planner(other), stream=True))
    assert in_thread.plan.data == at_once.plan.data


def test_what_is_learnt_of_a_long_answer_is_recalled() -> None:
    mock = Mock([load_text(LONG)])
    planner = Planner(mock)
    request, address = asked(stream=True)

    async def run() -> None:
        for _ in range(2):
            await planner.plan(request, address, mock.sessions.get(DEFAULT_SESSION), "key")

    asyncio.run(run())
    recalled = mock.recall("key")
    assert recalled is not None
    assert recalled[1].rule == "rule 1"


def test_an_unknown_scenario_is_told(caplog: pytest.LogCaptureFixture) -> None:
    planner = Planner(Mock())
    answer = asyncio.run(_ask(planner, model="mockoai/no-such"))
    assert answer.plan.status == 404
    assert caplog.records == []


# --- defects ----------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """No rule's answer can be built."""

    def fail(*arguments: Any) -> Any:
        if len(arguments) < 4:
            raise RuntimeError("boom")
        return build(*arguments)

    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(mockoai.mock, "build", fail)


@pytest.mark.usefixtures("broken")
def test_a_defect_keeps_the_scenario_and_the_rule() -> None:
    planner = Planner(Mock([load_text(COUNTED)]))
    answers = [asyncio.run(_ask(planner)) for _ in range(4)]
    assert [(one.scenario, one.rule) for one in answers] == [
        ("counted", "first"),
        ("counted", "rule 2"),
        ("counted", "others"),
        ("counted", "others"),
    ]
    assert {one.plan.status for one in answers} == {500}
    assert b'"code": "internal"' in answers[0].plan.data


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("text", ["id: s\nrules: [{ when: { chance: 0.5 } }, { name: b }]"])
def test_a_rule_that_was_drawn_is_not_guessed(text: str) -> None:
    answer = asyncio.run(_ask(Planner(Mock([load_text(text)]))))
    assert (answer.scenario, answer.rule) == ("s", "")


def test_a_defect_in_choosing_is_an_answer_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mock = Mock([load_text(LONG)])

    def fail(*arguments: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(mock, "answer", fail)
    monkeypatch.setattr(
        mock, "imitated", lambda scenario: fail() if scenario.id == "long" else Mock().imitated(scenario)
    )
    answer = asyncio.run(_ask(Planner(mock)))
    assert (answer.plan.status, answer.scenario, answer.rule) == (500, "", "")
    assert "no plan could be made" in caplog.text


# --- sessions that were forgotten ---------------------------------------------------------------------------------


def _pushed_out(text: str, prepare: Callable[[Session], None]) -> Planner:
    """Return a planner whose session ``a`` was prepared, and then had to make room."""
    mock = Mock([load_text(text)])
    mock.sessions = Sessions(limit=2)
    prepare(mock.sessions.get("a"))
    for other in ("b", "c"):
        mock.sessions.get(other)
    assert mock.sessions.find("a") is None
    return Planner(mock)


def _given(session: Session) -> None:
    session.scenario = load_text("id: own")


def test_a_session_that_lost_its_scenario_is_not_answered_as_if_it_had_none() -> None:
    planner = _pushed_out(LONG, _given)
    answer = asyncio.run(_ask(planner, "a"))
    assert answer.plan.status == 404
    assert b'"code": "session-forgotten"' in answer.plan.data
    assert "Session `a` had a scenario of its own, which it lost" in answer.near
    assert "PUT /_mockoai/scenario?session=a" in answer.near
    assert (answer.scenario, answer.rule) == ("", "")
    _given(planner.mock.sessions.get("a"))
    assert asyncio.run(_ask(planner, "a")).scenario == "own"


def test_a_session_that_lost_its_counts_is_not_answered_as_if_it_had_none() -> None:
    planner = _pushed_out(COUNTED, lambda session: session.counters.update({"counted": {0: 1}}))
    assert "POST /_mockoai/reset?session=a" in asyncio.run(_ask(planner, "a")).near
    planner.mock.sessions.reset("a")
    assert asyncio.run(_ask(planner, "a")).rule == "first"


def test_a_request_that_names_its_scenario_is_answered_all_the_same() -> None:
    planner = _pushed_out(LONG, _given)
    for path, model in ((f"/scenario/long{PATH}", "gpt-4o"), (PATH, "mockoai/long")):
        assert asyncio.run(_ask(planner, "a", path=path, model=model)).scenario == "long"


def test_a_session_that_had_nothing_lost_nothing() -> None:
    planner = _pushed_out(LONG, lambda session: None)
    assert asyncio.run(_ask(planner, "a")).rule == "short"
