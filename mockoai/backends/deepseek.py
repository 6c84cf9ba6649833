"""DeepSeek, as recordings of 2025 and June 2026 show it.

From memory: the texts of 402, 429, 500 and 503, that of the legacy route outside ``/beta``, and the balance. Nobody
knows how often it says that it is still there; here every ten seconds. That unknown routes and methods are answered
with nothing follows from its being made with axum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from mockoai.backends.axum import rejection
from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import (
    awaited,
    is_stream,
    keep_alives,
    ordered,
    own_call_ids,
    role_before_calls,
    usage_on_finish,
    without,
)
from mockoai.backends.hosted import Hosted, asked_usage, uuid
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints.routes import ENDPOINTS
from mockoai.plan.items import DONE, Event, Failure, Headers, Item, Model, Page, Part
from mockoai.seed import HEXADECIMAL

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_STILL_THERE = 10.0
"""Seconds of silence after which it says that it is still there."""

_WORDS: dict[int, Words] = {
    400: ("Invalid request.", "invalid_request_error", "invalid_request_error"),
    401: (
        "Authentication Fails, Your api key: ****0000 is invalid",
        "authentication_error",
        "invalid_request_error",
    ),
    402: ("Insufficient Balance", "unknown_error", "invalid_request_error"),
    429: ("Rate limit reached.", "rate_limit_error", "rate_limit_error"),
    500: ("Internal Server Error", "internal_error", "internal_error"),
    503: (
        "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
        "service_unavailable_error",
        "service_unavailable_error",
    ),
}
_NAMES = ("deepseek-v4-flash", "deepseek-v4-pro")
_ALIASES = {"deepseek-chat": _NAMES[0], "deepseek-reasoner": _NAMES[0]}
_BODY = ("id", "object", "created", "model", "choices", "usage", "system_fingerprint")


class DeepSeek(Hosted):
    """DeepSeek, as recorded in June 2026.

    The base URL has no /v1; both work, and /beta has the legacy route. Reasoning comes in reasoning_content, beside
    which content is null, and the other way round. Usage is always on the finish chunk, the others say null when it
    was asked for. While it waits, a stream has comments (": keep-alive") and a body empty lines before its JSON, which
    strict parsers of lines do not expect. No rate limit headers and no 429 before the server is busy; an unknown
    model is 400, an account without credit 402, a missing key text.
    """

    name = "deepseek"
    title = "DeepSeek"
    base = ""
    owner = "deepseek"
    reasoning_field = "reasoning_content"
    usage = "always"
    fingerprint = "a26a7955944dc5c60445bff77fac9c8e"
    lacks = frozenset({"embeddings", "model"})

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Find the routes behind ``/beta`` as well."""
        return super().resolve(path.removeprefix("/beta") if path.startswith("/beta/") else path)

    def check(self, context: Context) -> Failure | None:
        """The legacy route is one of ``/beta``."""
        if context.endpoint != "completions" or context.request.path.startswith("/beta/"):
            return None
        where = '(set base_url="https://api.deepseek.com/beta")'
        return _bad_request(f"completions api is only available when using beta api {where}")

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it as DeepSeek or as axum does."""
        if failure.status == 401:
            key = self.credential(context.request)
            if key in (MISSING, MALFORMED, ""):
                return Failure(status=401, body="Authentication Fails (governor)", content_type="")
            return replace(_said(401), message=f"Authentication Fails, Your api key: ****{key[-4:]} is invalid")
        if failure.cause == "route":
            return Failure(status=404, body="", content_type="")
        if failure.cause == "method":
            allow = "GET,HEAD" if "GET" in ENDPOINTS[context.endpoint].methods else "POST"
            return Failure(status=405, body="", content_type="", headers=(("allow", allow),))
        if failure.cause == "model-unknown":
            known = " or ".join(one.id for one in context.models if one.id not in _ALIASES)
            passed = context.request.model
            return _bad_request(f"The supported API model names are {known}, but you passed {passed}.")
        if failure.cause == "quota":
            return _said(402)
        if failure.cause == "rate":
            return replace(_said(429), headers=failure.headers)
        if failure.param == "temperature" and failure.code != "invalid_type":
            return _bad_request("Invalid temperature value, the valid range of temperature is [0, 2]")
        if failure.cause in ("content-type", "json", "model-missing", "parameter"):
            return _bad_request(rejection(failure, context)[1])
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("id")) if endpoint in ("chat", "completions") else ""

    def request_id(self, seed: Seed) -> str:
        """Return the id of a trace: 32 hexadecimal digits."""
        return seed.child("request").text(32, HEXADECIMAL)

    def snapshot(self, model: str) -> str:
        """Return what stands behind the older names."""
        return _ALIASES.get(model, model)

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return what the server allows browsers, and the trace."""
        return (
            *((("Cache-Control", "no-cache"),) if stream else ()),
            ("vary", "origin, access-control-request-method, access-control-request-headers"),
            ("access-control-allow-credentials", "true"),
            ("x-ds-trace-id", context.request_id),
            ("X-Content-Type-Options", "nosniff"),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Number calls in their ids."""
        return own_call_ids(parts, context, lambda seed, index: f"call_{index:02}_{seed.text(24)}")

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role before calls, both kinds of text where the model reasons, and usage on the finish chunk."""
        if context.stream:
            events = usage_on_finish(events)
        if context.stream and context.endpoint == "chat":
            events = _both(list(role_before_calls(events)))
        return super().events(events, context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """Say null usage where usage was asked for."""
        shaped = super().chunk(payload, context)
        return shaped if "usage" in shaped or not asked_usage(context) else {**shaped, "usage": None}

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, the fingerprint last."""
        return ordered(super().completion(payload, context), *_BODY)

    def message(self, message: Json, context: Context) -> Json:
        """Content is empty beside calls, which say their index."""
        shaped = super().message(message, context)
        if shaped.get("content", "") is None:
            shaped["content"] = ""
        if "tool_calls" in shaped:
            shaped["tool_calls"] = [{"index": index, **call} for index, call in enumerate(shaped["tool_calls"])]
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Say what was in the cache twice; what was thought shows only where there was some."""
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        return {
            **{key: usage[key] for key in ("prompt_tokens", "completion_tokens", "total_tokens")},
            "prompt_tokens_details": {"cached_tokens": cached},
            **({"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {}),
            "prompt_cache_hit_tokens": cached,
            "prompt_cache_miss_tokens": usage["prompt_tokens"] - cached,
        }

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Say that it is still there, with comments or with empty lines before a body."""
        if is_stream(items):
            return keep_alives(items, _STILL_THERE, b": keep-alive\n\n")
        return awaited(items, _STILL_THERE, b"\n")

    # --- errors, models and pages -----------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def models(self) -> tuple[Model, ...]:
        """The models, the older names first."""
        return tuple(Model(id=id) for id in (*_ALIASES, *_NAMES))

    def one_model(self, model: Model, context: Context) -> Json:
        """A model, without a date."""
        return without(super().one_model(model, context), "created")

    def _balance(self, context: Context) -> Page:
        balances = {"total_balance": "110.00", "granted_balance": "10.00", "topped_up_balance": "100.00"}
        return Page(body={"is_available": True, "balance_infos": [{"currency": "USD", **balances}]})

    pages: ClassVar = {"GET /user/balance": _balance}


def _both(events: Sequence[Event]) -> Iterator[Event]:
    """Say content and, where the model reasons, reasoning in every delta that is no call; one of them null."""
    said = [choice["delta"] for event in events if event.payload is not DONE for choice in event.payload["choices"]]
    reasons = any(delta.get("reasoning_content") for delta in said)
    for event in events:
        if event.payload is DONE:
            yield event
            continue
        choices = [{**choice, "delta": _delta(choice["delta"], reasons)} for choice in event.payload["choices"]]
        yield replace(event, payload={**event.payload, "choices": choices})


def _delta(delta: Json, reasons: bool) -> Json:
    if "tool_calls" in delta or "function_call" in delta or delta.get("refusal"):
        return delta
    if "role" in delta:
        return {"role": delta["role"], **({"content": None, "reasoning_content": ""} if reasons else {"content": ""})}
    if "reasoning_content" in delta:
        return {"content": None, **delta}
    return {"content": delta.get("content", ""), **({"reasoning_content": None} if reasons else {})}


def _said(status: int) -> Failure:
    message, kind, code = _WORDS[status]
    return Failure(status=status, message=message, type=kind, code=code)


def _bad_request(message: str) -> Failure:
    """Return an error whose type of content nobody has set."""
    return replace(_said(400), message=message, content_type="application/octet-stream")


BACKEND = DeepSeek()
