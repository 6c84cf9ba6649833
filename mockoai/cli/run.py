"""``mockoai run``: a command against every scenario, graded and reported."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockoai.cli.options import SECONDS, Command, option
from mockoai.cli.scenarios import BACKEND
from mockoai.cli.terminal import err, out, paint_for
from mockoai.errors import UsageError

if TYPE_CHECKING:
    from mockoai.cli.cases import Job
    from mockoai.report.case import Case, Run

EPILOG = """
Examples:
  mockoai run fin-mid-chunked -- npm test           one failure
  mockoai run 'sse/*' flaky.yaml -- pytest -q       a category and a file
  mockoai run 'rate-*' --jobs 4 --junit out.xml -- ./client --base-url {url}
  mockoai run --replay report.json                  what did not pass in the run that wrote it

COMMAND runs once per scenario, with OPENAI_BASE_URL, OPENAI_API_BASE and OPENAI_API_KEY set; {url} in its words is
the base URL. `expect:` in the file says what counts. Without it, a command passes that gets its whole answer, or
says by its exit code that it did not. Under GitHub Actions findings also become annotations and a table in the
summary of the step.

Exit codes: 0 all exercised and passed, 1 a verdict failed or a fault was not delivered, 2 usage or invalid scenario,
3 could not start, 5 a scenario was not exercised, 130 interrupted.
"""

PROGRESS = 10.0
"""Seconds after which it is said how far the run is, and what runs when nothing ended in that time."""
FORMATS = {"junit": "junit", "json": "as_json", "html": "html"}
"""Every report that is a file, by its option, and the module in ``mockoai.report`` that renders it."""
COMMAND = "mockoai.run.command"


class RunCommand(Command):
    """A command whose words behind ``--`` are those of another."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the other command off the end, so that nothing in it is read as ours."""
        words: tuple[str, ...] = ()
        if "--" in args:
            at = args.index("--")
            args, words = args[:at], tuple(args[at + 1 :])
        ctx.meta[COMMAND] = words
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the name in the usage line."""
        return [*super().collect_usage_pieces(ctx), "-- COMMAND [ARGS...]"]


@click.command("run", cls=RunCommand, epilog=EPILOG, short_help="Run a command against scenarios and grade it.")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1)
@option("--jobs", "-j", type=click.IntRange(1, 256), default=1, metavar="N", show_default=True, help="Cases at once.")
@option("--timeout", type=SECONDS, metavar="TIME", show_default="5m", help="Time for each run of COMMAND.")
@option("--seed", type=int, metavar="N", help="Use this seed instead of the scenarios'.")
@BACKEND
@option("--base-url-env", multiple=True, metavar="NAME", help="Set this variable to the base URL too; may be repeated.")
@option("--replay", metavar="REPORT", help="Run again what did not pass in the run that wrote this JSON report.")
@option("--junit", metavar="FILE", help="Write JUnit XML.")
@option("--json", metavar="FILE", help="Write JSON.")
@option("--html", metavar="FILE", help="Write one HTML page.")
@option("--quiet", "-q", is_flag=True, help="Print only what did not pass.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    scenarios: tuple[str, ...],
    jobs: int,
    timeout: float | None,
    seed: int | None,
    backend: str | None,
    base_url_env: tuple[str, ...],
    replay: str | None,
    quiet: bool,
    **files: str | None,
) -> int:
    """Run COMMAND once against every SCENARIO, and grade what it made of the failure.

    SCENARIO is a file, a folder, a catalogue id, or a glob such as 'sse/*'.
    """
    from mockoai.cli.process import check_command
    from mockoai.cli.select import earlier, recorded_command, select
    from mockoai.report.case import DEFAULT_TIMEOUT, Run

    words: tuple[str, ...] = ctx.meta[COMMAND]
    if replay is not None:
        before = earlier(replay, scenarios)
        scenarios, words = before.names, words or recorded_command(before)
        seed = before.seed if seed is None else seed
        timeout = before.timeout if timeout is None else timeout
        backend, base_url_env = backend or before.backend, base_url_env or before.url_names
    if not words:
        help = "Write it behind two dashes: `mockoai run fin-mid-chunked -- npm test`."
        raise UsageError("missing-command", "there is no command to run", help)
    if not scenarios:
        help = "Name a file, a catalogue id or a category: `mockoai run 'sse/*' -- npm test`."
        raise UsageError("missing-scenario", "there is no scenario to run the command against", help)
    check_command(words)
    timeout = DEFAULT_TIMEOUT if timeout is None else timeout
    chosen = select(scenarios)
    paths = {kind: Path(path) for kind, path in files.items() if path}
    _check_writable(paths)

    from mockoai.cli.cases import Job

    run = Run(
        cases=(),
        command=words,
        timeout=timeout,
        planned=len(chosen),
        started=time.time(),
        seconds=0.0,
        seed=seed,
        backend=backend,
        url_names=base_url_env,
    )
    start = time.monotonic()
    todo = [Job(name, one, words, timeout, base_url_env) for name, one in chosen]
    cases, interrupted = _run(run, todo, jobs, quiet)
    run = replace(run, cases=tuple(cases), interrupted=interrupted, seconds=time.monotonic() - start)
    _report(run, paths)
    return run.exit_code


def _run(run: Run, todo: Sequence[Job], at_once: int, quiet: bool) -> tuple[list[Case], bool]:
    """Run all cases, a line for each when it is over."""
    from mockoai.cli.cases import Runner
    from mockoai.mock import Mock
    from mockoai.report.facts import case_facts, secrets_of
    from mockoai.report.redact import Redactor
    from mockoai.report.terminal import case_line
    from mockoai.server.lifecycle import Server

    wide = max(len(job.scenario.id) for job in todo)
    paint = paint_for(sys.stdout)
    redactor = Redactor(secrets_of(os.environ))
    progress = Progress(len(todo))

    def tell(case: Case) -> None:
        if not quiet or case.status != "passed":
            out(case_line(case_facts(case, run, redactor), wide, paint))
        progress.step()

    with Server(Mock(backend=run.backend, seed=run.seed)) as server:
        return Runner(server, os.environ).run(todo, at_once, tell, progress.wait, PROGRESS)


class Progress:
    """Says on stderr how far a run of ``total`` cases is, at most every :data:`PROGRESS` seconds."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._told = clock()
        self._done = 0

    def step(self) -> None:
        """Count a case that is over."""
        self._done += 1
        if self._done < self._total and self._clock() - self._told >= PROGRESS:
            self._say(f"{self._done} of {self._total} done")

    def wait(self, done: int, running: Sequence[tuple[str, float]]) -> None:
        """Say what runs, and for how many seconds; nothing was over for a while."""
        what = ", ".join(f"{id} for {seconds:.0f} s" for id, seconds in running) or "starting"
        self._say(f"{done} of {self._total} done; running: {what}")

    def _say(self, text: str) -> None:
        self._told = self._clock()
        err(f"{text}\n")


