"""exo (``exo``): a cluster of Macs that answers as one server; FastAPI on hypercorn, port 52415.

As its sources of early 2026 say, which leave out what is null; no recording of it was found. What stands around the
body was measured on hypercorn 0.18: no reason phrase, header names in lower case but for those of the framing, and
``404`` or ``405`` for what the dashboard's files, mounted at ``/``, are asked for.

Left out: ``: prefill_progress`` comments, the rest of its API but for a few pages. Made up: ``/node_id``, ``/state``,
the speeds in ``: generation_stats``, sizes of models. It asks for no key; what it says where the scenario does is
plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES, FastAPI, as_json
from mockoai.backends.habits import (
    comment_first,
    finish_on_last_text,
    is_stream,
    keep_alives,
    own_call_ids,
    plain_logprobs,
    role_on_every_delta,
    role_with_first,
    ticking,
    usage_on_finish,
    whole_tool_calls,
)
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import DONE, Event, Failure, Frame, Head, Headers, Item, Model, Page, Part
from mockoai.seed import HEXADECIMAL, Seed
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context

_SERVER = "hypercorn-h11"
_KEEP_ALIVE = b": keep-alive\n\n"
_EVERY = 10.0
_NODE = "12D3KooWQJfD1vBqL8mRtYcUe5hZsP3nXaGk7W2oTiE9rMbC4dyH"
_CARDS: dict[str, tuple[int, int, str, str]] = {
    "mlx-community/Llama-3.2-3B-Instruct-4bit": (131_072, 1777, "llama", "Llama 3.2 3B"),
    "mlx-community/Qwen3-0.6B-4bit": (40_960, 327, "qwen", "Qwen3 0.6B"),
}
"""Of each model: tokens of context, megabytes, family, and what it was made of."""


class Exo(FastAPI):
    """exo, as its sources say in early 2026.

    Streams begin with ``: keep-alive``, which comes again after 10 s of silence, and end with ``: generation_stats``
    before ``[DONE]``; their connection is closed. Chunks are called ``chat.completion``, have the role each, and their
    own ``created``; what is null is left out. Usage is on the finish chunk, asked for or not; tool calls come whole, in
    one chunk, with their finish reason. Whole bodies are sent in chunks. Mistakes are FastAPI's 422, other errors have
    the status as code and its phrase as type, an unknown model is ``404``. No legacy completions, no embeddings.
    """

    name = "exo"
    title = "exo"
    port = 52_415
    auth = "none"
    owner = "exo"
    server = _SERVER
    reasoning_field = "reasoning_content"
    usage = "always"
    exact_models = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """It has chats, also beside its imitation of Ollama, and the list of models."""
        found = super().resolve(path.removeprefix("/ollama") if path == "/ollama/v1/chat/completions" else path)
        return ("unknown", ()) if found[0] in ("model", "completions", "embeddings") else found

    def minds(self, failure: Failure) -> bool:
        """Numbers have no bounds."""
        return not str(failure.code).endswith(("_above_max_value", "_below_min_value"))

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse bodies as FastAPI does, routes and methods as the files of the dashboard do."""
        if failure.cause in ("route", "method"):
            page = self.wrong_method(context)
            return replace(failure, status=page.status, body=page.body, headers=page.headers)
        if failure.cause in BODY_CAUSES:
            return replace(failure, status=422, body=as_json([self.complaint(failure, context)]), headers=())
        status = 404 if failure.cause == "model-unknown" else failure.status
        phrase = REASONS.get(status, "")
        message = f"No instance found for model {context.request.model}" if status == 404 else phrase
        return replace(failure, status=status, message=message, type=phrase, param=None, code=status, headers=())

    def wrong_method(self, context: Context) -> Page:
        """There is no such file, and a file is only to be read."""
        if context.request.method in ("GET", "HEAD"):
            return Page(status=404, body={"detail": "Not Found"})
        return Page(status=405, body={"detail": "Method Not Allowed"}, headers=(("Allow", "GET, HEAD"),))

    def payload(self, failure: Failure) -> Any:
        """The status is the error's code."""
        return super().payload(replace(failure, code=failure.status if failure.code is None else failure.code))

    def words(self, status: int) -> Words:
        """Return the status's phrase as the type; what fails in the engine has a name of its own."""
        if status == 500:
            return "Internal server error", "InternalServerError", None
        phrase = REASONS.get(status, f"Error {status}")
        return phrase, phrase, None

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """The id of the command that an answer is to: a UUID."""
        return _uuid(seed.child("id")) if endpoint == "chat" else ""

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the application's headers, then the server's."""
        closing = (("connection", "close"),) if context.request.keep_alive else ()
        own: Headers = (("cache-control", "no-cache"), *closing, ("x-accel-buffering", "no"))
        return (
            *(own if stream else (("Content-Length", ""),)),
            ("Content-Type", self.stream_type if stream else self.json_type),
            ("Date", imf_fixdate(context.now)),
            ("Server", self.server),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Tool calls come whole, under ids of exo's own."""
        return whole_tool_calls(own_call_ids(parts, context, lambda seed, _: _uuid(seed)))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say the role with everything, what ends a chat with the last of it, and when each chunk was made."""
        if context.endpoint != "chat" or not context.stream:
            return self.shaped(events, context)
        ended = usage_on_finish(_calls_on_finish(role_with_first(events)))
        return ticking(self.shaped(finish_on_last_text(ended, ("length",)), context))

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Comment on silence and on speed; write the head as hypercorn does, and whole chats in chunks."""
        head, *rest = items
        assert isinstance(head, Head)
        if head.header("server") != _SERVER:
            return items
        if is_stream(items):
            items = keep_alives(comment_first(_with_stats(items, context), _KEEP_ALIVE), _EVERY, _KEEP_ALIVE)
            rest = list(items[1:])
        elif context.endpoint == "chat" and head.status == 200:
            head = _in_chunks(head, context)
        reason = "" if head.reason is None else head.reason
        return [replace(head, reason=reason, headers=_cased(head)), *rest]

    def envelope(self, payload: Json) -> Json:
        """Chunks are called what whole answers are."""
        return {**super().envelope(payload), "object": "chat.completion"}

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk; usage only where there is some."""
        shaped = super().chunk(role_on_every_delta(payload), context)
        return shaped if shaped.get("usage") else {key: value for key, value in shaped.items() if key != "usage"}

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk: text, reasoning, or all calls."""
        delta = {key: value for key, value in choice["delta"].items() if value is not None}
        if "tool_calls" in delta:
            delta["tool_calls"] = [_call(one, at) for at, one in enumerate(delta["tool_calls"])]
        elif len(delta) == 1:
            delta["content"] = ""
        return _choice(choice, "delta", delta)

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = self.envelope(payload)
        shaped["choices"] = [
            _choice(one, "message", self.message(one["message"], context)) for one in payload["choices"]
        ]
        return shaped | ({"usage": payload["usage"]} if "usage" in payload else {})

    def message(self, message: Json, context: Context) -> Json:
        """Content is a string, also beside calls, which have an index."""
        shaped = super().message(message, context)
        shaped["content"] = shaped.get("content") or ""
        if "tool_calls" in shaped:
            shaped["tool_calls"] = [_call(one, at) for at, one in enumerate(shaped["tool_calls"])]
        known = ("role", "content", "reasoning_content", "tool_calls")
        return {key: shaped[key] for key in (*known, *shaped) if key in shaped}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return all the counts that OpenAI has."""
        return usage

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """Two of the models that it has cards of."""
        return tuple([Model(id=id) for id in _CARDS])

    def entry(self, id: str) -> Model:
        """A model is created when it is asked for, whatever its name."""
        return Model(id=id)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model and what its card says."""
        length, megabytes, family, base = _CARDS.get(model.id, (0, 0, "", ""))
        return {
            "id": model.id,
            "object": "model",
            "created": model.created or context.created,
            "owned_by": model.owned_by or self.owner,
            "hugging_face_id": model.id,
            "name": model.id.rpartition("/")[2],
            "description": "",
            "context_length": length,
            "tags": [],
            "storage_size_megabytes": megabytes,
            "supports_tensor": True,
            "tasks": ["TextGeneration"],
            "is_custom": model.id not in _CARDS,
            "family": family,
            "quantization": "4bit" if model.id.endswith("-4bit") else "",
            "base_model": base,
            "capabilities": ["text"],
            **dict(model.extra),
        }

    def _node_id(self, context: Context) -> Page:
        return Page(body=f'"{_NODE}"')

    def _state(self, context: Context) -> Page:
        """An instance for every model, on the one node there is."""
        instances: Json = {}
        for model in context.models:
            id = _uuid(Seed(f"exo instance {model.id}"))
            shards = {"modelId": model.id, "runnerToShard": {}, "nodeToRunner": {_NODE: _uuid(Seed(id))}}
            instances[id] = {"MlxRingInstance": {"instanceId": id, "shardAssignments": shards}}
        nodes = {"nodes": [_NODE], "connections": {}}
        return Page(body={"instances": instances, "runners": {}, "downloads": {}, "tasks": {}, "topology": nodes})

    def _events(self, context: Context) -> Page:
        return Page(body=[])

    def _ollama(self, context: Context) -> Page:
        return Page(body={"version": "exo v1.0"})

    pages: ClassVar = {
        "GET /node_id": _node_id,
        "GET /state": _state,
        "GET /events": _events,
        "GET /ollama/api/version": _ollama,
    }


