"""vLLM's OpenAI-compatible server (``vllm serve MODEL``): FastAPI on uvicorn, one model, port 8000.

Its answers rest on recordings of 0.29.0 (September 2026; the tool calls on ones from 0.11 to 0.27) and on its sources.
Bodies carry many nulls, since its response models are written whole; chunks carry only what was set. Keys are asked
for under ``/v1`` only, and the refusal of one is a bare string. Unknown routes are answered in FastAPI's words, all
other errors in OpenAI's shape; those of validation are 400, not FastAPI's 422.

Made up: the ids of ``/tokenize``, one for each byte of UTF-8, so that ``/detokenize`` gives back what was put in;
the configuration in ``/server_info``, which the server shows in development mode only; what it says with 429, of which
it has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES, FastAPI, as_text
from mockoai.backends.habits import finish_on_last_text, own_call_ids, role_alone
from mockoai.backends.mistakes import mistake
from mockoai.credential import strict_bearer
from mockoai.plan.items import Event, Failure, Model, Page, Part
from mockoai.seed import HEXADECIMAL, Seed
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-", "embeddings": "embd-"}
_TYPES = {
    400: "BadRequestError",
    404: "NotFoundError",
    422: "UnprocessableEntityError",
    500: "InternalServerError",
    501: "NotImplementedError",
}
_ENGINE_DEAD = "EngineCore encountered an issue. See stack trace (above) for the root cause."
_SCALING = "The model is currently scaling. Please try again later."
_LIMITS = {
    "temperature": "temperature must be non-negative, got {}.",
    "top_p": "top_p must be in (0, 1], got {}.",
    "presence_penalty": "presence_penalty must be in [-2, 2], got {}.",
    "frequency_penalty": "frequency_penalty must be in [-2, 2], got {}.",
    "max_tokens": "max_tokens must be at least 1, got {}.",
    "max_completion_tokens": "max_tokens must be at least 1, got {}.",
    "n": "n must be at least 1, got {}.",
}
"""What it says of numbers out of bounds."""


class VLLM(FastAPI):
    """vLLM 0.29, as recorded in September 2026.

    The role comes in a chunk of its own with empty content, tool calls after it with ids such as
    ``chatcmpl-tool-83644ae4b07001b4``; the finish chunk says ``stop_reason`` and, as the last of a stream,
    ``system_fingerprint``. Usage comes when asked for, in a chunk of its own, and other chunks have no such key.
    Reasoning is in ``reasoning``. Models are listed with their context length and a permission, there is no route for
    one of them, and others are refused with 404; a request that names none gets the one there is.
    """

    name = "vllm"
    title = "vLLM"
    owner = "vllm"
    reasoning_field = "reasoning"
    exact_models = True
    version = "0.29.0"
    build: str | None = "vllm-0.29.0-13ff2e7e"
    """What answers have as ``system_fingerprint``."""
    digits = 16
    """Hexadecimal digits of ids."""
    context_length = 131_072
    opening: ClassVar[tuple[str, ...]] = ("prompt_token_ids", "prompt_text")
    """What the first chunk of a choice has null."""
    choice_tail: ClassVar[tuple[str, ...]] = ("routed_experts",)
    chat_tail: ClassVar[tuple[str, ...]] = (
        "prompt_logprobs",
        "prompt_token_ids",
        "prompt_text",
        "kv_transfer_params",
        "ec_transfer_params",
        "metrics",
    )
    text_tail: ClassVar[tuple[str, ...]] = ("kv_transfer_params", "ec_transfer_params", "metrics")
    """What whole choices, chat completions and legacy ones have null at their end."""
    usage_tail: ClassVar[tuple[str, ...]] = ("prompt_tokens_details", "completion_tokens_details")
    """Details of usage in whole bodies."""
    empty_calls = False
    """Whether a message without tool calls has an empty list of them."""

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """vLLM lists its models and has no route for one of them."""
        endpoint, parameters = super().resolve(path)
        return ("unknown", ()) if endpoint == "model" else (endpoint, parameters)

    def credential(self, request: Request) -> str:
        """Take the key as a bearer token, the scheme in any case, and nothing else."""
        return strict_bearer(request)

    def guards(self, request: Request) -> bool:
        """Only the API needs a key, not the pages beside it."""
        return request.endpoint != "page" or request.path.startswith("/v1")

    def minds(self, failure: Failure) -> bool:
        """Any temperature will do, and so does no model."""
        hot = failure.param == "temperature" and failure.code == "decimal_above_max_value"
        return not hot and failure.cause != "model-missing"

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse bodies with pydantic's complaint or the engine's, keys with a bare string."""
        if failure.status == 401:
            return replace(failure, body={"error": "Unauthorized"}, headers=())
        if failure.cause == "model-unknown":
            message = f"The model `{context.request.model}` does not exist."
            return replace(failure, status=404, message=message, type="NotFoundError", param="model", code=404)
        if failure.cause in BODY_CAUSES:
            return self.bad_body(failure, context)
        if failure.cause in ("quota", "rate", "organization"):
            return replace(failure, type=_TYPES.get(failure.status, REASONS.get(failure.status)), code=failure.status)
        return super().refusal(failure, context)

    def bad_body(self, failure: Failure, context: Context) -> Failure:
        """Say what is wrong with the body: pydantic what does not fit the model, the engine what is out of bounds."""
        if failure.cause == "content-type":
            message = "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed"
            return replace(failure, status=400, message=message, type="Bad Request", param=None, code=400)
        found = mistake(failure, context)
        template = _LIMITS.get(found.name) if found.kind in ("above", "below") else None
        if template is None:
            message = as_text([self.complaint(failure, context)]).rstrip()
            where = ".".join(["body", *map(str, found.path)])
            return replace(failure, status=400, message=message, type="Bad Request", param=where, code=400)
        value = float(found.value) if found.name in ("temperature", "top_p") else found.value
        message = template.format(value)
        param = found.name if found.name in ("temperature", "top_p", "max_tokens") else None
        if param is not None:
            message += f" (parameter={param}, value={value})"
        return replace(failure, status=400, message=message, type="BadRequestError", param=param, code=400)

    def payload(self, failure: Failure) -> Any:
        """The status is the error's code; what scales has no such shape."""
        if failure.status == 503 and failure.message == _SCALING:
            return {"error": _SCALING}
        payload: dict[str, Any] = super().payload(failure)
        payload["error"]["code"] = failure.status if failure.code is None else failure.code
        return payload

    def words(self, status: int) -> Words:
        """Return the name of an exception as the type, where vLLM has one for ``status``, else its phrase."""
        phrase = REASONS.get(status, f"Error {status}")
        return {500: _ENGINE_DEAD, 503: _SCALING}.get(status, phrase), _TYPES.get(status, phrase), None

    # --- answers ----------------------------------------------------------------------------------------------

    def snapshot(self, model: str) -> str:
        """Name the model that is served, where the request names none."""
        return model or self.models()[0].id

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix that says what it is of, and hexadecimal digits."""
        prefix = _PREFIXES.get(endpoint)
        return prefix + seed.child("id").text(self.digits, HEXADECIMAL) if prefix else ""

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Give tool calls ids of vLLM's own."""
        return own_call_ids(parts, context, lambda seed, _: f"chatcmpl-tool-{seed.text(self.digits, HEXADECIMAL)}")

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role alone; what is cut off at its limit ends with its last token."""
        if context.endpoint == "chat" and context.stream:
            events = finish_on_last_text(role_alone(events), ("length",))
        return self.shaped(events, context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk has only what was set: no null ``usage``, and the fingerprint on the last one."""
        shaped = self.envelope(payload)
        shaped["choices"] = [self.choice(one, context) for one in payload["choices"]]
        if payload.get("usage"):
            shaped["usage"] = self.usage_object(payload["usage"], context)
        if self.build is not None and self._is_last(payload, context):
            shaped["system_fingerprint"] = self.build
        if any("role" in one["delta"] for one in payload["choices"]):
            shaped |= dict.fromkeys(self.opening)
        return shaped

    def choice(self, choice: Json, context: Context) -> Json:
        """The first chunk of a choice has no ``token_ids``; the chunk that ends it says what stopped it."""
        delta = {key: value for key, value in choice["delta"].items() if key != "refusal" or value is not None}
        if "tool_calls" in delta:
            delta["tool_calls"] = [_fragment(one) for one in delta["tool_calls"]]
        ends = choice["finish_reason"] is not None
        shaped = {
            "index": choice["index"],
            "delta": delta or {"content": ""},
            "logprobs": _logprobs(choice["logprobs"]),
            "finish_reason": choice["finish_reason"],
        }
        if "role" in delta and not ends:
            return shaped
        return shaped | ({"stop_reason": None} if ends else {}) | {"token_ids": None}

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion: every field there is."""
        shaped = self.envelope(payload)
        shaped["choices"] = [
            {
                "index": one["index"],
                "message": self.message(one["message"], context),
                "logprobs": _logprobs(one["logprobs"]),
                "finish_reason": one["finish_reason"],
                "stop_reason": None,
                "token_ids": None,
                **dict.fromkeys(self.choice_tail),
            }
            for one in payload["choices"]
        ]
        return shaped | self._end(payload, context) | dict.fromkeys(self.chat_tail)

    def message(self, message: Json, context: Context) -> Json:
        """Content is empty, not null, beside a call that had to be made."""
        shaped: Json = {key: message[key] for key in ("role", "content") if key in message}
        if shaped.get("content", "") is None and context.request.fields.get("tool_choice") not in (None, "auto"):
            shaped["content"] = ""
        shaped |= {"refusal": message["refusal"], "annotations": None, "audio": None}
        shaped["function_call"] = message.get("function_call")
        if "tool_calls" in message or self.empty_calls:
            shaped["tool_calls"] = message.get("tool_calls", [])
        field = self.reasoning_field or "reasoning"
        return shaped | {field: message.get(field)}

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion, a chunk or the whole."""
        shaped = self.envelope(payload)
        shaped["choices"] = [self.legacy_choice(one, context) for one in payload["choices"]]
        if not context.stream:
            return shaped | self._end(payload, context) | dict.fromkeys(self.text_tail)
        if payload.get("usage"):
            shaped["usage"] = self.usage_object(payload["usage"], context)
        if self.build is not None and self._is_last(payload, context):
            shaped["system_fingerprint"] = self.build
        return shaped

    def legacy_choice(self, choice: Json, context: Context) -> Json:
        """A choice of a legacy completion."""
        shaped = {key: choice[key] for key in ("index", "text", "logprobs", "finish_reason")} | {"stop_reason": None}
        if context.stream:
            return shaped | {"prompt_token_ids": None, "token_ids": None}
        tail = ("token_ids", "prompt_logprobs", "prompt_token_ids", *self.choice_tail)
        return shaped | dict.fromkeys(tail)

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, which have an id and a time here."""
        shaped = {"id": context.id, "object": "list", "created": context.created, "model": context.model}
        shaped["data"] = [{key: one[key] for key in ("index", "object", "embedding")} for one in payload["data"]]
        if "usage" in payload:
            shaped["usage"] = self.usage_object({**payload["usage"], "completion_tokens": 0}, context)
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Sums in an order of its own; details are null in whole bodies, left out of chunks, but for reasoning."""
        sums = {key: usage[key] for key in ("prompt_tokens", "total_tokens", "completion_tokens") if key in usage}
        known = {*sums, "prompt_tokens_details", "completion_tokens_details"}
        details: Json = {} if context.stream else dict.fromkeys(self.usage_tail)
        reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        if reasoning and "completion_tokens_details" in self.usage_tail:
            details["completion_tokens_details"] = {"reasoning_tokens": reasoning}
        return sums | details | {key: value for key, value in usage.items() if key not in known}

    def _is_last(self, payload: Json, context: Context) -> bool:
        """Whether ``payload`` is that of the last chunk of a choice, or of the stream when usage ends it."""
        choices = payload["choices"]
        if context.include_usage:
            return not choices and bool(payload.get("usage"))
        return any(one["finish_reason"] is not None for one in choices)

    def _end(self, payload: Json, context: Context) -> Json:
        usage = {"usage": self.usage_object(payload["usage"], context)} if "usage" in payload else {}
        return {"service_tier": None, "system_fingerprint": self.build, **usage}

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """One model, served under the name it has on the hub."""
        return (Model(id="meta-llama/Llama-3.1-8B-Instruct"),)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model with its root, its context length and a permission; created when it is asked for."""
        permission = {
            "id": f"modelperm-{context.content.child('permission', model.id).text(self.digits, HEXADECIMAL)}",
            "object": "model_permission",
            "created": context.created,
            "allow_create_engine": False,
            "allow_sampling": True,
            "allow_logprobs": True,
            "allow_search_indices": False,
            "allow_view": True,
            "allow_fine_tuning": False,
            "organization": "*",
            "group": None,
            "is_blocking": False,
        }
        return {
            "id": model.id,
            "object": "model",
            "created": model.created or context.created,
            "owned_by": model.owned_by or self.owner,
            "root": model.id,
            "parent": None,
            "max_model_len": self.context_length,
            "permission": [permission],
            **dict(model.extra),
        }

    def entry(self, id: str) -> Model:
        """A model is created when it is asked for, whatever its name."""
        return Model(id=id)

    def _empty(self, context: Context) -> Page:
        return Page(body="", content_type="")

    def _version(self, context: Context) -> Page:
        return Page(body={"version": self.version})

    def _load(self, context: Context) -> Page:
        return Page(body={"server_load": 0})

    def _tokenize(self, context: Context) -> Page:
        """Take every byte for a token."""
        fields = context.request.fields
        text = fields.get("prompt")
        if not isinstance(text, str):
            text = context.request.message or ""
        tokens = list(text.encode("utf-8", "surrogatepass"))
        strings = [chr(one) for one in tokens] if fields.get("return_token_strs") is True else None
        return Page(
            body={
                "count": len(tokens),
                "max_model_len": self.context_length,
                "tokens": tokens,
                "token_strs": strings,
            }
        )

    def _detokenize(self, context: Context) -> Page:
        tokens = context.request.fields.get("tokens")
        found = tokens if isinstance(tokens, list) else []
        data = bytes([one for one in found if isinstance(one, int) and 0 <= one < 256])
        return Page(body={"prompt": data.decode("utf-8", "replace")})

    def _server_info(self, context: Context) -> Page:
        model = context.models[0].id if context.models else self.models()[0].id
        config = f"model='{model}', tokenizer='{model}', max_seq_len={self.context_length}, tensor_parallel_size=1"
        return Page(body={f"{self.name}_config": config, f"{self.name}_env": {}, "system_env": {}})

    pages: ClassVar = {
        "GET /health": _empty,
        "GET /ping": _empty,
        "POST /ping": _empty,
        "GET /version": _version,
        "GET /load": _load,
        "POST /tokenize": _tokenize,
        "POST /detokenize": _detokenize,
        "GET /server_info": _server_info,
    }


def _fragment(call: Json) -> Json:
    """Return a fragment of a call: id and type before the index, and a name without arguments."""
    said = {key: call[key] for key in ("id", "type", "index") if key in call}
    rest = {key: value for key, value in call.items() if key not in said}
    function = rest.get("function")
    if isinstance(function, dict) and "name" in function and not function.get("arguments"):
        rest["function"] = {"name": function["name"]}
    return said | rest


def _logprobs(logprobs: Json | None) -> Json | None:
    """Return log probabilities of a chat without those of a refusal, which vLLM does not know."""
    return logprobs and {key: value for key, value in logprobs.items() if key != "refusal"}


BACKEND = VLLM()
