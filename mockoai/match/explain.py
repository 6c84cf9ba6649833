"""Why no rule answered, in words: the message of the 404 that the client gets instead."""

from __future__ import annotations

import re
from typing import Any

from mockoai.jsonvalue import compact
from mockoai.match.conditions import Unmet
from mockoai.match.match import Near, NoMatch
from mockoai.match.path import MISSING
from mockoai.report.redact import REDACTED, Redactor
from mockoai.request import UNPARSABLE
from mockoai.scenario.model import CallRange, Test

LONGEST = 1_000
"""Characters of an explanation."""

_RULES = 3  # rules that are told of
_CONDITIONS = 4  # conditions of a rule that are told of
_VALUE = 60  # characters of a value that are shown

_SECRET = re.compile(r"api[-_]?key|auth|token$|secret|password|cookie", re.IGNORECASE)

_EXPECTED = {
    "equals": "{}",
    "contains": "to contain {}",
    "glob": "to look like {}",
    "regex": "to match {}",
    "gt": "to be above {}",
    "ge": "to be at least {}",
    "lt": "to be below {}",
    "le": "to be at most {}",
}


def explain(no_match: NoMatch) -> str:
    """Return one line: what was asked, the rules that came nearest, and what they missed.

    Values are shortened, secrets removed, and the whole is no longer than :data:`LONGEST` characters.
    """
    scenario, request = no_match.scenario, no_match.request
    words = _Words(Redactor().knowing(request))
    text = f"No rule of scenario `{scenario.id}` matches {request.method} {words.short(request.path)}."
    if not scenario.rules:
        text += " It has no rules."
    told = no_match.nearest[:_RULES]
    if told:
        text += " Nearest: " + " ".join([words.rule(near) + "." for near in told])
    if more := len(scenario.rules) - len(told):
        text += f" And {more} more."
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


class _Words:
    """Puts conditions into words, without the secrets that ``redactor`` knows."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor

    def rule(self, near: Near) -> str:
        """Return a rule's name and what it missed."""
        name = f"rule {near.index + 1}"
        if near.rule.name:
            name += f" `{self.short(near.rule.name)}`"
        missed = [self.condition(one) for one in near.unmet[:_CONDITIONS]]
        if more := len(near.unmet) - len(missed):
            missed.append(f"{more} more")
        return f"{name}: {'; '.join(missed)}"

    def condition(self, unmet: Unmet) -> str:
        """Return one condition, what was expected and what was found."""
        if unmet.name == "call":
            return f"call: this was call {unmet.found}, the rule answers {_calls(unmet.expected)}"
        if unmet.name == "chance":
            return f"chance: drawn {unmet.found:.2g}, needs below {unmet.expected:g}"
        subject = f"{unmet.name} `{self.short(unmet.key)}`" if unmet.key else unmet.name
        expected, found = self.expected(unmet), self.found(unmet)
        return f"{subject}: expected {expected}, {found}"

    def expected(self, unmet: Unmet) -> str:
        """Return what a condition asks for."""
        expected = unmet.expected
        if isinstance(expected, tuple):
            return " or ".join([self.value(one) for one in expected])
        if not isinstance(expected, Test):
            return compact(expected)
        if expected.how == "exists":
            return "to be there" if expected.value else "not to be there"
        return _EXPECTED[expected.how].format(self.value(expected.value, unmet.key))

    def found(self, unmet: Unmet) -> str:
        """Return what the request has in its place."""
        if unmet.found is UNPARSABLE:
            return "the body is not JSON"
        if unmet.found is not MISSING:
            return f"was {self.value(unmet.found, unmet.key)}"
        if unmet.name == "message":
            return "there was no user message"
        return "was not sent" if unmet.name == "header" else "was not there"

    def value(self, value: Any, key: str = "") -> str:
        """Return a value as it is shown: a text in backticks, anything else as JSON."""
        if key and _SECRET.search(key):
            return REDACTED
        return f"`{self.short(value)}`" if isinstance(value, str) else self.short(compact(value))

    def short(self, text: str) -> str:
        """Return ``text`` on one line, without secrets, and cut when it is long."""
        text = " ".join(self.redactor.text(text[: 20 * _VALUE]).split())
        return text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"


def _calls(calls: Any) -> str:
    """Return a range of calls in words: ``2..3`` would read badly in front of a full stop."""
    assert isinstance(calls, CallRange)
    if calls.last is None:
        return f"{calls.first} and later"
    return str(calls.first) if calls.first == calls.last else f"{calls.first} to {calls.last}"