def _uuid(seed: Seed) -> str:
    """Return a random UUID (RFC 9562 §5.4)."""
    digits = seed.text(32, HEXADECIMAL)
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _choice(choice: Json, key: str, said: Json) -> Json:
    """Return ``choice``, whole or of a chunk, without what is null."""
    shaped: Json = {"index": choice["index"], key: said}
    if logprobs := plain_logprobs(choice["logprobs"]):
        shaped["logprobs"] = logprobs
    if choice["finish_reason"] is not None:
        shaped["finish_reason"] = choice["finish_reason"]
    return shaped


def _call(call: Json, at: int) -> Json:
    """Return a whole call, whose id its function has as well."""
    function = call.get("function") or call.get("custom") or {}
    return {
        "id": call.get("id"),
        "index": call.get("index", at),
        "type": "function",
        "function": {
            "id": call.get("id"),
            "name": function.get("name"),
            "arguments": function.get("arguments", function.get("input")),
        },
    }


def _calls_on_finish(events: Iterable[Event]) -> Iterator[Event]:
    """Put all calls of a choice on its finish chunk."""
    held: dict[int, list[Event]] = {}
    for event in events:
        choices = event.payload["choices"] if event.payload is not DONE else []
        if len(choices) != 1:
            for index in list(held):
                yield _joined(held.pop(index))
            yield event
            continue
        (choice,) = choices
        before = held.get(choice["index"], [])
        if "tool_calls" in choice["delta"]:
            held[choice["index"]] = [*before, event]
        elif before and choice["finish_reason"]:
            yield _joined([*held.pop(choice["index"]), event])
        else:
            yield event
    for index in list(held):
        yield _joined(held.pop(index))


