"""What several backends do alike to the pieces, events and frames of an answer.

Each function takes what flows through one stage (see :mod:`mockoai.backends.base`) and gives back its own version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockoai.plan.items import DONE, Event, Frame, Head, Item, Part, Text, ToolCall

Json = dict[str, Any]


# --- pieces of the answer ---------------------------------------------------------------------------------------


def whole_tool_calls(parts: Sequence[Part]) -> Sequence[Part]:
    """Join the fragments of each tool call: its arguments come in one piece, when its last fragment does."""
    last: dict[tuple[int, int, bool], int] = {}
    first: dict[tuple[int, int, bool], ToolCall] = {}
    arguments: dict[tuple[int, int, bool], str] = {}
    for position, part in enumerate(parts):
        if isinstance(part, ToolCall):
            key = part.choice, part.index, part.legacy
            last[key] = position
            first.setdefault(key, part)
            arguments[key] = arguments.get(key, "") + part.arguments
    if not last:
        return parts
    out: list[Part] = []
    for position, part in enumerate(parts):
        if not isinstance(part, ToolCall):
            out.append(part)
            continue
        key = part.choice, part.index, part.legacy
        if last[key] == position:
            out.append(replace(first[key], tokens=part.tokens, arguments=arguments[key]))
    return out


def larger_pieces(parts: Sequence[Part], tokens: int) -> Sequence[Part]:
    """Join up to ``tokens`` neighbouring tokens of text into one piece, which comes when its last token does.

    Tokens with log probabilities are left alone.
    """
    out: list[Part] = []
    held = 0
    for part in parts:
        before = out[-1] if out else None
        joins = isinstance(part, Text) and isinstance(before, Text) and part.choice == before.choice
        if joins and held < tokens and part.logprob is None:  # type: ignore[attr-defined]
            out[-1] = replace(part, text=before.text + part.text)  # type: ignore[union-attr, call-arg, attr-defined]
            held += 1
        else:
            out.append(part)
            held = 1
    return out


# --- events -----------------------------------------------------------------------------------------------------


def usage_on_finish(events: Iterable[Event]) -> Iterator[Event]:
    """Put usage on the chunk with the last finish reason instead of one of its own; other chunks have no such key."""
    held: Event | None = None
    for event in events:
        payload = event.payload
        if payload is DONE:
            if held is not None:
                yield held
                held = None
            yield event
        elif payload.get("choices") == [] and payload.get("usage") and held is not None:
            held = replace(held, payload={**held.payload, "usage": payload["usage"]})
        else:
            if held is not None:
                yield held
                held = None
            event = replace(event, payload={key: value for key, value in payload.items() if key != "usage" or value})
            if any(choice.get("finish_reason") for choice in payload.get("choices") or ()):
                held = event
            else:
                yield event
    if held is not None:
        yield held


def finish_on_last_text(events: Iterable[Event]) -> Iterator[Event]:
    """Put the finish reason on the last chunk that says something, instead of a chunk of its own.

    Chunks hold one choice each.
    """
    held: dict[int, Event] = {}
    for event in events:
        choices = event.payload["choices"] if event.payload is not DONE else []
        if len(choices) != 1:
            yield from held.values()
            held.clear()
            yield event
            continue
        (choice,) = choices
        index = choice["index"]
        before = held.pop(index, None)
        if before is None:
            held[index] = event
        elif choice.get("finish_reason") and not choice["delta"]:
            (said,) = before.payload["choices"]
            joined = {**before.payload, "choices": [{**said, "finish_reason": choice["finish_reason"]}]}
            held[index] = replace(event, tokens=max(event.tokens, before.tokens), payload=joined)
        else:
            yield before
            held[index] = event
    yield from held.values()


def role_on_every_delta(chunk: Json) -> Json:
    """Say the role in every delta of ``chunk``, first."""
    choices = [
        {**choice, "delta": {"role": "assistant", **choice["delta"]}} if "delta" in choice else choice
        for choice in chunk["choices"]
    ]
    return {**chunk, "choices": choices}


def ordered(payload: Json, *keys: str) -> Json:
    """Return ``payload`` with ``keys`` first, in this order, where it has them."""
    return {key: payload[key] for key in (*keys, *payload) if key in payload}


def without(payload: Json, *keys: str) -> Json:
    """Return ``payload`` less ``keys``."""
    return {key: value for key, value in payload.items() if key not in keys}


# --- frames -----------------------------------------------------------------------------------------------------


def comment_first(items: Sequence[Item], comment: bytes) -> Sequence[Item]:
    """Send ``comment``, with its blank line, before the first event."""
    head = items[0]
    return [head, Frame(at=head.at, data=comment, comment=True), *items[1:]]


def keep_alives(items: Sequence[Item], every: float, comment: bytes) -> Sequence[Item]:
    """Send ``comment``, with its blank line, after each ``every`` seconds of silence between events."""
    out: list[Item] = []
    before: Item | None = None
    for item in items:
        if before is not None:
            due = before.at + every
            while due < item.at:
                out.append(Frame(at=due, tokens=before.tokens, data=comment, comment=True))
                due += every
        out.append(item)
        before = item
    return out


def is_stream(items: Sequence[Item]) -> bool:
    """Whether ``items`` are those of a stream."""
    return isinstance(items[0], Head) and items[0].framing in ("chunked", "close")
