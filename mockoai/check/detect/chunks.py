"""Detectors of the category ``chunks`` but for finish reasons (:mod:`mockoai.check.detect.finish`): what chunks hold.

Most of it is looked for in bodies as well, where chunks and bodies have the same fields.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mockoai.check.detect.look import body, listed, plural, seen_once
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.answer import Choice, Chunk
from mockoai.check.reading.exchange import Exchange

_ROLES = frozenset({"assistant", "tool", "system", "user", "developer", "function"})
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_OBJECTS = {"chat": ("chat.completion", "chat.completion.chunk"), "completions": ("text_completion",) * 2}
_CHUNK_FIELDS = frozenset(
    [
        "id",
        "object",
        "created",
        "model",
        "service_tier",
        "system_fingerprint",
        "choices",
        "usage",
        "obfuscation",
        "error",
        "moderation",
    ]
)
_CHOICE_FIELDS = frozenset(["index", "delta", "message", "text", "logprobs", "finish_reason", "error"])
_AZURE = frozenset(["prompt_filter_results", "content_filter_results", "content_filter_offsets"])
HUGE = 256 * 1024
"""Bytes of a chunk that nobody makes of a token."""
MANY = 50
"""Chunks without text that are many."""


def raw(one: Exchange, chunk: Chunk, near: bytes = b'"choices"') -> bytes:
    """Return the bytes of ``chunk`` from ``near`` on, or all if that is not in them, as evidence."""
    data = chunk.block.raw if chunk.block else one.content.data
    return data[max(0, data.find(near)) :][:1000]


def _chunks(case: Case) -> Iterator[tuple[Exchange, Chunk]]:
    """Yield every chunk and body that tells of no error and is one by its look."""
    for one in case.generated:
        for chunk in one.answer.good:
            if "choices" in chunk.fields or "usage" in chunk.fields or "object" in chunk.fields:
                yield one, chunk


def _choices(case: Case, kind: str = "chat") -> Iterator[tuple[Exchange, Choice]]:
    for one in case.generated:
        if one.ask.kind == kind:
            yield from ((one, choice) for choice in one.answer.choices if choice.chunk.failure is None)


# --- choices and deltas -----------------------------------------------------------------------------------


@detects("choices-empty-first-azure", "choices-null", "choices-missing", "data-null-or-scalar")
def choices(case: Case) -> Iterator[Seen]:
    """Chunks without choices that are not the usage."""
    for one in case.streams:
        answer = one.answer
        for chunk in answer.chunks:
            if not isinstance(chunk.value, dict):
                yield Seen("data-null-or-scalar", one, f"an event whose data is `{chunk.value}`"[:60], raw(one, chunk))
            elif chunk.failure is not None or chunk.fields.get("usage"):
                continue
            elif "choices" not in chunk.fields:
                if "object" in chunk.fields or "model" in chunk.fields:
                    yield Seen("choices-missing", one, "a chunk without `choices`", raw(one, chunk))
            elif chunk.fields["choices"] is None:
                yield Seen("choices-null", one, "a chunk whose `choices` are null", raw(one, chunk))
            elif chunk.fields["choices"] == [] and chunk is answer.chunks[0]:
                with_filter = ", with the results of a filter" if _AZURE & set(chunk.fields) else ""
                text = f"the first chunk has no choices{with_filter}"
                yield Seen("choices-empty-first-azure", one, text, raw(one, chunk))


@detects("delta-null", "delta-missing-azure-annotations", "text-instead-of-delta", "message-instead-of-delta")
def deltas(case: Case) -> Iterator[Seen]:
    """Choices of a chat's chunk that have something else than a delta."""
    for one, choice in _choices(case):
        fields = choice.fields
        if not one.streamed or isinstance(fields.get("delta"), dict):
            if one.streamed and isinstance(fields.get("text"), str) and fields["text"]:
                yield Seen("text-instead-of-delta", one, "`text` beside the delta", raw(one, choice.chunk), "info")
            continue
        if "text" in fields:
            yield Seen("text-instead-of-delta", one, "`text` and no delta", raw(one, choice.chunk))
        elif isinstance(fields.get("message"), dict):
            if choice.chunk.fields.get("object") != "chat.completion":
                yield Seen("message-instead-of-delta", one, "`message` and no delta", raw(one, choice.chunk))
        elif "delta" in fields:
            yield Seen("delta-null", one, "a delta that is null", raw(one, choice.chunk))
        else:
            named = ", with " + listed(_AZURE & set(fields)) if _AZURE & set(fields) else ""
            yield Seen("delta-missing-azure-annotations", one, f"no delta{named}", raw(one, choice.chunk))


