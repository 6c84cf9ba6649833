"""LM Studio's local server, as transcripts, bug reports and its documentation show it: Express on Node.js.

Guessed: the headers of streams, what is said to bodies that are no JSON, the fields around legacy completions, and
what its lists tell of models that it does not come with here. ``/api/v0`` and ``/api/v1`` list models only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.express import Express
from mockoai.backends.habits import (
    answered_by,
    is_malformed,
    loaded,
    ordered,
    own_call_ids,
    role_with_first,
    without,
)
from mockoai.credential import MALFORMED, MISSING, strict_bearer
from mockoai.endpoints.routes import PAGE, UNKNOWN
from mockoai.plan.items import Event, Failure, Model, Page, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_DIGITS = "0123456789"
_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}
_REQUIRED = {"chat": "messages", "completions": "prompt", "embeddings": "input"}
_SHOWN = 10
"""Characters of a wrong key that are repeated."""
_LEARN = "Learn more at: https://lmstudio.ai/docs/developer/core/authentication."
_NO_KEY = (
    "An LM Studio API token is required to make requests to this server, but none was provided using the Authorization "
    f"header using the 'Bearer' scheme (i.e., 'Authorization: Bearer $LM_API_TOKEN'). {_LEARN}"
)
_NOTHING_LOADED = "No models loaded. Please load a model in the developer page or use the 'lms load' command."
_LISTED = "/api/v0/models"
_CONTEXT = 4096
"""Tokens that a model is loaded with."""


@dataclass(frozen=True, slots=True)
class _Details:
    """What the lists of its own say of a model."""

    id: str
    arch: str = "llama"
    type: str = "llm"
    publisher: str = "lmstudio-community"
    size: str = "8B"
    bytes: int = 4_920_734_272
    context: int = 131_072
    tools: bool = True

    @property
    def embeds(self) -> bool:
        """Whether it makes embeddings."""
        return self.type == "embeddings"


_MODELS = (
    _Details("meta-llama-3.1-8b-instruct"),
    _Details("qwen2.5-7b-instruct", "qwen2", size="7B", bytes=4_683_073_536, context=32_768),
    _Details("mistral-7b-instruct-v0.3", size="7B", bytes=4_372_811_936, context=32_768),
    _Details("deepseek-r1-distill-qwen-7b", "qwen2", size="7B", bytes=4_683_073_536, tools=False),
    _Details("qwen2-vl-7b-instruct", "qwen2vl", "vlm", "mlx-community", "7B", 5_654_249_472, 32_768, tools=False),
    _Details(
        "text-embedding-nomic-embed-text-v1.5", "nomic-bert", "embeddings", "nomic-ai", "137M", 84_106_624, 2048, False
    ),
)


class LMStudio(Express):
    """LM Studio 0.4, August 2026.

    What is no route of it, a base URL without /v1 and a wrong method among them, gets status 200 and
    {"error":"Unexpected endpoint or method. (GET /models)"}. Whatever model is asked for, one that is loaded answers
    and gives its own name. The role comes in every delta that says something, reasoning in reasoning_content; tool
    calls have nine digits for an id, and answers stats. Errors are mostly bare strings, with 400. Models are listed
    without a date, and there is no route for one of them; /api/v0/models says more. Keys are asked for only when the
    user turned that on.
    """

    name = "lm-studio"
    title = "LM Studio"
    port = 1234
    owner = "organization_owner"
    reasoning_field = "reasoning_content"
    null_usage = False

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Find routes behind ``/v1`` only, and none for one model there."""
        if path.startswith(f"{_LISTED}/"):
            return PAGE, ()
        endpoint, parameters = super().resolve(path)
        if endpoint != PAGE and (endpoint == "model" or not path.startswith("/v1/")):
            return UNKNOWN, ()
        return endpoint, parameters

    def credential(self, request: Request) -> str:
        """Take the key as a bearer token."""
        return strict_bearer(request)

    def minds(self, failure: Failure) -> bool:
        """Mind what is missing or of the wrong type; any model and any number will do."""
        return failure.cause == "content-type" or is_malformed(failure)

    def check(self, context: Context) -> Failure | None:
        """There is nobody to answer while nothing is loaded, and nothing to continue without a prompt."""
        if context.endpoint == "completions" and "prompt" not in context.request.fields:
            return Failure(status=400, message=_required("completions"), type=None)
        if context.models or context.endpoint not in _REQUIRED:
            return None
        return Failure(status=404, message=_NOTHING_LOADED, param="model")

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse keys in an error object, everything else with a bare string."""
        request = context.request
        if failure.cause in ("route", "method"):
            page = self.wrong_method(context)
            return replace(failure, status=page.status, body=page.body, headers=())
        if failure.status == 401:
            message = _NO_KEY if failure.cause in ("key-missing", "key-malformed") else _bad_key(strict_bearer(request))
            error = {"type": "invalid_request", "code": "invalid_api_key", "message": message}
            return replace(failure, body={"error": error}, headers=())
        missing = failure.cause == "parameter" and _REQUIRED[context.endpoint] not in request.fields
        if failure.cause == "content-type" or missing:
            return replace(failure, status=400, body={"error": _required(context.endpoint)})
        if failure.cause in ("json", "parameter"):
            return replace(failure, status=400, body={"error": failure.message})
        return failure

    def wrong_method(self, context: Context) -> Page:
        """Say so, with success."""
        request = context.request
        return Page(body={"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix and 21 lower-case characters."""
        prefix = _PREFIXES.get(endpoint)
        return prefix + seed.child("id").text(21, _LOWER) if prefix else ""

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Give tool calls nine digits for an id."""
        return own_call_ids(parts, context, lambda seed, _: seed.text(9, _DIGITS))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with the first delta, and the name of the model that is loaded."""
        if context.endpoint == "chat" and context.stream:
            events = role_with_first(events)
        return self.shaped(answered_by(events, loaded(context)), context)

    def envelope(self, payload: Json) -> Json:
        """The fingerprint is the model's name."""
        return {**super().envelope(payload), "system_fingerprint": payload["model"]}

    def choice(self, choice: Json, context: Context) -> Json:
        """Say the role in every delta that says something."""
        delta = without(super().choice(choice, context)["delta"], "role")
        if "tool_calls" in delta:
            delta = without(delta, "content")
        return {**choice, "delta": {"role": "assistant", **delta} if delta else {}}

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion, with statistics that are empty."""
        return self._with_stats(super().completion(payload, context))

    def message(self, message: Json, context: Context) -> Json:
        """Every field, empty where there is nothing."""
        shaped = super().message(message, context)
        calls = [ordered(call, "type", "id") for call in shaped.pop("tool_calls", [])]
        head = {"role": shaped.pop("role", "assistant"), "content": shaped.pop("content") or ""}
        return {**head, "reasoning_content": shaped.pop("reasoning_content", ""), "tool_calls": calls, **shaped}

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion."""
        shaped = super().text(payload, context)
        shaped["choices"] = [ordered(one, "index", "text", "logprobs") for one in shaped["choices"]]
        return shaped if context.stream else self._with_stats(shaped)

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, of which the tokens are not counted."""
        data = [ordered(one, "object", "embedding") for one in payload["data"]]
        usage = {"usage": dict.fromkeys(payload["usage"], 0)} if "usage" in payload else {}
        return {"object": "list", "data": data, "model": payload["model"], **usage}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """The sums, and of chats what was thought."""
        details = usage.get("completion_tokens_details")
        thought = {"reasoning_tokens": details["reasoning_tokens"]} if isinstance(details, dict) else None
        shaped = without(usage, "prompt_tokens_details", "completion_tokens_details")
        return shaped if thought is None else {**shaped, "completion_tokens_details": thought}

    def _with_stats(self, shaped: Json) -> Json:
        fingerprint = {"system_fingerprint": shaped["system_fingerprint"]}
        return {**without(shaped, "system_fingerprint"), "stats": {}, **fingerprint}

    # --- errors -----------------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return the status's phrase; errors have no type."""
        return super().words(status)[0], None, None

    def payload(self, failure: Failure) -> Any:
        """A bare string, unless a scenario says more."""
        if failure.type is failure.param is failure.code is None and not failure.extra:
            return {"error": failure.message}
        return super().payload(failure)

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """Some that it comes with."""
        return tuple(Model(id=one.id) for one in _MODELS)

    def one_model(self, model: Model, context: Context) -> Json:
        """A model, without a date."""
        return without(super().one_model(model, context), "created")

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The list, before it says what it is."""
        return ordered(super().model_list(models, context), "data")

    def page(self, context: Context) -> Page:
        """Answer with one model of the list too."""
        request = context.request
        if not request.path.startswith(f"{_LISTED}/") or request.method != "GET":
            return super().page(context)
        wanted = request.path[len(_LISTED) + 1 :]
        found = [one for one in _listed(context) if one["id"] == wanted]
        return Page(body=found[0]) if found else self.wrong_method(context)

    def _greeting(self, context: Context) -> Page:
        return Page(body={"lmstudio": True})

    def _v0_models(self, context: Context) -> Page:
        return Page(body={"object": "list", "data": _listed(context)})

    def _v1_models(self, context: Context) -> Page:
        found = [_v1(one, position == 0) for position, one in enumerate(_details(context))]
        return Page(body={"models": found})

    pages: ClassVar = {
        "GET /lmstudio-greeting": _greeting,
        f"GET {_LISTED}": _v0_models,
        "GET /api/v1/models": _v1_models,
    }


def _required(endpoint: str) -> str:
    return f"'{_REQUIRED[endpoint]}' field is required"


def _bad_key(key: str) -> str:
    key = "" if key in (MISSING, MALFORMED) else key
    shown = key[:_SHOWN] + "*" * (len(key) - _SHOWN)
    return f"Malformed LM Studio API token provided: {shown}. Ensure you are using a valid token. {_LEARN}"


def _details(context: Context) -> list[_Details]:
    known = {one.id: one for one in _MODELS}
    return [known.get(one.id) or _guessed(one.id) for one in context.models]


def _guessed(id: str) -> _Details:
    """Return the details of a model that LM Studio does not come with here."""
    return replace(_MODELS[-1], id=id) if "embed" in id.lower() else _Details(id)


def _listed(context: Context) -> list[Json]:
    """Return the entries of ``/api/v0/models``; the first model is loaded."""
    return [_v0(one, position == 0) for position, one in enumerate(_details(context))]


def _v0(one: _Details, is_loaded: bool) -> Json:
    return {
        "id": one.id,
        "object": "model",
        "type": one.type,
        "publisher": one.publisher,
        "arch": one.arch,
        "compatibility_type": "mlx" if one.publisher == "mlx-community" else "gguf",
        "quantization": "4bit" if one.publisher == "mlx-community" else "Q4_K_M",
        "state": "loaded" if is_loaded else "not-loaded",
        "max_context_length": one.context,
        **({"loaded_context_length": _CONTEXT} if is_loaded else {}),
    }


def _v1(one: _Details, is_loaded: bool) -> Json:
    format = "mlx" if one.publisher == "mlx-community" else "gguf"
    entry: Json = {
        "type": "embedding" if one.embeds else "llm",
        "publisher": one.publisher,
        "key": one.id,
        "display_name": one.id,
        "architecture": one.arch,
        "quantization": {"name": "4bit" if format == "mlx" else "Q4_K_M", "bits_per_weight": 4},
        "size_bytes": one.bytes,
        "params_string": one.size,
        "loaded_instances": [{"id": one.id, "config": {"context_length": _CONTEXT}}] if is_loaded else [],
        "max_context_length": one.context,
        "format": format,
    }
    if one.embeds:
        return without(entry, "architecture")
    capabilities = {"vision": one.type == "vlm", "trained_for_tool_use": one.tools}
    return {**entry, "capabilities": capabilities, "description": None}


BACKEND = LMStudio()
