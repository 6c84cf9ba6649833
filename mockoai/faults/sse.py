"""Server-sent events written in an unusual or wrong way: line ends, prefixes, blank lines, fields.

What is legal follows the event stream grammar and its interpretation (WHATWG HTML §9.2.5, §9.2.6): lines end
in LF, CRLF or CR; one space after the colon is dropped; a line that begins with a colon is a comment; an
event is dispatched at a blank line and only when it has a ``data`` field; an event that the end of the stream
cuts off is not.

These faults rewrite frames in the order in which the rule lists them, so ``sse-comment-ping`` before
``sse-crlf`` gives pings that end in CRLF and behind it pings that end in LF.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.registry import fault
from mockoai.plan.items import Frame, Item
from mockoai.plan.place import Place
from mockoai.wire import sse

_PREFIX = re.compile(rb"(?:\A|(?<=[\n\r]))data: ?")
_LINE_END = re.compile(rb"(?:\r\n|\n|\r)\Z")
_NO_JSON = object()


# --- the bytes of every event -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Rewrite(Fault):
    """Base of faults that rewrite every frame of a stream by the same rule."""

    def rewrite(self, data: bytes) -> bytes:
        """Return what is sent instead of ``data``, the bytes of one event or comment."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Rewrite the frame."""
        data = self.rewrite(item.data)
        if data == item.data:
            return [item]
        run.fire("rewrote every event it applies to")
        return [replace(item, data=data)]


@fault("sse-crlf", family="sse", layer="frame", claims=["line ends"], needs="stream")
class SseCrlf(Rewrite):
    r"""End every line in CR LF.

    On the wire: ``data: {…}\r\n\r\n``. Who does it: sse-starlette by default; text-generation-webui before it
    passed ``sep="\n"``. Legal; a client that splits on ``\n\n`` waits for ever. Catalogue: ``sse-crlf``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Replace each LF."""
        return data.replace(b"\n", b"\r\n")


@fault("sse-cr-only", family="sse", layer="frame", claims=["line ends"], needs="stream")
class SseCrOnly(Rewrite):
    r"""End every line in CR.

    On the wire: ``data: {…}\r\r``. Who does it: nobody is known to; the grammar allows it. Catalogue:
    ``sse-cr-only``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Replace each LF."""
        return data.replace(b"\n", b"\r")


@fault("sse-mixed-eol", family="sse", layer="frame", claims=["line ends"], needs="stream")
class SseMixedEol(Rewrite):
    r"""End the lines of an event in CR LF and its blank line in LF.

    On the wire: ``data: {…}\r\n\n``. Who does it: proxies that add line ends of their own. Legal. Catalogue:
    ``sse-mixed-eol``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Replace each LF but the last."""
        return data[:-1].replace(b"\n", b"\r\n") + data[-1:]


@fault("sse-no-space", family="sse", layer="frame", claims=["prefix"], needs="stream")
class SseNoSpace(Rewrite):
    """Leave out the space behind ``data:``.

    On the wire: ``data:{…}``. Who does it: TGI 2.0.4 (axum before 0.7). Legal; parsers that look for ``data:
    `` with its space drop everything. Catalogue: ``sse-no-space``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Shorten the prefix of every data line."""
        return _PREFIX.sub(b"data:", data)


@fault("sse-two-spaces", family="sse", layer="frame", claims=["prefix"], needs="stream")
class SseTwoSpaces(Rewrite):
    """Put two spaces behind ``data:``.

    On the wire: ``data:  [DONE]``. One space belongs to the value then: JSON does not mind, the sentinel does
    not match any more. Who does it: nobody is known to. Catalogue: ``sse-two-spaces``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Lengthen the prefix of every data line."""
        return _PREFIX.sub(b"data:  ", data)


@fault("sse-missing-data-prefix", family="sse", layer="frame", claims=["prefix"], needs="stream")
class SseMissingDataPrefix(Rewrite):
    r"""Leave out ``data: ``.

    On the wire: ``{…}\n\n``. Who does it: servers that send JSON lines, and errors written raw into a stream.
    A parser takes each line for a field of unknown name and drops it. Catalogue: ``sse-missing-data-prefix``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Remove the prefix of every data line."""
        return _PREFIX.sub(b"", data)


@fault("sse-double-data-prefix", family="sse", layer="frame", claims=["prefix"], needs="stream")
class SseDoubleDataPrefix(Rewrite):
    """Write ``data: `` twice.

    On the wire: ``data: data: {…}``. Who does it: proxies that frame an event stream as events again.
    Catalogue: ``sse-double-data-prefix``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Double the prefix of every data line."""
        return _PREFIX.sub(b"data: data: ", data)


@fault("sse-missing-blank-line", family="sse", layer="frame", claims=["blank line"], needs="stream")
class SseMissingBlankLine(Rewrite):
    r"""Leave out the blank line between events.

    On the wire: ``data: {…}\ndata: {…}\n``. All events are one event with many data lines then, which the end
    of the stream cuts off: nothing is ever dispatched. Who does it: hand-written generators. Catalogue:
    ``sse-missing-blank-line``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Remove the last line end."""
        return _LINE_END.sub(b"", data)


