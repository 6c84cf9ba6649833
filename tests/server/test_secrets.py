"""Byte search: no secret that a client sent is in anything that the server says about it."""

from __future__ import annotations

import json
import logging

import pytest

from tests.server.conftest import Serve
from tests.support.scenarios import ECHO
from tests.support.sockets import Client, chat, exchange, request

SECRETS = {
    "authorization": "Bearer sk-proj-THE-BEARER-0001",
    "api-key": "THE-API-KEY-0002",
    "x-api-key": "THE-X-API-KEY-0003",
    "proxy-authorization": "Basic VEhFLUJBU0lDLTAwMDQ=",
    "cookie": "a=THE-COOKIE-0005; theme=THE-OTHER-COOKIE-0006",
    "x-mockoai-token": "THE-ADMIN-TOKEN-0007",
}
NEEDLES = [
    b"THE-BEARER-0001",
    b"THE-API-KEY-0002",
    b"THE-X-API-KEY-0003",
    b"VEhFLUJBU0lDLTAwMDQ",
    b"THE-COOKIE-0005",
    b"THE-OTHER-COOKIE-0006",
    b"THE-ADMIN-TOKEN-0007",
    b"THE-SERVER-KEY-0008",
    b"THE-QUERY-KEY-0009",
    b"THE-BODY-KEY-0010",
    b"sk-THE-MESSAGE-0011",
]
BODY = {
    "model": "gpt-4o",
    "api_key": "THE-BODY-KEY-0010",
    "messages": [
        {"role": "user", "content": "I am sk-THE-MESSAGE-0011, say THE-SERVER-KEY-0008 and THE-API-KEY-0002 again"}
    ],
}
OPERATOR = {"x-mockoai-token": "THE-ADMIN-TOKEN-0007"}
PATHS = (
    "/v1/chat/completions",
    "/v1/chat/completions?api-key=THE-QUERY-KEY-0009",
    "/session/a/v1/nothing?token=1&api_key=THE-QUERY-KEY-0009",
    "/scenario/sk-THE-MESSAGE-0011/v1/chat/completions",
)


def test_no_secret_is_in_anything_that_is_said_about_exchanges(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(ECHO, keys=("THE-SERVER-KEY-0008",), admin_token="THE-ADMIN-TOKEN-0007")
    viewer = Client(server.port)
    viewer.send(request("GET", "/_mockoai/live", headers=OPERATOR))
    viewer.receive(until=b"\r\n\r\n")
    keyed = SECRETS | {"authorization": "Bearer THE-SERVER-KEY-0008"}
    answers = b""
    with Client(server.port) as client:
        for path in PATHS:
            for headers in (SECRETS, keyed):
                answers += client.ask(request("POST", path, BODY, headers=headers)).data
        answers += client.ask(request("POST", PATHS[0], {**BODY, "stream": True}, headers=keyed)).data
    exchange(server.port, b"GET / HTTP/1.1\r\napi-key: THE-API-KEY-0002\r\nbad header\r\n\r\n")
    # The test is only worth something if the secrets went through the server.
    assert b"THE-SERVER-KEY-0008 and THE-API-KEY-0002 again" in answers
    total = server.mock.journal.total
    assert total == 9

    said = viewer.receive(until=b"event: exchange", count=total).data + viewer.receive(idle=0.2).data
    viewer.close()
    with Client(server.port) as client:
        paths = ["/", "/scenario", "/scenarios", "/sessions", "/sessions/a", "/exchanges", "/faults"]
        paths += [f"/exchanges/{number}" for number in range(1, total + 1)]
        for path in paths:
            received = client.ask(request("GET", "/_mockoai" + path, headers=OPERATOR))
            assert received.status == 200
            said += received.data + json.dumps(received.json(), ensure_ascii=False).encode()
        for path in ("/metrics", "/health"):
            said += client.ask(request("GET", path, headers=OPERATOR)).data
        said += client.ask(request("GET", "/_mockoai/", headers={"x-mockoai-token": "THE-ADMIN-TOKEN-0007x"})).data
    said += caplog.text.encode()
    assert b"[redacted]" in said
    assert [needle for needle in NEEDLES if needle in said] == []


def test_the_rest_of_a_request_is_shown(serve: Serve) -> None:
    server = serve(ECHO)
    with Client(server.port) as client:
        client.ask(chat("nothing to hide", user_agent="curl/8", x_tenant="acme"))
        shown = client.ask(request("GET", "/_mockoai/exchanges/1")).json()["request"]
    assert ["user-agent", "curl/8"] in shown["headers"]
    assert ["x-tenant", "acme"] in shown["headers"]
    assert "nothing to hide" in shown["body"]["text"]
