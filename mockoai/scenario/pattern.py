"""Regular expressions that cannot hang: ``(a+)+$`` on a long text takes as long as reading it.

Why this engine. Python's ``re`` backtracks, so a pattern can take exponential time, and a limit cannot be
enforced from the same thread. The linear-time engine here is Rust's ``regex``, reached through pydantic-core:
it never backtracks, bounds the size of a compiled pattern (10 MiB) and the nesting of its source, and comes
with a dependency that is installed anyway, on every platform that has it. google-re2 gives the same guarantee
at the price of one more compiled dependency, which has no wheels for musl. What neither can do, by design, is
look-around and back references; such a pattern is refused when the file is loaded.

The syntax is Python's in all that tests commonly need: classes, groups, counted and lazy repetition, ``\\b``,
``(?i)`` and ``(?s)``. The end of the text is ``\\z``, not ``\\Z``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

MAX_LENGTH = 1000
"""Characters a pattern may have."""


class PatternError(ValueError):
    """A pattern does not compile. ``start`` and ``length`` say which of its characters are wrong."""

    def __init__(self, message: str, start: int = 0, length: int = 0) -> None:
        super().__init__(message)
        self.start = start
        self.length = length


class Pattern:
    """A compiled pattern; ``text`` is its source."""

    __slots__ = ("_matches", "text")

    def __init__(self, text: str, validator: Any) -> None:
        self.text = text
        self._matches = validator.isinstance_python

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in ``text``, in time linear in its length."""
        return bool(self._matches(text))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> Pattern:
    """Compile ``text``; raises :class:`PatternError` when it is no pattern, or one that is too large."""
    # Here and not at the top: most scenarios have no pattern, and this import takes longer than loading them.
    from pydantic_core import SchemaError, SchemaValidator

    if len(text) > MAX_LENGTH:
        raise PatternError(f"a pattern has at most {MAX_LENGTH:,} characters")
    try:
        return Pattern(text, SchemaValidator({"type": "str", "pattern": text, "regex_engine": "rust-regex"}))
    except SchemaError as error:
        raise _explained(text, str(error)) from None


def search(pattern: Pattern | str, text: str) -> bool:
    """Whether ``pattern`` matches anywhere in ``text``; raises :class:`PatternError` when it is none."""
    if isinstance(pattern, str):
        pattern = compile_pattern(pattern)
    return pattern.search(text)


def _explained(text: str, report: str) -> PatternError:
    """Take the engine's report apart: the pattern, carets under what is wrong, and a sentence."""
    if "size limit" in report:
        return PatternError("the compiled pattern is too large: counted repetitions multiply")
    match = re.search(r"\n    ( *)(\^+)[ ^]*\nerror: (.+)", report)
    if match and "\n" not in text:
        return PatternError(match[3], len(match[1]), len(match[2]))
    last = report.rstrip().rpartition("error: ")[2]
    return PatternError(last.splitlines()[0] if last else "not a pattern")
