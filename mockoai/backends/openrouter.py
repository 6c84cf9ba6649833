"""OpenRouter, as recordings of July 2026 show it.

From memory: the words for a wrong key, 402 and 403, the pages. Guessed: unknown routes, and how often it says that it
is still there, here every second. What a provider says is as OpenAI would.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES
from mockoai.backends.habits import awaited, comment_first, is_stream, keep_alives, role_with_first, without
from mockoai.backends.hosted import Hosted
from mockoai.backends.mistakes import Mistake, mistake
from mockoai.credential import MALFORMED, MISSING
from mockoai.plan.items import DONE, Event, Failure, Headers, Item, Model, Page
from mockoai.seed import HEXADECIMAL

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_STILL_THERE = 1.0
"""Seconds of silence after which it says that it is still there."""
_PROCESSING = b": OPENROUTER PROCESSING\n\n"
_BLANK = b"\n         \n"

_USER = "user_2xQ9mZ4kTfV7bN1cR8wLpJ6hYdS"
_UPSTREAM = "Provider returned error"
_WORDS: dict[int, Words] = {
    401: ("User not found.", None, 401),
    402: ("Insufficient credits. Add more using https://openrouter.ai/settings/credits", None, 402),
    403: ("Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", None, 403),
    429: (_UPSTREAM, None, 429),
    500: ("Internal Server Error", None, 500),
    502: (_UPSTREAM, None, 502),
    503: ("No instances available", None, 503),
}
_PROVIDERS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "Google AI Studio",
    "mistralai": "Mistral",
    "deepseek": "DeepSeek",
    "x-ai": "xAI",
    "meta-llama": "DeepInfra",
    "qwen": "Together",
}

_MODELS = tuple(
    Model(id=id, created=created, extra=(("name", name), ("length", length), ("prices", prices)))
    for id, created, name, length, prices in (
        ("openai/gpt-4o-mini", 1721260800, "OpenAI: GPT-4o-mini", 128000, ("0.00000015", "0.0000006")),
        ("openai/gpt-oss-20b", 1754414229, "OpenAI: gpt-oss-20b", 131072, ("0.00000004", "0.00000015")),
        ("anthropic/claude-sonnet-4", 1747930371, "Anthropic: Claude Sonnet 4", 200000, ("0.000003", "0.000015")),
        ("google/gemini-2.5-flash", 1750172488, "Google: Gemini 2.5 Flash", 1048576, ("0.0000003", "0.0000025")),
        ("meta-llama/llama-3.3-70b-instruct", 1733506137, "Meta: Llama 3.3 70B", 131072, ("0.00000013", "0.0000004")),
        ("mistralai/mistral-nemo", 1721347200, "Mistral: Mistral Nemo", 131072, ("0.00000002", "0.00000004")),
        ("mistralai/mixtral-8x7b-instruct", 1702166400, "Mistral: Mixtral 8x7B", 32768, ("0.00000054", "0.00000054")),
        ("qwen/qwen-2.5-72b-instruct", 1726704000, "Qwen2.5 72B Instruct", 32768, ("0.00000012", "0.00000039")),
        ("deepseek/deepseek-r1", 1737381095, "DeepSeek: R1", 163840, ("0.0000007", "0.0000025")),
        ("x-ai/grok-4", 1752087689, "xAI: Grok 4", 256000, ("0.000003", "0.000015")),
    )
)
_PARAMETERS = [
    "frequency_penalty",
    "max_tokens",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
]


class OpenRouter(Hosted):
    """OpenRouter, as recorded in July 2026.

    Streams begin with comments (": OPENROUTER PROCESSING"), and so does every longer silence; whole answers begin
    with blank lines instead, before their JSON. Every delta says the role; the answer finishes twice, the second time
    with usage and costs, asked or not. Chunks name the provider. Errors have their status as the code and the
    user's id beside them; an unknown model is 400. The model list needs no key and has no object, and there is no
    route for one model.
    """

    name = "openrouter"
    title = "OpenRouter"
    base = "/api/v1"
    stream_type = "text/event-stream"
    reasoning_field = "reasoning"
    usage = "always"
    lacks = frozenset({"model"})

    # --- requests ---------------------------------------------------------------------------------------------

    def guards(self, request: Request) -> bool:
        """Anybody may see the models."""
        return request.endpoint != "models"

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it in OpenRouter's words."""
        request = context.request
        if failure.status == 401:
            if self.credential(request) in (MISSING, MALFORMED, ""):
                message, code = "Missing Authentication header", 401
                return Failure(status=401, body={"error": {"message": message, "code": code}})
            return Failure(status=401, body={"error": {"message": _WORDS[401][0], "code": 401}})
        if failure.cause in ("route", "method"):
            status = 404 if failure.cause == "route" else 405
            message = "Not Found" if status == 404 else "Method Not Allowed"
            return Failure(status=status, body={"error": {"message": message, "code": status}})
        if failure.cause == "model-unknown":
            return Failure(status=400, message=f"{request.model} is not a valid model ID")
        if failure.cause == "model-missing":
            return Failure(status=400, message="No models provided")
        if failure.cause == "quota":
            return Failure(status=402, message=_WORDS[402][0])
        if failure.cause == "rate":
            return replace(failure, message=_UPSTREAM, code=429)
        if failure.cause in BODY_CAUSES:
            return Failure(status=400, message=_complaint(mistake(failure, context)))
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return ``gen-``, a time and 20 characters."""
        known = seed.child("id")
        return f"gen-17{known.child('time').text(8, '0123456789')}-{known.text(20)}"

    def request_id(self, seed: Seed) -> str:
        """Return what the network calls the request."""
        return f"{seed.child('request').text(16, HEXADECIMAL)}-FRA"

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return what browsers may see, and the id of what was generated."""
        generated = status == 200 and context.endpoint in ("chat", "completions", "embeddings")
        return (
            *((("Cache-Control", "no-cache"),) if stream else ()),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "X-Generation-Id,X-Provider-Name,cf-ray"),
            ("permissions-policy", 'payment=(self "https://checkout.stripe.com" "https://js.stripe.com")'),
            ("referrer-policy", "no-referrer, strict-origin-when-cross-origin"),
            ("x-content-type-options", "nosniff"),
            *((("X-Generation-Id", context.id),) if generated else ()),
        )

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with what is said, and the end once more with usage."""
        if context.stream:
            events = _twice(role_with_first(events) if context.endpoint == "chat" else events)
        return super().events(events, context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """Name the provider; the last chunk has a tier and usage."""
        shaped = {**self.envelope(payload), "provider": _provider(context)}
        usage = payload.get("usage")
        tier = {"service_tier": None} if usage else {}
        choices = [self.choice(one, context) for one in payload["choices"]]
        counts = {"usage": self.usage_object(usage, context)} if usage else {}
        return {**shaped, **tier, "choices": choices, **counts}

    def choice(self, choice: Json, context: Context) -> Json:
        """Say content and role in every delta, and reasoning twice."""
        said = super().choice(choice, context)["delta"]
        calls = "tool_calls" in said
        delta = {"content": said.get("content") or (None if calls else ""), "role": "assistant"}
        delta |= without(said, "content", "role", "reasoning") | _reasoning(said)
        shaped = {"index": choice["index"], "delta": delta, "finish_reason": choice["finish_reason"]}
        shaped["native_finish_reason"] = choice["finish_reason"]
        return shaped if choice["logprobs"] is None else {**shaped, "logprobs": choice["logprobs"]}

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, as the provider would but for costs."""
        provided = {"provider": _provider(context), "system_fingerprint": None, "service_tier": None}
        shaped = {**self.envelope(payload), **provided, "choices": []}
        for one in payload["choices"]:
            reasons = dict.fromkeys(("finish_reason", "native_finish_reason"), one["finish_reason"])
            message = self.message(one["message"], context)
            shaped["choices"].append(
                {"index": one["index"], "logprobs": one["logprobs"], **reasons, "message": message}
            )
        if "usage" in payload:
            shaped["usage"] = self.usage_object(payload["usage"], context)
        return shaped

    def message(self, message: Json, context: Context) -> Json:
        """Say refusal and reasoning, null where there is none."""
        shaped: Json = {"role": message.get("role"), "content": message["content"], "refusal": message["refusal"]}
        shaped["reasoning"] = message.get("reasoning")
        if "tool_calls" in message:
            shaped["tool_calls"] = [
                {"type": one["type"], "index": index, **without(one, "type")}
                for index, one in enumerate(message["tool_calls"])
            ]
        return shaped | _reasoning(message)

    def text(self, payload: Json, context: Context) -> Json:
        """Return a legacy completion, a chunk or the whole, with the provider."""
        shaped = {**self.envelope(payload), "provider": _provider(context)}
        shaped["choices"] = [{**one, "native_finish_reason": one["finish_reason"]} for one in payload["choices"]]
        usage = payload.get("usage")
        return {**shaped, "usage": self.usage_object(usage, context)} if usage else shaped

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Return embeddings with provider and id."""
        return {**payload, "provider": _provider(context), "id": context.id}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return counts, and what it costs in dollars."""
        prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
        read, said = (float(price) for price in dict(self.entry(context.model).extra).get("prices", ("0", "0")))
        costs = {"prompt": round(prompt * read, 10), "completions": round(completion * said, 10)}
        cost = round(sum(costs.values()), 10)
        details = usage.get("completion_tokens_details") or {}
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        known = ("prompt_tokens", "completion_tokens", "total_tokens")
        return {
            **{key: usage[key] for key in known},
            "cost": cost,
            "is_byok": False,
            "prompt_tokens_details": {
                "cached_tokens": cached,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": cost,
                "upstream_inference_prompt_cost": costs["prompt"],
                "upstream_inference_completions_cost": costs["completions"],
            },
            "completion_tokens_details": {
                "reasoning_tokens": details.get("reasoning_tokens", 0),
                "image_tokens": 0,
                "audio_tokens": 0,
            },
            **without(usage, *known, "prompt_tokens_details", "completion_tokens_details"),
        }

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Say that it is still there, with comments or with blank lines before a body."""
        if is_stream(items):
            return keep_alives(comment_first(items, _PROCESSING), _STILL_THERE, _PROCESSING)
        return awaited(items, _STILL_THERE, _BLANK)

    # --- errors, models and pages -----------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        message, kind, _ = _WORDS.get(status) or super().words(status)
        return message, kind, status

    def payload(self, failure: Failure) -> Any:
        """Return message and code, what the provider said where it was the one, and the user's id."""
        error: Json = {"message": failure.message, "code": failure.status if failure.code is None else failure.code}
        if failure.message == _UPSTREAM:
            error["metadata"] = {"raw": _upstream(failure.status), "provider_name": "OpenAI"}
        return {"error": {**error, **dict(failure.extra)}, "user_id": _USER}

    def models(self) -> tuple[Model, ...]:
        """Some of the models that OpenRouter lists."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A model: what it takes and gives, what it costs, in dollars a token, as text."""
        extra = dict(model.extra)
        length = extra.pop("length", 131072)
        prompt, completion = extra.pop("prices", ("0", "0"))
        name = extra.pop("name", model.id)
        return {
            "id": model.id,
            "canonical_slug": model.id,
            "hugging_face_id": "",
            "name": name,
            "created": model.created,
            "description": f"{name}, one of the models behind OpenRouter.",
            "context_length": length,
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
                "tokenizer": "Other",
                "instruct_type": None,
            },
            "pricing": {"prompt": prompt, "completion": completion, "request": "0", "image": "0"},
            "top_provider": {"context_length": length, "max_completion_tokens": None, "is_moderated": False},
            "per_request_limits": None,
            "supported_parameters": _PARAMETERS,
            **extra,
        }

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The models, without an ``object``."""
        return {"data": [self.one_model(one, context) for one in models]}

    def _key(self, context: Context) -> Page:
        about = {"label": "sk-or-v1-0e6...1c96", "limit": None, "usage": 12.5, "limit_remaining": None}
        return Page(body={"data": {**about, "is_free_tier": False, "is_provisioning_key": False}})

    def _credits(self, context: Context) -> Page:
        return Page(body={"data": {"total_credits": 110, "total_usage": 12.5}})

    pages: ClassVar = {"GET /api/v1/key": _key, "GET /api/v1/credits": _credits}


def _provider(context: Context) -> str:
    """Return who serves the model, by whose it is."""
    return _PROVIDERS.get(context.model.partition("/")[0], "DeepInfra")


def _reasoning(said: Json) -> Json:
    """Return reasoning as text and as a list of details, where there is some."""
    text = said.get("reasoning")
    if not text:
        return {}
    details = [{"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}]
    return {"reasoning": text, "reasoning_details": details}


def _twice(events: Iterable[Event]) -> Iterator[Event]:
    """Say the end of the last choice once more in the chunk that has usage."""
    last: Json = {"choices": []}
    for event in events:
        payload = event.payload
        if payload is not DONE and payload["choices"]:
            last = payload
        elif payload is not DONE:
            event = replace(event, payload={**payload, "choices": last["choices"]})
        yield event


def _upstream(status: int) -> str:
    """Return what a provider said, as text."""
    if status == 429:
        return "The model is temporarily rate-limited upstream. Please retry shortly, or add your own key."
    return json.dumps({"error": {"message": "Internal server error", "type": "server_error", "code": None}})


def _complaint(found: Mistake) -> str:
    """Return what zod, which reads its requests, says of a body."""
    if found.kind in ("unparsable", "not-json"):
        return "Invalid JSON"
    if found.path == ("messages",) and found.kind == "missing":
        return 'Input required: specify "prompt" or "messages"'
    path = {"message": found.message, "path": list(found.path)}
    said: dict[str, Json] = {
        "missing": {"code": "invalid_type", **path, "message": "Required"},
        "type": {"code": "invalid_type", "expected": found.expected, **path, "message": f"Expected {found.expected}"},
        "above": {"code": "too_big", **path, "message": f"Number must be less than or equal to {found.expected}"},
        "below": {"code": "too_small", **path, "message": f"Number must be greater than or equal to {found.expected}"},
    }
    return json.dumps([said.get(found.kind, {"code": "custom", **path})], indent=2)


BACKEND = OpenRouter()
