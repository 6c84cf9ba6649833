"""A plan as text for people and as JSON for programs.

The text is plain and diffable: one row for each step, no box drawing, times in seconds after the request was
read, the bytes escaped so that nothing is hidden. Long rows are shortened, `` …140B… `` standing for 140
bytes; a row of a stream keeps its start, the first place where it differs from the event before, and its
end, which is what a reader compares. ``full`` shows all.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mockoai.plan.items import End, Step, Wait, Write
from mockoai.plan.steps import Plan

WIDTH = 120
"""Columns of a row."""
MIN_WIRE = 60
"""Columns that the bytes of a row have at least."""

Paint = Callable[[str, str], str]
"""Gives a text the style of that name: ``dim``, ``bold``, ``good``, ``warn``, ``bad``."""

_TITLES = ("step", "time", "kind", "bytes", "faults", "wire")
_NAMED = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x5C: "\\\\"}
_CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_IN_LINES = ("head", "body")
_FIRST, _LAST = 24, 4  # lines that a long head or body keeps of its start and end
_FOCUS = (b'"delta":', b'"text":', b'"choices":')
_HEAD, _TAIL, _GAP = (
    14,
    12,
    9,
)  # columns that a shortened row keeps of its start and end, and that a gap takes


@dataclass(frozen=True, slots=True)
class Row:
    """One step: its number from 1, kind (``head``, ``event 3``, ``wait``, …), its bytes or a note instead."""

    number: int
    kind: str
    step: Step
    data: bytes
    note: str = ""


def rows(plan: Plan) -> list[Row]:
    """Return a row for every step of ``plan``."""
    out: list[Row] = []
    events = 0
    for number, step in enumerate(plan.steps, 1):
        if isinstance(step, Write):
            out.append(Row(number, _kind(step, events, plan.stream), step, step.data))
            events = max(events, step.events)
        elif isinstance(step, Wait):
            out.append(Row(number, "wait", step, b"", f"nothing for {step.seconds:.3f}s"))
        else:
            out.append(Row(number, "end", step, b"", ending(plan)))
    return out


def ending(plan: Plan) -> str:
    """Say how the answer ends and what that leaves undone."""
    how = plan.ending
    if how == "clean":
        what = f"clean: the connection {'stays open' if plan.keep_alive else 'closes, as announced'}"
    else:
        what = {"fin": "FIN: closed", "rst": "RST: reset", "hang": "hang: silent, and left open"}[how]
    short = _undone(plan)
    return f"{what}, {short}" if short else what


def render(plan: Plan, *, full: bool = False, width: int = WIDTH, paint: Paint | None = None) -> str:
    """Return the steps of ``plan`` as a table and a line for each of its faults; ends in a line feed."""
    paint = paint or (lambda style, text: text)
    lines = [*_table(rows(plan), full, width, paint), *_faults(plan, paint)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def to_json(plan: Plan) -> dict[str, Any]:
    """Return ``plan`` as JSON values; bytes as ``text`` where they are UTF-8, else as ``base64``."""
    return {
        "status": plan.status,
        "stream": plan.stream,
        "tokens": plan.tokens,
        "events": plan.events,
        "bytes": plan.size,
        "duration": plan.duration,
        "ending": plan.ending,
        "keep_alive": plan.keep_alive,
        "steps": [_step_json(row) for row in rows(plan)],
        "faults": [{"id": one.id, "layer": one.layer, "fired": one.fired, "why": one.why} for one in plan.faults],
    }


def shown(data: bytes) -> dict[str, Any]:
    """Return ``data`` as JSON can have it: ``{"text": …}`` when it is UTF-8, else ``{"base64": …}``."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def summary(plan: Plan) -> str:
    """Return one line on the answer as a whole."""
    parts = [str(plan.status) if plan.status else "literal bytes"]
    if plan.stream and plan.status:
        parts.append(f"streamed, {_count(plan.tokens, 'token')} in {_count(plan.events, 'event')}")
    parts.append(_count(plan.size, "byte"))
    parts.append("at once" if plan.instant else f"over {plan.duration:.3f}s")
    return ", ".join(parts)


def escape(data: bytes) -> str:
    """Return ``data`` as one line: printable UTF-8 as it is, the rest and the backslash as escapes."""
    return "".join(shown for shown, _ in _units(data))


# --- text -------------------------------------------------------------------------------------------------


def _table(all_rows: list[Row], full: bool, width: int, paint: Paint) -> Iterator[str]:
    cells = [
        (str(row.number), f"+{row.step.at:.3f}s", row.kind, _size(row), ", ".join(row.step.faults)) for row in all_rows
    ]
    faulty = any(cell[4] for cell in cells)
    widths = [max(len(title), *(len(cell[i]) for cell in cells)) for i, title in enumerate(_TITLES[:5])]
    shown = range(5) if faulty else range(4)
    room = max(MIN_WIRE, width - sum(widths[i] + 2 for i in shown))
    yield paint("dim", "  ".join([*(_pad(_TITLES[i], widths[i], i) for i in shown), _TITLES[5]]))
    gutter = " " * sum(widths[i] + 2 for i in shown)
    before = b""
    for row, cell in zip(all_rows, cells, strict=True):
        padded = [_pad(cell[i], widths[i], i) for i in shown]
        if faulty and cell[4]:
            padded[4] = paint("warn", padded[4])
        start = "  ".join([*padded, ""])
        for line in _wire(row, before, None if full else room):
            yield start + line
            start = gutter
        if row.kind.startswith("event"):
            before = row.data


