"""A service that resells a backend: its users pay in credits for the tokens of every answer.

The status and the headers are sent before the backend is asked, as they must be to stream. Whatever fails later fails
behind a 200: the answer breaks off, and the log of requests shows nothing but successes.

The broken form believes what the backend says about usage. The mended one checks it, estimates what it cannot use,
knows a price for everything, and tells errors in the stream.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import openai
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

PROVIDER = "openai"
"""Under which name the backend's prices are kept."""
FALLBACK_PRICE = 10.0
"""Credits for 1,000 tokens of a model that has no price."""
CHARACTERS_PER_TOKEN = 4

logger = logging.getLogger("accounting")


@dataclass
class Ledger:
    """Who has how many credits, and what 1,000 tokens cost, by provider and model."""

    balances: dict[str, float]
    prices: dict[str, dict[str, float]] = field(default_factory=lambda: {PROVIDER: {"qwen2.5-7b": 20.0}})

    def deduct(self, user: str, credits: float) -> None:
        """Let ``user`` pay."""
        self.balances[user] -= credits


@dataclass(frozen=True)
class Answered:
    """What the backend answered so far."""

    model: str = ""
    text: str = ""
    usage: Any = None

    def then(self, chunk: Any) -> Answered:
        """Return it with one chunk more."""
        text = "".join(choice.delta.content or "" for choice in chunk.choices or () if choice.delta)
        return Answered(chunk.model, self.text + text, chunk.usage or self.usage)


def broken(ledger: Ledger, client: openai.AsyncOpenAI, provider: str = PROVIDER) -> Starlette:
    """The service as it was; ``provider`` is the name that the configuration has for the backend."""

    async def events(user: str, asked: dict[str, Any]) -> AsyncIterator[str]:
        answered = Answered()
        async with await _create(client, asked) as stream:
            async for chunk in stream:
                answered = answered.then(chunk)
                yield _event(chunk.to_dict(warnings=False))
        price = ledger.prices[provider][answered.model]
        tokens = answered.usage.prompt_tokens + answered.usage.completion_tokens
        ledger.deduct(user, tokens / 1000 * price)
        yield "data: [DONE]\n\n"

    return _application(ledger, client, events)


def mended(ledger: Ledger, client: openai.AsyncOpenAI, provider: str = PROVIDER) -> Starlette:
    """The service as it is."""

    async def events(user: str, asked: dict[str, Any]) -> AsyncIterator[str]:
        answered = Answered()
        chunks = 0
        try:
            try:
                async with await _create(client, asked) as stream:
                    async for chunk in stream:
                        chunks += 1
                        answered = answered.then(chunk)
                        yield _event(chunk.to_dict(warnings=False) | {"usage": None})
            finally:
                # What was handed out is paid for, also when the backend broke it off, or the user left.
                usage = charge(user, asked, answered) if chunks else None
            yield _event({"choices": [], "usage": usage})
            yield "data: [DONE]\n\n"
        except Exception as error:
            facts = {"base_url": str(client.base_url), "model": asked["model"], "chunks": chunks}
            logger.exception("the answer failed: %s", facts)
            yield _event({"error": {"message": str(error), "type": type(error).__name__}})

    def charge(user: str, asked: dict[str, Any], answered: Answered) -> dict[str, Any]:
        usage = counted(asked["messages"], answered)
        prices = ledger.prices.get(provider) or ledger.prices[PROVIDER]
        price = prices.get(answered.model) or prices.get(asked["model"]) or FALLBACK_PRICE
        ledger.deduct(user, (usage["prompt_tokens"] + usage["completion_tokens"]) / 1000 * price)
        return usage

    return _application(ledger, client, events)


def counted(messages: Sequence[dict[str, Any]], answered: Answered) -> dict[str, Any]:
    """Return the tokens to charge for: those that the backend counted, where they can be, else an estimate."""
    prompt = "".join(str(one.get("content") or "") for one in messages)
    usage: dict[str, Any] = {"estimated": False}
    for name, text in (("prompt_tokens", prompt), ("completion_tokens", answered.text)):
        count = getattr(answered.usage, name, None)
        if not isinstance(count, (int, float)) or not math.isfinite(count) or count <= 0:
            usage["estimated"] = True
            count = max(math.ceil(len(text) / CHARACTERS_PER_TOKEN), 1)
        usage[name] = count
    return usage


def _application(
    ledger: Ledger, client: openai.AsyncOpenAI, events: Callable[[str, dict[str, Any]], AsyncIterator[str]]
) -> Starlette:
    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    async def chat(request: Request) -> Response:
        user = request.headers["x-user"]
        if ledger.balances[user] <= 0:
            return JSONResponse({"error": {"message": "You are out of credits.", "type": "payment_required"}}, 402)
        return StreamingResponse(events(user, await request.json()), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])], lifespan=lifespan)


async def _create(client: openai.AsyncOpenAI, asked: dict[str, Any]) -> Any:
    return await client.chat.completions.create(**asked | {"stream": True, "stream_options": {"include_usage": True}})


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
