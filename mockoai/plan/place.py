"""Places: the one way to say where in an answer a fault acts.

``3 tokens``, ``4 events``, ``120 bytes``, ``1.5s``, ``50%``, or a mark: ``headers``, ``role``, ``finish``,
``usage``, ``done``, ``end``. Tokens are those of the answer, all choices together, reasoning and tool
arguments included. Events are SSE events as sent, ``[DONE]`` included, comments not. Bytes are those of the
body as the client reads it, without the head and without chunk framing. Seconds run from the moment the
request was read. A percentage is of the answer's tokens where it is streamed, else of its bytes; the plan
turns it into one of these before any fault sees it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from mockoai.plan.duration import parse_seconds, shown

Unit = Literal["tokens", "events", "bytes", "seconds", "percent", "mark"]
MARKS = ("headers", "role", "finish", "usage", "done", "end")

_COUNTED = re.compile(r"([0-9]+) ?(token|event|byte)s?")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")

EXPECTED = "`3 tokens`, `4 events`, `120 bytes`, `1.5s`, `50%`, or one of " + ", ".join(f"`{m}`" for m in MARKS)


@dataclass(frozen=True, slots=True)
class Place:
    """A point in an answer: ``amount`` of ``unit``, or the ``mark`` of that name."""

    unit: Unit
    amount: float = 0.0
    mark: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read a place from ``text``.

        Raises ValueError, with what is wrong in words, when ``text`` is none or an impossible one.
        """
        text = text.strip()
        if text in MARKS:
            return cls("mark", mark=text)
        if match := _COUNTED.fullmatch(text):
            unit: Unit = {"token": "tokens", "event": "events", "byte": "bytes"}[match[2]]  # type: ignore[assignment]
            return cls(unit, float(match[1]))
        if match := _PERCENT.fullmatch(text):
            amount = float(match[1])
            if amount > 100:
                raise ValueError(f"`{text}` is past the end: a percentage is between 0% and 100%")
            return cls("percent", amount)
        try:
            return cls("seconds", parse_seconds(text))
        except ValueError:
            raise ValueError(f"`{text}` is not a place") from None

    def resolved(self, *, tokens: int, size: int, stream: bool) -> Place:
        """Turn a percentage into tokens (of a stream that has some) or bytes; others stay as they are."""
        if self.unit != "percent":
            return self
        if stream and tokens:
            return Place("tokens", float(math.ceil(tokens * self.amount / 100)))
        return Place("bytes", float(math.floor(size * self.amount / 100)))

    def __str__(self) -> str:
        if self.unit == "mark":
            return self.mark
        number = shown(self.amount)
        if self.unit == "percent":
            return f"{number}%"
        if self.unit == "seconds":
            return f"{number}s"
        return f"{number} {self.unit if self.amount != 1 else self.unit[:-1]}"
