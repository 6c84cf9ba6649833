"""Scenarios and backends by the names given on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mockoai.cli.options import did_you_mean, option
from mockoai.scenario.model import HEALTHY, Scenario


class BackendName(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """The name of an imitated server."""

    name = "backend"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check ``value``; fails with near names."""
        from mockoai.backends import BACKENDS

        if value not in BACKENDS:
            help = did_you_mean(value, BACKENDS) or f"there are {', '.join(BACKENDS)}"
            self.fail(f"there is no backend `{value}`; {help}", param, ctx)
        return str(value)


BACKEND = option("--backend", type=BackendName(), metavar="NAME", help="Imitate this server instead.")


def load(name: str) -> Scenario:
    """Load the scenario that ``name`` means: a file, a catalogue id, or ``healthy``; raises ScenarioError."""
    from mockoai.scenario.load import load

    return HEALTHY if name == HEALTHY.id else load(name)


def load_all(names: Iterable[str]) -> tuple[Scenario, ...]:
    """Load several scenarios; raises one ScenarioError with the mistakes of all of them."""
    from mockoai.scenario.load import load_all

    names = list(names)
    if names == [HEALTHY.id]:
        return (HEALTHY,)
    return load_all(names)
