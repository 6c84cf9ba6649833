"""Tool calls whose deltas are cut in two, put together, or empty.

Like ``tool_delta`` these act on the JSON of chunks; here a delta may become several or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockoai.faults.base import Run
from mockoai.faults.payload import ABSENT, choices, envelope
from mockoai.faults.registry import fault
from mockoai.faults.tool_delta import Call, CallFault, function_of
from mockoai.plan.items import Event, Item


@dataclass(frozen=True, kw_only=True)
class SplitFault(CallFault):
    """A fault that cuts the delta that opens a tool call in two."""

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Return the ``function`` of the first and of the second delta; None to leave the delta whole."""
        raise NotImplementedError

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Keep the first half and remember the second."""
        halves = self.halves(function_of(call)) if opens else None
        if halves is None:
            return call
        run.state["rest"].append({"index": call.get("index", 0), "function": halves[1]})
        return {**call, "function": halves[0]}

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Follow the event that holds first halves by one with the second ones."""
        rest: list[Call] = []
        run.state["rest"] = rest
        out = list(super().feed(item, run))
        if not rest:
            return out
        delta = {"tool_calls": rest}
        choice = {**choices(item.payload)[0], "delta": delta}
        return [*out, replace(item, payload=envelope(item.payload, choices=[choice]))]


@fault("tool-name-late", family="tool", layer="event", needs="stream")
class ToolNameLate(SplitFault):
    """Open a tool call without its name, which comes in the next delta.

    On the wire: ``{"index":0,"id":"c1","type":"function","function":{"arguments":""}}``, then
    ``{"index":0,"function":{"name":"f","arguments":""}}``. Who does it: gateways that build calls piece by
    piece. Catalogue: ``tool-name-late``.
    """

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Move the name, and the arguments behind it, to the second delta."""
        return {"arguments": ""}, function


@fault("tool-name-split", family="tool", layer="event", needs="stream")
class ToolNameSplit(SplitFault):
    """Send the name of a tool in two pieces.

    On the wire: ``"name":"get_"``, then ``"name":"weather"``; cut behind the first underscore, else in the
    middle. Who does it: relays that pass on token by token. Catalogue: ``tool-name-split``.
    """

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Cut the name; a name of one letter stays whole."""
        name = function.get("name")
        if not isinstance(name, str):
            return None
        cut = name.find("_") + 1 or len(name) // 2
        if not 0 < cut < len(name):
            return None
        return {"name": name[:cut], "arguments": ""}, {**function, "name": name[cut:]}


@fault("tool-function-null", family="tool", layer="event", needs="stream")
class ToolFunctionNull(CallFault):
    """Follow the delta that opens a tool call by one whose function is null.

    On the wire: ``{"index":0,"function":null}``. Who does it: typed serialisers. Catalogue:
    ``tool-function-null``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Remember what opens."""
        if opens:
            run.state["opened"].append({"index": call.get("index", 0), "function": None})
        return call

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Add the delta."""
        opened: list[Call] = []
        run.state["opened"] = opened
        super().feed(item, run)
        if not opened:
            return [item]
        run.fire(f"added a delta behind event {item.events}")
        choice = {**choices(item.payload)[0], "delta": {"tool_calls": opened}}
        return [item, replace(item, payload=envelope(item.payload, choices=[choice]))]


@fault("tool-args-null", family="tool", layer="event")
class ToolArgsNull(CallFault):
    """Send ``"arguments":null``, and nothing of the arguments behind it.

    On the wire: ``{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":null}}``. Who
    does it: typed serialisers, for tools without arguments. Catalogue: ``tool-args-null``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Make the arguments null; take continuations away."""
        return {**call, "function": {**function_of(call), "arguments": None}} if opens else ABSENT

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Drop the events that have no call left."""
        return [one for one in super().feed(item, run) if one is item or not _hollow(one)]


@fault("tool-args-object", family="tool", layer="event")
class ToolArgsObject(CallFault):
    """Send the arguments as an object instead of a string that holds JSON.

    On the wire: ``"arguments":{"x":1}``, whole in one delta when streamed; arguments that never become JSON
    leave the call out. Who does it: servers that leak Ollama's native format. Catalogue:
    ``tool-args-object``, ``tool-args-object-nonstream``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Collect the arguments; the delta that completes them is the one that opened the call."""
        said = function_of(call).get("arguments")
        if not isinstance(said, str):
            return call
        text = run.state.get(key, "") + said
        run.state[key] = text
        first: Call = run.state.setdefault(f"first {key}", call)
        try:
            arguments = json.loads(text)
        except ValueError:
            return ABSENT
        return {**first, "function": {**function_of(first), "arguments": arguments}}

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Drop the events that have no call left."""
        return [one for one in super().feed(item, run) if one is item or not _hollow(one)]


def _hollow(item: Item) -> bool:
    """Whether ``item`` is a chunk whose calls were all taken away and that says nothing else."""
    found = choices(item.payload) if isinstance(item, Event) else []
    return bool(found) and all(choice.get("delta") == {} for choice in found)
