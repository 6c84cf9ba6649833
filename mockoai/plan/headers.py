"""What is done with headers in several places: replaced by others, dated, and given numbers and durations."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from mockoai.plan.items import Headers

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LATEST = 253_402_300_799.0  # the last second of the year 9999


def replaced(headers: Headers, others: Headers) -> Headers:
    """Return ``headers`` with ``others`` behind them, less those that ``others`` name as well."""
    if not others:
        return headers
    names = {name.lower() for name, _ in others}
    return (*(pair for pair in headers if pair[0].lower() not in names), *others)


def imf_fixdate(seconds: float) -> str:
    """Write a time in seconds since 1970 as a header date (RFC 9110 §5.6.7).

    Such as ``Sun, 06 Nov 1994 08:49:37 GMT``, in English whatever the locale.
    """
    return _imf_fixdate(int(min(max(seconds, 0.0), _LATEST)))


@lru_cache(maxsize=8)
def _imf_fixdate(seconds: int) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year:04} {at:%H:%M:%S} GMT"


def decimal(number: float) -> str:
    """Write ``number`` without an exponent and without needless zeros, to a millionth."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def go_duration(seconds: float) -> str:
    """Write a duration as Go does, to the millisecond below: ``976ms``, ``1.5s``, ``18m43.156s``,
    ``2h0m1s``.
    """
    milliseconds = int(seconds * 1000 + 1e-6)
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = decimal(rest / 1000) + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
