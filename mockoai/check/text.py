"""A check on a terminal: a line for every request, then what was found, the worst first, and one line on all. Pure.

Away from a terminal, as in CI, only what is an error or a warning is shown, each in a few lines.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from mockoai.check.model import Ask, Asked, Finding, Measured, Report
from mockoai.scenario.render import printable

Paint = Callable[[str, str], str]

WIDTH = 100
_STYLES = {"error": "bad", "warning": "warn", "info": "name"}
_NAMES = 26
"""Columns of the name of a request."""


def waiting(ask: Ask, paint: Paint) -> str:
    """Return the line of a request that is under way, without its end."""
    return f"  {paint('dim', '…     ')}  {ask.name:<{_NAMES}}"


def done(asked: Asked, paint: Paint) -> str:
    """Return the line of a request that is over."""
    word, style = ("ok", "good") if asked.ok else ("FAILED", "bad")
    took = f"{asked.seconds * 1000:.0f} ms" if asked.seconds < 1 else f"{asked.seconds:.1f} s"
    return f"  {paint(style, f'{word:<6}')}  {printable(asked.name):<{_NAMES}}  {printable(asked.outcome)}, {took}\n"


def render(report: Report, paint: Paint, *, terse: bool, width: int = WIDTH) -> str:
    """Return what was found; ``terse`` leaves out habits and what is said at length."""
    lines: list[str] = []
    for one in report.findings:
        if one.severity != "info":
            lines += [*_finding(one, paint, terse=terse, width=width), *([] if terse else [""])]
    habits = [one for one in report.findings if one.severity == "info"]
    if habits and not terse:
        lines += [*_habits(habits, paint, width), ""]
    if report.left_out:
        lines += [*_left_out(report, paint, width), *([] if terse else [""])]
    lines += _about(report, paint, width)
    return "".join(f"{line}\n" for line in lines)


def summary(report: Report) -> str:
    """Return one line on all."""
    counts = {severity: report.count(severity) for severity in ("error", "warning")}
    found = [f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items()]
    habits = report.count("info")
    found.append(f"{habits} habit{'' if habits == 1 else 's'}")
    asked = len(report.asked)
    return f"{', '.join(found)}: {asked} request{'' if asked == 1 else 's'} in {report.seconds:.1f} s"


def _finding(finding: Finding, paint: Paint, *, terse: bool, width: int) -> Iterator[str]:
    name = f"{finding.severity}[{finding.id}]"
    yield f"{paint(_STYLES[finding.severity], name)}: {paint('bold', printable(finding.title))}"
    for one in finding.evidence[: 1 if terse else None]:
        yield from _wrapped(f"{one.ask}: ", printable(one.text), width, indent=2)
        if one.data and not terse:
            yield f"    {paint('dim', _shown(one.data, width - 4))}"
    if finding.also and not terse:
        yield f"  and in {finding.also} more"
    if terse:
        yield from _wrapped("help: ", finding.advice, width, indent=2)
        return
    yield from _field("clients", finding.clients, paint, width)
    for measured in finding.measured[:2]:
        yield from _field("measured", _measured(measured), paint, width)
    if finding.who:
        yield from _field("seen at", finding.who, paint, width)
    yield from _field("help", finding.advice, paint, width)


def _measured(measured: Measured) -> str:
    """Say what clients made of a failure when that was tried."""
    told = (
        (measured.survived, "got it right"),
        (measured.own, "raised an error of their own"),
        (measured.foreign, "failed with a foreign error"),
        (measured.silent, "took a wrong answer for a right one"),
        (measured.hung, "hung"),
    )
    parts = [f"{count} {text}" for count, text in told if count]
    return f"of {measured.clients} clients that asked ({measured.call}), {', '.join(parts)}"


def _habits(habits: list[Finding], paint: Paint, width: int) -> Iterator[str]:
    yield paint("bold", "Habits that clients should know of")
    wide = max(len(one.id) for one in habits)
    for one in habits:
        # What was seen says it better than a title that was written for a failure.
        seen = one.evidence[0].text if one.evidence else one.title
        habit = f"; {one.habit} is known for it" if one.habit else ""
        lines = textwrap.wrap(printable(seen) + habit, max(20, width - wide - 4), break_on_hyphens=False)
        yield f"  {paint('name', f'{one.id:<{wide}}')}  {lines[0]}"
        yield from (f"  {'':<{wide}}  {line}" for line in lines[1:])


def _left_out(report: Report, paint: Paint, width: int) -> Iterator[str]:
    for what, why in report.left_out:
        yield f"{paint('dim', 'not asked')}  {what}: {why}"


def _about(report: Report, paint: Paint, width: int) -> Iterator[str]:
    if report.guess.name:
        because = ", ".join(report.guess.because)
        yield from _field("backend", f"{report.guess.title}, as it seems: {because}", paint, width, indent=0)
    if report.answered:
        listed = "no list of models" if report.models is None else f"of {report.models} listed"
        yield from _field("model", f"{report.model}, {listed}", paint, width, indent=0)
    style = "bad" if report.count("error") else "warn" if report.count("warning") else "good"
    yield paint(style, summary(report))


def _field(name: str, text: str, paint: Paint, width: int, *, indent: int = 2) -> Iterator[str]:
    lines = textwrap.wrap(printable(text), width - indent - 10, break_on_hyphens=False) or [""]
    yield f"{'':<{indent}}{paint('help', f'{name:<8}')}  {lines[0]}"
    yield from (f"{'':<{indent}}{'':<8}  {line}" for line in lines[1:])


def _wrapped(head: str, text: str, width: int, *, indent: int) -> Iterator[str]:
    space = " " * indent
    lines = textwrap.wrap(text, max(20, width - indent - len(head)), break_on_hyphens=False) or [""]
    yield f"{space}{head}{lines[0]}"
    yield from (f"{space}{'':<{len(head)}}{line}" for line in lines[1:])


def _shown(data: bytes, width: int) -> str:
    """Return bytes as one line: what is no plain text as escapes, cut where the line ends."""
    text = repr(data)[2:-1]
    return text if len(text) <= width else f"{text[: width - 1]}…"
