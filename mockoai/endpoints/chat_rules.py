"""What OpenAI refuses about the body of ``POST /chat/completions``: its schema, and rules between parameters.

The rules are those of which recordings were found: ``top_logprobs`` needs ``logprobs``, ``stream_options``
needs ``stream``, ``tool_choice`` needs ``tools``; ``json_object`` needs the word in a message; tool messages
and the calls they answer belong together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockoai.endpoints import refusals
from mockoai.endpoints.chat_request import SCHEMA
from mockoai.plan.items import Failure


def check(body: dict[str, Any]) -> Failure | None:
    """Return what OpenAI refuses about ``body``, or None."""
    return SCHEMA.check(body) or _between(body) or _tool_order(body["messages"])


def _between(body: dict[str, Any]) -> Failure | None:
    """Return what is wrong between parameters that are fine by themselves."""
    if body.get("stream_options") is not None and not body.get("stream"):
        return refusals.only_with("stream_options", "stream")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        return refusals.only_with("top_logprobs", "logprobs")
    choice = body.get("tool_choice")
    if choice is not None and choice != "none" and not body.get("tools"):
        message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        return refusals.bad_request(message, "tool_choice")
    wanted = body.get("response_format")
    if wanted and wanted["type"] == "json_object" and not _says_json(body["messages"]):
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        return refusals.bad_request(message, "messages")
    return None


def _says_json(messages: list[dict[str, Any]]) -> bool:
    return any("json" in text.lower() for text in _texts(messages))


def _texts(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        elif content:
            yield from (part["text"] for part in content if part["type"] == "text")


def _tool_order(messages: list[dict[str, Any]]) -> Failure | None:
    """Return what is wrong between the calls in assistant messages and the tool messages that answer them."""
    calls: set[str] | None = None
    unanswered: dict[str, None] = {}
    for position, message in enumerate(messages):
        role = message["role"]
        if role == "tool":
            if calls is None:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                return refusals.bad_request(f"Invalid parameter: {text}", f"messages.[{position}].role")
            id = message["tool_call_id"]
            if id not in calls:
                text = f"'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
                return refusals.bad_request(f"Invalid parameter: {text}", f"messages.[{position}].tool_call_id")
            unanswered.pop(id, None)
            continue
        if unanswered:
            return _unanswered(unanswered, position)
        made = message.get("tool_calls") if role == "assistant" else None
        if made:
            unanswered = {call["id"]: None for call in made}
            calls = set(unanswered)
        else:
            calls = None
    return _unanswered(unanswered, len(messages) - 1) if unanswered else None


def _unanswered(ids: dict[str, None], position: int) -> Failure:
    message = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(ids)}"
    )
    return refusals.bad_request(message, f"messages.[{position}].role")
