"""Gemini behind its OpenAI-compatible layer, as transcripts of 2025 and 2026 show it.

From memory: what is said to a missing key, and Google's page for unknown routes. The signature of a thought is random
bytes; real ones hold the thought.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from mockoai.address import model_scenario
from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import (
    finish_on_last_text,
    larger_pieces,
    own_call_ids,
    role_with_first,
    sorted_keys,
    usage_on_finish,
    whole_tool_calls,
)
from mockoai.backends.hosted import Hosted
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints import refusals
from mockoai.plan.items import DONE, Event, Failure, Frame, Headers, Item, Model, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_PREFIX = "models/"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PIECE = 16
"""Tokens that come at once."""

_OVER_LINES = b'[\n  {\n    "error": {'

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_MESSAGES = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials.",
    403: "Your project has been denied access. Please contact support.",
    404: "Requested entity was not found.",
    429: "You exceeded your current quota, please check your plan and billing details. For more information on this "
    "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
    500: "An internal error has occurred. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting",
    503: "The model is overloaded. Please try again later.",
    504: "Deadline expired before operation could complete.",
}
_NO_MODEL = (
    "{} is not found for API version v1main, or is not supported for generateContent. Call ModelService.ListModels to "
    "see the list of available models and their supported methods."
)
_WRONG_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}
_NO_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That’s an error.</ins>
  <p>The requested URL <code>{}</code> was not found on this server.  <ins>That’s all we know.</ins>
"""

_MODELS = tuple(
    Model(id=f"{_PREFIX}{id}", extra=(("display_name", name),))
    for id, name in (
        ("gemini-2.5-flash", "Gemini 2.5 Flash"),
        ("gemini-2.5-pro", "Gemini 2.5 Pro"),
        ("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"),
        ("gemini-2.0-flash", "Gemini 2.0 Flash"),
        ("gemini-3-flash-preview", "Gemini 3 Flash Preview"),
        ("gemma-3-27b-it", "Gemma 3 27B"),
        ("gemini-embedding-001", "Gemini Embedding 001"),
    )
)


