"""Tool calls whose deltas are misshapen: index, id, type and name.

These act on the JSON of chunks, where a call has the keys that its fragments have not; ids are also changed in answers
that are not streamed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import ABSENT, EACH, Path, changed, choices, drop, inserted, put
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Item

Call = dict[str, Any]
Missing = Literal["missing", "null", "empty"]

_IN_DELTA: Path = ("delta", "tool_calls", EACH)
_IN_MESSAGE: Path = ("message", "tool_calls", EACH)


@dataclass(frozen=True, kw_only=True)
class CallFault(Fault):
    """A fault that changes the tool calls of chunks and bodies one by one."""

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Return ``call`` as it shall be sent.

        ``opens`` tells the first delta of a call (and a whole call) from its continuations; ``key`` is the same for all of
        them.
        """
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the calls in ``item``."""
        if item.payload is DONE:
            return [item]
        payload = changed(item.payload, ("choices", EACH), lambda choice: self._choice(choice, run))
        if payload is item.payload:
            return [item]
        run.fire(f"changed event {item.events}")
        return [replace(item, payload=payload)]

    def finish(self, run: Run) -> Iterable[Item]:
        """Say why nothing was done."""
        seen = run.state.get("seen")
        run.missed("the tool calls gave it nothing to act on" if seen else "the answer calls no tool")
        return ()

    def _choice(self, choice: Any, run: Run) -> Any:
        number = choice.get("index", 0) if isinstance(choice, dict) else 0

        def one(call: Any) -> Any:
            seen: set[str] = run.state.setdefault("seen", set())
            key = f"{number}/{call.get('index', call.get('id'))}"
            opens = key not in seen
            seen.add(key)
            return self.call(call, opens, key, run)

        return changed(changed(choice, _IN_DELTA, one), _IN_MESSAGE, one)


# --- index ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class IndexFault(CallFault):
    """A fault that changes the ``index`` of every delta of a call."""

    def index(self, index: Any) -> Any:
        """Return what stands in place of ``index``."""
        raise NotImplementedError

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Change the index."""
        return changed(call, ("index",), self.index)


@fault("tool-index-missing", family="tool", layer="event", needs="stream")
class ToolIndexMissing(IndexFault):
    """Leave ``index`` out of the deltas of tool calls.

    On the wire: ``{"id":"c1","type":"function","function":{…}}``. Who does it: Gemini's OpenAI-compatible endpoint, Mistral,
    Ollama before November 2024, mistral.rs. Catalogue: ``tool-index-missing``.
    """

    def index(self, index: Any) -> Any:
        """Take it away."""
        return drop(index)


@fault("tool-index-null", family="tool", layer="event", needs="stream")
class ToolIndexNull(IndexFault):
    """Write ``"index":null`` into the deltas of tool calls.

    On the wire: ``{"index":null,"id":…}``. Who does it: relays such as chatanywhere. Catalogue: ``tool-index-null``.
    """

    def index(self, index: Any) -> Any:
        """Make it null."""
        return None


@fault("tool-index-string", family="tool", layer="event", needs="stream")
class ToolIndexString(IndexFault):
    """Write the index of tool calls as a string.

    On the wire: ``{"index":"0","id":…}``. Who does it: loosely typed relays. Catalogue: ``tool-index-string``.
    """

    def index(self, index: Any) -> Any:
        """Make it a string."""
        return str(index)


@fault("tool-index-starts-at-1", family="tool", layer="event", needs="stream")
class ToolIndexStartsAt1(IndexFault):
    """Number tool calls from 1.

    On the wire: the first call has ``"index":1``, and there is no call 0. Who does it: gateways that fall back to Anthropic and
    count its content blocks. Catalogue: ``tool-index-starts-at-1``.
    """

    def index(self, index: Any) -> Any:
        """Count from 1."""
        return index + 1 if isinstance(index, int) else index


@fault("tool-index-all-zero", family="tool", layer="event", needs="stream")
class ToolIndexAllZero(IndexFault):
    """Give every tool call the index 0; it takes two calls in one answer to show.

    On the wire: parallel calls all with ``"index":0``. Who does it: relays of Gemini and Ollama. Catalogue:
    ``tool-index-all-zero``.
    """

    def index(self, index: Any) -> Any:
        """Make it 0."""
        return put(0)(index)


# --- id, type and name ------------------------------------------------------------------------------------


