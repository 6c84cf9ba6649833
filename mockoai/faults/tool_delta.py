"""Tool calls whose deltas are misshapen: index, id, type and name.

These act on the JSON of chunks, where a call has the keys that its fragments have not; ids are also changed
in answers that are not streamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import ABSENT, EACH, Path, changed, drop, inserted, instead, put
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

        ``opens`` tells the first delta of a call (and a whole call) from its continuations; ``key`` is the
        same for all of them.
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
            if not isinstance(call, dict):
                return call
            seen: set[str] = run.state.setdefault("seen", set())
            key = f"{number}/{call.get('index', call.get('id'))}"
            opens = key not in seen
            seen.add(key)
            return self.call(call, opens, key, run)

        new = changed(changed(choice, _IN_DELTA, one), _IN_MESSAGE, one)
        return new if new is choice else changed(new, _IN_DELTA[:-1], instead([], ABSENT))


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

    On the wire: ``{"id":"c1","type":"function","function":{…}}``. Who does it: Gemini's OpenAI-compatible
    endpoint, Mistral, Ollama before November 2024, mistral.rs. Catalogue: ``tool-index-missing``.
    """

    def index(self, index: Any) -> Any:
        """Take it away."""
        return drop(index)


@fault("tool-index-null", family="tool", layer="event", needs="stream")
class ToolIndexNull(IndexFault):
    """Write ``"index":null`` into the deltas of tool calls.

    On the wire: ``{"index":null,"id":…}``. Who does it: relays such as chatanywhere. Catalogue:
    ``tool-index-null``.
    """

    def index(self, index: Any) -> Any:
        """Make it null."""
        return None


@fault("tool-index-string", family="tool", layer="event", needs="stream")
class ToolIndexString(IndexFault):
    """Write the index of tool calls as a string.

    On the wire: ``{"index":"0","id":…}``. Who does it: loosely typed relays. Catalogue:
    ``tool-index-string``.
    """

    def index(self, index: Any) -> Any:
        """Make it a string."""
        return str(index)


@fault("tool-index-starts-at-1", family="tool", layer="event", needs="stream")
class ToolIndexStartsAt1(IndexFault):
    """Number tool calls from 1.

    On the wire: the first call has ``"index":1``, and there is no call 0. Who does it: gateways that fall
    back to Anthropic and count its content blocks. Catalogue: ``tool-index-starts-at-1``.
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

    On the wire: ``{"index":0,"id":"c1","function":{"arguments":"…"}}`` every time. Who does it: many
    relays. Catalogue: ``tool-id-repeated``.
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

    On the wire: ``{"index":0,"id":"c1","function":{"name":"f","arguments":"…"}}`` every time. Who does it:
    relays in the style of xAI. Catalogue: ``tool-name-repeated``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put id and name of the first delta into the others."""
        if opens:
            run.state[key] = (call.get("id"), function_of(call).get("name"))
            return call
        id, name = run.state[key]
        function = {"name": name, **function_of(call)}
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

    On the wire: ``{"index":0,"function":{"name":null,"arguments":"…"}}``. Who does it: SGLang behind Azure
    AI Foundry. Catalogue: ``tool-name-null-continuation``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Put the null in."""
        return call if opens else {**call, "function": {"name": None, **function_of(call)}}


@fault("tool-id-missing", family="tool", layer="event")
class ToolIdMissing(CallFault):
    """Send tool calls without an id: no key, null or an empty string.

    On the wire: ``{"index":0,"type":"function","function":{…}}``. Who does it: Gemini's OpenAI-compatible
    endpoint, some versions of LM Studio and Ollama. Catalogue: ``tool-id-missing``.
    """

    form: Missing = "missing"

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Take the id away."""
        return changed(call, ("id",), _missing(self.form))


@fault("tool-type-missing-or-empty", family="tool", layer="event")
class ToolTypeMissingOrEmpty(CallFault):
    """Send tool calls without a type: an empty string, null or no key.

    On the wire: ``{"index":0,"id":"c1","type":"","function":{…}}``. Who does it: Mistral on Azure AI
    Foundry. Catalogue: ``tool-type-missing-or-empty``.
    """

    form: Missing = "empty"

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Take the type away."""
        return changed(call, ("type",), _missing(self.form))


@fault("tool-id-not-unique", family="tool", layer="event")
class ToolIdNotUnique(CallFault):
    """Give all tool calls of an answer the id of the first; it takes two calls to show.

    On the wire: parallel calls with one id. Who does it: LocalAI, where it uses the id of the request.
    Catalogue: ``tool-id-not-unique``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Repeat the first id."""
        return changed(call, ("id",), lambda id: put(run.state.setdefault("id", id))(id))


@fault("tool-id-short-alnum", family="tool", layer="event")
class ToolIdShortAlnum(CallFault):
    """Give tool calls ids of nine letters and digits.

    On the wire: ``"id":"gSIMJiOkT"``. Who does it: Mistral, which also refuses any other id in the next
    request; Groq in a like form. Catalogue: ``tool-id-short-alnum``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Replace the id."""
        return changed(call, ("id",), lambda id: run.seed.child("id", key).text(9))


@fault("tool-extra-content-signature", family="tool", layer="event")
class ToolExtraContentSignature(CallFault):
    """Attach a signature to tool calls that the client must send back with them.

    On the wire: ``"extra_content":{"google":{"thought_signature":"…"}}``. Who does it: Gemini 3, which
    answers 400 on the next turn when the signature is not sent back. Catalogue:
    ``tool-extra-content-signature``.
    """

    def call(self, call: Call, opens: bool, key: str, run: Run) -> Any:
        """Add the field to the delta that opens the call."""
        if not opens:
            return call
        signature = run.seed.child("signature", key).text(64)  # valid Base64: four characters for three bytes
        return {**call, "extra_content": {"google": {"thought_signature": signature}}}


def function_of(call: Call) -> Call:
    """Return the ``function`` of a call; empty where it has none."""
    function = call.get("function")
    return function if isinstance(function, dict) else {}


def _missing(how: Missing) -> Callable[[Any], Any]:
    return drop if how == "missing" else put(None if how == "null" else "")
