"""Faults that exist while these tests run, so that the language is tested whatever the shipped ones look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.faults.registry import fault
from mockoai.plan.duration import Duration
from mockoai.plan.place import Place


@pytest.fixture(scope="module", autouse=True)
def fault_stand_ins() -> Iterator[None]:
    """Register faults whose ids start with ``test-``, and take them away again."""
    before = set(registry.load())

    @fault("test-places", family="noop", layer="event")
    class _Places(Fault):
        """Act at a place."""

        at: Place | None = None
        after: Place = Place("tokens", 3)
        for_: Duration = Duration.fixed(1.0)

    @fault("test-reply", family="noop", layer="reply")
    class _Reply(Fault):
        """Change the reply."""

        after: Place | None = None

    @fault("test-values", family="noop", layer="body")
    class _Values(Fault):
        """Take values of every kind."""

        text: str
        data: bytes = b""
        mode: Literal["fast", "slow"] = "fast"
        count: int = 1
        ratio: float = 0.5
        flag: bool = False
        code: str | int | None = None
        headers: tuple[tuple[str, str], ...] = ()
        words: tuple[str, ...] = ()

        def __post_init__(self) -> None:
            if self.count % 2 == 0:
                raise ValueError("`count` must be odd")

    @fault("test-ends", family="ending", layer="transport", claims=("ending",))
    class _Ends(Fault):
        """Claim the ending."""

    @fault("test-ends-too", family="ending", layer="transport", claims=("ending",))
    class _EndsToo(Fault):
        """Claim the ending as well."""

    @fault("test-stream", family="noop", layer="event", needs="stream")
    class _Stream(Fault):
        """Need a stream."""

    @fault("test-body", family="noop", layer="event", needs="body")
    class _Body(Fault):
        """Need an answer that is not streamed."""

    yield
    for id in set(registry.load()) - before:
        del registry.load()[id]
