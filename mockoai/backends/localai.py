"""LocalAI, as its source of summer 2026 has it: Echo on Go's net/http.

It compresses for those who accept that, which is left out here. Made up: the version and the backends on its pages;
what it says with 429, of which it has none of its own; what stands behind ``failed parsing request body``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.go import Go, decoding_error
from mockoai.backends.habits import (
    answered_by,
    asked_or_first,
    is_malformed,
    ordered,
    own_call_ids,
    whole_tool_calls,
)
from mockoai.backends.hosted import uuid
from mockoai.credential import MISSING
from mockoai.endpoints.routes import ENDPOINTS, UNKNOWN
from mockoai.plan.items import DONE, Event, Failure, Headers, Model, Page, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: https: blob:; frame-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_SECURITY = (
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
)
_CORRELATION = "X-Correlation-Id"
_ANSWERED = ("chat", "completions", "embeddings")
_OPEN = ("/healthz", "/readyz")
_ENVELOPE = ("created", "object", "id", "model")
_MODELS = (
    "deepseek-r1-distill-qwen-7b",
    "llama-3.2-3b-instruct:q4_k_m",
    "mistral-7b-instruct-v0.3",
    "mixtral-8x7b-instruct-v0.1",
    "qwen2.5-7b-instruct",
    "nomic-embed-text-v1.5",
)
_NO_ROUTE = "Resource not found"
_NO_KEY = "An authentication key is required"


class LocalAI(Go):
    """LocalAI 3, summer 2026.

    Answers have a bare UUID for an id, which X-Correlation-Id repeats, or the client's own. The first chunk says null
    content, so does every chunk without text; reasoning is in reasoning. A tool call comes in two chunks, name and
    arguments, and its id is that of the answer. Models are listed with id and object only, and there is no route for
    one of them. Errors have their status as a number for a code and mostly no type. A key may come as a bearer token,
    bare, in x-api-key or xi-api-key; /healthz and /readyz need none.
    """

    name = "localai"
    title = "LocalAI"
    port = 8080
    auth = "Bearer, bare or x-api-key"
    reasoning_field = "reasoning"
    exact_models = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """LocalAI lists its models and has no route for one of them."""
        endpoint, parameters = super().resolve(path)
        return (UNKNOWN, ()) if endpoint == "model" else (endpoint, parameters)

    def credential(self, request: Request) -> str:
        """Take the key from where it may be, in this order."""
        shown = (request.header("authorization") or "").removeprefix("Bearer ")
        return shown or request.header("x-api-key") or request.header("xi-api-key") or MISSING

    def guards(self, request: Request) -> bool:
        """Only what asks after its health is open."""
        return request.path not in _OPEN

    def minds(self, failure: Failure) -> bool:
        """Mind the wrong type, and models that are not there unless their names are paths; nothing has to be said."""
        if failure.cause == "model-unknown":
            return "/" not in failure.message
        missing = failure.code == "missing_required_parameter"
        return failure.cause == "content-type" or (is_malformed(failure) and not missing)

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse in Echo's words, or in LocalAI's."""
        refused = replace(failure, type="", code=failure.status, param=None, headers=())
        if failure.cause == "route":
            return replace(refused, message=_NO_ROUTE)
        if failure.cause == "method":
            allow: Headers = (("Allow", f"OPTIONS, {', '.join(ENDPOINTS[context.endpoint].methods)}"),)
            return replace(refused, message=_echo(405, "Method Not Allowed"), headers=allow)
        if failure.status == 401:
            challenge: Headers = (("Www-Authenticate", "Bearer"),)
            return replace(refused, message=_NO_KEY, type="invalid_request_error", headers=challenge)
        if failure.cause == "model-unknown":
            model = context.request.model
            message = f'model "{model}" not found. To see available models, call GET /v1/models'
            return replace(refused, message=message, type="invalid_request_error")
        if failure.cause in ("content-type", "json", "parameter"):
            why = _echo(400, f"failed parsing request body: {decoding_error(failure, context, 'OpenAIRequest')}")
            return replace(refused, status=400, message=why, code=400)
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("id")) if endpoint in _ANSWERED else ""

    def own_headers(self, context: Context, *, stream: bool) -> Headers:
        """Return what it tells browsers, and the id of an answer."""
        own: Headers = (*_SECURITY, ("Vary", "Origin"))
        if context.endpoint in _ANSWERED:
            own = (*own, (_CORRELATION, _id(context)))
        return (*own, ("Cache-Control", "no-cache"), ("Connection", "keep-alive")) if stream else own

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Make calls whole; their ids are the answer's."""

        def made(_: Seed, index: int) -> str:
            return f"{_id(context)}-{index}" if context.stream else _id(context)

        return own_call_ids(whole_tool_calls(parts), context, made)

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say a call in two chunks, without one for the role before."""
        if context.stream and context.endpoint == "chat":
            events = _calls(events)
        return self.shaped(answered_by(events, asked_or_first(context)), context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk; the one with usage has an order of its own."""
        shaped = super().chunk(payload, context) | {"id": _id(context)}
        if not shaped["choices"]:
            return ordered(shaped, "id", "created", "model", "object")
        return ordered(shaped, *_ENVELOPE)

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk: there is always content."""
        return self._choice(choice, "delta", super().choice(choice, context)["delta"])

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        choices = [self._choice(one, "message", self.message(one["message"], context)) for one in payload["choices"]]
        shaped = super().completion(payload, context) | {"id": _id(context), "choices": choices}
        return ordered(shaped, *_ENVELOPE)

    def message(self, message: Json, context: Context) -> Json:
        """A message; beside calls it has empty content, and all calls are the first."""
        shaped = super().message(message, context)
        if "tool_calls" in shaped:
            shaped["content"] = shaped["content"] or ""
            shaped["tool_calls"] = [{"index": 0, **call} for call in shaped["tool_calls"]]
        return shaped

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion; a text that is empty is left out, and usage comes in a chunk of a chat."""
        shaped = super().text(payload, context) | {"id": _id(context)}
        if not shaped["choices"]:
            return ordered(shaped | {"object": "chat.completion.chunk"}, "id", "created", "model", "object")
        shaped["choices"] = [
            {
                "index": one["index"],
                "finish_reason": one["finish_reason"],
                **({"text": one["text"]} if one["text"] else {}),
            }
            for one in shaped["choices"]
        ]
        return ordered(shaped, *_ENVELOPE)

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, which have an id and a time here."""
        data = [ordered(one, "embedding", "index", "object") for one in payload["data"]]
        head = {"created": context.created, "object": "list", "id": _id(context), "model": payload["model"]}
        if "usage" not in payload:
            return {**head, "data": data}
        usage = ordered({**payload["usage"], "completion_tokens": 0}, "prompt_tokens", "completion_tokens")
        return {**head, "data": data, "usage": usage}

    def _choice(self, choice: Json, key: str, said: Json) -> Json:
        fields = {**said, "content": said.get("content") if said.get("content") != "" or key == "message" else None}
        order = ("role", "content", "function_call", "tool_calls", "reasoning")
        head = {"index": choice["index"], "finish_reason": choice["finish_reason"], key: ordered(fields, *order)}
        return head if choice.get("logprobs") is None else {**head, "logprobs": choice["logprobs"]}

    # --- errors, models and pages -----------------------------------------------------------------------------

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """What is refused before an answer is begun has no id."""
        headers, event = super().failure(failure, context)
        return tuple([pair for pair in headers if pair[0] != _CORRELATION or not failure.cause]), event

    def payload(self, failure: Failure) -> Any:
        """The code is the status, and no parameter is named."""
        error: Json = {"code": failure.status if failure.code is None else failure.code, "message": failure.message}
        if failure.param is not None:
            error["param"] = failure.param
        return {"error": {**error, "type": failure.type or "", **dict(failure.extra)}}

    def words(self, status: int) -> Words:
        """Errors have no type and no code but their status."""
        return super().words(status)[0], "", None

    def models(self) -> tuple[Model, ...]:
        """Some of its gallery."""
        return tuple(Model(id=name) for name in _MODELS)

    def one_model(self, model: Model, context: Context) -> Json:
        """A model by its id, and nothing else."""
        return {"id": model.id, "object": "model", **dict(model.extra)}

    def wrong_method(self, context: Context) -> Page:
        """Return what Echo says."""
        refused = Failure(status=405, message=_echo(405, "Method Not Allowed"), type="")
        return Page(status=405, body=self.payload(refused), headers=(("Allow", "OPTIONS, GET"),))

    def _empty(self, context: Context) -> Page:
        return Page(body="", content_type="")

    def _version(self, context: Context) -> Page:
        return Page(body={"version": "v3.12.0 (0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c)"})

    def _system(self, context: Context) -> Page:
        found = [{"id": one.id} for one in context.models[:1]]
        return Page(body={"backends": ["llama-cpp", "whisper", "stablediffusion-ggml"], "loaded_models": found})

    pages: ClassVar = {
        "GET /healthz": _empty,
        "GET /readyz": _empty,
        "GET /version": _version,
        "GET /system": _system,
    }


def _id(context: Context) -> str:
    """Return the id of the answer: the client's own, if it has one."""
    return context.request.header("x-correlation-id") or context.id


def _echo(status: int, message: str) -> str:
    """Return an error of Echo as it writes it into a text."""
    return f"code={status}, message={message}"


def _calls(events: Iterable[Event]) -> Iterator[Event]:
    """Say each call in two chunks, its name and its arguments, both with the role; drop a role before them."""
    for event in events:
        choices = [] if event.payload is DONE else event.payload["choices"]
        delta = choices[0]["delta"] if len(choices) == 1 else {}
        if delta.keys() == {"role", "content"} and delta["content"] is None:
            continue
        if not delta.get("tool_calls"):
            yield event
            continue
        for call in delta["tool_calls"]:
            head = ordered(call, "index", "id", "type")
            arguments = call["function"].get("arguments", "")
            for function in ({"name": call["function"].get("name", ""), "arguments": ""}, {"arguments": arguments}):
                said = {"role": "assistant", "content": None, "tool_calls": [{**head, "function": function}]}
                yield replace(event, payload={**event.payload, "choices": [{**choices[0], "delta": said}]})


BACKEND = LocalAI()
