"""Chunks whose ``choices`` or ``delta`` is not what a loop over ``chunk.choices[0].delta`` takes for
granted.

Some change a chunk that is there, others send one more. What is sent between the others does not touch the
text, so a client that skips what it cannot use loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockoai.faults.base import Fault, Run, countable
from mockoai.faults.payload import (
    EACH,
    InsertedEvent,
    PayloadFault,
    changed,
    choices,
    drop,
    envelope,
    index_of,
    put,
)
from mockoai.faults.registry import fault
from mockoai.plan.context import Context
from mockoai.plan.items import Event, Item
from mockoai.plan.place import Place
from mockoai.scenario.model import Json

_SAFE = {"filtered": False, "severity": "safe"}
_FILTERS = {"hate": _SAFE, "self_harm": _SAFE, "sexual": _SAFE, "violence": _SAFE}
_BARE = {"created": 0, "id": "", "model": "", "object": ""}
STREAMED = ("chat", "completions")
_FIRST = Place("events", 1.0)


# --- choices ----------------------------------------------------------------------------------------------


@fault("choices-empty-first-azure", family="chunk", layer="event", needs="stream")
class ChoicesEmptyFirstAzure(InsertedEvent):
    """Send a first chunk without choices that reports on the prompt.

    On the wire:
    ``{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,
    "content_filter_results":{…}}]}``, then the usual chunks. Who does it: Azure OpenAI since 2023.
    Catalogue: ``choices-empty-first-azure``.
    """

    after: Place = Place("mark", mark="headers")

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the chunk."""
        results = [{"prompt_index": 0, "content_filter_results": _FILTERS}]
        return replace(like, payload={"choices": [], **_BARE, "prompt_filter_results": results})


@fault("choices-null", family="chunk", layer="event", claims=["choices"])
class ChoicesNull(PayloadFault):
    """Write ``"choices":null``, in the first chunk of a stream unless told otherwise, or in the body.

    On the wire: as said; what the chunk held is lost, which for the first one is the role. Who does it:
    vLLM on RunPod, OpenRouter with an error, gateways here and there. Catalogue: ``choices-null``,
    ``choices-null-nonstream``.
    """

    paths = ("choices",)
    at: Place | None = _FIRST

    def change(self, old: Any, run: Run) -> Any:
        """Make it null."""
        return None


@fault("choices-missing", family="chunk", layer="event", claims=["choices"])
class ChoicesMissing(PayloadFault):
    """Leave ``choices`` out, in the first chunk of a stream unless told otherwise, or in the body.

    On the wire: ``{"id":…,"object":…,"created":…,"model":…}``. Who does it: gateways that send pings and
    metadata as chunks. Catalogue: ``choices-missing``.
    """

    paths = ("choices",)
    at: Place | None = _FIRST

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old)


@fault("choices-empty", family="chunk", layer="event", claims=["choices"])
class ChoicesEmpty(PayloadFault):
    """Write ``"choices":[]``, in the first chunk of a stream unless told otherwise, or in the body.

    On the wire: as said. Who does it: content filters, Gemini's safety settings. Catalogue:
    ``choices-empty-nonstream``.
    """

    paths = ("choices",)
    at: Place | None = _FIRST

    def change(self, old: Any, run: Run) -> Any:
        """Empty it."""
        return put([])(old)


# --- delta and message ------------------------------------------------------------------------------------


@fault("delta-null", family="chunk", layer="event", needs="stream")
class DeltaNull(InsertedEvent):
    """Send a chunk more whose delta is null.

    On the wire: ``"choices":[{"index":0,"delta":null,"finish_reason":null}]``. Who does it: Azure OpenAI
    with the asynchronous content filter. Catalogue: ``delta-null``.
    """

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the chunk."""
        choice = {"index": 0, "delta": None, "finish_reason": None}
        return replace(like, payload=envelope(like.payload, choices=[choice]))


@fault("delta-missing-azure-annotations", family="chunk", layer="event", needs="stream")
class DeltaMissingAzureAnnotations(InsertedEvent):
    """Send a chunk more that reports on the text so far and has no delta.

    On the wire:
    ``{"choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":44,…},
    "content_filter_results":{…}}],"created":0,"id":"","model":"","object":""}``. Who does it: Azure OpenAI
    with the asynchronous content filter. Catalogue: ``delta-missing-azure-annotations``.
    """

    offset: int = 44

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the chunk."""
        offsets = {"check_offset": self.offset, "start_offset": self.offset, "end_offset": self.offset + 30}
        choice = {"index": 0, "finish_reason": None, "content_filter_offsets": offsets}
        return replace(like, payload={"choices": [{**choice, "content_filter_results": _FILTERS}], **_BARE})


@fault("message-null", family="chunk", layer="event", needs="body")
class MessageNull(PayloadFault):
    """Write ``"message":null`` into every choice of a body.

    On the wire: as said. Who does it: proxies that lost the answer. Catalogue: ``message-null``.
    """

    paths = ("choices[*].message",)

    def change(self, old: Any, run: Run) -> Any:
        """Make it null."""
        return None


