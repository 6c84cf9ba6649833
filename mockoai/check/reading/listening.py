"""When to stop listening to an answer, apart from any socket: fed with what comes, it gives a recording. Pure.

A whole answer is listened to a little longer, for what should not follow it. Behind ``[DONE]`` the end of the HTTP
message is waited for, but not with the patience that a model may need.
"""

from __future__ import annotations

import re

from mockoai.check.model import Bounds, Ending, GaveUp, Recording, Segment
from mockoai.check.reading.http1 import Reader

_DONE = re.compile(rb"\[DONE\]\s*$", re.IGNORECASE)


class Listening:
    """Listens to the answer to one request."""

    def __init__(self, method: str, bounds: Bounds, patience: float | None = None) -> None:
        self._bounds = bounds
        self._patience = bounds.patience if patience is None else patience
        self._reader = Reader(method)
        self._segments: list[Segment] = []
        self._size = 0
        self._last = 0.0
        self._ending: Ending = "open"
        self._ended: float | None = None
        self._gave_up: GaveUp = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._ended is not None

    @property
    def reusable(self) -> bool:
        """Whether the connection may take another request: the answer is whole, and nothing stands behind it."""
        message = self._reader.message(closed=False)
        return self._reader.done and self._ending == "open" and not message.closes and not message.rest

    @property
    def deadline(self) -> float:
        """When :meth:`expire` is due, if nothing comes before."""
        if self._reader.done or self._reader.hopeless:
            wait = self._bounds.linger
        elif _DONE.search(self._reader.tail):
            wait = min(self._bounds.settle, self._patience)
        else:
            wait = self._patience
        return min(self._last + wait, self._bounds.total)

    def feed(self, data: bytes, at: float) -> None:
        """Take bytes that were read at once."""
        room = self._bounds.size - self._size
        if len(data) > room:
            data = data[:room]
            self._gave_up, self._ended = "size", at
        self._size += len(data)
        self._last = at
        self._segments.append(Segment(at, data))
        self._reader.feed(data, at)

    def end(self, how: Ending, at: float) -> None:
        """Take that the server closed the connection, or reset it."""
        self._ending, self._ended = how, at

    def expire(self, at: float) -> None:
        """Take that nothing came until the deadline."""
        self._ended = at
        if not self._reader.done and not self._reader.hopeless:
            self._gave_up = "time" if at >= self._bounds.total else "silence"

    def recording(self, *, connecting: float = 0.0, reused: bool = False) -> Recording:
        """Return what was heard."""
        return Recording(
            segments=tuple(self._segments),
            ending=self._ending,
            ended=self._last if self._ended is None else self._ended,
            gave_up=self._gave_up,
            connecting=connecting,
            reused=reused,
        )
