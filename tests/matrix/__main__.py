"""``python -m tests.matrix``: install the clients, run them over the catalogue, write the table."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mockoai
from tests.matrix import document, render
from tests.matrix.cases import all_cases
from tests.matrix.clients import CLIENTS, Client
from tests.matrix.environments import Installed, UnavailableError, install
from tests.matrix.run import LIMIT, RETRY_SECONDS, SILENCE, TIMEOUT, Column, Results, collect, run

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "matrix"
TABLE = ROOT / "scenarios" / "CLIENTS.md"
DATA = ROOT / "scenarios" / "clients.json"
INTERRUPTED = 130

DESCRIPTION = """\
Run real clients over every scenario and write scenarios/CLIENTS.md and scenarios/clients.json.

Clients are installed into build/matrix the first time; one that cannot be is left out, and the table says why.
What was run is kept there too and not run again, unless the client, its driver or the wire of the scenario
changed: a run that was interrupted goes on where it was. With --only or --scenario nothing is written but results.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the matrix; returns 0, 1 when no client could be had, or 130 when interrupted."""
    options = _parser().parse_args(arguments)
    CACHE.mkdir(parents=True, exist_ok=True)
    chosen = [client for client in CLIENTS if not options.only or client.id in options.only]
    cases = [case for case in all_cases() if not options.scenario or case.scenario in options.scenario]
    try:
        columns = _columns(chosen)
        there = [Column(client, one) for client, one in columns.items() if isinstance(one, Installed)]
        results = Results(CACHE / "results.jsonl")
        asyncio.run(_stoppable(run(there, cases, results, workers=options.workers, say=_say, again=options.again)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say("interrupted: what was run is kept")
        return INTERRUPTED
    if not there:
        _say("no client is there to run")
        return 1
    found = document.build(columns, cases, collect(there, cases, results), _about())
    if options.only or options.scenario:
        print(render.render(found), end="")
    else:
        _write(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.matrix",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ids = [client.id for client in CLIENTS]
    parser.add_argument(
        "--only", action="append", choices=ids, metavar="CLIENT", help=f"one of {', '.join(ids)}; repeatable"
    )
    parser.add_argument("--scenario", nargs="+", metavar="ID", help="only these scenarios")
    parser.add_argument("--workers", type=int, default=6, metavar="N", help="drivers at once, 6 if not given")
    parser.add_argument("--again", action="store_true", help="run what is known already, too")
    return parser


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Do ``work``; a signal cancels it, so that drivers and the server are stopped."""
    task = asyncio.ensure_future(work)
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, task.cancel)
    await task


def _columns(clients: Sequence[Client]) -> dict[Client, Installed | str]:
    """Return every client with its environment, or with the reason why it has none."""
    out: dict[Client, Installed | str] = {}
    for client in clients:
        try:
            out[client] = found = install(client.environment, CACHE / "environments", _say)
        except UnavailableError as error:
            _say(f"{client.id}: {error}")
            out[client] = str(error)
            continue
        for note in found.notes:
            _say(f"{client.id}: warning: {note}")
    return out


def _about() -> document.Json:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "version": mockoai.__version__,
        "timeout": TIMEOUT,
        "silence": SILENCE,
        "limit": LIMIT,
        "retry_limit": RETRY_SECONDS,
    }


def _write(found: document.Json) -> None:
    DATA.write_text(document.dump(found))
    # From the file, as whoever checks it does.
    TABLE.write_text(render.render(json.loads(DATA.read_text())))
    _say(f"wrote {TABLE.relative_to(ROOT)} and {DATA.relative_to(ROOT)}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
