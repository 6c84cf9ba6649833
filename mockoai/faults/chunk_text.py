"""Roles, content and reasoning in shapes that break concatenation.

The same fields stand in the ``delta`` of a chunk and in the ``message`` of a body; where a fault makes
sense for both, it acts on both.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.chunk import saying
from mockoai.faults.payload import EACH, InsertedEvent, PayloadFault, changed, choices, drop, put
from mockoai.faults.registry import fault
from mockoai.plan.context import Context
from mockoai.plan.items import Event, Item, Part, Text
from mockoai.plan.place import Place
from mockoai.scenario.model import Json

_ROLES = ("choices[*].delta.role", "choices[*].message.role")


# --- role -------------------------------------------------------------------------------------------------


@fault("role-missing", family="chunk", layer="event", claims=["role"])
class RoleMissing(PayloadFault):
    """Never say the role.

    On the wire: no ``role`` in any delta, nor in the message of a body. Who does it: several servers.
    Catalogue: ``role-missing``, ``role-missing-nonstream``.
    """

    paths = _ROLES

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old)


@fault("role-empty-string", family="chunk", layer="event", claims=["role"])
class RoleEmptyString(PayloadFault):
    """Write ``"role":""`` into every delta, and into the message of a body.

    On the wire: ``"delta":{"role":"","content":"x"}`` each. Who does it: Zhipu's GLM-5, servers in Go that write
    empty fields. Catalogue: ``role-empty-string``.
    """

    target = "`delta` or `message`"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Replace the role, and add it where there is none."""
        return _said_by(payload, "")


@fault("role-null", family="chunk", layer="event", claims=["role"], needs="stream")
class RoleNull(PayloadFault):
    """Write ``"role":null`` into every delta but the first.

    On the wire: ``"delta":{"role":null,"content":"x"}``. Who does it: SGLang behind Azure AI Foundry.
    Catalogue: ``role-null``.
    """

    target = "`delta`"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Put the null in front where there is no role."""
        return changed(payload, ("choices", EACH, "delta"), _with_role(None))


@fault("role-unknown", family="chunk", layer="event", claims=["role"])
class RoleUnknown(PayloadFault):
    """Say a role that OpenAI does not have, in every delta and in the message of a body.

    On the wire: ``"delta":{"role":"model","content":"x"}`` each. Who does it: relays of Gemini. Catalogue:
    ``role-unknown``.
    """

    target = "`delta` or `message`"
    role: str = "model"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Replace the role, and add it where there is none."""
        return _said_by(payload, self.role)


@fault("role-every-chunk", family="chunk", layer="event", claims=["role"], needs="stream")
class RoleEveryChunk(PayloadFault):
    """Say the role in every delta.

    On the wire: ``"delta":{"role":"assistant","content":"x"}`` each. Who does it: Ollama before 0.32.6,
    TGI, exo, OpenRouter, Z.ai, Perplexity. Catalogue: ``role-every-chunk``.
    """

    target = "`delta` without a role"
    role: str = "assistant"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Put the role in front where there is none."""
        return changed(payload, ("choices", EACH, "delta"), _with_role(self.role))


def _said_by(payload: Any, role: str) -> Any:
    """Return ``payload`` with ``role`` in every delta and message, in its place or in front."""
    for said in ("delta", "message"):
        payload = changed(payload, ("choices", EACH, said), _with_role(role))
        payload = changed(payload, ("choices", EACH, said, "role"), put(role))
    return payload


def _with_role(role: str | None) -> Any:
    def change(delta: Any) -> Any:
        return {"role": role, **delta} if isinstance(delta, dict) and "role" not in delta else delta

    return change


# --- content ----------------------------------------------------------------------------------------------


@fault("content-null", family="chunk", layer="event", needs="stream")
class ContentNull(InsertedEvent):
    """Send a chunk more whose content is null.

    On the wire: ``"delta":{"content":null}``. Who does it: DeepSeek's reasoner, OpenAI beside tool calls.
    Catalogue: ``content-null``.
    """

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the chunk."""
        return replace(like, payload=saying(like, None))


@fault("content-missing", family="chunk", layer="event", needs="body")
class ContentMissing(PayloadFault):
    """Leave ``content`` out of the message of a body.

    On the wire: ``"message":{"role":"assistant",…}``. Who does it: servers whose answer is nothing but a
    tool call. Catalogue: ``content-missing``.
    """

    paths = ("choices[*].message.content",)

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old)


