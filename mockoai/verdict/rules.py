"""What a rule is, and the table of all.

A rule is one function over one :class:`~mockoai.verdict.model.Call`, or over all of them, that yields findings of one
code. Its docstring is what ``mockoai explain CODE`` says: a sentence on what was found, a paragraph on what shows it
and what does not, one on what to do. To write one, decorate it and import its module in :func:`load`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from mockoai.verdict.model import MAX_DATA, About, Attempt, Call, Evidence, Finding, Severity
from mockoai.verdict.signals import Advice


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known: ``calls``, and the present moment (``now``), if more may come."""

    calls: tuple[Call, ...]
    now: float | None = None


CallRule = Callable[[Call], Iterable[Finding]]
CaseRule = Callable[[Case], Iterable[Finding]]

MODULES = ("retry", "backoff", "body", "accepted", "lost", "rejected", "timeouts", "connection", "expectations", "run")
"""The modules that have rules, in the order in which findings of equal weight are told."""

_call_rules: dict[str, CallRule] = {}
_case_rules: dict[str, CaseRule] = {}
_help: dict[str, str] = {}


def rule(code: str) -> Callable[[CallRule], CallRule]:
    """Register a function over one call as the rule of ``code``."""

    def register(function: CallRule) -> CallRule:
        _keep(code, function.__doc__)
        _call_rules[code] = function
        return function

    return register


def case_rule(code: str) -> Callable[[CaseRule], CaseRule]:
    """Register a function over all calls as the rule of ``code``."""

    def register(function: CaseRule) -> CaseRule:
        _keep(code, function.__doc__)
        _case_rules[code] = function
        return function

    return register


def explained(code: str, text: str) -> str:
    """Register what ``mockoai explain`` says of a code that no rule of its own yields; returns the code."""
    _keep(code, text)
    return code


def _keep(code: str, text: str | None) -> None:
    if code in _help:
        raise ValueError(f"two rules are called {code!r}")
    if not text:
        raise ValueError(f"rule {code!r} has no docstring")
    _help[code] = cleandoc(text) + "\n"


def load() -> None:
    """Import every module of rules."""
    for name in MODULES:
        importlib.import_module(f"mockoai.verdict.{name}")


def findings(case: Case) -> list[Finding]:
    """Return what all rules find, rule by rule."""
    load()
    found = [finding for one in _call_rules.values() for call in case.calls for finding in one(call)]
    return found + [finding for one in _case_rules.values() for finding in one(case)]


def help_texts() -> dict[str, str]:
    """Return what is to be said about every code, by code."""
    load()
    return dict(_help)


# What rules use to write their findings.


def finding(
    code: str,
    severity: Severity,
    call: Call,
    message: str,
    advice: str,
    *evidence: Evidence,
    about: About = "client",
) -> Finding:
    """Return a finding about ``call``."""
    faults: dict[str, None] = {}
    numbers = {one.exchange for one in evidence if one.exchange is not None}
    for exchange in call.exchanges:
        if exchange.number in numbers:
            faults |= {one.id: None for one in exchange.faults() if one.delivered}
    return Finding(
        code=code,
        severity=severity,
        message=message,
        advice=advice,
        evidence=evidence,
        about=about,
        call=call.number,
        scenario=call.scenario,
        faults=tuple(faults),
    )


def shown(attempt: Attempt, text: str, **more: Any) -> Evidence:
    """Return a piece of evidence seen in ``attempt``."""
    data = more.pop("data", b"")[:MAX_DATA]
    return Evidence(text=text, exchange=attempt.exchange.number, data=data, **more)


def answered(attempt: Attempt) -> str:
    """Say in a few words what ``attempt`` got."""
    reading = attempt.reading
    if reading.kind == "status":
        return f"status {reading.status}"
    return {
        "nothing": "no answer at all",
        "cut": "a part of an answer",
        "empty": "an empty answer",
        "failed": "an answer that carries an error",
        "unreadable": "an answer that cannot be read",
        "left": "nothing more, for the client left",
        "open": "no end yet",
    }.get(reading.kind, "a whole answer")


REASONS: dict[Advice, str] = {
    "stop": "the same request gets the same answer",
    "permanent": "the server will never be able to",
    "quota": "waiting brings no money",
    "asked not to": "`x-should-retry: false` asks for that",
}
"""Why not to try again, by advice."""
