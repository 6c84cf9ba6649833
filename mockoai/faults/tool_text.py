"""Tool calls in another place than ``tool_calls``, or in another order.

Like ``tool`` these act on the fragments of the reply, streamed or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from mockoai.faults.base import Run
from mockoai.faults.registry import fault
from mockoai.faults.tool import CALLED, ToolFault
from mockoai.plan.items import Finish, Item, Part, Text, ToolCall


@fault("tool-in-content-xml", family="tool", layer="reply", claims=["tool-place"])
class ToolInContentXml(ToolFault):
    """Write tool calls as XML into the text, and finish with ``stop``.

    On the wire: the content is ``<tool_call>\\n{"name": "get_weather", "arguments": {…}}\\n</tool_call>``
    and there are no ``tool_calls``. Who does it: vLLM without a tool parser, Ollama and LM Studio with a
    template that does not fit the model. Catalogue: ``tool-in-content-xml``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Turn the fragment into text."""
        run.fire(f"call {item.index}: written as text")
        opened: dict[int, ToolCall] = run.state.setdefault("opened", {})
        text = item.arguments
        if _opens(item, run):
            before = "\n" if item.choice in opened else ""
            closed = self._close(item, run)
            text = f'{closed}{before}<tool_call>\n{{"name": {json.dumps(item.name)}, "arguments": {text}'
        opened[item.choice] = item
        return [_text(item, text)] if text else ()

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Close an open call before anything else of its choice, and finish with ``stop``."""
        closed = self._close(item, run)
        before = [_text(item, closed)] if closed else []
        if isinstance(item, Finish) and item.reason in CALLED:
            item = replace(item, reason="stop")
        return [*before, item]

    def _close(self, item: Part, run: Run) -> str:
        opened: dict[int, ToolCall] = run.state.get("opened", {})
        return "}\n</tool_call>" if opened.pop(item.choice, None) is not None else ""


@fault("tool-json-leaks-into-content", family="tool", layer="reply", claims=["tool-place"])
class ToolJsonLeaksIntoContent(ToolFault):
    """Write tool calls as JSON into the text, and then make them as well.

    On the wire: the content is ``{"name": "get_weather", "arguments": {…}}``, piece by piece, and the ``tool_calls``
    come behind it. Who does it: LocalAI. Catalogue: ``tool-json-leaks-into-content``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Turn the fragment into text, and keep it for later."""
        run.fire(f"call {item.index}: written into the text as well")
        held: dict[int, list[ToolCall]] = run.state.setdefault("held", {})
        text = item.arguments
        if _opens(item, run):
            before = "}\n" if item.choice in held else ""
            text = f'{before}{{"name": {json.dumps(item.name)}, "arguments": {text}'
        held.setdefault(item.choice, []).append(item)
        return [_text(item, text)] if text else ()

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Make the calls before anything else of the choice."""
        held: dict[int, list[ToolCall]] = run.state.get("held", {})
        return [*self._made(held.pop(item.choice, []), item.at), item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Make the calls that are still held."""
        held: dict[int, list[ToolCall]] = run.state.get("held", {})
        left = [call for calls in held.values() for call in self._made(calls, calls[-1].at)]
        return [*super().finish(run), *left]

    @staticmethod
    def _made(calls: list[ToolCall], at: float) -> list[Item]:
        if not calls:
            return []
        tokens = calls[-1].tokens
        return [_text(replace(calls[-1], at=at), "}"), *[replace(one, at=at, tokens=tokens) for one in calls]]


@fault("tool-legacy-function-call", family="tool", layer="reply", claims=["tool-place"])
class ToolLegacyFunctionCall(ToolFault):
    """Make the first tool call a ``function_call``, and finish with that; drop the others.

    On the wire: ``"delta":{"function_call":{"name":"f","arguments":"…"}}``, no id,
    ``"finish_reason":"function_call"``. Who does it: old servers; LocalAI in its finish reason. Catalogue:
    ``tool-legacy-function-call``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Make the fragment one of the deprecated kind."""
        if item.legacy:
            run.missed("the call is a function_call already: the request has `functions`")
            return [item]
        if item.index:
            return ()
        run.fire("made the call a function_call")
        return [replace(item, legacy=True, id=None)]

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Change the reason."""
        if run.fired and isinstance(item, Finish) and item.reason == "tool_calls":
            item = replace(item, reason="function_call")
        return [item]


@fault("tool-parallel-interleaved", family="tool", layer="reply", needs="stream")
class ToolParallelInterleaved(ToolFault):
    """Send the deltas of several calls in turn; it takes two calls to show.

    On the wire: index 0, 1, 0, 1, …, which the API allows and OpenAI does not do. Who does it: servers that
    decode calls side by side. Catalogue: ``tool-parallel-interleaved``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Hold the fragments back."""
        held: list[ToolCall] = run.state.setdefault("held", [])
        held.append(item)
        return ()

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Release them before anything else, in turn where a choice makes several calls."""
        return [*self._released(run), item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Release what is still held."""
        return [*super().finish(run), *self._released(run)]

    @staticmethod
    def _released(run: Run) -> Iterable[ToolCall]:
        held: list[ToolCall] = run.state.pop("held", [])
        turns: dict[tuple[int, int], list[ToolCall]] = {}
        for item in held:
            turns.setdefault((item.choice, item.index), []).append(item)
        if len(turns) == len({choice for choice, _ in turns}):
            return held
        run.fire(f"interleaved {len(turns)} calls")
        rounds = range(max(map(len, turns.values())))
        # All are known only when the last one is, so they leave with it.
        return [replace(same[turn], at=held[-1].at) for turn in rounds for same in turns.values() if turn < len(same)]


def _opens(item: ToolCall, run: Run) -> bool:
    """Whether ``item`` is the first fragment of its call."""
    seen: set[tuple[int, int]] = run.state.setdefault("seen", set())
    new = (item.choice, item.index) not in seen
    seen.add((item.choice, item.index))
    return new


def _text(item: Part, text: str) -> Text:
    return Text(at=item.at, tokens=item.tokens, choice=item.choice, text=text)
