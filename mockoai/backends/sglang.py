"""SGLang's server (``python -m sglang.launch_server``): FastAPI on uvicorn, one model, port 30000.

Its answers rest on recordings of May to October 2026 and on the sources of 0.5.2x. Chunks are written by two encoders:
the role, reasoning, finish reasons and, where the request has no tools, text by a quick one that leaves out what is not
set but for ``reasoning_content``; tool calls, and text beside tools, by pydantic, which writes every field. Errors are
flat, those that the application's framework raises have the status as their type.

Made up: ``/server_info``, and the ids of ``/tokenize`` and ``/detokenize``, one for each byte of UTF-8. The server's
Ollama routes and its own ``/generate`` are not imitated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES, FastAPI, as_text
from mockoai.backends.habits import own_call_ids, role_alone, ticking
from mockoai.backends.mistakes import mistake
from mockoai.credential import MALFORMED, MISSING
from mockoai.plan.items import Event, Failure, Model, Page, Part
from mockoai.seed import HEXADECIMAL, Seed
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

_CONTEXT_LENGTH = 32_768
_VERSION = "0.5.23"
_END_OF_TURN = 151_645
"""The token that ended the answer: Qwen's ``<|im_end|>``."""
_DEFAULT = "default"
"""What a model is called in answers to requests that name none."""
_FLUSHED = (
    "Cache flushed.\nPlease check backend logs for more details. "
    "(When there are running or waiting requests, the operation will not be performed.)\n"
)
_LIMITS = {
    "temperature": "temperature must be a non-negative finite number, got {}.",
    "top_p": "top_p must be in (0, 1], got {}.",
    "presence_penalty": "presence_penalty must be in [-2, 2], got {}.",
    "frequency_penalty": "frequency_penalty must be in [-2, 2], got {}.",
}
"""What it says of numbers out of bounds."""
_WORDS: dict[int, Words] = {
    400: ("Bad Request", "BadRequestError", None),
    500: ("Internal server error", "InternalServerError", None),
    501: ("Not Implemented", "NotImplementedError", None),
    503: ("The request queue is full.", "503", None),
}


