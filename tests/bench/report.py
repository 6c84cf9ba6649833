"""The figures as a table, as ratios, against the goals, and as JSON."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import answer
from tests.bench.measure import DISTURBED, STREAMS, Figures

OURS = "mockoai"
NEIGHBOURS = ("aimock", "llmock")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    ``more`` says whether more is better; ``digits`` are those behind the point; ``ratio`` is False where one
    says nothing, because the figure is about zero.
    """

    figure: str
    label: str
    more: bool = False
    digits: int = 0
    ratio: bool = True


def _rate_rows(measure: str, label: str, each: str) -> Iterator[Row]:
    yield Row(measure, label, more=True)
    yield Row(f"{measure}.cpu", f"  CPU per {each}, µs", digits=1)
    yield Row(f"{measure}.bytes", f"  bytes per {each}")
    yield Row(f"{measure}.memory", "  memory after them, MiB", digits=1)


def _gap_rows(measure: str, count: int) -> Iterator[Row]:
    where = f"{measure}.{count}"
    alike = ", no two alike" if measure == "gaps-differing" else ""
    yield Row(f"{where}.p50", f"{count:,} streams at 20 ms{alike}: gap p50, ms", digits=1)
    yield Row(f"{where}.p99", "  gap p99, ms", digits=1)
    yield Row(f"{where}.off.p99", "  gap off the plan p99, ms", digits=1)
    yield Row(f"{where}.late.p50", "  behind the plan p50, ms", digits=1)
    yield Row(f"{where}.late.p99", "  behind the plan p99, ms", digits=1)
    yield Row(f"{where}.early", "  before the plan, most, ms", digits=1, ratio=False)
    yield Row(f"{where}.drift", "  drift over one stream, ms", digits=1, ratio=False)
    yield Row(f"{where}.cpu", "  CPU per event, µs", digits=1)
    yield Row(f"{where}.core", "  CPU, % of a core")


