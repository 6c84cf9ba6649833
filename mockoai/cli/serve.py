"""``mockoai serve``: scenarios behind a socket, until somebody says stop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mockoai.cli.instant import INSTANT
from mockoai.cli.log import LEVELS
from mockoai.cli.options import SECONDS, Command, option
from mockoai.cli.scenarios import BACKEND, load_all
from mockoai.cli.terminal import err, out, paint_for
from mockoai.errors import UsageError
from mockoai.keys import WAYS, ApiKey, parse_key
from mockoai.keys import Limits as KeyLimits
from mockoai.scenario.model import Scenario

if TYPE_CHECKING:
    from mockoai.server.lifecycle import Server
    from mockoai.wire.protocol import Limits

EPILOG = """
Examples:
  mockoai serve                              a healthy server on http://127.0.0.1:8000/v1
  mockoai serve done-missing flaky.yaml      the first answers, all can be asked for
  mockoai serve --port 0 --seed 7            any free port, read from the first line of stdout
  mockoai serve --host 0.0.0.0 --admin-token "$TOKEN"

A request chooses its scenario by the header x-mockoai-scenario, the base URL /scenario/ID/v1, or the model
mockoai/ID. Exit code 0 after SIGTERM, 130 after Ctrl-C, 2 for a wrong file or flag, 3 when it cannot start.
"""


class ApiKeyType(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """An API key and how it behaves, such as ``sk-1,rpm=3``."""

    name = "api key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ApiKey:
        """Read ``value`` as a key; fails with what would be right."""
        if isinstance(value, ApiKey):
            return value
        try:
            return parse_key(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


API_KEY = ApiKeyType()


_TALKATIVE = ("debug", "info")


@click.command("serve", cls=Command, epilog=EPILOG, short_help="Serve scenarios on a socket.")
@click.argument("scenarios", metavar="[SCENARIO...]", nargs=-1)
@option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    show_default=True,
    help="Address to listen on; any that others can reach needs --admin-token.",
)
@option(
    "--port",
    "-p",
    type=click.IntRange(0, 65535),
    metavar="N",
    show_default="the backend's own, 8000 for most",
    help="Port to listen on; 0 takes any free one.",
)
@BACKEND
@option("--seed", type=int, metavar="N", help="Use this seed instead of the scenarios'.")
@option(
    "--api-key",
    type=API_KEY,
    multiple=True,
    metavar="KEY[,WAY...]",
    help=f"Accept only this API key; may be repeated. Its ways: {', '.join(WAYS)}.",
)
@option("--rpm", type=click.IntRange(1), metavar="N", help="Requests a minute that each key may make.")
@option("--tpm", type=click.IntRange(1), metavar="N", help="Tokens a minute that each key may use.")
@option("--model", multiple=True, metavar="NAME", help="Serve only this model; may be repeated.")
@option("--admin-token", metavar="TOKEN", help="What the control API asks for.")
@option("--clock", type=INSTANT, metavar="INSTANT", help="Freeze the time that answers show.")
@option("--header-timeout", type=SECONDS, metavar="TIME", show_default="10s", help="Time for a request's head.")
@option("--body-timeout", type=SECONDS, metavar="TIME", show_default="1m", help="Time for a request's body.")
@option("--hang-limit", type=SECONDS, metavar="TIME", show_default="5m", help="Time after which a hang ends.")
@option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    metavar="N",
    show_default=True,
    help="Processes that share the port; each counts calls by itself.",
)
@option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    metavar="LEVEL",
    show_default=True,
    help=f"One of {', '.join(LEVELS)}.",
)
@option("--quiet", "-q", is_flag=True, help="Write nothing to stderr but errors.")
def command(
    scenarios: tuple[str, ...],
    host: str,
    port: int | None,
    backend: str | None,
    seed: int | None,
    api_key: tuple[ApiKey, ...],
    rpm: int | None,
    tpm: int | None,
    model: tuple[str, ...],
    admin_token: str | None,
    clock: float | None,
    header_timeout: float | None,
    body_timeout: float | None,
    hang_limit: float | None,
    workers: int,
    log_level: str,
    quiet: bool,
) -> int:
    """Serve every SCENARIO, a file or a catalogue id; the first answers unless a request chooses another.

    Without one, a healthy server answers. The first line on stdout is `mockoai ready url=URL`, written once
    it truly answers; a line for every exchange goes to stderr.
    """
    loaded = load_all(scenarios)
    limits = KeyLimits(rpm=rpm, tpm=tpm)
    if workers > 1:
        _refuse_counting(loaded, api_key, limits)

    from mockoai.mock import Mock
    from mockoai.server.lifecycle import Server

    if clock is not None:
        loaded = tuple(replace(one, clock=clock) for one in loaded)
    frozen: dict[str, Any] = {} if clock is None else {"clock": lambda: clock}
    mock = Mock(loaded, backend=backend, seed=seed, models=model, keys=api_key, limits=limits, **frozen)
    if port is None:
        port = mock.imitated(mock.scenario).port
    patience = _limits(header_timeout, body_timeout, hang_limit)
    server = Server(mock, host=host, port=port, admin_token=admin_token, limits=patience)
    server.bind()
    level = None if quiet else log_level
    if workers > 1:
        from mockoai.cli.workers import run_workers

        if not quiet:
            err(f"note: each of the {workers} workers counts calls and keeps its journal by itself\n")
        return run_workers(workers, lambda tell: _run(server, level, tell), lambda: _ready(server, loaded, level))
    return _run(server, level, lambda: _ready(server, loaded, level))


def _refuse_counting(scenarios: Sequence[Scenario], keys: Sequence[ApiKey], limits: KeyLimits) -> None:
    """Raise UsageError for what several processes, each counting by itself, would not follow."""
    counted = [one for scenario in scenarios for one in scenario.keys] + list(keys)
    rates = [limits, *[scenario.limits for scenario in scenarios if scenario.limits]]
    if any(one.any for one in rates) or any(
        one.revoked_after is not None or KeyLimits().of(one).any for one in counted
    ):
        raise UsageError(
            "workers-cannot-count",
            "a rate limit or a key that is revoked counts requests, and each worker would count by itself",
            "Leave --workers out.",
        )
    for scenario in scenarios:
        if any(rule.when.call is not None or rule.when.chance is not None for rule in scenario.rules):
            raise UsageError(
                "workers-cannot-count",
                f"`{scenario.id}` has a rule with `call` or `chance`, and each worker would count by itself",
                "Leave --workers out.",
            )


def _run(server: Server, level: str | None, ready: Callable[[], None]) -> int:
    """Serve until a signal comes, with a line for every exchange unless ``level`` is None."""
    from mockoai.cli.warm import warm_up

    def answering() -> None:
        ready()
        warm_up()

    if level is None:
        return server.run(answering)
    from mockoai.cli.log import ExchangeLog, Log
    from mockoai.report.redact import Redactor

    mock, token = server.mock, server.security.token
    log = Log()
    secrets = Redactor([*[one.key for one in mock.keys], *([token] if token else [])])
    lines = ExchangeLog(log, secrets, paint_for(sys.stderr), level)
    mock.journal.listen(lines)
    mock.journal.listen_refused(lines.refused)
    try:
        return server.run(answering)
    finally:
        if level in _TALKATIVE:
            total = mock.journal.total
            log.line(f"stopped after {total} exchange{'' if total == 1 else 's'}")
        log.close()


def _limits(head_time: float | None, body_time: float | None, hang: float | None) -> Limits:
    from mockoai.wire.protocol import LIMITS

    return replace(
        LIMITS,
        head_time=LIMITS.head_time if head_time is None else head_time,
        body_time=LIMITS.body_time if body_time is None else body_time,
        hang=LIMITS.hang if hang is None else hang,
    )


def _ready(server: Server, scenarios: Sequence[Scenario], level: str | None) -> None:
    """Say that the server answers, and on a terminal what can be done with it."""
    out(f"mockoai ready url={server.url}\n")
    if level in _TALKATIVE:
        if sys.stderr.isatty():
            from mockoai.cli.banner import banner

            err(banner(server, scenarios, paint_for(sys.stderr)))
        else:
            err(f"serving {', '.join(one.id for one in scenarios) or 'healthy'} on {server.url}\n")
