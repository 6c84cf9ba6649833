"""``mockoai validate``: check scenario files, and show every mistake in them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockoai.cli.options import Command, option
from mockoai.cli.terminal import colored, columns, err, out
from mockoai.errors import EXIT_NOTHING, EXIT_OK, EXIT_USAGE
from mockoai.scenario.diagnose import ScenarioError

if TYPE_CHECKING:
    from mockoai.scenario.diagnose import Diagnostic

FORMATS = ("text", "json", "github")

EPILOG = """
Examples:
  mockoai validate scenarios/             every .yaml and .yml file below a folder
  mockoai validate flaky.yaml -           a file, and what comes on stdin
  mockoai validate . --format json

Under GitHub Actions mistakes also become annotations on their lines, unless --format says otherwise.
Exit code 2 when there is a mistake, 5 when there was nothing to check.
"""


@click.command("validate", cls=Command, epilog=EPILOG, short_help="Check scenario files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@option("--format", "style", type=click.Choice(FORMATS), metavar="FORMAT", help="One of text, json, github.")
@option("--quiet", "-q", is_flag=True, help="Print nothing when all is well.")
def command(files: tuple[str, ...], style: str | None, quiet: bool) -> int:
    """Check every FILE: a scenario file, a folder of them, a catalogue id, or - for stdin."""
    names = list(dict.fromkeys(_expanded(files)))
    wrong = check(names)
    if style == "json":
        out(json.dumps(_report(names, wrong), indent=2, ensure_ascii=False) + "\n")
    elif style == "github":
        out("".join(map(annotation, wrong)))
    else:
        _show(wrong)
        if style is None and os.environ.get("GITHUB_ACTIONS") == "true":
            out("".join(map(annotation, wrong)))
    if wrong or not names or not quiet:
        (out if style in (None, "text") else err)(_summary(names, wrong) + "\n")
    if wrong:
        return EXIT_USAGE
    return EXIT_OK if names else EXIT_NOTHING


def check(names: Iterable[str]) -> list[Diagnostic]:
    """Return the mistakes of all scenarios ``names``, in their order."""
    wrong: list[Diagnostic] = []
    for name in names:
        try:
            _load(name)
        except ScenarioError as error:
            wrong.extend(error.diagnostics)
    return wrong


def _load(name: str) -> None:
    from mockoai.cli.scenarios import load
    from mockoai.scenario.load import load_text

    if name == "-":
        load_text(sys.stdin.buffer.read(), "<stdin>")
    else:
        load(name)


def _expanded(files: Sequence[str]) -> Iterable[str]:
    """Yield ``files`` with folders replaced by the scenario files below them."""
    from mockoai.scenario.load import SUFFIXES

    for name in files:
        path = Path(name)
        if name == "-" or not path.is_dir():
            yield name
            continue
        for root, folders, members in os.walk(path):
            folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "node_modules")
            found = (Path(root, one) for one in sorted(members) if one.endswith(SUFFIXES))
            yield from (str(one) for one in found if _is_readable(one))


def _is_readable(path: Path) -> bool:
    """Whether reading ``path`` comes to an end: a pipe or a device without a writer would be waited for for ever.

    One that is named by itself is read all the same, as the shell's `<(command)` is; a link to nothing is a mistake
    to be shown.
    """
    return path.is_file() or not path.exists()


# --- forms ------------------------------------------------------------------------------------------------


def _show(wrong: Sequence[Diagnostic]) -> None:
    from mockoai.scenario.render import render

    if wrong:
        out(render(wrong, color=colored(sys.stdout), width=columns(110)) + "\n")


def _report(names: Sequence[str], wrong: Sequence[Diagnostic]) -> dict[str, Any]:
    return {"checked": list(names), "diagnostics": [_json(one) for one in wrong]}


def _json(one: Diagnostic) -> dict[str, Any]:
    return {
        "code": one.code,
        "message": one.message,
        "file": one.path,
        "line": one.span.line if one.span else None,
        "column": one.span.column if one.span else None,
        "expected": one.expected,
        "help": one.help,
    }


def annotation(one: Diagnostic) -> str:
    """Write ``one`` as a workflow command of GitHub Actions."""
    place = f"file={_property(one.path)}"
    if one.span:
        place += f",line={one.span.line},col={one.span.column}"
    text = "\n".join(part for part in (one.message, one.expected and f"expected: {one.expected}", one.help) if part)
    return f"::error {place},title={_property(f'mockoai {one.code}')}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summary(names: Sequence[str], wrong: Sequence[Diagnostic]) -> str:
    if not names:
        return "nothing to check: no .yaml or .yml file found"
    files = f"{len(names)} scenario{'' if len(names) == 1 else 's'}"
    if not wrong:
        return f"{files} checked, no mistakes"
    bad = len({one.path for one in wrong})
    where = f" in {bad} of them" if len(names) > 1 else ""
    return f"{files} checked, {len(wrong)} mistake{'' if len(wrong) == 1 else 's'}{where}"
