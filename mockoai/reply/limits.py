"""Where an answer is cut: the token limit and the stop sequences of the request.

Both end an answer somewhere in the order in which a model produces it, reasoning, text, tool calls, and nothing
follows the place where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockoai.reply.answer import Answer, Call

MAX_STOPS = 4
"""How many stop sequences the API takes."""


def number(value: Any) -> int | None:
    """Return ``value`` when it is a count: a whole number that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


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
    """Return ``answer`` as it is when no more than ``limit`` tokens are made and any of ``stops`` ends the text.

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
