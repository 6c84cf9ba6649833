"""Where the body ends: lengths that lie, two ways of saying it at once, broken chunk sizes, trailers, old
versions.

The rules that these break are in RFC 9112 §6 (message body length) and §7.1 (chunked). A length can only be
wrong against the true one, so the faults about it hold the head back until the whole body is known; its times
do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.header import HeadFault, sendable
from mockoai.faults.registry import fault
from mockoai.plan.items import Chunk, End, Framing, Head, Headers, Item, LastChunk
from mockoai.plan.place import Place

_DELIMITERS = ("content-length", "transfer-encoding")


def framed(head: Head, framing: Framing, *delimiters: tuple[str, str]) -> Head:
    """Return ``head`` with its body delimited by ``framing`` and said so by the headers ``delimiters``."""
    headers: list[tuple[str, str]] = []
    missing = list(delimiters)
    for name, value in head.headers:
        if name.lower() in _DELIMITERS:
            headers.extend(missing)
            missing.clear()
        else:
            headers.append((name, value))
    return replace(head, framing=framing, headers=(*headers, *missing))


def chunked(head: Head) -> Head:
    """Return ``head`` with a body in HTTP chunks."""
    return head if head.framing == "chunked" else framed(head, "chunked", ("Transfer-Encoding", "chunked"))


def _closing(headers: Headers) -> Headers:
    return Head(status=0, headers=headers).replaced("Connection", "close")


# --- Content-Length -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LengthFault(Fault):
    """Base of faults that need to know the length of the body before the head is written."""

    def whole(self, head: Head, size: int, body: Sequence[Item], run: Run) -> Iterable[Item]:
        """Return the answer to send; ``body`` holds its chunks, ``size`` bytes in all, and its last chunk."""
        raise NotImplementedError

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Hold everything back until the end of the body."""
        held: list[Item] = run.state.setdefault("held", [])
        held.append(item)
        if not isinstance(item, LastChunk):
            return ()
        head, *body = held
        run.state["held"] = []
        assert isinstance(head, Head)
        if head.framing == "none":
            run.missed("the answer has no body")
            return [head, *body]
        size = sum(len(one.data) for one in body if isinstance(one, Chunk))
        return self.whole(head, size, body, run)

    def finish(self, run: Run) -> Iterable[Item]:
        """Let go of what is still held."""
        held: list[Item] = run.state.get("held", [])
        return held


@fault("content-length-too-long", family="framing", layer="body", claims=["ending", "length"])
class ContentLengthTooLong(LengthFault):
    """Announce more bytes than are sent, then close the connection, or leave it open and silent.

    On the wire: ``Content-Length`` of ``by`` bytes more than the body has, the whole body, FIN (``then:
    hang``: nothing). A stream is sent without HTTP chunks. node-fetch waits for ever. Who does it: proxies
    that rewrite bodies. Catalogue: ``content-length-too-long``.
    """

    by: int = 1000
    then: Literal["fin", "hang"] = "fin"

    def __post_init__(self) -> None:
        at_least("by", self.by, 1)

    def whole(self, head: Head, size: int, body: Sequence[Item], run: Run) -> Iterable[Item]:
        """Announce too much and end instead of the last chunk."""
        *chunks, last = body
        run.fire(f"announced {size + self.by} bytes and sent {size}")
        long = framed(head, "length", ("Content-Length", str(size + self.by)))
        return [long, *chunks, End(at=last.at, tokens=last.tokens, events=last.events, how=self.then)]


@fault("content-length-too-short", family="framing", layer="body", claims=["length"])
class ContentLengthTooShort(LengthFault):
    """Announce fewer bytes than are sent.

    On the wire: ``Content-Length`` of ``by`` bytes less than the body has, and the whole body all the same. A
    client reads the announced bytes only; the others stand before the next answer on the connection. Who does
    it: proxies that rewrite bodies. Catalogue: ``content-length-too-short``.
    """

    by: int = 100

    def __post_init__(self) -> None:
        at_least("by", self.by, 1)

    def whole(self, head: Head, size: int, body: Sequence[Item], run: Run) -> Iterable[Item]:
        """Announce too little."""
        if size < self.by:
            run.missed(f"the body has only {size} bytes")
            return [head, *body]
        run.fire(f"announced {size - self.by} bytes and sent {size}")
        return [framed(head, "length", ("Content-Length", str(size - self.by))), *body]


@fault("duplicate-content-length", family="framing", layer="body", claims=["length"])
class DuplicateContentLength(LengthFault):
    """Announce two lengths: the true one, and one of ``by`` bytes more.

    On the wire: two ``Content-Length`` fields that differ. A recipient must refuse it (RFC 9112 §6.3). Who
    does it: broken proxies. Catalogue: ``duplicate-content-length``.
    """

    by: int = 10

    def __post_init__(self) -> None:
        at_least("by", self.by, 1)

    def whole(self, head: Head, size: int, body: Sequence[Item], run: Run) -> Iterable[Item]:
        """Announce both."""
        run.fire(f"announced {size} and {size + self.by} bytes")
        lengths = [("Content-Length", str(size)), ("Content-Length", str(size + self.by))]
        return [framed(head, "length", *lengths), *body]


