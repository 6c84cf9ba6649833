"""The fields around the choices: id, created, model, object and what typed clients check; and any field by
its path.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockoai.faults.base import Run
from mockoai.faults.payload import (
    EACH,
    PayloadFault,
    changed,
    choices,
    drop,
    instead,
    mapping,
    parse_path,
    put,
)
from mockoai.faults.registry import fault
from mockoai.plan.items import Event
from mockoai.scenario.model import Json

# --- any field --------------------------------------------------------------------------------------------


@fault("set-field", family="chunk", layer="event")
class SetField(PayloadFault):
    """Put a value at a path of every chunk, of the one ``at`` a place, or of the body.

    On the wire: ``path`` (such as ``choices[*].delta.role``, ``usage``, ``data[0].id``) holds ``value``;
    its last key is added where the object before it is there. Who does it: nobody in particular; for what
    no fault names.
    """

    content: ClassVar[bool | None] = True  # it may be any field
    path: str
    value: Json = None

    def __post_init__(self) -> None:
        parse_path(self.path)

    def lacking(self) -> str:
        """Name the path."""
        return f"the answer has no place for `{self.path}`, or has the same there"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Put the value in."""
        return changed(payload, parse_path(self.path), put(self.value), create=True)


@fault("drop-field", family="chunk", layer="event")
class DropField(PayloadFault):
    """Leave a field out of every chunk, of the one ``at`` a place, or of the body.

    On the wire: ``path`` (such as ``choices[*].index`` or ``system_fingerprint``) is not there. Who does
    it: nobody in particular; for what no fault names.
    """

    content: ClassVar[bool | None] = True  # it may be any field
    path: str

    def __post_init__(self) -> None:
        parse_path(self.path)

    def lacking(self) -> str:
        """Name the path."""
        return f"the answer has no `{self.path}`"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Take the field away."""
        return changed(payload, parse_path(self.path), drop)


# --- id, created, model, object ---------------------------------------------------------------------------


@fault("id-empty", family="chunk", layer="event", claims=["id"])
class IdEmpty(PayloadFault):
    """Write ``"id":""``.

    On the wire: as said, on every chunk. Who does it: TGI, Snowflake, Azure's first chunk. Catalogue:
    ``id-empty``.
    """

    paths = ("id",)

    def change(self, old: Any, run: Run) -> Any:
        """Empty it."""
        return put("")(old)


@fault("id-missing-or-null", family="chunk", layer="event", claims=["id"])
class IdMissingOrNull(PayloadFault):
    """Send no id: no key or null.

    On the wire: ``{"object":"chat.completion.chunk",…}``. Who does it: servers written by hand. Catalogue:
    ``id-missing-or-null``.
    """

    paths = ("id",)
    form: Literal["missing", "null"] = "missing"

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old) if self.form == "missing" else None


@fault("id-changes", family="chunk", layer="event", claims=["id"], needs="stream")
class IdChanges(PayloadFault):
    """Give every chunk an id of its own.

    On the wire: the first chunk's id is the answer's, each further one has another of the same form. Who
    does it: chains of fallbacks. Catalogue: ``id-changes``.
    """

    paths = ("id",)

    def change(self, old: Any, run: Run) -> Any:
        """Draw a new one of the same form."""
        prefix, dash, rest = str(old).rpartition("-")
        if run.items == 0 or not rest:
            return old
        return prefix + dash + run.seed.child("id", run.items).text(len(rest))


@fault("created-missing", family="chunk", layer="event", claims=["created"], needs="stream")
class CreatedMissing(PayloadFault):
    """Send neither ``created`` nor ``object``, except in the last chunk.

    On the wire: ``{"id":…,"model":…,"choices":[…]}``. Who does it: FastChat, which leaves defaults out of
    all but the last chunk. Catalogue: ``created-missing``.
    """

    paths = ("created", "object")

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Take both away until the finish."""
        if any(choice.get("finish_reason") for choice in choices(payload)):
            return payload
        return super().edit(payload, item, run)

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old)


@fault("created-float", family="chunk", layer="event", claims=["created"])
class CreatedFloat(PayloadFault):
    """Write ``created`` with a fraction.

    On the wire: ``"created":1700000000.123``. Who does it: servers in Python that send ``time.time()``.
    Catalogue: ``created-float``.
    """

    paths = ("created",)

    def change(self, old: Any, run: Run) -> Any:
        """Add milliseconds."""
        return old + 0.123 if isinstance(old, int) else old


@fault("created-string", family="chunk", layer="event", claims=["created"])
class CreatedString(PayloadFault):
    """Write ``created`` as a date.

    On the wire: ``"created":"2025-01-01T00:00:00Z"``, the time of the answer unless ``value`` says another.
    Who does it: servers that leak Ollama's native format. Catalogue: ``created-string``.
    """

    paths = ("created",)
    value: str = ""

    def change(self, old: Any, run: Run) -> Any:
        """Write the date."""
        return self.value or (iso_date(old) if isinstance(old, int) else old)


@fault("model-missing-or-alias", family="chunk", layer="event", claims=["model"])
class ModelMissingOrAlias(PayloadFault):
    """Leave the model out, or name another than was asked for.

    On the wire: no ``model``, or ``"model":"deepseek/deepseek-chat"`` as ``name`` says. Who does it:
    routers. Catalogue: ``model-missing-or-alias``.
    """

    paths = ("model",)
    name: str = ""

    def change(self, old: Any, run: Run) -> Any:
        """Replace it."""
        return put(self.name)(old) if self.name else drop(old)


