"""What an exchange asks of the client next: to try again or not, and after how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

from mockoai.journal import Exchange
from mockoai.verdict.content import load
from mockoai.verdict.reading import Reading
from mockoai.verdict.thresholds import FINAL_CODES, PASSING, PERMANENT, RETRYABLE

Advice = Literal["retry", "stop", "permanent", "quota", "asked not to", "either"]
"""Whether to try again after an exchange. ``stop``: the same request gets the same answer. ``permanent`` and
``quota``: likewise, though common clients do not know. ``asked not to``: by ``x-should-retry: false``. ``either``:
the answer had begun, so it depends on who has seen it; or it is an error that may pass."""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """When to come back: ``seconds`` after the answer; ``said`` is the header as it stood, ``form`` how it says so.

    ``seconds`` and ``date`` are Retry-After by the letter; ``fraction`` is a number that is not whole, which RFC 9110
    does not have and OpenAI's clients read; ``ms`` is `retry-after-ms`, which is OpenAI's and Azure's own.
    """

    seconds: float
    said: str
    form: Literal["seconds", "date", "fraction", "ms"] = "seconds"


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
    if reading.status >= 500 or reading.status in RETRYABLE:
        return "retry"
    # Who says after what time, says that it may help.
    return "either" if reading.status in PASSING or reading.header("retry-after") else "stop"


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

    Of `Retry-After` (RFC 9110 §10.2.3) and `retry-after-ms` the shorter counts: OpenAI's clients obey the second,
    others know only the first. A date counts from the clock of the machine or from the answer's own ``Date``, whichever
    is kinder: the two differ when the scenario froze its clock.
    """
    standard = _standard(exchange, reading)
    millis = reading.header("retry-after-ms")
    value = None if millis is None else _number(millis)
    if value is None or (standard is not None and standard.seconds <= value / 1000):
        return standard
    return RetryAfter(value / 1000, f"retry-after-ms: {millis}", "ms" if standard is None else standard.form)


def _standard(exchange: Exchange, reading: Reading) -> RetryAfter | None:
    """Return what ``Retry-After`` asks for."""
    texts = {value for name, value in reading.message.headers if name == "retry-after"}
    if len(texts) != 1:
        return None  # of several that differ, each may be meant
    (text,) = texts
    said = f"Retry-After: {text}"
    if (value := _number(text)) is not None:
        return RetryAfter(value, said, "seconds" if text.isascii() and text.isdigit() else "fraction")
    at = _date(text)
    if at is None:
        return None
    own = _date(reading.header("date") or "")
    waits = [at - (ended(exchange) or exchange.received), *([] if own is None else [at - own])]
    return RetryAfter(min(waits), said, "date") if min(waits) > 0 else None


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
