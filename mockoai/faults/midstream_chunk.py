"""Errors behind the first event of a stream that come in the shape of a chunk, or in none at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockoai.faults.base import Run
from mockoai.faults.midstream import MidStreamFault
from mockoai.faults.payload import EACH, changed, choices, envelope, first, put
from mockoai.faults.registry import fault
from mockoai.plan.items import DONE, Event, Item


@fault("err-in-chunk-with-choices", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrInChunkWithChoices(MidStreamFault):
    """Send a chunk with an error beside its choices, which finish with ``error``, then ``[DONE]``.

    On the wire:
    ``{"id":…,"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"…"}}``.
    Who does it: OpenRouter. Catalogue: ``err-in-chunk-with-choices``.
    """

    done = True
    code: int = 502
    message: str = "Provider disconnected unexpectedly"

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        return {**_last(like), "error": {"code": self.code, "message": self.message}}


@fault("err-inside-choice", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrInsideChoice(MidStreamFault):
    """Send a chunk whose choices carry the error, then ``[DONE]``.

    On the wire: ``"choices":[{"error":{"code":502,…},"finish_reason":"error"}]``. Who does it: OpenRouter.
    Catalogue: ``err-inside-choice``.
    """

    done = True
    code: int = 502
    message: str = "Provider disconnected unexpectedly"

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        error = {"code": self.code, "message": self.message}
        return changed(_last(like), ("choices", EACH, "error"), put(error), create=True)


@fault("err-becomes-empty-chunk", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrBecomesEmptyChunk(MidStreamFault):
    """Send an ordinary chunk without text in place of the error, and end the body.

    On the wire: ``"delta":{"role":"assistant","content":""},"finish_reason":null`` and no ``[DONE]``. Who
    does it: Ollama, which reads its own error as an answer. Catalogue: ``err-becomes-empty-chunk``.
    """

    def error(self, like: Event, run: Run) -> Any:
        """Return the chunk."""
        payload = changed(_last(like), ("choices", EACH, "finish_reason"), put(None))
        return changed(payload, ("choices", EACH, "delta"), put({"role": "assistant", "content": ""}))


@fault("err-swallowed-clean-done", family="midstream", layer="event", claims=["error"], needs="stream")
class ErrSwallowedCleanDone(MidStreamFault):
    """End the answer with ``[DONE]`` as if nothing had happened; ``finish: true`` invents the finish reason
    ``stop``.

    On the wire: text, then ``data: [DONE]``. Who does it: relays that swallow the error of the server
    behind them; LiteLLM with ``stop``. Catalogue: ``err-swallowed-clean-done``.
    """

    finish_: bool = False

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let events through until the place, then end."""
        if run.fired:
            return ()
        last: Event | None = run.state.get("last")
        if last is None and not first(self.after, run):
            if run.after(self.after, item):
                run.state["last"] = item
            return [item]
        if item.payload is DONE and not self.finish_:
            run.missed(f"nothing but [DONE] follows `{self.after}`")
            return [item]
        run.fire(f"swallowed all behind `{self.after}`")
        at, tokens = (item.at, 0) if last is None else (last.at, last.tokens)
        done = Event(at=at, tokens=tokens, mark="done", payload=DONE)
        if not self.finish_:
            return [done]
        payload = changed(_last(last or item), ("choices", EACH, "finish_reason"), put("stop"))
        payload = changed(payload, ("choices", EACH, "delta"), put({}))
        return [replace(done, mark="finish", payload=payload), done]


def _last(like: Event) -> dict[str, Any]:
    """Return a chunk like ``like`` that says nothing and finishes with ``error``."""
    if not isinstance(like.payload, dict):
        return {"choices": []}
    kept = [{**choice, "finish_reason": "error"} for choice in choices(like.payload)]
    payload = envelope(like.payload, choices=kept)
    payload = changed(payload, ("choices", EACH, "delta"), put({"content": ""}))
    return changed(payload, ("choices", EACH, "text"), put(""))  # type: ignore[no-any-return]
