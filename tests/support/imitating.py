"""One request put to an imitated server, without a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.mock import Mock
from mockoai.request import Request
from mockoai.scenario.load import load_text
from tests.support.faulted import NOW, Faulted

KEY = "sk-right-000000000000"
MESSAGES = [{"role": "user", "content": "What is the weather in Paris?"}]


@dataclass(frozen=True)
class Imitated(Faulted):
    """One answer of an imitated server."""

    @property
    def status(self) -> str:
        """The status line, less the version."""
        return self.plan.data.partition(b"\r\n")[0].decode().removeprefix("HTTP/1.1 ")

    @property
    def comments(self) -> list[bytes]:
        """The comments of a stream."""
        return [frame for frame in self.frames if frame.startswith(b":")]

    @property
    def chunks(self) -> list[Any]:
        """The chunks of a stream, less comments and ``[DONE]``."""
        data = [frame.removeprefix(b"data: ") for frame in self.frames if frame.startswith(b"data: {")]
        return [orjson.loads(one) for one in data]

    @property
    def said(self) -> list[tuple[Any, Any]]:
        """Delta and finish reason of every chunk's first choice."""
        choices = [chunk["choices"][0] for chunk in self.chunks if chunk["choices"]]
        return [(choice.get("delta", choice.get("text")), choice.get("finish_reason")) for choice in choices]


def request(
    name: str,
    fields: dict[str, Any] | bytes | None = None,
    path: str = "/v1/chat/completions",
    *,
    method: str | None = None,
    key: str | None = None,
    model: str | None = "",
    version: str = "1.1",
    **headers: str,
) -> Request:
    """Return a request to ``path``; ``fields`` are those beside the model, which is the first one unless given."""
    body = fields if isinstance(fields, bytes) else b""
    if isinstance(fields, dict):
        first = {} if model is None else {"model": model or BACKENDS[name].models()[0].id}
        body = orjson.dumps({**first, **fields})
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    given = {"host": "127.0.0.1", "content-type": "application/json"} | named
    if key is not None:
        given["authorization"] = f"Bearer {key}"
    endpoint, parameters = BACKENDS[name].resolve(path)
    return Request(
        method=method or ("GET" if fields is None else "POST"),
        path=path,
        headers=tuple(given.items()),
        body=body,
        target=path,
        http_version=version,
        endpoint=endpoint,
        parameters=parameters,
        keep_alive=version == "1.1",
    )


def put(name: str, asked: Request, *, reply: str = "{ text: It is sunny. }", rest: str = "", **mock: Any) -> Imitated:
    """Put ``asked`` to a backend; ``reply`` and the ``rest`` of the rule are written as in a file, on one line."""
    text = f"id: case\nrules:\n  - reply: {reply}\n" + (f"    {rest}\n" if rest else "")
    server = Mock([load_text(text)], backend=name, clock=lambda: NOW, **mock)
    return Imitated(server.answer(asked, split_path(asked.path), server.sessions.get("default")).plan)


def chat(name: str, *, reply: str = "{ text: It is sunny. }", rest: str = "", **fields: Any) -> Imitated:
    """Put a chat to a backend."""
    return put(name, request(name, {"messages": MESSAGES, **fields}), reply=reply, rest=rest)


def get(name: str, path: str, method: str = "GET") -> Imitated:
    """Ask a backend for a page."""
    return put(name, request(name, None, path, method=method))


def post(name: str, path: str, fields: dict[str, Any], **more: Any) -> Imitated:
    """Send ``fields`` to a path of a backend."""
    return put(name, request(name, fields, path, **more))
