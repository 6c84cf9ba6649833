"""llama.cpp's server (``llama-server -m MODEL``), as its source of summer 2026 has it: cpp-httplib, one model.

Its library keeps headers in no order, and the one here is that of a transcript. Guessed: the number of the build, what
it says with 429, of which it has none of its own, and the length of its timings. ``/completions`` without ``/v1`` is
another API there, and OpenAI's here; embeddings need a flag there, and none here. Made up: the tokens of
``/tokenize``, one for each byte of UTF-8. ``/metrics`` is mockoai's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Compatible, Json
from mockoai.backends.habits import (
    answered_by,
    is_malformed,
    loaded,
    ordered,
    own_call_ids,
    role_alone,
    without,
)
from mockoai.backends.llama_cpp_pages import BUILD, META, MODEL, PAGES, as_ollama
from mockoai.backends.mistakes import mistake
from mockoai.credential import MISSING, bearer_or_bare
from mockoai.endpoints.routes import UNKNOWN
from mockoai.endpoints.usage import completions_usage
from mockoai.plan.items import DONE, Event, Failure, Headers, Model, Page, Part, ToolCall

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    500: "server_error",
    501: "not_supported_error",
    503: "unavailable_error",
}
_LOADING = "Loading model"
_INLINE = frozenset({401, 404, 503})
"""Statuses of errors that are written by hand, with their code at the end."""
_PUBLIC = ("/health", "/v1/health", "/models", "/v1/models", "/")
_REQUIRED = {"chat": "'messages' is required", "embeddings": '"input" or "content" must be provided'}
_MILLISECOND = 1000


class LlamaCpp(Compatible):
    """llama.cpp's server, summer 2026.

    One model is loaded and answers, whatever the request names. Keys stand in an order of their own, choices first; the
    first delta has null content, the name of a call comes with its first arguments, the last chunk says timings, and
    legacy streams usage as well. Errors have their status as a number for a code; what is no JSON is 500. Models are
    listed twice, in Ollama's shape and in OpenAI's, and without a key. A key may come as a bearer token, bare or in
    x-api-key.
    """

    name = "llama-cpp"
    title = "llama.cpp"
    port = 8080
    auth = "Bearer, bare or x-api-key"
    owner = "llamacpp"
    server = "llama.cpp"
    lower_case = False
    json_type = "application/json; charset=utf-8"
    stream_type = "text/event-stream"
    fingerprint = BUILD
    reasoning_field = "reasoning_content"
    null_usage = False

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """llama.cpp lists its model and has no route for it."""
        endpoint, parameters = super().resolve(path)
        return (UNKNOWN, ()) if endpoint == "model" else (endpoint, parameters)

    def credential(self, request: Request) -> str:
        """Take the key with or without its scheme, or from its own header."""
        shown = bearer_or_bare(request)
        return request.header("x-api-key") or MISSING if shown == MISSING else shown

    def guards(self, request: Request) -> bool:
        """Lists and health are public."""
        return request.path not in _PUBLIC

    def minds(self, failure: Failure) -> bool:
        """Mind messages or inputs that are missing or none; what else is wrong gives way to what is usual."""
        return is_malformed(failure) and (failure.param == "messages" or "input" in failure.message)

    def check(self, context: Context) -> Failure | None:
        """Miss the prompt, and say so in the words of the JSON library."""
        if context.endpoint != "completions" or "prompt" in context.request.fields:
            return None
        return self._said(500, "[json.exception.out_of_range.403] key 'prompt' not found")

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse in the words of its handlers, and of its JSON library."""
        if failure.cause in ("route", "method"):
            return self._said(404, "File Not Found")
        if failure.status == 401:
            return self._said(401, "Invalid API Key")
        if failure.cause == "json":
            return self._said(500, _parse_error(failure, context))
        if failure.cause == "parameter" and failure.code == "invalid_type":
            return self._said(400, "Expected 'messages' to be an array")
        if failure.cause == "parameter":
            return self._said(400, _REQUIRED[context.endpoint])
        if failure.cause:
            return replace(failure, type=self.type_of(failure.status), code=None)
        return failure

    def _said(self, status: int, message: str) -> Failure:
        return Failure(status=status, message=message, type=self.type_of(status))

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix, the same for all, and 32 characters."""
        return "chatcmpl-" + seed.child("id").text(32) if endpoint in ("chat", "completions") else ""

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return how long the connection is kept, the type, the server, and who may read; it does not say the date."""
        keeps = (("Keep-Alive", "timeout=5, max=100"),) if context.request.keep_alive else ()
        return (
            *keeps,
            ("Content-Type", self.stream_type if stream else self.json_type),
            ("Server", self.server),
            ("Content-Length", ""),
            ("Access-Control-Allow-Origin", context.request.header("origin") or ""),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Say the name of a call with its first arguments."""
        return own_call_ids(list(_named_late(parts)), context, lambda seed, _: seed.text(32))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role alone; a legacy stream says usage with the finish reason."""
        if context.stream and context.endpoint == "chat":
            events = role_alone(events)
        elif context.stream:
            events = (event for event in events if event.payload is DONE or event.payload["choices"])
        return self.shaped(answered_by(events, loaded(context)), context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk; the last one has timings."""
        shaped = ordered(super().chunk(payload, context), "choices", "created", "id", "model", "system_fingerprint")
        ends = any(choice["finish_reason"] for choice in shaped["choices"])
        if not shaped["choices"] or (ends and not context.include_usage):
            shaped["timings"] = _timings(context)
        return shaped

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk."""
        delta = super().choice(choice, context)["delta"]
        if "role" in delta:
            delta = {**delta, "content": None}
        if "tool_calls" in delta:
            delta = {**delta, "tool_calls": [_fragment(one) for one in delta["tool_calls"]]}
        return _choice({**choice, "delta": delta}, "finish_reason", "index", "delta")

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion, with timings."""
        shaped = super().completion(payload, context)
        shaped["choices"] = [_choice(one, "finish_reason", "index", "message") for one in shaped["choices"]]
        return _whole(shaped, context)

    def message(self, message: Json, context: Context) -> Json:
        """A message; content is empty beside calls."""
        shaped = super().message(message, context)
        shaped["content"] = shaped["content"] or ""
        if "tool_calls" in shaped:
            shaped["tool_calls"] = [ordered(call, "type", "function", "id") for call in shaped["tool_calls"]]
        return ordered(shaped, "role", "content")

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion; the chunk with the finish reason is that of the whole, less the text."""
        shaped = super().text(payload, context)
        if not context.stream:
            return _whole(shaped, context)
        counted = context.usage
        if counted is None or not any(choice["finish_reason"] for choice in shaped["choices"]):
            return ordered(shaped, "choices", "created", "model", "system_fingerprint", "object")
        shaped["usage"] = self.usage_object(completions_usage(counted), context)
        return _whole(shaped, context)

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, behind their usage."""
        data = [ordered(one, "embedding", "index") for one in payload["data"]]
        return ordered({**payload, "data": data}, "model", "object", "usage")

    def usage_object(self, usage: Json, context: Context) -> Json:
        """The sums, the answer's first, and what was cached."""
        cached = {"cached_tokens": context.usage.cached if context.usage else 0}
        details = {"prompt_tokens_details": cached}
        return ordered(super().usage_object(usage, context) | details, "completion_tokens", "prompt_tokens")

    # --- errors -----------------------------------------------------------------------------------------------

    def type_of(self, status: int) -> str:
        """Return the type of errors with ``status``."""
        return _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")

    def words(self, status: int) -> Words:
        """Return the status's phrase; a model that is loading is the reason for 503."""
        message = {503: _LOADING, 404: "File Not Found", 401: "Invalid API Key"}.get(status)
        return message or super().words(status)[0], self.type_of(status), None

    def payload(self, failure: Failure) -> Any:
        """The code is the status, first or, in what was written by hand, last."""
        code = failure.status if failure.code is None else failure.code
        error: Json = {"code": code, "message": failure.message, "type": failure.type, **dict(failure.extra)}
        return {"error": ordered(error, "message", "type") if failure.status in _INLINE else error}

    def wrong_method(self, context: Context) -> Page:
        """There is no such file."""
        return Page(status=404, body=self.payload(self._said(404, "File Not Found")))

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """The model that is loaded."""
        return (Model(id=MODEL),)

    def entry(self, id: str) -> Model:
        """A model is created when it is asked for."""
        return Model(id=id)

    def one_model(self, model: Model, context: Context) -> Json:
        """A model and what it is made of."""
        shaped = super().one_model(replace(model, created=model.created or context.created), context)
        return ordered({**shaped, "aliases": [], "tags": [], "meta": META}, "id", "aliases", "tags")

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The list, twice."""
        return {"models": [as_ollama(one) for one in models], **super().model_list(models, context)}

    pages: ClassVar = PAGES


def _named_late(parts: Sequence[Part]) -> Iterator[Part]:
    """Say the id and name of a call with its first arguments, where it has some."""
    held: dict[tuple[int, int, bool], ToolCall] = {}
    for part in parts:
        if isinstance(part, ToolCall):
            key = part.choice, part.index, part.legacy
            if part.name is not None and not part.arguments:
                held[key] = part
                continue
            if before := held.pop(key, None):
                part = replace(part, id=before.id, name=before.name)
        else:
            yield from held.values()
            held.clear()
        yield part
    yield from held.values()


def _fragment(call: Json) -> Json:
    """Return a fragment of a call without arguments that say nothing."""
    function = call.get("function")
    if not isinstance(function, dict) or function.get("arguments"):
        return call
    return {**call, "function": without(function, "arguments")}


def _choice(choice: Json, *keys: str) -> Json:
    """Return ``choice`` in this order, without log probabilities that nobody asked for."""
    shaped = ordered(choice, *keys)
    return shaped if shaped.get("logprobs") is not None else without(shaped, "logprobs")


def _whole(shaped: Json, context: Context) -> Json:
    body = ordered(shaped, "choices", "created", "model", "system_fingerprint", "object", "usage")
    return {**body, "timings": _timings(context)}


def _timings(context: Context) -> Json:
    """Return how long it took, by the tokens of the answer and a speed that is the content's."""
    counted = context.usage
    cached, prompt, predicted = (counted.cached, counted.prompt, counted.completion) if counted else (0, 0, 0)
    seed = context.content.child("timings")
    timings: Json = {"cache_n": cached}
    for name, count, low, high in (("prompt", prompt - cached, 900, 2400), ("predicted", predicted, 9000, 32000)):
        each = seed.child(name).integer(low, high) / _MILLISECOND
        timings |= {
            f"{name}_n": count,
            f"{name}_ms": round(count * each, 3),
            f"{name}_per_token_ms": each,
            f"{name}_per_second": _MILLISECOND / each,
        }
    return timings


def _parse_error(failure: Failure, context: Context) -> str:
    """Return what nlohmann/json says of a body that is no JSON, or of one that is no object."""
    found = mistake(failure, context)
    if found.kind == "type":
        return f"[json.exception.type_error.302] type must be {found.expected}, but is {_kind(found.value)}"
    text = context.request.body.decode("utf-8", "replace")
    position = int(found.path[0]) if found.path else 0
    before = text[:position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    last = f"invalid literal; last read: '{text[: position + 1]}'" if text.strip() else "unexpected end of input"
    where = f"line {line}, column {column}: syntax error while parsing value"
    return f"[json.exception.parse_error.101] parse error at {where} - {last}"


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "number"


BACKEND = LlamaCpp()
