"""An ask as the bytes that are sent (RFC 9112): plain HTTP/1.1, what the SDKs say and no more. Pure."""

from __future__ import annotations

import json

from mockoai import __version__
from mockoai.check.asks import WRONG_KEY
from mockoai.check.model import Ask
from mockoai.check.target import Target


def encode(target: Target, ask: Ask) -> bytes:
    """Return the bytes of ``ask`` to ``target``."""
    body = _body(ask)
    fields = [
        ("Host", target.authority),
        ("User-Agent", f"mockoai-check/{__version__}"),
        ("Accept", "text/event-stream" if ask.stream else "application/json"),
        # Codings that can be undone here; br could not, so it is not asked for.
        ("Accept-Encoding", "gzip, deflate"),
    ]
    if body or ask.method == "POST":
        fields += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    fields += ask.headers
    if shown := target.shown(ask.credential, WRONG_KEY):
        fields.append(("Authorization", shown))
    if ask.credential == "own":
        named = {name.lower() for name, _ in target.headers}
        fields = [pair for pair in fields if pair[0].lower() not in named] + list(target.headers)
    lines = [f"{ask.method} {target.where(ask.path, rooted=ask.rooted)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _body(ask: Ask) -> bytes:
    if ask.body is None:
        return b""
    return ask.body if isinstance(ask.body, bytes) else json.dumps(ask.body).encode()
