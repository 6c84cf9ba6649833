"""The chunks of a streamed chat completion, in OpenAI's key order.

``id, object, created, model, service_tier, system_fingerprint, choices, usage, obfuscation``, each choice
``index, delta, logprobs, finish_reason``. ``usage`` is on every chunk, null but on the last, when asked for,
and on none otherwise.

The first chunk of a choice says the role and empty content. When the model makes one call and says nothing
before it, that chunk holds the beginning of the call as well, and null content; before several calls it holds
the role and null content only. Reasoning does not show, unless the backend names a field for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockoai.endpoints.base import done, event, merged
from mockoai.endpoints.chat_common import call_fragment, named, service_tier, system_fingerprint
from mockoai.endpoints.logprobs import chat_logprobs
from mockoai.endpoints.obfuscation import Padding, size_of
from mockoai.endpoints.usage import chat_usage
from mockoai.plan.items import Event, Finish, Part, Reasoning, Refusal, Role, Text, ToolCall, Usage

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Delta = dict[str, Any]


def chunks(parts: Sequence[Part], context: Context) -> Iterator[Event]:
    """Yield the chunks that render ``parts``, and ``[DONE]``."""
    envelope = _Envelope(context)
    openings = _openings(parts, context)
    for position, part in enumerate(parts):
        if isinstance(part, Text) and part.logprob is None:
            yield event(part, envelope.text(part))
        elif isinstance(part, Usage):
            if context.include_usage:
                yield event(part, envelope.wrap([], chat_usage(part)))
        elif isinstance(part, ToolCall) and position in openings.roles:
            role = openings.roles[position]
            delta = {"role": role.role, "content": None, **_call(part), "refusal": None}
            yield merged(role, part, envelope.choice(part, delta), mark="role")
        elif isinstance(part, Role) and position in openings.bare:
            yield event(part, envelope.choice(part, {"role": part.role, "content": None}))
        elif position not in openings.said_later and (said := _delta(part, context)) is not None:
            yield event(part, envelope.choice(part, said))
    yield done(parts)


class _Envelope:
    """What is around the delta, the same on every chunk but for the padding."""

    def __init__(self, context: Context) -> None:
        self._head = {
            "id": context.id,
            "object": "chat.completion.chunk",
            "created": context.created,
            "model": context.model,
            "service_tier": service_tier(context),
            "system_fingerprint": system_fingerprint(context.model),
        }
        self._usage = context.include_usage
        self._padding: Padding | None = None
        if context.include_obfuscation:
            self._padding = Padding(context.content.child("obfuscation"))
            rest: dict[str, Any] = {"usage": ""} if self._usage else {}
            # Less the two bytes each that stand for choices and usage here.
            self._size = size_of({**self._head, "choices": "", **rest, "obfuscation": ""}) - 2 - 2 * self._usage
        self._logprobs = context.request.fields.get("logprobs") is True

    def text(self, part: Text) -> dict[str, Any]:
        """Return the chunk for a token of text: the same as :meth:`choice`, sooner, for there are many."""
        choice = {
            "index": part.choice,
            "delta": {"content": part.text},
            "logprobs": None,
            "finish_reason": None,
        }
        return self.wrap([choice], None)

    def choice(self, part: Part, delta: Delta) -> dict[str, Any]:
        """Return the chunk for ``delta`` of the choice that ``part`` belongs to."""
        logprobs: dict[str, Any] | None = None
        reason = None
        if isinstance(part, (Text, Refusal)):
            if part.logprob is not None:
                logprobs = chat_logprobs((part,))
        elif isinstance(part, Finish):
            reason = part.reason
        elif self._logprobs and isinstance(part, Role):
            logprobs = {"content": [], "refusal": None}
        return self.wrap([{"index": part.choice, "delta": delta, "logprobs": logprobs, "finish_reason": reason}], None)

    def wrap(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None) -> dict[str, Any]:
        """Return the chunk around ``choices``."""
        payload = {**self._head, "choices": choices}
        if self._usage:
            payload["usage"] = usage
        if self._padding is not None:
            size = self._size + size_of(choices)
            if self._usage:
                size += 4 if usage is None else size_of(usage)
            payload["obfuscation"] = self._padding.next(size)
        return payload


def _delta(part: Part, context: Context) -> Delta | None:
    """Return what ``part`` adds to the message; None where it does not show."""
    if isinstance(part, Text):
        return {"content": part.text}
    if isinstance(part, Role):
        return {"role": part.role, "content": "", "refusal": None}
    if isinstance(part, ToolCall):
        return _call(part)
    if isinstance(part, Finish):
        return {}
    if isinstance(part, Refusal):
        return {"refusal": part.text}
    if isinstance(part, Reasoning) and context.backend.reasoning_field is not None:
        return {context.backend.reasoning_field: part.text}
    return None


def _call(part: ToolCall) -> Delta:
    if part.legacy:
        return {"function_call": named(part)}
    return {"tool_calls": [{"index": part.index, **call_fragment(part)}]}


@dataclass
class _Openings:
    """How choices that begin with a call begin, by the positions of parts.

    ``roles``: calls that are said together with the role. ``said_later``: those roles. ``bare``: roles before
    several calls, which stand alone.
    """

    roles: dict[int, Role] = field(default_factory=dict)
    said_later: set[int] = field(default_factory=set)
    bare: set[int] = field(default_factory=set)


def _openings(parts: Sequence[Part], context: Context) -> _Openings:
    openings = _Openings()
    calls: dict[int, set[int]] = {}
    for part in parts:
        if isinstance(part, ToolCall):
            calls.setdefault(part.choice, set()).add(part.index)
    if not calls:
        return openings
    waiting: dict[int, tuple[int, Role]] = {}
    for position, part in enumerate(parts):
        if isinstance(part, Role):
            waiting[part.choice] = position, part
        elif isinstance(part, ToolCall):
            if part.choice not in waiting:
                continue
            at, role = waiting.pop(part.choice)
            if len(calls[part.choice]) > 1:
                openings.bare.add(at)
            else:
                openings.said_later.add(at)
                openings.roles[position] = role
        elif _delta(part, context) is not None:
            waiting.pop(part.choice, None)
    return openings
