"""The control API, over a socket: what it shows, what it changes, what it says to mistakes."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest

import mockoai
from mockoai.server.asgi import CONTROL, METRICS
from mockoai.server.codes import HELP
from mockoai.server.control import MAX_BODY, Control
from mockoai.server.lifecycle import Server
from tests.server.conftest import Serve
from tests.support.scenarios import ECHO, ENDLESS, ONCE
from tests.support.sockets import Client, Received, chat, exchange, request

CUT = """
id: cut
title: Cut after two tokens
rules:
  - name: cut
    when: { stream: true }
    reply: { text: "one two three", tokens: ["one", " two", " three"] }
    faults:
      - fin-mid-chunked: { after: 2 tokens }
  - name: too far
    when: { endpoint: completions }
    faults:
      - rst-mid-stream: { after: 900 tokens }
  - name: everything else
"""
INVALID = "id: broken\nrules:\n  - fautls: [noop]\n"


class Api:
    """The control API of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Received:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        with Client(self.server.port) as client:
            return client.ask(request(method, CONTROL + path, body, headers=fields))

    def get(self, path: str) -> Any:
        received = self.ask("GET", path)
        assert received.status == 200, received.data
        assert received.header("content-type") == "application/json"
        return received.json()

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, str, str]:
        received = self.ask(method, path, body)
        error = received.json()["error"]
        assert error["code"] in HELP or error["code"] in ("unknown-scenario", "unknown-key"), error["code"]
        return received.status, error["code"], error["message"], error["help"]


@pytest.fixture
def api(serve: Serve) -> Api:
    return Api(serve(CUT, ECHO))


def _say(server: Server, data: bytes) -> Received:
    with Client(server.port) as client:
        return client.ask(data)


# --- the door ---------------------------------------------------------------------------------------------


def _routes(server: Server) -> list[tuple[str, str]]:
    table = Control(server.mock, server.security, server.metrics).table
    paths = [(method, CONTROL + path.format(id="default", number=1)) for path, by, _ in table for method in by]
    return [*paths, ("GET", METRICS), ("GET", CONTROL), ("GET", CONTROL + "/nothing"), ("PATCH", CONTROL + "/reset")]


def test_every_route_needs_the_token_once_others_can_reach_it(serve: Serve) -> None:
    server = serve(host="0.0.0.0", admin_token="open-sesame")
    _say(server, chat())
    routes = _routes(server)
    assert len(routes) > 15
    for method, path in routes:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"x-mockoai-token": "open-sesam"}):
            received = _say(server, request(method, path, headers=headers))
            assert received.status == 401, (method, path)
            assert received.header("www-authenticate") == 'Bearer realm="mockoai control API"'
            assert b"default" not in received.body
    assert server.mock.journal.total == 1
    assert server.mock.sessions.find("default") is not None
    for method, path in routes:
        with Client(server.port) as client:
            client.send(request(method, path, headers={"x-mockoai-token": "open-sesame"}))
            assert client.receive(until=b"\r\n\r\n").status in (200, 400, 404, 405), (method, path)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil", "127.0.0.1.evil:8000", ""])
def test_every_route_refuses_a_strange_host(server: Server, host: str) -> None:
    for method, path in _routes(server):
        received = _say(server, request(method, path, headers={"host": host}))
        assert received.status == 421, (method, path)
        assert received.json()["error"]["code"] == "host-refused"


def test_no_host_at_all_is_refused(server: Server) -> None:
    assert _say(server, b"GET /_mockoai/ HTTP/1.1\r\n\r\n").status == 400
    assert _say(server, b"GET /_mockoai/ HTTP/1.0\r\n\r\n").status == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:{port}", "[::1]"])
