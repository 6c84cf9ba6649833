"""Detectors of the category ``mid-stream-errors``: how a stream that had begun says that it failed, or does not."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.look import body, breaks_off, short, unfinished
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.answer import Chunk
from mockoai.check.reading.events import Block
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import read_failure


@detects(
    "err-data-then-done",
    "err-data-no-done",
    "err-event-named",
    "err-event-flat",
    "err-first-event",
    "err-bare-string",
    "err-tgi",
    "err-flat-object",
    "err-fastchat",
    "err-fastapi-detail",
    "err-int-code-metadata",
    "err-in-chunk-with-choices",
    "err-inside-choice",
    "err-message-not-string",
    "err-raw-json-no-prefix",
)
def told(case: Case) -> Iterator[Seen]:
    """An error as an event, by its shape."""
    for one in case.streams:
        done = one.answer.done
        for chunk in one.answer.failures:
            if not chunk.block or (done and chunk.place > done[0]):
                continue
            text = f"event {chunk.place + 1} of {one.answer.blocks} is an error"
            yield Seen(_shape(one, chunk, chunk.block), one, text, chunk.block.raw)
            if not any(other.place < chunk.place for other in one.answer.good):
                yield Seen("err-first-event", one, "200, and the first event is an error", chunk.block.raw)


def _shape(one: Exchange, chunk: Chunk, block: Block) -> str:
    if block.data is None:
        return "err-raw-json-no-prefix"
    fields = chunk.fields
    error = fields.get("error")
    if error in (None, "", {}):
        if chunk.choices:
            return "err-inside-choice"
        if "error_code" in fields:
            return "err-fastchat"
        if block.value(b"event") == b"error":
            return "err-event-flat"
        return "err-fastapi-detail" if "detail" in fields else "err-flat-object"
    if chunk.choices:
        return "err-in-chunk-with-choices"
    if isinstance(error, str):
        return "err-tgi" if "error_type" in fields else "err-bare-string"
    if block.value(b"event") == b"error":
        return "err-event-named"
    if isinstance(error, dict):
        if isinstance(error.get("message"), (dict, list)):
            return "err-message-not-string"
        if "http_status_code" in error:
            return "err-tgi"
        if "metadata" in error:
            return "err-int-code-metadata"
    return "err-data-then-done" if any(place > chunk.place for place in one.answer.done) else "err-data-no-done"


@detects("err-error-field-prefix", "err-plain-text", "err-html-mid-stream", "err-plain-text-in-data")
def strayed(case: Case) -> Iterator[Seen]:
    """Text that is no event, or no JSON, behind events that are."""
    for one in case.streams:
        if one.form != "events":
            continue
        blocks = one.events.blocks
        for block in blocks[1:]:
            raw = block.raw
            if any(line.name == b"error" for line in block.strays):
                yield Seen("err-error-field-prefix", one, "`error:` is no field of an event stream", raw)
            elif any(line.text.lstrip().startswith(b"<") for line in block.strays):
                yield Seen("err-html-mid-stream", one, "a web page in the stream", raw)
                break
            elif block.data is None and block.strays and not block.comments and _is_prose(block):
                yield Seen("err-plain-text", one, "a text in the stream", raw)
            elif block.data and block.blank and not block.done and not block.strays and _is_words(block):
                yield Seen("err-plain-text-in-data", one, "an event whose data is a text", raw)


def _is_prose(block: Block) -> bool:
    first = block.strays[0].text.lstrip()
    return not first.startswith((b"{", b"[", b"}", b'"', b"<"))


def _is_words(block: Block) -> bool:
    data = (block.data or b"").strip()
    return block.json.failed == 0 and data[:1].isalpha() and not data.startswith(b"data:")


@detects("err-swallowed-clean-done")
def swallowed(case: Case) -> Iterator[Seen]:
    """A text that breaks off, and an end as if it were over."""
    for one in unfinished(case):
        if breaks_off(one) and not one.answer.pieces and not one.ask.fields.get("logprobs"):
            text = "the text breaks off, no choice says why it ended, and [DONE] follows"
            yield Seen("err-swallowed-clean-done", one, text, one.content.data[-300:])


@detects("err-content-filter-mid-stream", "err-finish-network-error")
def reasons(case: Case) -> Iterator[Seen]:
    """An answer that ends because of something else than its own end."""
    for one in case.generated:
        for choice in one.answer.reasons:
            block = choice.chunk.block
            data = block.raw if block else b""
            if choice.reason.lower() == "content_filter":
                yield Seen("err-content-filter-mid-stream", one, "the reason is `content_filter`", data)
            elif choice.reason.lower() in ("network_error", "network-error"):
                yield Seen("err-finish-network-error", one, f"the reason is `{choice.reason}`", data)


def became_empty(one: Exchange) -> bool:
    """Whether the last chunk says nothing at all where an end is due."""
    last = one.answer.choices[-1] if one.answer.choices else None
    return last is not None and not last.text and not last.reason and not last.calls and len(one.answer.choices) > 1


@detects("err-becomes-empty-chunk")
def becomes_empty(case: Case) -> Iterator[Seen]:
    """A chunk that says nothing, and then the end."""
    for one in case.streams:
        answer = one.answer
        ended = one.uncut and not answer.done and not answer.finished and not answer.failures
        if ended and became_empty(one) and not one.events.blocks[-1].strays:
            last = answer.choices[-1].chunk.block
            text = "the last chunk is empty, and neither a finish reason nor [DONE] follows"
            yield Seen("err-becomes-empty-chunk", one, text, last.raw if last else b"")


@detects("err-200-json-body-for-stream", "err-200-json-body-sse-type")
def error_for_stream(case: Case) -> Iterator[Seen]:
    """A stream was asked for, and 200 with an error as JSON came."""
    for one in case.answers:
        if not (one.generates and one.ask.stream and one.status == 200 and one.form == "json" and one.ordinary):
            continue
        failure = read_failure(one)
        if failure.shape in ("nested", "string", "flat", "detail", "detail-list") and not one.answer.choices:
            typed = one.message.content_type == "text/event-stream"
            id = "err-200-json-body-sse-type" if typed else "err-200-json-body-for-stream"
            yield Seen(id, one, f"200 as `{one.message.content_type}`: {short(failure.message)}", body(one))
