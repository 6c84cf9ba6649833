"""The body's encoding: compression that is cut or only claimed, and bytes that are not what the type says.

What is compressed here is not made smaller: DEFLATE's stored blocks (RFC 1951 §3.2.4) hold the data as it is,
one block for each piece of the body. Any decoder takes them, each piece can be decoded when it arrives, and
the bytes do not depend on which zlib made them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from mockoai.faults.base import Fault, Run, countable
from mockoai.faults.error import ErrorFault
from mockoai.faults.framing import chunked
from mockoai.faults.header import HeadFault
from mockoai.faults.registry import fault
from mockoai.plan.items import Chunk, Failure, Frame, Head, Item, LastChunk
from mockoai.plan.place import Place
from mockoai.reply.failure import foreign

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No name, no time, unknown system (RFC 1952 §2.3)."""
_FINAL_BLOCK = b"\x01\x00\x00\xff\xff"
_BLOCK = 0xFFFF


def stored(data: bytes, size: int | None = None) -> bytes:
    """Return ``data`` in stored blocks; with ``size``, what goes out until ``size`` bytes of it were sent."""
    out = b""
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        if size is not None and start >= size:
            break
        kept = block if size is None else block[: size - start]
        out += b"\x00" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + kept
    return out


def encoded(head: Head, coding: str) -> Head:
    """Return ``head`` with the body's coding announced, as a compressing middleware does it."""
    headers = (*head.headers, ("Content-Encoding", coding), ("Vary", "Accept-Encoding"))
    return replace(head, headers=headers)


@fault("gzip-sse-valid", family="encoding", layer="body", claims=["encoding"])
class GzipSseValid(Fault):
    """Compress the answer, as is allowed.

    On the wire: ``Content-Encoding: gzip``, HTTP chunks, a body that decodes to the healthy one piece by
    piece. Who does it: LocalAI since July 2026, and compressing middlewares. Catalogue: ``gzip-sse-valid``.
    """

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Compress what is body."""
        if isinstance(item, Head):
            if item.framing == "none":
                run.missed("the answer has no body")
                return [item]
            run.state["crc"] = run.state["size"] = 0
            run.state["start"] = GZIP_HEADER
            head = item if item.framing == "close" else chunked(item)
            return [encoded(head, "gzip")]
        if "start" not in run.state:
            return [item]
        if isinstance(item, Chunk):
            return self.piece(item, run)
        return self.end(item, run)

    def piece(self, item: Chunk, run: Run) -> Iterable[Item]:
        """Compress one piece of the body."""
        run.state["crc"] = zlib.crc32(item.data, run.state["crc"])
        run.state["size"] += len(item.data)
        data = run.state["start"] + stored(item.data)
        run.state["start"] = b""
        return [replace(item, data=data)]

    def end(self, item: Item, run: Run) -> Iterable[Item]:
        """Write the last block and the trailer before the end of the body."""
        run.fire(f"compressed {run.state['size']} bytes")
        trailer = struct.pack("<II", run.state["crc"], run.state["size"] & 0xFFFFFFFF)
        data = run.state["start"] + _FINAL_BLOCK + trailer
        return [Chunk(at=item.at, tokens=item.tokens, events=item.events, data=data), item]


@fault("gzip-truncated", family="encoding", layer="body", claims=["encoding"])
class GzipTruncated(GzipSseValid):
    """Cut the compressed body short and end the answer as if it were whole.

    On the wire: ``Content-Encoding: gzip``, a gzip stream that stops at the place (counted in the body before
    compression), and a proper last chunk. Only the decoder could notice; most clients return what there is.
    Who does it: proxies whose upstream is killed. Catalogue: ``gzip-truncated``.
    """

    after: Place = Place("percent", 50)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Compress until the place; drop the rest of the body."""
        if run.fired:
            return [item] if isinstance(item, LastChunk) else ()
        if isinstance(item, Head) and item.framing != "none" and run.inside(self.after, item) is not None:
            run.fire("sent the head and nothing of the body")
            return [encoded(item if item.framing == "close" else chunked(item), "gzip")]
        return super().feed(item, run)

    def piece(self, item: Chunk, run: Run) -> Iterable[Item]:
        """Compress one piece of the body, or its part before the place."""
        inside = run.inside(self.after, item)
        if inside is None:
            return super().piece(item, run)
        run.fire(f"stopped the gzip stream after {self.after}")
        cut = run.unfinished(item) if inside < len(item.data) else item
        return [replace(cut, data=run.state["start"] + stored(item.data, inside))]

    def end(self, item: Item, run: Run) -> Iterable[Item]:
        """Keep the stream whole: the place was not in the body."""
        trailer = struct.pack("<II", run.state["crc"], run.state["size"] & 0xFFFFFFFF)
        data = run.state["start"] + _FINAL_BLOCK + trailer
        return [Chunk(at=item.at, tokens=item.tokens, events=item.events, data=data), item]


