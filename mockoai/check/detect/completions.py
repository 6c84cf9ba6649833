"""Detectors of the category ``completions``: the older endpoint, where servers differ most."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mockoai.check.detect.chunks import raw
from mockoai.check.detect.look import body, listed, seen_once
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.detect.usage import COUNTS
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import read_failure


def _asked(case: Case, name: str) -> Iterator[Exchange]:
    return (one for one in case.answers if one.ask.name == name)


@detects("legacy-endpoint-missing")
def missing(case: Case) -> Iterator[Seen]:
    """No such endpoint, where chats are answered."""
    chats = any(one.good and one.ask.kind == "chat" for one in case.answers)
    for one in _asked(case, "completion"):
        if one.status in (404, 405, 501) and chats:
            yield Seen("legacy-endpoint-missing", one, f"{one.status} to {one.path}", body(one))


@detects("legacy-stream-shape", "legacy-chat-id", "legacy-finish-empty-string", "legacy-usage-zeros-each")
def shape(case: Case) -> Iterator[Seen]:
    """What chunks and bodies look like."""
    for one in case.generated:
        if one.ask.kind == "completions":
            yield from seen_once(_shape(one))


def _shape(one: Exchange) -> Iterator[Seen]:
    zeros = 0
    for chunk in one.answer.good:
        data = raw(one, chunk, b"")
        keys = list(chunk.fields)
        id = chunk.fields.get("id")
        if isinstance(id, str) and id.startswith("chatcmpl-"):
            yield Seen("legacy-chat-id", one, f"the id is `{id[:40]}`", data)
        if not one.streamed:
            continue
        if any(choice.get("finish_reason") == "" for choice in chunk.choices):
            yield Seen("legacy-finish-empty-string", one, "the reason is an empty text", data)
        usage = chunk.fields.get("usage")
        zeros += isinstance(usage, dict) and bool(chunk.choices) and all(usage.get(key) == 0 for key in COUNTS)
        if zeros == 2:
            yield Seen("legacy-usage-zeros-each", one, "zeros on every chunk", data)
        both = chunk.fields.get("object") == "text_completion" and {"choices", "model"} <= set(keys)
        if both and keys.index("model") > keys.index("choices"):
            yield Seen("legacy-stream-shape", one, "`text_completion` chunks, `model` behind `choices`", data)


@detects("legacy-multi-prompt-index", "legacy-echo-and-logprobs")
def several(case: Case) -> Iterator[Seen]:
    """Several prompts, and the prompt in the answer."""
    for one in case.streams:
        indexes = [choice.index for choice in one.answer.choices if choice.text]
        turns = sum(later != sooner for sooner, later in itertools.pairwise(indexes))
        if one.ask.kind == "completions" and one.ask.fields.get("n", 1) == 1 and turns > 1:
            text = f"answers {listed(one.answer.indexes)} in turn"
            yield Seen("legacy-multi-prompt-index", one, text, body(one)[:600])
    for one in _asked(case, "echo and logprobs"):
        prompt = one.ask.fields.get("prompt")
        for choice in one.answer.choices:
            probabilities = choice.fields.get("logprobs")
            first = probabilities.get("token_logprobs") if isinstance(probabilities, dict) else None
            if isinstance(prompt, str) and prompt in choice.text and isinstance(first, list) and first[:1] == [None]:
                text = "the prompt comes back, and the first log probability is null"
                yield Seen("legacy-echo-and-logprobs", one, text, body(one)[:300])


@detects("legacy-batch-422", "legacy-suffix-422", "legacy-n-stream-400", "legacy-empty-prompt-panic")
def refused(case: Case) -> Iterator[Seen]:
    """What is not taken that OpenAI takes."""
    for name, id in (
        ("two prompts, streamed", "legacy-batch-422"),
        ("suffix", "legacy-suffix-422"),
        ("two completions, streamed", "legacy-n-stream-400"),
    ):
        for one in _asked(case, name):
            if one.status in (400, 422, 501):
                message = re.sub(r"\s+", " ", read_failure(one).message)[:140]
                yield Seen(id, one, f"{one.status}: {message}", body(one))
    streamed = any(one.message.whole and one.status == 200 for one in _asked(case, "completion, streamed"))
    for one in case.exchanges:
        if streamed and one.ask.name == "no prompt" and not one.recording.trouble:
            broken = one.recording.ending in ("fin", "rst") and not one.message.whole
            if broken or one.status >= 500:
                text = f"status {one.status}" if one.status else "the connection ended without an answer"
                yield Seen("legacy-empty-prompt-panic", one, f"an empty list of prompts: {text}", body(one))