@detects("content-null", "content-parts-array", "content-non-string", "refusal-delta", "think-tags-in-content")
def content(case: Case) -> Iterator[Seen]:
    """What the text is, and whether it is one."""
    for one in case.generated:
        if one.ask.kind == "chat":
            yield from seen_once(_content(one))


def _content(one: Exchange) -> Iterator[Seen]:
    refused = False
    begun: set[int] = set()
    for choice in one.answer.choices:
        place = choice.index in begun
        begun.add(choice.index)
        value, data = choice.said.get("content", ""), raw(one, choice.chunk)
        if isinstance(value, list) and one.streamed:
            yield Seen("content-parts-array", one, "the content is an array of parts", data)
        elif isinstance(value, (int, float, dict)):
            yield Seen("content-non-string", one, f"the content is `{str(value)[:40]}`", data)
        elif value is None and one.streamed and place and not choice.calls and not choice.reasoning:
            yield Seen("content-null", one, "a chunk whose content is null", data)
        elif value is None and choice.reasoning and one.streamed:
            yield Seen("content-null", one, "the content is null beside the reasoning", data)
        if isinstance(choice.said.get("refusal"), str) and choice.said["refusal"] and not refused:
            refused = True
            yield Seen("refusal-delta", one, "the model refuses, in `refusal`", data)
    if found := re.search(r"<(think|thinking|reasoning)>", one.answer.text()):
        yield Seen("think-tags-in-content", one, f"`{found[0]}` in the text", body(one))


@detects("reasoning-content", "reasoning-field", "reasoning-only-answer")
def reasoning(case: Case) -> Iterator[Seen]:
    """Reasoning in a field of its own."""
    for one, choice in _choices(case):
        for key, id in (("reasoning_content", "reasoning-content"), ("reasoning", "reasoning-field")):
            if isinstance(choice.said.get(key), str) and choice.said[key]:
                yield Seen(id, one, f"reasoning in `{key}`", raw(one, choice.chunk))
    for one in case.generated:
        answer = one.answer
        if (
            one.ask.name != "limit"
            and answer.reasoned
            and not answer.pieces
            and not answer.text().strip()
            and answer.finished
        ):
            reason = answer.reasons[0].reason
            yield Seen("reasoning-only-answer", one, f"reasoning, no text, and the reason `{reason}`", body(one)[-200:])


@detects(
    "role-missing", "role-every-chunk", "role-empty-string", "role-null", "role-unknown", "first-chunk-with-content"
)
def roles(case: Case) -> Iterator[Seen]:
    """Who speaks, and how often that is said."""
    for one in case.streams:
        if one.ask.kind == "chat" and one.form == "events":
            yield from seen_once(_roles(one))
    for one, choice in _choices(case):
        role = choice.said.get("role")
        if one.whole and isinstance(role, str) and role not in _ROLES:
            id = "role-unknown" if role else "role-empty-string"
            yield Seen(id, one, f"the role `{role}`", body(one))