@fault("content-parts-array", family="chunk", layer="event", claims=["content"])
class ContentPartsArray(PayloadFault):
    """Write the content as an array of parts instead of a string.

    On the wire: ``"content":[{"type":"text","text":"…"}]``; with ``thinking``, that text comes first as
    ``"content":[{"type":"thinking", "thinking":[{"type":"text","text":"…"}]}]``. Who does it: Mistral's
    Magistral. Catalogue: ``content-parts-array``, ``content-array-nonstream``.
    """

    target = "`content` that is text"
    thinking: str = ""

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Wrap the content of deltas and messages."""
        payload = changed(payload, ("choices", EACH, "delta", "content"), lambda old: self._parts(old, run))
        return changed(payload, ("choices", EACH, "message", "content"), lambda old: self._parts(old, run))

    def _parts(self, content: Any, run: Run) -> Any:
        if not isinstance(content, str) or not content:
            return content
        parts: list[dict[str, Any]] = [{"type": "text", "text": content}]
        if self.thinking and not run.state.setdefault("thought", False):
            run.state["thought"] = True
            thoughts = [{"type": "text", "text": self.thinking}]
            parts.insert(0, {"type": "thinking", "thinking": thoughts})
        return parts


@fault("content-non-string", family="chunk", layer="event", claims=["content"])
class ContentNonString(PayloadFault):
    """Write content that is neither a string nor null.

    On the wire: ``"content":7``, in the chunk ``at`` a place, by default the one with the second token. Who
    does it: typed serialisers that guess. Catalogue: ``content-non-string``.
    """

    paths = ("choices[*].delta.content", "choices[*].message.content")
    at: Place | None = Place("tokens", 2.0)
    value: Json = 7

    def change(self, old: Any, run: Run) -> Any:
        """Replace it."""
        return put(self.value)(old)


@fault("huge-chunk", family="chunk", layer="reply")
class HugeChunk(Fault):
    """Make the first token of the text very long.

    On the wire: one chunk (or body) of ``size`` more bytes of text. Who does it: servers that wrap a whole
    answer as a stream. Catalogue: ``huge-chunk``.
    """

    target = "text"
    size: int = 4_000_000

    def __post_init__(self) -> None:
        at_least("size", self.size, 1)

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Add to the first token."""
        if run.fired or not isinstance(item, Text):
            return [item]
        run.fire(f"added {self.size} bytes to the first token")
        return [replace(item, text=item.text + "x" * self.size)]


# --- reasoning --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReasoningFault(Fault):
    """Show the reasoning of the reply under :attr:`key`, whatever the backend does with it."""

    key: ClassVar[str]

    def delta(self, text: str) -> dict[str, Any]:
        """Return the delta of one token of reasoning."""
        raise NotImplementedError

    def prepare(self, context: Context) -> Context:
        """Have the reasoning shown."""
        backend = copy.copy(context.backend)
        backend.reasoning_field = self.key
        return replace(context, backend=backend)

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Give deltas of reasoning their shape."""
        shown = False
        for choice in choices(item.payload):
            said = choice.get("delta", choice.get("message"))
            shown = shown or (isinstance(said, dict) and self.key in said)
        if not shown:
            return [item]
        run.fire(f"reasoning in `{self.key}`")
        return [replace(item, payload=changed(item.payload, ("choices", EACH, "delta"), self._shaped))]

    def finish(self, run: Run) -> Iterable[Item]:
        """Say why nothing was shown."""
        run.missed("the reply has no `reasoning`")
        return ()

    def _shaped(self, delta: Any) -> Any:
        return self.delta(delta[self.key]) if isinstance(delta, dict) and self.key in delta else delta


@fault("reasoning-content", family="chunk", layer="event", claims=["reasoning"])
class ReasoningContent(ReasoningFault):
    """Show the model's reasoning in ``reasoning_content``, before the text.

    On the wire: ``"delta":{"content":null,"reasoning_content":"We"}``; ``"reasoning_content":"…"`` in the
    message of a body. Needs a ``reply`` with ``reasoning``. Who does it: DeepSeek, Qwen, Z.ai, xAI, SGLang,
    llama.cpp. Catalogue: ``reasoning-content``, ``reasoning-only-answer``.
    """

    key = "reasoning_content"

    def delta(self, text: str) -> dict[str, Any]:
        """Return the delta, with null for the content."""
        return {"content": None, self.key: text}


@fault("reasoning-field", family="chunk", layer="event", claims=["reasoning"])
class ReasoningField(ReasoningFault):
    """Show the model's reasoning in ``reasoning``, before the text.

    On the wire: ``"delta":{"reasoning":"Okay","channel":"analysis"}``; an empty ``channel`` leaves that
    out. Needs a ``reply`` with ``reasoning``. Who does it: Groq, with the channel; vLLM, Ollama,
    OpenRouter. Catalogue: ``reasoning-field``.
    """

    key = "reasoning"
    channel: str = "analysis"

    def delta(self, text: str) -> dict[str, Any]:
        """Return the delta."""
        return {self.key: text, "channel": self.channel} if self.channel else {self.key: text}
