"""``python -m tests.bench``: measure, print, never fail because something is slow."""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from tests.bench import report
from tests.bench.measure import HOLDING, MEASURES, QUICK, Bench, Effort, Figures
from tests.bench.servers import Kind, UnavailableError, cores, kinds, pinned

DESCRIPTION = """\
Measure mockoai's speed beside aimock and llmock, in one run on one machine, with interleaved rounds.

The servers share one core and the load generator has another; all give the same text in the same number of
events, and what comes back is checked. `bare` writes prepared bytes without being an HTTP server: it is what
the machine and the load generator allow. The neighbours are installed into build/bench by npm and pip the
first time; one that cannot be is left out.

Figures are medians over the rounds with (least–most). Rounds in which other work took over a tenth of a core
are repeated, for a while. CPU per answer is the server's own time, and the better figure where other work
runs on the machine.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns 0, 1 when there is nothing to measure, or 130 when interrupted."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    _allow_files(HOLDING + 200)
    begun = time.perf_counter()
    found, versions, available = _install(options.server)
    if not found:
        print("nothing to measure:", *report.missing(Figures(), available), sep="\n  ", file=sys.stderr)
        return 1
    effort = QUICK if options.quick else Effort()
    if options.rounds:
        effort = replace(effort, rounds=options.rounds, gap_rounds=options.rounds)
    if options.seconds:
        effort = replace(effort, seconds=options.seconds, gap_seconds=options.seconds)
    if options.patience is not None:
        effort = replace(effort, patience=options.patience)
    server_core, generator_core = cores()
    environment = report.environment(versions, (server_core, generator_core))
    figures = Figures()
    bench = Bench(found, effort, server_core, figures, _say, effort.patience)
    try:
        with pinned(generator_core):
            bench.run([name for name in MEASURES if not options.only or name in options.only])
    except KeyboardInterrupt:
        print("interrupted: all servers are stopped", file=sys.stderr)
        return 130
    _print(figures, environment, available, time.perf_counter() - begun)
    if options.json:
        whole = {
            "environment": environment,
            "not_available": {name: reason for name, reason in available.items() if reason},
            "rounds": figures.values,
            "other_work": figures.others,
            "reasons": figures.reasons,
            "goals": report.goals(figures),
        }
        options.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="under a minute: fewer and shorter rounds")
    parser.add_argument("--only", action="append", choices=list(MEASURES), help="take this measure; repeatable")
    parser.add_argument("--server", action="append", choices=list(kinds()), help="of these servers; repeatable")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of every measure")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of a round")
    parser.add_argument(
        "--patience", type=float, metavar="S", help="seconds that repeating disturbed rounds may take in all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures to FILE")
    return parser


def _install(names: Sequence[str] | None) -> tuple[list[Kind], dict[str, str], dict[str, str | None]]:
    """Return the servers that can be measured, their versions, and for each one why not, or None."""
    found: list[Kind] = []
    versions: dict[str, str] = {}
    available: dict[str, str | None] = {}
    for name, kind in kinds().items():
        if names and name not in names:
            continue
        try:
            versions[name] = kind.install()
        except UnavailableError as error:
            available[name] = str(error)
            continue
        available[name] = None
        found.append(kind)
    return found, versions, available


def _print(figures: Figures, environment: dict[str, object], available: dict[str, str | None], seconds: float) -> None:
    print(*report.environment_lines(environment), "", sep="\n")
    print(report.table(figures, list(available)), "\n")
    sections = {
        "load generator": report.generator(figures),
        "the machine": report.others(figures),
        "not available": report.missing(figures, available),
        "goals": report.goal_lines(figures),
    }
    for title, lines in sections.items():
        if lines:
            print(title, *(f"  {line}" for line in lines), "", sep="\n")
    print(f"{seconds:.0f} s in all")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _allow_files(count: int) -> None:
    """Raise the limit on open files to ``count`` where it is lower and may be raised; servers inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into SIGINT, which asyncio's runner ends its task for, so that all servers are stopped."""
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
