"""Detectors of the category ``chunks`` for finish reasons: whether they are there, where, and what they say."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.chunks import raw
from mockoai.check.detect.look import breaks_off, plural, seen_once, unfinished
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange

_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_TOLD_ELSEWHERE = frozenset({"error", "network_error"})


@detects("finish-own-chunk", "finish-with-content", "finish-twice", "content-after-finish")
def place(case: Case) -> Iterator[Seen]:
    """Where the reason stands."""
    for one in case.streams:
        if one.ask.kind == "chat" and one.form == "events":
            yield from _place(one)


def _place(one: Exchange) -> Iterator[Seen]:
    for index in one.answer.indexes:
        mine = [choice for choice in one.answer.choices if choice.index == index]
        ends = [place for place, choice in enumerate(mine) if choice.reason]
        if not ends or mine[ends[0]].chunk.failure is not None:
            continue
        first = mine[ends[0]]
        data = raw(one, first.chunk)
        if len(ends) > 1:
            yield Seen("finish-twice", one, f"{plural(len(ends), 'chunk')} say why it ended", data)
        if first.text or first.calls or first.said.get("refusal"):
            if not any(first.fields.get(key) for key in ("message",)):
                yield Seen("finish-with-content", one, "the reason comes with the last of the text", data)
        elif "delta" in first.fields:
            yield Seen("finish-own-chunk", one, "the reason has a chunk of its own", data)
        behind = [choice for choice in mine[ends[0] + 1 :] if choice.text]
        done = one.answer.done[0] if one.answer.done else None
        if behind and (done is None or behind[0].chunk.place < done or first.chunk.place > done):
            yield Seen("content-after-finish", one, "text behind the reason", raw(one, behind[0].chunk))


@detects("finish-missing", "logprobs-drop-finish")
def missing(case: Case) -> Iterator[Seen]:
    """All is there but why it ended; with log probabilities perhaps only with them."""
    finishes = any(one.answer.finished for one in case.streams if not one.ask.fields.get("logprobs"))
    for one in unfinished(case):
        data = one.content.data[-300:]
        if one.answer.pieces:
            continue  # that is told of tools
        if one.ask.fields.get("logprobs") and finishes:
            text = "with log probabilities no choice says why it ended; without, it does"
            yield Seen("logprobs-drop-finish", one, text, data)
        elif not breaks_off(one):
            yield Seen("finish-missing", one, "no choice says why it ended", data)


@detects("finish-key-absent", "finish-empty-string", "finish-string-null")
def before(case: Case) -> Iterator[Seen]:
    """What chunks say that are not the last."""
    for one in case.streams:
        if one.ask.kind == "chat":
            yield from seen_once(_before(one))


def _before(one: Exchange) -> Iterator[Seen]:
    for choice in one.answer.choices:
        data = raw(one, choice.chunk)
        if choice.fields.get("finish_reason") == "":
            yield Seen("finish-empty-string", one, "the reason is an empty text", data)
        elif choice.fields.get("finish_reason") == "null":
            yield Seen("finish-string-null", one, "the reason is the word `null`", data)
        elif "finish_reason" not in choice.fields and choice.chunk.failure is None:
            yield Seen("finish-key-absent", one, "a chunk without `finish_reason`", data)


@detects("finish-unknown", "finish-uppercase", "finish-error")
def words(case: Case) -> Iterator[Seen]:
    """What the reason is."""
    for one in case.generated:
        for choice in one.answer.reasons:
            reason, data = choice.reason, raw(one, choice.chunk)
            if reason == "error":
                if choice.chunk.failure is None:
                    yield Seen("finish-error", one, "the reason is `error`, and there is none", data)
            elif reason not in _REASONS and reason.lower() in _REASONS:
                yield Seen("finish-uppercase", one, f"the reason is `{reason}`", data)
            elif reason not in _REASONS | _TOLD_ELSEWHERE:
                yield Seen("finish-unknown", one, f"the reason is `{reason[:40]}`", data)


@detects("finish-length-hidden")
def hidden(case: Case) -> Iterator[Seen]:
    """An answer that was cut at a limit, and says that it ended by itself."""
    for one in case.generated:
        limit = one.ask.fields.get("max_tokens")
        if one.ask.name != "limit" or not isinstance(limit, int) or not one.answer.finished:
            continue
        usage = one.answer.usages[-1][1] if one.answer.usages else {}
        counted = usage.get("completion_tokens") if isinstance(usage, dict) else None
        cut = not one.answer.text().rstrip().endswith((".", "!", "?", "。"))
        choice = one.answer.reasons[0]
        if choice.reason == "stop" and cut and not one.answer.pieces and isinstance(counted, int) and counted >= limit:
            text = f"`max_tokens` is {limit}, {counted} came, and the reason is `stop`"
            yield Seen("finish-length-hidden", one, text, raw(one, choice.chunk))
