"""``mockoai list``: the faults, scenarios and backends there are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from mockoai.cli.describe import backends, faults, planned, scenarios
from mockoai.cli.options import Command, did_you_mean, option
from mockoai.cli.terminal import columns, err, out, paint_for
from mockoai.errors import EXIT_OK, UsageError

KINDS = ("backends", "faults", "scenarios")
ALIASES = {"backend": "backends", "fault": "faults", "scenario": "scenarios"}
WIDTH = 110
NEAREST = "≈"
"""Marks a scenario whose wire is not exactly the failure."""

EPILOG = """
Examples:
  mockoai list scenarios                  the catalogue
  mockoai list scenarios sse timing       two of its categories
  mockoai list faults transport           the faults of a layer or family
  mockoai list --search vllm              whatever mentions it
  mockoai list scenarios --json | jq -r '.scenarios[].id'

A scenario marked ≈ is as near as can be, and `mockoai explain` says why; all others are exact on the wire.
"""

Entry = dict[str, Any]


@click.command("list", cls=Command, epilog=EPILOG, short_help="List faults, scenarios and backends.")
@click.argument("kind", metavar="[faults|scenarios|backends]", required=False)
@click.argument("groups", metavar="[CATEGORY...]", nargs=-1)
@option("--search", "-s", metavar="TEXT", help="Only what has TEXT in its id or description.")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(kind: str | None, groups: tuple[str, ...], search: str | None, as_json: bool) -> int:
    """List what there is: all of it, or only faults, scenarios or backends.

    CATEGORY is a category of scenarios, or a family or layer of faults.
    """
    kinds = KINDS if kind is None else (_kind(kind),)
    found = {one: list(_entries(one)) for one in kinds}
    if groups:
        found = {one: _in_groups(one, entries, groups) for one, entries in found.items()}
    if search:
        found = {one: [entry for entry in entries if _mentions(entry, search)] for one, entries in found.items()}
    if as_json:
        if "scenarios" in found:
            found["scenarios"] = [planned(entry) for entry in found["scenarios"]]
        out(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return EXIT_OK
    out("\n".join(_section(one, entries) for one, entries in found.items() if entries))
    if not any(found.values()):
        err("nothing found\n")
    elif sys.stdout.isatty():
        err("\n`mockoai explain ID` says more about any of them\n")
    return EXIT_OK


def _kind(name: str) -> str:
    kind = ALIASES.get(name, name)
    if kind not in KINDS:
        help = did_you_mean(name, KINDS)
        if name in {entry["category"] for entry in scenarios()}:
            help = f"`mockoai list scenarios {name}` lists that category"
        raise UsageError("unknown-list", f"there is no list of `{name}`", help or f"there are {', '.join(KINDS)}")
    return kind


def _entries(kind: str) -> Iterable[Entry]:
    if kind == "scenarios":
        return scenarios()
    return backends() if kind == "backends" else faults()


def _in_groups(kind: str, entries: list[Entry], groups: Iterable[str]) -> list[Entry]:
    keys = {"scenarios": ("category",), "faults": ("family", "layer"), "backends": ("name",)}[kind]
    known = {str(entry[key]) for entry in entries for key in keys}
    for group in groups:
        if group not in known:
            noun = {"scenarios": "category", "faults": "family or layer", "backends": "backend"}[kind]
            help = did_you_mean(group, known) or f"there are {', '.join(sorted(known))}"
            raise UsageError("unknown-category", f"there is no {noun} `{group}`", help)
    return [entry for entry in entries if any(entry[key] in set(groups) for key in keys)]


def _mentions(entry: Entry, text: str) -> bool:
    return any(text.casefold() in str(value).casefold() for value in entry.values())


def _section(kind: str, entries: list[Entry]) -> str:
    paint = paint_for(sys.stdout)
    lines = [paint("bold", f"{kind} ({len(entries)})")]
    if kind == "backends":
        return "\n".join([*lines, *_rows(entries, "name", "summary", "  ")]) + "\n"
    group, about = ("category", "title") if kind == "scenarios" else ("family", "summary")
    for value in dict.fromkeys(entry[group] for entry in entries):
        members = [entry for entry in entries if entry[group] == value]
        lines += ["", f"  {paint('dim', f'{value} ({len(members)})')}", *_rows(members, "id", about, "    ")]
    return "\n".join(lines) + "\n"


def _rows(entries: list[Entry], name: str, about: str, indent: str) -> Iterator[str]:
    paint = paint_for(sys.stdout)
    wide = max(len(entry[name]) for entry in entries)
    room = max(30, columns(WIDTH) - len(indent) - wide - 2)
    for entry in entries:
        text = entry[about] if entry.get("exact", True) else f"{NEAREST} {entry[about]}"
        shown = text if len(text) <= room else text[: room - 1].rstrip() + "…"
        yield f"{indent}{paint('name', f'{entry[name]:<{wide}}')}  {shown}".rstrip()
