"""Token counts that are missing, wrong, misshapen or in the wrong chunk.

What is changed is the ``usage`` object of the JSON: that of a body, and in a stream the one that a client
asked for with ``stream_options.include_usage``. A stream that was not asked has none, and then a fault that
needs one did not fire; ``usage-unrequested`` and the ``-each-chunk`` ones bring their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.endpoints.usage import chat_usage, completions_usage
from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.payload import ABSENT, changed, choices, drop, mapping, put
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Item, Usage
from mockoai.scenario.model import Json

_EXTRA = {
    "prompt_cache_hit_tokens": 0,
    "prompt_cache_miss_tokens": 5,
    "queue_time": 0.018,
    "cost": 0.000014,
    "num_sources_used": 0,
    "cached_tokens": 0,
}
"""Fields of DeepSeek, Groq, OpenRouter, xAI and Together."""

UNASKED = "the stream has no usage: the request did not ask for it with `stream_options.include_usage`"


def usage_of(item: Item) -> dict[str, Any] | None:
    """Return the usage object that an event carries."""
    payload = item.payload if isinstance(item, Event) else None
    found = payload.get("usage") if isinstance(payload, dict) else None
    return found if isinstance(found, dict) else None


def with_usage(payload: dict[str, Any], usage: Any) -> dict[str, Any]:
    """Return a chunk with ``usage`` where OpenAI has it: in its place, else in front of ``obfuscation`` or
    last.
    """
    if "usage" in payload or "obfuscation" not in payload:
        return {**payload, "usage": usage}
    return {**{key: one for key, one in payload.items() if key != "obfuscation"}, "usage": usage} | {
        "obfuscation": payload["obfuscation"]
    }


def true_usage(run: Run) -> dict[str, Any] | None:
    """Return the usage of the answer as its endpoint would show it; None when the answer has no counts."""
    usage = run.context.usage
    if usage is None:
        return None
    return chat_usage(usage) if run.context.endpoint == "chat" else completions_usage(usage)


def bare(prompt: int, completion: int) -> dict[str, Any]:
    """Return counts without details."""
    return completions_usage(Usage(prompt=prompt, completion=completion))


# --- wrong counts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class UsageFault(Fault):
    """A fault that changes the usage object."""

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Return what stands in place of ``usage``; ABSENT takes it away."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the usage of ``item`` when it carries one."""
        if usage_of(item) is None:
            return [item]
        payload = changed(item.payload, ("usage",), lambda usage: self.counts(usage, run))
        if payload is item.payload:
            return [item]
        run.fire(f"changed the usage in event {item.events}")
        return [replace(item, payload=payload)]

    def finish(self, run: Run) -> Iterable[Item]:
        """Say why nothing was done."""
        asked = not run.context.stream or run.context.include_usage
        run.missed("the answer has no usage for it to act on" if asked else UNASKED)
        return ()


@fault("usage-missing", family="usage", layer="event")
class UsageMissing(UsageFault):
    """Send no usage, also where the request asks for it.

    On the wire: no ``usage`` key in any chunk and no ``choices:[]`` chunk; no ``usage`` in a body. Who does
    it: FastChat's streams, Ollama before 0.5.2. Catalogue: ``usage-missing``, ``usage-missing-nonstream``.
    """

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Take the key away, and the chunk that has nothing else."""
        if usage_of(item) is not None:
            run.fire(f"left the usage of event {item.events} out")
            if run.context.stream and not choices(item.payload):
                return ()
        payload = changed(item.payload, ("usage",), drop)
        return [item] if payload is item.payload else [replace(item, payload=payload)]


@fault("usage-zeros-final", family="usage", layer="event")
class UsageZerosFinal(UsageFault):
    """Count zero everywhere.

    On the wire: ``"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,…}``. Who does it:
    LocalAI's path for tools, servers of Qwen. Catalogue: ``usage-zeros-final``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Replace every number."""
        return _numbers(usage, lambda number: 0)


@fault("usage-strings", family="usage", layer="event")
class UsageStrings(UsageFault):
    """Write the counts as strings.

    On the wire: ``"prompt_tokens":"5"``. Who does it: loosely typed proxies. Catalogue: ``usage-strings``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Quote every number."""
        return _numbers(usage, str)


@fault("usage-float", family="usage", layer="event")
class UsageFloat(UsageFault):
    """Write counts with a fraction.

    On the wire: ``"prompt_tokens":5.5``. Who does it: proxies that average. Catalogue: ``usage-float``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Add a half to every number."""
        return _numbers(usage, lambda number: number + 0.5)


@fault("usage-negative", family="usage", layer="event")
class UsageNegative(UsageFault):
    """Write ``-1`` for every count.

    On the wire: ``"prompt_tokens":-1``. Who does it: servers that mark a count they do not know. Catalogue:
    ``usage-negative``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Replace every number."""
        return _numbers(usage, lambda number: -1)


@fault("usage-null-fields", family="usage", layer="event")
class UsageNullFields(UsageFault):
    """Write ``null`` for every count.

    On the wire: ``{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null,…}``. Who does it:
    typed serialisers. Catalogue: ``usage-null-fields``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Replace every number."""
        return _numbers(usage, lambda number: None)