ROWS = (
    Row("start", "exec to first answer, ms"),
    Row("start.memory", "memory after the start, MiB", digits=1),
    *_rate_rows("requests", "requests per second", "request"),
    *_rate_rows("requests-differing", "requests per second, no two alike", "request"),
    *_rate_rows("streams", "streams per second", "stream"),
    *_rate_rows("streams-differing", "streams per second, no two alike", "stream"),
    *(row for count in STREAMS for row in _gap_rows("gaps", count)),
    *(row for count in STREAMS[1:] for row in _gap_rows("gaps-differing", count)),
    Row("memory", "memory per waiting stream, KiB", digits=1),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of ours to be reached: the value is ours, or ours through aimock's where ``ratio``."""

    figure: str
    label: str
    bound: float
    more: bool = False
    ratio: bool = False
    unit: str = ""

    def value(self, figures: Figures) -> float | None:
        """Return what is compared with the bound, None where it was not measured."""
        ours = middle(figures, self.figure, OURS)
        if not self.ratio or ours is None:
            return ours
        theirs = middle(figures, self.figure, "aimock")
        return ours / theirs if theirs else None


def _rate_goals(figure: str, label: str) -> Iterator[Goal]:
    yield Goal(figure, f"{label} of aimock's, at least", 1.0, more=True, ratio=True, unit="x")
    yield Goal(figure, f"{label} of aimock's, aiming for", 1.5, more=True, ratio=True, unit="x")


def _gap_goals(measure: str, count: int, over: float) -> Iterator[Goal]:
    where, alike = f"{measure}.{count}", ", no two alike" if measure == "gaps-differing" else ""
    yield Goal(f"{where}.off.p99", f"{count:,} streams{alike}: gap off the plan p99, at most", over, unit=" ms")
    yield Goal(f"{where}.late.p99", f"{count:,} streams{alike}: behind the plan p99, at most", over, unit=" ms")


GOALS = (
    *_rate_goals("requests", "requests/s"),
    *_rate_goals("requests-differing", "requests/s, no two alike,"),
    *_rate_goals("streams", "streams/s"),
    *_rate_goals("streams-differing", "streams/s, no two alike,"),
    *_gap_goals("gaps", 300, 5),
    *_gap_goals("gaps", 1000, 20),
    *_gap_goals("gaps-differing", 300, 5),
    *_gap_goals("gaps-differing", 1000, 20),
    Goal("start", "exec to first answer, at most", 400.0, unit=" ms"),
    Goal("memory", "memory per waiting stream, under", 30.0, unit=" KiB"),
)


def middle(figures: Figures, figure: str, server: str) -> float | None:
    """Return the median of the rounds, None without any."""
    values = figures.values.get(figure, {}).get(server)
    return median(values) if values else None


def table(figures: Figures, servers: Sequence[str]) -> str:
    """Return the table: medians with the least and the most, and ours through each neighbour's."""
    others = [name for name in NEIGHBOURS if name in servers and OURS in servers]
    lines = [["", *servers, *(f"{OURS}/{name}" for name in others)]]
    for row in ROWS:
        if not _taken(figures, row.figure):
            continue
        cells = [_cell(figures, row, name) for name in servers]
        lines.append([row.label + (" (more is better)" if row.more else ""), *cells])
        lines[-1] += [_ratio(figures, row, name) for name in others]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _taken(figures: Figures, figure: str) -> bool:
    """Whether ``figure`` was measured for any server, or is the first of a measure that failed for one."""
    return figure in figures.values or figure.removesuffix(".off.p99").removesuffix(".p99") in figures.reasons


def _cell(figures: Figures, row: Row, server: str) -> str:
    values = figures.values.get(row.figure, {}).get(server)
    if not values:
        return "not available"
    text = f"{median(values):,.{row.digits}f}"
    if len(values) == 1:
        return text
    return f"{text} ({min(values):,.{row.digits}f}–{max(values):,.{row.digits}f})"


def _ratio(figures: Figures, row: Row, server: str) -> str:
    ours, theirs = middle(figures, row.figure, OURS), middle(figures, row.figure, server)
    if not row.ratio or ours is None or not theirs:
        return ""
    return f"{ours / theirs:.2f}x"


def missing(figures: Figures, available: Mapping[str, str | None]) -> list[str]:
    """Say which servers, or which of their figures, are missing, and why."""
    lines = [f"{name}: not available: {reason}" for name, reason in available.items() if reason]
    for measure, reasons in figures.reasons.items():
        lines += [f"{name}: no {measure}: {reason}" for name, reason in reasons.items()]
    return lines


def generator(figures: Figures) -> list[str]:
    """Say how far the load generator was from being the bottleneck."""
    lines = []
    for measure in ("requests", "requests-differing", "streams", "streams-differing"):
        rates = {name: middle(figures, measure, name) or 0.0 for name in figures.values.get(measure, {})}
        compared = max((rates[name] for name in (OURS, *NEIGHBOURS) if name in rates), default=0.0)
        for name in ("bare", "uvicorn"):
            if compared and rates.get(name):
                of = rates[name] / compared
                lines.append(f"{measure}: {rates[name]:,.0f} /s from {name}, {of:.1f}x the fastest that is compared")
    busy = {
        (key.removesuffix(".busy"), name): median(values)
        for key, by_server in figures.values.items()
        if key.endswith(".busy")
        for name, values in by_server.items()
        if name in (OURS, *NEIGHBOURS)
    }
    if busy:
        (measure, name), most = max(busy.items(), key=lambda item: item[1])
        warning = ": it may be the bottleneck there" if most > 85 else ""
        lines.append(f"at most {most:.0f} % of its core, in {measure} from {name}{warning}")
    return lines


def others(figures: Figures) -> list[str]:
    """Say how much else was going on, which all but the CPU times suffer from."""
    if not figures.others:
        return []
    usual, most = median(figures.others), max(figures.others)
    if usual > DISTURBED:
        judged = "rates, gaps and what is said of goals for them mean little; CPU times and memory hold"
    else:
        judged = "quiet enough" if most <= DISTURBED else "quiet enough but for some rounds"
    return [f"{usual:.2f} cores busy with other work, at most {most:.2f}: {judged}"]


def goals(figures: Figures) -> list[dict[str, Any]]:
    """Compare ours with the goals whose figure was to be measured; ``reached`` is None without a value."""
    found = []
    for goal in GOALS:
        if not _taken(figures, goal.figure):
            continue
        value = goal.value(figures)
        reached = None if value is None else (value >= goal.bound if goal.more else value <= goal.bound)
        found.append({**asdict(goal), "value": value, "reached": reached})
    return found


def goal_lines(figures: Figures) -> list[str]:
    """Return :func:`goals` as lines."""
    words = {True: "reached", False: "not reached", None: "not measured"}
    lines: list[tuple[str, str, str]] = []
    for found in goals(figures):
        unit, value = found["unit"], found["value"]
        said = "" if value is None else f"{value:.2f}{unit}"
        lines.append((f"{found['label']} {found['bound']:g}{unit}", said, words[found["reached"]]))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [f"{goal:<{widths[0]}}  {said:>{widths[1]}}  {word}" for goal, said, word in lines]


def environment(versions: Mapping[str, str], cores: tuple[int | None, int | None]) -> dict[str, Any]:
    """Say on what was measured."""
    from importlib.metadata import version

    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "server_core": cores[0],
        "generator_core": cores[1],
        "load_average": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": _output(["node", "--version"]),
        "uvicorn": version("uvicorn"),
        "uvloop": version("uvloop"),
        "versions": dict(versions),
        "answer": f"{len(answer.TEXT)} characters in {answer.EVENTS} events",
    }


def environment_lines(found: Mapping[str, Any]) -> list[str]:
    """Return :func:`environment` as lines."""
    if found["server_core"] is None:
        pinning = "not pinned: only one core, or no affinity here"
    else:
        pinning = f"servers on core {found['server_core']}, load generator on core {found['generator_core']}"
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    cores = f"{found['cores']} cores ({pinning})"
    system = f"{found['system']}, Python {found['python']}, uvicorn {found['uvicorn']}, uvloop {found['uvloop']}"
    return [
        f"{found['cpu']}, {cores}, load average {found['load_average']:.2f} before",
        f"{system}, Node {found['node'] or 'not available'}",
        versions,
        f"one text from all: {found['answer']}",
    ]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
