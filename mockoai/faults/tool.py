"""Tool calls that the model or the server garbled: arguments, names, and where the call is written.

These act on the fragments of the reply, so they hold for every endpoint and backend, streamed or not. What
goes wrong in the deltas only (index, id, type) is in ``tool_delta``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.items import Finish, Item, Part, ToolCall

Key = tuple[int, int]
"""One call: the choice it belongs to and its index there."""

CALLED = ("tool_calls", "function_call")
"""Finish reasons of a choice that calls tools."""


class JsonEnd:
    """Follows JSON text piece by piece and finds where its first object or array closes (RFC 8259 §2)."""

    def __init__(self) -> None:
        self.text = ""
        self._depth = 0
        self._quoted = self._escaped = self._closed = False

    def feed(self, piece: str) -> int | None:
        """Take the next piece; return the position in it of the closing bracket, or None when it is not in
        it.
        """
        self.text += piece
        for position, character in enumerate(piece):
            if self._closed:
                return None
            if self._quoted:
                self._quoted = self._escaped or character != '"'
                self._escaped = character == "\\" and not self._escaped
            elif character == '"':
                self._quoted = True
            elif character in "{[":
                self._depth += 1
            elif character in "}]":
                self._depth -= 1
                if self._depth <= 0:
                    self._closed = True
                    return position
        return None


@dataclass(frozen=True, kw_only=True)
class ToolFault(Fault):
    """A fault that is fed the fragments of tool calls and the end of the choices that made them."""

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Take one fragment and give back what goes on in its stead."""
        return [item]

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Take a part that is no fragment."""
        return [item]

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Tell fragments from other parts."""
        if isinstance(item, ToolCall):
            run.missed("the tool calls gave it nothing to act on")
            return self.fragment(item, run)
        return self.other(item, run)

    def finish(self, run: Run) -> Iterable[Item]:
        """Say why nothing was done."""
        run.missed("the answer calls no tool")
        return ()


def _key(item: ToolCall) -> Key:
    return item.choice, item.index


def _end(item: ToolCall, run: Run) -> JsonEnd:
    """Return what follows the arguments of the call that ``item`` belongs to."""
    ends: dict[Key, JsonEnd] = run.state.setdefault("ends", {})
    return ends.setdefault(_key(item), JsonEnd())


# --- arguments --------------------------------------------------------------------------------------------


@fault("tool-args-invalid-json", family="tool", layer="reply")
class ToolArgsInvalidJson(ToolFault):
    """Leave out the bracket that closes the arguments of a tool call.

    On the wire: ``"arguments":"{\\"x\\": 1"``. Who does it: weak models, and servers that cut an answer at
    its length limit without saying so. Catalogue: ``tool-args-invalid-json``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Cut the fragment that closes the arguments; drop what is left without any."""
        position = _end(item, run).feed(item.arguments)
        if position is None:
            return [item]
        run.fire(f"call {item.index}: left the closing bracket out")
        arguments = item.arguments[:position]
        if not arguments and item.name is None:
            return ()
        return [replace(item, arguments=arguments)]


@fault("tool-args-doubled", family="tool", layer="reply")
class ToolArgsDoubled(ToolFault):
    """Send the arguments of a tool call once more when they are complete.

    On the wire: ``{"x":1}{"x":1}`` when the fragments are put together. Who does it: servers whose last
    chunk repeats the whole arguments. Catalogue: ``tool-args-doubled``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Follow the fragment that closes the arguments by one with all of them."""
        end = _end(item, run)
        if end.feed(item.arguments) is None:
            return [item]
        run.fire(f"call {item.index}: repeated the arguments")
        return [item, replace(item, id=None, name=None, arguments=end.text)]


