"""Rules on whether a retry is the same request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from mockoai.verdict.about import KEY, fingerprint
from mockoai.verdict.content import UNREADABLE, load
from mockoai.verdict.model import Attempt, Call, Finding, Severity
from mockoai.verdict.rules import finding, rule, shown


@rule("retry-body-changed")
def retry_body_changed(call: Call) -> Iterable[Finding]:
    """A retry asked something else than the attempt before it.

    The bodies differ in what they say; the order of keys and white space do not count. A server
    that remembers an Idempotency-Key answers the first body, or refuses the second.

    FAILED when both carry the same Idempotency-Key. NON-STRICT within one reported call: the request
    was written anew, with another time in it, say. Where only the client's counter joins the two
    they may be two calls: INCONCLUSIVE.

    Build the request once, and send the same bytes again.
    """
    for before, after in pairwise(call.attempts):
        if fingerprint(before.exchange) == fingerprint(after.exchange) or _may_say_the_same(before, after):
            continue
        severity = _SEVERITIES.get(after.link, "doubt")
        yield finding(
            "retry-body-changed",
            severity,
            call,
            "A retry has another body than the attempt before it.",
            "Build the request once, and send the same bytes again.",
            shown(before, f"{before.exchange.body_size} bytes", data=before.exchange.request.body),
            shown(after, f"{after.exchange.body_size} bytes", data=after.exchange.request.body),
        )


_SEVERITIES: dict[str, Severity] = {"key": "failure", "outcome": "warning"}
"""What a changed body is, by what says that it is one call."""


def _may_say_the_same(before: Attempt, after: Attempt) -> bool:
    if any(one.exchange.body_size > len(one.exchange.request.body) for one in (before, after)):
        return True  # the journal did not keep them whole
    first, _ = load(before.exchange.request.body)
    second, _ = load(after.exchange.request.body)
    return first is not UNREADABLE and bool(first == second)


@rule("idempotency-key-changed")
def idempotency_key_changed(call: Call) -> Iterable[Finding]:
    """A retry has another Idempotency-Key than the attempt before it.

    The key is there so that a server which did the work, and whose answer was lost, does not do it
    again. A new key for every attempt is no key. Clients that never send one are not counted:
    OpenAI's API does not ask for it.

    FAILED when the client counts its retries; NON-STRICT within one reported call.

    Make the key once for a call, before the first attempt.
    """
    for before, after in _keyed(call):
        if after.exchange.request.header(KEY) is not None:
            yield _finding("idempotency-key-changed", call, before, after, "another Idempotency-Key")


@rule("idempotency-key-missing")
def idempotency_key_missing(call: Call) -> Iterable[Finding]:
    """A retry lacks the Idempotency-Key that the attempt before it had.

    So the server cannot tell that it is the same call. Clients that never send one are not counted:
    OpenAI's API does not ask for it.

    FAILED when the client counts its retries; NON-STRICT within one reported call.

    Send the same headers with every attempt.
    """
    for before, after in _keyed(call):
        if after.exchange.request.header(KEY) is None:
            yield _finding("idempotency-key-missing", call, before, after, "no Idempotency-Key")


def _keyed(call: Call) -> Iterator[tuple[Attempt, Attempt]]:
    """Yield the retries, known to be such, whose key is not that of the attempt before."""
    for before, after in pairwise(call.attempts):
        key = before.exchange.request.header(KEY)
        if key is not None and after.link in ("count", "outcome") and after.exchange.request.header(KEY) != key:
            yield before, after


def _finding(code: str, call: Call, before: Attempt, after: Attempt, what: str) -> Finding:
    return finding(
        code,
        "failure" if after.link == "count" else "warning",
        call,
        f"A retry has {what}.",
        "Make the key once for a call, and send it with every attempt.",
        shown(before, "has an Idempotency-Key"),
        shown(after, f"has {what}", seconds=after.gap),
    )
