"""The API of text-generation-webui, as its source of 2026 has it: FastAPI on uvicorn, streams by sse-starlette.

Made up: the tokens of ``encode``, one for each byte of UTF-8, so that ``decode`` gives back what was put in; what lies
on the disk beside the model that is loaded; what it says with 429, of which it has none of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES, FastAPI, as_json
from mockoai.backends.habits import (
    answered_by,
    bytes_as_tokens,
    empty_text_first,
    is_malformed,
    is_stream,
    loaded,
    ordered,
    own_call_ids,
    role_alone,
    tokens_as_text,
    whole_tool_calls,
)
from mockoai.backends.spelling import python_json
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints.routes import UNKNOWN
from mockoai.plan.items import DONE, Event, Failure, Frame, Headers, Item, Model, Page, Part, ToolCall
from mockoai.wire.sse import Writer, encode_comment, encode_json

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}
_LOADED = "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"
_ON_DISK = (
    "DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf",
    _LOADED,
    "Mistral-7B-Instruct-v0.3-Q4_K_M.gguf",
    "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
)
_EMBEDDER = "sentence-transformers/all-mpnet-base-v2"
_PING = 15.0
"""Seconds between pings."""


class TextGenerationWebUI(FastAPI):
    """text-generation-webui, spring 2026.

    One model is loaded and answers, whatever the request names; it is the whole model list, created at 0, and
    GET /v1/models/ANYTHING succeeds. Streams ping every 15 seconds, whether there is silence or not, and their JSON has
    spaces and ASCII only. The first delta says refusal null, tool calls come whole on the finish chunk. Bodies that do
    not fit are 422 with FastAPI's list, other mistakes OpenAI's object with a null code; the old functions are not
    supported. The key must be shown as "Bearer KEY", to the letter.
    """

    name = "text-generation-webui"
    title = "text-generation-webui"
    port = 5000
    owner = "user"
    reasoning_field = "reasoning_content"
    any_model = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The name of one model holds no slash."""
        endpoint, parameters = super().resolve(path)
        if endpoint == "model" and "/" in parameters[0][1]:
            return UNKNOWN, ()
        return endpoint, parameters

    def credential(self, request: Request) -> str:
        """Take the key behind ``Bearer`` and one space."""
        shown = request.header("authorization")
        if not shown:
            return MISSING
        return shown[len("Bearer ") :] if shown.startswith("Bearer ") else MALFORMED

    def minds(self, failure: Failure) -> bool:
        """Mind what is missing or of the wrong type; any model and any number will do."""
        return failure.cause == "content-type" or is_malformed(failure)

    def check(self, context: Context) -> Failure | None:
        """Refuse the old functions, and several streams of text at once."""
        fields = context.request.fields
        if context.endpoint == "chat":
            for name in ("functions", "function_call"):
                if fields.get(name):
                    return Failure(status=400, message=f"{name} is not supported.", param=name)
        if context.endpoint == "completions" and context.stream and (fields.get("n") or 1) > 1:
            return Failure(status=400, message="n > 1 is not supported with streaming.", param="n")
        return None

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse keys and bodies as FastAPI does."""
        if failure.status == 401:
            return replace(failure, body={"detail": "Unauthorized"}, headers=())
        if failure.cause in BODY_CAUSES:
            return replace(failure, status=422, body=as_json([self.complaint(failure, context)]))
        return super().refusal(failure, context)

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix and a time in nanoseconds."""
        prefix = _PREFIXES.get(endpoint)
        return f"{prefix}1{seed.child('id').text(18, '0123456789')}" if prefix else ""

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return those of FastAPI, before the type those of sse-starlette, and what is allowed to browsers."""
        headers = super().headers(context, status=status, stream=stream)
        if stream:
            own = (("Cache-Control", "no-store"), ("Connection", "keep-alive"), ("X-Accel-Buffering", "no"))
            headers = (*headers[:-1], *own, headers[-1])
        if context.request.header("origin") is None:
            return headers
        return (*headers, ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true"))

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Make calls whole, their arguments written as Python does."""
        whole = own_call_ids(whole_tool_calls(parts), context, lambda seed, _: f"call_{seed.text(8, _LOWER)}")
        return [_respelled(part) if isinstance(part, ToolCall) else part for part in whole]

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role alone and calls at the end; begin legacy streams with nothing."""
        if context.stream and context.endpoint == "chat":
            events = _calls_at_the_end(role_alone(events))
        elif context.stream:
            events = empty_text_first(events)
        return self.shaped(answered_by(events, loaded(context)), context)

    def envelope(self, payload: Json) -> Json:
        """There is a fingerprint, which is null."""
        return {**super().envelope(payload), "system_fingerprint": None}

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk; its role comes with a refusal."""
        delta = super().choice(choice, context)["delta"]
        if "role" in delta:
            delta = {"role": delta["role"], "refusal": None, "content": delta["content"]}
        return ordered({**choice, "delta": delta}, "index", "finish_reason", "delta")

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = super().completion(payload, context)
        choices = [ordered(one, "index", "finish_reason", "message") for one in shaped["choices"]]
        return shaped | {"choices": choices}

    def message(self, message: Json, context: Context) -> Json:
        """A message without annotations; content is null beside calls."""
        shaped = {"role": "assistant", "refusal": None, **super().message(message, context)}
        if "tool_calls" in shaped:
            shaped["content"] = None
            shaped["tool_calls"] = [ordered(one, "type", "function") for one in shaped["tool_calls"]]
        return shaped

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion."""
        shaped = super().text(payload, context)
        choices = [ordered(one, "index", "finish_reason") for one in shaped["choices"]]
        return shaped | {"choices": choices}

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings of a model of their own, of which the tokens are not counted."""
        data = [ordered(one, "object", "embedding") for one in payload["data"]]
        usage = {"usage": dict.fromkeys(payload["usage"], 0)} if "usage" in payload else {}
        return {"object": "list", "data": data, "model": _EMBEDDER, **usage}

    def writer(self, context: Context) -> Writer:
        """Streams are written by Python's own library."""
        return python_json if context.stream else encode_json

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Ping by the clock."""
        return list(_pinged(items, context.now)) if is_stream(items) else items

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """The model that is loaded."""
        return (Model(id=_LOADED),)

    def entry(self, id: str) -> Model:
        """Models have no date."""
        return Model(id=id)

    def _health(self, context: Context) -> Page:
        return Page(body={"status": "ok"})

    def _info(self, context: Context) -> Page:
        name = context.models[0].id if context.models else "None"
        return Page(body={"model_name": name, "lora_names": [], "loader": "llama.cpp" if context.models else None})

    def _list(self, context: Context) -> Page:
        names = [one.id for one in context.models]
        return Page(body={"model_names": sorted({*_ON_DISK, *names}) if names == [_LOADED] else names})

    def _loras(self, context: Context) -> Page:
        return Page(body={"lora_names": []})

    def _encode(self, context: Context) -> Page:
        tokens = bytes_as_tokens(str(context.request.fields.get("text", "")))
        return Page(body={"tokens": tokens, "length": len(tokens)})

    def _decode(self, context: Context) -> Page:
        return Page(body={"text": tokens_as_text(context.request.fields.get("tokens"))})

    def _count(self, context: Context) -> Page:
        return Page(body={"length": len(bytes_as_tokens(str(context.request.fields.get("text", ""))))})

    def _stop(self, context: Context) -> Page:
        return Page(body='"OK"')

    def _billing(self, context: Context) -> Page:
        return Page(body={"total_usage": 0})

    pages: ClassVar = {
        "GET /v1/internal/health": _health,
        "GET /v1/internal/model/info": _info,
        "GET /v1/internal/model/list": _list,
        "GET /v1/internal/lora/list": _loras,
        "POST /v1/internal/encode": _encode,
        "POST /v1/internal/decode": _decode,
        "POST /v1/internal/token-count": _count,
        "POST /v1/internal/stop-generation": _stop,
        "GET /v1/billing/usage": _billing,
    }


def _respelled(call: ToolCall) -> ToolCall:
    """Return ``call`` with its arguments read and written again; as they are, when they are no JSON."""
    try:
        return replace(call, arguments=python_json(json.loads(call.arguments)).decode())
    except (ValueError, RecursionError):
        return call


def _calls_at_the_end(events: Iterable[Event]) -> Iterator[Event]:
    """Hold the calls of each choice back, and say them on the chunk with its finish reason."""
    held: dict[int, list[Event]] = {}
    for event in events:
        choices = [] if event.payload is DONE else event.payload["choices"]
        if len(choices) == 1 and choices[0]["delta"].get("tool_calls"):
            held.setdefault(choices[0]["index"], []).append(event)
            continue
        if len(choices) == 1 and choices[0]["finish_reason"] and (before := held.pop(choices[0]["index"], None)):
            event = _with_calls(event, before)
        yield event
    for left in held.values():
        yield from left


def _with_calls(finish: Event, held: Sequence[Event]) -> Event:
    (choice,) = finish.payload["choices"]
    said = [call for event in held for call in event.payload["choices"][0]["delta"]["tool_calls"]]
    calls = [ordered(call, "type", "function", "id", "index") for call in said]
    faults = dict.fromkeys([name for event in (*held, finish) for name in event.faults])
    payload = {**finish.payload, "choices": [{**choice, "delta": {**choice["delta"], "tool_calls": calls}}]}
    return replace(finish, faults=tuple(faults), payload=payload)


def _pinged(items: Sequence[Item], now: float) -> Iterator[Item]:
    """Send a comment with the time after every so many seconds of a stream."""
    due = items[0].at + _PING
    before = items[0]
    for item in items:
        while due < item.at:
            said = encode_comment(f"ping - {datetime.fromtimestamp(now + due, UTC)}")
            yield Frame(at=due, tokens=before.tokens, data=said, comment=True)
            due += _PING
        yield item
        before = item


BACKEND = TextGenerationWebUI()
