"""``POST /_mockoai/outcome`` and ``GET /_mockoai/verdict``: what callers saw, and what is to be said about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from mockoai.errors import MockoaiError
from mockoai.journal import Exchange
from mockoai.mock import Mock
from mockoai.scenario.model import HEALTHY, Scenario
from mockoai.server.query import ControlError, json_object, near
from mockoai.state import DEFAULT_SESSION
from mockoai.verdict.model import Kind, Outcome, Verdict

KINDS: tuple[Kind, ...] = get_args(Kind)

_TEXTS = ("error", "message", "text", "partial", "stdout", "stderr", "label")
_FLAGS = ("single", "noticed")
_MOMENTS = ("started", "ended")
FIELDS = ("session", "outcome", *_MOMENTS, "exchanges", *_FLAGS, *_TEXTS, "exit_code")
"""What the body of a report may have; all but ``outcome`` may be left out."""

_MILLISECONDS = 1e11
"""What is no time in seconds, unless it is the year 5138."""

EXAMPLE = 'For example {"session": "test-17", "outcome": "raised", "error": "TimeoutError"}.'


def reported(mock: Mock, body: bytes) -> Outcome:
    """Keep the outcome that ``body`` reports, and return it.

    ``started`` and ``ended`` are in seconds since 1970; an ``ended`` in whole seconds is the end of its second. Without
    ``ended`` the call has ended now; without ``started`` and ``exchanges`` it began when the one before it, in the same
    session, ended. Raises ControlError for a body that is no outcome, for a session in which nothing was asked, and for
    exchanges that it does not have.
    """
    if not body.strip():
        raise ControlError(400, "bad-json", "The body is empty.", EXAMPLE)
    said = {name: value for name, value in json_object(body, FIELDS).items() if value is not None}
    kind = said.pop("outcome", None)
    if kind not in KINDS:
        wrong = "is missing" if kind is None else f"cannot be {_brief(kind)}"
        help = near(kind, KINDS) if isinstance(kind, str) else ""
        help = help or f"It is one of {', '.join(KINDS)}. {EXAMPLE}"
        raise ControlError(400, "bad-outcome", f"`outcome` {wrong}.", help)
    for name, value in said.items():
        _check(name, value)
    session = said.setdefault("session", DEFAULT_SESSION)
    if session != DEFAULT_SESSION and mock.sessions.find(session) is None:
        help = near(session, mock.sessions.ids()) or "`GET /_mockoai/sessions` lists those in which anything was asked."
        raise ControlError(404, "unknown-session", f"There is no session `{session}`.", help)
    if kind == "exited":
        said.setdefault("single", False)
    now = mock.clock()
    ended = said.setdefault("ended", now)
    if isinstance(ended, int):  # as `date +%s` has it
        said["ended"] = max(float(ended), min(ended + 1.0, now))
    if said.get("started", 0) > said["ended"]:
        message = f"`started` ({said['started']}) is later than `ended` ({ended})."
        raise ControlError(400, "bad-outcome", message, "Without `ended` the call has ended now.")
    said["exchanges"] = tuple(said.get("exchanges", ()))
    _check_exchanges(mock, session, said["exchanges"])
    if "started" not in said:
        before = [one.ended for one in mock.outcomes.of(session) if one.ended <= said["ended"]]
        said["started"] = max(before, default=0.0)
        said["assumed"] = not said["exchanges"]
    return mock.outcomes.add(Outcome(kind=kind, **said))


def about(mock: Mock, outcome: Outcome) -> list[int]:
    """Return the numbers of the exchanges that ``outcome`` is about."""
    from mockoai.verdict.about import covers  # see verdict_on

    return [one.number for one in mock.journal if covers(outcome, one)]


def _check_exchanges(mock: Mock, session: str, numbers: Iterable[int]) -> None:
    """Raise ControlError when the session never had one of ``numbers``; those that were dropped are not known."""
    own = {one.number for one in mock.journal if one.session == session}
    oldest = next((one.number for one in mock.journal), 0) if mock.journal.dropped else 0
    for number in numbers:
        if number not in own and number >= oldest:
            shown = ", ".join(map(str, sorted(own)[-10:])) or "none"
            help = f"`GET /_mockoai/exchanges?session={session}` lists those it has: {shown}."
            raise ControlError(400, "bad-outcome", f"Session `{session}` has no exchange {number}.", help)


def _check(name: str, value: Any) -> None:
    """Raise ControlError when ``value`` cannot be that of the field ``name``."""
    if name in _FLAGS:
        fits, wanted = isinstance(value, bool), "true or false"
    elif name in _MOMENTS:
        fits, wanted = _is_number(value) and value >= 0, "a time in seconds since 1970"
        if fits and value >= _MILLISECONDS:
            fits, wanted = False, "a time in seconds since 1970, and this looks like milliseconds: divide it by 1000"
    elif name == "exit_code":
        fits, wanted = isinstance(value, int) and _is_number(value), "a whole number"
    elif name == "exchanges":
        fits = isinstance(value, list) and all(isinstance(one, int) and _is_number(one) for one in value)
        wanted = "a list of the numbers of exchanges"
    else:
        fits, wanted = isinstance(value, str), "a text"
    if not fits:
        raise ControlError(400, "bad-outcome", f"`{name}` cannot be {_brief(value)}: it is {wanted}.", EXAMPLE)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def verdict_on(mock: Mock, session: str | None) -> Verdict:
    """Judge the exchanges of ``session``, or all that the journal has."""
    from mockoai.verdict.judge import judge  # a server that is never asked need not load its rules

    exchanges = [one for one in mock.journal if session in (None, one.session)]
    return judge(
        exchanges,
        mock.outcomes.of(session),
        scenarios=asked_for(mock, session, exchanges),
        now=mock.clock(),
        dropped=mock.journal.dropped,
    )


def asked_for(mock: Mock, session: str | None, exchanges: Iterable[Exchange]) -> list[Scenario]:
    """Return the scenarios that were asked for: by a request, by the session, or, if by neither, by the server."""
    ids = [session] if session is not None else mock.sessions.ids()
    own = [one.scenario for id in ids if (one := mock.sessions.find(id)) is not None and one.scenario is not None]
    found = {one.id: one for one in own}
    for id in dict.fromkeys(one.scenario for one in exchanges):
        if id and id not in found:
            try:
                found[id] = mock.find(id)
            except MockoaiError:
                continue  # one that was given as YAML, and has been replaced since
    if not found:
        found[mock.scenario.id] = mock.scenario
    return [one for one in found.values() if one is not HEALTHY]
