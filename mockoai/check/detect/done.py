"""Detectors of the category ``sse`` for its sentinel: where ``[DONE]`` stands, how it is written, what follows it."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.look import plural
from mockoai.check.detect.mid_stream_errors import became_empty
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.events import Block
from mockoai.check.reading.exchange import Exchange


def _blocks(one: Exchange) -> list[Block]:
    return [one.events.blocks[place] for place in one.answer.done]


@detects("done-missing", "done-missing-and-finish-missing", "done-only", "done-first", "done-twice")
def place(case: Case) -> Iterator[Seen]:
    """Whether the sentinel is there, once, and last."""
    for one in case.streams:
        answer = one.answer
        tail = one.content.data[-200:]
        if not answer.done:
            # Behind an error no sentinel is due, and none can be when the answer was cut.
            if one.form == "events" and answer.chunks and one.uncut and not answer.failures and not _strayed(one):
                finished = answer.finished
                id = "done-missing" if finished else "done-missing-and-finish-missing"
                text = "the stream ends without [DONE]" + ("" if finished else ", and without a finish reason")
                if not became_empty(one):
                    yield Seen(id, one, text, tail)
            continue
        first = answer.done[0]
        if not answer.chunks and not answer.unreadable:
            yield Seen("done-only", one, "the stream is only [DONE]", one.content.data[:200])
        elif all(chunk.place > first for chunk in answer.chunks):
            yield Seen(
                "done-first", one, f"{plural(len(answer.chunks), 'chunk')} behind [DONE]", one.content.data[:200]
            )
        if len(answer.done) > 1:
            yield Seen("done-twice", one, f"[DONE] comes {len(answer.done)} times", tail)


def _strayed(one: Exchange) -> bool:
    """Whether the stream ends in something that is none of it, or that lost its frame."""
    if not one.events.blocks:
        return False
    last = one.events.blocks[-1]
    return bool(last.strays) or last.value(b"event") == b"error" or (not last.blank and not last.done)


@detects("done-lowercase", "done-quoted", "done-trailing-space", "done-no-prefix", "done-unterminated")
def spelling(case: Case) -> Iterator[Seen]:
    """How the sentinel is written."""
    for one in case.streams:
        if one.form != "events":
            continue
        for block in _blocks(one):
            data = block.data
            if data is None:
                if any(chunk.block and chunk.block.data is not None for chunk in one.answer.chunks):
                    yield Seen("done-no-prefix", one, "[DONE] without `data:`", block.raw)
                continue
            if not block.done:
                continue  # events that lost the blank line between them
            if b'"' in data:
                yield Seen("done-quoted", one, "[DONE] is a JSON string", block.raw)
            elif b"[DONE]" not in data:
                yield Seen("done-lowercase", one, f"`{data.decode('utf-8', 'replace').strip()}`", block.raw)
            elif data.endswith(b" "):
                yield Seen("done-trailing-space", one, "a space behind [DONE]", block.raw)
            if not block.blank and one.uncut and block.done:
                yield Seen("done-unterminated", one, "[DONE] is not ended by a blank line", block.raw)


@detects("data-after-done", "usage-after-done", "error-after-done")
def behind(case: Case) -> Iterator[Seen]:
    """What follows the sentinel."""
    for one in case.streams:
        answer = one.answer
        if not answer.done or all(chunk.place > answer.done[0] for chunk in answer.chunks):
            continue
        for chunk in answer.chunks:
            if chunk.place <= answer.done[0] or not chunk.block:
                continue
            if chunk.failure is not None:
                yield Seen("error-after-done", one, "an error behind [DONE]", chunk.block.raw)
            elif chunk.fields.get("usage") and not any(c.get("delta") or c.get("text") for c in chunk.choices):
                yield Seen("usage-after-done", one, "the usage behind [DONE]", chunk.block.raw)
            else:
                yield Seen("data-after-done", one, "a chunk behind [DONE]", chunk.block.raw)
