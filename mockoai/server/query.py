"""What the control API is asked for: parameters and bodies, checked, with near names for misspelt ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mockoai.journal import Exchange

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100


class ControlError(Exception):
    """A request to the control API that cannot be answered, with the parts of the error that says so."""

    def __init__(self, status: int, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.help = help


class Query:
    """The parameters of one request; raises ControlError for unknown ones and those given twice."""

    def __init__(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                help = near(name, known) or (f"It takes {', '.join(known)}." if known else "It takes none.")
                raise ControlError(400, "unknown-parameter", f"This route has no parameter `{name}`.", help)
            if name in self._values:
                raise ControlError(400, "bad-parameter", f"The parameter `{name}` is given twice.", "Give it once.")
            self._values[name] = value

    def text(self, name: str) -> str | None:
        """Return the value of ``name``, or None."""
        return self._values.get(name)

    def number(self, name: str, *, most: int | None = None) -> int | None:
        """Return ``name`` as a whole number from 0 on, or None; raises ControlError for anything else."""
        value = self._values.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            raise ControlError(
                400, "bad-parameter", f"`{name}={value}` is not a whole number.", f"For example `{name}=10`."
            )
        number = int(value)
        if most is not None and not 1 <= number <= most:
            raise ControlError(
                400,
                "bad-parameter",
                f"`{name}={value}` is not between 1 and {most}.",
                "Ask for several pages.",
            )
        return number

    def choice(self, name: str, choices: Mapping[str, Any]) -> Any:
        """Return what ``choices`` has for ``name``, or None without it; raises ControlError for others."""
        value = self._values.get(name)
        if value is None:
            return None
        if value not in choices:
            help = near(value, choices) or f"It is one of {', '.join(choices)}."
            raise ControlError(400, "bad-parameter", f"`{name}` cannot be `{value}`.", help)
        return choices[value]


_YES_NO = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which exchanges are meant; all that is given must hold.

    ``since`` is a number: only later ones. ``fault`` is a fault that the rule asked for. ``delivered`` is
    whether that fault, or without one every fault, reached the client; exchanges without faults are
    neither.
    """

    session: str | None = None
    scenario: str | None = None
    rule: str | None = None
    endpoint: str | None = None
    status: int | None = None
    fault: str | None = None
    delivered: bool | None = None
    finished: bool | None = None
    since: int | None = None

    @classmethod
    def read(cls, query: Query) -> Filter:
        """Return what ``query`` asks for."""
        return cls(
            session=query.text("session"),
            scenario=query.text("scenario"),
            rule=query.text("rule"),
            endpoint=query.text("endpoint"),
            status=query.number("status"),
            fault=query.text("fault"),
            delivered=query.choice("delivered", _YES_NO),
            finished=query.choice("finished", _YES_NO),
            since=query.number("since"),
        )

    def __contains__(self, exchange: Exchange) -> bool:
        for name in ("session", "scenario", "rule"):
            wanted = getattr(self, name)
            if wanted is not None and wanted != getattr(exchange, name):
                return False
        return (
            (self.endpoint is None or self.endpoint == exchange.request.endpoint)
            and (self.status is None or self.status == exchange.plan.status)
            and (self.finished is None or self.finished == exchange.finished)
            and (self.since is None or exchange.number > self.since)
            and self._has_faults(exchange)
        )

    def _has_faults(self, exchange: Exchange) -> bool:
        if self.fault is None and self.delivered is None:
            return True
        faults = [one for one in exchange.faults() if self.fault in (None, one.id)]
        if not faults:
            return False
        return self.delivered is None or self.delivered == all(one.delivered for one in faults)


FILTERS = ("session", "scenario", "rule", "endpoint", "status", "fault", "delivered", "finished", "since")
PAGES = ("limit", "after", "before", "order")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of exchanges; ``total`` counts what the filter holds, ``next`` asks for the page behind this."""

    exchanges: list[Exchange]
    total: int
    next: dict[str, int] | None


def page(exchanges: Iterable[Exchange], query: Query) -> Page:
    """Return the page of ``exchanges``, in the order of their numbers, that ``query`` asks for.

    ``order`` is ``oldest`` (first; the default) or ``newest``; ``after`` and ``before`` are numbers that
    bound the page, themselves not in it; ``limit`` is how many it holds.
    """
    wanted = Filter.read(query)
    limit = query.number("limit", most=MAX_LIMIT) or DEFAULT_LIMIT
    newest = query.choice("order", {"oldest": False, "newest": True}) or False
    after, before = query.number("after"), query.number("before")
    found = [one for one in exchanges if one in wanted]
    inside = [one for one in found if (after is None or one.number > after) and (before is None or one.number < before)]
    if newest:
        inside.reverse()
    shown = inside[:limit]
    more = len(inside) > limit
    following = {"before" if newest else "after": shown[-1].number} if more else None
    return Page(shown, len(found), following)


def json_object(body: bytes, known: Sequence[str]) -> dict[str, Any]:
    """Return ``body`` as a JSON object with no other keys than ``known``; raises ControlError for anything else."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise ControlError(400, "bad-json", message, f"Send an object with {' or '.join(known)}.") from None
    if not isinstance(value, dict):
        raise ControlError(400, "bad-json", "The body is not a JSON object.", f"Send one with {' or '.join(known)}.")
    for name in value:
        if name not in known:
            help = near(name, known) or f"It takes {' or '.join(known)}."
            raise ControlError(400, "bad-json", f"The body has an unknown field `{name}`.", help)
    return value


def near(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean `x`?``, or an empty text when nothing is near."""
    found = nearest(word, known)
    return f"Did you mean `{found}`?" if found else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``word`` is most likely a misspelling of, or None."""
    found = difflib.get_close_matches(word[:100], list(known), n=1)
    return found[0] if found else None
