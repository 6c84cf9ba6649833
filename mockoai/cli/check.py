"""``mockoai check``: a health check of an endpoint that is not ours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mockoai.cli.options import SECONDS, Command, option
from mockoai.cli.terminal import columns, err, out, paint_for
from mockoai.errors import EXIT_OK, EXIT_START, EXIT_VERDICT, UsageError

if TYPE_CHECKING:
    from mockoai.check.model import Ask, Bounds, Report
    from mockoai.check.reading.exchange import Exchange
    from mockoai.check.run import Progress

EPILOG = """
Examples:
  mockoai check http://127.0.0.1:1234/v1            a local server
  mockoai check https://api.example.com/v1 --api-key KEY --model gpt-4o-mini
  mockoai check http://127.0.0.1:8000/v1 --only stream --only tools
  mockoai check http://127.0.0.1:8000/v1 --json     for other programs

Some thirty small requests are sent, about half of them to a model. Nothing is followed to another host. What is found
is named by the ids of the catalogue: `mockoai explain ID` says more, and `mockoai serve ID` shows it to a client.

Exit codes: 0 nothing that breaks clients, 1 something that does, 2 usage, 3 no connection or no answer at all,
130 interrupted.
"""

GROUPS = ("models", "chat", "stream", "tools", "completions", "errors", "backend")
"""What can be asked for by itself, see :data:`mockoai.check.conversation.GROUPS`."""


class Header(click.types.StringParamType):
    """A header; in the environment there is one to a line, since values have spaces."""

    envvar_list_splitter = "\n"


@click.command("check", cls=Command, epilog=EPILOG, short_help="Check the health of an endpoint.")
@click.argument("url", metavar="URL")
@option("--api-key", metavar="KEY", help="The key that the server wants.")
@option("--model", metavar="NAME", help="The model to ask; else one that is listed.")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
@option("--timeout", type=SECONDS, metavar="TIME", show_default="30s", help="Longest silence to wait for.")
@option("--only", multiple=True, type=click.Choice(GROUPS), metavar="GROUP", help="Ask only for this; may be repeated.")
@option("--skip", multiple=True, type=click.Choice(GROUPS), metavar="GROUP", help="Leave this out; may be repeated.")
@option(
    "--header", multiple=True, type=Header(), metavar="'NAME: VALUE'", help="Send this header too; may be repeated."
)
@option("--insecure", is_flag=True, help="Accept any certificate.")
def command(
    url: str,
    api_key: str | None,
    model: str | None,
    as_json: bool,
    timeout: float | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    header: tuple[str, ...],
    insecure: bool,
) -> int:
    """Check the OpenAI-compatible endpoint at URL, its base URL: http://127.0.0.1:8000/v1.

    GROUP is one of models, chat, stream, tools, completions, errors and backend.
    """
    from mockoai.check import as_json as json_report
    from mockoai.check import text
    from mockoai.check.conversation import Conversation
    from mockoai.check.recorder import Recorder
    from mockoai.check.run import check
    from mockoai.check.target import parse

    groups = frozenset(only or GROUPS) - frozenset(skip)
    if not groups:
        raise UsageError("nothing-to-check", "nothing is left to ask for", "Leave `--skip` or `--only` out.")
    conversation = Conversation(parse(url, api_key or "", header), model=model or "", groups=groups)
    bounds = _bounds(timeout)
    recorder = Recorder(bounds, insecure=insecure)
    try:
        report = check(conversation, recorder, bounds, _progress(as_json))
    finally:
        recorder.close()
    code = exit_code(report)
    if as_json:
        out(json_report.render(report, code))
        return code
    terminal = sys.stdout.isatty()
    out("\n" if terminal else "")
    out(text.render(report, paint_for(sys.stdout), terse=not terminal, width=min(columns(text.WIDTH), text.WIDTH)))
    return code


def exit_code(report: Report) -> int:
    """Return what the command ends with."""
    if not report.answered:
        return EXIT_START
    return EXIT_VERDICT if report.count("error") else EXIT_OK


def _bounds(timeout: float | None) -> Bounds:
    from mockoai.check.model import CONNECT, Bounds

    if timeout is None:
        return Bounds()
    return Bounds(patience=timeout, early=timeout, total=4 * timeout, connect=min(timeout, CONNECT))


def _progress(as_json: bool) -> Progress:
    """Return what shows, on a terminal, which request is under way and what became of those before."""
    from mockoai.check import text
    from mockoai.check.judge import asked
    from mockoai.report.redact import Redactor

    stream = sys.stderr if as_json else sys.stdout
    write = err if as_json else out
    if not stream.isatty():
        return lambda ask, heard: None
    paint = paint_for(stream)

    def show(ask: Ask, heard: Exchange | None) -> None:
        if heard is None:
            write(text.waiting(ask, paint))
        else:
            write("\r\x1b[K" + text.done(asked(heard, Redactor()), paint))

    return show