@fault("content-length-and-chunked", family="framing", layer="body", claims=["length"])
class ContentLengthAndChunked(LengthFault):
    """Announce a length and send HTTP chunks.

    On the wire: ``Content-Length`` (the true one) and ``Transfer-Encoding: chunked``. Chunked counts, and it
    may be an attempt at smuggling (RFC 9112 §6.3); some clients refuse it. Who does it: broken proxies.
    Catalogue: ``content-length-and-chunked``.
    """

    def whole(self, head: Head, size: int, body: Sequence[Item], run: Run) -> Iterable[Item]:
        """Announce both."""
        run.fire(f"announced {size} bytes and sent chunks")
        both = [("Content-Length", str(size)), ("Transfer-Encoding", "chunked")]
        return [framed(head, "chunked", *both), *body]


# --- chunks -------------------------------------------------------------------------------------------------


@fault("bad-chunk-size", family="framing", layer="body", claims=["length"])
class BadChunkSize(Fault):
    r"""Write something that is no number where the size of one HTTP chunk stands.

    On the wire: ``ZZ\r\ndata: {…}\n\n\r\n`` for the chunk at the place. A body that is not streamed is sent
    in chunks then. Who does it: broken reverse proxies. Catalogue: ``bad-chunk-size``.
    """

    at: Place = Place("percent", 50)
    size: str = "ZZ"

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Break the size of the chunk at the place."""
        if isinstance(item, Head):
            if item.framing == "none":
                run.missed("the answer has no body")
                return [item]
            return [chunked(item)]
        if run.fired or not isinstance(item, Chunk) or not run.at(self.at, item):
            return [item]
        run.fire(f"wrote `{self.size}` for the size of the chunk at {self.at}")
        return [replace(item, size=self.size.encode("latin-1", "replace"))]


@fault("trailers", family="framing", layer="body", claims=["length"])
class Trailers(Fault):
    r"""Send a field behind the body.

    On the wire: ``Trailer: X-Err`` in the head and ``0\r\nX-Err: …\r\n\r\n`` at the end. A body that is not
    streamed is sent in chunks then. Legal (RFC 9110 §6.5), and what stands there is lost on most clients. Who
    does it: gateways before gRPC. Catalogue: ``trailers``.
    """

    name: str = "X-Err"
    value: str = "upstream reset"

    def __post_init__(self) -> None:
        """Refuse what would end the field, or cannot be sent as it is said."""
        sendable(self.name, self.value)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Announce the trailer and send it."""
        if isinstance(item, Head):
            if item.framing == "none":
                run.missed("the answer has no body")
                return [item]
            head = chunked(item)
            return [replace(head, headers=(*head.headers, ("Trailer", self.name)))]
        if not isinstance(item, LastChunk) or run.why:
            return [item]
        run.fire(f"sent `{self.name}` behind the body")
        return [replace(item, trailers=(*item.trailers, (self.name, self.value)))]


@fault("error-after-headers-nonstream", family="framing", layer="body", claims=["ending", "length"], needs="body")
class ErrorAfterHeadersNonstream(Fault):
    """Send a head with 200 and not one byte of the body, then close.

    On the wire: ``200``, ``Transfer-Encoding: chunked``, FIN. Who does it: exo, when an answer that is not
    streamed fails inside its generator. Catalogue: ``error-after-headers-nonstream``.
    """

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End behind the head."""
        if not isinstance(item, Head):
            return ()
        run.fire("closed behind the head")
        return [chunked(item), End(at=item.at, how="fin")]


# --- the end of the connection ------------------------------------------------------------------------------


@fault("close-delimited-ok", family="framing", layer="body", claims=["length"])
class CloseDelimitedOk(HeadFault):
    """Let the end of the connection be the end of the body.

    On the wire: no length, no chunks, ``Connection: close``, FIN behind the body. Legal (RFC 9112 §6.3), and
    then no client can tell a whole answer from a cut one. Who does it: servers in the style of HTTP/1.0.
    Catalogue: ``close-delimited-ok``; with ``fin-mid-chunked`` ``close-delimited-truncated``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Take the delimiters out."""
        if head.framing in ("none", "close"):
            run.missed("the answer has no body" if head.framing == "none" else "it is delimited so as it is")
            return head
        run.fire("sent a body that only the end of the connection ends")
        plain = framed(head, "close")
        return replace(plain, headers=_closing(plain.headers))


@fault("http10-response", family="framing", layer="body", claims=["length", "status line"])
class Http10Response(HeadFault):
    """Answer in HTTP/1.0.

    On the wire: ``HTTP/1.0 200 OK``, no chunks (they came with 1.1), ``Connection: close``. Who does it:
    simple servers, Python's ``http.server`` for one. Catalogue: ``http10-response``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Lower the version and what depends on it."""
        run.fire("answered in HTTP/1.0")
        old = framed(head, "close") if head.framing == "chunked" else head
        return replace(old, version="HTTP/1.0", headers=_closing(old.headers))
