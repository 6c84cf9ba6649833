"""The content of a body: what remains when its ``Content-Encoding`` is undone (RFC 9110 §8.4). Pure.

A body that is not what its header says is taken as it is, and the lie is noted.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mockoai.check.reading.http1 import Message

Lie = Literal["", "plain", "truncated", "unknown"]
"""What is wrong with the coding: the body is not coded at all, it is cut short, or the coding is none we know."""

BOM = b"\xef\xbb\xbf"
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(frozen=True)
class Content:
    """``data``, and up to which offset of it had come when; ``coding`` as the header says it, empty when none."""

    data: bytes
    arrivals: tuple[tuple[int, float], ...] = ()
    coding: str = ""
    lie: Lie = ""

    @cached_property
    def _ends(self) -> list[int]:
        return [end for end, _ in self.arrivals]

    def at(self, offset: int) -> float:
        """Return when the byte at ``offset`` had come; the last that came, behind the end."""
        if not self.arrivals:
            return 0.0
        return self.arrivals[min(bisect_left(self._ends, offset + 1), len(self.arrivals) - 1)][1]

    @property
    def bom(self) -> bool:
        """Whether a byte order mark stands first."""
        return self.data.startswith(BOM)


def decode(message: Message, limit: int) -> Content:
    """Return the content of ``message``, at most ``limit`` bytes of it."""
    coding = (message.header("content-encoding") or "").strip().lower()
    if coding in ("", "identity") or not message.body:
        return Content(message.body, message.arrivals, "" if coding == "identity" else coding)
    window = _WINDOW.get(coding)
    if window is None:
        # Text that can be read was never coded; anything else cannot be looked into without the coding.
        lie: Lie = "plain" if _is_text(message.body) else "unknown"
        return Content(message.body, message.arrivals, coding, lie)
    return _inflated(message, coding, window, limit)


def _inflated(message: Message, coding: str, window: int, limit: int) -> Content:
    decoder = zlib.decompressobj(window)
    out = bytearray()
    arrivals: list[tuple[int, float]] = []
    start = 0
    try:
        for end, at in message.arrivals:
            piece = decoder.decompress(message.body[start:end], max(1, limit - len(out)))
            start = end
            if piece:
                out += piece
                arrivals.append((len(out), at))
            if len(out) >= limit:
                break
    except zlib.error:
        if not out:
            return Content(message.body, message.arrivals, coding, "plain")
        return Content(bytes(out), tuple(arrivals), coding, "truncated")
    whole = decoder.eof or len(out) >= limit
    return Content(bytes(out), tuple(arrivals), coding, "" if whole else "truncated")


def _is_text(data: bytes) -> bool:
    try:
        data[:4096].decode()
    except UnicodeDecodeError as error:
        return error.start > len(data[:4096]) - 4 and error.start > 0
    return True
