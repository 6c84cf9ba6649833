"""OpenAI, as it answers on api.openai.com.

Headers are written as recordings of its HTTP/1.1 answers show them: those that the edge adds capitalised,
those of the servers behind it in lower case. Left out on purpose, because they would be untrue here or do
harm:

- ``strict-transport-security``: must not be sent over plain HTTP (RFC 6797 §7.2), and would lock browsers
  out.
- ``alt-svc: h3=":443"``: would send clients to a port where nobody answers.
- ``Server: cloudflare``, ``CF-RAY``, ``CF-Cache-Status``, ``Set-Cookie: __cf_bm``, ``_cfuvid``: those of the
  network in between; cookies would make clients keep state that the real API does not need.
- ``x-envoy-upstream-service-time``, ``via``, ``x-openai-proxy-wasm``: come and go between recordings.

Streams carry neither ``Cache-Control`` nor ``X-Accel-Buffering``: the first was there until 2024 (``no-cache,
must-revalidate``) and is gone in 2026, the second was never seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockoai.allowance import BYTES_PER_TOKEN, Allowance, Spending, spend
from mockoai.backends.base import Backend, Words
from mockoai.endpoints.refusals import MISSING_MODEL, UNPARSABLE_BODY
from mockoai.keys import Limits
from mockoai.plan.headers import go_duration, imf_fixdate, replaced
from mockoai.plan.items import Event, Failure, Headers, Model
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context

GATEWAY_STATUSES = frozenset({401, 403, 404, 405, 413, 415, 429})
"""Statuses of errors that the gateway gives; others come from an engine."""

GATEWAY_MESSAGES = frozenset({MISSING_MODEL, UNPARSABLE_BODY})
"""Messages of the 400s that the gateway gives."""

OWN_LIMITS = Limits(rpm=10_000, tpm=2_000_000)
"""What the headers ``x-ratelimit-limit-*`` say where the server has no limits of its own."""

_WORDS: dict[int, Words] = {
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    403: (
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    ),
    429: ("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request. Sorry about that!", "server_error", None),
    503: ("The engine is currently overloaded, please try again later", "server_error", None),
}
"""Message, type and code by status."""

_EXPOSED = (("access-control-expose-headers", "X-Request-ID"),)
_ORGANIZATION = (("openai-organization", "mockoai"),)
_VERSION = (("openai-project", "proj_mockoai"), ("openai-version", "2020-10-01"))
_NO_SNIFFING = (("X-Content-Type-Options", "nosniff"),)

_OLDER = frozenset({"completions", "embeddings"})
_LISTS = frozenset({"models", "model"})

_MODELS = tuple(
    Model(id=id, created=created, owned_by=owner)
    for id, created, owner in (
        ("gpt-5", 1754425777, "system"),
        ("gpt-5-mini", 1754425928, "system"),
        ("gpt-4.1", 1744316542, "system"),
        ("gpt-4.1-2025-04-14", 1744315746, "system"),
        ("gpt-4.1-mini", 1744318173, "system"),
        ("gpt-4o", 1715367049, "system"),
        ("gpt-4o-2024-08-06", 1722814719, "system"),
        ("gpt-4o-mini", 1721172741, "system"),
        ("gpt-4o-mini-2024-07-18", 1721172717, "system"),
        ("o3", 1744225308, "system"),
        ("o3-mini", 1737146383, "system"),
        ("o4-mini", 1744225351, "system"),
        ("gpt-3.5-turbo", 1677610602, "openai"),
        ("gpt-3.5-turbo-instruct", 1692901427, "system"),
        ("text-embedding-3-small", 1705948997, "system"),
        ("text-embedding-3-large", 1705953180, "system"),
        ("text-embedding-ada-002", 1671217299, "openai-internal"),
    )
)

_SNAPSHOTS = {
    "gpt-5.5": "gpt-5.5-2026-04-23",
    "gpt-5.4-mini": "gpt-5.4-mini-2026-03-17",
    "gpt-5.4-nano": "gpt-5.4-nano-2026-03-17",
    "gpt-5.2": "gpt-5.2-2025-12-11",
    "gpt-5.1": "gpt-5.1-2025-11-13",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4-turbo": "gpt-4-turbo-2024-04-09",
    "gpt-4-turbo-preview": "gpt-4-0125-preview",
    "gpt-4": "gpt-4-0613",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-3.5-turbo-instruct": "gpt-3.5-turbo-instruct:20230824-v2",
    "o4-mini": "o4-mini-2025-04-16",
    "o3": "o3-2025-04-16",
    "o3-mini": "o3-mini-2025-01-31",
    "o1": "o1-2024-12-17",
}


class OpenAI(Backend):
    """The reference: what everybody else imitates."""

    name = "openai"
    title = "OpenAI"
    obfuscation = True

    def models(self) -> tuple[Model, ...]:
        """Some of the models OpenAI lists, with the dates it gives for them."""
        return _MODELS

    def snapshot(self, model: str) -> str:
        """Return the dated model that answers for an alias: ``gpt-4o-2024-08-06`` for ``gpt-4o``."""
        return _SNAPSHOTS.get(model, model)

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the headers of an engine's answer, good or bad: all but those that delimit the body."""
        endpoint = context.request.endpoint
        processing = str(context.content.child("processing").integer(90, 900))
        return (
            ("Content-Type", self.stream_type if stream else self.json_type),
            ("Date", imf_fixdate(context.now)),
            *((("access-control-allow-origin", "*"),) if endpoint in _OLDER else ()),
            *(_EXPOSED if endpoint not in _LISTS else ()),
            *((("openai-model", context.model),) if endpoint in _OLDER and status == 200 else ()),
            *_ORGANIZATION,
            ("openai-processing-ms", processing),
            *_VERSION,
            *(_rate_limit(context) if endpoint not in _LISTS else ()),
            ("x-request-id", context.request_id),
            *_NO_SNIFFING,
        )

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return the headers and the body of an error, in the gateway's manner or an engine's.

        The gateway writes JSON with four spaces a level and says ``charset=utf-8`` and ``vary: Origin``, but
        neither how long it took nor, except in a 429 about a rate, what is left of the limits. Engines write
        two spaces a level, and that of chat completions leaves out the line feed behind a 400.
        """
        gateway = failure.status in GATEWAY_STATUSES or failure.message in GATEWAY_MESSAGES
        if gateway:
            headers = self._gateway_headers(failure, context)
        else:
            headers = self.headers(context, status=failure.status, stream=False)
        if failure.content_type is not None:
            headers = (("Content-Type", failure.content_type), *headers[1:])
        event = Event(
            at=failure.at,
            tokens=failure.tokens,
            mark="error",
            faults=failure.faults,
            payload=self.payload(failure) if failure.body is None else failure.body,
            indent=0 if failure.body is not None else 4 if gateway else 2,
            newline=gateway or failure.status != 400 or context.request.endpoint != "chat",
        )
        return replaced(headers, failure.headers), event

    def words(self, status: int) -> Words:
        """Return what OpenAI says with ``status``; elsewhere the status's own phrase."""
        usual = "server_error" if status >= 500 else "invalid_request_error"
        return _WORDS.get(status, (REASONS.get(status, f"Error {status}"), usual, None))

    def payload(self, failure: Failure) -> Any:
        """Return ``{"error": {"message", "type", "param", "code"}}``, with what ``failure.extra`` adds."""
        return {
            "error": {
                "message": failure.message,
                "type": failure.type,
                "param": failure.param,
                "code": failure.code,
                **dict(failure.extra),
            }
        }

    def _gateway_headers(self, failure: Failure, context: Context) -> Headers:
        limited = failure.status == 429 and failure.code != "insufficient_quota"
        return (
            ("Content-Type", f"{self.json_type}; charset=utf-8"),
            ("Date", imf_fixdate(context.now)),
            *(_ORGANIZATION if failure.status != 401 else ()),
            ("vary", "Origin"),
            *(_rate_limit(context) if limited else ()),
            ("x-request-id", context.request_id),
            *_NO_SNIFFING,
        )


def _first_of_a_minute(tokens: int) -> Allowance:
    return spend(Spending(), OWN_LIMITS, min(tokens, OWN_LIMITS.tpm or 0), 0.0)[1]


def _rate_limit(context: Context) -> Headers:
    """Return what is left of the limits after this request.

    Those of the key where it has some, else as if the request were the first in a minute of OpenAI's own. The times
    until the limits are whole again are written as Go writes durations: ``6ms``, ``0s``.
    """
    left = context.allowance or _first_of_a_minute(len(context.request.body) // BYTES_PER_TOKEN)
    kinds = [kind for kind, limit in (("requests", left.requests), ("tokens", left.tokens)) if limit is not None]
    limits = {"requests": left.requests, "tokens": left.tokens}
    remaining = {"requests": left.remaining_requests, "tokens": left.remaining_tokens}
    resets = {"requests": left.reset_requests, "tokens": left.reset_tokens}
    return (
        *((f"x-ratelimit-limit-{kind}", str(limits[kind])) for kind in kinds),
        *((f"x-ratelimit-remaining-{kind}", str(remaining[kind])) for kind in kinds),
        *((f"x-ratelimit-reset-{kind}", go_duration(resets[kind])) for kind in kinds),
    )


BACKEND = OpenAI()