class SGLang(FastAPI):
    """SGLang 0.5, as recorded from May to October 2026.

    Ids are 32 hexadecimal digits. Every choice says ``matched_stop``, the token that ended it; ``created`` goes on
    from chunk to chunk. ``reasoning_content`` is always there, mostly null. Whole bodies end with ``metadata``. Usage
    comes when asked for, in a chunk of its own, with ``reasoning_tokens`` beside the sums. Errors are flat
    (``{"object":"error","message",…}``), but for a model that ``GET /v1/models/{model}`` does not find. Any model name
    will do, and none as well.
    """

    name = "sglang"
    title = "SGLang"
    port = 30_000
    owner = "sglang"
    reasoning_field = "reasoning_content"

    # --- requests ---------------------------------------------------------------------------------------------

    def credential(self, request: Request) -> str:
        """Take ``Authorization: Bearer KEY``, to the letter."""
        shown = request.header("authorization")
        if shown is None:
            return MISSING
        return shown.removeprefix("Bearer ") if shown.startswith("Bearer ") else MALFORMED

    def guards(self, request: Request) -> bool:
        """All but health checks and metrics needs a key."""
        return not request.path.startswith(("/health", "/metrics"))

    def minds(self, failure: Failure) -> bool:
        """Any temperature will do, and so does no model."""
        hot = failure.param == "temperature" and failure.code == "decimal_above_max_value"
        return not hot and failure.cause != "model-missing"

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse bodies with pydantic's complaint or the sampler's, keys with a bare string."""
        if failure.status == 401:
            return replace(failure, body={"error": "Unauthorized"}, headers=())
        if failure.cause == "model-unknown" and context.endpoint == "model":
            error = {"message": failure.message, "type": failure.type, "param": "model", "code": "model_not_found"}
            return replace(failure, status=404, body={"error": error})
        if failure.cause in BODY_CAUSES:
            return self.bad_body(failure, context)
        if failure.cause in ("model-unknown", "quota", "rate"):
            return replace(failure, type=str(failure.status), param=None, code=failure.status)
        return super().refusal(failure, context)

    def bad_body(self, failure: Failure, context: Context) -> Failure:
        """Say what is wrong with the body, twice when it is pydantic that says it."""
        found = mistake(failure, context)
        template = _LIMITS.get(found.name) if found.kind in ("above", "below") else None
        if template is not None:
            message = template.format(found.value)
            return replace(failure, status=400, message=message, type="BadRequestError", param=None, code=400)
        said = self.complaint(failure, context)
        if failure.cause == "content-type":
            wanted = "Unsupported Media Type: Only 'application/json' is allowed"
            said = {"loc": ["header", "content-type"], "msg": wanted, "type": "value_error"}
        message = f"{as_text([said])} {[said]}"
        return replace(failure, status=400, message=message, type="Bad Request", param=None, code=400)

    def payload(self, failure: Failure) -> Any:
        """A flat error; its code is the status."""
        return {
            "object": "error",
            "message": failure.message,
            "type": failure.type,
            "param": failure.param,
            "code": failure.status if failure.code is None else failure.code,
            **dict(failure.extra),
        }

    def words(self, status: int) -> Words:
        """Return the name of an exception as the type, or the status where the framework raised it."""
        return _WORDS.get(status, (REASONS.get(status, f"Error {status}"), str(status), None))

    # --- answers ----------------------------------------------------------------------------------------------

    def snapshot(self, model: str) -> str:
        """The model is called as the request called it."""
        return model or _DEFAULT

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """32 hexadecimal digits, without a prefix; embeddings have none."""
        return seed.child("id").text(32, HEXADECIMAL) if endpoint in ("chat", "completions") else ""

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Give tool calls ids of SGLang's own."""
        return own_call_ids(parts, context, lambda seed, _: f"call_{seed.text(24, HEXADECIMAL)}")

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role alone, and in each chunk of a chat when it was made."""
        if context.endpoint == "chat" and context.stream:
            return ticking(self.shaped(role_alone(events), context))
        return self.shaped(events, context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk, written by one encoder or the other."""
        shaped = self.envelope(payload)
        shaped["choices"] = [self.choice(one, context) for one in payload["choices"]]
        if payload.get("usage"):
            shaped["usage"] = self.usage_object(payload["usage"], context)
        elif any("tool_calls" in one["delta"] for one in shaped["choices"]):
            shaped["usage"] = None
        return shaped

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice with what ended it."""
        delta = choice["delta"]
        fields = context.request.fields
        tools = fields.get("tools") and fields.get("tool_choice") != "none"
        if "tool_calls" in delta or (tools and "content" in delta and "role" not in delta):
            said = {key: delta.get(key) for key in ("role", "content", "reasoning_content", "tool_calls")}
            if calls := delta.get("tool_calls"):
                said["tool_calls"] = [_fragment(one) for one in calls]
        else:
            known = [key for key in ("role", "content") if key in delta]
            said = {"reasoning_content": delta.get("reasoning_content"), **{key: delta[key] for key in known}}
        others = ("role", "content", "reasoning_content", "tool_calls", "refusal")
        said |= {key: value for key, value in delta.items() if key not in others or (key == "refusal" and value)}
        return {
            "index": choice["index"],
            "delta": said,
            "logprobs": _logprobs(choice["logprobs"]),
            "finish_reason": choice["finish_reason"],
            "matched_stop": _matched(choice["finish_reason"], "stop", "tool_calls"),
        }

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = self.envelope(payload)
        shaped["choices"] = [
            {
                "index": one["index"],
                "message": self.message(one["message"], context),
                "logprobs": _logprobs(one["logprobs"]),
                "finish_reason": one["finish_reason"],
                "matched_stop": _matched(one["finish_reason"], "stop"),
            }
            for one in payload["choices"]
        ]
        return shaped | self._end(payload, context)

    def message(self, message: Json, context: Context) -> Json:
        """Content is a string, also beside tool calls, which have an index."""
        shaped: Json = {"role": message["role"]} if "role" in message else {}
        shaped |= {"content": message["content"] or "", "reasoning_content": message.get("reasoning_content")}
        calls = message.get("tool_calls")
        shaped["tool_calls"] = calls and [_fragment({"index": at, **one}) for at, one in enumerate(calls)]
        if "function_call" in message:
            shaped["function_call"] = message["function_call"]
        return shaped | ({"refusal": message["refusal"]} if message["refusal"] else {})

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion, a chunk or the whole."""
        shaped = self.envelope(payload)
        keys = ("index", "text", "logprobs", "finish_reason")
        shaped["choices"] = [
            {key: one[key] for key in keys} | {"matched_stop": _matched(one["finish_reason"], "stop")}
            for one in payload["choices"]
        ]
        if not context.stream:
            return shaped | self._end(payload, context)
        usage = payload.get("usage")
        shaped["usage"] = usage and self.usage_object(usage, context)
        if usage:
            shaped["usage"].pop("prompt_tokens_details")
        return shaped

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, the list's name behind them."""
        data = [{key: one[key] for key in ("embedding", "index", "object")} for one in payload["data"]]
        shaped: Json = {"data": data, "model": payload["model"], "object": "list"}
        if "usage" in payload:
            shaped["usage"] = self.usage_object({**payload["usage"], "completion_tokens": 0}, context)
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """The sums in an order of its own, and the tokens of reasoning beside them."""
        sums: Json = {key: usage[key] for key in ("prompt_tokens", "total_tokens", "completion_tokens") if key in usage}
        details = usage.get("completion_tokens_details") or {}
        known = {*sums, "prompt_tokens_details", "completion_tokens_details"}
        return {
            **sums,
            "prompt_tokens_details": None,
            "reasoning_tokens": details.get("reasoning_tokens", 0),
            **{key: value for key, value in usage.items() if key not in known},
        }

    def _end(self, payload: Json, context: Context) -> Json:
        usage = {"usage": self.usage_object(payload["usage"], context)} if "usage" in payload else {}
        return {**usage, "metadata": {"weight_version": "default"}}

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """One model, served under the name it has on the hub."""
        return (Model(id="Qwen/Qwen2.5-7B-Instruct"),)

    def entry(self, id: str) -> Model:
        """A model is created when it is asked for, whatever its name."""
        return Model(id=id)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model with its root and its context length; created when it is asked for."""
        return {
            "id": model.id,
            "object": "model",
            "created": model.created or context.created,
            "owned_by": model.owned_by or self.owner,
            "root": model.id,
            "parent": None,
            "max_model_len": _CONTEXT_LENGTH,
            **dict(model.extra),
        }

    def _served(self, context: Context) -> str:
        return context.models[0].id if context.models else self.models()[0].id

    def _empty(self, context: Context) -> Page:
        return Page(body="", content_type="")

    def _model_info(self, context: Context) -> Page:
        served = self._served(context)
        return Page(
            body={
                "model_path": served,
                "served_model_name": served,
                "tokenizer_path": served,
                "is_generation": True,
                "preferred_sampling_params": None,
                "weight_version": "default",
                "load_format": "auto",
                "reasoning_parser": None,
                "tool_call_parser": "qwen25",
                "disaggregation_mode": "null",
                "has_image_understanding": False,
                "has_audio_understanding": False,
                "model_type": "qwen2",
                "architectures": ["Qwen2ForCausalLM"],
            }
        )

    def _server_info(self, context: Context) -> Page:
        served = self._served(context)
        arguments = {"model_path": served, "tokenizer_path": served, "host": "127.0.0.1", "port": self.port}
        sizes = {"tp_size": 1, "dp_size": 1, "context_length": _CONTEXT_LENGTH, "max_total_num_tokens": 4 * 32_768}
        return Page(body={**arguments, **sizes, "version": _VERSION})

    def _flush(self, context: Context) -> Page:
        return Page(body=_FLUSHED, content_type="text/plain; charset=utf-8")

    def _tokenize(self, context: Context) -> Page:
        """Take every byte for a token."""
        text = context.request.message or ""
        tokens = list(text.encode("utf-8", "surrogatepass"))
        return Page(body={"tokens": tokens, "count": len(tokens), "max_model_len": _CONTEXT_LENGTH})

    def _detokenize(self, context: Context) -> Page:
        tokens = context.request.fields.get("tokens")
        found = tokens if isinstance(tokens, list) else []
        data = bytes([one for one in found if isinstance(one, int) and 0 <= one < 256])
        return Page(body={"text": data.decode("utf-8", "replace")})

    pages: ClassVar = {
        "GET /health": _empty,
        "GET /health_generate": _empty,
        "GET /ping": _empty,
        "GET /model_info": _model_info,
        "GET /get_model_info": _model_info,
        "GET /server_info": _server_info,
        "GET /get_server_info": _server_info,
        "GET /flush_cache": _flush,
        "POST /flush_cache": _flush,
        "POST /tokenize": _tokenize,
        "POST /detokenize": _detokenize,
    }


def _matched(reason: str | None, *ended: str) -> int | None:
    """Return the token that ended a choice, when it ended for one of the reasons ``ended``."""
    return _END_OF_TURN if reason in ended else None


def _fragment(call: Json) -> Json:
    """Return a fragment of a call with all its fields: null where it does not say them."""
    function = call.get("function", call.get("custom")) or {}
    return {
        "id": call.get("id"),
        "index": call.get("index"),
        "type": call.get("type", "function"),
        "function": {"name": function.get("name"), "arguments": function.get("arguments", function.get("input"))},
    }


def _logprobs(logprobs: Json | None) -> Json | None:
    """Return log probabilities of a chat, bytes before the probability, without those of a refusal."""
    if not logprobs:
        return None
    found = logprobs.get("content") or []
    return {"content": [_token(one) | {"top_logprobs": [_token(top) for top in one["top_logprobs"]]} for one in found]}


def _token(one: Json) -> Json:
    return {key: one[key] for key in ("token", "bytes", "logprob")}


BACKEND = SGLang()
