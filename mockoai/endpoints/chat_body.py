"""The body of a chat completion that is not streamed, in OpenAI's key order.

``id, object, created, model, choices, usage, service_tier, system_fingerprint``, each choice ``index,
message, logprobs, finish_reason``, each message ``role, content, tool_calls or function_call, refusal,
annotations``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.endpoints.chat_common import call_fragment, named, service_tier, system_fingerprint
from mockoai.endpoints.logprobs import chat_logprobs
from mockoai.endpoints.usage import chat_usage
from mockoai.plan.items import Finish, Part, Reasoning, Refusal, Role, Text, ToolCall, Usage

if TYPE_CHECKING:
    from mockoai.plan.context import Context


def completion(parts: Sequence[Part], context: Context) -> dict[str, Any]:
    """Return the body that renders ``parts``."""
    choices: dict[int, list[Part]] = {}
    usage: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, Usage):
            usage = {"usage": chat_usage(part)}
        else:
            choices.setdefault(part.choice, []).append(part)
    field = context.backend.reasoning_field
    return {
        "id": context.id,
        "object": "chat.completion",
        "created": context.created,
        "model": context.model,
        "choices": [_choice(index, choices[index], field) for index in sorted(choices)],
        **usage,
        "service_tier": service_tier(context),
        "system_fingerprint": system_fingerprint(context.model),
    }


def _choice(index: int, parts: list[Part], reasoning_field: str | None) -> dict[str, Any]:
    reasons = [part.reason for part in parts if isinstance(part, Finish)]
    return {
        "index": index,
        "message": _message(parts, reasoning_field),
        "logprobs": chat_logprobs([part for part in parts if isinstance(part, (Text, Refusal))]),
        "finish_reason": reasons[-1] if reasons else None,
    }


def _message(parts: list[Part], reasoning_field: str | None) -> dict[str, Any]:
    texts = [part.text for part in parts if isinstance(part, Text)]
    refusals = [part.text for part in parts if isinstance(part, Refusal)]
    calls = [part for part in parts if isinstance(part, ToolCall)]
    roles = [part.role for part in parts if isinstance(part, Role)]
    message: dict[str, Any] = {"role": roles[0]} if roles else {}
    # Content is null only when something else was said in its stead; a model that said nothing said "".
    message["content"] = None if (refusals or calls) and not texts else "".join(texts)
    if reasoning_field is not None:
        reasoning = [part.text for part in parts if isinstance(part, Reasoning)]
        if reasoning:
            message[reasoning_field] = "".join(reasoning)
    message.update(_calls(calls))
    message["refusal"] = "".join(refusals) if refusals else None
    message["annotations"] = []
    return message


def _calls(parts: list[ToolCall]) -> dict[str, Any]:
    """Return ``tool_calls`` and ``function_call``, where there are such, from their fragments."""
    fragments: dict[tuple[bool, int], list[ToolCall]] = {}
    for part in parts:
        fragments.setdefault((part.legacy, part.index), []).append(part)
    found: dict[str, Any] = {}
    tool_calls = [call_fragment(_joined(same)) for (legacy, _), same in fragments.items() if not legacy]
    if tool_calls:
        found["tool_calls"] = tool_calls
    for (legacy, _), same in fragments.items():
        if legacy:
            found["function_call"] = named(_joined(same))
    return found


def _joined(fragments: list[ToolCall]) -> ToolCall:
    """Return one call with the text of all ``fragments``, and the id and name of the first that has them."""
    return replace(
        fragments[0],
        id=next((part.id for part in fragments if part.id is not None), None),
        name=next((part.name for part in fragments if part.name is not None), None),
        arguments="".join([part.arguments for part in fragments]),
    )