def _roles(one: Exchange) -> Iterator[Seen]:
    first = [
        choice for choice in one.answer.choices if choice.index == one.answer.indexes[0] and "delta" in choice.fields
    ]
    if len(first) < 3:
        return
    roles = [choice.said.get("role") for choice in first]
    lost = any(chunk.fields.get("choices") in (None, []) for chunk in one.answer.chunks[:1])
    if "role" not in first[0].said and not any(roles) and not lost:
        yield Seen("role-missing", one, "no delta has a role", raw(one, first[0].chunk))
    for choice, role in zip(first, roles, strict=True):
        data = raw(one, choice.chunk)
        if role == "":
            yield Seen("role-empty-string", one, "a role that is empty", data)
        elif role is None and "role" in choice.said:
            yield Seen("role-null", one, "a role that is null", data)
        elif isinstance(role, str) and role and role not in _ROLES:
            yield Seen("role-unknown", one, f"the role `{role}`", data)
    said = [role for choice, role in zip(first, roles, strict=True) if choice.said]
    if said and all(role == "assistant" for role in said) and len(said) > 2:
        yield Seen("role-every-chunk", one, f"the role in {plural(len(said), 'delta')}", raw(one, first[1].chunk))
    if roles[0] and (first[0].text or first[0].reasoning):
        yield Seen("first-chunk-with-content", one, "text in the chunk that says the role", raw(one, first[0].chunk))


@detects("n-interleaved")
def interleaved(case: Case) -> Iterator[Seen]:
    """Several choices in turn."""
    for one in case.streams:
        indexes = [choice.index for choice in one.answer.choices if choice.text]
        turns = sum(later != sooner for sooner, later in itertools.pairwise(indexes))
        if turns > 2 and one.ask.kind == "chat":
            text = f"choices {listed(one.answer.indexes)} in turn"
            asked = one.ask.fields.get("n", 1) > 1
            yield Seen("n-interleaved", one, text, body(one)[:600], None if asked else "error")


@detects("many-empty-deltas", "huge-chunk")
def amounts(case: Case) -> Iterator[Seen]:
    """How much a chunk holds."""
    for one in case.streams:
        empty = [
            choice
            for choice in one.answer.choices
            if not (choice.text or choice.reasoning or choice.calls or choice.reason or choice.said.get("refusal"))
        ]
        if len(empty) >= MANY:
            text = f"{len(empty)} of {len(one.answer.choices)} chunks say nothing"
            yield Seen("many-empty-deltas", one, text, raw(one, empty[1].chunk))
    for one, chunk in _chunks(case):
        size = len(chunk.block.raw) if chunk.block else len(one.content.data)
        if size >= HUGE:
            yield Seen(
                "huge-chunk", one, f"one {'chunk' if chunk.block else 'body'} of {size:,} bytes", raw(one, chunk)
            )


# --- fields of chunks and bodies --------------------------------------------------------------------------


def _main(case: Case) -> Iterator[tuple[Exchange, list[Chunk]]]:
    """Yield the chunks that carry choices, or the body, of every answer; Azure's reports are none of them."""
    for one in case.generated:
        chunks = [chunk for chunk in one.answer.good if chunk.choices and not _is_report(chunk)]
        if chunks:
            yield one, chunks


def _is_report(chunk: Chunk) -> bool:
    said = any(key in choice for choice in chunk.choices for key in ("delta", "message", "text"))
    return not said or bool(_AZURE & set(chunk.fields))


@detects("id-empty", "id-missing-or-null", "id-changes")
def ids(case: Case) -> Iterator[Seen]:
    """What the answer is called."""
    for one, chunks in _main(case):
        found = [chunk.fields.get("id") for chunk in chunks]
        data = raw(one, chunks[0], b"")
        if "" in found:
            yield Seen("id-empty", one, "`id` is empty", data)
        if None in found:
            yield Seen("id-missing-or-null", one, "there is no `id`", data)
        if len({one for one in found if isinstance(one, str) and one}) > 1:
            yield Seen(
                "id-changes", one, f"{plural(len(set(map(str, found))), 'id')} in one answer", raw(one, chunks[1], b"")
            )