def _wire(row: Row, before: bytes, room: int | None) -> list[str]:
    if not row.data:
        return [row.note]
    pieces = _LINE.findall(row.data) if row.kind in _IN_LINES else [row.data]
    if room is None:
        return [escape(piece) for piece in pieces]
    shown = [_shortened(piece, before if row.kind.startswith("event") else b"", room) for piece in pieces]
    if len(shown) > _FIRST + _LAST + 1:
        left_out = sum(map(len, pieces[_FIRST:-_LAST]))
        gap = f"…{left_out}B in {len(shown) - _FIRST - _LAST} lines…"
        shown[_FIRST:-_LAST] = [gap]
    return shown


def _faults(plan: Plan, paint: Paint) -> Iterator[str]:
    if not plan.faults:
        return
    yield ""
    yield paint("dim", "faults")
    width = max(len(one.id) for one in plan.faults)
    for one in plan.faults:
        state = paint("good", "fired    ") if one.fired else paint("bad", "NOT FIRED")
        yield f"  {one.id:<{width}}  {state}  {one.why}"


def _pad(text: str, width: int, column: int) -> str:
    return f"{text:>{width}}" if column in (0, 1, 3) else f"{text:<{width}}"


def _size(row: Row) -> str:
    return str(len(row.data)) if isinstance(row.step, Write) else ""


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _kind(step: Write, events: int, stream: bool) -> str:
    """Name a write by what a client sees in it."""
    payload = step.data[step.lead : step.lead + step.body]
    if step.mark == "headers":
        return "head"
    if step.mark == "end" and not payload:
        return "last chunk"
    if not stream and ((payload and step.events) or step.events > events):
        return "body"
    if step.mark == "done":
        return "done"
    if step.events > events:
        return f"event {step.events}"
    if stream and payload.startswith(b":"):
        return "comment"
    return "bytes"


def _undone(plan: Plan) -> str:
    """Say what of the body that the head announces is not sent (RFC 9112 §6.3), or nothing."""
    writes = [step for step in plan.steps if isinstance(step, Write)]
    head = next((step.data for step in writes if step.mark == "headers"), b"")
    if _CHUNKED.search(head):
        return "" if any(step.mark == "end" for step in writes) else "without the last chunk"
    length = _LENGTH.findall(head)
    missing = int(length[0]) - sum(step.body for step in writes) if len(length) == 1 else 0
    return f"{_count(missing, 'byte')} short of its Content-Length" if missing > 0 else ""


# --- bytes ------------------------------------------------------------------------------------------------


def _units(data: bytes) -> Iterator[tuple[str, int]]:
    """Take ``data`` apart into what is shown, and the bytes behind each."""
    # surrogateescape keeps every byte that is not UTF-8 as one character.
    for character in data.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if code in _NAMED:
            yield _NAMED[code], 1
        elif 0xDC80 <= code <= 0xDCFF:
            yield f"\\x{code - 0xDC00:02x}", 1
        elif character.isprintable():
            yield character, len(character.encode())
        elif code < 0x80:
            yield f"\\x{code:02x}", 1
        else:
            encoded = character.encode()
            yield "".join(f"\\x{byte:02x}" for byte in encoded), len(encoded)


def _shortened(data: bytes, before: bytes, room: int) -> str:
    """Return ``data`` escaped, and cut to about ``room`` columns around what matters in it."""
    units = list(_units(data))
    if sum(len(shown) for shown, _ in units) <= room:
        return "".join(shown for shown, _ in units)
    head = _take(units, _HEAD)
    tail = len(units) - _take(units[::-1], _TAIL)
    focus = max(head, _focus(units, data, before))
    if focus <= head + _GAP:
        focus = head
    left = room - _HEAD - _TAIL - (_GAP if focus == head else 2 * _GAP)
    end = min(tail, focus + _take(units[focus:], max(left, _GAP)))
    ends = (0, head, focus, end, tail, len(units))
    return "".join(
        _gap(units, *ends[i : i + 2]) if i % 2 else _join(units, *ends[i : i + 2]) for i in range(len(ends) - 1)
    )


def _focus(units: list[tuple[str, int]], data: bytes, before: bytes) -> int:
    """Return the unit to show from: the JSON key in which ``data`` first differs from the event before."""
    at = next((i for i, (a, b) in enumerate(zip(data[8:], before[8:], strict=False), 8) if a != b), -1)
    if not before or at < 0:
        at = next((found for key in _FOCUS if (found := data.find(key)) >= 0), 0)
    else:
        near = max(at - 2 * _HEAD, 0)
        inside = max(data.rfind(key, near, at) for key in _FOCUS)
        start = max(data.rfind(b',"', near, at), data.rfind(b'{"', near, at), near) + 1
        at = inside if inside >= 0 else start
    position = 0
    for index, (_, size) in enumerate(units):
        if position >= at:
            return index
        position += size
    return 0


def _take(units: list[tuple[str, int]], room: int) -> int:
    used = 0
    for index, (shown, _) in enumerate(units):
        used += len(shown)
        if used > room:
            return index
    return len(units)


def _join(units: list[tuple[str, int]], start: int, end: int) -> str:
    return "".join(shown for shown, _ in units[start:end])


def _gap(units: list[tuple[str, int]], start: int, end: int) -> str:
    left_out = sum(size for _, size in units[start:end])
    return f" …{left_out}B… " if left_out else ""


# --- JSON -------------------------------------------------------------------------------------------------


def _step_json(row: Row) -> dict[str, Any]:
    step = row.step
    out: dict[str, Any] = {
        "step": row.number,
        "at": step.at,
        "kind": row.kind.split(" ")[0] if row.kind.startswith("event") else row.kind,
        "mark": step.mark,
        "tokens": step.tokens,
        "events": step.events,
        "faults": list(step.faults),
    }
    if isinstance(step, Wait):
        return out | {"seconds": step.seconds}
    if isinstance(step, End):
        return out | {"how": step.how}
    return out | {"bytes": len(step.data), **shown(step.data)}
