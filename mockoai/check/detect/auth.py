"""Detectors of the category ``auth``: what is said to keys, and in which of the many shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockoai.check.detect.look import body, told
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import Failure, read_failure

_NO_KEY = re.compile(
    r"n.t provide an? api.?key|missing (?:bearer|api.?key)|no api.?key|api.?key (?:is )?required", re.I
)
_REGION = re.compile(r"country|territor|region", re.I)


@detects(
    "auth-missing-key",
    "auth-invalid-key",
    "auth-401-bare-string",
    "auth-401-empty-body",
    "auth-401-fastapi-detail",
    "auth-401-nested-in-detail",
    "auth-401-int-code",
    "auth-401-string-code",
    "auth-401-azure",
    "auth-401-flat-message",
)
def unauthorized(case: Case) -> Iterator[Seen]:
    """401, by its shape."""
    for one in case.errors:
        if one.status == 401 and (id := _shape_of_401(one, read_failure(one))):
            text = "401" if one.ask.credential != "own" else _asked_with(one)
            yield Seen(id, one, text, body(one), told(one))


def _asked_with(one: Exchange) -> str:
    return f"401 to `{one.ask.method}`, asked as it should be"


def _shape_of_401(one: Exchange, failure: Failure) -> str:
    shapes = {
        "empty": "auth-401-empty-body",
        "string": "auth-401-bare-string",
        "detail": "auth-401-fastapi-detail",
        "detail-nested": "auth-401-nested-in-detail",
        "message": "auth-401-flat-message",
    }
    if failure.shape != "nested":
        return shapes.get(failure.shape, "")
    code = failure.code
    if isinstance(code, int):
        return "auth-401-int-code"
    if isinstance(code, str) and code.isdigit():
        return "auth-401-string-code" if "type" in failure.error else "auth-401-azure"
    if code == "invalid_api_key":
        return "auth-invalid-key"
    # Whatever its words, an answer to no key at all is about that.
    return "auth-missing-key" if _NO_KEY.search(failure.message) or one.ask.credential == "none" else "auth-invalid-key"


@detects("auth-402-out-of-credits", "auth-403-region")
def refused(case: Case) -> Iterator[Seen]:
    """402, and 403 because of the place."""
    for one in case.errors:
        failure = read_failure(one)
        if one.status == 402:
            yield Seen("auth-402-out-of-credits", one, failure.message or "402", body(one))
        elif one.status == 403 and failure.shape != "html" and _REGION.search(f"{failure.code} {failure.message}"):
            yield Seen("auth-403-region", one, failure.message, body(one))


@detects("auth-any-key-accepted")
def any_key(case: Case) -> Iterator[Seen]:
    """A key that is wrong is as good as any."""
    for one in case.provoked("wrong-key"):
        if one.good and one.ask.credential == "wrong":
            yield Seen("auth-any-key-accepted", one, f"a made-up key gets {one.status}")


@detects("auth-bad-scheme")
def scheme(case: Case) -> Iterator[Seen]:
    """A key without ``Bearer`` is not taken."""
    taken = any(one.good for one in case.generated if one.ask.credential == "own")
    for one in case.provoked("wrong-key"):
        if taken and one.status in (401, 403) and one.ask.credential == "bare":
            yield Seen("auth-bad-scheme", one, f"a key without `Bearer` gets {one.status}", body(one))
