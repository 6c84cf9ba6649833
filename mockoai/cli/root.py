"""The tree of commands, and the one place where an error becomes a line on stderr and an exit code.

Exit codes: 0 all exercised and passed, 1 a verdict failed, 2 usage or invalid scenario, 3 could not start,
4 internal error, 5 nothing was exercised, 130 interrupted. Commands return theirs; errors carry their own.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from mockoai import __version__
from mockoai.cli.options import SETTINGS, debug_option, did_you_mean
from mockoai.cli.terminal import complain, err, hush, show_error
from mockoai.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_USAGE, MockoaiError, UsageError

COMMANDS: dict[str, str] = {
    "serve": "Serve scenarios on a socket.",
    "run": "Run a command against scenarios and grade it.",
    "check": "Check the health of an endpoint.",
    "plan": "Print the wire steps of an answer without starting anything.",
    "list": "List faults, scenarios and backends.",
    "explain": "Explain a scenario, fault, backend or error code.",
    "validate": "Check scenario files.",
    "schema": "Print the JSON Schema of scenario files.",
}
"""Every command and its one-line help; ``mockoai.cli.{name}`` holds it as ``command``."""

EPILOG = """
Start here:
  mockoai serve                     a healthy server on http://127.0.0.1:8000/v1
  mockoai list scenarios            what it can do wrong
  mockoai plan done-missing         what that looks like on the wire
  mockoai serve done-missing        the same, for your client to meet
  mockoai run 'sse/*' -- npm test   your tests against each of a category, graded

Exit codes: 0 all exercised and passed, 1 a verdict failed, 2 usage or invalid scenario,
3 could not start, 4 internal error, 5 nothing was exercised, 130 interrupted.
"""


class Root(click.Group):
    """The ``mockoai`` command: imports a command's module when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order they are met in practice."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called ``cmd_name``."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mockoai.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command named first in ``args``; raises UsageError with near names if there is none."""
        command = self.get_command(ctx, args[0])
        if command is None:
            help = did_you_mean(args[0], COMMANDS) or "`mockoai --help` lists the commands"
            raise UsageError("unknown-command", f"there is no command `{args[0]}`", help)
        return args[0], command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog as it stands."""
        formatter.write(EPILOG)


@click.group(
    cls=Root,
    help="An OpenAI-compatible server that misbehaves exactly as told.",
    context_settings=SETTINGS,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS...]",
    params=[debug_option()],
)
@click.version_option(__version__, "-V", "--version", prog_name="mockoai", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context) -> int | None:
    """Show the help when no command was given; a script that lost its command must not pass."""
    if ctx.invoked_subcommand is None:
        err(ctx.get_help() + "\n")
        return EXIT_USAGE
    return None


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; whatever goes wrong is shown in words."""
    try:
        if "_MOCKOAI_COMPLETE" in os.environ:  # a shell asks for completions, as click arranged with it
            root.main(list(arguments), prog_name="mockoai")
        with root.make_context("mockoai", list(arguments)) as ctx:
            result = root.invoke(ctx)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.ClickException as error:
        _complain_usage(error)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except MockoaiError as error:
        show_error(error)
        return error.exit_code
    except BrokenPipeError:
        hush(sys.stdout)
        return 0
    except Exception as error:
        return _internal(error, arguments)


def debugging(arguments: Sequence[str]) -> bool:
    """Whether the user asked for tracebacks, with ``--debug`` or ``MOCKOAI_DEBUG``."""
    given = list(arguments)
    own = given[: given.index("--")] if "--" in given else given
    return "--debug" in own or os.environ.get("MOCKOAI_DEBUG", "").lower() in ("1", "true", "yes", "on")


def _complain_usage(error: click.ClickException) -> None:
    ctx: click.Context | None = getattr(error, "ctx", None)
    command = ctx.command_path if ctx else "mockoai"
    help = f"`{command} --help` shows what it takes"
    message = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        known = [name for one in ctx.command.params for name in one.opts] if ctx else []
        near = did_you_mean(error.option_name, [name for name in known if name.startswith("--")])
        complain("unknown-option", f"`{command}` has no option `{error.option_name}`", near or help)
        return
    complain("usage", message[:1].lower() + message[1:], help)


def _internal(error: Exception, arguments: Sequence[str]) -> int:
    if debugging(arguments):
        import traceback

        err("".join(traceback.format_exception(error)))
    text = " ".join(f"{type(error).__name__}: {error}".split())
    again = "" if debugging(arguments) else " (run again with --debug for the traceback)"
    complain("internal", f"{text[:300]}{again}")
    return EXIT_INTERNAL
