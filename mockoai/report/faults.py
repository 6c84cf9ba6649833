"""What became of the faults of several exchanges, added up by fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from mockoai.journal import Exchange

Json = dict[str, Any]

MAX_EXAMPLES = 20
"""Exchanges that are named as examples of a fault that was not delivered."""


def outcomes(exchanges: Iterable[Exchange]) -> list[Json]:
    """Return what became of every fault that ``exchanges`` asked for, by id."""
    found: dict[str, Json] = {}
    reasons: dict[str, Counter[str]] = {}
    for exchange in exchanges:
        for fault in exchange.faults():
            one = found.setdefault(
                fault.id,
                {
                    "fault": fault.id,
                    "layer": fault.layer,
                    "planned": 0,
                    "fired": 0,
                    "delivered": 0,
                    "missed": [],
                },
            )
            one["planned"] += 1
            one["fired"] += fault.fired
            one["delivered"] += fault.delivered
            if not fault.delivered:
                reasons.setdefault(fault.id, Counter())[fault.why] += 1
                if len(one["missed"]) < MAX_EXAMPLES:
                    one["missed"].append(exchange.number)
    for id, one in sorted(found.items()):
        one["not_delivered"] = one["planned"] - one["delivered"]
        one["reasons"] = [{"why": why, "count": count} for why, count in reasons.get(id, Counter()).most_common()]
    return [found[id] for id in sorted(found)]
