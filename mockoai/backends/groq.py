"""Groq, as recordings of 2025 and 2026 show it.

What it says of mistakes in a body follows the few that users quote; texts of 429, 500 and 503 are from memory. That it
is made with Go is a guess, from line feeds behind its bodies and how it writes durations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import ordered, own_call_ids, role_before_calls, usage_on_finish, whole_tool_calls, without
from mockoai.backends.hosted import Hosted, allowance, rates, uuid
from mockoai.backends.mistakes import Mistake, mistake
from mockoai.backends.spelling import go_json
from mockoai.keys import Limits
from mockoai.plan.headers import decimal, go_duration
from mockoai.plan.items import Event, Failure, Headers, Model, Part
from mockoai.wire.sse import Writer

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_SPEED, _READING = 450, 9000
"""Tokens a second, said and read."""

_UPGRADE = "Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
_WORDS: dict[int, Words] = {
    401: ("Invalid API Key", "invalid_request_error", "invalid_api_key"),
    413: ("Request Entity Too Large", "invalid_request_error", "request_too_large"),
    429: (
        "Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_mockoai` service tier `on_demand` "
        "on tokens per minute (TPM): Limit 12000, Used 11640, Requested 1120. Please try again in 3.8s. " + _UPGRADE,
        "tokens",
        "rate_limit_exceeded",
    ),
    500: ("Internal Server Error", "internal_server_error", None),
    503: ("Service Unavailable", "internal_server_error", None),
}

_LIMITS = Limits(rpm=1000, tpm=12_000)

_MODELS = tuple(
    Model(id=id, created=created, owned_by=owner, extra=(("context_window", window), ("max_completion_tokens", most)))
    for id, created, owner, window, most in (
        ("llama-3.3-70b-versatile", 1733447754, "Meta", 131072, 32768),
        ("llama-3.1-8b-instant", 1693721698, "Meta", 131072, 131072),
        ("openai/gpt-oss-120b", 1754408224, "OpenAI", 131072, 65536),
        ("openai/gpt-oss-20b", 1754407957, "OpenAI", 131072, 65536),
        ("qwen/qwen3-32b", 1748396646, "Alibaba Cloud", 131072, 40960),
        ("moonshotai/kimi-k2-instruct", 1752435491, "Moonshot AI", 131072, 16384),
        ("deepseek-r1-distill-llama-70b", 1737924940, "DeepSeek / Meta", 131072, 131072),
        ("gemma2-9b-it", 1693721698, "Google", 8192, 8192),
        ("whisper-large-v3", 1693721698, "OpenAI", 448, 448),
    )
)
_ARTICLES = {"decimal": "a number", "number": "a number", "integer": "an integer", "boolean": "a boolean"}
_ARTICLES |= {"array": "an array", "object": "an object"}
_BODY = ("id", "object", "created", "model", "choices", "usage", "usage_breakdown", "system_fingerprint", "x_groq")


class Groq(Hosted):
    """Groq, as recorded from 2025 to March 2026.

    Fast, so a tool call comes whole in one chunk, behind the role in one of its own. Usage, with times in seconds, is
    always on the finish chunk, there twice: as usage and under x_groq, which also names the request on the first
    chunk. Reasoning is in reasoning. A missing key is refused like a wrong one, errors have no param, and there are
    neither legacy completions nor embeddings. Rate limit headers come with completions only, resets as Go writes
    durations.
    """

    name = "groq"
    title = "Groq"
    base = "/openai/v1"
    stream_type = "text/event-stream"
    reasoning_field = "reasoning"
    usage = "always"
    line_feed = True
    lacks = frozenset({"completions", "embeddings"})

    # --- requests ---------------------------------------------------------------------------------------------

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it in Groq's words, one error for all keys and one for whatever is no route."""
        request = context.request
        if failure.status == 401:
            message, kind, code = _WORDS[401]
            return Failure(status=401, message=message, type=kind, code=code)
        if failure.cause in ("route", "method"):
            message = (
                f"Unknown request URL: {request.method} {request.path}. Please check the URL for typos, or see the "
                "docs at https://console.groq.com/docs/"
            )
            return Failure(status=404, message=message, code="unknown_url")
        if failure.cause == "model-unknown":
            model = request.parameter("model") or request.model
            message = f"The model `{model}` does not exist or you do not have access to it."
            return replace(failure, message=message, param=None, code="model_not_found")
        if failure.cause == "rate":
            return self._too_much(failure, context)
        if failure.cause in ("content-type", "json", "model-missing", "parameter"):
            return replace(failure, status=400, message=_complaint(mistake(failure, context)), param=None, code=None)
        return failure

    def _too_much(self, failure: Failure, context: Context) -> Failure:
        left = allowance(context, _LIMITS)
        of_tokens = left.limited == "tokens"
        limit = (left.tokens if of_tokens else left.requests) or 0
        used = limit - (left.remaining_tokens if of_tokens else left.remaining_requests)
        per = "tokens per minute (TPM)" if of_tokens else "requests per minute (RPM)"
        message = (
            f"Rate limit reached for model `{context.request.model}` in organization `org_mockoai` service tier "
            f"`on_demand` on {per}: Limit {limit}, Used {used}, Requested {left.cost if of_tokens else 1}. "
        )
        wait = dict(failure.headers).get("retry-after-ms")
        again = f"Please try again in {go_duration(int(wait) / 1000)}. " if wait is not None else ""
        headers = tuple(pair for pair in failure.headers if pair[0] == "retry-after")
        return replace(failure, message=message + again + _UPGRADE, type=left.limited, param=None, headers=headers)

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return ``chatcmpl-`` and a UUID."""
        return f"chatcmpl-{uuid(seed.child('id'))}" if endpoint == "chat" else ""

    def request_id(self, seed: Seed) -> str:
        """Return ``req_`` and a ULID, whose time is of 2026."""
        return "req_01k" + seed.child("request").text(23, _BASE32)

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the API's headers, with what is left of the rates where they count."""
        counted = context.endpoint == "chat" and status not in (401, 404)
        cached = "no-cache" if stream else "private, max-age=0, no-store, no-cache, must-revalidate"
        return (
            ("Cache-Control", cached),
            ("vary", "Origin"),
            ("x-groq-region", "us-west-1"),
            *(rates(context, _LIMITS, go_duration) if counted else ()),
            ("x-request-id", context.request_id),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Say tool calls whole, each with nine characters as its id."""
        return whole_tool_calls(own_call_ids(parts, context, lambda seed, _: seed.text(9, _LOWER)))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Put usage on the finish chunk, and the role before calls."""
        if context.endpoint == "chat" and context.stream:
            events = usage_on_finish(role_before_calls(events))
        return super().events(events, context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """Name the request on the first chunk of a choice, and say usage twice on the last one."""
        shaped = super().chunk(payload, context)
        usage = shaped.pop("usage", None)
        if any("role" in choice["delta"] for choice in shaped["choices"]):
            shaped["x_groq"] = self._groq(context)
        elif usage:
            shaped |= {"x_groq": {"id": context.request_id, "usage": usage}, "usage": usage}
        return shaped

    def choice(self, choice: Json, context: Context) -> Json:
        """Say which channel reasoning comes from, and the index of a call last."""
        shaped = super().choice(choice, context)
        delta = shaped["delta"]
        if "reasoning" in delta and context.model.startswith("openai/"):
            delta["channel"] = "analysis"
        if "tool_calls" in delta:
            delta["tool_calls"] = [_call(one) | {"index": one["index"]} for one in delta["tool_calls"]]
        return shaped

    def writer(self, context: Context) -> Writer:
        """Go's own library writes JSON."""
        return go_json

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, with where its request went and what tier it was served on."""
        shaped = super().completion(payload, context) | {"usage_breakdown": None, "x_groq": self._groq(context)}
        return ordered(shaped, *_BODY) | {"service_tier": "on_demand"}

    def message(self, message: Json, context: Context) -> Json:
        """A message with calls has no content, not even null."""
        shaped = ordered(super().message(message, context), "role", "content", "reasoning", "tool_calls")
        if shaped.get("content", "") is None:
            del shaped["content"]
        if "tool_calls" in shaped:
            shaped["tool_calls"] = [_call(one) for one in shaped["tool_calls"]]
        return shaped

    def envelope(self, payload: Json) -> Json:
        """Keep OpenAI's fingerprint, which is of the model."""
        return super().envelope(payload) | {"system_fingerprint": payload["system_fingerprint"]}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return counts and times in seconds; what was thought shows only where there was some."""
        prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
        reading, saying = prompt / _READING, completion / _SPEED
        shaped: Json = {
            "queue_time": context.content.child("queue").integer(20_000, 300_000) / 1_000_000,
            "prompt_tokens": prompt,
            "prompt_time": float(decimal(reading)),
            "completion_tokens": completion,
            "completion_time": float(decimal(saying)),
            "total_tokens": usage["total_tokens"],
            "total_time": float(decimal(reading + saying)),
        }
        thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        if thought:
            shaped["completion_tokens_details"] = {"reasoning_tokens": thought}
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        if cached:
            shaped["prompt_tokens_details"] = {"cached_tokens": cached}
        return shaped | without(usage, *shaped, "prompt_tokens_details", "completion_tokens_details")

    def _groq(self, context: Context) -> Json:
        return {"id": context.request_id, "seed": context.content.child("seed").integer(1, 2**31 - 1)}

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def payload(self, failure: Failure) -> Any:
        """An error has no ``param``, and a code only where there is one."""
        error: Json = {"message": failure.message, "type": failure.type}
        if failure.code is not None:
            error["code"] = failure.code
        return {"error": {**error, **dict(failure.extra)}}

    def models(self) -> tuple[Model, ...]:
        """Some of the models that Groq lists."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A model with its window, which is guessed for those that are named without one."""
        extra = dict(model.extra)
        window = extra.pop("context_window", 131072)
        most = extra.pop("max_completion_tokens", window)
        told = {"active": True, "context_window": window, "public_apps": None, "max_completion_tokens": most}
        return super().one_model(replace(model, extra=()), context) | told | extra


def _call(call: Json) -> Json:
    return {key: value for key, value in call.items() if key != "index"}


def _complaint(found: Mistake) -> str:
    """Return what is said of a body, as the validator says it that Groq uses."""
    if found.kind in ("unparsable", "not-json"):
        return "request body is not valid JSON"
    *above, last = found.path or ("",)
    if found.kind == "missing":
        where = f"'{'.'.join(map(str, above))}' : " if above else ""
        return f"{where}property '{last}' is missing"
    said = {
        "type": f"value must be {_ARTICLES.get(found.expected, 'a string')}",
        "above": f"number must be at most {found.expected}",
        "below": f"number must be at least {found.expected}",
        "literal": f"value must be one of [{found.expected}]",
    }
    return f"'{found.name}' : {said[found.kind]}" if found.kind in said else found.message


BACKEND = Groq()
