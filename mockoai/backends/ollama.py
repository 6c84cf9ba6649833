"""Ollama's OpenAI-compatible API, as its source of August 2026 has it: gin on Go's net/http.

Guessed: how the first delta of a text looks, after a transcript of one of reasoning; what it would say to keys, of
which it has none; what it says with 429. Digests of models are made up, but for one. Its own API is in
:mod:`mockoai.backends.ollama_native`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from mockoai.address import model_scenario
from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.go import Go, decoding_error
from mockoai.backends.habits import is_malformed, ordered, own_call_ids, role_with_first, whole_tool_calls
from mockoai.backends.ollama_native import MODELS, PAGES, pulled
from mockoai.endpoints import refusals
from mockoai.endpoints.routes import ENDPOINTS, PAGE, UNKNOWN
from mockoai.plan.items import DONE, Event, Failure, Headers, Model, Page, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}
_TYPES = {400: "invalid_request_error", 404: "not_found_error"}
_STRUCTS = {"chat": "ChatCompletionRequest", "completions": "CompletionRequest", "embeddings": "EmbedRequest"}
_BUSY = "server busy, please try again.  maximum pending requests exceeded"
_ENDED = "llama runner process has terminated: exit status 2"
_PLAIN = "text/plain"
_JSON = "application/json; charset=utf-8"
_EMPTY = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class Ollama(Go):
    """Ollama 0.32.6, August 2026.

    Ids are short numbers, the fingerprint is fp_ollama. The role comes with what is said first, content is empty beside
    reasoning, which is in reasoning; a tool call comes whole, in one chunk. Legacy streams with usage say zeros until
    the end. Models are listed with the time when they were pulled; a tag of :latest may be left out, and a model that
    was not pulled is 404. Unknown routes are 404 in plain text. Nothing asks for a key. Its own API answers what
    clients probe: /, /api/version, /api/tags, /api/ps, /api/show, and a little of /api/chat and /api/generate.
    """

    name = "ollama"
    title = "Ollama"
    port = 11434
    auth = "none"
    owner = "library"
    fingerprint = "fp_ollama"
    reasoning_field = "reasoning"
    any_model = True
    exact_models = True
    pages: ClassVar = PAGES

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The name of one model holds no slash."""
        endpoint, parameters = super().resolve(path)
        if endpoint == "model" and "/" in parameters[0][1]:
            return UNKNOWN, ()
        return endpoint, parameters

    def minds(self, failure: Failure) -> bool:
        """Mind the wrong type, no model and no messages; which models there are is looked at later."""
        if failure.code in ("missing_required_parameter", "empty_array"):
            return failure.param == "messages"
        return failure.cause == "model-missing" or is_malformed(failure)

    def check(self, context: Context) -> Failure | None:
        """Refuse models that were not pulled."""
        name = context.request.model or context.request.parameter("model")
        if not name or not context.exact_models or pulled(name, context.models) or model_scenario(name):
            return None
        return refusals.unknown_model(name)

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse routes as gin does, bodies before they are read, models after that."""
        refused = replace(failure, type=self.type_of(failure.status), code=None, param=None, headers=())
        if failure.cause == "route":
            return replace(refused, body="404 page not found", content_type=_PLAIN)
        if failure.cause == "method":
            allow: Headers = (("Allow", ", ".join(ENDPOINTS[context.endpoint].methods)),)
            return replace(refused, body="405 method not allowed", content_type=_PLAIN, headers=allow)
        if failure.status == 401:
            return replace(refused, message="unauthorized")
        if failure.cause == "model-unknown":
            name = context.request.model or context.request.parameter("model")
            return replace(refused, status=404, message=f"model '{name}' not found")
        if failure.cause == "model-missing":
            return replace(refused, message="model is required")
        if failure.cause in ("content-type", "json", "parameter"):
            message = self._complaint(failure, context)
            return replace(refused, status=400, type=_TYPES[400], message=message, content_type=_JSON)
        return failure

    def _complaint(self, failure: Failure, context: Context) -> str:
        if failure.code in ("missing_required_parameter", "empty_array"):
            return "[] is too short - 'messages'"
        if failure.cause == "parameter" and context.endpoint == "embeddings":
            return "invalid input"
        return decoding_error(failure, context, _STRUCTS[context.endpoint])

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix and a number below 999; here it always has three digits."""
        prefix = _PREFIXES.get(endpoint)
        return f"{prefix}{seed.child('id').integer(100, 998)}" if prefix else ""

    def kind(self, context: Context) -> str:
        """Its own API is written by gin, which says the character set."""
        return _JSON if context.endpoint == PAGE else self.json_type

    def ends_line(self, context: Context) -> bool:
        """Its own API is written by gin, which ends no line."""
        return context.endpoint != PAGE

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Make calls whole, with short ids."""
        return own_call_ids(whole_tool_calls(parts), context, lambda seed, _: f"call_{seed.text(8, _LOWER)}")

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with what is said first."""
        if context.stream and context.endpoint == "chat":
            events = role_with_first(events)
        elif context.stream and context.include_usage:
            events = _with_zeros(events)
        return self.shaped(events, context)

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk: content is empty beside other things, log probabilities are there when asked for."""
        delta = super().choice(choice, context)["delta"]
        if delta:
            delta = _message({**delta, "content": delta.get("content") or ""})
            if "tool_calls" in delta:
                delta["tool_calls"] = [_call(one["index"], one) for one in delta["tool_calls"]]
        logprobs = {"logprobs": choice["logprobs"]} if choice["logprobs"] is not None else {}
        return {"index": choice["index"], "delta": delta, "finish_reason": choice["finish_reason"], **logprobs}

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = super().completion(payload, context)
        shaped["choices"] = [
            {
                "index": one["index"],
                "message": one["message"],
                "finish_reason": one["finish_reason"],
                **({"logprobs": one["logprobs"]} if one["logprobs"] is not None else {}),
            }
            for one in shaped["choices"]
        ]
        return shaped

    def message(self, message: Json, context: Context) -> Json:
        """A message; content is empty beside calls."""
        shaped = super().message(message, context)
        if "tool_calls" in shaped:
            shaped["tool_calls"] = [_call(index, one) for index, one in enumerate(shaped["tool_calls"])]
        return _message({**shaped, "content": shaped.get("content") or ""})

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion; a chunk names the model behind its choices."""
        shaped = super().text(payload, context)
        shaped["choices"] = [
            {key: one[key] for key in ("text", "index", "logprobs", "finish_reason") if key != "logprobs" or one[key]}
            for one in shaped["choices"]
        ]
        return ordered(shaped, "id", "object", "created", "choices") if context.stream else shaped

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, which OpenAI orders likewise but for their entries."""
        data = [ordered(one, "object", "embedding") for one in payload["data"]]
        return {**payload, "data": data}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Token counts; those from the cache stand behind the prompt's."""
        sums = super().usage_object(usage, context)
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
        return ordered(sums | details, "prompt_tokens", "prompt_tokens_details")

    # --- errors and models ------------------------------------------------------------------------------------

    def type_of(self, status: int) -> str:
        """Return the type of errors with ``status``."""
        return _TYPES.get(status, "api_error")

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        message = {500: _ENDED, 503: _BUSY}.get(status, super().words(status)[0])
        return message, self.type_of(status), None

    def wrong_method(self, context: Context) -> Page:
        """Return what gin says."""
        path = context.request.path
        allowed = ", ".join([method for method, _, page in (key.partition(" ") for key in self.pages) if page == path])
        return Page(status=405, body="405 method not allowed", content_type=_PLAIN, headers=(("Allow", allowed),))

    def models(self) -> tuple[Model, ...]:
        """The models that were pulled."""
        return MODELS

    def entry(self, id: str) -> Model:
        """Return the model called ``id``, whose tag may be left out."""
        found = pulled(id, MODELS)
        return super().entry(id) if found is None else replace(found, id=id)

    def one_model(self, model: Model, context: Context) -> Json:
        """A model; the namespace in its name owns it."""
        owner, slash, _ = model.id.rpartition("/")
        return super().one_model(model if model.owned_by or not slash else replace(model, owned_by=owner), context)

    def model_list(self, models: Sequence[Model], context: Context) -> Json:
        """The list, which is null while there are none."""
        return {"object": "list", "data": [self.one_model(one, context) for one in models] or None}


def _message(said: Json) -> Json:
    return ordered(said, "role", "content", "reasoning", "tool_calls")


def _call(index: int, call: Json) -> Json:
    return ordered({**call, "index": index}, "id", "index", "type")


def _with_zeros(events: Iterable[Event]) -> Iterator[Event]:
    """Say in legacy chunks before the last that nothing was used."""
    for event in events:
        if event.payload is not DONE and event.payload.get("usage", 0) is None:
            event = replace(event, payload={**event.payload, "usage": _EMPTY})
        yield event


BACKEND = Ollama()
