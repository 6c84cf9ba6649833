"""Sessions without pytest: opened on a server, checked when they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

import mockoai
from mockoai.errors import UsageError
from mockoai.server.lifecycle import Server
from mockoai.testing.checks import CheckError
from tests.support.sockets import Client, chat, exchange


@pytest.fixture
def server() -> Iterator[Server]:
    with mockoai.Server() as server:
        yield server


def ask(server: Server, session: str, **fields: object) -> bytes:
    request = chat(**fields).replace(b"POST /v1", f"POST /session/{session}/v1".encode())
    return exchange(server.port, request, until=b"}").data


def test_a_server_without_arguments_is_healthy_and_takes_a_free_port(server: Server) -> None:
    assert server.port
    assert b"200 OK" in exchange(server.port, chat(), until=b"}").data


def test_sessions_are_numbered_or_named_and_never_opened_twice(server: Server) -> None:
    assert [server.session().id for _ in range(2)] == ["session-1", "session-2"]
    assert server.session("mine").url == f"{server.origin}/session/mine/v1"
    for id, code in (("mine", "session-exists"), ("a/b", "bad-session"), ("x" * 201, "bad-session")):
        with pytest.raises(UsageError) as caught:
            server.session(id)
        assert caught.value.code == code


def test_a_session_is_checked_when_it_ends(server: Server) -> None:
    session = server.session("mine")
    session.rule(name="never", reply="x", when={"stream": True})
    with pytest.raises(CheckError) as caught, session:
        ask(server, "mine")
    assert [one.code for one in caught.value.problems] == ["unmatched-request", "unused-rule"]
    assert b"session_over" in ask(server, "mine")
    (late,) = session.late()
    assert late.code == "late-request"
    assert len(session.requests) == 1


def test_an_error_of_the_block_is_not_hidden(server: Server) -> None:
    session = server.session()
    session.use("done-missing")
    with pytest.raises(ZeroDivisionError), session:
        1 / 0  # noqa: B018
    with pytest.raises(ValueError, match="unseen"), server.session() as session, session.call():
        raise ValueError("unseen")


def test_nothing_to_use_is_a_mistake(server: Server) -> None:
    with pytest.raises(UsageError, match="nothing to use"):
        server.session().use()


def test_thirty_two_threads_set_and_ask_in_sessions_of_their_own(server: Server) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        try:
            with server.session(f"s{number}") as session:
                for turn in range(5):
                    session.use(rules=[{"when": {"call": 1}, "reply": f"first {number} {turn}"}, {"reply": "later"}])
                    answers = [ask(server, f"s{number}") for _ in range(2)]
                    if f"first {number} {turn}".encode() not in answers[0] or b"later" not in answers[1]:
                        wrong.append(repr(answers))
                if len(session.requests) != 10:
                    wrong.append(f"{len(session.requests)} requests")
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_scenario_changes_between_requests_and_not_within_one(server: Server) -> None:
    """A rule with `call: 1` answers once after each `use`, however many requests are under way."""
    stop = threading.Event()
    seen: list[bytes] = []

    def keep_asking() -> None:
        with Client(server.port) as client:
            while not stop.is_set():
                request = chat().replace(b"POST /v1", b"POST /session/busy/v1")
                client.send(request)
                seen.append(client.receive(until=b"}\n").data)

    with server.session("busy") as session:
        thread = threading.Thread(target=keep_asking)
        thread.start()
        for _ in range(50):
            session.use(rules=[{"when": {"call": 1}, "reply": "the first"}, {"reply": "another"}])
            before = len(session.requests)
            session.wait_for(before + 3)
        stop.set()
        thread.join()
    exchanges = session.exchanges
    by_stage: dict[int, int] = {}
    for one in exchanges:
        stage = session.record.stages[one.number]
        by_stage[stage] = by_stage.get(stage, 0) + (one.rule == "rule 1")
    assert set(by_stage.values()) == {1}


def test_the_servers_time_does_not_stop_with_that_of_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = time.monotonic()
    with mockoai.Server() as server, server.session("timed") as session:
        monkeypatch.setattr(time, "monotonic", lambda: stopped)
        session.rule(reply="one two three", timing={"first_token": "20ms", "between_tokens": "10ms"})
        with Client(server.port) as client:
            client.send(chat(stream=True).replace(b"POST /v1", b"POST /session/timed/v1"))
            assert b"[DONE]" in client.receive(until=b"0\r\n\r\n").data
        assert session.exchanges[0].delivery.ended >= 0.03
