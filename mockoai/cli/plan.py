"""``mockoai plan``: the wire steps of an answer, without starting anything."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mockoai.address import split_path
from mockoai.backends import BACKENDS
from mockoai.cli.instant import INSTANT, show_instant
from mockoai.cli.options import Command, did_you_mean, option
from mockoai.cli.sample import ROUTES, Wish, request, requests
from mockoai.cli.scenarios import BACKEND, load
from mockoai.cli.terminal import columns, complain, out, paint_for
from mockoai.endpoints import resolve
from mockoai.errors import EXIT_NOTHING, EXIT_OK, EXIT_VERDICT, UsageError
from mockoai.mock import Answer, Mock
from mockoai.plan.render import WIDTH, render, summary, to_json
from mockoai.request import UNPARSABLE, Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.state import DEFAULT_SESSION

CLOCK = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""The moment at which plans are made, in seconds since 1970, so that two plans differ only where they must."""
MAX_CALL = 10_000

EPILOG = """
Examples:
  mockoai plan done-missing                     a catalogue id
  mockoai plan flaky.yaml --call 2              the second such request of a session
  mockoai plan flaky.yaml --request body.json   your own request
  mockoai plan flaky.yaml --full > before.txt   every byte, to be compared later

Exit code 1 when a fault did not fire, 5 when no rule answered.
"""

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/(1\.[01])")


@dataclass(frozen=True, slots=True)
class Planned:
    """A request and how the scenario answers it at its ``call``-th time."""

    request: Request
    answer: Answer
    call: int

    @property
    def fired(self) -> bool:
        """Whether every fault of the rule fired."""
        return all(one.fired for one in self.answer.plan.faults)


@click.command("plan", cls=Command, epilog=EPILOG, short_help="Print the wire steps of an answer.")
@click.argument("scenario", metavar="SCENARIO")
@option("--request", "-r", "request_file", metavar="FILE", help="The request: a JSON body or a raw HTTP request.")
@option("--endpoint", type=click.Choice(list(ROUTES)), metavar="NAME", help=f"One of {', '.join(ROUTES)}.")
@option("--stream/--no-stream", default=None, help="Ask for a stream, or not.")
@option("--call", type=click.IntRange(1, MAX_CALL), metavar="N", help="Plan the nth such request of the session.")
@option("--rule", metavar="RULE", help="Make the request for this rule: its name or number from 1.")
@BACKEND
@option("--seed", type=int, metavar="N", help="Use this seed instead of the scenario's.")
@option("--clock", type=INSTANT, metavar="INSTANT", help=f"The time answers show.  [default: {show_instant(CLOCK)}]")
@option("--full", is_flag=True, help="Show every byte.")
@option("--json", "as_json", is_flag=True, help="Print JSON, with all bytes.")
def command(
    scenario: str,
    request_file: str | None,
    endpoint: str | None,
    stream: bool | None,
    call: int | None,
    rule: str | None,
    backend: str | None,
    seed: int | None,
    clock: float | None,
    full: bool,
    as_json: bool,
) -> int:
    """Print the wire steps that answer a request under SCENARIO, a file or a catalogue id, without starting anything.

    Without --request, a realistic request is made that meets the first rule and lets its faults fire.
    """
    loaded = load(scenario)
    if clock is not None:
        loaded = replace(loaded, clock=clock)
    target = _rule(loaded, rule)
    wish = Wish(endpoint, stream)
    count = call or (target.when.call.first if target.when.call else 1)
    if request_file is not None:
        candidates: Iterable[Request] = [_read(request_file, wish)]
    else:
        candidates = requests(loaded, target, BACKENDS[backend or loaded.backend], wish)
    planned = best(loaded, target, candidates, count, backend=backend, seed=seed)
    shown = Shown(loaded, planned, backend or loaded.backend, loaded.seed if seed is None else seed)
    out(shown.json() if as_json else shown.text(full=full, width=columns(WIDTH)))
    if planned.answer.near:
        complain("no-rule-matched", planned.answer.near, "give a request that a rule matches with --request")
        return EXIT_NOTHING
    return EXIT_OK if planned.fired else EXIT_VERDICT


