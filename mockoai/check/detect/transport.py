"""Detectors of the category ``transport``: how connections end, and whether HTTP messages do."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.look import field, head, says_done, status_line
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange


@detects("connect-refused")
def refused(case: Case) -> Iterator[Seen]:
    """Nobody listens."""
    for one in case.exchanges:
        if one.recording.trouble == "refused":
            yield Seen("connect-refused", one, one.recording.detail)


@detects("rst-before-headers", "fin-before-headers", "keepalive-idle-close-race", "max-concurrent-accept-backlog")
def nothing(case: Case) -> Iterator[Seen]:
    """No byte of an answer."""
    for one in case.exchanges:
        recording = one.recording
        if recording.segments or recording.trouble:
            continue
        if recording.gave_up:
            text = f"the request was taken, and nothing came in {recording.ended:.0f} s"
            yield Seen("max-concurrent-accept-backlog", one, text)
        elif recording.reused:
            how = "reset" if recording.ending == "rst" else "closed"
            text = f"a second request on a connection that the server had left open: {how} without an answer"
            yield Seen("keepalive-idle-close-race", one, text)
        elif recording.ending == "rst":
            yield Seen("rst-before-headers", one, f"reset {recording.ended:.3f} s after the request, without a byte")
        elif one.ask.name != "no prompt":
            yield Seen("fin-before-headers", one, f"closed {recording.ended:.3f} s after the request, without a byte")


@detects("fin-mid-headers")
def cut_head(case: Case) -> Iterator[Seen]:
    """A head that is not complete."""
    for one in case.exchanges:
        if not one.status and one.message.head and not one.message.flaw and one.recording.ending != "open":
            text = f"the connection ended behind {len(one.message.head)} bytes of the head"
            yield Seen("fin-mid-headers", one, text, head(one))


@detects("bad-chunk-size")
def chunk_size(case: Case) -> Iterator[Seen]:
    """Chunk framing that is none."""
    for one in case.answers:
        flaw = one.message.flaw
        if flaw in ("chunk-size", "chunk-end"):
            what = "a chunk size is due" if flaw == "chunk-size" else "a chunk has to end"
            yield Seen(
                "bad-chunk-size", one, f"behind {len(one.message.body)} bytes of body, where {what}", one.message.cut
            )


@detects(
    "fin-mid-chunked",
    "rst-mid-stream",
    "content-length-too-long",
    "close-delimited-truncated",
    "error-after-headers-nonstream",
)
def cut_body(case: Case) -> Iterator[Seen]:
    """A body that ends before it is over."""
    for one in case.answers:
        message, ending = one.message, one.recording.ending
        if message.flaw or one.recording.gave_up == "size":
            continue
        size = len(message.body)
        if message.framing == "close":
            if ending != "open" and one.status == 200 and _unfinished(one):
                how = "reset" if ending == "rst" else "closed"
                id = "rst-mid-stream" if ending == "rst" else "close-delimited-truncated"
                text = f"no length is announced, and the connection was {how} behind {size} bytes, in the middle"
                yield Seen(id, one, text, one.content.data[-120:])
            continue
        if message.whole or says_done(one):
            if message.framing == "length" and not message.whole and ending != "rst":
                yield _too_long(one)
            continue
        if message.framing == "length" and ending == "fin" and one.json.value:
            yield _too_long(one)
        elif ending != "open" and size == 0 and not one.ask.stream:
            text = f"{one.status}, and the connection ended before the first byte of the body"
            yield Seen("error-after-headers-nonstream", one, text, head(one))
        elif ending == "rst":
            yield Seen("rst-mid-stream", one, f"reset behind {size} bytes of the body", one.content.data[-120:])
        elif ending == "fin":
            due = "the last chunk" if message.framing == "chunked" else f"{(message.length or 0) - size} bytes"
            text = f"closed behind {size} bytes of the body, without {due}"
            yield Seen("fin-mid-chunked", one, text, one.content.data[-120:])


def _too_long(one: Exchange) -> Seen:
    text = f"Content-Length is {one.message.length}, and the whole body has {len(one.message.body)} bytes"
    return Seen("content-length-too-long", one, text, field(one, "content-length"))


def _unfinished(one: Exchange) -> bool:
    """Whether a body without a length looks as if more of it was due."""
    if one.form in ("events", "lines"):
        return not says_done(one) and not one.answer.finished and not one.answer.failures
    return one.json.cut or not one.message.body


@detects("content-length-too-short")
def too_short(case: Case) -> Iterator[Seen]:
    """Bytes behind the end."""
    for one in case.answers:
        if one.message.framing == "length" and one.message.rest:
            text = f"Content-Length is {one.message.length}, and at least {len(one.message.rest)} bytes follow"
            yield Seen("content-length-too-short", one, text, one.message.rest)


@detects("close-delimited-ok", "http10-response")
def old_ways(case: Case) -> Iterator[Seen]:
    """HTTP as it was before 1.1."""
    for one in case.answers:
        if one.message.version == "HTTP/1.0":
            yield Seen("http10-response", one, "the answer is HTTP/1.0", status_line(one))
        elif one.message.framing == "close" and one.recording.ending == "fin" and not _unfinished(one):
            text = "neither a length nor chunks: the end of the connection ends the body"
            yield Seen("close-delimited-ok", one, text, head(one))


@detects("rst-after-done", "fin-after-done-no-terminator", "hold-open-after-done")
def after_done(case: Case) -> Iterator[Seen]:
    """What becomes of the connection behind the end of the answer."""
    for one in case.answers:
        message, recording = one.message, one.recording
        done = one.streamed and says_done(one)
        tail = message.body[-60:]
        if recording.ending == "rst" and (done or message.whole):
            text = "reset behind [DONE]" if done else "reset behind the whole answer"
            yield Seen("rst-after-done", one, text, tail, None if done else "warning")
        elif not done or message.whole or message.framing != "chunked" or message.flaw:
            continue
        elif recording.ending == "fin":
            yield Seen("fin-after-done-no-terminator", one, "closed behind [DONE], without the last chunk", tail)
        elif recording.gave_up:
            waited = recording.ended - recording.segments[-1].at
            text = f"nothing behind [DONE] for {waited:.0f} s: neither the last chunk nor an end"
            yield Seen("hold-open-after-done", one, text, tail)


@detects("early-upstream-close")
def upstream_closed(case: Case) -> Iterator[Seen]:
    """Streams that are empty where bodies are errors."""
    failed = [
        one for one in case.answers if one.ordinary and one.generates and not one.ask.stream and one.status >= 500
    ]
    for one in case.answers:
        if failed and one.ordinary and one.ask.stream and one.status == 200 and one.form == "empty":
            text = f"a stream gets 200 and nothing, while without streaming it is {failed[0].status}"
            yield Seen("early-upstream-close", one, text, failed[0].content.data)
            return
