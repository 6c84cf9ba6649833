"""Endings of a choice: a finish reason that is missing, doubled, misplaced, misspelt or not the truth.

A reason that is only unusual (``eos_token``, ``abort``) is no fault: a scenario says ``reply: { finish:
eos_token }``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import EACH, THREE_TOKENS, PayloadFault, changed, choices, drop, index_of, instead, put
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Failure, Finish, Item, Part, Role, ToolCall, Usage
from mockoai.plan.place import Place

REASON = ("choices", EACH, "finish_reason")
DELTA = ("choices", EACH, "delta")
TEXT = ("choices", EACH, "text")


# --- the reason in chunks and bodies ----------------------------------------------------------------------


@fault("finish-missing", family="finish", layer="event", needs="stream")
class FinishMissing(PayloadFault):
    """Never send a finish reason.

    On the wire: the chunk that carries it is left out, or has ``null`` there when it also carries text or
    usage; ``[DONE]`` comes as ever. Who does it: Snowflake Cortex on every answer; truncated streams.
    Catalogue: ``finish-missing``, ``tool-finish-missing``.
    """

    def feed(self, item: Event, run: Run) -> list[Event]:
        """Take the reason away, and the chunk when nothing is left of it."""
        out = super().feed(item, run)
        if out[0] is not item and _empty(out[0].payload):
            return []
        return out

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Take the reason away."""
        return changed(payload, REASON, put(None))


@fault("finish-null-nonstream", family="finish", layer="event", needs="body")
class FinishNullNonstream(PayloadFault):
    """Answer with ``"finish_reason":null``.

    On the wire: as said, in every choice of the body. Who does it: proxies that assemble the body from a
    stream. Catalogue: ``finish-null-nonstream``.
    """

    paths = ("choices[*].finish_reason",)

    def change(self, old: Any, run: Run) -> Any:
        """Make it null."""
        return None


@fault("finish-key-absent", family="finish", layer="event", needs="stream")
class FinishKeyAbsent(PayloadFault):
    """Leave the key ``finish_reason`` out until the end.

    On the wire: chunks before the last one of a choice have no such key, where OpenAI has null. Who does
    it: Z.ai, exo, Perplexity. Catalogue: ``finish-key-absent``.
    """

    paths = ("choices[*].finish_reason",)

    def change(self, old: Any, run: Run) -> Any:
        """Take nulls away."""
        return drop(old) if old is None else old


@fault("finish-empty-string", family="finish", layer="event", needs="stream")
class FinishEmptyString(PayloadFault):
    """Write ``"finish_reason":""`` until the end.

    On the wire: chunks before the last one of a choice have an empty string, where OpenAI has null. Who
    does it: TGI's legacy completions and other servers. Catalogue: ``finish-empty-string``,
    ``legacy-finish-empty-string``.
    """

    paths = ("choices[*].finish_reason",)

    def change(self, old: Any, run: Run) -> Any:
        """Replace null."""
        return instead(None, "")(old)


@fault("finish-string-null", family="finish", layer="event", needs="stream")
class FinishStringNull(PayloadFault):
    """Write ``"finish_reason":"null"`` until the end.

    On the wire: chunks before the last one of a choice have the word as a string. Who does it: relays in
    the style of DashScope. Catalogue: ``finish-string-null``.
    """

    paths = ("choices[*].finish_reason",)

    def change(self, old: Any, run: Run) -> Any:
        """Replace null."""
        return instead(None, "null")(old)


@fault("finish-uppercase", family="finish", layer="event")
class FinishUppercase(PayloadFault):
    """Write the finish reason in capitals.

    On the wire: ``"finish_reason":"STOP"``. Who does it: relays of Gemini. Catalogue: ``finish-uppercase``.
    """

    paths = ("choices[*].finish_reason",)

    def change(self, old: Any, run: Run) -> Any:
        """Raise the letters."""
        return put(old.upper())(old) if isinstance(old, str) else old


@fault("finish-twice", family="finish", layer="event", needs="stream")
class FinishTwice(Fault):
    """Send two chunks with the finish reason.

    On the wire: the chunk with ``"finish_reason":"stop"`` is followed by another one with the same reason
    and an empty delta. Who does it: OpenRouter. Catalogue: ``finish-twice``.
    """

    target = "finish reason"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Repeat the chunk."""
        if not _finishes(item):
            return [item]
        run.fire(f"repeated event {item.events}")
        again = changed(changed(item.payload, DELTA, put({})), TEXT, put(""))
        return [item, replace(item, payload=again)]


@fault("content-after-finish", family="finish", layer="event", needs="stream")
class ContentAfterFinish(Fault):
    """Send a chunk with text behind the one with the finish reason.

    On the wire: ``"delta":{"content":" The end."},"finish_reason":null`` behind the finish. Who does it:
    filters that race with the model. Catalogue: ``content-after-finish``.
    """

    target = "finish reason"

    text: str = " The end."

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Add the chunk."""
        if not _finishes(item):
            return [item]
        run.fire(f"text behind event {item.events}")
        payload = changed(item.payload, REASON, put(None))
        payload = changed(changed(payload, DELTA, put({"content": self.text})), TEXT, put(self.text))
        return [item, replace(item, payload=payload, mark="content")]