@fault("tool-args-parsable-prefix", family="tool", layer="reply", needs="stream")
class ToolArgsParsablePrefix(ToolFault):
    """Go on with the arguments of a tool call, in one more delta, when they are whole JSON already.

    On the wire: ``{"query": "test"}``, then ``, "limit": 10}`` as ``rest`` says. A client that runs the tool as soon as
    the arguments can be parsed runs it too early. Who does it: models that go on behind a closing bracket. Catalogue:
    ``tool-args-parsable-prefix``.
    """

    rest: str = ', "limit": 10}'

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Follow the fragment that closes the arguments by one with the rest."""
        if _end(item, run).feed(item.arguments) is None:
            return [item]
        run.fire(f"call {item.index}: went on behind the closing bracket")
        return [item, replace(item, id=None, name=None, arguments=self.rest)]


@fault("tool-args-cumulative", family="tool", layer="reply", needs="stream")
class ToolArgsCumulative(ToolFault):
    """Repeat in every delta all the arguments so far.

    On the wire: ``{"x"``, then ``{"x": 1``, then ``{"x": 1}``. Who does it: services in a mode that does
    not send increments, in the style of DashScope. Catalogue: ``tool-args-cumulative``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Put what came before in front of the fragment."""
        end = _end(item, run)
        before = end.text
        end.feed(item.arguments)
        if not before:
            return [item]
        run.fire(f"call {item.index}: repeated the arguments so far")
        return [replace(item, arguments=end.text)]


@fault("tool-args-double-encoded", family="tool", layer="reply")
class ToolArgsDoubleEncoded(ToolFault):
    """Write the arguments as a JSON string that holds JSON.

    On the wire: ``"arguments":"\\"{\\\\\\"x\\\\\\":1}\\""``. Who does it: weak models. Catalogue:
    ``tool-args-double-encoded``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Escape the fragment, and quote the arguments where they begin and close."""
        if not item.arguments:
            return [item]
        end = _end(item, run)
        start = '"' if not end.text else ""
        close = '"' if end.feed(item.arguments) is not None else ""
        run.fire(f"call {item.index}: encoded the arguments twice")
        arguments = start + json.dumps(item.arguments, ensure_ascii=False)[1:-1] + close
        return [replace(item, arguments=arguments)]


@fault("tool-args-empty-string", family="tool", layer="reply")
class ToolArgsEmptyString(ToolFault):
    """Send no arguments at all.

    On the wire: ``"arguments":""``. Who does it: many servers for tools without arguments, where ``{}`` is
    due. Catalogue: ``tool-args-empty-string``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Keep what opens the call and drop its arguments."""
        if not item.arguments:
            return [item]
        run.fire(f"call {item.index}: left the arguments out")
        return [replace(item, arguments="")] if item.name is not None else ()


@fault("tool-args-one-chunk", family="tool", layer="reply", needs="stream")
class ToolArgsOneChunk(ToolFault):
    """Send every tool call whole, in one delta, when it is complete.

    On the wire: one delta with id, name and all arguments. Who does it: xAI, Groq, Mistral, Ollama, exo.
    Catalogue: ``tool-args-one-chunk``.
    """

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Collect the fragments of a call; another call of the choice releases it."""
        held: dict[int, ToolCall] = run.state.setdefault("held", {})
        before = held.get(item.choice)
        if before is None or before.index != item.index:
            held[item.choice] = item
            return [] if before is None else [before]
        run.fire(f"call {item.index}: sent in one delta")
        arguments = before.arguments + item.arguments
        held[item.choice] = replace(item, id=before.id, name=before.name, arguments=arguments)
        return []

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Release what the choice holds before anything else of it goes on."""
        held: dict[int, ToolCall] = run.state.get("held", {})
        call = held.pop(item.choice, None)
        return [item] if call is None else [call, item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Release what is still held."""
        held: dict[int, ToolCall] = run.state.get("held", {})
        return [*super().finish(run), *held.values()]


# --- names and reasons -------------------------------------------------------------------------------------


@fault("tool-unknown-name", family="tool", layer="reply")
class ToolUnknownName(ToolFault):
    """Call a tool that was not offered.

    On the wire: ``"name":"search_the_web_v2"`` where the request offers no such function. Who does it:
    models that make tools up; LocalAI, when it takes XML in the text for a call. Catalogue:
    ``tool-unknown-name``.
    """

    name: str = "search_the_web_v2"

    def fragment(self, item: ToolCall, run: Run) -> Iterable[Item]:
        """Rename the call."""
        if item.name is None or item.name == self.name:
            return [item]
        run.fire(f"call {item.index}: {item.name} became {self.name}")
        return [replace(item, name=self.name)]


@fault("tool-finish-stop", family="tool", layer="reply")
class ToolFinishStop(ToolFault):
    """Finish an answer that calls tools with ``stop``.

    On the wire: ``"finish_reason":"stop"`` behind tool calls. Who does it: vLLM for a named tool choice,
    older builds for all; mlx-vlm; LiteLLM. OpenAI does it for a named tool choice, so a healthy answer may
    do it already. Catalogue: ``tool-finish-stop``.
    """

    reason: str = "stop"

    def other(self, item: Part, run: Run) -> Iterable[Item]:
        """Change the reason."""
        if isinstance(item, Finish) and item.reason in CALLED:
            run.fire(f"choice {item.choice}: {item.reason} became {self.reason}")
            return [replace(item, reason=self.reason)]
        return [item]
