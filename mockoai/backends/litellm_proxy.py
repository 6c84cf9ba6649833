"""LiteLLM's proxy in front of OpenAI, as recorded from release 1.106.2: FastAPI on uvicorn, which does not say so.

Left out: the headers that repeat the provider's own behind ``llm_provider-``, and compression. Guessed: what it says to
keys that it does not know, after its source, since that needs a database. Prices are those of one model for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import FastAPI
from mockoai.backends.habits import answered_by, asked_or_first, empty_text_first, ordered, without
from mockoai.backends.hosted import uuid
from mockoai.backends.litellm_deployment import costs, deployment, told
from mockoai.backends.mistakes import mistake
from mockoai.credential import MISSING, strict_bearer
from mockoai.endpoints.refusals import missing
from mockoai.endpoints.routes import UNKNOWN
from mockoai.plan.items import Event, Failure, Frame, Head, Headers, Item, Model, Page
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_CREATED = 1_677_610_602
_ANSWERED = ("chat", "completions", "embeddings")
_PUBLIC = ("/health/liveliness", "/health/liveness", "/health/readiness", "/test")
_PATHS = {"chat": "/chat/completions", "completions": "/completions", "embeddings": "/embeddings"}
_EXCEPTIONS = {
    400: "BadRequestError: ",
    401: "AuthenticationError: AuthenticationError: ",
    403: "PermissionDeniedError: PermissionDeniedError: ",
    404: "NotFoundError: NotFoundError: ",
    422: "UnprocessableEntityError: ",
    429: "RateLimitError: RateLimitError: ",
    503: "ServiceUnavailableError: ServiceUnavailableError: ",
}
_TYPES = {401: "authentication_error", 429: "throttling_error"}
_BROWSERS = (
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)
_COMPRESSED = 500
"""Bytes of a body from which on it would be compressed for those who accept that."""
_CHAT = (("mode", "chat"), ("max_input_tokens", 128_000), ("max_output_tokens", 16_384))
_MODELS = (
    Model(id="gpt-4o", created=_CREATED, extra=_CHAT),
    Model(id="gpt-4o-mini", created=_CREATED, extra=_CHAT),
    Model(id="llama-3.3-70b", created=_CREATED),
    Model(id="mistral-large", created=_CREATED),
    Model(id="deepseek-r1", created=_CREATED),
    Model(id="text-embedding-3-small", created=_CREATED, extra=(("mode", "embedding"), ("max_input_tokens", 8191))),
)
_DETAILS = ("accepted_prediction_tokens", "audio_tokens", "reasoning_tokens", "rejected_prediction_tokens")
_UNKNOWN_DETAILS = {"text_tokens": None, "image_tokens": None, "video_tokens": None}


class LiteLLMProxy(FastAPI):
    """LiteLLM's proxy 1.106.2, in front of OpenAI.

    Answers keep the provider's ids and have its fields in another order. Chunks have no finish_reason until the last
    one, and the one with usage has a choice with an empty delta, and the cost in dollars. Headers x-litellm-… say which
    deployment answered, what it cost and how long it took. Errors of the provider are wrapped in a message that begins
    with litellm.RateLimitError or the like; the code of all is the status, as a string. All models are created in
    1677610602. Legacy completions are chats, and have their ids.
    """

    name = "litellm-proxy"
    title = "LiteLLM proxy"
    port = 4000
    auth = "Bearer, api-key or x-api-key"
    server = ""
    reasoning_field = "reasoning_content"
    exact_models = True
    null_usage = False

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The name of one model holds no slash."""
        endpoint, parameters = super().resolve(path)
        if endpoint == "model" and "/" in parameters[0][1]:
            return UNKNOWN, ()
        return endpoint, parameters

    def credential(self, request: Request) -> str:
        """Take the key as a bearer token, or from the headers that Azure's and Anthropic's clients use."""
        shown = strict_bearer(request)
        if shown != MISSING:
            return shown
        return request.header("api-key") or request.header("x-api-key") or MISSING

    def guards(self, request: Request) -> bool:
        """Only what asks after its health is open."""
        return request.path not in _PUBLIC

    def minds(self, failure: Failure) -> bool:
        """Whatever the content type says, the body is JSON."""
        return failure.cause != "content-type"

    def check(self, context: Context) -> Failure | None:
        """Miss the prompt, which OpenAI can do without."""
        if context.endpoint != "completions" or "prompt" in context.request.fields:
            return None
        return missing("prompt")

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse keys, models and missing fields itself; the rest the provider refuses."""
        path = _PATHS.get(context.endpoint, "")
        if failure.cause.startswith("key-"):
            return replace(self._bad_key(failure, context), code="401", headers=())
        if failure.cause == "model-unknown" and context.endpoint == "model":
            name = context.request.parameter("model")
            return replace(failure, body={"detail": f"The model `{name}` does not exist or is not accessible"})
        if failure.cause in ("model-unknown", "model-missing"):
            name = context.request.model or "None"
            message = f"{path}: Invalid model name passed in model={name}. Call `/v1/models` to view available models "
            message += "for your key."
            fields = (("provider_specific_fields", {"error": message}),)
            return replace(failure, status=400, message=message, param=None, code="400", extra=fields)
        if failure.cause == "json":
            message = f"Invalid JSON payload: {_parse_error(failure, context)}"
            return replace(failure, message=message, param="request_body", code="400")
        found = mistake(failure, context) if failure.cause == "parameter" else None
        if found is not None and found.kind == "missing" and len(found.path) == 1:
            message = f"{path}: Missing required parameter: '{found.name}'."
            return replace(failure, message=message, param=found.name, code="400")
        if failure.cause in ("route", "method"):
            return super().refusal(failure, context)
        message = _wrapped(failure.status, failure.message) + _tail(context)
        return replace(failure, message=message, type=_type(failure.status), code=str(failure.status))

    def _bad_key(self, failure: Failure, context: Context) -> Failure:
        if failure.cause == "key-missing":
            message = "Authentication Error, No api key passed in."
            return replace(failure, message=message, type="auth_error", param="None")
        if failure.cause == "key-malformed":
            message = "Authentication Error, Malformed API Key passed in. Ensure Key has `Bearer ` prefix."
            return replace(failure, message=message, type="auth_error", param="None")
        if failure.cause == "key-expired":
            message = "Authentication Error, Authentication Error - Expired Key."
            return replace(failure, message=message, type="expired_key", param="None")
        key = self.credential(context.request)
        digest = sha256(key.encode("utf-8", "replace")).hexdigest()
        message = (
            f"Authentication Error, Invalid proxy server token passed. Received API Key = sk-...{key[-4:]}, Key Hash "
            f"(Token) ={digest}. Unable to find token in cache or `LiteLLM_VerificationTokenTable`"
        )
        return replace(failure, message=message, type="token_not_found_in_db", param="key")

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return the provider's id of a chat."""
        return super().answer_id("chat" if endpoint == "completions" else endpoint, seed)

    def request_id(self, seed: Seed) -> str:
        """Return the id of a call: a UUID."""
        return uuid(seed.child("request"))

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return what the proxy says of an answer, between what FastAPI and what its filters say of all."""
        head = super().headers(context, status=status, stream=stream)
        answers = status == 200 and context.endpoint in _ANSWERED
        own = told(context) if answers else ()
        if stream:
            buffers = (("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no"))
            return (*head[:-1], *own, *buffers, head[-1], ("Vary", "Origin"), *_BROWSERS)
        return (*head, *own, ("Vary", "Origin"), *_BROWSERS)

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Legacy streams begin with nothing, as chats do."""
        if context.stream and context.endpoint == "completions":
            events = empty_text_first(events)
        return self.shaped(answered_by(events, asked_or_first(context)), context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk; the one with usage has a choice as well."""
        shaped = super().chunk(payload, context) | {"service_tier": payload["service_tier"]}
        shaped["system_fingerprint"] = payload["system_fingerprint"]
        shaped["choices"] = shaped["choices"] or [{"index": 0, "delta": {}}]
        return ordered(shaped, "id", "created", "model", "object", "system_fingerprint")

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk: what is null is left out."""
        delta = super().choice(choice, context)["delta"]
        if "tool_calls" in delta:
            delta = {**delta, "tool_calls": [_fragment(one) for one in delta["tool_calls"]]}
        said = {key: value for key, value in ordered(delta, "content").items() if value is not None}
        ends = {"finish_reason": choice["finish_reason"]} if choice["finish_reason"] is not None else {}
        logprobs = {"logprobs": choice["logprobs"]} if choice["logprobs"] is not None else {}
        return {**ends, "index": choice["index"], "delta": said, **logprobs}

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = super().completion(payload, context)
        shaped["choices"] = [
            {
                "finish_reason": one["finish_reason"],
                "index": one["index"],
                "message": one["message"],
                **({"logprobs": one["logprobs"]} if one["logprobs"] is not None else {}),
                "provider_specific_fields": {},
            }
            for one in shaped["choices"]
        ]
        shaped["system_fingerprint"] = payload["system_fingerprint"]
        shaped["service_tier"] = payload["service_tier"]
        return ordered(shaped, "id", "created", "model", "object", "system_fingerprint", "choices", "usage")

    def message(self, message: Json, context: Context) -> Json:
        """A message; the refusal is a field of the provider's."""
        shaped = without(message, "refusal", "annotations")
        tail = {"provider_specific_fields": {"refusal": message["refusal"]}, "annotations": []}
        if "tool_calls" not in shaped:
            return {**ordered(shaped, "content", "role"), **tail}
        calls = [ordered({**one, "function": _function(one)}, "function", "id") for one in shaped["tool_calls"]]
        said = without(shaped, "content", "tool_calls")
        return {**said, "tool_calls": calls, **tail, "content": shaped["content"]}

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion, made of a chat."""
        shaped = super().text(payload, context)
        if not context.stream:
            keys = ("finish_reason", "index", "text")
            return shaped | {"choices": [ordered(one, *keys) for one in shaped["choices"]]}
        shaped["choices"] = [
            {"index": one["index"], "text": one["text"]}
            if one["finish_reason"] is None
            else {"finish_reason": one["finish_reason"], "index": one["index"]}
            for one in shaped["choices"]
        ] or [{"index": 0}]
        return shaped

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, whose usage has everything."""
        data = [ordered(one, "embedding", "index") for one in payload["data"]]
        shaped = {"model": payload["model"], "data": data, "object": "list"}
        if "usage" not in payload:
            return shaped
        usage = {**payload["usage"], "completion_tokens": 0}
        usage |= {"completion_tokens_details": None, "prompt_tokens_details": None}
        return {**shaped, "usage": ordered(usage, "completion_tokens", "prompt_tokens", "total_tokens")}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Token counts, the answer's first, and in streams what they cost."""
        counted = context.usage
        said = usage.get("completion_tokens_details") or {"reasoning_tokens": counted.reasoning if counted else 0}
        read = usage.get("prompt_tokens_details") or {"cached_tokens": counted.cached if counted else 0}
        more = {} if context.stream or context.endpoint == "chat" else _UNKNOWN_DETAILS
        cost = sum(costs(context)) if context.stream else None
        details = {
            "completion_tokens_details": {key: said.get(key, 0) for key in _DETAILS} | more,
            "prompt_tokens_details": {key: read.get(key, 0) for key in ("audio_tokens", "cached_tokens")} | more,
        }
        shaped = {**usage, **details} | ({} if cost is None else {"cost": cost})
        return ordered(shaped, "completion_tokens", "prompt_tokens", "total_tokens", *details)

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Say of bodies that might have been compressed that they depend on that."""
        head, *rest = items
        size = sum([len(item.data) for item in rest if isinstance(item, Frame)])
        if isinstance(head, Head) and head.framing == "length" and head.header("vary") and size >= _COMPRESSED:
            head = replace(head, headers=head.replaced("vary", "Origin, Accept-Encoding"))
        return [head, *rest]

    # --- errors -----------------------------------------------------------------------------------------------

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Say which call failed, and of errors of the provider that it was the last one to be asked."""
        asked = context.endpoint in _ANSWERED and not failure.cause.startswith(("key-", "method"))
        if asked and not failure.foreign:
            call: Headers = (
                ("x-litellm-call-id", context.request_id),
                ("x-litellm-response-cost", "0"),
                ("x-litellm-key-spend", "0.0"),
            )
            failure = replace(failure, headers=(*failure.headers, *call))
        if failure.message == self.words(failure.status)[0]:
            failure = replace(failure, message=failure.message + _tail(context))
        return super().failure(failure, context)

    def words(self, status: int) -> Words:
        """Return the provider's error, as it is wrapped."""
        return _wrapped(status, REASONS.get(status, f"Error {status}")), _type(status), None

    def payload(self, failure: Failure) -> Any:
        """The code is the status, as a string."""
        code = str(failure.status) if failure.code is None else failure.code
        return super().payload(replace(failure, code=code))

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """Models of several providers."""
        return _MODELS

    def entry(self, id: str) -> Model:
        """All models are as old as each other."""
        return next((one for one in _MODELS if one.id == id), Model(id=id, created=_CREATED))

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The list, before it says what it is."""
        return ordered(super().model_list(models, context), "data")

    def _alive(self, context: Context) -> Page:
        return Page(body='"I\'m alive!"')

    def _ready(self, context: Context) -> Page:
        return Page(body={"status": "healthy", "db": "Not connected"})

    def _test(self, context: Context) -> Page:
        return Page(body={"route": "/test"})

    def _info(self, context: Context) -> Page:
        return Page(body={"data": [deployment(one) for one in context.models]})

    pages: ClassVar = {
        "GET /health/liveliness": _alive,
        "GET /health/liveness": _alive,
        "GET /health/readiness": _ready,
        "GET /test": _test,
        "GET /model/info": _info,
        "GET /v1/model/info": _info,
    }


def _wrapped(status: int, message: str) -> str:
    """Return what the provider says with ``status`` as the proxy repeats it."""
    return f"litellm.{_EXCEPTIONS.get(status, 'InternalServerError: InternalServerError: ')}OpenAIException - {message}"


def _tail(context: Context) -> str:
    group = asked_or_first(context)
    return f"\n\nLiteLLM: model group '{group}' failed with the error above. No fallback was attempted."


def _type(status: int) -> str:
    """Return the type of errors of the provider with ``status``."""
    return _TYPES.get(status, "internal_server_error" if status >= 500 else "invalid_request_error")


def _parse_error(failure: Failure, context: Context) -> str:
    """Return what is wrong with a body that is no JSON object."""
    found = mistake(failure, context)
    text = context.request.body.decode("utf-8", "replace")
    if not text.strip():
        return "Input is a zero-length, empty document: line 1 column 1 (char 0)"
    position = int(found.path[0]) if found.kind == "unparsable" and found.path else 0
    before = text[:position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f"unexpected character, expected a JSON value: line {line} column {column} (char {position})"


def _fragment(call: Json) -> Json:
    """Return a fragment of a call: its function first, and always a type."""
    return ordered({"type": "function", **call, "function": _function(call)}, "id", "function", "type", "index")


def _function(call: Json) -> Json:
    return ordered(call.get("function") or {}, "arguments", "name")


BACKEND = LiteLLMProxy()