def test_local_hosts_are_welcome(server: Server, host: str) -> None:
    assert _say(server, request("GET", CONTROL, headers={"host": host.format(port=server.port)})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_others_are_refused_and_get_no_permission(server: Server, headers: dict[str, str]) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        received = _say(server, request(method, CONTROL + "/reset", headers=headers))
        assert received.status == 403
        assert b"access-control" not in received.data.lower()


def test_health_is_open_and_the_mocked_api_answers_any_host(serve: Serve) -> None:
    server = serve(host="0.0.0.0", admin_token="open-sesame", keys=("sk-x",))
    strange = {"host": "mock.internal", "origin": "https://app.example"}
    health = _say(server, request("GET", "/health", headers=strange))
    assert health.status == 200
    assert _say(server, request("GET", "/v1/models", headers={**strange, "authorization": "Bearer sk-x"})).status == 200


def test_answers_are_not_kept_and_not_sniffed(api: Api) -> None:
    for path in ("/", "/nothing", "/exchanges?x=1"):
        received = api.ask("GET", path)
        assert received.header("cache-control") == "no-store"
        assert received.header("x-content-type-options") == "nosniff"
        assert received.header("date")


def test_health_tells_what_a_probe_wants_to_know(serve: Serve) -> None:
    server = serve(CUT, keys=("sk-x",))
    with Client(server.port) as client:
        health = client.ask(request("GET", "/health")).json()
        assert health.pop("uptime") >= 0
        assert health == {
            "status": "ok",
            "version": mockoai.__version__,
            "sessions": 0,
            "exchanges": 0,
            "scenario": "cut",
            "credentials": "configured",
        }
        assert client.ask(request("POST", "/health", {})).status == 405
    received = exchange(server.port, request("HEAD", "/health", headers={"connection": "close"}))
    assert (received.status, received.body) == (200, b"")


# --- scenarios and sessions -------------------------------------------------------------------------------


def test_the_index_lists_every_route(api: Api) -> None:
    index = api.get("/")
    assert index["name"] == "mockoai"
    listed = {(method, one["path"]) for one in index["routes"] for method in one["methods"]}
    assert ("PUT", "/_mockoai/scenario") in listed
    assert ("GET", "/metrics") in listed
    for method, path in listed:
        if method == "GET" and "{" not in path and not path.endswith("/live"):
            assert _say(api.server, request("GET", path)).status == 200, path


def test_a_session_has_the_servers_scenario_until_it_is_given_one(api: Api) -> None:
    before = api.get("/scenario?session=a")
    assert (before["from"], before["scenario"]["id"]) == ("server", "cut")
    assert before["scenario"]["rules"] == ["cut", "too far", "everything else"]
    after = api.ask("PUT", "/scenario?session=a", {"scenario": "echo"}).json()
    assert (after["session"], after["from"], after["scenario"]["id"]) == ("a", "session", "echo")
    assert b"parrot" in _say(api.server, chat("parrot", path="/session/a/v1/chat/completions")).body
    assert b"parrot" not in _say(api.server, chat("parrot", path="/session/b/v1/chat/completions")).body
    assert api.ask("DELETE", "/scenario?session=a").json()["scenario"]["id"] == "cut"
    assert b"parrot" not in _say(api.server, chat("parrot", path="/session/a/v1/chat/completions")).body


def test_without_a_session_the_default_one_is_meant(api: Api) -> None:
    assert api.ask("PUT", "/scenario", {"scenario": "done-missing"}).json()["session"] == "default"
    assert api.get("/scenario")["scenario"]["id"] == "done-missing"
    assert b"[DONE]" not in exchange(api.server.port, chat(stream=True), until=b"0\r\n\r\n").data


def test_a_session_that_lost_its_scenario_says_so(api: Api) -> None:
    api.ask("PUT", "/scenario?session=a", {"scenario": "done-missing"})
    api.server.mock.sessions._limit = 1
    for other in ("b", "c"):
        api.ask("PUT", f"/scenario?session={other}", {"scenario": "done-missing"})
    assert api.get("/scenario?session=a")["lost"] == "scenario"
    api.ask("PUT", "/scenario?session=a", {"scenario": "sse-crlf"})
    assert "lost" not in api.get("/scenario?session=a")


def test_a_scenario_can_be_sent_as_yaml(api: Api) -> None:
    assert api.ask("PUT", "/scenario", {"yaml": ECHO}).status == 200
    assert b"parrot" in _say(api.server, chat("parrot")).body


def test_a_scenario_set_anew_counts_its_calls_anew(api: Api) -> None:
    for _ in range(2):
        assert api.ask("PUT", "/scenario", {"yaml": ONCE}).status == 200
        assert [b"the first" in _say(api.server, chat()).body for _ in range(3)] == [True, False, False]


def test_an_unknown_scenario_is_a_404_with_a_suggestion(api: Api) -> None:
    status, code, message, help = api.refused("PUT", "/scenario", {"scenario": "done-mising"})
    assert (status, code) == (404, "unknown-scenario")
    assert "done-mising" in message
    assert "did you mean `done-missing`?" in help
    assert api.refused("PUT", "/scenario", {"scenario": "/etc/passwd"})[0] == 404
    assert api.get("/scenario")["from"] == "server"


def test_a_mistake_in_yaml_is_shown_with_its_place(api: Api) -> None:
    received = api.ask("PUT", "/scenario", {"yaml": INVALID})
    error = received.json()["error"]
    assert (received.status, error["code"]) == (422, "unknown-key")
    assert "--> <request>:3:5" in error["text"]
    assert "did you mean `faults`?" in error["text"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad-json"),
        (b"", "bad-json"),
        (b"[]", "bad-json"),
        (b"{}", "bad-json"),
        (b'{"scenario": 3}', "bad-json"),
        (b'{"scenario": "cut", "yaml": "id: x"}', "bad-json"),
        (b'{"scenaro": "cut"}', "bad-json"),
        (b"x" * (MAX_BODY + 1), "body-too-large"),
    ],
)
def test_bodies_that_are_not_understood(api: Api, body: bytes, code: str) -> None:
    status, found, message, help = api.refused("PUT", "/scenario", body)
    assert (status, found) == (413 if code == "body-too-large" else 400, code)
    assert message
    assert help