def _report(run: Run, paths: dict[str, Path]) -> None:
    """Write what was found to the terminal, to files, and as annotations where somebody shows them."""
    from mockoai.report.facts import facts, secrets_of
    from mockoai.report.terminal import details

    found = facts(run, secrets_of(os.environ))
    out(details(found, paint_for(sys.stdout)))
    _tell_github(found)
    for kind, path in paths.items():
        module: Any = importlib.import_module(f"mockoai.report.{FORMATS[kind]}")
        try:
            path.write_text(module.render(found), encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from None


def _tell_github(found: dict[str, Any]) -> None:
    """Write annotations and a summary of the step where GitHub Actions shows them."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from mockoai.report import github

        out(github.render(found))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        from mockoai.report import markdown

        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(markdown.render(found))
        except OSError as error:
            # The run has its result all the same.
            err(f"warning: cannot write GITHUB_STEP_SUMMARY, `{summary}`: {error.strerror or error}\n")


def _check_writable(paths: dict[str, Path]) -> None:
    """Make the folders of ``paths``, and raise UsageError before anything runs when one cannot be written."""
    for path in paths.values():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("ab").close()
        except OSError as error:
            raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    help = "Name a file in a folder that can be written to."
    return UsageError("report-unwritable", f"cannot write `{path}`: {error.strerror or error}", help)
