"""Hugging Face's Text Generation Inference (``text-generation-launcher``): axum on hyper, one model, port 3000.

As its last versions (3.x, 2025) answer: chunks as recorded from 2.4 to 3.0, the rest from its sources. Mistakes in the
shape of a body are axum's to refuse, in plain text with serde's words; those in its values are the validator's, as JSON
with an ``error_type``. Unknown routes, methods and keys are refused without a word.

Left out: ``x-prompt-tokens`` and ``x-generated-tokens``. Made up: the times in the headers, the model's hash in
``/info``. Guessed: where in a line serde finds a mistake, and the order of CORS headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.axum import rejection
from mockoai.backends.base import Words
from mockoai.backends.compatible import Compatible, Json
from mockoai.backends.fastapi import BODY_CAUSES
from mockoai.backends.habits import (
    finish_on_last_text,
    is_stream,
    keep_alives,
    own_call_ids,
    plain_logprobs,
    role_on_every_delta,
    role_with_first,
    thinking_aloud,
)
from mockoai.backends.mistakes import mistake
from mockoai.credential import strict_bearer
from mockoai.endpoints.routes import ENDPOINTS
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import DONE, Event, Failure, Head, Headers, Item, Model, Page, Part, ToolCall
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_FINGERPRINT = "3.3.4-sha-4b6bb28"
_CORS: Headers = (
    ("vary", "origin, access-control-request-method, access-control-request-headers"),
    ("access-control-allow-origin", "*"),
)
_KEEP_ALIVE = 15.0
_BATCH = 4
"""Prompts that one request may have."""
_TEXT = "text/plain; charset=utf-8"
_WORDS: dict[int, Words] = {
    422: ("Input validation error: `inputs` cannot be empty", "validation", None),
    424: ("Request failed during generation: Server error: transport error", "generation", None),
    429: ("Model is overloaded", "overloaded", None),
    500: ("Incomplete generation", "incomplete_generation", None),
    503: ("unhealthy", "healthcheck", None),
}
_LIMITS = {
    "temperature": "`temperature` must be strictly positive",
    "top_p": "`top_p` must be > 0.0 and < 1.0",
    "max_tokens": "`max_new_tokens` must be strictly positive",
    "frequency_penalty": "`frequency_penalty` must be >= -2.0 and <= 2.0",
}
"""What the validator says of numbers out of bounds."""


class TGI(Compatible):
    """Text Generation Inference 3, of 2025.

    One model answers whatever name is asked for, and answers give its own. ``id`` is empty, ``system_fingerprint`` the
    version; every delta has the role, the first one text as well; ``usage`` is null until the chunk that was asked for.
    A tool call repeats its id and type in every piece and ends with ``stop``. Legacy chunks have the ``finish_reason``
    ``""`` until the end. After 15 s of silence comes a comment, ``:``. Errors are ``{"error","error_type"}`` with 422,
    424, 429, 500 and 503; a ``top_p`` of 1 is one. Without a key: 401 and nothing else. No embeddings.
    """

    name = "tgi"
    title = "TGI"
    port = 3000
    owner = "meta-llama/Llama-3.1-8B-Instruct"
    stream_type = "text/event-stream"
    fingerprint = _FINGERPRINT

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """TGI has neither embeddings nor a route for one model."""
        found = super().resolve(path)
        return ("unknown", ()) if found[0] in ("model", "embeddings") else found

    def credential(self, request: Request) -> str:
        """Take the key as a bearer token."""
        return strict_bearer(request)

    def minds(self, failure: Failure) -> bool:
        """Any temperature above zero will do, and so does no model."""
        hot = failure.param == "temperature" and failure.code == "decimal_above_max_value"
        return not hot and failure.cause != "model-missing"

    def check(self, context: Context) -> Failure | None:
        """Refuse a ``top_p`` of 1, and of legacy completions a suffix and too many prompts."""
        fields = context.request.fields
        if isinstance(fields.get("top_p"), (int, float)) and fields["top_p"] >= 1:
            return _invalid(_LIMITS["top_p"])
        if context.endpoint != "completions":
            return None
        if fields.get("suffix") is not None:
            message = "Suffix is not supported and can be achieved by preprocessing the prompt."
            return Failure(status=422, message=message, type="suffix not supported")
        prompt = fields.get("prompt")
        if isinstance(prompt, list) and len(prompt) > _BATCH and not isinstance(prompt[0], int):
            message = f"Number of prompts exceeds the maximum allowed batch size of {_BATCH}"
            return Failure(status=422, message=message, type="batch size exceeded")
        return None

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse routes, methods and keys without a word, bodies in the words of serde or of the validator."""
        if failure.status == 401 or failure.cause == "route":
            return replace(failure, body="", content_type="", headers=())
        if failure.cause == "method":
            allow = ",".join(["GET,HEAD" if one == "GET" else one for one in ENDPOINTS[context.endpoint].methods])
            return replace(failure, body="", content_type="", headers=(("allow", allow),))
        if failure.cause in ("quota", "rate"):
            message, kind, _ = _WORDS[429]
            return replace(failure, status=429, message=message, type=kind)
        if failure.cause in BODY_CAUSES:
            found = mistake(failure, context)
            if found.kind in ("above", "below", "other"):
                return _invalid(_LIMITS.get(found.name, found.message))
            status, text = rejection(failure, context)
            return replace(failure, status=status, body=text, content_type=_TEXT, headers=())
        return failure

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Say the type where it stands; nothing has none."""
        headers, event = super().failure(replace(failure, content_type=None), context)
        if failure.content_type is not None:
            typed = (("Content-Type", failure.content_type),) if failure.content_type else ()
            headers = (*typed, *(pair for pair in headers if pair[0] != "Content-Type"))
        return headers, event

    def payload(self, failure: Failure) -> Any:
        """A message and its type, flat."""
        return {"error": failure.message, "error_type": failure.type, **dict(failure.extra)}

    def words(self, status: int) -> Words:
        """Return what TGI says with ``status``."""
        usual = "generation" if status >= 500 else "validation"
        return _WORDS.get(status, (REASONS.get(status, f"Error {status}"), usual, None))

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Answers have no id."""
        return ""

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Type, how long what took where something was generated, CORS, and the date."""
        generated = status == 200 and context.endpoint in ("chat", "completions")
        return (
            ("Content-Type", self.stream_type if stream else self.json_type),
            *((("cache-control", "no-cache"),) if stream else ()),
            *(_timings(context, stream) if generated else ()),
            *_CORS,
            *(() if stream else (("Content-Length", ""),)),
            ("Date", imf_fixdate(context.now)),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Number tool calls, begin them with their first piece, and say reasoning aloud."""
        numbered = own_call_ids(thinking_aloud(parts), context, lambda _, index: str(index))
        out: list[Part] = []
        for part in numbered:
            before = out[-1] if out else None
            if _begins(before) and isinstance(before, ToolCall) and _goes_on(part, before):
                assert isinstance(part, ToolCall)
                out[-1] = replace(before, tokens=part.tokens, arguments=part.arguments)
            else:
                out.append(part)
        return out

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with the first text, and no usage in legacy streams."""
        if context.endpoint == "chat" and context.stream:
            events = finish_on_last_text(role_with_first(events), ("length",))
        elif context.endpoint == "completions" and context.stream:
            events = (event for event in events if event.payload is DONE or event.payload["choices"])
        return self.shaped(events, context)

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Comment on silence; the date is the last of the headers, and the phrase of 422 an older one."""
        head = items[0]
        assert isinstance(head, Head)
        date = head.header("date")
        if date is not None:
            reason = "Unprocessable Entity" if head.status == 422 and head.reason is None else head.reason
            items = [replace(head, reason=reason, headers=(*head.without("date"), ("date", date))), *items[1:]]
        return keep_alives(items, _KEEP_ALIVE, b":\n\n") if is_stream(items) else items

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk, the object's name first."""
        shaped = self._head(payload, context)
        spoken = role_on_every_delta(payload)
        shaped["choices"] = [self.choice(one, context) for one in spoken["choices"]]
        usage = payload.get("usage")
        return shaped | {"usage": usage and self.usage_object(usage, context)}

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice: text or a piece of a tool call."""
        delta = {key: value for key, value in choice["delta"].items() if key != "refusal" or value}
        calls = delta.get("tool_calls")
        if calls:
            delta = {"role": delta["role"], "tool_calls": [_piece(one, context) for one in calls]}
        elif len(delta) == 1:
            delta["content"] = ""
        return {
            "index": choice["index"],
            "delta": delta,
            "logprobs": plain_logprobs(choice["logprobs"]),
            "finish_reason": _reason(choice["finish_reason"]),
        }

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = self._head(payload, context)
        shaped["choices"] = [
            {
                "index": one["index"],
                "message": self.message(one["message"], context),
                "logprobs": plain_logprobs(one["logprobs"]),
                "finish_reason": _reason(one["finish_reason"]),
            }
            for one in payload["choices"]
        ]
        return shaped | ({"usage": self.usage_object(payload["usage"], context)} if "usage" in payload else {})

    def message(self, message: Json, context: Context) -> Json:
        """A message has content or tool calls."""
        shaped = super().message(message, context)
        if "tool_calls" not in shaped:
            return shaped
        if shaped["content"] is None:
            del shaped["content"]
        calls = [{**one, "function": {"description": None, **one["function"]}} for one in _functions(shaped)]
        return {**shaped, "tool_calls": calls}

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion; of a chunk the model stands behind the choices."""
        head = self._head(payload, context)
        keys = ("index", "text", "logprobs", "finish_reason")
        choices = [{key: one[key] for key in keys} for one in payload["choices"]]
        if not context.stream:
            usage = {"usage": self.usage_object(payload["usage"], context)} if "usage" in payload else {}
            return {**head, "choices": choices, **usage}
        for one in choices:
            one["finish_reason"] = one["finish_reason"] or ""
        first = {key: head[key] for key in ("object", "id", "created")}
        return {**first, "choices": choices, "model": head["model"], "system_fingerprint": self.fingerprint}

    def _head(self, payload: Json, context: Context) -> Json:
        """What is before the choices; the model is the one there is, whatever was asked for."""
        asked = payload["model"] == self.snapshot(context.request.model)
        served = self._served(context) if asked else payload["model"]
        return {
            "object": payload["object"],
            "id": payload["id"],
            "created": payload["created"],
            "model": served,
            "system_fingerprint": self.fingerprint,
        }

    def _served(self, context: Context) -> str:
        return context.models[0].id if context.models else self.models()[0].id

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """One model, which is its own owner."""
        return (Model(id="meta-llama/Llama-3.1-8B-Instruct"),)

    def entry(self, id: str) -> Model:
        """A model was created at no time that is known."""
        return Model(id=id, owned_by=id)

    def _empty(self, context: Context) -> Page:
        return Page(body="", content_type="")

    def _info(self, context: Context) -> Page:
        return Page(
            body={
                "model_id": self._served(context),
                "model_sha": "0e9e39f249a16976918f6564b8830bc894c89659",
                "model_pipeline_tag": "text-generation",
                "max_concurrent_requests": 128,
                "max_best_of": 2,
                "max_stop_sequences": 4,
                "max_input_tokens": 4095,
                "max_total_tokens": 4096,
                "validation_workers": 2,
                "max_client_batch_size": _BATCH,
                "router": "text-generation-router",
                "version": "3.3.4",
                "sha": "4b6bb28",
                "docker_label": "sha-4b6bb28",
            }
        )

    pages: ClassVar = {
        "GET /health": _empty,
        "GET /ping": _empty,
        "GET /info": _info,
    }

    def wrong_method(self, context: Context) -> Page:
        """Refuse a method that a page does not take, without a word."""
        return Page(status=405, body="", content_type="", headers=(("allow", "GET,HEAD"),))


