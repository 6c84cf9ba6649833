"""A proxy in front of a backend that speaks OpenAI's API, and the page behind which its users sit.

The broken proxy opens the stream of its backend in an ``async with`` around the response that it returns. To return
is to leave the block, and to leave the block is to close the stream, before a byte of it was read. The mended one owns
the stream where it is read: in the generator.

The broken page shows what has the shape of an answer. The mended one reads events as they are defined, and looks for
errors and for the end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.stories.events import data, lines

Event = dict[str, Any]

TIMEOUT = 60.0
"""Seconds of silence after which the broken proxy gives a backend up."""
STREAM_TIMEOUT = 120.0
"""The same for the mended one, which waits for long answers."""
TLS = httpx.create_ssl_context()
"""Made once: it takes longer than a request."""
STREAM_HEADERS = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}


def broken(backend: str, timeout: float = TIMEOUT) -> Starlette:
    """The proxy as it was, for the backend at this base URL."""

    async def chat(request: Request) -> Response:
        asked = await request.json()
        try:
            async with (
                httpx.AsyncClient(timeout=timeout, verify=TLS) as client,
                client.stream("POST", f"{backend}/chat/completions", json=asked) as answer,
            ):
                if answer.status_code != 200:
                    await answer.aread()
                    return JSONResponse({"detail": answer.text}, answer.status_code)
                if asked.get("stream"):

                    async def relayed() -> AsyncIterator[bytes]:
                        async for piece in answer.aiter_bytes():
                            yield piece

                    return StreamingResponse(relayed(), media_type="text/event-stream")
                return Response(await answer.aread(), media_type="application/json")
        except httpx.RequestError as error:
            return JSONResponse({"detail": f"Failed to connect to the backend at {backend}: {error}"}, 502)

    return _application(chat)


def mended(backend: str, timeout: float = STREAM_TIMEOUT) -> Starlette:
    """The proxy as it is, for the backend at this base URL."""

    async def pieces(asked: Event) -> AsyncIterator[bytes]:
        try:
            async with (
                httpx.AsyncClient(timeout=timeout, verify=TLS) as client,
                client.stream("POST", f"{backend}/chat/completions", json=asked) as answer,
            ):
                if answer.status_code != 200:
                    await answer.aread()
                    raise BackendError(_message(answer.text), answer.status_code)
                async for piece in answer.aiter_bytes():
                    yield piece
        except httpx.RequestError as error:
            raise BackendError(f"{type(error).__name__} from the backend at {backend}. {error}".strip(), 502) from error

    async def streamed(asked: Event) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces(asked):
                yield piece
        except BackendError as error:
            # The status was sent long ago, so an event is the only way left to tell. What came before may have ended
            # in the middle of a line.
            yield f"\n\ndata: {json.dumps(error.body)}\n\n".encode()

    async def chat(request: Request) -> Response:
        asked = await request.json()
        if asked.get("stream"):
            return StreamingResponse(streamed(asked), media_type="text/event-stream", headers=STREAM_HEADERS)
        try:
            # A backend may take long, so it is asked for a stream here too: it shows that it is alive.
            asked |= {"stream": True, "stream_options": {"include_usage": True}}
            whole = b"".join([piece async for piece in pieces(asked)])
            return JSONResponse(collected(map(json.loads, data(lines([whole])))))
        except BackendError as error:
            return JSONResponse(error.body, error.status)

    return _application(chat)


class BackendError(Exception):
    """The backend gave no answer, or half of one; ``status`` is what to say about it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": "backend_error", "code": status}}


def collected(chunks: Iterable[Event]) -> Event:
    """Return the chunks of a stream as one answer; raise BackendError when they are none."""
    whole: Event = {"object": "chat.completion"}
    text, reason = "", None
    for chunk in chunks:
        if "error" in chunk:
            raise BackendError(_message(json.dumps(chunk)), 502)
        whole |= {key: chunk[key] for key in ("id", "created", "model", "usage") if key in chunk}
        for choice in chunk.get("choices") or ():
            text += choice["delta"].get("content") or ""
            reason = choice.get("finish_reason") or reason
    if reason is None:
        raise BackendError("the stream of the backend has no end", 502)
    message = {"role": "assistant", "content": text}
    return whole | {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def show_broken(url: str, question: str, show: Callable[[str], object]) -> str:
    """The page as it was: show the answer of the proxy at ``url`` while it comes in, and return it."""
    text = ""
    with _asked(url, question) as answer:
        for line in answer.iter_lines():
            chunk = json.loads(line[6:]) if line.startswith("data: {") else {}
            if chunk.get("choices"):
                piece = chunk["choices"][0]["delta"].get("content") or ""
                text += piece
                show(piece)
    return text


def show_mended(url: str, question: str, show: Callable[[str], object]) -> str:
    """The page as it is. Raises RuntimeError with what is wrong when there is no whole answer."""
    text, finished = "", False
    with _asked(url, question) as answer:
        if answer.status_code != 200:
            raise RuntimeError(_message(answer.read().decode()))
        for chunk in map(json.loads, data(lines(answer.iter_bytes()))):
            if "error" in chunk:
                raise RuntimeError(_message(json.dumps(chunk)))
            for choice in chunk.get("choices") or ():
                piece = choice["delta"].get("content") or ""
                finished = finished or choice.get("finish_reason") is not None
                text += piece
                show(piece)
    if not finished:
        raise RuntimeError("the answer has no end")
    return text


def _application(chat: Callable[[Request], Any]) -> Starlette:
    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])


def _asked(url: str, question: str) -> Any:
    body = {"model": "llama-3.2-1b", "messages": [{"role": "user", "content": question}], "stream": True}
    return httpx.stream("POST", f"{url}/chat/completions", json=body, verify=TLS)


def _message(text: str) -> str:
    """Return what the body of an error says, whichever shape it has."""
    try:
        said = json.loads(text)["error"]
        return str(said["message"] if isinstance(said, dict) else said)
    except (ValueError, KeyError, TypeError):
        return text