@fault("text-instead-of-delta", family="chunk", layer="event", claims=["delta"], needs="stream")
class TextInsteadOfDelta(PayloadFault):
    """Write the text as a legacy completion has it; ``both: true`` keeps the delta beside it.

    On the wire: ``"choices":[{"index":0,"text":"Hi",…}]``. Who does it: Together behind Hugging Face's
    router, which sends both. Catalogue: ``text-instead-of-delta``.
    """

    target = "`delta`"
    both: bool = False

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Turn deltas into text."""
        return changed(payload, ("choices", EACH), self._choice)

    def _choice(self, choice: Any) -> Any:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict):
            return choice
        if self.both:
            return {"index": choice.get("index", 0), "text": delta.get("content") or "", **choice}
        return {
            "text" if key == "delta" else key: (delta.get("content") or "") if key == "delta" else one
            for key, one in choice.items()
        }


@fault("message-instead-of-delta", family="chunk", layer="event", claims=["delta"], needs="stream")
class MessageInsteadOfDelta(PayloadFault):
    """Call the delta a message.

    On the wire: ``"choices":[{"index":0,"message":{"content":"Hi"},…}]``. Who does it: servers that fake a
    stream. Catalogue: ``message-instead-of-delta``.
    """

    target = "`delta`"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Rename the key."""
        return changed(payload, ("choices", EACH), self._choice)

    def _choice(self, choice: Any) -> Any:
        if not isinstance(choice, dict) or "delta" not in choice:
            return choice
        return {"message" if key == "delta" else key: one for key, one in choice.items()}


@fault("first-chunk-with-content", family="chunk", layer="event", needs="stream")
class FirstChunkWithContent(Fault):
    """Send the role together with the first token, in no chunk of its own.

    On the wire: ``"delta":{"role":"assistant","content":"The"}`` first. Who does it: Z.ai, Perplexity,
    OpenRouter, Hugging Face's router. Catalogue: ``first-chunk-with-content``.
    """

    target = "chunk with a role that one with text follows"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Keep the role until there is text to go with it."""
        roles: dict[int, Event] = run.state.setdefault("roles", {})
        found = choices(item.payload)
        if len(found) != 1:
            return [item]
        number = index_of(found[0])
        delta = found[0].get("delta")
        if item.mark == "role" and isinstance(delta, dict) and not delta.get("tool_calls"):
            roles[number] = item
            return ()
        role = roles.pop(number, None)
        if role is None:
            return [item]
        if not isinstance(delta, dict) or not isinstance(delta.get("content"), str):
            # In the order they came: those of other choices as well.
            rest = [role, *roles.values()]
            roles.clear()
            return [*rest, item]
        run.fire(f"the role came with event {item.events}")
        both = {"role": choices(role.payload)[0]["delta"].get("role", "assistant"), **delta}
        return [replace(item, mark="role", payload=changed(item.payload, ("choices", EACH, "delta"), put(both)))]

    def finish(self, run: Run) -> Iterable[Item]:
        """Release a role that nothing followed."""
        roles: dict[int, Event] = run.state.get("roles", {})
        return list(roles.values())


# --- chunks that are none, and too many ---------------------------------------------------------------------


@fault("data-null-or-scalar", family="chunk", layer="event", needs="stream")
class DataNullOrScalar(InsertedEvent):
    """Send an event more whose data is JSON and no object.

    On the wire: ``data: null``, or ``data: "ok"``, ``data: []`` as ``value`` says. Who does it: proxies.
    Catalogue: ``data-null-or-scalar``.
    """

    value: Json = None

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the event."""
        return replace(like, payload=self.value)


@fault("many-empty-deltas", family="chunk", layer="event", needs="stream")
class ManyEmptyDeltas(InsertedEvent):
    """Send many chunks more with empty text.

    On the wire: ``"delta":{"content":""}``, ``count`` times. Who does it: guided decoding and tool parsers
    that hold text back. Catalogue: ``many-empty-deltas``.
    """

    count: int = 20

    def __post_init__(self) -> None:
        countable("count", self.count)

    def feed(self, item: Event, run: Run) -> list[Event]:
        """Repeat what is inserted."""
        return [copy for one in super().feed(item, run) for copy in ([one] if one is item else [one] * self.count)]

    def inserted(self, like: Event, run: Run) -> Event:
        """Return one of the chunks."""
        return replace(like, payload=saying(like, ""))


def saying(like: Event, text: str | None) -> dict[str, Any]:
    """Return a chunk like ``like`` whose only choice says ``text``."""
    found = choices(like.payload)
    choice = {**found[0], "finish_reason": None} if found else {"index": 0, "delta": {}, "finish_reason": None}
    payload = envelope(like.payload, choices=[choice])
    payload = changed(payload, ("choices", EACH, "delta"), put({"content": text}))
    return changed(payload, ("choices", EACH, "text"), put(text))  # type: ignore[no-any-return]


# --- one JSON body instead of a stream --------------------------------------------------------------------


@fault("json-for-stream-request", family="chunk", layer="event", claims=["form"])
class JsonForStreamRequest(Fault):
    """Answer a request for a stream with one JSON body.

    On the wire: ``200`` ``application/json`` and a completion as it is without ``stream``. Who does it:
    servers that cannot stream, gateways with a cache. Catalogue: ``json-for-stream-request``.
    """

    def prepare(self, context: Context) -> Context:
        """Have the answer composed as a body."""
        return replace(context, stream=False)

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let the body through."""
        if not run.context.request.stream or run.context.endpoint not in STREAMED or item.mark == "error":
            run.missed("the answer is no stream anyway")
            return [item]
        run.fire("answered with one body")
        return [replace(item)]
