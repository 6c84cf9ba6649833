"""The plan: the finished list of wire steps with their times. Pure data, printable, replayable."""

from __future__ import annotations

from dataclasses import dataclass

from mockoai.plan.items import End, Ending, Layer, Step, Write


@dataclass(frozen=True)
class PlannedFault:
    """What became of one fault when the plan was made.

    ``fired`` says whether it found its place; ``why`` says, in words, what it did or why it could not act.
    """

    id: str
    layer: Layer
    fired: bool
    why: str


@dataclass(frozen=True)
class Plan:
    """The wire steps of one answer.

    The last step is always the only :class:`End`. ``keep_alive`` is what the head announced: whether the
    connection may serve another request after a clean end. ``tokens`` and ``events`` are those of the answer as
    it is sent; ``status`` is the one in the head. ``prompt_tokens`` are those of the request, where the answer counts
    them, and ``finish`` is why the last choice ended.
    """

    steps: tuple[Step, ...]
    faults: tuple[PlannedFault, ...] = ()
    status: int = 200
    stream: bool = False
    keep_alive: bool = True
    tokens: int = 0
    events: int = 0
    prompt_tokens: int = 0
    finish: str = ""

    @property
    def ending(self) -> Ending:
        """How the answer ends."""
        last = self.steps[-1]
        assert isinstance(last, End)
        return last.how

    @property
    def data(self) -> bytes:
        """All bytes of the answer."""
        return b"".join([step.data for step in self.steps if isinstance(step, Write)])

    @property
    def size(self) -> int:
        """Bytes of the answer, and so about what the plan costs to keep."""
        return sum([len(step.data) for step in self.steps if isinstance(step, Write)])

    @property
    def duration(self) -> float:
        """Seconds from reading the request to the end."""
        return self.steps[-1].at

    @property
    def length(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @property
    def instant(self) -> bool:
        """Whether everything leaves at once."""
        return self.duration == 0.0