@fault("usage-empty-object", family="usage", layer="event")
class UsageEmptyObject(UsageFault):
    """Send a usage object without counts.

    On the wire: ``"usage":{}``. Who does it: typed serialisers. Catalogue: ``usage-empty-object``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Empty it."""
        return {}


@fault("usage-total-mismatch", family="usage", layer="event")
class UsageTotalMismatch(UsageFault):
    """Send a total that is not the sum.

    On the wire: ``66 + 6 → 100``: the total is ``more`` than prompt and completion together. Who does it:
    Gemini's compatible endpoint, whose total includes the thinking; xAI, whose completion leaves the
    reasoning out. Catalogue: ``usage-total-mismatch``.
    """

    more: int = 28

    def __post_init__(self) -> None:
        if not self.more:
            raise ValueError("`more` must not be 0: the total would be the sum")

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Raise the total."""
        return changed(usage, ("total_tokens",), self._raised)

    def _raised(self, total: Any) -> Any:
        return total + self.more if isinstance(total, (int, float)) else total


@fault("usage-reasoning-exceeds-completion", family="usage", layer="event")
class UsageReasoningExceedsCompletion(UsageFault):
    """Count more reasoning tokens than the completion has.

    On the wire: ``completion_tokens`` 6000, ``reasoning_tokens`` 6001. Who does it: Kimi on Baseten, xAI.
    Catalogue: ``usage-reasoning-exceeds-completion``.
    """

    more: int = 1

    def __post_init__(self) -> None:
        at_least("more", self.more, 1)

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Set the reasoning tokens."""
        completion = usage.get("completion_tokens")
        if not isinstance(completion, int):
            run.missed("the usage counts no completion tokens")
            return usage
        details = usage.get("completion_tokens_details")
        details = details if isinstance(details, dict) else {}
        return {**usage, "completion_tokens_details": {**details, "reasoning_tokens": completion + self.more}}


@fault("usage-details-null", family="usage", layer="event")
class UsageDetailsNull(UsageFault):
    """Send ``null`` instead of the details.

    On the wire: ``"prompt_tokens_details":null``. Who does it: vLLM, Novita, SGLang on Azure AI Foundry.
    Catalogue: ``usage-details-null``.
    """

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Replace the details of the prompt."""
        return changed(usage, ("prompt_tokens_details",), put(None), create=True)


@fault("usage-details-extra", family="usage", layer="event")
class UsageDetailsExtra(UsageFault):
    """Send counts that OpenAI does not have.

    On the wire: ``"prompt_cache_hit_tokens":…``, ``"queue_time":…``, ``"cost":…`` and the like, as
    ``fields`` says. Who does it: DeepSeek, Groq, OpenRouter, xAI, Together. Catalogue:
    ``usage-details-extra``.
    """

    fields: Json = None

    def __post_init__(self) -> None:
        mapping("fields", self.fields)

    def counts(self, usage: dict[str, Any], run: Run) -> Any:
        """Add the fields."""
        return {**usage, **(_EXTRA if self.fields is None else self.fields)}


def _numbers(value: Any, change: Any) -> Any:
    """Return ``value`` with every number in it changed."""
    if isinstance(value, dict):
        return {key: _numbers(one, change) for key, one in value.items()}
    return change(value) if isinstance(value, (int, float)) else value


# --- counts in the wrong chunk ----------------------------------------------------------------------------


@fault("usage-chunk-without-choices", family="usage", layer="event", needs="stream")
class UsageChunkWithoutChoices(UsageFault):
    """Send the usage chunk without choices, or with null for them.

    On the wire: ``{"usage":{…}}`` beside id and model, where OpenAI has ``"choices":[]``. Who does it:
    gateways that build the chunk themselves. Catalogue: ``usage-chunk-without-choices``.
    """

    form: Literal["missing", "null"] = "missing"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the choices of the chunk with usage."""
        if usage_of(item) is None or choices(item.payload):
            return [item]
        payload = changed(item.payload, ("choices",), lambda old: ABSENT if self.form == "missing" else None)
        run.fire(f"changed event {item.events}")
        return [replace(item, payload=payload)]


@fault("usage-before-finish", family="usage", layer="event", needs="stream")
class UsageBeforeFinish(UsageFault):
    """Send the usage chunk in front of the chunk with the finish reason.

    On the wire: ``choices:[]`` with usage, then ``finish_reason``, then ``[DONE]``. Who does it: proxies.
    Catalogue: ``usage-before-finish``.
    """

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Hold what finishes a choice until the usage came."""
        if not run.context.include_usage:
            return [item]
        held: list[Event] = run.state.setdefault("held", [])
        if item.mark == "finish":
            held.append(item)
            return ()
        out: list[Item] = [item]
        if usage_of(item) is not None and held:
            run.fire(f"moved the usage in front of event {held[0].events}")
            out = [replace(item, tokens=held[0].tokens), *held]
            held.clear()
        elif item.payload is DONE:
            out = [*held, item]
            held.clear()
        return out

    def finish(self, run: Run) -> Iterable[Item]:
        """Release what is still held."""
        super().finish(run)
        held: list[Event] = run.state.get("held", [])
        return list(held)
