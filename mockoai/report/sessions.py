"""Sessions as JSON: the report of a run, one entry a session. Secrets are redacted here.

``schema_version`` changes when something is renamed, removed, or comes to mean something else; keys may be added
without that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import mockoai
from mockoai.journal import Exchange
from mockoai.report.exchange import summary
from mockoai.report.redact import Redactor
from mockoai.report.verdict import verdict_json
from mockoai.scenario.model import Scenario
from mockoai.verdict.model import Verdict

Json = dict[str, Any]

SCHEMA_VERSION = 1


def report(sessions: Sequence[Json], totals: Json, *, seed: int | None) -> Json:
    """Return the whole report; ``sessions`` are made by :func:`session_entry`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "mockoai": mockoai.__version__,
        "seed": seed,
        "totals": totals,
        "sessions": list(sessions),
    }


def session_entry(
    id: str,
    *,
    test: str,
    scenarios: Iterable[Scenario],
    exchanges: Iterable[Exchange],
    verdict: Verdict,
    problems: Sequence[Json] = (),
) -> Json:
    """Return the entry of the session ``id``: what it was answered by, what it saw, what is to be said of it.

    ``test`` is whose session it was; ``problems`` are what is wrong with that test, as code, message and help.
    """
    redactor = Redactor()
    return {
        "id": id,
        "test": test,
        "scenarios": [one.id for one in scenarios],
        "verdict": verdict_json(verdict, redactor),
        "problems": [{key: redactor.text(value) for key, value in one.items()} for one in problems],
        "exchanges": [summary(one, redactor) for one in exchanges],
    }
