"""The outcomes that were reported to a server. Bounded, like the journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from mockoai.verdict.model import Outcome

MAX_OUTCOMES = 2000
MAX_TEXT = 64 * 1024
"""Characters of each text of an outcome that are kept."""


class Outcomes:
    """The last outcomes, oldest first; ``dropped`` counts those that had to make room."""

    def __init__(self, limit: int = MAX_OUTCOMES) -> None:
        self._outcomes: deque[Outcome] = deque(maxlen=limit)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(tuple(self._outcomes))

    def add(self, outcome: Outcome) -> Outcome:
        """Keep ``outcome``, its texts cut to :data:`MAX_TEXT`, and return what is kept."""
        self.dropped += len(self._outcomes) == self._outcomes.maxlen
        kept = replace(
            outcome,
            message=outcome.message[:MAX_TEXT],
            text=None if outcome.text is None else outcome.text[:MAX_TEXT],
            partial=None if outcome.partial is None else outcome.partial[:MAX_TEXT],
            stdout=outcome.stdout[:MAX_TEXT],
            stderr=outcome.stderr[:MAX_TEXT],
        )
        self._outcomes.append(kept)
        return kept

    def of(self, session: str | None) -> list[Outcome]:
        """Return the outcomes of ``session``, or all."""
        return [one for one in self if session is None or one.session == session]

    def clear(self, session: str | None = None) -> None:
        """Forget the outcomes of ``session``, or all."""
        kept = [] if session is None else [one for one in self._outcomes if one.session != session]
        self._outcomes = deque(kept, self._outcomes.maxlen)
