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

from mockoai.endpoints import refusals
from mockoai.faults.base import Run
from mockoai.faults.error import ErrorFault
from mockoai.faults.registry import fault
from mockoai.plan.duration import Duration
from mockoai.plan.headers import decimal, go_duration, imf_fixdate
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
    limit: int
    used: int
    requested: int

    def failure(self, run: Run) -> Failure:
        """Return the 429."""
        wait = self.wait(run)
        if wait is None:
            wait = max(0.0, self.used + self.requested - self.limit) * 60 / max(1, self.limit)
        headers = (
            (f"x-ratelimit-limit-{self.what}", str(self.limit)),
            (f"x-ratelimit-remaining-{self.what}", str(max(0, self.limit - self.used))),
            (f"x-ratelimit-reset-{self.what}", go_duration(self.used * 60 / max(1, self.limit))),
            *self.retry_headers(run),
        )
        model = run.context.request.model
        return refusals.rate_limit(self.what, model, self.limit, self.used, self.requested, wait, headers)


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
        return refusals.no_quota(self.retry_headers(run))