def test_sessions_are_listed_with_what_they_counted(api: Api) -> None:
    for path in ("/session/a/v1/chat/completions", "/session/a/v1/chat/completions", "/v1/chat/completions"):
        api.ask("PUT", "/scenario?session=a", {"scenario": "echo"})
        _say(api.server, chat(path=path))
    api.ask("PUT", "/scenario?session=once", {"yaml": ONCE})
    for _ in range(3):
        _say(api.server, chat(path="/session/once/v1/chat/completions"))
    found = {one["session"]: one for one in api.get("/sessions")["sessions"]}
    assert {id: (one["from"], one["exchanges"]) for id, one in found.items()} == {
        "a": ("session", 2),
        "default": ("server", 1),
        "once": ("session", 3),
    }
    assert found["once"]["counters"]["once"]["first"] == 3
    assert api.get("/sessions/once") == found["once"]


def test_a_session_can_be_forgotten(api: Api) -> None:
    api.ask("PUT", "/scenario?session=a", {"scenario": "echo"})
    _say(api.server, chat(path="/session/a/v1/chat/completions"))
    _say(api.server, chat())
    assert api.ask("DELETE", "/sessions/a").json() == {"deleted": "a", "exchanges": 1}
    assert api.get("/exchanges")["total"] == 1
    assert api.get("/scenario?session=a")["from"] == "server"
    status, code, _, help = api.refused("DELETE", "/sessions/a")
    assert (status, code) == (404, "unknown-session")
    assert api.refused("GET", "/sessions/defualt")[3] == "Did you mean `default`?"
    assert help


def test_reset_forgets_counts_and_exchanges_but_not_scenarios(api: Api) -> None:
    for session in ("a", "b"):
        api.ask("PUT", f"/scenario?session={session}", {"yaml": ONCE})
        _say(api.server, chat(path=f"/session/{session}/v1/chat/completions"))
    assert api.ask("POST", "/reset?session=a").json() == {"session": "a", "exchanges": 1}
    first = [
        b"the first" in _say(api.server, chat(path=f"/session/{session}/v1/chat/completions")).body
        for session in ("a", "b")
    ]
    assert first == [True, False]
    assert api.ask("POST", "/reset").json() == {"session": None, "exchanges": 3}
    assert api.get("/exchanges")["exchanges"] == []
    assert b"the first" in _say(api.server, chat(path="/session/b/v1/chat/completions")).body
    assert api.ask("POST", "/reset?session=unheard-of").json()["exchanges"] == 0
    assert "unheard-of" not in api.server.mock.sessions.ids()


def test_all_scenarios_are_listed(api: Api) -> None:
    listed = api.get("/scenarios")
    assert listed["server"] == "cut"
    by_id = {one["id"]: one for one in listed["scenarios"]}
    assert by_id["cut"] == {"id": "cut", "category": None, "title": "Cut after two tokens", "given": True}
    assert by_id["done-missing"] == {"id": "done-missing", "category": "sse", "given": False}


# --- exchanges --------------------------------------------------------------------------------------------


