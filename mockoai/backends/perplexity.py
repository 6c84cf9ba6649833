"""Perplexity's Sonar API: the fields of a recording of 2026, in the bytes of one of 2025.

Those bytes are what Python's ``json.dumps`` writes, in lines that end with CR LF; errors have no spaces. Guessed: the
type of a wrong key, routes it does not have, 429 and above. How it would call a tool is not known; here as OpenAI does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES
from mockoai.backends.habits import is_stream, role_with_first, thinking_aloud
from mockoai.backends.hosted import Hosted, uuid
from mockoai.backends.mistakes import complaint, mistake
from mockoai.backends.spelling import python_json
from mockoai.plan.items import DONE, Event, Failure, Frame, Headers, Item, Model, Part
from mockoai.wire.sse import Writer, encode_json

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_WORDS: dict[int, Words] = {
    400: ("Invalid request.", "bad_request", 400),
    401: (
        "Invalid API key provided. You can find your API key at https://www.perplexity.ai/settings/api.",
        "invalid_api_key",
        401,
    ),
    404: ("Not Found", "not_found", 404),
    429: ("Request rate limit exceeded, please try again later.", "requests_rate_limit_exceeded", 429),
    500: ("Internal server error", "internal_server_error", 500),
    503: ("Service temporarily unavailable", "service_unavailable", 503),
}
_MILLION = 1_000_000
_PRICES = {"sonar": (1, 1, 0.005), "sonar-pro": (3, 15, 0.006), "sonar-reasoning-pro": (2, 8, 0.006)}
"""Dollars for a million tokens read, for a million said, and for a request."""

_FOUND = tuple(
    {
        "title": title,
        "url": f"https://example.com/{page}",
        "date": "2026-01-15",
        "last_updated": "2026-02-01",
        "snippet": f"{title}, an example of what a search finds.",
        "source": "web",
    }
    for title, page in (("Example Domain", "domain"), ("Example Almanac", "almanac"))
)


class Perplexity(Hosted):
    """Perplexity's Sonar API, as recorded in 2025 and 2026.

    The base URL has no /v1, and there is no model list. Every chunk says the role, what was found (citations,
    search_results) and usage so far; the last one has empty content, the costs, and chat.completion.done as its
    object. No [DONE] follows: the stream just ends. Lines end with CR LF, and JSON has spaces behind colons and
    commas. Reasoning is text between <think> and </think>. Errors have a number as their code, an unknown model is
    400.
    """

    name = "perplexity"
    title = "Perplexity"
    base = ""
    owner = "perplexity"
    usage = "always"
    lacks = frozenset({"models", "model", "completions", "embeddings"})

    # --- requests ---------------------------------------------------------------------------------------------

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it in Perplexity's words."""
        if failure.status == 401:
            return _said(401)
        if failure.cause in ("route", "method"):
            status = 404 if failure.cause == "route" else 405
            return Failure(status=status, body={"detail": "Not Found" if status == 404 else "Method Not Allowed"})
        if failure.cause == "model-unknown":
            message = (
                f"Invalid model '{context.request.model}'. Permitted models can be found in the documentation at "
                "https://docs.perplexity.ai/docs/getting-started/models."
            )
            return Failure(status=400, message=message, type="invalid_model", code=400)
        if failure.cause in ("rate", "quota"):
            return replace(_said(429), headers=failure.headers)
        if failure.cause in BODY_CAUSES:
            found = complaint(mistake(failure, context))
            message = json.dumps([f"At {' -> '.join(map(str, found['loc']))}: {found['msg']}"])
            return Failure(status=400, message=message, type="bad_request", code=400)
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("id")) if endpoint == "chat" else ""

    def request_id(self, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("request"))

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Say that streams must not be kept."""
        return (("Cache-Control", "no-cache"),) if stream else ()

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Think aloud."""
        return thinking_aloud(parts)

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role in every delta and usage in every chunk, and nothing at the end."""
        if context.endpoint == "chat" and context.stream:
            return _counted(list(role_with_first(events)), context)
        return super().events(events, context)

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole: what was found before the choices."""
        usage = payload.get("usage")
        choices = [
            {
                "index": one["index"],
                "message": super(Perplexity, self).message(one["message"], context),
                "finish_reason": one["finish_reason"],
            }
            for one in payload["choices"]
        ]
        return _around(payload, usage and self.usage_object(usage, context), choices)

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return the sums, how much was searched, and what it costs, in dollars."""
        prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
        return _sums(prompt, completion) | {"cost": _cost(context.model, prompt, completion)}

    def writer(self, context: Context) -> Writer:
        """Python's own library writes answers."""
        return _write

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """End the lines of a stream as Windows does."""
        if not is_stream(items):
            return items
        return [
            replace(item, data=item.data.replace(b"\n", b"\r\n")) if isinstance(item, Frame) else item for item in items
        ]

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        message, kind, _ = _WORDS.get(status) or super().words(status)
        return message, kind, status

    def payload(self, failure: Failure) -> Any:
        """An error has no ``param``, and its status as its code."""
        code = failure.status if failure.code is None else failure.code
        return {"error": {"message": failure.message, "type": failure.type, "code": code, **dict(failure.extra)}}

    def models(self) -> tuple[Model, ...]:
        """The models, which it does not list."""
        return tuple(Model(id=id) for id in ("sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"))