@fault("sse-raw-newlines-in-data", family="sse", layer="frame", claims=["lines"], needs="stream")
class SseRawNewlinesInData(Rewrite):
    r"""Write the JSON over several lines, of which only the first has ``data: ``.

    On the wire: ``data: {\n  "id": …\n}\n\n``. The client's event holds ``{`` and nothing else. Who does it:
    servers that pass ``json.dumps(…, indent=2)`` on. Catalogue: ``sse-raw-newlines-in-data``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Spread the JSON."""
        payload = _payload(data)
        return data if payload is _NO_JSON else b"data: " + sse.encode_json(payload, indent=True) + b"\n\n"


@fault("sse-multiline-data", family="sse", layer="frame", claims=["lines"], needs="stream")
class SseMultilineData(Rewrite):
    r"""Write the JSON over several lines, each with its ``data: ``.

    On the wire: ``data: {\ndata:   "id": …\ndata: }\n\n``. Legal; parsers that take each line for an event
    fail. Who does it: nobody is known to. Catalogue: ``sse-multiline-data``.
    """

    def rewrite(self, data: bytes) -> bytes:
        """Spread the JSON."""
        payload = _payload(data)
        return data if payload is _NO_JSON else sse.encode_event(sse.encode_json(payload, indent=True))


@fault("sse-event-name", family="sse", layer="frame", claims=["event name"], needs="stream")
class SseEventName(Fault):
    r"""Give every event a name.

    On the wire: ``event: message\ndata: {…}\n\n``. Who does it: frameworks that always write the field.
    openai-node 4 hands such events on in another shape. Catalogue: ``sse-event-name``.
    """

    name: str = "message"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the field before the others."""
        if item.comment:
            return [item]
        run.fire(f"named every event `{self.name}`")
        return [replace(item, data=b"event: " + self.name.encode() + b"\n" + item.data)]


@fault("sse-id-every-event", family="sse", layer="frame", claims=["id"], needs="stream")
class SseIdEveryEvent(Fault):
    r"""Number every event.

    On the wire: ``id: 0\ndata: {…}\n\n``, ``id: 1`` …. Who does it: gateways that let a client resume.
    Catalogue: ``sse-id-every-event``.
    """

    first: int = 0

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the field before the others."""
        if item.comment:
            return [item]
        number = run.state.get("next", self.first)
        run.state["next"] = number + 1
        run.fire(f"numbered every event from {self.first} on")
        return [replace(item, data=b"id: %d\n" % number + item.data)]


# --- one event ----------------------------------------------------------------------------------------------


@fault("sse-truncated-json-event", family="sse", layer="frame", needs="stream")
class SseTruncatedJsonEvent(Fault):
    r"""Cut the JSON of one event short and go on with the next.

    On the wire: ``data: {"id":"x","choices":[{"delta":{"conte\n\n``; ``keep`` is how many bytes of the JSON
    remain. Who does it: gateways at the limit of a buffer. Catalogue: ``sse-truncated-json-event``.
    """

    at: Place = Place("tokens", 2)
    keep: int = 64

    def __post_init__(self) -> None:
        at_least("keep", self.keep, 0)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Cut the event at the place."""
        if item.comment or not run.at(self.at, item):
            return [item]
        body = item.data.rstrip(b"\r\n")
        start = len(b"data: ")
        if len(body) - start <= self.keep:
            run.missed(f"the event at `{self.at}` has only {len(body) - start} bytes of data")
            return [item]
        run.fire(f"kept {self.keep} of {len(body) - start} bytes of the event at `{self.at}`")
        return [replace(item, data=body[: start + self.keep] + item.data[len(body) :])]


@fault("sse-last-event-unterminated", family="sse", layer="frame", claims=["done", "blank line"], needs="stream")
class SseLastEventUnterminated(Fault):
    r"""End the stream behind the last chunk's own line: neither its blank line nor ``[DONE]`` is sent.

    On the wire: ``data: {…,"finish_reason":"stop"}…\n`` and the end. A parser must drop an event that the end
    of the stream cuts off, here the one with the finish reason or the usage. Who does it: generators that
    stop early. Catalogue: ``sse-last-event-unterminated``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Hold back what begins with the last chunk seen, until another chunk comes."""
        held: list[Frame] = run.state.setdefault("held", [])
        if item.comment or item.mark == "done":
            held.append(item)
            return ()
        run.state["held"] = [item]
        return held

    def finish(self, run: Run) -> Iterable[Item]:
        """Send the last chunk without its blank line, and nothing of what stands behind it."""
        held: list[Frame] = run.state.get("held", [])
        if not held or held[0].comment or held[0].mark == "done":
            return held
        run.fire("left the blank line behind the last chunk and [DONE] out")
        return [replace(held[0], data=_LINE_END.sub(b"", held[0].data))]


def _payload(data: bytes) -> Any:
    """Return the JSON in the data lines of ``data``, or a sentinel when there is none."""
    lines = [_PREFIX.sub(b"", line) for line in data.splitlines() if line.startswith(b"data:")]
    try:
        return json.loads(b"\n".join(lines))
    except ValueError:
        return _NO_JSON
