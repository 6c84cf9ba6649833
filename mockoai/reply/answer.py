"""What one choice says, and how it is spoken: as parts, in the order a model produces them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mockoai.plan.items import Finish, Part, Reasoning, Refusal, Role, Text, ToolCall
from mockoai.reply.logprobs import Logprobs


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
    """What one choice says, in tokens: reasoning, then text, then calls; and why it ends.

    ``refused`` makes the text a refusal.
    """

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
