"""The shapes of ``keys:`` and ``limits:``: who is let in, and how often."""

from __future__ import annotations

from mockoai.keys import ApiKey, Limits
from mockoai.scenario.record import Record
from mockoai.scenario.scalars import Integer, Text
from mockoai.scenario.shapes import Shape
from mockoai.scenario.typed import register

_RATE = Integer(1)
_RATES: dict[str, Shape] = {"rpm": _RATE, "tpm": _RATE}

register(
    ApiKey,
    Record(ApiKey, "an API key", shapes={"revoked_after": Integer(0), **_RATES}, shorthand=("key", Text())),
)
register(Limits, Record(Limits, "`limits`", shapes=_RATES, home="in `limits:`, at the top of the file"))
