"""Rate limits and quotas: 429 and what it says about when to come back.

The figures hang together as they do at OpenAI: of a limit per minute, ``used`` is spent and ``requested``
was asked for, so that the time to wait follows from the rate at which the bucket fills, unless
``retry_after`` gives another: message and header agree. Durations in
``x-ratelimit-reset-*`` and in the message are written as Go writes them (``976ms``, ``20s``,
``18m43.156s``), those of ``Retry-After`` in seconds or as a date (RFC 9110 §10.2.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from mockoai.faults.base import Run
from mockoai.faults.error import ErrorFault
from mockoai.faults.registry import fault
from mockoai.plan.duration import Duration
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import Failure, Headers

RetryAfterForm = Literal["seconds", "date", "ms", "both"]


@dataclass(frozen=True, kw_only=True)
class RetryAfterFault(ErrorFault):
    """An error that may say when to come back, in one of the forms seen; without ``retry_after`` it says
    nothing.
    """

    retry_after: Duration | None = None
    form: RetryAfterForm = "seconds"

    def wait(self, run: Run) -> float | None:
        """Return after how many seconds to come back; None when nothing is said."""
        return None if self.retry_after is None else self.retry_after.sample(run.seed.child("retry_after"))

    def retry_headers(self, run: Run) -> Headers:
        """Return the headers that say when to come back."""
        seconds = self.wait(run)
        if seconds is None:
            return ()
        if self.form == "date":
            return (("Retry-After", imf_fixdate(math.ceil(run.context.now + seconds))),)
        in_seconds = ("Retry-After", decimal(seconds))
        in_milliseconds = ("retry-after-ms", decimal(seconds * 1000))
        if self.form == "both":
            return (in_milliseconds, in_seconds)
        return (in_milliseconds,) if self.form == "ms" else (in_seconds,)


@dataclass(frozen=True, kw_only=True)
class RateLimit(RetryAfterFault):
    """A limit per minute of which ``used`` was spent when ``requested`` was asked for."""

    what: ClassVar[str]
    per: ClassVar[str]
    limit: int
    used: int
    requested: int

    def failure(self, run: Run) -> Failure:
        """Return the 429."""
        wait = self.wait(run)
        if wait is None:
            wait = max(0.0, self.used + self.requested - self.limit) * 60 / max(1, self.limit)
        message = (
            f"Rate limit reached for {run.context.request.model or 'default'} in organization "
            f"org-mockoai on {self.per}: Limit {self.limit}, Used {self.used}, "
            f"Requested {self.requested}. Please try again in {go_duration(wait)}. "
            "Visit https://platform.openai.com/account/rate-limits to learn more."
        )
        headers = (
            (f"x-ratelimit-limit-{self.what}", str(self.limit)),
            (f"x-ratelimit-remaining-{self.what}", str(max(0, self.limit - self.used))),
            (f"x-ratelimit-reset-{self.what}", go_duration(self.used * 60 / max(1, self.limit))),
            *self.retry_headers(run),
        )
        return Failure(status=429, message=message, type=self.what, code="rate_limit_exceeded", headers=headers)


@fault("rate-limit-requests", family="error", layer="reply", claims=["answer"])
class RateLimitRequests(RateLimit):
    """Answer 429 because of too many requests a minute.

    On the wire: ``429`` with "Rate limit reached for … on requests per min (RPM): Limit 3, Used 3,
    Requested 1. Please try again in 20s. …", type ``requests``, code ``rate_limit_exceeded``, the
    ``x-ratelimit-*-requests`` headers, and with ``retry_after`` a ``Retry-After`` in seconds, as a date, as
    ``retry-after-ms``, or both (``form``). Who does it: OpenAI. Catalogue: ``rate-limit-requests``,
    ``retry-after-*``.
    """

    what = "requests"
    per = "requests per min (RPM)"
    limit: int = 3
    used: int = 3
    requested: int = 1


@fault("rate-limit-tokens", family="error", layer="reply", claims=["answer"])
class RateLimitTokens(RateLimit):
    """Answer 429 because of too many tokens a minute.

    On the wire: ``429`` with "Rate limit reached for … on tokens per min (TPM): Limit 200000, Used 195663,
    Requested 7592. Please try again in 976ms. …", type ``tokens``, code ``rate_limit_exceeded``, the
    ``x-ratelimit-*-tokens`` headers, and ``Retry-After`` as in ``rate-limit-requests``. Who does it:
    OpenAI. Catalogue: ``rate-limit-tokens``.
    """

    what = "tokens"
    per = "tokens per min (TPM)"
    limit: int = 200000
    used: int = 195663
    requested: int = 7592


@fault("quota-exhausted-429", family="error", layer="reply", claims=["answer"])
class QuotaExhausted(RetryAfterFault):
    """Answer 429 because the account has no credit left, which no retry will mend.

    On the wire: ``429`` with "You exceeded your current quota, please check your plan and billing details.
    …", type and code ``insufficient_quota``. Who does it: OpenAI. Catalogue: ``quota-exhausted-429``.
    """

    def failure(self, run: Run) -> Failure:
        """Return the 429."""
        message = (
            "You exceeded your current quota, please check your plan and billing details. For more "
            "information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
        )
        kind = "insufficient_quota"
        return Failure(status=429, message=message, type=kind, code=kind, headers=self.retry_headers(run))


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
