"""FastChat's server (``python -m fastchat.serve.openai_api_server``): FastAPI on uvicorn before workers, port 8000.

As 0.2.36 says, its last release (February 2024), with pydantic 1: with pydantic 2 its streams fail. Chunks are written
by pydantic, with spaces, and say what was set: neither ``object`` nor ``created``, but for the ones that end a chat,
which come last of all. Bodies are written by FastAPI, without spaces.

Not like it: tool calls are said where a scenario or a request asks for them, in OpenAI's shape; the server knows no
tools and ignores them. Made up: the words of 429.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.fastapi import BODY_CAUSES, FastAPI
from mockoai.backends.habits import role_alone, thinking_aloud, ticking
from mockoai.backends.mistakes import Mistake, complaint, mistake
from mockoai.backends.spelling import python_text
from mockoai.credential import strict_bearer
from mockoai.plan.items import DONE, Event, Failure, Model, Page, Part
from mockoai.reply.tokens import count
from mockoai.seed import Seed
from mockoai.wire.http1 import REASONS
from mockoai.wire.sse import Writer

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

_SHORT = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""What short UUIDs are made of."""
_CONTEXT_LENGTH = 4096
_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}
_CODES = {400: 40001, 401: 40101, 403: 40103, 404: 40301, 422: 40001, 429: 42901, 503: 50005, 504: 50006}
_INTERNAL = 50001
_BUSY = "**NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.**"
_BOUNDED = ("max_tokens", "n", "temperature", "top_p")
_TYPES = {
    "string": ("str type expected", "type_error.str"),
    "integer": ("value is not a valid integer", "type_error.integer"),
    "decimal": ("value is not a valid float", "type_error.float"),
    "number": ("value is not a valid float", "type_error.float"),
    "boolean": ("value could not be parsed to a boolean", "type_error.bool"),
    "array": ("value is not a valid list", "type_error.list"),
    "object": ("value is not a valid dict", "type_error.dict"),
}
"""Pydantic 1's message and type by the JSON type that is wanted."""


