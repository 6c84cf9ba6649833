"""Diagnostics: what is wrong with a scenario file, where, why, and what to do about it.

Strategy. Whoever finds a mistake adds a :class:`Diagnostic` to the :class:`Mistakes` of the file and goes on,
so that one run shows all of them; :meth:`Mistakes.check` raises them together. A diagnostic knows its source,
so it can be rendered anywhere, and it keeps line and column as numbers, for reports that are not text.

A rendered diagnostic looks like a good compiler's::

    error[unknown-key]: unknown key `fautls` in a rule
     --> flaky.yaml:4:5
      |
    4 |     fautls: [noop]
      |     ^^^^^^
      = expected: `name`, `when`, `reply`, `timing`, `faults`, `events` or `wire`
      = help: did you mean `faults`?

Everything that comes from a file is shown with its control characters escaped, so a file cannot drive the
terminal. Columns count characters; carets are placed by terminal cells.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from mockoai.errors import UsageError
from mockoai.scenario.codes import HELP
from mockoai.scenario.model import Span

MAX_SHOWN = 20
"""How many mistakes of one load are shown."""

REST_OF_LINE = -1
"""A length: up to the end of the line, without the blanks and the comment there."""

WIDTH = 110
"""Cells a rendered source line may take, gutter included, before it is windowed."""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what the YAML parsers count as one


@dataclass(frozen=True)
class Source:
    """A text and the name by which users know it: a path, ``<text>``, or what they gave for one."""

    name: str
    text: str = field(default="", repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their breaks."""
        return _LINE_BREAK.split(self.text)

    def line(self, number: int) -> str | None:
        """Return line ``number``, counted from 1, or None when there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else None


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters to a mistake, with a word about it."""

    span: Span
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.

    ``code`` names the kind; ``mockoai explain CODE`` tells more. ``message`` says what is wrong, in one line.
    ``source`` is the file and ``span`` the place; without one the file as a whole is meant. ``length`` is how
    many characters are wrong, or :data:`REST_OF_LINE`. ``expected`` says what would be right, ``help`` what
    to do. ``note`` stands behind the carets.
    """

    code: str
    message: str
    source: Source
    span: Span | None = None
    length: int = 1
    expected: str = ""
    help: str = ""
    note: str = ""
    labels: tuple[Label, ...] = ()

    @property
    def path(self) -> str:
        """The name of the file."""
        return self.source.name

    @property
    def where(self) -> str:
        """``file:line:column``, or the file alone."""
        if self.span is None:
            return self.path
        return f"{self.path}:{self.span.line}:{self.span.column}"


class ScenarioError(UsageError):
    """A scenario could not be loaded; ``diagnostics`` says why, in the order of the file."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        first = diagnostics[0]
        super().__init__(first.code, first.message, first.help)
        self.diagnostics = tuple(diagnostics)

    def render(self, *, color: bool = False, width: int = WIDTH) -> str:
        """Return the diagnostics as text, the first :data:`MAX_SHOWN` in full, with a last line feed."""
        from mockoai.scenario.render import render

        return render(self.diagnostics, color=color, width=width)

    def __str__(self) -> str:
        return self.render()


class Located(Protocol):
    """Something that stands in a file: a node of the tree."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""

    @property
    def column(self) -> int:
        """The column in characters, counted from 1."""

    @property
    def length(self) -> int:
        """How many characters it takes, or :data:`REST_OF_LINE`."""


class Mistakes:
    """The mistakes found in one source so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: dict[tuple[str, Span | None, str], Diagnostic] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self,
        code: str,
        where: Located | None,
        message: str,
        *,
        expected: str = "",
        help: str = "",
        note: str = "",
        also: Iterable[tuple[Located, str]] = (),
    ) -> None:
        """Add a mistake at ``where``; None is the whole file. ``also`` are other places, with a word on each.

        The same mistake at the same place, met again through an alias, counts once.
        """
        if code not in HELP:
            raise KeyError(f"no help for the code {code!r}")
        span = None if where is None else Span(where.line, where.column)
        diagnostic = Diagnostic(
            code=code,
            message=message,
            source=self.source,
            span=span,
            length=1 if where is None else where.length,
            expected=expected,
            help=help,
            note=note,
            labels=tuple(Label(Span(one.line, one.column), one.length, text) for one, text in also),
        )
        self._found.setdefault((code, span, message), diagnostic)

    def sorted(self) -> list[Diagnostic]:
        """Return the mistakes in the order of the file."""
        return sorted(self._found.values(), key=_position)

    def check(self) -> None:
        """Raise :class:`ScenarioError` when there is any."""
        if self._found:
            raise ScenarioError(self.sorted())


def _position(diagnostic: Diagnostic) -> tuple[int, int]:
    span = diagnostic.span
    return (span.line, span.column) if span else (0, 0)


# --- words ------------------------------------------------------------------------------------------------


def quoted(text: Any, limit: int = 60) -> str:
    """Return ``text`` in backticks, shortened to ``limit`` characters."""
    text = str(text)
    return f"`{text if len(text) <= limit else text[: limit - 1] + '…'}`"


def any_of(words: Iterable[Any]) -> str:
    """Return ``words`` as ```a`, `b` or `c```."""
    shown = [quoted(word) for word in words]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``word`` is most likely a misspelling of, or None."""
    candidates = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(word.casefold()[:100], candidates, n=1, cutoff=0.6)
    return candidates[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `x`?``, or an empty text when nothing is near."""
    found = nearest(word, known)
    return f"did you mean {quoted(found)}?" if found else ""
