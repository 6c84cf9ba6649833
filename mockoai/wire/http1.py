"""HTTP/1.1 messages, encoded (RFC 9112): items of the body layer in, writes of the transport layer out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus

from mockoai.plan.items import Chunk, End, Framing, Head, Item, LastChunk, Write

REASONS: dict[int, str] = {status.value: status.phrase for status in HTTPStatus} | {
    # Names that RFC 9110 gave to codes which older Pythons know by others, and codes seen from gateways.
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
    520: "Web Server Returned an Unknown Error",
    524: "A Timeout Occurred",
    529: "Site is overloaded",
}
"""Reason phrases by status code (RFC 9110 §15)."""


def encode_head(head: Head) -> bytes:
    """Write status line and header section (RFC 9112 §4, §5)."""
    if head.raw is not None:
        return head.raw
    newline = head.newline
    reason = REASONS.get(head.status, "") if head.reason is None else head.reason
    # The space before an empty reason phrase is required (RFC 9112 §4); leaving it out is a fault of its own.
    lines = [f"{head.version} {head.status}" + (f" {reason}" if head.phrase else "")]
    lines.extend([f"{name}: {value}" for name, value in head.headers])
    return newline.join([line.encode("latin-1", "replace") for line in lines]) + newline + newline


def encode_chunk(chunk: Chunk, framing: Framing) -> Write:
    """Write one piece of the body: an HTTP chunk (RFC 9112 §7.1), or its bytes alone."""
    data = chunk.data
    if framing == "chunked":
        size = b"%x\r\n" % len(data) if chunk.size is None else chunk.size + b"\r\n"
        return Write(
            at=chunk.at,
            tokens=chunk.tokens,
            events=chunk.events,
            mark=chunk.mark,
            faults=chunk.faults,
            data=size + data + chunk.end,
            lead=len(size),
            body=len(data),
        )
    return Write(
        at=chunk.at,
        tokens=chunk.tokens,
        events=chunk.events,
        mark=chunk.mark,
        faults=chunk.faults,
        data=data,
        body=len(data),
    )


def encode_last_chunk(last: LastChunk) -> bytes:
    """Write the last chunk, the trailer section and the end of the body (RFC 9112 §7.1.2)."""
    trailers = b"".join(f"{name}: {value}\r\n".encode("latin-1", "replace") for name, value in last.trailers)
    return b"0\r\n" + trailers + b"\r\n"


def encode(items: Iterable[Item]) -> Iterator[Item]:
    """Turn the items of the body layer into those of the transport layer, the end included.

    The ending is ``clean``; when the body is delimited by the end of the connection it is ``fin`` all the same for
    the reader, which is what ``clean`` means on a connection that was announced to close.
    """
    framing: Framing = "chunked"
    last: Item | None = None
    skipped: tuple[str, ...] = ()
    for item in items:
        if skipped:
            # What emptied a chunk shows in nothing but what follows.
            item = replace(item, faults=(*item.faults, *[name for name in skipped if name not in item.faults]))
            skipped = ()
        last = item
        if isinstance(item, Head):
            framing = item.framing
            yield Write(
                at=item.at,
                tokens=item.tokens,
                events=item.events,
                mark="headers",
                faults=item.faults,
                data=encode_head(item),
            )
        elif isinstance(item, Chunk):
            if item.data or item.size is not None or framing != "chunked":
                yield encode_chunk(item, framing)
            else:
                skipped = item.faults
        elif isinstance(item, LastChunk):
            if framing == "chunked":
                data = encode_last_chunk(item)
                yield Write(
                    at=item.at,
                    tokens=item.tokens,
                    events=item.events,
                    mark="end",
                    faults=item.faults,
                    data=data,
                )
        else:
            yield item
    if last is not None:
        yield End(at=last.at, tokens=last.tokens, events=last.events, faults=_end_faults(last), how="clean")


def _end_faults(last: Item) -> tuple[str, ...]:
    return last.faults if isinstance(last, LastChunk) else ()