def _invalid(message: str) -> Failure:
    return Failure(status=422, message=f"Input validation error: {message}", type="validation")


def _timings(context: Context, stream: bool) -> Headers:
    """Return how long the request took, of which no more is known than that it took some milliseconds."""
    characters = str(len(context.request.message or ""))
    if stream:
        said = (("x-compute-type", "1-nvidia-a10g"), ("x-compute-characters", characters))
        return (*said, ("x-accel-buffering", "no"))
    took = context.content.child("took").integer(120, 900)
    waited, each = 1, context.content.child("each").integer(12, 40)
    return (
        ("x-compute-type", "1-nvidia-a10g"),
        ("x-compute-time", f"{took / 1000:g}"),
        ("x-compute-characters", characters),
        ("x-total-time", str(took)),
        ("x-validation-time", "0"),
        ("x-queue-time", str(waited)),
        ("x-inference-time", str(took - waited)),
        ("x-time-per-token", str(each)),
    )


def _begins(part: Part | None) -> bool:
    return isinstance(part, ToolCall) and part.name is not None and not part.arguments


def _goes_on(part: Part, before: ToolCall) -> bool:
    same = isinstance(part, ToolCall) and (part.choice, part.index) == (before.choice, before.index)
    return same and isinstance(part, ToolCall) and part.name is None


def _piece(call: Json, context: Context) -> Json:
    """Return a piece of a call with its id and type, and the name null but in the first."""
    function = call.get("function", call.get("custom")) or {}
    return {
        "index": call["index"],
        "id": call.get("id") or str(call["index"]),
        "type": "function",
        "function": {"name": function.get("name"), "arguments": function.get("arguments", function.get("input"))},
    }


def _functions(message: Json) -> Iterator[Json]:
    for call in message["tool_calls"]:
        yield call if "function" in call else {**call, "function": call.get("custom")}


def _reason(reason: str | None) -> str | None:
    return "stop" if reason == "tool_calls" else reason


BACKEND = TGI()
