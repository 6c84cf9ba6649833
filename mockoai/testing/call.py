"""``with mockoai.call():`` what the caller of the client saw, which no server can see."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from mockoai.verdict.model import Kind, Outcome

MISTAKES = (AssertionError, NameError, ImportError, SyntaxError)
"""Errors that a test makes and no answer of a server does; they are not held back."""

MAX_CAUSES = 5
"""Errors behind an error that are told."""


class Call:
    """One call of the client under test, as a context manager, with ``with`` or ``async with``.

    Whether it raises is for the verdict: an error of the client is held back and kept as :attr:`error`. Assertions,
    misspelt names and what is no ``Exception`` (a skip, an interrupt, a cancellation) go on as ever. An error that
    nobody looks at, neither here nor by a verdict, is raised when the test ends. An error that is caught inside the
    block was not raised by it: look at :attr:`error` instead. Calls that run side by side need a block each.

    Three facts can be told that a verdict is surer with: ``text``, the answer that was returned; ``partial``, what
    had been handed out of it when the call ended; ``noticed``, whether the caller was told that something is wrong
    with the answer.
    """

    def __init__(self, enter: Callable[[Call], None], leave: Callable[[Call], None], single: bool) -> None:
        self.text: str | None = None
        self.partial: str | None = None
        self.noticed: bool | None = None
        self.single = single
        self.started = 0.0
        self.ended = float("inf")
        self.first = 0
        self.last: int | None = None
        self.over = False
        self.looked_at = False
        self._kind: Kind = "returned"
        self._error: BaseException | None = None
        self._enter = enter
        self._leave = leave

    @property
    def error(self) -> BaseException | None:
        """What the client raised, or None; whoever asks has looked at it."""
        self.looked_at = True
        return self._error

    @property
    def raised(self) -> bool:
        """Whether the client raised an error."""
        return self.error is not None

    @property
    def unseen(self) -> BaseException | None:
        """The error that was held back and that nobody has looked at, or None."""
        held = isinstance(self._error, Exception) and not isinstance(self._error, MISTAKES)
        return self._error if held and not self.looked_at else None

    def __enter__(self) -> Self:
        self._enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._error = error
        if error is not None:
            self._kind = "raised" if isinstance(error, Exception) else "cancelled"
        self.over = True
        self._leave(self)
        return self.unseen is not None

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self.__exit__(kind, error, trace)

    def outcome(self, session: str, label: str, numbers: tuple[int, ...]) -> Outcome:
        """Return what the verdict is told; ``numbers`` are those of the exchanges that came meanwhile."""
        error = self._error
        return Outcome(
            kind=self._kind,
            session=session,
            started=self.started,
            ended=self.ended,
            exchanges=numbers,
            single=self.single,
            error=type(error).__name__ if error is not None else "",
            message=_message(error),
            text=self.text,
            partial=self.partial,
            noticed=self.noticed,
            label=label,
        )


def _message(error: BaseException | None) -> str:
    """Return what ``error`` says, and what it was raised from: a client's own error often has the reason behind it."""
    if error is None:
        return ""
    causes: list[BaseException] = []
    cause = error.__cause__
    while cause is not None and cause not in causes and len(causes) < MAX_CAUSES:
        causes.append(cause)
        cause = cause.__cause__
    return str(error) + "".join(f" (from {type(one).__name__}: {one})" for one in causes)
