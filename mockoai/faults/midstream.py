"""Errors behind the first event of a stream, in the shapes that servers give them.

The status is 200 by then. What stands before the place is sent, then the error; nothing of the answer
follows. Whether ``[DONE]`` comes after it is part of each dialect. Without it the body still ends cleanly,
by its last chunk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.payload import THREE_TOKENS, first
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Item
from mockoai.plan.place import Place
from mockoai.scenario.model import Json


@dataclass(frozen=True, kw_only=True)
class MidStreamFault(Fault):
    """Put an error in place of all that stands behind ``after``; ``headers`` makes it the first event."""

    done: ClassVar[bool] = False
    name: ClassVar[str | None] = None
    after: Place = THREE_TOKENS

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
class ErrDataThenDone(MidStreamFault):
    r"""Send an error object as an event, then ``[DONE]``.

    On the wire: ``data:
    {"error":{"message":"…","type":"InternalServerError","param":null,"code":500}}\n\n``, then ``data:
    [DONE]\n\n``; ``object: true`` adds ``"object":"error"`` in front, as SGLang and vLLM before 0.10.1 have it.
    Who does it: vLLM, SGLang, exo, LocalAI. Catalogue: ``err-data-then-done``.
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
class ErrDataNoDone(MidStreamFault):
    """Send an error object as an event and end the body.

    On the wire: ``data: {"error":{"message":"…","type":"server_error","param":null,"code":null}}`` and no
    ``[DONE]``. Who does it: OpenAI; with ``after: headers`` its ``insufficient_quota`` in the first event
    of a 200. Catalogue: ``err-data-no-done``, ``err-first-event``.
    """

    message: str = "The server had an error while processing your request. Sorry about that!"
    type: str = "server_error"
    code: Json = None

    def error(self, like: Event, run: Run) -> Any:
        """Return the error object."""
        return {"error": {"message": self.message, "type": self.type, "param": None, "code": self.code}}


@fault("err-event-named", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrEventNamed(MidStreamFault):
    r"""Send an error as an event named ``error`` and end the body.

    On the wire, with ``shape: groq``: ``event: error\ndata: {"error":{"message":"Tool choice is required,
    but model did not call a
    tool","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"","status_code":400}}\n\n``;
    with ``lm-studio``: ``{"error":{"message":"…"},"message":"…"}``. Who does it: Groq, LM Studio.
    Catalogue: ``err-event-named``.
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
class ErrEventFlat(MidStreamFault):
    r"""Send an event named ``error`` whose data is not wrapped in ``error``, and end the body.

    On the wire: ``event: error\ndata: {"message":"boom","code":"oops"}\n\n``. Who does it: relays in the
    style of the Responses API. Catalogue: ``err-event-flat``.
    """

    name = "error"
    message: str = "boom"
    code: Json = "oops"

    def error(self, like: Event, run: Run) -> Any:
        """Return the flat error."""
        return {"message": self.message, "code": self.code}


@fault("err-bare-string", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrBareString(MidStreamFault):
    """Send an error that is a string, and end the body.

    On the wire: ``data: {"error":"boom"}``. Who does it: servers in the style of Ollama, xAI. Catalogue:
    ``err-bare-string``.
    """

    message: str = "boom"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"error": self.message}


@fault("err-tgi", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrTgi(MidStreamFault):
    """Send an error as TGI does, then ``[DONE]``.

    On the wire: ``data: {"error":{"message":"…","http_status_code":422}}`` then ``[DONE]`` for chat;
    ``data: {"error":"…","error_type":"generation"}`` for legacy completions. Who does it: TGI. Catalogue:
    ``err-tgi``.
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
class ErrFlatObject(MidStreamFault):
    """Send an error object that is not wrapped in ``error``, then ``[DONE]``.

    On the wire: ``data:
    {"object":"error","message":"boom","type":"InternalServerError","param":null,"code":500}``. Who does it: relays that
    send the body of such an error, as vLLM had it before 0.10.1, as an event. Catalogue: ``err-flat-object``.
    """

    done = True
    message: str = "boom"
    type: str = "InternalServerError"
    code: Json = 500

    def error(self, like: Event, run: Run) -> Any:
        """Return the flat error."""
        return {
            "object": "error",
            "message": self.message,
            "type": self.type,
            "param": None,
            "code": self.code,
        }


@fault("err-fastchat", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrFastchat(MidStreamFault):
    """Send an error whose text stands where a legacy completion has it, then ``[DONE]``.

    On the wire: ``data: {"text":"**NETWORK ERROR DUE TO HIGH TRAFFIC…**","error_code":50001}`` then
    ``[DONE]``. Who does it: FastChat. Catalogue: ``err-fastchat``.
    """

    done = True
    text: str = "**NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.**"
    code: int = 50001

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"text": self.text, "error_code": self.code}


@fault("err-fastapi-detail", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrFastapiDetail(MidStreamFault):
    """Send an error as FastAPI shapes it, and end the body.

    On the wire: ``data: {"detail":"boom"}``. Who does it: proxies written by hand. Catalogue:
    ``err-fastapi-detail``.
    """

    message: str = "boom"

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"detail": self.message}


@fault("err-int-code-metadata", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrIntCodeMetadata(MidStreamFault):
    """Send an error with a number for its code and what the provider said, and end the body.

    On the wire: ``data: {"error":{"code":502,"message":"…","metadata":{"provider_name":"…","raw":"…"}}}``.
    Who does it: OpenRouter. Catalogue: ``err-int-code-metadata``.
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
class ErrMessageNotString(MidStreamFault):
    """Send an error whose message is an object, and end the body.

    On the wire: ``data: {"error":{"message":{"a":1}}}``. Who does it: servers in the style of Mistral.
    Catalogue: ``err-message-not-string``.
    """

    message: Json = None

    def error(self, like: Event, run: Run) -> Any:
        """Return the error."""
        return {"error": {"message": {"a": 1} if self.message is None else self.message}}