class FastChat(FastAPI):
    """FastChat 0.2.36, of February 2024.

    Chunks have no ``object`` and no ``created``, and spaces in their JSON; the role comes alone, choices one after
    another, finish reasons last of all. No usage in streams, no log probabilities of chats; reasoning is text. Tool
    calls, of which the server knows nothing, are OpenAI's. Errors are HTTP 400 with a code of five digits
    (``{"object":"error","message","code":40301}``), also for an unknown model; a wrong key is 401 with OpenAI's error
    inside ``detail``, without a message. There is no route for one model. Beside the API:
    ``/api/v1/chat/completions``, which needs no key, and ``/api/v1/token_check``.
    """

    name = "fastchat"
    title = "FastChat"
    owner = "fastchat"
    usage = "never"
    exact_models = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """It lists models and has no route for one of them; chats have a second one."""
        found = super().resolve("/v1/chat/completions" if path == "/api/v1/chat/completions" else path)
        return ("unknown", ()) if found[0] == "model" else found

    def credential(self, request: Request) -> str:
        """Take the key as a bearer token."""
        return strict_bearer(request)

    def guards(self, request: Request) -> bool:
        """What is under ``/api`` needs no key."""
        return not request.path.startswith("/api/")

    def minds(self, failure: Failure) -> bool:
        """Few numbers have bounds."""
        bounds = str(failure.code).endswith(("_above_max_value", "_below_min_value"))
        return not bounds or failure.param in _BOUNDED

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse with 400 and a code, keys with OpenAI's error in FastAPI's."""
        if failure.status == 401:
            error = {"message": "", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
            return replace(failure, body={"detail": {"error": error}}, headers=())
        if failure.cause == "model-unknown":
            models = "&&".join([one.id for one in context.models])
            message = f"Only {models} allowed now, your model {context.request.model}"
            return replace(failure, status=400, message=message, code=40301)
        if failure.cause in BODY_CAUSES:
            found = mistake(failure, context)
            bounds = found.kind in ("above", "below")
            message = _bound(found) if bounds else str([_complaint(found)])
            return replace(failure, status=400, message=message, code=40302 if bounds else 40001)
        if failure.cause in ("quota", "rate"):
            return replace(failure, status=400, code=42902 if failure.cause == "quota" else 42901)
        return super().refusal(failure, context)

    def payload(self, failure: Failure) -> Any:
        """A message and a code, flat."""
        code = failure.code if isinstance(failure.code, int) else _CODES.get(failure.status, _INTERNAL)
        return {"object": "error", "message": failure.message, "code": code, **dict(failure.extra)}

    def words(self, status: int) -> Words:
        """Return what a worker that fails says, or the status's phrase, and the code that is nearest."""
        message = _BUSY if status == 500 else REASONS.get(status, f"Error {status}")
        return message, None, _CODES.get(status, _INTERNAL if status >= 500 else 40001)

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """A prefix that says what it is of, and a short UUID."""
        prefix = _PREFIXES.get(endpoint)
        return prefix + seed.child("id").text(22, _SHORT) if prefix else ""

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Reasoning is text like any other."""
        return thinking_aloud(parts)

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Say one choice after another, and how they ended when all are said."""
        if not context.stream:
            return self.shaped(events, context)
        events = role_alone(events, None) if context.endpoint == "chat" else events
        return self.shaped(_one_by_one(ticking(events)), context)

    def writer(self, context: Context) -> Writer:
        """Pydantic 1 writes chunks as Python does."""
        return python_text if context.stream else super().writer(context)

    def chunk(self, payload: Json, context: Context) -> Json:
        """A chunk has what was set; one that ends a choice, all that is not null."""
        if any(one["finish_reason"] is not None for one in payload["choices"]):
            return super().chunk(payload, context)
        shaped: Json = {"id": payload["id"], "model": payload["model"]}
        return shaped | {"choices": [self.choice(one, context) for one in payload["choices"]]}

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice without log probabilities."""
        return {key: value for key, value in super().choice(choice, context).items() if key != "logprobs"}

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion."""
        shaped = super().completion(payload, context)
        shaped["choices"] = [
            {key: value for key, value in one.items() if key != "logprobs"} for one in shaped["choices"]
        ]
        return shaped

    def text(self, payload: Json, context: Context) -> Json:
        """A legacy completion; chunks have no ``created``."""
        keys = ("id", "object", "model") if context.stream else ("id", "object", "created", "model")
        shaped: Json = {key: payload[key] for key in keys}
        fields = ("index", "text", "logprobs", "finish_reason")
        shaped["choices"] = [{key: one[key] for key in fields} for one in payload["choices"]]
        return shaped | ({"usage": self.usage_object(payload["usage"], context)} if payload.get("usage") else {})

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Embeddings, their index behind them."""
        data = [{key: one[key] for key in ("object", "embedding", "index")} for one in payload["data"]]
        return {**payload, "data": data}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """The three sums in an order of its own."""
        sums = super().usage_object(usage, context)
        return {key: sums[key] for key in ("prompt_tokens", "total_tokens", *sums) if key in sums}

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """One model, called after its folder."""
        return (Model(id="vicuna-7b-v1.5"),)

    def entry(self, id: str) -> Model:
        """A model is created when it is asked for, whatever its name."""
        return Model(id=id)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model with its root and a permission; created when it is asked for."""
        permission = {
            "id": f"modelperm-{context.content.child('permission', model.id).text(22, _SHORT)}",
            "object": "model_permission",
            "created": context.created,
            "allow_create_engine": False,
            "allow_sampling": True,
            "allow_logprobs": True,
            "allow_search_indices": True,
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
            "permission": [permission],
            **dict(model.extra),
        }

    def _token_check(self, context: Context) -> Page:
        """Say of each prompt whether it fits."""
        prompts = context.request.fields.get("prompts")
        checked: list[Json] = []
        for one in prompts if isinstance(prompts, list) else []:
            fields = one if isinstance(one, dict) else {}
            prompt, wanted = fields.get("prompt"), fields.get("max_tokens")
            tokens = count(prompt if isinstance(prompt, str) else "")
            fits = tokens + (wanted if isinstance(wanted, int) else 0) <= _CONTEXT_LENGTH
            checked.append({"fits": fits, "tokenCount": tokens, "contextLength": _CONTEXT_LENGTH})
        return Page(body={"prompts": checked})

    pages: ClassVar = {"POST /api/v1/token_check": _token_check}


def _one_by_one(events: Iterable[Event]) -> Iterator[Event]:
    """Order the events of a stream by choice, with those that end a choice behind all others."""
    at, tokens = 0.0, 0
    for event in sorted(events, key=_order):
        at, tokens = max(at, event.at), max(tokens, event.tokens)
        yield replace(event, at=at, tokens=tokens)


def _order(event: Event) -> tuple[int, int]:
    """What is said comes first, by its choice, then the ends, then ``[DONE]``."""
    if event.payload is DONE:
        return 2, 0
    choices = event.payload["choices"]
    if any(one["finish_reason"] for one in choices):
        return 1, 0
    return 0, max([one["index"] for one in choices], default=0)


def _bound(found: Mistake) -> str:
    """Say which number is out of bounds."""
    value = float(found.value) if found.name in ("temperature", "top_p") else found.value
    where = "greater than the maximum" if found.kind == "above" else "less than the minimum"
    return f"{value} is {where} of {float(found.expected):g} - '{found.name}'"


def _complaint(found: Mistake) -> dict[str, Any]:
    """Return what FastAPI makes of ``found`` with pydantic 1."""
    if found.kind == "unparsable":
        return complaint(found)
    loc = ("body", *found.path)
    message, kind = {
        "missing": ("field required", "value_error.missing"),
        "type": _TYPES.get(found.expected, _TYPES["object"]),
        "not-json": _TYPES["object"],
    }.get(found.kind, (found.message, "value_error"))
    if found.kind == "type" and found.value is None:
        message, kind = "none is not an allowed value", "type_error.none.not_allowed"
    return {"loc": loc, "msg": message, "type": kind}


BACKEND = FastChat()
