"""A small proxy in front of Qwen's chat page, as its own description shows it: Express on Node.js, port 3000.

Such proxies turn a web session into an API; this one is written down with its routes, its model list and one answer
of each kind. Guessed: chunks, which follow the bodies, and what errors say beside their status.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.express import Express, cannot
from mockoai.backends.habits import answered_by, asked_or_first, is_malformed, ordered, without
from mockoai.endpoints.routes import UNKNOWN
from mockoai.jsonvalue import compact
from mockoai.plan.items import Event, Failure, Finish, Model, Part, Text, ToolCall

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.seed import Seed

_CREATED = 1_704_067_200
_NAMES = ("qwen3-max", "qwen-max", "qwen-plus", "qwen-turbo")
_TYPES = {401: "authentication_error", 429: "rate_limit_error"}


class QwenProxy(Express):
    """A proxy in front of Qwen's chat page, October 2025.

    It passes on what the page says and knows little of it: usage is all zeros, tools are called in XML within the
    text, as Roo Code reads it, and then the answer ends with "stop". Legacy completions are chats inside and have
    their ids. Choices have no logprobs, messages no tool_calls; there are no embeddings. Any key will do.
    """

    name = "qwen-proxy"
    title = "Qwen proxy"
    port = 3000
    auth = "Bearer, any key"
    owner = "qwen"
    server_error_type = "api_error"
    exact_models = True
    null_usage = False

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """There are no embeddings."""
        found = super().resolve(path)
        return (UNKNOWN, ()) if found[0] == "embeddings" else found

    def minds(self, failure: Failure) -> bool:
        """Mind unknown models, and messages that are missing; no model is the first one."""
        return failure.cause in ("model-unknown", "content-type") or is_malformed(failure)

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Refuse what is no route with Express's page."""
        if failure.cause in ("route", "method"):
            return cannot(context.request)
        if failure.status == 401:
            message, kind, code = self.words(401)
            return replace(failure, message=message, type=kind, code=code, headers=())
        if failure.cause == "model-unknown":
            model = context.request.model
            return replace(failure, message=f"Model '{model}' not found", param="model", code="model_not_found")
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Legacy completions are chats."""
        return super().answer_id("chat" if endpoint == "completions" else endpoint, seed)

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Call tools in the text."""
        return list(_in_text(parts)) if any(isinstance(part, ToolCall) for part in parts) else parts

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """The first model answers, where the request names none."""
        return self.shaped(answered_by(events, asked_or_first(context)), context)

    def choice(self, choice: Json, context: Context) -> Json:
        """A choice of a chunk, without logprobs."""
        return without(super().choice(choice, context), "logprobs")

    def completion(self, payload: Json, context: Context) -> Json:
        """A whole chat completion, without logprobs."""
        shaped = super().completion(payload, context)
        return {**shaped, "choices": [without(one, "logprobs") for one in shaped["choices"]]}

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Nobody counts."""
        return dict.fromkeys(super().usage_object(usage, context), 0)

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return the status's phrase, but for keys."""
        message, kind, code = super().words(status)
        if status == 401:
            message = "Invalid API key"
        return message, _TYPES.get(status, kind), code

    def models(self) -> tuple[Model, ...]:
        """The four models of its list."""
        return tuple(Model(id=name, created=_CREATED) for name in _NAMES)

    def entry(self, id: str) -> Model:
        """All models are as old as each other."""
        return Model(id=id, created=_CREATED)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model with an empty permission."""
        shaped = {"permission": [], "root": model.id, "parent": None, **super().one_model(model, context)}
        return ordered(shaped, "id", "object", "created", "owned_by", "permission", "root", "parent")


def _in_text(parts: Sequence[Part]) -> Iterator[Part]:
    """Write calls as XML, each in as many pieces as it has fragments; they do not count as calls in the end."""
    fragments: dict[tuple[int, int, bool], list[ToolCall]] = {}
    for part in parts:
        if isinstance(part, ToolCall):
            fragments.setdefault((part.choice, part.index, part.legacy), []).append(part)
    pieces = {key: _pieces(same) for key, same in fragments.items()}
    said: set[int] = set()
    for part in parts:
        if isinstance(part, ToolCall):
            text = pieces[part.choice, part.index, part.legacy].pop(0)
            is_first = part.name is not None and part.choice in said
            part = Text(tokens=part.tokens, choice=part.choice, text=f"\n\n{text}" if is_first else text)
        elif isinstance(part, Finish) and part.reason in ("tool_calls", "function_call"):
            part = replace(part, reason="stop")
        if isinstance(part, Text):
            said.add(part.choice)
        yield part


def _pieces(fragments: Sequence[ToolCall]) -> list[str]:
    """Return a call as XML, cut into as many pieces as there are ``fragments``."""
    name = next((one.name for one in fragments if one.name is not None), "")
    text = f"<{name}>\n{_parameters(''.join([one.arguments for one in fragments]))}</{name}>"
    count = len(fragments)
    cuts = [len(text) * number // count for number in range(count + 1)]
    return [text[cuts[number] : cuts[number + 1]] for number in range(count)]


def _parameters(arguments: str) -> str:
    """Return arguments as an element each, to a line; what is no JSON object as it stands."""
    try:
        given = json.loads(arguments)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return f"{arguments}\n" if arguments else ""
    texts = {key: value if isinstance(value, str) else compact(value) for key, value in given.items()}
    return "".join([f"<{key}>{text}</{key}>\n" for key, text in texts.items()])


BACKEND = QwenProxy()