@fault("object-wrong", family="chunk", layer="event", claims=["object"])
class ObjectWrong(PayloadFault):
    """Name the wrong kind of object.

    On the wire: ``"object":"chat.completion"`` in a stream, or ``text_completion``, as ``value`` says; with
    ``at: finish`` only in the last chunk. Who does it: exo; TGI 2.0.4; Perplexity says
    ``chat.completion.done`` at the end. Catalogue: ``object-wrong``.
    """

    paths = ("object",)
    value: str = "chat.completion"

    def lacking(self) -> str:
        """Name the object that would be a right one."""
        return f"the answer has no `object` other than `{self.value}`"

    def change(self, old: Any, run: Run) -> Any:
        """Replace it."""
        return put(self.value)(old)


# --- what typed clients check -----------------------------------------------------------------------------


@fault("index-missing", family="chunk", layer="event")
class IndexMissing(PayloadFault):
    """Leave ``index`` out of the choices.

    On the wire: ``"choices":[{"delta":{…},…}]``. Who does it: servers written by hand. Catalogue:
    ``index-missing``.
    """

    paths = ("choices[*].index",)

    def change(self, old: Any, run: Run) -> Any:
        """Take it away."""
        return drop(old)


@fault("service-tier-unknown", family="chunk", layer="event")
class ServiceTierUnknown(PayloadFault):
    """Name a service tier that OpenAI does not have.

    On the wire: ``"service_tier":"on_demand"``, or an empty string or null as ``value`` says. Who does it:
    Groq, Snowflake, OpenRouter. Catalogue: ``service-tier-unknown``.
    """

    target = "`id` of its own, as those with a service tier have"
    value: Json = "on_demand"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Set the tier of chunks and bodies that have an id."""
        if not isinstance(payload, dict) or "id" not in payload:
            return payload
        return changed(payload, ("service_tier",), put(self.value), create=True)


@fault("error-null-field", family="chunk", layer="event")
class ErrorNullField(PayloadFault):
    """Write ``"error":null`` into every chunk and body.

    On the wire: as said, behind the other keys. Who does it: typed serialisers. Catalogue:
    ``error-null-field``.
    """

    paths = ("error",)
    create = True

    def change(self, old: Any, run: Run) -> Any:
        """Put the null in."""
        return None


@fault("tool-calls-null-or-empty", family="chunk", layer="event")
class ToolCallsNullOrEmpty(PayloadFault):
    """Write ``"tool_calls":null``, or an empty list, where no tool is called.

    On the wire: ``"delta":{"content":"x","tool_calls":null}``. Who does it: SGLang, TGI; Snowflake with the
    list. Catalogue: ``tool-calls-null-or-empty``.
    """

    paths = ("choices[*].delta.tool_calls", "choices[*].message.tool_calls")
    create = True
    form: Literal["null", "empty"] = "null"

    def change(self, old: Any, run: Run) -> Any:
        """Put it in where there are no calls."""
        return old if isinstance(old, list) else None if self.form == "null" else []


@fault("logprobs-wrong-shape", family="chunk", layer="event")
class LogprobsWrongShape(PayloadFault):
    """Write log probabilities in another shape than chat completions have.

    On the wire: ``"logprobs":{"content":null,"refusal":null}`` where none were asked for, or with ``form:
    tokens`` the legacy shape ``{"tokens":[…],"token_logprobs":[…]}``. Who does it: Snowflake; older vLLM
    and TGI. Catalogue: ``logprobs-wrong-shape``.
    """

    target = "`logprobs` that it could replace"
    form: Literal["nulls", "tokens"] = "nulls"

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Replace what is null."""
        return changed(payload, ("choices", EACH), self._choice)

    def _choice(self, choice: Any) -> Any:
        if not isinstance(choice, dict):
            return choice
        if self.form == "nulls":
            return changed(choice, ("logprobs",), instead(None, {"content": None, "refusal": None}))
        said = choice.get("delta", choice.get("message"))
        text = said.get("content") if isinstance(said, dict) else None
        tokens = [text] if text else []
        legacy = {
            "tokens": tokens,
            "token_logprobs": [-0.1] * len(tokens),
            "top_logprobs": None,
            "text_offset": [],
        }
        return changed(choice, ("logprobs",), put(legacy)) if said is not None else choice


@fault("extra-fields", family="chunk", layer="event")
class ExtraFields(PayloadFault):
    """Send fields that OpenAI does not have, around the choices and inside them.

    On the wire: ``"provider":"…"`` and the like on the chunk, ``"native_finish_reason":…`` and the like in
    the choice, as ``chunk`` and ``choice`` say. Who does it: Groq, OpenRouter, SGLang, Novita, vLLM,
    Together, llama.cpp, Perplexity, Hunyuan. Catalogue: ``extra-fields``.
    """

    chunk: Json = None
    choice: Json = None

    def __post_init__(self) -> None:
        for name in ("chunk", "choice"):
            mapping(name, getattr(self, name))

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Add the fields."""
        if not isinstance(payload, dict):
            return payload
        around = {"x_groq": {"id": "req_mockoai"}, "provider": "mockoai", "sla_metrics": {}, "citations": []}
        around |= {"timings": {"prompt_ms": 12.5}, "note": ""}
        inside = {"native_finish_reason": None, "matched_stop": None, "token_ids": None, "seed": 2**63}
        payload = {**payload, **(around if self.chunk is None else self.chunk)}
        more = inside if self.choice is None else self.choice
        return changed(
            payload, ("choices", EACH), lambda choice: {**choice, **more} if isinstance(choice, dict) else choice
        )


def iso_date(seconds: int) -> str:
    """Write a time (seconds since 1970) as ``2025-01-01T00:00:00Z``."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
