"""Usage that a stream carries where OpenAI's does not: on every chunk, on the last one, or without having
been asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import choices, envelope
from mockoai.faults.registry import fault
from mockoai.faults.usage import bare, true_usage, usage_of, with_usage
from mockoai.plan.items import DONE, Event, Item, Part, Usage


@dataclass(frozen=True, kw_only=True)
class EachChunk(Fault):
    """A fault that puts a usage object on every chunk that has choices."""

    def counts(self, item: Event, usage: Usage, run: Run) -> dict[str, Any]:
        """Return the usage of one chunk; ``usage`` is that of the whole answer."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Put the usage on ``item``."""
        usage = run.context.usage
        if usage is None or not choices(item.payload):
            return [item]
        run.fire("usage on every chunk")
        return [replace(item, payload=with_usage(item.payload, self.counts(item, usage, run)))]


@fault("usage-cumulative-each-chunk", family="usage", layer="event", needs="stream")
class UsageCumulativeEachChunk(EachChunk):
    """Send on every chunk the counts so far.

    On the wire: ``"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}``, then 2 and 7, and
    so on, whether asked for or not. Who does it: Perplexity, vLLM with ``continuous_usage_stats``, xAI.
    Catalogue: ``usage-cumulative-each-chunk``.
    """

    def counts(self, item: Event, usage: Usage, run: Run) -> dict[str, Any]:
        """Count up to the chunk."""
        return bare(usage.prompt, min(item.tokens, usage.completion))


@fault("usage-zeros-each-chunk", family="usage", layer="event", needs="stream")
class UsageZerosEachChunk(EachChunk):
    """Send a usage of zeros on every chunk.

    On the wire: ``"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`` beside the text. Who
    does it: LocalAI until May 2026; Ollama's legacy completions when asked for usage. Catalogue:
    ``usage-zeros-each-chunk``, ``legacy-usage-zeros-each``.
    """

    def counts(self, item: Event, usage: Usage, run: Run) -> dict[str, Any]:
        """Count nothing."""
        return bare(0, 0)


@fault("usage-unrequested", family="usage", layer="event", needs="stream")
class UsageUnrequested(Fault):
    """Send usage although the request did not ask for it.

    On the wire, with ``form: chunk``: as OpenAI when asked, null on every chunk and then a chunk with
    ``choices:[]``; with ``finish``: on the chunk with the finish reason. Who does it: Novita in a chunk;
    Mistral, Groq and Together on the finish. A request that asks is healthy, and the fault does not fire.
    Catalogue: ``usage-unrequested``.
    """

    form: Literal["chunk", "finish"] = "chunk"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Add what is missing."""
        usage = true_usage(run)
        if usage is None or run.context.include_usage:
            run.missed("the request asked for usage" if usage else "the answer has no counts")
            return [item]
        if item.payload is DONE:
            last: Event | None = run.state.get("last")
            if self.form == "finish" or last is None:
                return [item]
            run.fire("added a chunk with usage")
            payload = with_usage(envelope(last.payload, choices=[]), usage)
            return [replace(last, payload=payload, mark="usage"), item]
        if choices(item.payload):
            run.state["last"] = item
            if self.form == "chunk":
                return [replace(item, payload=with_usage(item.payload, None))]
            if item.mark == "finish":
                run.fire("put usage on the chunk that finishes")
                return [replace(item, payload=with_usage(item.payload, usage))]
        return [item]


@fault("usage-in-finish-chunk", family="usage", layer="event", needs="stream")
class UsageInFinishChunk(Fault):
    """Send the usage on the chunk with the finish reason instead of in a chunk of its own.

    On the wire: ``"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{…}`` and no ``choices:[]``
    chunk, whether asked for or not. Who does it: DeepSeek, Z.ai, Groq, Mistral, Together, exo. Catalogue:
    ``usage-in-finish-chunk``.
    """

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Put the usage on what finishes, and drop the chunk that had it."""
        usage = true_usage(run)
        if usage is None:
            run.missed("the answer has no counts")
            return [item]
        if item.mark == "finish" and choices(item.payload):
            run.fire(f"put the usage on event {item.events}")
            return [replace(item, payload=with_usage(item.payload, usage))]
        if run.fired and usage_of(item) is not None and not choices(item.payload):
            return ()
        return [item]


@fault("usage-completion-tokens-only-first-choice", family="usage", layer="reply")
class UsageOnlyFirstChoice(Fault):
    """Count the completion tokens of the first choice only; it takes two choices to show.

    On the wire: with ``n`` of 2, ``completion_tokens`` is that of choice 0. Who does it: servers that count
    inside one choice. Catalogue: ``usage-completion-tokens-only-first-choice``.
    """

    target = "usage"

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Count the tokens of choice 0, and report no others."""
        if isinstance(item, Usage):
            first: int = run.state.get("first", 0)
            if item.completion <= first:
                run.missed("the answer has one choice only")
                return [item]
            run.fire(f"counted {first} of {item.completion} tokens")
            return [replace(item, completion=first)]
        before: int = run.state.get("tokens", 0)
        if item.choice == 0:
            run.state["first"] = run.state.get("first", 0) + item.tokens - before
        run.state["tokens"] = item.tokens
        return [item]
