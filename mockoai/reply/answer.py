"""What one choice says, cut where the request says, and spoken as parts.

An :class:`Answer` is generated in the order a model does it: reasoning, text, tool calls. The token limit and
the stop sequences end it somewhere in that order, and nothing follows the place where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.plan.items import Finish, Part, Reasoning, Refusal, Role, Text, ToolCall
from mockoai.reply.logprobs import Logprobs

MAX_STOPS = 4
"""How many stop sequences the API takes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call; ``arguments`` are its JSON, or a custom tool's input, in tokens."""

    name: str
    arguments: tuple[str, ...]
    id: str | None = None
    kind: Literal["function", "custom"] = "function"
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one choice says, in tokens, and why it ends. ``refused`` makes the text a refusal."""

    text: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    refused: bool = False
    finish: str = "stop"


class Meter:
    """Counts the tokens of an answer, all its choices together."""

    __slots__ = ("reasoning", "tokens")

    def __init__(self) -> None:
        self.tokens = 0
        self.reasoning = 0


def stop_sequences(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the stop sequences of a request (API: ``stop``)."""
    stop = fields.get("stop")
    if stop is None:
        return ()
    if isinstance(stop, str):
        return (stop,) if stop else ()
    if not isinstance(stop, list):
        return ()
    return tuple([one for one in stop[:MAX_STOPS] if isinstance(one, str) and one])


def limited(answer: Answer, limit: int | None, stops: Sequence[str]) -> Answer:
    """Return ``answer`` as it is when no more than ``limit`` tokens are made and any of ``stops`` ends the
    text.

    A stop sequence counts only when all of it lies within the limit; the text ends in front of it. An answer
    that just fits is whole: it finishes as it would without a limit.
    """
    if not stops and (limit is None or _fits(answer, limit)):
        return answer
    room = _Room(limit)
    reasoning = room.take(answer.reasoning)
    text = room.take(answer.text)
    stopped = _before_stop(text, stops) if stops else None
    if stopped is not None:
        return replace(answer, reasoning=reasoning, text=stopped, calls=(), finish="stop")
    calls: list[Call] = []
    for call in answer.calls:
        if room.over:
            break
        calls.append(replace(call, arguments=room.take(call.arguments)))
    finish = "length" if room.over else answer.finish
    return replace(answer, reasoning=reasoning, text=text, calls=tuple(calls), finish=finish)


class _Room:
    """What is left of a token limit; ``over`` once something did not fit."""

    def __init__(self, limit: int | None) -> None:
        self.left = limit
        self.over = False

    def take(self, pieces: tuple[str, ...]) -> tuple[str, ...]:
        if self.over:
            return ()
        if self.left is None:
            return pieces
        self.over = len(pieces) > self.left
        pieces = pieces[: self.left]
        self.left -= len(pieces)
        return pieces


def _fits(answer: Answer, limit: int) -> bool:
    said = len(answer.reasoning) + len(answer.text)
    return said + sum([len(call.arguments) for call in answer.calls]) <= limit


def _before_stop(pieces: Sequence[str], stops: Iterable[str]) -> tuple[str, ...] | None:
    """Return what comes before the first stop sequence; None when there is none in ``pieces``."""
    text = "".join(pieces)
    found = [place for place in [text.find(stop) for stop in stops] if place >= 0]
    if not found:
        return None
    left = min(found)
    kept: list[str] = []
    for piece in pieces:
        if len(piece) >= left:
            if left:
                kept.append(piece[:left])
            break
        kept.append(piece)
        left -= len(piece)
    return tuple(kept)


def speak(
    answer: Answer,
    choice: int,
    meter: Meter,
    logprobs: Logprobs | None = None,
    finish: str | None = None,
    *,
    role: bool = True,
) -> Iterator[Part]:
    """Give ``answer`` as the parts of ``choice``, counting tokens on ``meter`` as they come.

    ``finish`` is said in place of the true reason; without ``role`` there is no
    :class:`~mockoai.plan.items.Role`.
    """
    if role:
        yield Role(tokens=meter.tokens, choice=choice)
    for piece in answer.reasoning:
        meter.tokens += 1
        meter.reasoning += 1
        yield Reasoning(tokens=meter.tokens, choice=choice, text=piece)
    kind = Refusal if answer.refused else Text
    if logprobs is None:
        for piece in answer.text:
            meter.tokens += 1
            yield kind(tokens=meter.tokens, choice=choice, text=piece)
    else:
        for number, piece in enumerate(answer.text):
            meter.tokens += 1
            logprob = logprobs.of(piece, choice, number)
            yield kind(tokens=meter.tokens, choice=choice, text=piece, logprob=logprob)
    for index, call in enumerate(answer.calls):
        yield ToolCall(
            tokens=meter.tokens,
            choice=choice,
            index=index,
            id=call.id,
            name=call.name,
            kind=call.kind,
            legacy=call.legacy,
        )
        for piece in call.arguments:
            meter.tokens += 1
            yield ToolCall(
                tokens=meter.tokens,
                choice=choice,
                index=index,
                arguments=piece,
                kind=call.kind,
                legacy=call.legacy,
            )
    yield Finish(tokens=meter.tokens, choice=choice, reason=finish or answer.finish)


def together(voices: Sequence[Iterator[Part]]) -> list[Part]:
    """Interleave the parts of several choices: one of each in turn, until all have ended."""
    if len(voices) == 1:
        return list(voices[0])
    parts: list[Part] = []
    alive = list(voices)
    while alive:
        still: list[Iterator[Part]] = []
        for voice in alive:
            part = next(voice, None)
            if part is not None:
                parts.append(part)
                still.append(voice)
        alive = still
    return parts
