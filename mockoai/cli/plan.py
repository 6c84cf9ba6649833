"""``mockoai plan``: the wire steps of an answer, without starting anything."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace

import click

from mockoai.backends import BACKENDS
from mockoai.cli.instant import INSTANT, show_instant
from mockoai.cli.options import Command, did_you_mean, option
from mockoai.cli.planned import CLOCK, as_json, as_text, best
from mockoai.cli.request_file import read_request
from mockoai.cli.sample import ROUTES, Wish, asks, main_rule, requests
from mockoai.cli.scenarios import BACKEND, load
from mockoai.cli.terminal import columns, complain, out, paint_for
from mockoai.errors import EXIT_NOTHING, EXIT_OK, EXIT_VERDICT, UsageError
from mockoai.plan.render import WIDTH
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.state import DEFAULT_SESSION

MAX_CALL = 10_000

EPILOG = """
Examples:
  mockoai plan done-missing                     a catalogue id
  mockoai plan flaky.yaml --call 2              the second such request of a session
  mockoai plan flaky.yaml --request body.json   your own request
  mockoai plan flaky.yaml --full > before.txt   every byte, to be compared later

Exit code 1 when a fault did not fire, 5 when no rule answered.
"""


@click.command("plan", cls=Command, epilog=EPILOG, short_help="Print the wire steps of an answer.")
@click.argument("scenario", metavar="SCENARIO")
@option("--request", "-r", "file", metavar="FILE", help="The request: a JSON body or a raw HTTP request.")
@option("--endpoint", type=click.Choice(list(ROUTES)), metavar="NAME", help=f"One of {', '.join(ROUTES)}.")
@option("--stream/--no-stream", default=None, help="Ask for a stream, or not.")
@option("--call", type=click.IntRange(1, MAX_CALL), metavar="N", help="Plan the nth such request of a session.")
@option(
    "--session",
    default=DEFAULT_SESSION,
    metavar="NAME",
    show_default=True,
    help="Plan for this session: ids and what is drawn differ from one to the next.",
)
@option("--rule", "rule_name", metavar="RULE", help="Make the request for this rule: its name or number.")
@BACKEND
@option("--seed", type=int, metavar="N", help="Use this seed instead of the scenario's.")
@option(
    "--clock",
    type=INSTANT,
    metavar="INSTANT",
    show_default=show_instant(CLOCK),
    help="The time that answers show.",
)
@option("--full", is_flag=True, help="Show every byte.")
@option("--json", "json_form", is_flag=True, help="Print JSON, with every byte.")
def command(
    scenario: str,
    file: str | None,
    endpoint: str | None,
    stream: bool | None,
    call: int | None,
    session: str,
    rule_name: str | None,
    backend: str | None,
    seed: int | None,
    clock: float | None,
    full: bool,
    json_form: bool,
) -> int:
    """Print the wire steps that answer a request, without starting anything.

    SCENARIO is a file or a catalogue id. Without --request, a realistic request is made up that meets the
    first rule that does something, and lets its faults fire.
    """
    loaded = load(scenario)
    loaded = replace(
        loaded,
        seed=loaded.seed if seed is None else seed,
        clock=loaded.clock if clock is None else clock,
    )
    target = _rule(loaded, rule_name)
    wish = Wish(endpoint, stream)
    imitated = BACKENDS[backend or loaded.backend]
    candidates: Iterable[tuple[Request, int]]
    if file is not None:
        candidates = [(read_request(file, wish), call or (target.when.call.first if target.when.call else 1))]
    elif call is not None:
        candidates = ((one, call) for one in requests(loaded, target, imitated, wish))
    else:
        candidates = asks(loaded, target, imitated, wish)
    planned = best(loaded, target, candidates, backend, session)
    if json_form:
        out(as_json(planned))
    else:
        out(as_text(planned, full=full, width=columns(WIDTH), paint=paint_for(sys.stdout)))
    if planned.answer.near:
        complain("no-rule-matched", planned.answer.near, "`--request FILE` plans a request of your own")
        return EXIT_NOTHING
    return EXIT_OK if planned.fired else EXIT_VERDICT


def _rule(scenario: Scenario, name: str | None) -> Rule:
    if name is None:
        return main_rule(scenario)
    for rule in scenario.rules:
        if rule.name == name:
            return rule
    if name.isdecimal() and 1 <= int(name) <= len(scenario.rules):
        return scenario.rules[int(name) - 1]
    names = [rule.name for rule in scenario.rules if rule.name]
    help = did_you_mean(name, names) or f"name one of its {len(scenario.rules)} rules, or give its number"
    raise UsageError("unknown-rule", f"`{scenario.id}` has no rule `{name}`", help)
