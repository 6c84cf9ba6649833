"""What the hosted APIs that imitate OpenAI have in common.

They stand behind a network that delivers them. Its headers are capitalised over HTTP/1.1, those of the servers behind
it in lower case. As with OpenAI, some are left out on purpose: ``strict-transport-security`` and ``alt-svc`` would be
untrue here, and cookies, ``CF-RAY``, ``via`` and the like are the network's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from mockoai.allowance import Allowance, Spending, cost_of, spend
from mockoai.backends.compatible import Compatible
from mockoai.endpoints.routes import UNKNOWN
from mockoai.keys import Limits
from mockoai.plan.headers import imf_fixdate, replaced
from mockoai.plan.items import Event, Failure, Headers
from mockoai.seed import HEXADECIMAL, Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Hosted(Compatible):
    """An API in the cloud.

    Attributes of the class beside those of its base:

    - ``lacks``: the endpoints that it does not have.
    - ``line_feed``: whether its bodies end with a line feed, as Go's encoder writes them.
    """

    server = ""
    lower_case = False
    says_keep_alive = True
    exact_models = True
    lacks: ClassVar[frozenset[str]] = frozenset()
    line_feed = False

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Find the routes that this API has."""
        found = super().resolve(path)
        return (UNKNOWN, ()) if found[0] in self.lacks else found

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return date and type, and what :meth:`own_headers` adds."""
        return (
            ("Date", imf_fixdate(context.now)),
            ("Content-Type", self.stream_type if stream else self.json_type),
            *(() if stream else (("Content-Length", ""),)),
            *self.own_headers(context, status=status, stream=stream),
        )

    def own_headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the headers of this API alone."""
        return ()

    def shaped(self, events: Iterable[Event], context: Context) -> Iterator[Event]:
        """Yield ``events`` in this API's shape, bodies with their line feed."""
        for event in super().shaped(events, context):
            yield replace(event, newline="always") if self.line_feed and event.mark == "body" else event

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return headers and body of an error: its type in the place of the usual one, and its line feed."""
        _, event = super().failure(failure, context)
        if self.line_feed and failure.body is None:
            event = replace(event, newline="always")
        headers = self.headers(context, status=failure.status, stream=False)
        if failure.content_type is not None:
            headers = tuple(
                (name, failure.content_type if name == "Content-Type" else value)
                for name, value in headers
                if name != "Content-Type" or failure.content_type
            )
        return replaced(headers, failure.headers), event


def asked_usage(context: Context) -> bool:
    """Whether the request itself asks for usage (API: ``stream_options.include_usage``)."""
    options = context.request.fields.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def allowance(context: Context, own: Limits) -> Allowance:
    """Return what is left of the key's rates; where it has none, of ``own``, as if the request were its first."""
    if context.allowance is not None:
        return context.allowance
    return spend(Spending(), own, min(cost_of(context.request), own.tpm or 0), 0.0)[1]


def rates(context: Context, own: Limits, reset: Callable[[float], str] | None = None) -> Headers:
    """Return ``x-ratelimit-…`` of requests and tokens, as OpenAI calls them; ``reset`` writes their seconds."""
    left = allowance(context, own)
    of = {
        "requests": (left.requests, left.remaining_requests, left.reset_requests),
        "tokens": (left.tokens, left.remaining_tokens, left.reset_tokens),
    }
    kinds = [kind for kind, (limit, _, _) in of.items() if limit is not None]
    return (
        *((f"x-ratelimit-limit-{kind}", str(of[kind][0])) for kind in kinds),
        *((f"x-ratelimit-remaining-{kind}", str(of[kind][1])) for kind in kinds),
        *((f"x-ratelimit-reset-{kind}", reset(of[kind][2])) for kind in kinds if reset is not None),
    )


def uuid(seed: Seed) -> str:
    """Return a random UUID (RFC 9562 §5.4) made from ``seed``."""
    digits = seed.text(32, HEXADECIMAL)
    variant = seed.child("variant").text(1, "89ab")
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