@fault("tool-id-repeated", family="tool", layer="event", needs="stream")
class ToolIdRepeated(CallFault):
    """Repeat the id of a tool call in each of its deltas.

    On the wire: ``{"index":0,"id":"c1","function":{"arguments":"…"}}`` every time. Who does it: many relays. Catalogue:
    ``tool-id-repeated``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put the id of the first delta into the others."""
        if opens:
            run.state[key] = call.get("id")
            return call
        return inserted(call, "id", run.state[key], behind="index")


@fault("tool-name-repeated", family="tool", layer="event", needs="stream")
class ToolNameRepeated(CallFault):
    """Repeat id and name of a tool call in each of its deltas.

    On the wire: ``{"index":0,"id":"c1","function":{"name":"f","arguments":"…"}}`` every time. Who does it: relays in the style
    of xAI. Catalogue: ``tool-name-repeated``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put id and name of the first delta into the others."""
        if opens:
            run.state[key] = (call.get("id"), _function(call).get("name"))
            return call
        id, name = run.state[key]
        function = {"name": name, **_function(call)}
        return {**inserted(call, "id", id, behind="index"), "function": function}


@fault("tool-id-empty-continuation", family="tool", layer="event", needs="stream")
class ToolIdEmptyContinuation(CallFault):
    """Send an empty id in every delta of a tool call but the first.

    On the wire: ``{"index":0,"id":"","function":{"arguments":"…"}}``. Who does it: DashScope. Catalogue:
    ``tool-id-empty-continuation``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put the empty id in."""
        return call if opens else inserted(call, "id", "", behind="index")


@fault("tool-name-null-continuation", family="tool", layer="event", needs="stream")
class ToolNameNullContinuation(CallFault):
    """Send ``"name":null`` in every delta of a tool call but the first.

    On the wire: ``{"index":0,"function":{"name":null,"arguments":"…"}}``. Who does it: SGLang behind Azure AI Foundry.
    Catalogue: ``tool-name-null-continuation``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put the null in."""
        return call if opens else {**call, "function": {"name": None, **_function(call)}}


@fault("tool-id-missing", family="tool", layer="event")
class ToolIdMissing(CallFault):
    """Send tool calls without an id: no key, null or an empty string.

    On the wire: ``{"index":0,"type":"function","function":{…}}``. Who does it: Gemini's OpenAI-compatible endpoint, some
    versions of LM Studio and Ollama. Catalogue: ``tool-id-missing``.
    """

    as_: Missing = "missing"

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Take the id away."""
        return changed(call, ("id",), _missing(self.as_))


@fault("tool-type-missing-or-empty", family="tool", layer="event")
class ToolTypeMissingOrEmpty(CallFault):
    """Send tool calls without a type: an empty string, null or no key.

    On the wire: ``{"index":0,"id":"c1","type":"","function":{…}}``. Who does it: Mistral on Azure AI Foundry. Catalogue:
    ``tool-type-missing-or-empty``.
    """

    as_: Missing = "empty"

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Take the type away."""
        return changed(call, ("type",), _missing(self.as_))


@fault("tool-id-not-unique", family="tool", layer="event")
class ToolIdNotUnique(CallFault):
    """Give all tool calls of an answer the id of the first; it takes two calls to show.

    On the wire: parallel calls with one id. Who does it: LocalAI, where it uses the id of the request. Catalogue:
    ``tool-id-not-unique``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Repeat the first id."""
        return changed(call, ("id",), lambda id: put(run.state.setdefault("id", id))(id))


@fault("tool-id-short-alnum", family="tool", layer="event")
class ToolIdShortAlnum(CallFault):
    """Give tool calls ids of nine letters and digits.

    On the wire: ``"id":"gSIMJiOkT"``. Who does it: Mistral, which also refuses any other id in the next request; Groq in a like
    form. Catalogue: ``tool-id-short-alnum``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Replace the id."""
        return changed(call, ("id",), lambda id: run.seed.child("id", key).text(9))


@fault("tool-extra-content-signature", family="tool", layer="event")
class ToolExtraContentSignature(CallFault):
    """Attach a signature to tool calls that the client must send back with them.

    On the wire: ``"extra_content":{"google":{"thought_signature":"…"}}``. Who does it: Gemini 3, which answers 400 on the next
    turn when the signature is not sent back. Catalogue: ``tool-extra-content-signature``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Add the field to the delta that opens the call."""
        if not opens:
            return call
        signature = run.seed.child("signature", key).text(64) + "=="
        return {**call, "extra_content": {"google": {"thought_signature": signature}}}


