"""What an exchange asks of the client next: to try again or not, and after how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

from mockoai.journal import Exchange
from mockoai.verdict.content import load
from mockoai.verdict.reading import Reading
from mockoai.verdict.thresholds import FINAL_CODES, PERMANENT, RETRYABLE

Advice = Literal["retry", "stop", "permanent", "quota", "asked not to", "either"]
"""Whether to try again after an exchange. ``stop``: the same request gets the same answer. ``permanent`` and
``quota``: likewise, though common clients do not know. ``asked not to``: by ``x-should-retry: false``. ``either``:
the answer had begun, so it depends on who has seen it."""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """When to come back: ``seconds`` after the answer; ``said`` is the header as it stood, ``date`` whether a date."""

    seconds: float
    said: str
    date: bool = False


def advice(reading: Reading) -> Advice:
    """Return what ``reading`` asks of the client."""
    if reading.kind == "nothing":
        return "retry"
    if reading.kind != "status":
        return "either"
    said = (reading.header("x-should-retry") or "").lower()
    if said == "true":
        return "retry"
    if said == "false":
        return "asked not to"
    if reading.status in PERMANENT:
        return "permanent"
    if reading.status == 429 and error_code(reading) in FINAL_CODES:
        return "quota"
    return "retry" if reading.status >= 500 or reading.status in RETRYABLE else "stop"


def error_code(reading: Reading) -> str:
    """Return the ``code`` of the error object in the body, or ``""``."""
    value, _ = load(reading.message.body)
    error = value.get("error") if isinstance(value, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def ended(exchange: Exchange) -> float | None:
    """Return when the answer ended, in seconds since 1970, or None while it has not."""
    return exchange.received + exchange.delivery.ended if exchange.finished else None


def retry_after(exchange: Exchange, reading: Reading) -> RetryAfter | None:
    """Return the wait that the answer asks for; None for none, and for one that says nothing (negative, no number).

    ``retry-after-ms`` wins over ``Retry-After`` (RFC 9110 §10.2.3), as it does with OpenAI's clients. A date counts
    from the clock of the machine or from the answer's own ``Date``, whichever is kinder: the two differ when the
    scenario froze its clock.
    """
    millis = reading.header("retry-after-ms")
    if millis is not None and (value := _number(millis)) is not None:
        return RetryAfter(value / 1000, f"retry-after-ms: {millis}")
    text = reading.header("retry-after")
    if text is None:
        return None
    said = f"Retry-After: {text}"
    if (value := _number(text)) is not None:
        return RetryAfter(value, said)
    at = _date(text)
    if at is None:
        return None
    own = _date(reading.header("date") or "")
    waits = [at - (ended(exchange) or exchange.received), *([] if own is None else [at - own])]
    return RetryAfter(min(waits), said, True) if min(waits) > 0 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
