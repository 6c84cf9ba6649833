"""Detectors of the category ``rate-limits``: what is said about when to come back, and whether that is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from mockoai.check.detect.look import body, field, head, short, told
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import read_failure

_TOKENS = re.compile(r"tokens? per|\bTPM\b|\bTPD\b", re.I)
_REQUESTS = re.compile(r"requests? per|\bRPM\b|\bRPD\b|rate limit reached for requests", re.I)
_OVERLOADED = re.compile(r"overloaded", re.I)
_CONCURRENT = re.compile(r"concurren", re.I)
_BUSY = re.compile(r"\bbusy\b|maximum pending|queue is full", re.I)
_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
_GO_DURATION = re.compile(r"(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?$")
_LIMITS = tuple(f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens"))


@detects(
    "rate-limit-tokens",
    "rate-limit-requests",
    "quota-exhausted-429",
    "overloaded-429",
    "concurrency-429",
    "server-busy-503",
)
def limited(case: Case) -> Iterator[Seen]:
    """429 and 503, by what they say."""
    for one in case.errors:
        if one.status in (429, 503) and (id := _limit(one)):
            message = read_failure(one).message
            yield Seen(id, one, f"{one.status}: {short(message)}", body(one), told(one))


def _limit(one: Exchange) -> str:
    failure = read_failure(one)
    message = failure.message
    if one.status == 503:
        return "server-busy-503" if _BUSY.search(message) else ""
    if "insufficient_quota" in (failure.code, failure.type):
        return "quota-exhausted-429"
    if failure.type == "tokens" or _TOKENS.search(message):
        return "rate-limit-tokens"
    if failure.type == "requests" or _REQUESTS.search(message):
        return "rate-limit-requests"
    if _CONCURRENT.search(message):
        return "concurrency-429"
    return "overloaded-429" if _OVERLOADED.search(f"{message} {failure.body.get('error_type')}") else ""


@detects("rate-limit-no-headers")
def no_headers(case: Case) -> Iterator[Seen]:
    """429 without a word on when to come back."""
    for one in case.errors:
        names = [name.lower() for name, _ in one.message.headers]
        silent = not any(name.startswith(("retry-after", "x-ratelimit-", "ratelimit")) for name in names)
        if one.status == 429 and silent:
            yield Seen("rate-limit-no-headers", one, "429 without Retry-After and x-ratelimit-*", head(one), told(one))


@detects(
    "retry-after-seconds",
    "retry-after-float",
    "retry-after-http-date",
    "retry-after-ms",
    "retry-after-zero",
    "retry-after-negative-or-garbage",
    "retry-after-61s",
    "retry-after-121s",
    "retry-after-on-200",
)
def retry_after(case: Case) -> Iterator[Seen]:
    """When to come back, by the form in which it is said."""
    for one in case.answers:
        value, milliseconds = one.message.header("retry-after"), one.message.header("retry-after-ms")
        line = field(one, "retry-after")
        if one.status < 300 and value is not None:
            yield Seen("retry-after-on-200", one, f"{one.status} with `Retry-After: {value}`", line)
            continue
        if milliseconds is not None:
            yield Seen("retry-after-ms", one, f"`retry-after-ms: {milliseconds}`", line)
        elif value is not None and (one.status in (408, 409, 429) or one.status >= 500):
            yield Seen(_form(value.strip()), one, f"{one.status} with `Retry-After: {value}`", line)


def _form(value: str) -> str:
    if _DATE.match(value):
        return "retry-after-http-date"
    if re.fullmatch(r"\d+\.\d+", value):
        return "retry-after-float"
    if not value.isdigit():
        return "retry-after-negative-or-garbage"
    seconds = int(value)
    if seconds > 120:
        return "retry-after-121s"
    if seconds > 60:
        return "retry-after-61s"
    return "retry-after-seconds" if seconds else "retry-after-zero"


@detects("retry-after-not-cors-exposed")
def not_exposed(case: Case) -> Iterator[Seen]:
    """A browser may read the answer and not this header of it."""
    for one in case.errors:
        message = one.message
        exposed = ",".join(message.values("access-control-expose-headers")).lower()
        allowed = message.header("access-control-allow-origin") is not None
        if message.header("retry-after") is not None and allowed and not {"retry-after", "*"} & set(_split(exposed)):
            text = "Retry-After is not in `access-control-expose-headers`"
            yield Seen("retry-after-not-cors-exposed", one, text, field(one, "access-control", "retry-after"))


def _split(value: str) -> list[str]:
    return [one.strip() for one in value.split(",")]


@detects("x-should-retry-false", "x-should-retry-true")
def should_retry(case: Case) -> Iterator[Seen]:
    """OpenAI's own header that overrules the status."""
    for one in case.errors:
        value = (one.message.header("x-should-retry") or "").lower()
        if value in ("true", "false"):
            text = f"{one.status} with `x-should-retry: {value}`"
            yield Seen(f"x-should-retry-{value}", one, text, field(one, "x-should-retry"), told(one))


@detects("ratelimit-headers-openai", "ratelimit-headers-invalid")
def limits(case: Case) -> Iterator[Seen]:
    """What is left of the limits."""
    for one in case.answers:
        found = {name: value for name in _LIMITS if (value := one.message.header(name)) is not None}
        if not found:
            continue
        line = field(one, "x-ratelimit-")
        wrong = {name: value for name, value in found.items() if not _sound(name, value)}
        if wrong:
            text = ", ".join(f"`{name}: {value}`" for name, value in wrong.items())
            yield Seen("ratelimit-headers-invalid", one, text, line)
        elif one.status == 200 and any("-reset-" in name and not value.isdigit() for name, value in found.items()):
            yield Seen("ratelimit-headers-openai", one, "durations are written as in `18m43.156s`", line)


def _sound(name: str, value: str) -> bool:
    if value.isdigit():
        return True
    return "-reset-" in name and bool(value) and _GO_DURATION.match(value) is not None


@detects("fail-n-then-succeed", "retry-amplification")
def again(case: Case) -> Iterator[Seen]:
    """What became of asking again."""
    for _, group in groupby(case.answers, key=lambda one: one.ask.name):
        tries = [one for one in group if one.ordinary]
        failed = [one for one in tries if one.status in (408, 409, 429) or one.status >= 500]
        if len(tries) < 2 or not failed:
            continue
        statuses = ", ".join(str(one.status) for one in tries)
        if tries[-1].status < 400:
            yield Seen("fail-n-then-succeed", tries[0], f"asked {len(tries)} times: {statuses}", body(tries[0]))
        elif len(failed) == len(tries):
            yield Seen("retry-amplification", tries[-1], f"asked {len(tries)} times: {statuses}", body(tries[-1]))
