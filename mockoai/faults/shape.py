"""Answers in another form than asked for: a stream for an object, one event, lines, an array, one HTTP chunk.

The content is the healthy one. The content type is that of the form, except for ``json-array-for-stream``,
``ndjson-for-stream`` and ``full-completion-as-chunk``, beside which a rule may set it with ``header-set``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.items import Chunk, Event, Frame, Item, LastChunk
from mockoai.wire import sse

if TYPE_CHECKING:
    from mockoai.plan.context import Context

STREAMED = ("chat", "completions")
"""Endpoints whose answers can be streamed."""


@fault("sse-for-nonstream-request", family="sse", layer="event", claims=["form"])
class SseForNonstreamRequest(Fault):
    """Answer a request for one JSON object with a stream.

    On the wire: ``text/event-stream`` and ``data: {…}``. Who does it: relays that force streaming. Catalogue:
    ``sse-for-nonstream-request``.
    """

    def prepare(self, context: Context) -> Context:
        """Compose a stream, where the endpoint has one."""
        return replace(context, stream=True) if context.endpoint in STREAMED else context

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Let the stream through under this fault's name."""
        if run.context.request.stream or not run.context.stream:
            run.missed("the request asks for a stream, or gets no answer that can be one")
            return [item]
        if run.fired:
            return [item]
        run.fire("answered with a stream")
        return [replace(item)]


@fault("full-completion-as-chunk", family="sse", layer="frame", claims=["form"])
class FullCompletionAsChunk(Fault):
    """Answer a request for a stream with the whole object in one event, and ``[DONE]``.

    On the wire: ``data: {"object":"chat.completion","choices":[{"message":…}]}``. Who does it: servers that
    only pretend to stream. Catalogue: ``full-completion-as-chunk``.
    """

    def prepare(self, context: Context) -> Context:
        """Compose an object."""
        return replace(context, stream=False)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Make an event of the object."""
        context = run.context
        if not context.request.stream or context.stream or item.mark == "error":
            run.missed("the answer is no object that was asked for as a stream")
            return [item]
        run.fire("put the whole object into one event")
        data = sse.encode_event(sse.encode_json(json.loads(item.data)))
        done = replace(item, data=sse.DONE_FRAME, mark="done", events=item.events + 1)
        return [replace(item, data=data, mark="content"), done]


@fault("json-array-for-stream", family="sse", layer="frame", claims=["form", "done"], needs="stream")
class JsonArrayForStream(Fault):
    """Send the chunks of a stream as one JSON array.

    On the wire: ``[{…},{…}]``. Who does it: servers in the style of Gemini's own API. Catalogue:
    ``json-array-for-stream``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put commas between the chunks; drop comments and the sentinel."""
        run.fire("sent the chunks as an array")
        run.state["last"] = item
        if item.comment or item.mark == "done":
            return ()
        opening = b"," if run.state.get("open") else b"["
        run.state["open"] = True
        return [replace(item, data=opening + json_of(item.data))]

    def finish(self, run: Run) -> Iterable[Item]:
        """Close the array."""
        last: Frame | None = run.state.get("last")
        if last is None:
            return ()
        closing = b"]" if run.state.get("open") else b"[]"
        return [Frame(at=last.at, tokens=last.tokens, events=last.events, data=closing, comment=True)]


@fault("ndjson-for-stream", family="sse", layer="frame", claims=["form", "done"], needs="stream")
class NdjsonForStream(Fault):
    r"""Send the chunks of a stream as lines of JSON.

    On the wire: ``{…}\n{…}\n``, without ``[DONE]``. Who does it: Ollama's own API, when it is mistaken for
    the OpenAI one. Catalogue: ``ndjson-for-stream``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put each chunk on a line; drop comments and the sentinel."""
        run.fire("sent the chunks as lines")
        if item.comment or item.mark == "done":
            return ()
        return [replace(item, data=json_of(item.data) + b"\n")]


def json_of(data: bytes) -> bytes:
    """Return what stands in the data lines of an event."""
    lines = [line[5:].strip() for line in data.splitlines() if line.startswith(b"data:")]
    return b"\n".join(lines)


@fault("sse-many-events-per-segment", family="sse", layer="body", claims=["flow"], needs="stream")
class SseManyEventsPerSegment(Fault):
    """Send the whole stream in one HTTP chunk.

    On the wire: one chunk size, every event, the last chunk, when the stream is complete. Who does it:
    servers and proxies that collect writes, and TCP. Catalogue: ``sse-many-events-per-segment``.
    """

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Collect the chunks until the end of the body."""
        held: list[Chunk] = run.state.setdefault("held", [])
        if isinstance(item, Chunk):
            held.append(item)
            return ()
        if not isinstance(item, LastChunk):
            return [item]
        run.state["held"] = []
        if len(held) < 2:
            run.missed("there is only one chunk")
            return [*held, item]
        run.fire(f"sent {len(held)} chunks as one")
        return [replace(held[-1], data=b"".join([one.data for one in held]), faults=_names(held)), item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Let go of what is still held."""
        held: list[Chunk] = run.state.get("held", [])
        return held


def _names(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for item in items for name in item.faults))


@fault("clock-skew-created", family="chunk", layer="event")
class ClockSkewCreated(Fault):
    """Put a ``created`` into the answer that is not the time, and another one into every chunk.

    On the wire: ``"created"`` is ``by`` seconds ahead in the first chunk and ``step`` more in each further
    one. Who does it: Z.ai, xAI and exo change or reuse it; Azure's first chunk has 0. Catalogue:
    ``clock-skew-created``.
    """

    by: int = 3600
    step: int = 1

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        """Change the time."""
        payload = item.payload
        if not isinstance(payload, dict) or not isinstance(payload.get("created"), int):
            run.missed("the answer has no `created` of its own")
            return [item]
        count = run.state["count"] = run.state.get("count", -1) + 1
        run.fire(f"put `created` {self.by}s ahead")
        created = payload["created"] + self.by + self.step * count
        return [replace(item, payload={**payload, "created": created})]
