"""What several backends do alike to the pieces, events and frames of an answer.

Each function takes what flows through one stage (see :mod:`mockoai.backends.base`) and gives back its own version.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockoai.plan.items import DONE, Event, Failure, Frame, Head, Item, Part, Reasoning, Text, ToolCall
from mockoai.reply.tools import call_id
from mockoai.seed import Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Json = dict[str, Any]


# --- requests ---------------------------------------------------------------------------------------------------


def is_malformed(failure: Failure) -> bool:
    """Whether OpenAI refuses a body for lack of something or for its type, rather than a value within it or a rule."""
    if failure.cause != "parameter":
        return False
    if failure.param is None:
        return not any(bound in failure.message for bound in ("minimum of", "maximum of"))
    return failure.code in ("missing_required_parameter", "invalid_type")


def bytes_as_tokens(text: str) -> list[int]:
    """Return ``text`` as a tokenizer would that takes every byte of UTF-8 for a token."""
    return list(text.encode("utf-8", "surrogatepass"))


def tokens_as_text(tokens: Any) -> str:
    """Return the text of which :func:`bytes_as_tokens` makes ``tokens``; nothing for what is no list of such."""
    found = tokens if isinstance(tokens, list) else []
    return bytes([one for one in found if isinstance(one, int) and 0 <= one < 256]).decode("utf-8", "replace")


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


def own_call_ids(parts: Sequence[Part], context: Context, made: Callable[[Seed, int], str]) -> Sequence[Part]:
    """Give tool calls ids that ``made`` makes of a seed and the call's index, but for those that the scenario says."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, ToolCall) and part.id is not None:
            seed = context.content.child("choice", part.choice)
            if part.id in (call_id(seed), call_id(seed.child(part.index))):
                part = replace(part, id=made(seed.child("own call id", part.index), part.index))
        out.append(part)
    return out


def thinking_aloud(parts: Sequence[Part]) -> Sequence[Part]:
    """Say reasoning as text between ``<think>`` and ``</think>``, as a server without a parser for it does."""
    last = {part.choice: position for position, part in enumerate(parts) if isinstance(part, Reasoning)}
    if not last:
        return parts
    out: list[Part] = []
    begun: set[int] = set()
    for position, part in enumerate(parts):
        if isinstance(part, Reasoning):
            before = "" if part.choice in begun else "<think>\n"
            after = "\n</think>\n\n" if last[part.choice] == position else ""
            begun.add(part.choice)
            part = Text(tokens=part.tokens, choice=part.choice, text=before + part.text + after)
        out.append(part)
    return out


# --- events -----------------------------------------------------------------------------------------------------


def role_before_calls(events: Iterable[Event]) -> Iterator[Event]:
    """Say the role in a chunk of its own before a call, where OpenAI says both in one."""
    for event in events:
        choices = _choices(event)
        delta = choices[0]["delta"] if len(choices) == 1 else {}
        if "role" not in delta or "tool_calls" not in delta:
            yield event
            continue
        (choice,) = choices
        role = {key: value for key, value in delta.items() if key != "tool_calls"}
        yield replace(event, payload={**event.payload, "choices": [{**choice, "delta": role}]})
        calls = {"tool_calls": delta["tool_calls"]}
        yield replace(event, mark="content", payload={**event.payload, "choices": [{**choice, "delta": calls}]})


def role_with_first(events: Iterable[Event]) -> Iterator[Event]:
    """Say the role together with what a choice says first, instead of in a chunk of its own."""
    held: dict[int, Event] = {}
    for event in events:
        choices = _choices(event)
        if len(choices) != 1:
            yield from held.values()
            held.clear()
            yield event
            continue
        (choice,) = choices
        delta = choice["delta"]
        if "role" in delta and not any(value for key, value in delta.items() if key != "role"):
            held[choice["index"]] = event
            continue
        before = held.pop(choice["index"], None)
        if before is not None:
            role = before.payload["choices"][0]["delta"]["role"]
            joined = {**event.payload, "choices": [{**choice, "delta": {"role": role, **delta}}]}
            event = replace(event, mark="role", faults=all_faults(before, event), payload=joined)
        yield event
    yield from held.values()


def role_alone(events: Iterable[Event], content: str | None = "") -> Iterator[Event]:
    """Say the role of a choice in a chunk of its own, with ``content``, also when it begins with a tool call."""
    for event in events:
        choices = event.payload["choices"] if event.payload is not DONE else []
        if len(choices) != 1 or "role" not in choices[0]["delta"]:
            yield event
            continue
        (choice,) = choices
        delta = choice["delta"]
        opening = {"role": delta["role"]} if content is None else {"role": delta["role"], "content": content}
        yield replace(event, mark="role", payload={**event.payload, "choices": [{**choice, "delta": opening}]})
        rest = {key: value for key, value in delta.items() if key not in ("role", "refusal") and value}
        if rest:
            yield replace(event, mark="content", payload={**event.payload, "choices": [{**choice, "delta": rest}]})


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
            counted = {**held.payload, "usage": payload["usage"]}
            held = replace(held, faults=all_faults(held, event), payload=counted)
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


