"""Instants on the command line: ``2026-01-01T00:00:00Z``, or seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click


class Instant(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A moment as seconds since 1970; without a zone, UTC is meant."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read ``value``; fails with what would be right."""
        if isinstance(value, float):
            return value
        try:
            return float(value)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"`{value}` is no instant; write 2026-01-01T00:00:00Z or seconds since 1970", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


INSTANT = Instant()


def show_instant(seconds: float) -> str:
    """Return ``2026-01-01T00:00:00Z``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds" if seconds % 1 else "seconds").replace("+00:00", "Z")
