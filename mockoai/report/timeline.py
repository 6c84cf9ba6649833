"""Time lines of a case as HTML: what was planned above what was sent, and the requests of a case one below another.

Every bar lies on a track that is :data:`_UNITS` wide whatever the width of the page; text stands beside the tracks, so
that it keeps its size. Steps are strokes, silence is a dashed line, and what a fault made is drawn in another colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockoai.report.markup import escape

Json = dict[str, Any]

_UNITS = 1000
"""Units of the width of a track, and so how finely a moment is drawn."""
_SHORTEST = 0.1
"""Seconds that an axis spans at least: what leaves at once must not look late for a millisecond of the machine."""
_FAR = 5
"""How many times longer than what happened a plan may be before the axis is cut."""
_LABELS = 5
"""Labels of an axis at the most."""
_SINGLE = 20
"""Steps of one fault that are drawn each by itself."""
_REQUESTS = 60
"""Requests of a case that are drawn one below another."""


@dataclass(frozen=True, slots=True)
class Axis:
    """``seconds`` from the left end of every track to its right end."""

    seconds: float

    def at(self, moment: float) -> int:
        """Return where ``moment`` (seconds) is, in units; what lies beyond an end is at that end."""
        return round(min(max(moment / self.seconds, 0.0), 1.0) * _UNITS)

    def labels(self) -> list[float]:
        """Return the moments that are named: 0 and multiples of 1, 2 or 5 times a power of ten."""
        step = next(
            digit * 10.0**power
            for power in range(-3, 9)
            for digit in (1, 2, 5)
            if self.seconds <= _LABELS * digit * 10.0**power
        )
        return [n * step for n in range(int(self.seconds / step + 1e-9) + 1)]


def axis(exchanges: Iterable[Json]) -> Axis:
    """Return the axis that all ``exchanges`` of a case have in common, so that they can be compared.

    It spans the longest of them. When most of that was never reached, as when a client leaves a wait of ten minutes
    after two seconds, it spans twice what happened.
    """
    planned = max((one["plan"]["steps"][-1]["at"] for one in exchanges), default=0.0)
    happened = max((_end(one) for one in exchanges), default=0.0)
    longest = max(planned, happened, _SHORTEST)
    return Axis(max(2 * happened, _SHORTEST) if longest > _FAR * max(happened, _SHORTEST) else longest)


def time_line(exchange: Json, axis: Axis) -> Iterator[str]:
    """Yield the time line of ``exchange``: planned above sent."""
    steps, ending = exchange["plan"]["steps"], exchange["ending"]
    planned, actual = steps[-1]["at"], ending["actual"]
    yield '<div class="lines">\n'
    yield from _row("planned", "plan", _planned(steps), planned, axis)
    yield f'<span class="ends">{escape(ending["planned"])} at {seconds(planned)}</span>\n'
    yield from _row("sent", "sent", _sent(exchange), _end(exchange), axis)
    if actual is None:
        told = '<span class="warn">under way</span>'
    elif actual == ending["planned"]:
        told = f"{escape(actual)} at {seconds(ending['at'])}"
    else:
        told = f'<span class="warn">{escape(actual.replace("-", " "))}</span> at {seconds(ending["at"])}'
    yield f'<span class="ends">{told}</span>\n{_axis(axis)}</div>\n'


def requests(exchanges: Sequence[Json], started: float, took: float) -> Iterator[str]:
    """Yield ``exchanges`` over the time of their command: ``started`` in seconds since 1970, ``took`` in seconds."""
    whole = Axis(max(took, _SHORTEST, *(one["received"] - started + _end(one) for one in exchanges)))
    before: float | None = None
    yield '<div class="lines">\n'
    for one in exchanges[:_REQUESTS]:
        begun = one["received"] - started
        gap = f"{seconds(begun - before)} later" if before is not None and begun >= before else ""
        struck = any(fault["delivered"] for fault in one["faults"])
        svg = _svg(f"exchange {one['number']}")
        yield f'<span>{one["number"]}. {one["status"] or "–"}</span><div class="track sent">{svg}'
        yield _grid(whole) + _bar(whole.at(begun), whole.at(begun + _end(one)))
        yield _path("fault" if struck else "step", [whole.at(begun)])
        yield f'</svg></div><span class="ends dim">{gap}</span>\n'
        before = begun + _end(one)
    yield f"{_axis(whole)}</div>\n"
    if len(exchanges) > _REQUESTS:
        yield f'<p class="dim">{len(exchanges) - _REQUESTS} more requests are below.</p>\n'


def seconds(value: float) -> str:
    """Return ``value`` (seconds) as text, in milliseconds when it is below one second."""
    if value == 0:
        return "0"
    if value < 0.9995:
        return f"{value * 1000:.1f} ms" if value < 0.01 else f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


# --- one track --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """A step at a moment, silent for so many seconds; ``name`` is for who points at it."""

    at: float
    silent: float
    faults: tuple[str, ...]
    name: str


def _planned(steps: Sequence[Json]) -> Iterator[_Mark]:
    for one in steps:
        yield _mark(one, one["at"], one.get("seconds", 0.0))


def _sent(exchange: Json) -> Iterator[_Mark]:
    end = _end(exchange)
    reached = exchange["sent"]["steps"]
    for index, one in enumerate(exchange["plan"]["steps"]):
        # A wait that the client did not stay for has begun all the same.
        at = one["at"] if one["sent"] is None and index == reached and "seconds" in one else one["sent"]
        if at is not None and at <= end:
            yield _mark(one, at, min(one.get("seconds", 0.0), end - at))


def _mark(step: Json, at: float, silent: float) -> _Mark:
    return _Mark(at, silent, tuple(step["faults"]), f"step {step['step']}, {step['kind']}")


def _row(name: str, style: str, marks: Iterable[_Mark], end: float, axis: Axis) -> Iterator[str]:
    found = list(marks)
    told = f"{name}: {len(found)} steps over {seconds(end)}"
    yield f'<span>{name}</span><div class="track {style}">{_svg(told)}{_grid(axis)}{_bar(0, axis.at(end))}'
    yield _path("step", [axis.at(one.at) for one in found if not one.faults])
    yield from _strokes([one for one in found if one.silent], axis, _silence)
    yield from _strokes([one for one in found if one.faults], axis, _stroke)
    if end > axis.seconds:
        yield '<path class="beyond" d="M978 4l9 7l-9 7zM988 4l9 7l-9 7z"/>'
    yield "</svg></div>\n"


def _silence(mark: _Mark, axis: Axis) -> tuple[str, str]:
    return f"silent{' fault' if mark.faults else ''}", f"M{axis.at(mark.at)} 11H{axis.at(mark.at + mark.silent)}"


def _stroke(mark: _Mark, axis: Axis) -> tuple[str, str]:
    return "fault", f"M{axis.at(mark.at)} 2v18"


def _strokes(marks: Sequence[_Mark], axis: Axis, draw: Callable[[_Mark, Axis], tuple[str, str]]) -> Iterator[str]:
    """Draw ``marks``, each with words of its own; where one fault made many, these together."""
    by_fault: dict[tuple[str, ...], list[_Mark]] = {}
    for one in marks:
        by_fault.setdefault(one.faults, []).append(one)
    for faults, group in by_fault.items():
        name = ", ".join(faults) or "as planned"
        if len(group) > _SINGLE:
            told = f"{name}: {len(group)} steps from {seconds(group[0].at)} to {seconds(group[-1].at)}"
            drawn = [draw(one, axis) for one in group]
            yield _told(drawn[0][0], "".join(dict.fromkeys(line for _, line in drawn)), told)
        else:
            for one in group:
                yield _told(*draw(one, axis), f"{name}: {one.name} at {seconds(one.at)}")


def _told(style: str, line: str, told: str) -> str:
    return f'<path class="{style}" d="{line}"><title>{escape(told)}</title></path>'


def _svg(told: str) -> str:
    return f'<svg viewBox="0 0 {_UNITS} 22" preserveAspectRatio="none" role="img" aria-label="{escape(told)}">'


def _bar(start: int, end: int) -> str:
    return f'<rect class="bar" x="{start}" y="3" width="{max(end - start, 1)}" height="16"/>'


def _path(style: str, at: Iterable[int]) -> str:
    """Return one stroke for each of ``at``, those that fall together once."""
    strokes = "".join(f"M{x} 3v16" for x in dict.fromkeys(at))
    return f'<path class="{style}" d="{strokes}"/>' if strokes else ""


def _grid(axis: Axis) -> str:
    lines = "".join(f"M{axis.at(one)} 0v22" for one in axis.labels())
    return f'<path class="grid" d="{lines}"/>'


def _axis(axis: Axis) -> str:
    labels = []
    for one in axis.labels():
        share = axis.at(one) / _UNITS * 100
        last = ' class="last"' if share > 95 else ""
        labels.append(f'<span style="left:{share:g}%"{last}>{_round(one)}</span>')
    return f'<span></span><div class="axis">{"".join(labels)}</div><span></span>\n'


def _round(moment: float) -> str:
    if not moment:
        return "0"
    return f"{moment * 1000:g} ms" if moment < 1 else f"{moment:g} s"


def _end(exchange: Json) -> float:
    """Return when ``exchange`` ended, or what was sent last, in seconds."""
    ended: float | None = exchange["ending"]["at"]
    if ended is not None:
        return ended
    return max((one["sent"] for one in exchange["plan"]["steps"] if one["sent"] is not None), default=0.0)
