"""xAI (Grok), as recordings of 2025 and 2026 show it.

Guessed: the request's id, limits, and that unknown routes and methods are answered with nothing. Texts of 403, 429
and 500 are those that gRPC has for the codes behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.axum import rejection
from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import own_call_ids, role_with_first, ticking, whole_tool_calls, without
from mockoai.backends.hosted import Hosted, rates, uuid
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints.routes import ENDPOINTS
from mockoai.keys import Limits
from mockoai.plan.items import Event, Failure, Headers, Model, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_TEAM = "6d0b3f6e-3f0e-4a55-9d1c-2f8a4c7b9e10"
_WORDS: dict[int, Words] = {
    400: ("Client specified an invalid argument", None, "invalid-argument"),
    401: ("No credentials provided", None, "unauthenticated:no-credentials"),
    403: (
        "The caller does not have permission to execute the specified operation",
        None,
        "The caller does not have permission to execute the specified operation",
    ),
    404: ("The requested resource was not found", None, "Some requested entity was not found"),
    429: ("Too many requests", None, "Some resource has been exhausted"),
    500: ("Internal error", None, "Internal error"),
    503: (
        "Service temporarily unavailable. The model is at capacity and currently cannot serve this request. Please try "
        "again later.",
        None,
        "The service is currently unavailable",
    ),
}
_LIMITS = Limits(rpm=480, tpm=4_000_000)
_PRICES = (3000, 750, 5000)
"""What a token costs that is read, was read before, and is said, in ten-billionths of a dollar."""

_MODELS = tuple(
    Model(id=id, created=created)
    for id, created in (
        ("grok-4-0709", 1752019200),
        ("grok-4-fast-reasoning", 1757289600),
        ("grok-4-fast-non-reasoning", 1757289600),
        ("grok-code-fast-1", 1755993600),
        ("grok-3", 1743724800),
        ("grok-3-mini", 1743724800),
    )
)
_ALIASES = {"grok-4": "grok-4-0709", "grok-4-latest": "grok-4-0709", "grok-3-latest": "grok-3"}


class XAI(Hosted):
    """xAI's API, as recorded in 2025 and 2026.

    Chunks leave out what is null: logprobs, and the finish reason up to the last one. The role comes with the first
    text; a tool call is whole in one chunk. created is the time of each chunk, so it may change within a stream.
    Usage comes in a chunk of its own when asked for; reasoning, in reasoning_content, counts beside the completion's
    tokens, not among them. Errors are two strings, code and error; a wrong key is 400, a body that does not fit 422.
    """

    name = "xai"
    title = "xAI"
    owner = "xai"
    reasoning_field = "reasoning_content"
    stream_type = "text/event-stream"
    fingerprint = "fp_2a885414fb"
    null_usage = False
    recallable = False
    lacks = frozenset({"embeddings"})

    # --- requests ---------------------------------------------------------------------------------------------

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it as xAI or as axum does."""
        if failure.status == 401:
            return _wrong_key(self.credential(context.request))
        if failure.cause == "route":
            return Failure(status=404, body="", content_type="")
        if failure.cause == "method":
            allow = "GET,HEAD" if "GET" in ENDPOINTS[context.endpoint].methods else "POST"
            return Failure(status=405, body="", content_type="", headers=(("allow", allow),))
        if failure.cause == "model-unknown":
            model = context.request.parameter("model") or context.request.model
            message = (
                f"The model {model} does not exist or your team {_TEAM} does not have access to it. If you believe "
                "this is a mistake, please contact support and quote your team ID and the model name."
            )
            return Failure(status=404, message=message, code="not-found")
        if failure.cause in ("rate", "quota"):
            message, _, code = _WORDS[429]
            return replace(failure, message=message, code=code)
        if failure.cause in ("content-type", "json", "model-missing", "parameter"):
            status, text = rejection(failure, context)
            if status == 422:
                return Failure(status=status, body={"error": text})
            return Failure(status=status, message=text, code="invalid-argument")
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("id")) if endpoint in ("chat", "completions") else ""

    def request_id(self, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("request"))

    def snapshot(self, model: str) -> str:
        """Return the dated model that answers for an alias."""
        return _ALIASES.get(model, model)

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return what is left of the rates, without the time until they are whole again, and the request's id."""
        counted = context.endpoint in ("chat", "completions") and status == 200
        return (
            *((("Cache-Control", "no-cache"),) if stream else ()),
            ("x-request-id", context.request_id),
            *(rates(context, _LIMITS) if counted else ()),
            ("vary", "origin, access-control-request-method, access-control-request-headers"),
            ("access-control-allow-origin", "*"),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Say tool calls whole, their ids ending in eight digits."""
        return whole_tool_calls(own_call_ids(parts, context, lambda seed, _: f"call_{seed.text(8, '0123456789')}"))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with what comes first, and date every chunk."""
        if context.endpoint == "chat" and context.stream:
            events = role_with_first(events)
        shaped = super().events(events, context)
        return ticking(shaped) if context.stream else shaped

    def chunk(self, payload: Json, context: Context) -> Json:
        """Say the fingerprint last."""
        shaped = without(super().chunk(payload, context), "system_fingerprint")
        return shaped | {"system_fingerprint": self.fingerprint}

    def choice(self, choice: Json, context: Context) -> Json:
        """Leave out what is null, and sort the delta."""
        shaped = super().choice(choice, context)
        delta = {key: value for key, value in sorted(shaped["delta"].items()) if value is not None}
        if "tool_calls" in delta:
            delta["tool_calls"] = [dict(sorted(one.items())) for one in delta["tool_calls"]]
            delta["tool_calls"] = [{"id": one.pop("id", None), **one} for one in delta["tool_calls"]]
        said = {key: shaped[key] for key in ("logprobs", "finish_reason") if shaped[key] is not None}
        return {"index": shaped["index"], "delta": delta, **said}

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, the fingerprint last."""
        shaped = without(super().completion(payload, context), "system_fingerprint")
        for choice in shaped["choices"]:
            if choice["logprobs"] is None:
                del choice["logprobs"]
        return shaped | {"system_fingerprint": self.fingerprint}

    def message(self, message: Json, context: Context) -> Json:
        """Content is empty beside calls; a refusal is null, and always there."""
        shaped = {**super().message(message, context)}
        if shaped.get("content", "") is None:
            shaped["content"] = ""
        if "tool_calls" in shaped:
            order = ("id", "function", "type")
            shaped["tool_calls"] = [{key: one[key] for key in order if key in one} for one in shaped["tool_calls"]]
        return shaped | {"refusal": message["refusal"]}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Count reasoning beside the completion; say what was text, and what all of it costs."""
        details = usage.get("completion_tokens_details") or {}
        thought = details.get("reasoning_tokens", 0)
        prompt, total = usage["prompt_tokens"], usage["total_tokens"]
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        read, again, said = _PRICES
        known = ("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details")
        return {
            "prompt_tokens": prompt,
            "completion_tokens": usage["completion_tokens"] - thought,
            "total_tokens": total,
            "prompt_tokens_details": {
                "text_tokens": prompt,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": cached,
            },
            "completion_tokens_details": {
                "reasoning_tokens": thought,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
            "num_sources_used": 0,
            "cost_in_usd_ticks": (prompt - cached) * read + cached * again + usage["completion_tokens"] * said,
            **without(usage, *known, "completion_tokens_details"),
        }

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def payload(self, failure: Failure) -> Any:
        """Return two strings: ``{"code", "error"}``."""
        code = _WORDS.get(failure.status, ("", None, "Unknown error"))[2] if failure.code is None else failure.code
        return {"code": code, "error": failure.message, **dict(failure.extra)}

    def models(self) -> tuple[Model, ...]:
        """Some of the models that xAI lists."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A model: its date before what it is."""
        shaped = super().one_model(model, context)
        return {"id": shaped["id"], "created": shaped["created"], **shaped}

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The models, ``object`` last."""
        return {"data": [self.one_model(one, context) for one in models], "object": "list"}


def _wrong_key(key: str) -> Failure:
    """Return what is said to a missing key and, as a bad request, to a wrong one, whose ends it shows."""
    if key in (MISSING, MALFORMED, ""):
        message, _, code = _WORDS[401]
        return Failure(status=401, message=message, code=code)
    shown = f"{key[:2]}***{key[-2:]}"
    message = f"Incorrect API key provided: {shown}. You can obtain an API key from https://console.x.ai."
    return Failure(status=400, message=message, code="invalid-argument")


BACKEND = XAI()