def best(
    scenario: Scenario,
    target: Rule,
    candidates: Iterable[Request],
    call: int = 1,
    *,
    backend: str | None = None,
    seed: int | None = None,
) -> Planned:
    """Plan ``candidates`` and return the first that ``target`` answers with all its faults fired.

    Failing that, the first that ``target`` answers at all; failing that, the first.
    """
    first: Planned | None = None
    answered: Planned | None = None
    for candidate in candidates:
        mock = Mock([scenario], backend=backend, seed=seed, clock=lambda: CLOCK)
        session = mock.sessions.get(DEFAULT_SESSION)
        address = split_path(candidate.path)
        candidate = replace(candidate, path=address.path)
        for _ in range(call):
            answer = mock.answer(candidate, address, session)
        planned = Planned(candidate, answer, call)
        first = first or planned
        if answer.basis is not None and answer.basis[1] is target:
            answered = answered or planned
            if planned.fired:
                return planned
    found = answered or first
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan with what it was made from, to be printed."""

    scenario: Scenario
    planned: Planned
    backend: str
    seed: int

    @property
    def clock(self) -> float:
        """The time the answer shows, in seconds since 1970."""
        return CLOCK if self.scenario.clock is None else self.scenario.clock

    def text(self, *, full: bool, width: int) -> str:
        """Return all of it as text."""
        paint = paint_for(sys.stdout)
        asked, answer = self.planned.request, self.planned.answer
        body = asked.body.decode("utf-8", "backslashreplace")
        line = " ".join(f"{asked.method} {asked.target} {body}".split())
        room = width - 10
        if not full and len(line) > room:
            line = line[: room - 1] + "…"
        again = f", call {self.planned.call}" if self.planned.call > 1 else ""
        facts = [
            ("scenario", f"{self.scenario.id}, backend {self.backend}, seed {self.seed}, {show_instant(self.clock)}"),
            ("request", line),
            ("rule", (answer.rule or "none matched") + again),
            ("answer", summary(answer.plan)),
        ]
        head = "".join(f"{paint('dim', f'{name:<8}')}  {text}\n" for name, text in facts)
        return f"{head}\n{render(answer.plan, full=full, width=width, paint=paint)}"

    def json(self) -> str:
        """Return all of it as JSON."""
        asked, answer = self.planned.request, self.planned.answer
        value: dict[str, Any] = {
            "scenario": self.scenario.id,
            "source": self.scenario.source,
            "backend": self.backend,
            "seed": self.seed,
            "clock": self.clock,
            "request": {
                "method": asked.method,
                "path": asked.target,
                "endpoint": asked.endpoint,
                "body": asked.body.decode("utf-8", "replace"),
            },
            "call": self.planned.call,
            "rule": answer.rule,
            "near": answer.near,
            "plan": to_json(answer.plan),
        }
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _rule(scenario: Scenario, name: str | None) -> Rule:
    if name is None:
        return scenario.rules[0]
    if name.isdecimal() and 1 <= int(name) <= len(scenario.rules):
        return scenario.rules[int(name) - 1]
    for rule in scenario.rules:
        if rule.name == name:
            return rule
    names = [rule.name for rule in scenario.rules if rule.name]
    help = did_you_mean(name, names) or f"a number from 1 to {len(scenario.rules)}, or a name"
    raise UsageError("unknown-rule", f"`{scenario.id}` has no rule `{name}`", help)


# --- a request of the user's own --------------------------------------------------------------------------


def _read(name: str, wish: Wish) -> Request:
    """Read a request from the file ``name`` (``-`` is stdin): raw HTTP or a JSON body."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError("unreadable-file", f"cannot read the request `{name}`: {reason}") from error
    start = data.split(b"\n", 1)[0].strip().decode("latin-1")
    if match := _REQUEST_LINE.fullmatch(start):
        return _raw(match[1], match[2], match[3], data, wish)
    fields = Request("POST", "/", body=data).json
    if fields is UNPARSABLE and data.strip():
        help = "a JSON body, or a raw request that starts with `POST /v1/chat/completions HTTP/1.1`"
        raise UsageError("bad-request-file", f"`{name}` is neither JSON nor an HTTP request", help)
    method, path = ROUTES[wish.endpoint or _guess(fields)]
    return _finish(Request(method, path, (("content-type", "application/json"),), data, target=path), wish)


def _raw(method: str, target: str, version: str, data: bytes, wish: Wish) -> Request:
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    if b"\r\n\r\n" in data:
        body = data.partition(b"\r\n\r\n")[2]
    headers: list[tuple[str, str]] = []
    for line in head.split(b"\n")[1:]:
        key, _, value = line.decode("latin-1").partition(":")
        headers.append((key.strip().lower(), value.strip()))
    path, _, query = target.partition("?")
    keep = ("connection", "close") not in [(key, value.lower()) for key, value in headers] and version == "1.1"
    asked = Request(method, path, tuple(headers), body, query, target, version, keep_alive=keep)
    return _finish(asked, wish)


def _guess(fields: Any) -> str:
    if isinstance(fields, dict) and "messages" not in fields:
        if "prompt" in fields:
            return "completions"
        if "input" in fields:
            return "embeddings"
    return "chat"


def _finish(asked: Request, wish: Wish) -> Request:
    """Find the endpoint, and write the user's wish for a stream into the body."""
    if wish.stream is not None and isinstance(asked.json, dict):
        body = json.dumps(asked.json | {"stream": wish.stream}, separators=(",", ":"), ensure_ascii=False)
        asked = replace(asked, body=body.encode())
    endpoint, parameters = resolve(split_path(asked.path).path)
    return replace(asked, endpoint=endpoint, parameters=parameters)


def sample_plan(scenario: Scenario) -> Planned:
    """Plan the most ordinary request under which the faults of the first rule fire."""
    target = scenario.rules[0]
    count = target.when.call.first if target.when.call else 1
    return best(scenario, target, requests(scenario, target, BACKENDS[scenario.backend]), count)


__all__: Sequence[str] = ("best", "command", "request", "sample_plan")
