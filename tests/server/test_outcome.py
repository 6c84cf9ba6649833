"""``POST /_mockoai/outcome`` and ``GET /_mockoai/verdict``, over a socket."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mockoai.server.lifecycle import Server
from mockoai.server.outcome import FIELDS, KINDS
from tests.server.conftest import Serve
from tests.support.sockets import Client, Received, chat, request

CUT = """
id: cut
rules:
  - name: cut
    when: { stream: true }
    reply: { text: The harbour is behind the church. }
    faults:
      - fin-mid-chunked: { after: 2 tokens }
  - name: everything else
    reply: { error: { status: 503 } }
"""


def tell(server: Server, body: Any) -> Received:
    with Client(server.port) as client:
        return client.ask(request("POST", "/_mockoai/outcome", body))


def told(server: Server, **body: Any) -> dict[str, Any]:
    received = tell(server, body)
    assert received.status == 201, received.data
    out = received.json()
    assert isinstance(out, dict)
    return out


def refused(server: Server, body: Any) -> tuple[int, str, str]:
    received = tell(server, body)
    error = received.json()["error"]
    return received.status, error["code"], f"{error['message']} {error['help']}"


def verdict(server: Server, query: str = "") -> dict[str, Any]:
    with Client(server.port) as client:
        received = client.ask(request("GET", f"/_mockoai/verdict{query}"))
    assert received.status == 200, received.data
    out = received.json()
    assert isinstance(out, dict)
    return out


def asked(server: Server, session: str = "", *, stream: bool = True) -> None:
    path = f"/session/{session}/v1/chat/completions" if session else "/v1/chat/completions"
    with Client(server.port) as client:
        client.send(chat(path=path, stream=stream))
        client.receive(until=b"0\r\n\r\n" if session == "a" else None)


@pytest.fixture
def cutting(serve: Serve) -> Server:
    return serve(CUT)


def codes(found: dict[str, Any]) -> list[str]:
    return [one["code"] for one in found["findings"]]


def test_an_outcome_decides_what_the_journal_leaves_open(cutting: Server) -> None:
    asked(cutting, "a")
    assert (verdict(cutting, "?session=a")["grade"], codes(verdict(cutting))) == ("INCONCLUSIVE", ["outcome-missing"])
    kept = told(cutting, session="a", outcome="returned", text="The harbour")
    assert (kept["session"], kept["outcome"], kept["assumed"]) == ("a", "returned", True)
    found = verdict(cutting, "?session=a")
    assert (found["grade"], codes(found)) == ("FAILED", ["truncated-answer-accepted"])
    asked(cutting, "b")
    told(cutting, session="b", outcome="raised", error="ConnectionError")
    assert verdict(cutting, "?session=b")["grade"] == "OK"
    assert verdict(cutting)["counts"]["calls"] == 2


def test_without_a_start_an_outcome_is_about_what_came_since_the_last(cutting: Server) -> None:
    asked(cutting)
    first = told(cutting, outcome="raised")
    asked(cutting)
    second = told(cutting, outcome="returned")
    assert (first["started"], second["started"]) == (0.0, first["ended"])
    found = verdict(cutting)
    assert [one["outcome"]["outcome"] for one in found["calls"]] == ["raised", "returned"]


def test_with_a_start_or_with_exchanges_nothing_is_assumed(cutting: Server) -> None:
    start = time.time()
    asked(cutting)
    assert told(cutting, outcome="raised", started=start)["assumed"] is False
    time.sleep(0.01)  # further than the moments of one machine may differ
    asked(cutting)
    assert told(cutting, outcome="returned", exchanges=[2])["assumed"] is False
    assert [one["outcome"]["outcome"] for one in verdict(cutting)["calls"]] == ["raised", "returned"]


def test_which_exchanges_an_outcome_is_about_is_answered(cutting: Server) -> None:
    start = time.time()
    asked(cutting, "a")
    asked(cutting, "b")
    assert told(cutting, session="b", outcome="raised", started=start)["about"] == [2]
    assert told(cutting, session="a", outcome="raised", started=start + 60, ended=start + 61)["about"] == []


def test_moments_in_whole_seconds_are_of_the_whole_second(cutting: Server) -> None:
    start = int(time.time())
    asked(cutting)
    kept = told(cutting, outcome="raised", started=start, ended=int(time.time()))
    assert kept["about"] == [1]
    assert kept["ended"] <= time.time()


def test_a_command_is_about_many_calls_unless_it_says_otherwise(cutting: Server) -> None:
    assert told(cutting, outcome="exited", exit_code=0)["single"] is False
    assert told(cutting, outcome="exited", exit_code=0, single=True)["single"] is True


def test_everything_that_is_told_is_kept(cutting: Server) -> None:
    asked(cutting)
    asked(cutting)
    body = {
        "session": "default",
        "outcome": "exited",
        "started": 1.5,
        "ended": 2.5,
        "exchanges": [1, 2],
        "single": True,
        "noticed": False,
        "error": "E",
        "message": "m",
        "text": "t",
        "partial": "p",
        "stdout": "o",
        "stderr": "e",
        "label": "l",
        "exit_code": -9,
    }
    assert set(body) == set(FIELDS)
    assert told(cutting, **body) == body | {"assumed": False, "about": [1, 2]}
    assert told(cutting, outcome="raised", error=None)["error"] == ""


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ({}, 400, "bad-outcome", "is missing"),
        ({"outcome": "raise"}, 400, "bad-outcome", "Did you mean `raised`?"),
        ({"outcome": 7}, 400, "bad-outcome", ", ".join(KINDS)),
        ({"outcome": "raised", "erorr": "x"}, 400, "bad-json", "Did you mean `error`?"),
        ({"outcome": "raised", "error": 7}, 400, "bad-outcome", "a text"),
        ({"outcome": "raised", "started": "now"}, 400, "bad-outcome", "seconds since 1970"),
        ({"outcome": "raised", "ended": -1}, 400, "bad-outcome", "seconds since 1970"),
        ({"outcome": "raised", "noticed": 1}, 400, "bad-outcome", "true or false"),
        ({"outcome": "raised", "exchanges": ["1"]}, 400, "bad-outcome", "numbers of exchanges"),
        ({"outcome": "raised", "exchanges": [True]}, 400, "bad-outcome", "numbers of exchanges"),
        ({"outcome": "exited", "exit_code": 1.5}, 400, "bad-outcome", "whole number"),
        ({"outcome": "raised", "session": "nobody"}, 404, "unknown-session", "nobody"),
        ([], 400, "bad-json", "object"),
        (b"", 400, "bad-json", '{"session": "test-17", "outcome": "raised"'),
        ({"outcome": "raised", "ended": 1_767_225_600_000}, 400, "bad-outcome", "milliseconds: divide it by 1000"),
        ({"outcome": "raised", "started": 20, "ended": 10}, 400, "bad-outcome", "later than `ended`"),
        ({"outcome": "raised", "exchanges": [7]}, 400, "bad-outcome", "has no exchange 7"),
    ],
    ids=str,
)
def test_mistakes_are_told(cutting: Server, body: Any, status: int, code: str, said: str) -> None:
    found = refused(cutting, body)
    assert found[:2] == (status, code)
    assert said in found[2]
    assert not len(cutting.mock.outcomes)


def test_before_any_request_nothing_was_tested(cutting: Server) -> None:
    found = verdict(cutting)
    assert (found["grade"], found["exit_code"], codes(found)) == ("NOT TESTED", 5, ["not-tested"])
    assert found["findings"][0]["scenario"] == "cut"
    assert verdict(cutting, "?session=nobody")["grade"] == "NOT TESTED"


def test_the_scenarios_that_were_asked_for_are_those_of_requests_and_sessions(serve: Serve) -> None:
    server = serve(CUT)
    with Client(server.port) as client:
        body = {"yaml": "id: own\nrules: [{ faults: [sse-crlf] }]\nexpect: [{ calls: 3 }]"}
        assert client.ask(request("PUT", "/_mockoai/scenario?session=a", body)).status == 200
    assert [one["scenario"] for one in verdict(server, "?session=a")["findings"]][-1] == "own"
    asked(server, "a")
    told(server, session="a", outcome="returned")
    found = verdict(server, "?session=a")
    assert found["counts"]["exchanges"] == 1
    assert [(one["scenario"], one["met"]) for one in found["expectations"]] == [("own", False)]
    with Client(server.port) as client:
        client.ask(chat(path="/session/b/scenario/done-missing/v1/chat/completions", stream=True))
    told(server, session="b", outcome="returned")
    assert verdict(server, "?session=b")["grade"] == "OK"


def test_a_scenario_that_was_replaced_is_asked_for_no_more(serve: Serve) -> None:
    server = serve(CUT)
    with Client(server.port) as client:
        for id in ("first", "second"):
            body = {"yaml": f"id: {id}\nrules: [{{ faults: [sse-crlf] }}]\nexpect: [{{ calls: 9 }}]"}
            client.ask(request("PUT", "/_mockoai/scenario?session=a", body))
            client.ask(chat(path="/session/a/v1/chat/completions", stream=True))
    assert [one["scenario"] for one in verdict(server, "?session=a")["expectations"]] == ["second"]


def test_a_reset_forgets_outcomes_too(cutting: Server) -> None:
    asked(cutting, "a")
    told(cutting, session="a", outcome="returned")
    told(cutting, outcome="returned")
    with Client(cutting.port) as client:
        assert client.ask(request("POST", "/_mockoai/reset?session=a")).status == 200
    assert [one.session for one in cutting.mock.outcomes] == ["default"]
    with Client(cutting.port) as client:
        assert client.ask(request("DELETE", "/_mockoai/sessions/a")).status == 200
        assert client.ask(request("POST", "/_mockoai/reset")).status == 200
    assert not len(cutting.mock.outcomes)
