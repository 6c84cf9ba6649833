"""Two servers to compare the load generator with: ``python -m tests.bench.bare --port N [--uvicorn]``.

Without ``--uvicorn`` it is a bare protocol that looks for ``"stream":true`` and the model in what it reads
and writes prepared bytes, with one timer per event where the model asks for gaps. It is no HTTP server: it
shows what the machine and the load generator allow. With ``--uvicorn`` it is the same answer as an ASGI
application, one send per event.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from typing import Any

import uvloop

from tests.bench import answer

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: "
_STREAM_HEAD = _HEAD + b"text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"


def _payloads() -> Iterator[Any]:
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in answer.PIECES]
    for delta in [*deltas, {}]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None if delta else "stop"}
        yield {
            "id": "chatcmpl-" + "0" * 29,
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": "gpt-4o-2024-08-06",
            "service_tier": "default",
            "system_fingerprint": "fp_0000000000",
            "choices": [choice],
        }


def _events() -> list[bytes]:
    """Return the bytes of the 25 events."""
    whole = [json.dumps(one, separators=(",", ":")).encode() for one in _payloads()]
    return [b"data: %s\n\n" % one for one in [*whole, b"[DONE]"]]


def _body() -> bytes:
    """Return the JSON of the answer that is not streamed."""
    said = {"role": "assistant", "content": answer.TEXT, "refusal": None}
    usage = {"prompt_tokens": 26, "completion_tokens": 26, "total_tokens": 52}
    choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}
    whole = {**next(_payloads()), "object": "chat.completion", "choices": [choice], "usage": usage}
    return json.dumps(whole, separators=(",", ":")).encode()


_EVENTS = _events()
_CHUNKS = [b"%x\r\n%s\r\n" % (len(one), one) for one in _EVENTS]
_BODY = _body()
WHOLE = _HEAD + b"application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY
"""The whole answer that is not streamed."""
STREAM = _STREAM_HEAD + b"".join(_CHUNKS) + b"0\r\n\r\n"
"""The whole answer that is."""
_MODELS = {json.dumps(answer.PACED).encode(): answer.GAP, json.dumps(answer.WAITING).encode(): answer.WAIT}


class Bare(asyncio.Protocol):
    """Writes prepared bytes as soon as it reads anything."""

    __slots__ = ("gap", "loop", "next", "start", "transport")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if b'"stream":true' not in data:
            self.transport.write(WHOLE)
            return
        self.gap = next((gap for model, gap in _MODELS.items() if model in data), 0.0)
        if not self.gap:
            self.transport.write(STREAM)
            return
        self.start = self.loop.time()
        self.transport.write(_STREAM_HEAD + _CHUNKS[0])
        self.next = 1
        self.loop.call_at(self.start + self.gap, self.wake)

    def wake(self) -> None:
        last = self.next == len(_CHUNKS) - 2
        self.transport.write(b"".join(_CHUNKS[-2:]) + b"0\r\n\r\n" if last else _CHUNKS[self.next])
        self.next += 1
        if not last and not self.transport.is_closing():
            self.loop.call_at(self.start + self.gap * self.next, self.wake)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The instant answers as an ASGI application."""
    asked = (await receive())["body"]
    headers = [(b"content-type", b"application/json"), (b"Content-Length", str(len(_BODY)).encode())]
    if b'"stream":true' not in asked:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _BODY})
        return
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for event in _EVENTS:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bare(loop), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


def main() -> None:
    """Serve until ended by a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--uvicorn", action="store_true", help="answer through uvicorn with httptools and uvloop")
    arguments = parser.parse_args()
    if not arguments.uvicorn:
        uvloop.run(_serve(arguments.port))
        return
    import uvicorn

    uvicorn.run(
        application,
        port=arguments.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
