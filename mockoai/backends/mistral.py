"""Mistral, as recordings of 2025 and 2026 show it.

Kong's gateway stands before it, which counts tokens by the minute and the month. From memory: the texts of 500 and
503; guessed: what is said to unknown routes under ``/v1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES
from mockoai.backends.habits import (
    all_faults,
    ordered,
    own_call_ids,
    role_before_calls,
    usage_on_finish,
    whole_tool_calls,
    without,
)
from mockoai.backends.hosted import Hosted, allowance, uuid
from mockoai.backends.mistakes import complaint, mistake
from mockoai.credential import MALFORMED, MISSING
from mockoai.keys import Limits
from mockoai.plan.items import DONE, Event, Failure, Headers, Model, Part
from mockoai.seed import HEXADECIMAL

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_PADDING = "abcdefghijklmnopqrstuvwxyz0123456789"
_GATEWAY_TYPE = "application/json; charset=utf-8"
_LONGEST = 46
"""Characters of the longest padding."""

_WORDS: dict[int, Words] = {
    400: ("Invalid request.", "invalid_request_error", "3051"),
    401: ("Unauthorized", None, None),
    429: ("Requests rate limit exceeded", "rate_limited", "1300"),
    500: ("Service unavailable.", "internal_server_error", "1000"),
    503: ("Service unavailable.", "internal_server_error", "1000"),
}

_LIMITS = Limits(tpm=2_000_000)
_MONTH = 10_000_000_000
"""Tokens a month."""

_ABILITIES = (
    "completion_chat",
    "function_calling",
    "completion_fim",
    "fine_tuning",
    "vision",
    "ocr",
    "classification",
    "moderation",
    "audio",
)
_CHAT = ("completion_chat", "function_calling")
_SEES, _CODE = (*_CHAT, "vision"), (*_CHAT, "completion_fim")
_MODELS = tuple(
    Model(id=id, owned_by="mistralai", extra=(("name", name), ("can", can), ("length", length), ("heat", heat)))
    for id, name, can, length, heat in (
        ("mistral-small-latest", "mistral-small-2506", _SEES, 131072, 0.3),
        ("mistral-medium-latest", "mistral-medium-2508", _SEES, 131072, 0.3),
        ("mistral-large-latest", "mistral-large-2512", _SEES, 262144, 0.3),
        ("ministral-3b-latest", "ministral-3b-2512", _SEES, 262144, 0.3),
        ("ministral-8b-latest", "ministral-8b-2512", _SEES, 262144, 0.3),
        ("codestral-latest", "codestral-2508", _CODE, 256000, 0.3),
        ("magistral-medium-latest", "magistral-medium-2509", _SEES, 131072, 0.7),
        ("open-mistral-nemo", "open-mistral-nemo", _CHAT, 131072, 0.3),
        ("open-mixtral-8x7b", "open-mixtral-8x7b", ("completion_chat",), 32768, 0.7),
        ("mistral-embed", "mistral-embed-2312", (), 8192, None),
    )
)
_USAGE = ("prompt_tokens", "total_tokens", "completion_tokens")


class Mistral(Hosted):
    """Mistral's API (La Plateforme), as recorded in 2025 and 2026.

    Chunks are padded with p, all but the first. All tool calls come whole in one chunk, without index and type, with
    the finish reason and usage, which is on the finish chunk always. Reasoning is content: a list of parts where
    text is a string. There are three kinds of error: {"object": "error", ...} of the API, {"detail"} of FastAPI and of
    keys, {"message", "request_id"} of the gateway; a body that does not fit is 422, an unknown model 400. Limits of
    tokens by the minute and the month come with whole answers only.
    """

    name = "mistral"
    title = "Mistral"
    owner = "mistralai"
    reasoning_field = "reasoning"
    usage = "always"
    lacks = frozenset({"completions"})

    # --- requests ---------------------------------------------------------------------------------------------

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it as the gateway, FastAPI or the API does."""
        if failure.status == 401:
            missing = self.credential(context.request) in (MISSING, MALFORMED, "")
            said = {"detail": "Unauthorized" if missing else "Invalid API Key"}
            return Failure(status=401, body=said, content_type=_GATEWAY_TYPE)
        if failure.cause == "route" and not context.request.path.startswith("/v1/"):
            id = context.content.child("gateway").text(32, HEXADECIMAL)
            said = {"message": "no Route matched with those values", "request_id": id}
            return Failure(status=404, body=said, content_type=_GATEWAY_TYPE)
        if failure.cause == "route":
            return Failure(status=404, body={"detail": "Not Found"})
        if failure.cause == "method":
            return Failure(status=405, body={"detail": "Method Not Allowed"})
        if failure.cause == "model-unknown":
            model = context.request.parameter("model") or context.request.model
            return Failure(status=400, message=f"Invalid model: {model}", type="invalid_model", code="1500")
        if failure.cause in ("rate", "quota"):
            message, kind, code = _WORDS[429]
            return replace(failure, message=message, type=kind, param=None, code=code)
        if failure.cause in BODY_CAUSES:
            found = complaint(mistake(failure, context))
            detail = {"detail": [{key: found[key] for key in ("type", "loc", "msg")}]}
            return Failure(status=422, body=_error(detail, "invalid_request_error", None, None))
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return 32 hexadecimal digits."""
        return seed.child("id").text(32, HEXADECIMAL) if endpoint in ("chat", "embeddings") else ""

    def request_id(self, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("request"))

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the gateway's headers, with what is left of the tokens where the answer is whole."""
        return (
            ("mistral-correlation-id", context.request_id),
            ("x-kong-request-id", context.request_id),
            *(_tokens(context) if status == 200 and not stream and context.request.method == "POST" else ()),
            *((("x-content-type-options", "nosniff"),) if status >= 400 else ()),
            ("access-control-allow-origin", "*"),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Say tool calls whole, each with nine characters as its id."""
        return whole_tool_calls(own_call_ids(parts, context, lambda seed, _: seed.text(9)))

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say all calls at the end in one, usage with the finish reason, and pad the chunks."""
        if context.endpoint == "chat" and context.stream:
            events = _calls_at_the_end(usage_on_finish(role_before_calls(events)))
            return _padded(super().events(events, context), context.content)
        return super().events(events, context)

    def choice(self, choice: Json, context: Context) -> Json:
        """Say reasoning as a part of the content, and no log probabilities."""
        delta = super().choice(choice, context)["delta"]
        if "reasoning" in delta:
            delta = {"content": [_thought(delta["reasoning"])]}
        elif "role" in delta or not delta:
            delta = {**delta, "content": ""}
        return {"index": choice["index"], "delta": delta, "finish_reason": choice["finish_reason"]}

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole: usage before the choices."""
        shaped = super().completion(payload, context)
        shaped["choices"] = [ordered(without(one, "logprobs"), "index", "finish_reason") for one in shaped["choices"]]
        return ordered(shaped, "id", "created", "model", "usage", "object", "choices")

    def message(self, message: Json, context: Context) -> Json:
        """Say calls, null where there are none, before the content; reasoning is the first part of that."""
        content = message["content"] or ""
        if "reasoning" in message:
            content = [_thought(message["reasoning"]), {"type": "text", "text": content}]
        calls = [_call(one) for one in message.get("tool_calls", ())] or None
        return {"role": message.get("role"), "tool_calls": calls, "content": content}

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Return vectors before their index, and a usage in which most is null."""
        nothing = {"request_count": None, "prompt_tokens_details": None, "prompt_token_details": None}
        shaped: Json = {"id": context.id, "object": "list"}
        shaped["data"] = [ordered(one, "object", "embedding", "index") for one in payload["data"]]
        shaped["model"] = payload["model"]
        if "usage" in payload:
            counts = ordered({**payload["usage"], "completion_tokens": 0}, *_USAGE)
            shaped["usage"] = {"prompt_audio_seconds": None, **counts, **nothing}
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return the sums, and what was in the cache."""
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        rest = without(usage, "prompt_tokens_details", "completion_tokens_details")
        return {**ordered(rest, *_USAGE), "prompt_tokens_details": {"cached_tokens": cached}}

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def payload(self, failure: Failure) -> Any:
        """Return the API's error; that of keys has a ``detail`` only."""
        if failure.status == 401:
            return {"detail": failure.message}
        code = None if failure.code is None else str(failure.code)
        return _error(failure.message, failure.type, failure.param, code) | dict(failure.extra)

    def models(self) -> tuple[Model, ...]:
        """Some of the models that Mistral lists."""
        return _MODELS

    def entry(self, id: str) -> Model:
        """A model that is not listed can chat and call."""
        return next((one for one in _MODELS if one.id == id), Model(id=id))

    def one_model(self, model: Model, context: Context) -> Json:
        """A model: what it can do, its other names, and until when it lives."""
        extra = dict(model.extra)
        can = extra.pop("can", _CHAT)
        name = extra.pop("name", model.id)
        length, heat = extra.pop("length", 131072), extra.pop("heat", 0.3)
        return {
            "id": model.id,
            "object": "model",
            "created": model.created or context.created,
            "owned_by": model.owned_by or self.owner,
            "capabilities": {ability: ability in can for ability in _ABILITIES},
            "name": name,
            "description": f"Official {name} Mistral AI model",
            "max_context_length": length,
            "aliases": [name] if name != model.id else [],
            "deprecation": None,
            "deprecation_replacement_model": None,
            "default_model_temperature": heat,
            "type": "base",
            **extra,
        }


def _error(message: Any, kind: str | None, param: str | None, code: str | None) -> Json:
    return {"object": "error", "message": message, "type": kind, "param": param, "code": code}


def _thought(text: str) -> Json:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}], "closed": True}