@dataclass(frozen=True, kw_only=True)
class Claimed(HeadFault):
    """Base of faults that announce a coding which the body does not have."""

    coding: ClassVar[str]

    def head(self, head: Head, run: Run) -> Head:
        """Announce the coding."""
        run.fire(f"announced {self.coding}; the body is plain")
        return encoded(head, self.coding)


@fault("gzip-claimed-not-gzipped", family="encoding", layer="body", claims=["encoding"])
class GzipClaimedNotGzipped(Claimed):
    """Announce gzip and send the body as it is.

    On the wire: ``Content-Encoding: gzip`` and a plain body. Who does it: two proxies in a row, of which one
    decodes. Catalogue: ``gzip-claimed-not-gzipped``.
    """

    coding: ClassVar[str] = "gzip"


@fault("br-claimed-plain", family="encoding", layer="body", claims=["encoding"])
class BrClaimedPlain(Claimed):
    """Announce Brotli and send the body as it is.

    On the wire: ``Content-Encoding: br`` and a plain body. A client without Brotli takes it as it is. Who
    does it: content delivery networks that are set up wrong. Catalogue: ``br-claimed-plain``.
    """

    coding: ClassVar[str] = "br"


# --- before the body, or instead of it ----------------------------------------------------------------------


@fault("bom-before-body", family="encoding", layer="frame", claims=["body start"])
class BomBeforeBody(Fault):
    r"""Put a byte order mark before the body.

    On the wire: ``\xef\xbb\xbf`` first. A stream may begin with one (WHATWG HTML §9.2.5); JSON may not (RFC
    8259 §8.1). Who does it: files and proxies made on Windows. Catalogue: ``bom-before-body``, ``sse-bom``,
    ``leading-bom-nonstream``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Mark the first frame."""
        if run.items:
            return [item]
        run.fire("put a byte order mark before the body")
        return [replace(item, data=b"\xef\xbb\xbf" + item.data)]


@fault("leading-blank-lines-json", family="encoding", layer="frame", claims=["body start"], needs="body")
class LeadingBlankLinesJson(Fault):
    r"""Put blank lines before a JSON body.

    On the wire: ``\n\n\n{…}``; ``count`` says how many. Legal (RFC 8259 §2); clients that read one line only
    fail. Who does it: DeepSeek, to keep a connection alive. Catalogue: ``leading-blank-lines-json``.
    """

    count: int = 3

    def __post_init__(self) -> None:
        countable("count", self.count)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the lines before the body."""
        if run.items:
            return [item]
        run.fire(f"put {self.count} blank lines before the body")
        return [replace(item, data=b"\n" * self.count + item.data)]


_PAGE = (
    "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n<body>\n<h1>Sign in to continue</h1>\n"
    '<form method="post" action="/login"><input name="user"><input name="password" type="password"></form>\n'
    "</body>\n</html>\n"
)


@fault("html-200", family="error", layer="reply", claims=["answer"])
class Html200(ErrorFault):
    """Answer with a web page and status 200.

    On the wire: ``200``, ``text/html``, a sign-in page. SDKs return the page as the result, or an empty
    stream. Who does it: captive portals, and a base URL that points at a web interface. Catalogue:
    ``html-200``.
    """

    body: str = _PAGE

    def failure(self, run: Run) -> Failure:
        """Return the page."""
        return foreign(200, self.body, "text/html; charset=utf-8")
