"""Detectors of the category ``headers``: status line and header fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockoai.check.asks import REQUEST_ID
from mockoai.check.detect.look import field, head, status_line, told
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.detect.timing import held_back
from mockoai.check.reading.failure import read_failure

HEAD_LIMIT = 16 * 1024
"""Bytes of a head that every common client takes: undici's limit, which is Node's."""


@detects("missing-request-id", "openai-headers-absent")
def absent(case: Case) -> Iterator[Seen]:
    """Headers of OpenAI's own that no answer has."""
    good = [one for one in case.generated if one.ordinary and one.good]
    if not good:
        return
    names = {name.lower() for one in good for name, _ in one.message.headers}
    if not names & {"x-request-id", "request-id", "apim-request-id"}:
        yield Seen("missing-request-id", good[0], "no answer has `x-request-id`", head(good[0]))
    if not any(name.startswith(("openai-", "x-ratelimit-")) for name in names):
        yield Seen("openai-headers-absent", good[0], "no answer has `openai-*` or `x-ratelimit-*`", head(good[0]))


@detects("request-id-echo")
def echo(case: Case) -> Iterator[Seen]:
    """Our own request id comes back."""
    for one in case.answers:
        if REQUEST_ID in one.message.values("x-request-id"):
            yield Seen("request-id-echo", one, "the answer has the id that was sent", field(one, "x-request-id"))


@detects("connection-close-on-stream")
def close(case: Case) -> Iterator[Seen]:
    """Streams end their connection, and bodies do not."""
    bodies = [one for one in case.bodies if one.message.version == "HTTP/1.1"]
    for one in case.streams:
        said = "close" in (one.message.header("connection") or "").lower()
        if said and one.message.version == "HTTP/1.1" and (not bodies or any(not b.message.closes for b in bodies)):
            yield Seen("connection-close-on-stream", one, "`Connection: close`", field(one, "connection"))


@detects("missing-x-accel-buffering")
def buffering(case: Case) -> Iterator[Seen]:
    """A head that lets proxies hold the stream back; worse, where one did."""
    for one in case.streams:
        if (one.message.header("x-accel-buffering") or "").lower() == "no":
            continue
        line = field(one, "cache-control")
        text = "the head has no `X-Accel-Buffering: no`"
        if not line:
            text += " and no `Cache-Control`"
        if held_back(one, case):
            if one.message.head_at == one.content.at(0):
                text += f", and {len(one.events.events)} events came with it, all at once"
                yield Seen("missing-x-accel-buffering", one, text, line, "warning")
        elif one.ordinary:
            yield Seen("missing-x-accel-buffering", one, text, line)


@detects("header-overflow-64k")
def overflow(case: Case) -> Iterator[Seen]:
    """A head that is too large."""
    for one in case.answers:
        size = len(one.message.head)
        if size > HEAD_LIMIT:
            longest = max(one.message.headers, key=lambda pair: len(pair[1]))
            text = f"a head of {size:,} bytes; `{longest[0]}` has {len(longest[1]):,}"
            yield Seen("header-overflow-64k", one, text, f"{longest[0]}: {longest[1][:80]}…".encode())


@detects("duplicate-content-length", "content-length-and-chunked")
def lengths(case: Case) -> Iterator[Seen]:
    """Two ways of saying where the body ends."""
    for one in case.answers:
        values = set(one.message.values("content-length"))
        line = field(one, "content-length", "transfer-encoding")
        if len(values) > 1:
            yield Seen("duplicate-content-length", one, f"Content-Length is {' and '.join(sorted(values))}", line)
        if values and one.message.values("transfer-encoding"):
            yield Seen("content-length-and-chunked", one, "Content-Length and Transfer-Encoding", line)


@detects("lf-only-header-lines", "no-reason-phrase", "empty-reason-over-h2", "unsolicited-100-continue", "trailers")
def lines(case: Case) -> Iterator[Seen]:
    """How the head is written, and what stands around it."""
    for one in case.answers:
        message = one.message
        if b"\n" in message.newlines:
            yield Seen("lf-only-header-lines", one, "lines of the head end in LF", head(one)[:120])
        if message.reason is None:
            yield Seen("no-reason-phrase", one, "the status line ends behind the code", status_line(one))
        if one.status >= 400 and not message.reason and not read_failure(one).message:
            text = f"{one.status} without a phrase, and the body has no message where clients look"
            yield Seen("empty-reason-over-h2", one, text, status_line(one) + one.content.data[:200], told(one))
        if 100 in message.interim:
            yield Seen(
                "unsolicited-100-continue", one, "`100 Continue`, and nobody asked for it", one.recording.data[:120]
            )
        if message.trailers:
            name, value = message.trailers[0]
            yield Seen("trailers", one, "a field behind the last chunk", f"{name}: {value}".encode())


@detects("content-type-with-params")
def content_type(case: Case) -> Iterator[Seen]:
    """A content type that is spelled otherwise than clients that compare it expect."""
    for one in case.answers:
        value = one.message.header("content-type") or ""
        if one.status == 200 and re.search(r";\S", value):
            yield Seen("content-type-with-params", one, f"`{value}`", field(one, "content-type"))