def test_an_exchange_is_shown_whole(api: Api) -> None:
    received = exchange(api.server.port, chat("weather", stream=True))
    assert received.ending == "fin"
    shown = api.get("/exchanges/1")
    assert (shown["scenario"], shown["rule"], shown["endpoint"], shown["model"]) == ("cut", "cut", "chat", "gpt-4o")
    assert shown["ending"] | {"at": 0} == {"planned": "fin", "actual": "fin", "at": 0}
    assert shown["client"] == {"left_early": False, "at": None}
    assert shown["connection"]["reused"] is False
    assert "weather" in shown["request"]["body"]["text"]
    assert ["content-type", "application/json"] in shown["request"]["headers"]
    steps = shown["plan"]["steps"]
    assert "".join(step.get("text", "") for step in steps).encode() == received.data
    assert shown["sent"] == {"bytes": len(received.data), "steps": len(steps), "of_steps": len(steps)}
    assert all(step["sent"] >= 0 for step in steps)
    assert steps[-1]["how"] == "fin"
    assert steps[-1]["faults"] == ["fin-mid-chunked"]
    [fault] = shown["faults"]
    assert (fault["id"], fault["fired"], fault["delivered"]) == ("fin-mid-chunked", True, True)


def test_a_client_that_left_early_is_told(serve: Serve, eventually: Callable[[Callable[[], bool]], None]) -> None:
    api = Api(serve(ENDLESS))
    with Client(api.server.port) as client:
        client.send(chat(stream=True))
        client.receive(until=b"one")
        under_way = api.get("/exchanges/1")
        assert under_way["ending"] == {"planned": "clean", "actual": None, "at": None}
        assert under_way["finished"] is False
        assert api.get("/exchanges?finished=false")["total"] == 1
    eventually(lambda: bool(api.get("/exchanges/1")["finished"]))
    shown = api.get("/exchanges/1")
    assert shown["ending"]["actual"] == "client-left"
    assert shown["client"]["left_early"] is True
    assert shown["client"]["at"] == shown["ending"]["at"] > 0
    assert [step["sent"] is None for step in shown["plan"]["steps"]][-1] is True
    assert shown["sent"]["steps"] < shown["sent"]["of_steps"]


def test_bytes_that_are_no_text_are_shown_in_base64(api: Api) -> None:
    _say(api.server, request("POST", "/v1/chat/completions", b"\xff\xfe{"))
    body = api.get("/exchanges/1")["request"]["body"]
    assert body == {"bytes": 3, "kept": 3, "base64": base64.b64encode(b"\xff\xfe{").decode()}


def test_exchanges_are_filtered_and_paged(api: Api) -> None:
    port = api.server.port
    exchange(port, chat(stream=True))
    _say(api.server, chat())
    _say(api.server, chat(path="/session/a/v1/chat/completions"))
    completion = request("POST", "/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "x"})
    _say(api.server, completion)
    _say(api.server, request("GET", "/v1/nothing"))

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in api.get(f"/exchanges?{query}")["exchanges"]]

    assert numbers("") == [1, 2, 3, 4, 5]
    assert numbers("order=newest") == [5, 4, 3, 2, 1]
    assert numbers("session=a") == [3]
    assert numbers("endpoint=completions") == [4]
    assert numbers("status=404") == [5]
    assert numbers("rule=cut") == [1]
    assert numbers("scenario=cut&endpoint=chat") == [1, 2, 3]
    assert numbers("fault=rst-mid-stream") == [4]
    assert numbers("delivered=true") == [1]
    assert numbers("delivered=false") == [4]
    assert numbers("fault=fin-mid-chunked&delivered=false") == []
    assert numbers("since=3") == [4, 5]
    assert numbers("after=1&before=4") == [2, 3]
    assert numbers("finished=false") == []
    page = api.get("/exchanges?limit=2")
    assert (page["total"], page["next"]) == (5, {"after": 2})
    assert numbers("limit=2&after=2") == [3, 4]
    page = api.get("/exchanges?limit=2&order=newest&before=4")
    assert ([one["number"] for one in page["exchanges"]], page["next"]) == ([3, 2], {"before": 2})
    assert api.get("/exchanges?limit=5")["next"] is None


def test_what_was_no_request_is_listed(server: Server) -> None:
    exchange(server.port, b"GET /v1/models HTTP/1.1\r\n\r\n")
    told = _say(server, request("GET", f"{CONTROL}/refused")).json()
    (refused,) = told.pop("refused")
    assert told == {"total": 1}
    assert refused.pop("received") > 0
    assert refused.pop("connection") > 0
    assert refused == {"status": 400, "why": "The request has no Host (RFC 9112, section 3.2)."}


