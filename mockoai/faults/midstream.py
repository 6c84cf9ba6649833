"""Errors behind the first event of a stream, in the shapes that servers give them.

The status is 200 by then. What stands before the place is sent, then the error; nothing of the answer follows. Whether
``[DONE]`` comes after it is part of each dialect. Without it the body still ends cleanly, by its last chunk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import EACH, changed, choices, envelope, first, put
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Item
from mockoai.plan.place import Place
from mockoai.scenario.model import Json


@dataclass(frozen=True, kw_only=True)
class MidStreamError(Fault):
    """Put an error in place of all that stands behind ``after``; ``headers`` makes it the first event."""

    done: ClassVar[bool] = False
    name: ClassVar[str | None] = None
    after: Place = Place("tokens", 3)

    def error(self, like: Event, run: Run) -> Any:
        """Return the payload of the error; ``like`` is the chunk before it, or the one it replaces."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let events through until the place, then send the error and drop the rest."""
        if run.fired:
            return ()
        before = first(self.after, run)
        if not before and not run.after(self.after, item):
            return [item]
        run.fire("the error is the first event" if before else f"the error follows `{self.after}`")
        tokens = 0 if before else item.tokens
        error = Event(at=item.at, tokens=tokens, mark="error", payload=self.error(item, run), name=self.name)
        out: list[Item] = [error] if before else [item, error]
        if self.done:
            out.append(Event(at=item.at, tokens=tokens, mark="done", payload=DONE))
        return out


