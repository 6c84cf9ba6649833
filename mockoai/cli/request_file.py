"""A request from a file: its JSON body, or the whole of it as it is sent (RFC 9112)."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockoai.address import split_path
from mockoai.cli.sample import ROUTES, Wish
from mockoai.endpoints import resolve
from mockoai.errors import UsageError
from mockoai.request import UNPARSABLE, Request

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/(1\.[01])")


def read_request(name: str, wish: Wish) -> Request:
    """Read the request in the file ``name``; ``-`` is stdin.

    Without a request line, ``wish.endpoint`` or what the body holds says where it goes. Raises UsageError.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError("unreadable-file", f"cannot read the request `{name}`: {reason}") from error
    start = data.split(b"\n", 1)[0].strip().decode("latin-1")
    if match := _REQUEST_LINE.fullmatch(start):
        return _finished(_raw(match, data), wish)
    fields = Request("POST", "/", body=data).json
    if fields is UNPARSABLE:
        help = "a JSON body, or a raw request that starts with `POST /v1/chat/completions HTTP/1.1`"
        raise UsageError("bad-request-file", f"`{name}` is neither JSON nor an HTTP request", help)
    method, path = ROUTES[wish.endpoint or _guess(fields)]
    body = b"" if method == "GET" else data
    path = path.replace("{model}", str(fields.get("model", "")) if isinstance(fields, dict) else "")
    return _finished(Request(method, path, (("content-type", "application/json"),), body, target=path), wish)


def _raw(line: re.Match[str], data: bytes) -> Request:
    method, target, version = line[1], line[2], line[3]
    # A file typed by hand has line feeds alone; one that was captured keeps its body byte for byte.
    blank = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
    head, _, body = data.partition(blank)
    headers: list[tuple[str, str]] = []
    for field in head.splitlines()[1:]:
        key, _, value = field.decode("latin-1").partition(":")
        headers.append((key.strip().lower(), value.strip()))
    path, _, query = target.partition("?")
    close = any(key == "connection" and value.lower() == "close" for key, value in headers)
    return Request(
        method,
        path,
        tuple(headers),
        body,
        query,
        target,
        version,
        keep_alive=version == "1.1" and not close,
    )


def _guess(fields: Any) -> str:
    if isinstance(fields, dict) and "messages" not in fields:
        if "prompt" in fields:
            return "completions"
        if "input" in fields:
            return "embeddings"
    return "chat"


def _finished(asked: Request, wish: Wish) -> Request:
    """Find the endpoint, and write the wish for a stream into the body."""
    if wish.stream is not None and isinstance(asked.json, dict):
        fields = asked.json | {"stream": wish.stream}
        asked = replace(asked, body=json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode())
    endpoint, parameters = resolve(split_path(asked.path).path)
    return replace(asked, endpoint=endpoint, parameters=parameters)