@detects("created-missing", "created-float", "created-string", "object-wrong")
def created(case: Case) -> Iterator[Seen]:
    """When it was made, and what kind of thing it is."""
    for one, chunks in _main(case):
        usual = _OBJECTS[one.ask.kind][one.streamed]
        whole = [chunk for chunk in chunks if any("message" in choice for choice in chunk.choices)]
        for chunk in chunks:
            made, kind = chunk.fields.get("created"), chunk.fields.get("object")
            data = raw(one, chunk, b"")
            if made is None:
                yield Seen("created-missing", one, "no `created`" + ("" if kind else " and no `object`"), data)
            elif isinstance(made, float):
                yield Seen("created-float", one, f"`created` is {made}", data)
            elif isinstance(made, str):
                yield Seen("created-string", one, f"`created` is `{made[:40]}`", data)
            if isinstance(kind, str) and kind and kind != usual and not (one.streamed and whole):
                yield Seen("object-wrong", one, f"`object` is `{kind[:40]}` and should be `{usual}`", data)


@detects("model-missing-or-alias")
def model(case: Case) -> Iterator[Seen]:
    """Which model says that it answers."""
    for one, chunks in _main(case):
        asked = one.ask.fields.get("model")
        names = [chunk.fields.get("model") for chunk in chunks]
        if not one.ordinary or not isinstance(asked, str):
            continue
        for name in (name for place, name in enumerate(names) if name not in names[:place]):
            if not isinstance(name, str) or not name:
                yield Seen("model-missing-or-alias", one, "no `model`", raw(one, chunks[0], b""))
            elif not _same_model(asked, name):
                text = f"asked was `{asked}`, and `{name[:80]}` answers"
                yield Seen("model-missing-or-alias", one, text, raw(one, chunks[0], b""))


def _same_model(asked: str, named: str) -> bool:
    """Whether ``named`` is ``asked``, with a date, a path or a version more or less."""
    a, b = asked.lower().rpartition("/")[2], named.lower().rpartition("/")[2]
    return a in b or b in a


@detects("index-missing")
def index(case: Case) -> Iterator[Seen]:
    """Choices without a number."""
    for kind in ("chat", "completions"):
        for one, choice in _choices(case, kind):
            if choice.fields.get("index") is None:
                yield Seen("index-missing", one, "a choice without `index`", raw(one, choice.chunk))


@detects("service-tier-unknown", "extra-fields", "error-null-field")
def fields(case: Case) -> Iterator[Seen]:
    """Fields that OpenAI does not have, or has otherwise."""
    for one, chunk in _chunks(case):
        data = raw(one, chunk, b"")
        tier = chunk.fields.get("service_tier", "default")
        if str(tier) not in _TIERS:
            yield Seen("service-tier-unknown", one, f"`service_tier` is `{tier}`", data)
        if "error" in chunk.fields:
            yield Seen("error-null-field", one, f"`error` is `{chunk.fields['error']}` in an answer that is none", data)
        known = _CHOICE_FIELDS | _AZURE
        extra = sorted(set(chunk.fields) - _CHUNK_FIELDS - _AZURE)
        extra += sorted({f"choices[].{key}" for choice in chunk.choices for key in set(choice) - known})
        if extra:
            yield Seen("extra-fields", one, f"fields that OpenAI does not have: {listed(extra)}", data)


@detects("logprobs-wrong-shape")
def logprobs(case: Case) -> Iterator[Seen]:
    """Log probabilities in another shape than a chat's."""
    for one, choice in _choices(case):
        value = choice.fields.get("logprobs")
        if isinstance(value, dict) and not isinstance(value.get("content"), list) and not value.get("refusal"):
            asked = "" if one.ask.fields.get("logprobs") else ", unasked"
            text = f"`logprobs` has {listed(value) or 'nothing'}{asked}"
            yield Seen("logprobs-wrong-shape", one, text, raw(one, choice.chunk))