# --- deltas cut in two, put together, or empty -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SplitFault(CallFault):
    """A fault that cuts the delta that opens a tool call in two."""

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Return the ``function`` of the first and of the second delta; None to leave the delta whole."""
        raise NotImplementedError

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Keep the first half and remember the second."""
        halves = self.halves(_function(call)) if opens else None
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
        second = {key: one for key, one in item.payload.items() if key != "obfuscation"} | {"choices": [choice]}
        return [*out, replace(item, payload=second)]


@fault("tool-name-late", family="tool", layer="event", needs="stream")
class ToolNameLate(SplitFault):
    """Open a tool call without its name, which comes in the next delta.

    On the wire: ``{"index":0,"id":"c1","type":"function","function":{"arguments":""}}``, then
    ``{"index":0,"function":{"name":"f","arguments":""}}``. Who does it: gateways that build calls piece by piece. Catalogue:
    ``tool-name-late``.
    """

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Move the name, and the arguments behind it, to the second delta."""
        return {"arguments": ""}, function


@fault("tool-name-split", family="tool", layer="event", needs="stream")
class ToolNameSplit(SplitFault):
    """Send the name of a tool in two pieces.

    On the wire: ``"name":"get_"``, then ``"name":"weather"``; cut behind the first underscore, else in the middle. Who does it:
    relays that pass on token by token. Catalogue: ``tool-name-split``.
    """

    def halves(self, function: Call) -> tuple[Call, Call] | None:
        """Cut the name; a name of one letter stays whole."""
        name = function.get("name") or ""
        cut = name.find("_") + 1 or len(name) // 2
        if not 0 < cut < len(name):
            return None
        return {"name": name[:cut], "arguments": ""}, {**function, "name": name[cut:]}


@fault("tool-function-null", family="tool", layer="event", needs="stream")
class ToolFunctionNull(CallFault):
    """Follow the delta that opens a tool call by one whose function is null.

    On the wire: ``{"index":0,"function":null}``. Who does it: typed serialisers. Catalogue: ``tool-function-null``.
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
        extra = {key: one for key, one in item.payload.items() if key != "obfuscation"} | {"choices": [choice]}
        return [item, replace(item, payload=extra)]


@fault("tool-args-null", family="tool", layer="event")
class ToolArgsNull(CallFault):
    """Send ``"arguments":null``, and nothing of the arguments behind it.

    On the wire: ``{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":null}}``. Who does it: typed
    serialisers, for tools without arguments. Catalogue: ``tool-args-null``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Make the arguments null; take continuations away."""
        return {**call, "function": {**_function(call), "arguments": None}} if opens else ABSENT

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Drop the events that have no call left."""
        return [one for one in super().feed(item, run) if one is item or not _hollow(one)]


@fault("tool-args-object", family="tool", layer="event")
class ToolArgsObject(CallFault):
    """Send the arguments as an object instead of a string that holds JSON.

    On the wire: ``"arguments":{"x":1}``, whole in one delta when streamed. Who does it: servers that leak Ollama's native
    format. Catalogue: ``tool-args-object``, ``tool-args-object-nonstream``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Collect the arguments; the delta that completes them is the one that opened the call."""
        text = run.state.get(key, "") + (_function(call).get("arguments") or "")
        run.state[key] = text
        first: Call = run.state.setdefault(f"first {key}", call)
        try:
            arguments = json.loads(text)
        except ValueError:
            return ABSENT
        return {**first, "function": {**_function(first), "arguments": arguments}}

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Drop the events that have no call left."""
        return [one for one in super().feed(item, run) if one is item or not _hollow(one)]


def _function(call: Call) -> Call:
    function = call.get("function")
    return function if isinstance(function, dict) else {}


def _missing(how: Missing) -> Callable[[Any], Any]:
    return drop if how == "missing" else put(None if how == "null" else "")


def _hollow(item: Item) -> bool:
    """Whether ``item`` is a chunk that carries nothing but an empty list of tool calls."""
    payload = item.payload if isinstance(item, Event) else None
    found = choices(payload)
    return bool(found) and all(choice.get("delta") == {"tool_calls": []} for choice in found)
