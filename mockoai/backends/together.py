"""Together AI, as recordings of 2025 and 2026 show it.

Guessed: what is said to unknown routes, 429 and 503. The times as ISO dates that its headers have are left out, since
equal requests get equal answers here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import ordered, own_call_ids, role_with_first, usage_on_finish, without
from mockoai.backends.hosted import Hosted, allowance
from mockoai.credential import MALFORMED, MISSING
from mockoai.keys import Limits
from mockoai.plan.items import Event, Failure, Headers, Model, Part
from mockoai.seed import HEXADECIMAL, Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context

_WORDS: dict[int, Words] = {
    401: (
        "Invalid API key provided. You can find your API key at https://api.together.ai/settings/api-keys.",
        "invalid_request_error",
        "invalid_api_key",
    ),
    402: (
        "Credit limit exceeded, please navigate to https://api.together.ai/settings/billing to add credit.",
        "credit_limit",
        None,
    ),
    429: (
        "You have reached the rate limit specific to this model. The maximum rate limit for this model is 600 queries "
        "and 180000 tokens per minute.",
        "model_rate_limit",
        None,
    ),
    500: ("Internal server error", "server_error", None),
    503: ("The server is overloaded or not ready yet.", "service_unavailable", None),
}
_LIMITS = Limits(rpm=600, tpm=180_000)
_RESET = "2"
"""Seconds after which a request more is allowed."""
_END, _WORD = 128009, 1000
"""The token that ends an answer, and the first of those that say something, which come before it."""

_MODELS = tuple(
    Model(id=id, created=created, owned_by=owner, extra=(("name", name), ("length", length), ("price", price), *kind))
    for id, created, owner, name, length, price, *kind in (
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", 1733466629, "Meta", "Llama 3.3 70B Instruct Turbo", 131072, 0.88),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", 1721692800, "Meta", "Llama 3.1 8B Turbo", 131072, 0.18),
        ("mistralai/Mistral-7B-Instruct-v0.3", 1716406261, "mistralai", "Mistral (7B) Instruct v0.3", 32768, 0.2),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", 1702252800, "mistralai", "Mixtral-8x7B Instruct v0.1", 32768, 0.6),
        ("Qwen/Qwen2.5-72B-Instruct-Turbo", 1726617600, "Qwen", "Qwen2.5 72B Instruct Turbo", 131072, 1.2),
        ("deepseek-ai/DeepSeek-V3", 1735171200, "DeepSeek", "DeepSeek V3", 131072, 1.25),
        ("deepseek-ai/DeepSeek-R1", 1737331200, "DeepSeek", "DeepSeek R1", 163840, 7.0),
        ("openai/gpt-oss-20b", 1754352000, "OpenAI", "OpenAI GPT-OSS 20B", 131072, 0.2),
        ("BAAI/bge-large-en-v1.5", 1705017600, "BAAI", "BAAI-Bge-Large-1.5", 512, 0.02, ("kind", "embedding")),
    )
)


class Together(Hosted):
    """Together AI, as recorded in 2025 and 2026.

    Chunks say each text twice, as text and in the delta, with its token and the role; there is no chunk for the role
    alone. The last one has a seed and usage, asked or not. Whole answers are written over several lines. The id is
    also that of the request, and stands on errors. The model list is a bare array, which the openai client does not
    read. retry-after and the limits come with every answer; a missing key is text, an unknown model 404.
    """

    name = "together"
    title = "Together AI"
    owner = "Together"
    reasoning_field = "reasoning"
    usage = "always"
    json_type = "application/json; charset=utf-8"
    stream_type = "text/event-stream;charset=utf-8"

    # --- requests ---------------------------------------------------------------------------------------------

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it in Together's words."""
        request = context.request
        if failure.status == 401:
            if self.credential(request) in (MISSING, MALFORMED, ""):
                return Failure(status=401, body="Missing API key", content_type="text/plain")
            if request.method == "GET":
                return Failure(status=401, body={"error": {"message": "Unauthorized"}})
            return _said(401)
        if failure.cause == "method":
            only = "POST" if context.endpoint not in ("models", "model") else "GET"
            return Failure(status=405, message=f"Method not allowed. Only {only} requests are supported.")
        if failure.cause == "route":
            return Failure(status=404, message="Not found", code="not_found")
        if failure.cause == "model-unknown":
            model = request.parameter("model") or request.model
            message = (
                f"Unable to access model {model}. Please visit https://api.together.ai/models to view the list of "
                "supported models."
            )
            return Failure(status=404, message=message, code="model_not_available")
        if failure.cause == "quota":
            return _said(402)
        if failure.cause == "rate":
            return replace(_said(429), headers=failure.headers)
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return the id of the request, which is also that of its answer."""
        return self.request_id(seed) if endpoint in ("chat", "completions") else ""

    def request_id(self, seed: Seed) -> str:
        """Return two short ids and that of the network's request."""
        known = seed.child("request")
        ray = known.child("ray").text(16, HEXADECIMAL)
        return f"{known.text(7)}-{known.child('second').text(6)}-{ray}"

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the id and the limits, with the seconds to wait whether there is need or not."""
        left = allowance(context, _LIMITS)
        counts = (
            ("x-ratelimit-limit", left.requests),
            ("x-ratelimit-limit-tokens", left.tokens),
            ("x-ratelimit-remaining", left.remaining_requests if left.requests is not None else None),
            ("x-ratelimit-remaining-tokens", left.remaining_tokens if left.tokens is not None else None),
        )
        served = status in (200, 429) and context.request.method == "POST"
        limits = (
            ("x-inference-version", "v2"),
            ("x-ratelimit", "true" if status == 429 else "false"),
            *((name, str(count)) for name, count in counts if count is not None),
            ("x-ratelimit-reset", _RESET),
        )
        return (
            *((("cache-control", "no-cache, no-transform"),) if stream else ()),
            ("access-control-allow-origin", "*"),
            *((("retry-after", _RESET),) if served else ()),
            ("vary", "Accept-Encoding"),
            *(limits if served else ()),
            ("x-request-id", context.request_id),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Give calls ids in hexadecimal digits."""
        return own_call_ids(parts, context, lambda seed, _: f"call_{seed.text(24, HEXADECIMAL)}")

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role in every delta instead of alone, and put usage on the finish chunk."""
        if context.stream:
            events = usage_on_finish(role_with_first(events) if context.endpoint == "chat" else events)
        shaped = super().events(events, context)
        return _over_lines(shaped) if context.endpoint in ("chat", "completions") and not context.stream else shaped

    def chunk(self, payload: Json, context: Context) -> Json:
        """Return a chunk: the model behind the choices, usage null but for the last."""
        shaped = {key: payload[key] for key in ("id", "object", "created")}
        choices = [self.choice(one, context) for one in payload["choices"]]
        usage = payload.get("usage") and self.usage_object(payload["usage"], context)
        return {**shaped, "choices": choices, "model": payload["model"], "usage": usage or None}

    def choice(self, choice: Json, context: Context) -> Json:
        """Say the text twice, with its token; the chunk that ends a choice has a seed."""
        delta = choice["delta"]
        text = delta.get("content") or ""
        ends = choice["finish_reason"] is not None
        shaped = {
            "token_id": _END if ends else _token(text or delta.get("reasoning") or ""),
            "role": "assistant",
            "content": text,
            "tool_calls": delta.get("tool_calls"),
        }
        if delta.get("reasoning"):
            shaped["reasoning"] = delta["reasoning"]
        return {
            "index": choice["index"],
            "text": text,
            "logprobs": choice["logprobs"],
            "finish_reason": choice["finish_reason"],
            "seed": _seed(choice, context) if ends else None,
            "delta": shaped,
        }

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, with an empty list of prompts."""
        return self._whole({**payload, "object": "chat.completion"}, context)

    def message(self, message: Json, context: Context) -> Json:
        """Content is empty beside calls, of which there is always a list."""
        shaped = {"role": message.get("role"), "content": message["content"] or ""}
        calls = [{"index": index, **call} for index, call in enumerate(message.get("tool_calls", ()))]
        reasoning = {"reasoning": message["reasoning"]} if "reasoning" in message else {}
        return {**shaped, "tool_calls": calls, **reasoning}

    def text(self, payload: Json, context: Context) -> Json:
        """Return a legacy completion, a chunk or the whole."""
        payload = {**payload, "object": "text.completion"}
        if not context.stream:
            return self._whole(payload, context)
        choices = [{**ordered(one, "index"), "seed": None} for one in payload["choices"]]
        return ordered({**payload, "choices": choices}, "id", "object", "created", "choices", "model")

    def _whole(self, payload: Json, context: Context) -> Json:
        shaped = {key: payload[key] for key in ("id", "object", "created", "model")}
        shaped |= {"prompt": [], "choices": []}
        for one in payload["choices"]:
            said = {"text": one["text"]} if "text" in one else {"message": self.message(one["message"], context)}
            choice = {"finish_reason": one["finish_reason"], "seed": _seed(one, context), "logprobs": one["logprobs"]}
            shaped["choices"].append({**choice, "index": one["index"], **said})
        if "usage" in payload:
            shaped["usage"] = self.usage_object(payload["usage"], context)
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return the sums, and what was in the cache."""
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        return {**without(usage, "prompt_tokens_details", "completion_tokens_details"), "cached_tokens": cached}

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Write an error over several lines, with the id of its request."""
        headers, event = super().failure(failure, context)
        if failure.body is None:
            event = replace(event, payload={"id": context.request_id, **event.payload}, indent=2, newline=False)
        return headers, event

    def models(self) -> tuple[Model, ...]:
        """Some of the models that Together lists."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A model with its length and what a million tokens cost, in dollars."""
        extra = dict(model.extra)
        price = extra.pop("price", 0.2)
        return {
            "id": model.id,
            "object": "model",
            "created": model.created,
            "type": extra.pop("kind", "chat"),
            "running": False,
            "display_name": extra.pop("name", model.id.rpartition("/")[2]),
            "organization": model.owned_by or self.owner,
            "link": f"https://huggingface.co/{model.id}",
            "license": None,
            "context_length": extra.pop("length", 131072),
            "config": {"chat_template": None, "stop": [], "bos_token": None, "eos_token": None},
            "pricing": {"hourly": 0, "input": price, "output": price, "base": 0, "finetune": 0},
            **extra,
        }

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The models, as an array without anything around it."""
        return [self.one_model(one, context) for one in models]


def _said(status: int) -> Failure:
    message, kind, code = _WORDS[status]
    return Failure(status=status, message=message, type=kind, code=code)


def _token(text: str) -> int:
    """Return a number for ``text``, always the same."""
    return Seed("token").child(text).integer(_WORD, _END - 1)


def _seed(choice: Json, context: Context) -> int:
    return context.content.child("seed", choice["index"]).integer(1, 2**64 - 1)


def _over_lines(events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        yield replace(event, indent=2, newline=False)


BACKEND = Together()