def test_faults_are_added_up_with_why_they_did_not_reach_the_client(api: Api) -> None:
    exchange(api.server.port, chat(stream=True))
    exchange(api.server.port, chat(stream=True, path="/session/a/v1/chat/completions"))
    _say(api.server, request("POST", "/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "x"}))
    cut, reset = api.get("/faults")["faults"]
    assert (cut["fault"], cut["planned"], cut["fired"], cut["delivered"]) == ("fin-mid-chunked", 2, 2, 2)
    assert (reset["fault"], reset["planned"], reset["fired"], reset["not_delivered"]) == ("rst-mid-stream", 1, 0, 1)
    assert reset["reasons"][0]["count"] == 1
    assert reset["reasons"][0]["why"]
    assert reset["missed"] == [3]
    assert [one["fault"] for one in api.get("/faults?session=a")["faults"]] == ["fin-mid-chunked"]


# --- mistakes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "help"),
    [
        ("GET", "/exchange", 404, "unknown-route", "Did you mean `/_mockoai/exchanges`?"),
        ("GET", "/a/b/c/d", 404, "unknown-route", "`GET /_mockoai/` lists the routes."),
        ("POST", "/exchanges", 405, "method-not-allowed", "Use GET, HEAD."),
        ("DELETE", "/reset", 405, "method-not-allowed", "Use POST."),
        ("GET", "/exchanges?sesion=a", 400, "unknown-parameter", "Did you mean `session`?"),
        ("GET", "/sessions?x=1", 400, "unknown-parameter", "It takes none."),
        ("GET", "/scenario?zzz=1", 400, "unknown-parameter", "It takes session."),
        ("GET", "/exchanges?limit=0", 400, "bad-parameter", "Ask for several pages."),
        ("GET", "/exchanges?limit=1001", 400, "bad-parameter", "Ask for several pages."),
        ("GET", "/exchanges?limit=-1", 400, "bad-parameter", "For example `limit=10`."),
        ("GET", "/exchanges?status=ok", 400, "bad-parameter", "For example `status=10`."),
        ("GET", "/exchanges?since=99999999999999999999", 400, "bad-parameter", "For example `since=10`."),
        ("GET", "/exchanges?delivered=yes", 400, "bad-parameter", "It is one of true, false."),
        ("GET", "/exchanges?order=newst", 400, "bad-parameter", "Did you mean `newest`?"),
        ("GET", "/exchanges?status=200&status=201", 400, "bad-parameter", "Give it once."),
        ("GET", "/exchanges/7", 404, "unknown-exchange", "`GET /_mockoai/exchanges?order=newest` lists"),
        ("GET", "/exchanges/seven", 404, "unknown-exchange", "`GET /_mockoai/exchanges?order=newest` lists"),
        ("GET", "/live?sesion=a", 400, "unknown-parameter", "Did you mean `session`?"),
    ],
)
def test_mistakes_are_told_with_what_to_do(api: Api, method: str, path: str, status: int, code: str, help: str) -> None:
    found = api.refused(method, path)
    assert found[:2] == (status, code)
    assert found[2]
    assert help in found[3]


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    assert (api.ask("PATCH", "/scenario").header("allow") or "").split(", ") == ["DELETE", "GET", "HEAD", "PUT"]


def test_paths_that_only_look_like_ours_belong_to_the_mocked_api(api: Api) -> None:
    for path in ("/_mockoaix", "/_mockoai-scenario", "/healthz", "/metrics/x"):
        assert _say(api.server, request("GET", path)).json()["error"]["type"] == "invalid_request_error"
    assert api.get("/exchanges")["total"] == 4


def test_a_defect_is_answered_and_logged_not_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> list[str]:
        raise RuntimeError("boom")

    monkeypatch.setattr(api.server.mock.sessions, "ids", fail)
    with caplog.at_level(logging.ERROR):
        received = api.ask("GET", "/sessions")
    assert (received.status, received.json()["error"]["code"]) == (500, "internal")
    assert b"boom" not in received.data
    assert [record.getMessage() for record in caplog.records] == ["the control API failed on GET /_mockoai/sessions"]


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_defect(
    api: Api, caplog: pytest.LogCaptureFixture, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with Client(api.server.port) as client:
        client.send(request("PUT", "/_mockoai/scenario", headers={"content-length": "100"}))
        client.send(b"{")
    eventually(lambda: not api.server._state.connections and not api.server._state.tasks)
    assert caplog.records == []


def test_a_defect_in_planning_is_an_exchange_too(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(api.server.mock, "answer", fail)
    with caplog.at_level(logging.ERROR):
        received = _say(api.server, chat())
    assert (received.status, received.json()["error"]["code"]) == (500, "internal")
    assert "no plan could be made" in caplog.text
    assert api.get("/exchanges")["exchanges"][0]["status"] == 500