@fault("finish-with-content", family="finish", layer="event", needs="stream")
class FinishWithContent(Fault):
    """Let the finish reason ride on the last chunk with text.

    On the wire: ``"delta":{"content":"."},"finish_reason":"stop"`` and no chunk behind it. Who does it:
    Mistral, DeepSeek, Ollama before 0.32.6. Catalogue: ``finish-with-content``.
    """

    target = "chunk with text before one with the finish reason"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Hold one chunk of every choice back until it is clear whether it is the last one."""
        held: dict[int, Event] = run.state.setdefault("held", {})
        found = choices(item.payload)
        if len(found) != 1:
            # Nothing of a choice follows its finish but usage and [DONE]: release what never finished.
            rest = [*held.values()]
            held.clear()
            return [*rest, item]
        number = index_of(found[0])
        before = held.pop(number, None)
        if _finishes(item) and before is not None and _empty(changed(item.payload, REASON, put(None))):
            run.fire(f"moved the finish reason to event {before.events}")
            return [replace(before, payload=changed(before.payload, REASON, put(found[0]["finish_reason"])))]
        if item.mark == "content" and not _finishes(item):
            held[number] = item
            return [] if before is None else [before]
        return [item] if before is None else [before, item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Release what is still held."""
        held: dict[int, Event] = run.state.get("held", {})
        return list(held.values())


def _finishes(item: Event) -> bool:
    return item.payload is not DONE and any(choice.get("finish_reason") for choice in choices(item.payload))


def _empty(payload: Any) -> bool:
    """Whether a chunk carries neither text nor a call, reason or usage."""
    return not payload.get("usage") and not any(
        choice.get("delta") or choice.get("text") or choice.get("finish_reason") for choice in choices(payload)
    )


# --- answers that end early -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Shortened(Fault):
    """Cut every choice behind a place, count no more than what was said, and finish with a reason of one's
    own.
    """

    after: Place = THREE_TOKENS
    reason: str = ""

    def ending(self, finish: Finish, called: bool) -> str:
        """Return the reason of a choice that was cut; ``called`` tells whether it calls a tool."""
        return self.reason or finish.reason

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Let parts pass until the place, then only what ends the choices."""
        if isinstance(item, Failure):
            run.missed("the answer is an error")
            return [item]
        cut: int | None = run.state.get("cut")
        if isinstance(item, ToolCall):
            run.state[f"called {item.choice}"] = True
        if isinstance(item, Finish):
            if cut is None:
                return [item]
            called = run.state.get(f"called {item.choice}", False)
            reason = self.ending(item, called)
            if reason != item.reason:
                run.fire(f"finished with `{reason}` behind {cut} tokens")
            return [replace(item, reason=reason, tokens=cut)] if run.fired else [item]
        if isinstance(item, Usage):
            return [_counted(item, cut)] if cut is not None and run.fired else [item]
        if isinstance(item, Role):
            return [item]
        if cut is not None:
            run.fire(f"cut behind {cut} tokens")
            return ()
        if run.after(self.after, item):
            run.state["cut"] = item.tokens
        return [item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Say why nothing was cut."""
        if "cut" in run.state:
            run.missed(f"nothing follows `{self.after}` that could be cut off")
        return ()


def _counted(usage: Usage, tokens: int) -> Usage:
    return replace(usage, completion=min(usage.completion, tokens), tokens=tokens)


@fault("finish-length-hidden", family="finish", layer="reply")
class FinishLengthHidden(Shortened):
    """Cut the answer at a length and say that it ended by itself.

    On the wire: ``"finish_reason":"stop"`` (``tool_calls`` when it calls a tool) where ``length`` is due;
    the usage counts what was said. Who does it: vLLM with streamed tool calls, Ollama before 0.32.6,
    LiteLLM's bridge. Catalogue: ``finish-length-hidden``.
    """

    def ending(self, finish: Finish, called: bool) -> str:
        """Return what a whole answer would have."""
        return self.reason or ("tool_calls" if called else "stop")

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Cut, and hide a ``length`` that is honest."""
        if isinstance(item, Finish) and item.reason == "length" and "cut" not in run.state:
            run.fire("hid the reason `length`")
            called = run.state.get(f"called {item.choice}", False)
            return [replace(item, reason=self.ending(item, called))]
        return super().feed(item, run)


@fault("finish-error", family="finish", layer="reply")
class FinishError(Shortened):
    """Cut the answer and finish with the reason ``error``, without an error object.

    On the wire: ``"finish_reason":"error"``. Who does it: OpenRouter when the server behind it fails.
    Catalogue: ``finish-error``.
    """

    reason: str = "error"


@fault("err-content-filter-mid-stream", family="finish", layer="reply")
class ContentFilter(Shortened):
    """Cut the answer and finish with the reason ``content_filter``.

    On the wire: ``"finish_reason":"content_filter"`` behind part of the text. Who does it: Azure, OpenAI.
    Catalogue: ``err-content-filter-mid-stream``.
    """

    reason: str = "content_filter"


@fault("err-finish-network-error", family="finish", layer="reply")
class FinishNetworkError(Shortened):
    """Cut the answer and finish with the reason ``network_error``.

    On the wire: ``"finish_reason":"network_error"``. Who does it: Zhipu's GLM. Catalogue:
    ``err-finish-network-error``.
    """

    reason: str = "network_error"
