"""Every case by every client, several drivers at once; what is known already is not asked again.

Results go to a file of JSON lines as they come, under a key of the client's versions, its driver and the case with
its wire. Who stops a run loses nothing but the cases under way.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.matrix.cases import Case
from tests.matrix.clients import Client
from tests.matrix.drive import Drive
from tests.matrix.environments import DRIVERS, Installed
from tests.matrix.meaning import condensed
from tests.matrix.server import Server

TIMEOUT = 3.0
"""Seconds that every client is given as its timeout."""
SILENCE = 5.0
"""A client that has nothing to say for so many seconds hangs."""
LIMIT = 60.0
"""Seconds that any call may take, however slowly it goes on."""
RETRY_SECONDS = 45.0
"""Seconds that a call with the client's own retries may take."""
KEY = "sk-mockoai-matrix"

Json = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Column:
    """A client that is there."""

    client: Client
    installed: Installed

    @cached_property
    def digest(self) -> str:
        """What its results depend on beside the case: versions and the driver."""
        parts = [json.dumps(dict(self.installed.versions), sort_keys=True), self.installed.engine]
        family = "*.mjs" if self.client.environment.kind == "node" else "*.py"
        shared = {"talk.py", "talk.mjs", "openai_python.py", self.client.driver[0]}
        parts += [file.read_text() for file in sorted(DRIVERS.glob(family)) if file.name in shared]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class Results:
    """The file of results, and what it knows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Json] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                try:
                    one = json.loads(line)
                    self._known[one["key"]] = one
                except (ValueError, KeyError):
                    continue  # the last line of a run that was killed

    def get(self, key: str) -> Json | None:
        """Return the result under ``key``, or None."""
        return self._known.get(key)

    def add(self, key: str, result: Json) -> None:
        """Keep ``result``, and write it down."""
        self._known[key] = {"key": key, **result}
        with self._path.open("a") as file:
            file.write(json.dumps(self._known[key], ensure_ascii=False) + "\n")


def key(column: Column, case: Case) -> str:
    """Return what a result is kept under."""
    asked = json.dumps([case.body, dict(case.headers), case.rule, case.model, case.warm, case.leave], sort_keys=True)
    digest = hashlib.sha256(f"{column.digest} {case.wire} {asked}".encode()).hexdigest()[:16]
    return f"{column.client.id} {case.key} {digest}"


async def run(
    columns: Sequence[Column], cases: Sequence[Case], results: Results, *, workers: int, say: Say, again: bool = False
) -> None:
    """Run what is not known yet, with ``workers`` drivers at once."""
    todo: dict[str, list[Case]] = {}
    for column in columns:
        missing = [case for case in cases if again or results.get(key(column, case)) is None]
        if missing:
            todo[column.client.id] = list(reversed(missing))
    total = sum(map(len, todo.values()))
    if not total:
        say("nothing to do: every result is there")
        return
    say(f"{total} cases to run, {workers} at once")
    server = Server()
    try:
        progress = Progress(total, say)
        by_id = {column.client.id: column for column in columns}
        async with asyncio.TaskGroup() as group:
            busy = dict.fromkeys(todo, 0)
            for _ in range(workers):
                group.create_task(_work(server, by_id, todo, busy, results, progress))
    finally:
        await server.stop()


class Progress:
    """Says now and then how far it is."""

    def __init__(self, total: int, say: Say) -> None:
        self.total = total
        self.done = 0
        self._say = say
        self._begun = self._said = time.monotonic()

    def step(self, client: str, case: Case) -> None:
        """Count one case."""
        self.done += 1
        now = time.monotonic()
        if now - self._said >= 10 or self.done == self.total:
            self._said = now
            self._say(f"{self.done}/{self.total} after {now - self._begun:.0f} s, last: {client} {case.key}")


async def _work(
    server: Server,
    columns: Mapping[str, Column],
    todo: Mapping[str, list[Case]],
    busy: dict[str, int],
    results: Results,
    progress: Progress,
) -> None:
    """Take the client with the most to do, start a driver for it, and go on until nothing is left."""
    while waiting := [id for id, cases in todo.items() if cases]:
        id = max(waiting, key=lambda one: len(todo[one]) / (1 + busy[one]))
        column = columns[id]
        drive = Drive(column.installed.command(column.client.driver))
        busy[id] += 1
        try:
            while todo[id]:
                case = todo[id].pop()
                results.add(key(column, case), await meet(server, drive, id, case))
                if case.poisons and column.client.shares:
                    await drive.stop()
                progress.step(id, case)
        finally:
            busy[id] -= 1
            await drive.stop()


async def meet(server: Server, drive: Drive, client: str, case: Case) -> Json:
    """Let a client meet a case, and return what it made of it and what the journal says."""
    session = re.sub(r"[^a-z0-9.-]+", "-", f"{client}-{case.key}")
    job = {
        "case": case.key,
        "url": await server.begin(session, case.scenario, case.yaml),
        "key": KEY,
        "headers": dict(case.headers),
        "endpoint": case.endpoint,
        "body": case.body,
        "model": case.model,
        "timeout": TIMEOUT,
        "retries": None if case.retries else 0,
        "silence": RETRY_SECONDS if case.retries else SILENCE,
        "limit": RETRY_SECONDS if case.retries else LIMIT,
        "warm": case.warm,
        "leave": case.leave,
    }
    result = await drive.run(job)
    if "text" in result["answer"]:
        result["answer"]["text"] = condensed(result["answer"]["text"])
    exchanges = await server.exchanges(session, case.scenario, case.rule, case.warm)
    await server.forget(session)
    clean = json.loads(json.dumps(result).replace(server.origin, "http://server").replace(f"/session/{session}", ""))
    return {"client": client, "case": case.key, "result": clean, "exchanges": exchanges.to_json()}


def collect(columns: Iterable[Column], cases: Sequence[Case], results: Results) -> dict[str, dict[str, Json]]:
    """Return the results by the key of the case and the client."""
    found: dict[str, dict[str, Json]] = {}
    for case in cases:
        for column in columns:
            result = results.get(key(column, case))
            if result is not None:
                found.setdefault(case.key, {})[column.client.id] = result
    return found
