"""Diagnostics as text for a terminal. Pure: plain unless ``color`` is asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mockoai.scenario.diagnose import MAX_SHOWN, REST_OF_LINE, WIDTH, Diagnostic, quoted

TAB = 4
"""Cells between the tab stops of a rendered source line."""

MIN_WIDTH = 40

_STYLES = {"error": "1;31", "bold": "1", "gutter": "1;34", "also": "1;34", "help": "1;36"}
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, bidi and zero-width formats, line separators


def render(diagnostics: Sequence[Diagnostic], *, color: bool = False, width: int = WIDTH) -> str:
    """Return ``diagnostics`` as text that ends in a line feed; those past :data:`MAX_SHOWN` are counted."""
    painter = _Painter(color)
    shown = [render_one(one, color=color, width=width) for one in diagnostics[:MAX_SHOWN]]
    more = len(diagnostics) - len(shown)
    if more:
        shown.append(painter("error", "error") + painter("bold", f": and {more} more") + "\n")
    codes = list(dict.fromkeys(one.code for one in diagnostics[:MAX_SHOWN]))
    command = codes[0] if len(codes) == 1 else "CODE"
    shown.append(painter("help", "help") + f": `mockoai explain {command}` says more\n")
    return "\n".join(shown)


def render_one(diagnostic: Diagnostic, *, color: bool = False, width: int = WIDTH) -> str:
    """Return one diagnostic as text that ends in a line feed."""
    painter = _Painter(color)
    title = painter("error", f"error[{diagnostic.code}]") + painter("bold", f": {printable(diagnostic.message)}")
    lines = [title]
    marks = _marks(diagnostic)
    gutter = len(str(max((mark.line for mark in marks), default=0))) if marks else 1
    pad = " " * gutter
    if diagnostic.span or quoted(diagnostic.path) not in diagnostic.message:  # named once is enough
        lines.append(f"{pad}{painter('gutter', '-->')} {printable(diagnostic.where)}")
    bar = painter("gutter", f"{pad} |")
    if marks:
        lines.append(bar)
        lines.extend(_snippet(marks, gutter, max(width, MIN_WIDTH) - gutter - 3, painter))
    notes = [(name, text) for name, text in (("expected", diagnostic.expected), ("help", diagnostic.help)) if text]
    if marks and notes:
        lines.append(bar)
    for name, text in notes:
        lines.append(f"{pad} {painter('gutter', '=')} {painter('bold', name)}: {printable(text)}")
    return "\n".join(lines) + "\n"


def printable(text: str) -> str:
    """Return ``text`` with control and format characters as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([_shown(character) for character in text])


# --- the source lines -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """Characters of one line to underline; ``start`` counts from 0."""

    line: int
    text: str
    start: int
    length: int
    note: str
    primary: bool


def _marks(diagnostic: Diagnostic) -> list[_Mark]:
    """Return what to underline, in the order of the file; nothing when the source is not at hand."""
    if diagnostic.span is None:
        return []
    wanted = [(diagnostic.span, diagnostic.length, diagnostic.note, True)]
    wanted += [(label.span, label.length, label.text, False) for label in diagnostic.labels]
    marks = []
    for span, length, note, primary in wanted:
        text = diagnostic.source.line(span.line)
        if text is None:
            continue
        start = min(span.column - 1, len(text))
        if length == REST_OF_LINE:
            length = len(_uncommented(text)) - start
        marks.append(_Mark(span.line, text, start, max(1, min(length, len(text) - start)), note, primary))
    return sorted(marks, key=lambda mark: (mark.line, mark.start))


def _uncommented(text: str) -> str:
    return text.split(" #", 1)[0].rstrip()


def _snippet(marks: Sequence[_Mark], gutter: int, room: int, painter: _Painter) -> list[str]:
    out: list[str] = []
    before: _Mark | None = None
    for mark in marks:
        line, carets = _window(mark, room)
        if before is not None and mark.line > before.line + 1:
            out.append(painter("gutter", "..."))
        if before is None or mark.line != before.line or "…" in line:
            out.append(f"{painter('gutter', f'{mark.line:>{gutter}} |')} {line}".rstrip())
        underline = painter("error" if mark.primary else "also", f"{carets.lstrip()} {printable(mark.note)}".rstrip())
        indent = " " * (len(carets) - len(carets.lstrip()))
        out.append(f"{painter('gutter', ' ' * gutter + ' |')} {indent}{underline}")
        before = mark
    return out


def _window(mark: _Mark, room: int) -> tuple[str, str]:
    """Return the source line, or what fits ``room`` cells around the mark, and its underline."""
    low, high = max(0, mark.start - 2 * room), mark.start + 2 * room
    text, start = mark.text[low:high], mark.start - low
    cells: list[str] = []
    starts: list[int] = []
    at = 0
    for character in text:
        shown = " " * (TAB - at % TAB) if character == "\t" else _shown(character)
        cells.append(shown)
        starts.append(at)
        at += sum(_cells(one) for one in shown)
    starts.append(at)
    first, last = 0, len(cells)
    if at > room:
        # A third of the room is for what stands before the mark; both ends may cost an ellipsis.
        while first < start and starts[start] - starts[first] > room // 3:
            first += 1
        while last > first + 1 and starts[last] - starts[first] > room - 2:
            last -= 1
    head = "…" if low + first else ""
    tail = "…" if low + last < len(mark.text) else ""
    run = max(1, starts[min(start + mark.length, last)] - starts[start])
    indent = len(head) + starts[start] - starts[first]
    return head + "".join(cells[first:last]) + tail, " " * indent + ("^" if mark.primary else "-") * run


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cells(character: str) -> int:
    """How many cells of a terminal ``character`` takes (UAX #11; combining marks none)."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class _Painter:
    """Wraps text in SGR sequences (ECMA-48 §8.3.117), or leaves it."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._color and text else text