@fault("err-data-then-done", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrDataThenDone(MidStreamError):
    r"""Send an error object as an event, then ``[DONE]``.

    On the wire: ``data: {"error":{"message":"…","type":"InternalServerError","param":null,"code":500}}\n\n``, then
    ``data: [DONE]\n\n``; ``object: true`` adds ``"object":"error"`` in front, as SGLang has it. Who does it: vLLM, SGLang, exo,
    LocalAI. Catalogue: ``err-data-then-done``.
    """

    done = True
    message: str = "Internal server error"
    type: str = "InternalServerError"
    code: Json = 500
    object: bool = False

    def error(self, like: Event, run: Run) -> Any:
        """Return the error object."""
        error = {"message": self.message, "type": self.type, "param": None, "code": self.code}
        return {"error": {"object": "error", **error} if self.object else error}


@fault("err-data-no-done", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrDataNoDone(MidStreamError):
    """Send an error object as an event and end the body.

    On the wire: ``data: {"error":{"message":"…","type":"server_error","param":null,"code":null}}`` and no ``[DONE]``. Who does it:
    OpenAI; with ``after: headers`` its ``insufficient_quota`` in the first event of a 200. Catalogue: ``err-data-no-done``,
    ``err-first-event``.
    """

    message: str = "The server had an error while processing your request. Sorry about that!"
    type: str = "server_error"
    code: Json = None

    def error(self, like: Event, run: Run) -> Any:
        """Return the error object."""
        return {"error": {"message": self.message, "type": self.type, "param": None, "code": self.code}}


@fault("err-event-named", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrEventNamed(MidStreamError):
    r"""Send an error as an event named ``error`` and end the body.

    On the wire, with ``shape: groq``: ``event: error\ndata: {"error":{"message":"Tool choice is required, but model did not call
    a tool","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"","status_code":400}}\n\n``; with
    ``lm-studio``: ``{"error":{"message":"…"},"message":"…"}``. Who does it: Groq, LM Studio. Catalogue: ``err-event-named``.
    """

    name = "error"
    shape: Literal["groq", "lm-studio"] = "groq"
    message: str = "Tool choice is required, but model did not call a tool"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error in the server's shape."""
        if self.shape == "lm-studio":
            return {"error": {"message": self.message}, "message": self.message}
        error = {"message": self.message, "type": "invalid_request_error", "code": "tool_use_failed"}
        return {"error": {**error, "failed_generation": "", "status_code": 400}}


@fault("err-event-flat", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrEventFlat(MidStreamError):
    r"""Send an event named ``error`` whose data is not wrapped in ``error``, and end the body.

    On the wire: ``event: error\ndata: {"message":"boom","code":"oops"}\n\n``. Who does it: relays in the style of the Responses
    API. Catalogue: ``err-event-flat``.
    """

    name = "error"
    message: str = "boom"
    code: Json = "oops"

    def error(self, like: Event, run: Run) -> Any:
        """Return the flat error."""
        return {"message": self.message, "code": self.code}


@fault("err-bare-string", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrBareString(MidStreamError):
    """Send an error that is a string, and end the body.

    On the wire: ``data: {"error":"boom"}``. Who does it: servers in the style of Ollama, xAI. Catalogue: ``err-bare-string``.
    """

    message: str = "boom"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"error": self.message}


@fault("err-tgi", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrTgi(MidStreamError):
    """Send an error as TGI does, then ``[DONE]``.

    On the wire: ``data: {"error":{"message":"…","http_status_code":422}}`` then ``[DONE]`` for chat; ``data:
    {"error":"…","error_type":"generation"}`` for legacy completions. Who does it: TGI. Catalogue: ``err-tgi``.
    """

    done = True
    message: str = "Request failed during generation: Server error"
    status: int = 422

    def error(self, like: Event, run: Run) -> Any:
        """Return the error in the shape of the endpoint."""
        if run.context.endpoint == "completions":
            return {"error": self.message, "error_type": "generation"}
        return {"error": {"message": self.message, "http_status_code": self.status}}


@fault("err-flat-object", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrFlatObject(MidStreamError):
    """Send an error object that is not wrapped in ``error``, then ``[DONE]``.

    On the wire: ``data: {"object":"error","message":"boom","type":"InternalServerError","param":null,"code":500}``. Who does it:
    vLLM before 0.10.1. Catalogue: ``err-flat-object``.
    """

    done = True
    message: str = "boom"
    type: str = "InternalServerError"
    code: Json = 500

    def error(self, like: Event, run: Run) -> Any:
        """Return the flat error."""
        return {"object": "error", "message": self.message, "type": self.type, "param": None, "code": self.code}


@fault("err-fastchat", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrFastchat(MidStreamError):
    """Send an error whose text stands where a legacy completion has it, then ``[DONE]``.

    On the wire: ``data: {"text":"**NETWORK ERROR DUE TO HIGH TRAFFIC…**","error_code":50001}`` then ``[DONE]``. Who does it:
    FastChat. Catalogue: ``err-fastchat``.
    """

    done = True
    text: str = "**NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.**"
    code: int = 50001

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"text": self.text, "error_code": self.code}


@fault("err-fastapi-detail", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrFastapiDetail(MidStreamError):
    """Send an error as FastAPI shapes it, and end the body.

    On the wire: ``data: {"detail":"boom"}``. Who does it: proxies written by hand. Catalogue: ``err-fastapi-detail``.
    """

    message: str = "boom"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"detail": self.message}


@fault("err-int-code-metadata", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrIntCodeMetadata(MidStreamError):
    """Send an error with a number for its code and what the provider said, and end the body.

    On the wire: ``data: {"error":{"code":502,"message":"…","metadata":{"provider_name":"…","raw":"…"}}}``. Who does it:
    OpenRouter. Catalogue: ``err-int-code-metadata``.
    """

    code: int = 502
    message: str = "Provider returned error"
    provider: str = "Google"
    raw: str = "upstream connection lost"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        metadata = {"provider_name": self.provider, "raw": self.raw}
        return {"error": {"code": self.code, "message": self.message, "metadata": metadata}}


@fault("err-message-not-string", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrMessageNotString(MidStreamError):
    """Send an error whose message is an object, and end the body.

    On the wire: ``data: {"error":{"message":{"a":1}}}``. Who does it: servers in the style of Mistral. Catalogue:
    ``err-message-not-string``.
    """

    message: Json = None

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"error": {"message": {"a": 1} if self.message is None else self.message}}


# --- errors inside a chunk --------------------------------------------------------------------------------


@fault("err-in-chunk-with-choices", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrInChunkWithChoices(MidStreamError):
    """Send a chunk with an error beside its choices, which finish with ``error``, then ``[DONE]``.

    On the wire: ``{"id":…,"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"…"}}``. Who
    does it: OpenRouter. Catalogue: ``err-in-chunk-with-choices``.
    """

    done = True
    code: int = 502
    message: str = "Provider disconnected unexpectedly"

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        return {**_last(like), "error": {"code": self.code, "message": self.message}}


@fault("err-inside-choice", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrInsideChoice(MidStreamError):
    """Send a chunk whose choices carry the error, then ``[DONE]``.

    On the wire: ``"choices":[{"error":{"code":502,…},"finish_reason":"error"}]``. Who does it: OpenRouter. Catalogue:
    ``err-inside-choice``.
    """

    done = True
    code: int = 502
    message: str = "Provider disconnected unexpectedly"

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        error = {"code": self.code, "message": self.message}
        return changed(_last(like), ("choices", EACH, "error"), put(error), create=True)


@fault("err-becomes-empty-chunk", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrBecomesEmptyChunk(MidStreamError):
    """Send an ordinary chunk without text in place of the error, and end the body.

    On the wire: ``"delta":{"role":"assistant","content":""},"finish_reason":null`` and no ``[DONE]``. Who does it: Ollama, which reads
    its own error as an answer. Catalogue: ``err-becomes-empty-chunk``.
    """

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        payload = changed(_last(like), ("choices", EACH, "finish_reason"), put(None))
        return changed(payload, ("choices", EACH, "delta"), put({"role": "assistant", "content": ""}))


@fault("err-swallowed-clean-done", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrSwallowedCleanDone(MidStreamError):
    """End the answer with ``[DONE]`` as if nothing had happened; ``finish: true`` invents the finish reason ``stop``.

    On the wire: text, then ``data: [DONE]``. Who does it: relays that swallow the error of the server behind them; LiteLLM with
    ``stop``. Catalogue: ``err-swallowed-clean-done``.
    """

    finish_: bool = False

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let events through until the place, then end."""
        if run.fired:
            return ()
        if not run.after(self.after, item):
            return [item]
        run.fire(f"swallowed all behind `{self.after}`")
        done = Event(at=item.at, tokens=item.tokens, mark="done", payload=DONE)
        if not self.finish_:
            return [item, done]
        payload = changed(_last(item), ("choices", EACH, "finish_reason"), put("stop"))
        payload = changed(payload, ("choices", EACH, "delta"), put({}))
        return [item, replace(item, mark="finish", payload=payload), done]


def _last(like: Event) -> dict[str, Any]:
    """Return a chunk like ``like`` that says nothing and finishes with ``error``."""
    if not isinstance(like.payload, dict):
        return {"choices": []}
    kept = [{**choice, "finish_reason": "error"} for choice in choices(like.payload)]
    payload = envelope(like.payload, choices=kept)
    payload = changed(payload, ("choices", EACH, "delta"), put({"content": ""}))
    return changed(payload, ("choices", EACH, "text"), put(""))  # type: ignore[no-any-return]
