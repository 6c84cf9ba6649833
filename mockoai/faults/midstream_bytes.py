"""Errors behind the first event of a stream that are not events: bytes that no parser of SSE takes for
data.

A line that is neither ``data:`` nor another known field is ignored (WHATWG HTML §9.2.6), so a reader sees a
stream that simply ends. The error stands in place of all that follows; the body ends cleanly behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mockoai.faults.base import Fault, Run
from mockoai.faults.error import html_page
from mockoai.faults.payload import THREE_TOKENS, first
from mockoai.faults.registry import fault
from mockoai.plan.items import Frame, Item
from mockoai.plan.place import Place
from mockoai.wire import sse


@dataclass(frozen=True, kw_only=True)
class MidStreamBytes(Fault):
    """Put bytes in place of all that stands behind ``after``; ``headers`` is before the first event."""

    dispatched: ClassVar[bool] = False
    after: Place = THREE_TOKENS

    def data(self) -> bytes:
        """Return the bytes."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Let frames through until the place, then send the bytes and drop the rest."""
        if run.fired:
            return ()
        before = first(self.after, run)
        if not before and not run.after(self.after, item):
            return [item]
        run.fire("before the first event" if before else f"follows `{self.after}`")
        tokens = 0 if before else item.tokens
        error = Frame(at=item.at, tokens=tokens, mark="error", data=self.data(), comment=not self.dispatched)
        return [error] if before else [item, error]


@fault("err-raw-json-no-prefix", family="midstream", layer="frame", claims=["error"], needs="stream")
class ErrRawJsonNoPrefix(MidStreamBytes):
    r"""Write an error as JSON over several lines, without ``data:``, and end the body.

    On the wire: ``{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded. …",\n
    "status": "UNAVAILABLE"\n  }\n}\n`` behind valid events. Who does it: Gemini's OpenAI-compatible
    endpoint. Catalogue: ``err-raw-json-no-prefix``.
    """

    code: int = 503
    message: str = "The model is overloaded. Please try again later."
    status: str = "UNAVAILABLE"

    def data(self) -> bytes:
        """Return the JSON."""
        error = {"code": self.code, "message": self.message, "status": self.status}
        return sse.encode_json({"error": error}, indent=2) + b"\n"


@fault("err-error-field-prefix", family="midstream", layer="frame", claims=["error"], needs="stream")
class ErrErrorFieldPrefix(MidStreamBytes):
    r"""Write an error behind ``error:``, which is no field of SSE, and end the body.

    On the wire: ``error: {"code":500,"message":"…","type":"server_error"}\n\n``. Who does it: older builds
    of llama.cpp's server. Catalogue: ``err-error-field-prefix``.
    """

    code: int = 500
    message: str = "context shift failed"
    type: str = "server_error"

    def data(self) -> bytes:
        """Return the field."""
        error = {"code": self.code, "message": self.message, "type": self.type}
        return b"error: " + sse.encode_json(error) + b"\n\n"


@fault("err-plain-text", family="midstream", layer="frame", claims=["error"], needs="stream")
class ErrPlainText(MidStreamBytes):
    """Write plain text behind the events, and end the body.

    On the wire: ``Internal Server Error``. Who does it: frameworks and proxies whose error handler runs too
    late. Catalogue: ``err-plain-text``.
    """

    text: str = "Internal Server Error"

    def data(self) -> bytes:
        """Return the text."""
        return self.text.encode()


@fault("err-html-mid-stream", family="midstream", layer="frame", claims=["error"], needs="stream")
class ErrHtmlMidStream(MidStreamBytes):
    """Write a gateway's page of HTML behind the events, and end the body.

    On the wire: ``<html>…<h1>502 Bad Gateway</h1>…</html>``, its lines ended by CR LF. Who does it: nginx,
    when the server behind it dies. Catalogue: ``err-html-mid-stream``.
    """

    title: str = "502 Bad Gateway"
    server: str = "nginx"

    def data(self) -> bytes:
        """Return the page."""
        return html_page(self.title, self.server).encode()


@fault("err-plain-text-in-data", family="midstream", layer="frame", claims=["error"], needs="stream")
class ErrPlainTextInData(MidStreamBytes):
    r"""Send an event whose data is plain text, and end the body.

    On the wire: ``data: upstream connect error or disconnect/reset before headers\n\n``. Who does it:
    relays that frame what Envoy said. Catalogue: ``err-plain-text-in-data``.
    """

    dispatched = True
    text: str = "upstream connect error or disconnect/reset before headers"

    def data(self) -> bytes:
        """Return the event."""
        return sse.encode_event(self.text.encode())
