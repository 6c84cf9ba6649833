"""Detectors of the category ``usage``: where the counts are, and what they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from mockoai.check.detect.chunks import raw as bytes_of
from mockoai.check.detect.look import listed, plural, seen_once
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.model import Json
from mockoai.check.reading.answer import Chunk
from mockoai.check.reading.exchange import Exchange

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_KNOWN = frozenset({*COUNTS, "prompt_tokens_details", "completion_tokens_details"})


def raw(one: Exchange, chunk: Chunk) -> bytes:
    """Return the bytes of ``chunk`` from its usage on, as evidence."""
    return bytes_of(one, chunk, b'"usage"')


def _last(one: Exchange) -> tuple[Chunk, Mapping[str, Json]] | None:
    """Return the last usage of ``one``, if it is an object."""
    for chunk, usage in reversed(one.answer.usages):
        if isinstance(usage, dict):
            return chunk, usage
    return None


@detects("usage-missing", "usage-unrequested")
def presence(case: Case) -> Iterator[Seen]:
    """Whether there is usage where it was asked for, and only there."""
    for one in case.streams:
        answer = one.answer
        if answer.usages and not one.ask.usage and one.ordinary:
            chunk, _ = answer.usages[-1]
            yield Seen("usage-unrequested", one, "`usage`, though nothing asked for it", raw(one, chunk))
        # What cannot be read, or is an error, is not to be blamed for what it lacks.
        whole = one.uncut and (answer.finished or answer.done) and answer.choices
        if whole and one.ask.usage and not answer.usages and not answer.failures and not answer.unreadable:
            text = "no `usage`, though `include_usage` asked for it"
            yield Seen("usage-missing", one, text, one.content.data[-300:])


@detects(
    "usage-null-until-last",
    "usage-in-finish-chunk",
    "usage-cumulative-each-chunk",
    "usage-zeros-each-chunk",
    "usage-chunk-without-choices",
    "usage-before-finish",
)
def place(case: Case) -> Iterator[Seen]:
    """Where in a stream the counts are."""
    for one in case.streams:
        if one.ask.kind == "chat":
            yield from seen_once(_place(one))


def _place(one: Exchange) -> Iterator[Seen]:
    answer = one.answer
    usages = [(chunk, usage) for chunk, usage in answer.usages if isinstance(usage, dict)]
    saying = [chunk for chunk in answer.good if chunk.choices]
    zeros = [(chunk, usage) for chunk, usage in usages if chunk.choices and _is_zero(usage)]
    if len(zeros) > 1:
        yield Seen("usage-zeros-each-chunk", one, f"zeros on {plural(len(zeros), 'chunk')}", raw(one, zeros[0][0]))
    elif len(usages) > 2 and len({_count(usage, "completion_tokens") for _, usage in usages}) > 1:
        counts = [_count(usage, "completion_tokens") for _, usage in usages]
        text = f"usage on {plural(len(usages), 'chunk')}, counting {listed(counts)}"
        yield Seen("usage-cumulative-each-chunk", one, text, raw(one, usages[1][0]))
    if not usages:
        return
    chunk, _ = usages[-1]
    if chunk.fields.get("choices") == []:
        if any("usage" in other.fields and other.fields["usage"] is None for other in saying):
            yield Seen(
                "usage-null-until-last", one, "null on every chunk but the last, which has no choices", raw(one, chunk)
            )
    elif not chunk.choices:
        what = "are null" if "choices" in chunk.fields else "are not there"
        yield Seen("usage-chunk-without-choices", one, f"the `choices` of the usage's chunk {what}", raw(one, chunk))
    elif any(choice.get("finish_reason") for choice in chunk.choices):
        yield Seen("usage-in-finish-chunk", one, "the usage is on the chunk that finishes", raw(one, chunk))
    ends = [choice.chunk.place for choice in answer.reasons]
    if ends and not chunk.choices and chunk.place < max(ends):
        yield Seen("usage-before-finish", one, "the usage comes before the finish reason", raw(one, chunk))


def _is_zero(usage: Mapping[str, Json]) -> bool:
    values = [usage.get(key) for key in COUNTS]
    return all(value == 0 and not isinstance(value, bool) for value in values)


def _count(usage: Mapping[str, Json], key: str) -> int | float:
    value = usage.get(key)
    return value if isinstance(value, (int, float)) else 0


@detects(
    "usage-empty-object",
    "usage-null-fields",
    "usage-strings",
    "usage-float",
    "usage-nan",
    "usage-negative",
    "usage-zeros-final",
    "usage-total-mismatch",
    "usage-reasoning-exceeds-completion",
    "usage-details-null",
    "usage-details-extra",
)
def counts(case: Case) -> Iterator[Seen]:
    """What the counts are."""
    for one in case.generated:
        found = _last(one)
        if found is not None:
            chunk, usage = found
            for id, text in _counts(usage):
                yield Seen(id, one, text, raw(one, chunk))


def _counts(usage: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    given = {key: usage[key] for key in COUNTS if key in usage}
    numbers = [value for value in given.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if not given:
        yield "usage-empty-object", "`usage` has no counts"
    if None in given.values():
        yield "usage-null-fields", f"null: {listed(key for key, value in given.items() if value is None)}"
    if any(isinstance(value, str) for value in given.values()):
        yield "usage-strings", f"texts: {listed(repr(value) for value in given.values())}"
    if any(isinstance(value, float) and not math.isfinite(value) for value in numbers):
        yield "usage-nan", "a count that is NaN"
    elif any(isinstance(value, float) and value != int(value) for value in numbers):
        yield "usage-float", f"fractions: {listed(numbers)}"
    elif any(value < 0 for value in numbers):
        yield "usage-negative", f"below zero: {listed(numbers)}"
    elif len(numbers) == 3 and _is_zero(usage):
        yield "usage-zeros-final", "all counts are zero"
    elif len(numbers) == 3 and given["total_tokens"] != given["prompt_tokens"] + given["completion_tokens"]:
        text = f"{given['prompt_tokens']} and {given['completion_tokens']} make {given['total_tokens']}"
        yield "usage-total-mismatch", text
    yield from _details(usage)


def _details(usage: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    details = usage.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else None
    completion = usage.get("completion_tokens")
    if isinstance(reasoning, int) and isinstance(completion, int) and reasoning > completion >= 0:
        text = f"{reasoning} of {completion} tokens are reasoning"
        yield "usage-reasoning-exceeds-completion", text
    nulls = [key for key in ("prompt_tokens_details", "completion_tokens_details") if usage.get(key, 0) is None]
    if nulls:
        yield "usage-details-null", f"null: {listed(nulls)}"
    if extra := sorted(set(usage) - _KNOWN):
        yield "usage-details-extra", f"fields that OpenAI does not have: {listed(extra)}"


@detects("usage-completion-tokens-only-first-choice")
def first_only(case: Case) -> Iterator[Seen]:
    """One choice of several is counted: as many tokens as one has chunks, where two have many more."""
    for one in case.streams:
        found = _last(one)
        chunks = [
            sum(choice.index == index for choice in one.answer.choices if choice.text) for index in one.answer.indexes
        ]
        if found is None or len(chunks) < 2 or min(chunks) < 4:
            continue
        counted = _count(found[1], "completion_tokens")
        if 0 < counted <= max(chunks) + 1 and counted < 0.75 * sum(chunks):
            text = f"{counted} tokens are counted, and the choices have {listed(chunks)} chunks"
            yield Seen("usage-completion-tokens-only-first-choice", one, text, raw(one, found[0]))


@detects("usage-lost-on-disconnect")
def lost(case: Case) -> Iterator[Seen]:
    """A stream that is cut has no usage."""
    for one in case.streams:
        cut = not one.uncut and one.recording.ending != "open" and not one.answer.done
        if cut and one.ask.usage and one.answer.choices and not one.answer.usages:
            text = "the stream was cut before the usage"
            yield Seen("usage-lost-on-disconnect", one, text, one.content.data[-120:])
