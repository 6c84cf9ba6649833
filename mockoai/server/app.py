"""The application for mocked requests: bytes in, a plan, bytes out, an exchange in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, cast

from mockoai.address import Address, split_path
from mockoai.endpoints import resolve
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.plan.items import Failure
from mockoai.request import Request
from mockoai.server.planner import Planner
from mockoai.state import DEFAULT_SESSION
from mockoai.wire.protocol import EXTENSION, Connection

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request body that are accepted."""
RECALL_LIMIT = 32 * 1024
"""Bytes of a request body up to which its answer may be recalled."""

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Any], Any]

_TOO_LARGE = Failure(
    status=413, message=f"Request body too large: the limit is {BODY_LIMIT} bytes.", code="body_too_large"
)


class BodyTooLargeError(Exception):
    """The request's body is over :data:`BODY_LIMIT`."""


class MockApplication:
    """Answers every request of the mocked API from ``mock``, on the connection that the protocol lends."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self._planner = Planner(mock)
        self._numbers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; returns when its plan is done or the client has left."""
        mock = self.mock
        connection = cast(Connection, scope["extensions"][EXTENSION])
        body: bytes | None
        try:
            body = await _read_body(scope, receive)
        except BodyTooLargeError:
            body = None
        except ConnectionError:
            return
        # The two clocks are read together: planning may take a while, and times are counted from here.
        start, received = asyncio.get_running_loop().time(), mock.clock()
        key = _key(scope, connection, body)
        recalled = None if key is None else mock.recall(key)
        if recalled is not None and not recalled[0].lost:
            session, answer = recalled
        else:
            address = split_path(scope["path"])
            request = _request(scope, address, body or b"", connection)
            session = mock.sessions.get(address.session or DEFAULT_SESSION)
            if body is None:
                request = replace(request, keep_alive=False)
                answer = mock.refuse(_TOO_LARGE, request, session)
            else:
                answer = await self._planner.plan(request, address, session, key)
        self._numbers += 1
        exchange = Exchange(
            number=self._numbers,
            session=session.id,
            scenario=answer.scenario,
            rule=answer.rule,
            request=answer.request,
            plan=answer.plan,
            received=received,
            connection=connection.number,
            reused=connection.requests > 1,
            near=answer.near,
            max_body=mock.journal.max_body,
        )
        mock.journal.add(exchange)
        try:
            await connection.send_plan(answer.plan, start, exchange.delivery)
        finally:
            mock.journal.finished(exchange)


def _key(scope: Mapping[str, Any], connection: Connection, body: bytes | None) -> Hashable | None:
    """Return all that an answer can depend on, but for counts and time; None for bodies too large to keep."""
    if body is None or len(body) > RECALL_LIMIT:
        return None
    return (
        scope["method"],
        scope["raw_path"],
        scope["query_string"],
        scope["http_version"],
        connection.keep_alive,
        tuple(scope["headers"]),
        body,
    )


def _request(scope: Mapping[str, Any], address: Address, body: bytes, connection: Connection) -> Request:
    endpoint, parameters = resolve(address.path)
    query = scope["query_string"].decode("latin-1")
    raw = scope["raw_path"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=address.path,
        headers=tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]),
        body=body,
        query=query,
        target=f"{raw}?{query}" if query else raw,
        http_version=scope["http_version"],
        endpoint=endpoint,
        parameters=parameters,
        keep_alive=connection.keep_alive,
    )


async def _read_body(scope: Mapping[str, Any], receive: Receive) -> bytes:
    """Read the whole body; raises BodyTooLargeError past the limit, ConnectionError when the client left."""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > BODY_LIMIT:
            raise BodyTooLargeError
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionError
    body: bytes = message["body"]
    if not message["more_body"]:
        if len(body) > BODY_LIMIT:
            raise BodyTooLargeError
        return body
    # Parts and their join would take twice the body's memory.
    whole = BytesIO()
    size = whole.write(body)
    while message["more_body"]:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        size += len(message["body"])
        if size > BODY_LIMIT:
            raise BodyTooLargeError
        whole.write(message["body"])
    return whole.getvalue()