def _joined(events: Sequence[Event]) -> Event:
    """Return one event with the calls of all, and what else the first delta says and the last choice."""
    last = events[-1]
    (first,), (choice,) = events[0].payload["choices"], last.payload["choices"]
    calls = [call for event in events for call in event.payload["choices"][0]["delta"].get("tool_calls", ())]
    faults = tuple(dict.fromkeys([name for event in events for name in event.faults]))
    delta = {**first["delta"], "tool_calls": calls}
    return replace(last, faults=faults, payload={**last.payload, "choices": [{**choice, "delta": delta}]})


def _with_stats(items: Sequence[Item], context: Context) -> Sequence[Item]:
    """Say how fast the tokens came before the end of a stream, where it has one."""
    counted = context.usage
    last = items[-1]
    if counted is None or not isinstance(last, Frame) or last.mark != "done":
        return items
    seed = context.content.child("generation stats")
    stats = {
        "prompt_tps": seed.child("prompt").integer(180_000, 420_000) / 1000,
        "generation_tps": seed.child("generation").integer(24_000, 96_000) / 1000,
        "prompt_tokens": counted.prompt,
        "generation_tokens": counted.completion,
        "peak_memory_usage": {"in_bytes": 2_147_483_648},
        "prefix_cache_hit": "none",
    }
    comment = b": generation_stats " + orjson.dumps(stats) + b"\n\n"
    before = items[-2]
    return [*items[:-1], Frame(at=before.at, tokens=before.tokens, data=comment, comment=True), last]


def _in_chunks(head: Head, context: Context) -> Head:
    """Return ``head`` of a body whose length is not known before it is sent."""
    if context.request.http_version == "1.1":
        return replace(
            head, framing="chunked", headers=(*head.without("content-length"), ("transfer-encoding", "chunked"))
        )
    headers = head.without("content-length", "connection")
    return replace(head, framing="close", headers=(*headers, ("connection", "close")))


def _cased(head: Head) -> Headers:
    """Return the headers of ``head``, those with which h11 frames the message, the last ones, in its case."""
    names = {"transfer-encoding": "Transfer-Encoding"}
    if head.headers and head.headers[-1][0] == "connection":
        names["connection"] = "Connection"
    return tuple([(names.get(name, name), value) for name, value in head.headers])


BACKEND = Exo()