def _said(status: int) -> Failure:
    message, kind, code = _WORDS[status]
    return Failure(status=status, message=message, type=kind, code=code)


def _counted(events: Sequence[Event], context: Context) -> Iterator[Event]:
    """Yield the chunks with usage so far, the one that ends the last choice with all of it; no ``[DONE]``."""
    chunks = [event.payload for event in events if event.payload is not DONE]
    total = next((one["usage"] for one in chunks if one.get("usage")), None)
    last = max((at for at, one in enumerate(chunks) if _reasons(one)), default=-1)
    for at, (event, chunk) in enumerate(zip(events, chunks, strict=False)):
        if not chunk["choices"]:
            continue
        choices = [
            {"index": one["index"], "delta": {"role": "assistant", "content": "", **_speaking(one["delta"])}}
            | ({"finish_reason": one["finish_reason"]} if one["finish_reason"] is not None else {})
            for one in chunk["choices"]
        ]
        usage = total and _sums(total["prompt_tokens"], event.tokens)
        if at == last:
            usage = total and BACKEND.usage_object(total, context)
            chunk = {**chunk, "object": "chat.completion.done"}
        yield replace(event, payload=_around(chunk, usage, choices))


def _reasons(chunk: Json) -> bool:
    return any(choice["finish_reason"] is not None for choice in chunk["choices"])


def _speaking(delta: Json) -> Json:
    return {key: value for key, value in delta.items() if value is not None}


def _around(payload: Json, usage: Json | None, choices: list[Json]) -> Json:
    """Return a chunk or a whole answer: what is said of it, what was found, and the choices."""
    shaped = {key: payload[key] for key in ("id", "model", "created")}
    if usage is not None:
        shaped["usage"] = usage
    shaped |= {"citations": [one["url"] for one in _FOUND], "search_results": list(_FOUND)}
    return {**shaped, "object": payload["object"], "choices": choices}


def _sums(prompt: int, completion: int) -> Json:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**counts, "search_context_size": "low"}


def _cost(model: str, prompt: int, completion: int) -> Json:
    read, said, request = _PRICES.get(model, _PRICES["sonar"])
    costs = (round(prompt * read / _MILLION, 3), round(completion * said / _MILLION, 3), request)
    names = ("input_tokens_cost", "output_tokens_cost", "request_cost")
    return {**dict(zip(names, costs, strict=True)), "total_cost": round(sum(costs), 3)}


def _write(value: Any, *, indent: int = 0) -> bytes:
    """Write an answer as Python does, an error without spaces."""
    refused = isinstance(value, dict) and ("error" in value or "detail" in value)
    return encode_json(value) if refused else python_json(value)


BACKEND = Perplexity()