def finish_on_last_text(events: Iterable[Event], reasons: Container[str] | None = None) -> Iterator[Event]:
    """Put the finish reason on the last chunk that says something, instead of a chunk of its own.

    Chunks hold one choice each. Only ``reasons`` are put there, when given.
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
        reason = choice.get("finish_reason")
        before = held.pop(index, None)
        if before is None:
            held[index] = event
        elif reason and (reasons is None or reason in reasons) and not choice["delta"]:
            (said,) = before.payload["choices"]
            joined = {**before.payload, "choices": [{**said, "finish_reason": reason}]}
            tokens = max(event.tokens, before.tokens)
            held[index] = replace(event, tokens=tokens, faults=all_faults(before, event), payload=joined)
        else:
            yield before
            held[index] = event
    yield from held.values()


def loaded(context: Context) -> str:
    """Return the model that answers where only what is loaded can: the one asked for if it is, else the first.

    What a scenario says instead stays.
    """
    listed = [one.id for one in context.models]
    named = context.model != context.backend.snapshot(context.request.model)
    return context.model if named or context.model in listed or not listed else listed[0]


def asked_or_first(context: Context) -> str:
    """Return the model that was asked for; the first of the list, where the request names none."""
    return context.model if context.request.model else loaded(context)


def answered_by(events: Iterable[Event], model: str) -> Iterator[Event]:
    """Say in every payload that ``model`` answers, whichever was asked for."""
    for event in events:
        payload = event.payload
        if isinstance(payload, dict) and payload.get("model", model) != model:
            event = replace(event, payload={**payload, "model": model})
        yield event


def empty_text_first(events: Iterable[Event]) -> Iterator[Event]:
    """Begin a stream of legacy completions with a chunk that says nothing, before the first token."""
    begun = False
    for event in events:
        choices = _choices(event)
        if choices and not begun:
            empty = {**choices[0], "text": "", "logprobs": None, "finish_reason": None}
            yield Event(payload={**event.payload, "choices": [empty]}, mark="role")
        begun = True
        yield event


def ticking(events: Iterable[Event]) -> Iterator[Event]:
    """Say in ``created`` of each chunk when it was made: by whole seconds after the request."""
    for event in events:
        late = int(event.at)
        if late and event.payload is not DONE:
            event = replace(event, payload={**event.payload, "created": event.payload["created"] + late})
        yield event


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


def plain_logprobs(logprobs: Json | None) -> Json | None:
    """Return log probabilities of a chat without the bytes of tokens and without those of a refusal."""
    if not logprobs:
        return None
    found = logprobs.get("content") or []
    return {"content": [_plain(one) | {"top_logprobs": [_plain(top) for top in one["top_logprobs"]]} for one in found]}


def _plain(one: Json) -> Json:
    return {"token": one["token"], "logprob": one["logprob"]}


def without(payload: Json, *keys: str) -> Json:
    """Return ``payload`` less ``keys``."""
    return {key: value for key, value in payload.items() if key not in keys}


def sorted_keys(value: Any) -> Any:
    """Return ``value`` with the keys of every object in alphabetical order."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(one) for one in value] if isinstance(value, list) else value


def all_faults(*events: Event) -> tuple[str, ...]:
    """Return the faults of events that become one, each once."""
    return tuple(dict.fromkeys(fault for event in events for fault in event.faults))


def _choices(event: Event) -> list[Json]:
    """Return the choices of a chunk; ``[DONE]`` has none."""
    return [] if event.payload is DONE else event.payload.get("choices") or []


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


def awaited(items: Sequence[Item], every: float, filler: bytes) -> Sequence[Item]:
    """Send ``filler`` after each ``every`` seconds until a whole body is there: the head leaves at once, then chunks.

    Streams, errors and answers that do not take that long are left alone.
    """
    head, *rest = items
    if not isinstance(head, Head) or head.framing != "length" or head.status != 200 or head.at < every:
        return items
    early = replace(head, at=0.0, framing="chunked", headers=chunked(head))
    count = int(head.at // every)
    return [early, *[Frame(at=every * number, data=filler, comment=True) for number in range(1, count + 1)], *rest]


def chunked(head: Head) -> tuple[tuple[str, str], ...]:
    """Return the headers of ``head`` with chunked framing in the place of a length (RFC 9112 §7.1)."""
    lower = all(name == name.lower() for name, _ in head.headers)
    name = "transfer-encoding" if lower else "Transfer-Encoding"
    connection = tuple(pair for pair in head.headers if pair[0].lower() == "connection")
    return (*head.without("content-length", "connection"), (name, "chunked"), *connection)


def is_stream(items: Sequence[Item]) -> bool:
    """Whether ``items`` are those of a stream."""
    return isinstance(items[0], Head) and items[0].framing in ("chunked", "close")