class Gemini(Hosted):
    """Gemini's OpenAI-compatible layer, as of 2025 and 2026.

    Few large chunks, each with the role, the last with the finish reason and, when asked for, usage; keys are sorted.
    A tool call is whole in one chunk, without an index, with a signature that clients must send back. What was
    thought does not show, but counts in the total: more than prompt and completion together. Errors are Google's, in
    an array; a missing or wrong key is 400. Models are listed as models/NAME and asked for as either.
    """

    name = "gemini"
    title = "Gemini"
    base = "/v1beta/openai"
    owner = "google"
    stream_type = "text/event-stream"
    exact_models = False
    any_model = True
    lacks = frozenset({"completions"})

    # --- requests ---------------------------------------------------------------------------------------------

    def check(self, context: Context) -> Failure | None:
        """Refuse models that are not listed by either name."""
        model = context.request.model
        if context.endpoint not in ("chat", "embeddings", "model") or model_scenario(model):
            return None
        known = any(one.id.removeprefix(_PREFIX) == model.removeprefix(_PREFIX) for one in context.models)
        return None if known else refusals.unknown_model(model)

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it in Google's words."""
        request = context.request
        if failure.status == 401:
            if self.credential(request) in (MISSING, MALFORMED, ""):
                return Failure(status=400, message="Missing or invalid Authorization header.")
            message = "API key not valid. Please pass a valid API key."
            return Failure(status=400, message=message, extra=(("details", [_WRONG_KEY]),))
        if failure.cause in ("route", "method"):
            page = _NO_PAGE.format(escape(request.path))
            return Failure(status=404, body=page, content_type="text/html; charset=UTF-8")
        if failure.cause == "model-missing":
            return Failure(status=400, message="model is not specified")
        if failure.cause == "model-unknown":
            name = _PREFIX + request.model.removeprefix(_PREFIX)
            return Failure(status=404, message=_NO_MODEL.format(name))
        if failure.cause in ("rate", "quota"):
            return replace(failure, message=_MESSAGES[429])
        return replace(failure, status=400) if failure.cause in ("content-type", "organization") else failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return 23 characters of base64."""
        return seed.child("id").text(23, _BASE64) if endpoint == "chat" else ""

    def snapshot(self, model: str) -> str:
        """Return the name without ``models/``."""
        return model.removeprefix(_PREFIX)

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return what Google's front end adds."""
        return (
            ("Vary", "Origin, X-Origin, Referer"),
            ("Server", "scaffolding on HTTPServer2"),
            ("X-XSS-Protection", "0"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("X-Content-Type-Options", "nosniff"),
            ("Server-Timing", f"gfet4t7; dur={context.content.child('duration').integer(300, 3000)}"),
        )

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Say several tokens at once and tool calls whole."""
        made = own_call_ids(parts, context, lambda seed, _: f"function-call-{seed.text(20, '0123456789')}")
        return larger_pieces(whole_tool_calls(made), _PIECE)

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say role, finish reason and usage with what is said, and sort all keys."""
        if context.endpoint == "chat" and context.stream:
            events = usage_on_finish(finish_on_last_text(role_with_first(events)))
        shaped = super().events(events, context)
        return _sorted_events(shaped) if context.endpoint == "chat" else shaped

    def choice(self, choice: Json, context: Context) -> Json:
        """Say the role always, and the finish reason where there is one."""
        delta = super().choice(choice, context)["delta"]
        said = {key: choice[key] for key in ("finish_reason", "logprobs") if choice[key] is not None}
        return {**said, "index": choice["index"], "delta": {"role": "assistant", **_signed(delta, context)}}

    def message(self, message: Json, context: Context) -> Json:
        """Say calls with their signature; there is no content beside them."""
        return _signed(super().message(message, context), context)

    def completion(self, payload: Json, context: Context) -> Json:
        """Return the whole, log probabilities only where there are some."""
        shaped = super().completion(payload, context)
        for choice in shaped["choices"]:
            if choice["logprobs"] is None:
                del choice["logprobs"]
        return shaped

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Count what was thought in the total only."""
        thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens", 0)
        sums = super().usage_object(usage, context)
        if "completion_tokens" in sums:
            sums["completion_tokens"] -= thought
        return sums

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        message, kind, code = super().words(status)
        return _MESSAGES.get(status, message), kind, code

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Write an error over several lines."""
        typed = f"{self.json_type}; charset=UTF-8" if failure.content_type is None else failure.content_type
        headers, event = super().failure(replace(failure, content_type=typed), context)
        return headers, replace(event, indent=2 if failure.body is None else 0, newline=False)

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Open the array of an error and its object on one line, as Google does."""
        return [
            replace(item, data=item.data.replace(b"\n  ", b"\n").replace(b"[\n{", b"[{", 1))
            if isinstance(item, Frame) and item.mark == "error" and item.data.startswith(_OVER_LINES)
            else item
            for item in items
        ]

    def payload(self, failure: Failure) -> Any:
        """Return Google's error, in an array."""
        said = {"code": failure.status, "message": failure.message}
        return [{"error": {**said, "status": _STATUSES.get(failure.status, "UNKNOWN"), **dict(failure.extra)}}]

    def entry(self, id: str) -> Model:
        """Return the model called ``id``, by either name."""
        name = id.removeprefix(_PREFIX)
        return next((replace(one, id=id) for one in _MODELS if one.id == _PREFIX + name), Model(id=id))

    def models(self) -> tuple[Model, ...]:
        """Some of the models that Google lists."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A model with the name that people read, and without a date."""
        name = model.id.removeprefix(_PREFIX)
        said = {"id": _PREFIX + name, "object": "model", "owned_by": model.owned_by or self.owner}
        return {**said, "display_name": name, **dict(model.extra)}


def _signed(said: Json, context: Context) -> Json:
    """Return a delta or message with a signature on its calls, which have no index, and without null content."""
    if "tool_calls" not in said:
        return said
    signature = b64encode(context.content.child("thought").data(96)).decode()
    extra = {"extra_content": {"google": {"thought_signature": signature}}}
    calls = [{**extra, **{key: one[key] for key in one if key != "index"}} for one in said["tool_calls"]]
    return {**{key: value for key, value in said.items() if value is not None}, "tool_calls": calls}


def _sorted_events(events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        yield event if event.payload is DONE else replace(event, payload=sorted_keys(event.payload))


BACKEND = Gemini()