def _call(call: Json) -> Json:
    return {key: call[key] for key in ("id", "function") if key in call}


def _tokens(context: Context) -> Headers:
    """Return what is left of the tokens, and what the request took of them."""
    left = allowance(context, _LIMITS)
    minute = (("limit-tokens-minute", left.tokens), ("remaining-tokens-minute", left.remaining_tokens))
    month = (("limit-tokens-month", _MONTH), ("remaining-tokens-month", _MONTH - left.cost))
    counts = (minute[0], month[0], minute[1], month[1], ("tokens-query-cost", left.cost))
    return tuple((f"x-ratelimit-{what}", str(count)) for what, count in counts if count is not None)


def _calls_at_the_end(events: Iterable[Event]) -> Iterator[Event]:
    """Say the calls of a choice in the chunk that ends it."""
    held: dict[int, list[Event]] = {}
    for event in events:
        choices = event.payload["choices"] if event.payload is not DONE else []
        if len(choices) != 1:
            yield from [_with_calls(calls, calls[-1]) for calls in held.values()]
            held.clear()
            yield event
            continue
        (choice,) = choices
        if "tool_calls" in choice["delta"]:
            held.setdefault(choice["index"], []).append(event)
        elif choice["finish_reason"] is not None and choice["index"] in held:
            yield _with_calls(held.pop(choice["index"]), event)
        else:
            yield event
    yield from [_with_calls(calls, calls[-1]) for calls in held.values()]


def _with_calls(calls: Sequence[Event], last: Event) -> Event:
    """Return the chunk ``last`` with all ``calls`` in it."""
    (choice,) = last.payload["choices"]
    found = [_call(one) for event in calls for one in event.payload["choices"][0]["delta"]["tool_calls"]]
    said = {**choice, "delta": {"content": None, "tool_calls": found}}
    return replace(last, faults=all_faults(*calls, last), payload={**last.payload, "choices": [said]})


def _padded(events: Iterable[Event], seed: Seed) -> Iterator[Event]:
    """Add ``p`` to every chunk but the first: the alphabet, the digits, and all over again, to a random length."""
    for number, event in enumerate(events):
        if number and event.payload is not DONE:
            length = seed.child("padding", number).integer(3, _LONGEST)
            event = replace(event, payload={**event.payload, "p": (_PADDING * 2)[:length]})
        yield event


BACKEND = Mistral()
