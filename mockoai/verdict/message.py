"""The HTTP message that was sent, read as RFC 9112 says, as far as it came.

It is read from the bytes, not from the plan's items, so that bytes a scenario writes literally are judged by the same
rule as those that a fault changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mockoai.plan.items import Headers

Closed = Literal["open", "fin", "rst"]
"""How the connection stood behind the bytes: still open, closed after them, or reset."""

COMMON_HEAD = 32 * 1024
"""Bytes of a head that any client reads; larger ones may be refused (RFC 9110 §5.4)."""

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")
_NO_BODY = {204, 304}


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP response.

    ``status`` is 0 while no final status line and header section have come to their end. Header names are in lower
    case. ``body`` is the content without its framing, as far as it came; ``complete`` whether it came to the end that
    the framing promised. ``wrong`` says why no client may accept the message (RFC 9112 §6.3, §7.1), ``lax`` why one
    may refuse it though others read it; both empty for a sound one. ``surplus`` is what came behind its end.
    """

    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    complete: bool = False
    wrong: str = ""
    lax: str = ""
    surplus: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header called ``name`` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


def parse(data: bytes, closed: Closed, *, method: str = "POST") -> Message:
    """Read one response to a request with ``method`` from ``data``; raises for no bytes whatever."""
    lax = ""
    while True:
        end, after, newline_lax = _head_end(data)
        if end is None:
            return Message()
        lines = data[:end].replace(b"\r\n", b"\n").split(b"\n")
        found = _STATUS.fullmatch(lines[0])
        if found is None:
            return Message(wrong="its first line is no status line (RFC 9112 §4)")
        status = int(found[1])
        if end > COMMON_HEAD:
            lax = f"its head has {end} bytes"
        elif found[2] is None:
            lax = "its status line lacks the space behind the code (RFC 9112 §4)"
        lax = lax or newline_lax
        if status >= 200 or status == 101:
            break
        # Interim answers come before the final one (RFC 9110 §15.2).
        data = data[after:]
        lax = lax or "an interim answer came that nobody asked for"
    headers = tuple(_header(line) for line in lines[1:])
    if method == "HEAD" or status in _NO_BODY or status == 101:
        return Message(status, headers, b"", True, "", lax, data[after:])
    return _with_body(Message(status, headers, lax=lax), data[after:], closed)


def _head_end(data: bytes) -> tuple[int | None, int, str]:
    """Return where the head ends, where the body starts, and what is lax about the head's line ends."""
    strict = data.find(b"\r\n\r\n")
    bare = data.find(b"\n\n")
    if strict >= 0 and (bare < 0 or strict < bare):
        return strict, strict + 4, ""
    if bare >= 0:
        return bare, bare + 2, "its head lines end in LF alone (RFC 9112 §2.2)"
    return None, 0, ""


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.strip().lower(), value.strip()


def _with_body(message: Message, rest: bytes, closed: Closed) -> Message:
    """Return ``message`` with the body that ``rest`` holds (RFC 9112 §6.3)."""
    status, headers, lax = message.status, message.headers, message.lax
    lengths = {one.strip() for name, value in headers if name == "content-length" for one in value.split(",")}
    codings = [value.lower() for name, value in headers if name == "transfer-encoding"]
    if codings:
        if lengths:
            lax = "it has both Content-Length and Transfer-Encoding (RFC 9112 §6.3)"
        if codings[-1].split(",")[-1].strip() == "chunked":
            body, complete, wrong, surplus = _chunked(rest)
            return Message(status, headers, body, complete, wrong, lax, surplus)
        return Message(status, headers, rest, closed == "fin", "", lax)
    if len(lengths) > 1:
        return Message(status, headers, rest, False, "it has two Content-Lengths that differ (RFC 9112 §6.3)", lax)
    if lengths:
        (length,) = lengths
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            return Message(status, headers, rest, False, "its Content-Length is no number (RFC 9112 §6.3)", lax)
        size = int(length)
        return Message(status, headers, rest[:size], len(rest) >= size, "", lax, rest[size:])
    return Message(status, headers, rest, closed == "fin", "", lax)


def _chunked(rest: bytes) -> tuple[bytes, bool, str, bytes]:
    """Return the body, whether it is complete, what is wrong with it, and what follows (RFC 9112 §7.1)."""
    pieces: list[bytes] = []
    at = 0
    while True:
        end = rest.find(b"\r\n", at)
        if end < 0:
            return b"".join(pieces), False, "", b""
        found = _SIZE.fullmatch(rest, at, end)
        if found is None:
            shown = rest[at : min(end, at + 20)].decode("latin-1")
            return b"".join(pieces), False, f"`{shown}` is no chunk size (RFC 9112 §7.1)", b""
        size = int(found[1], 16)
        start = end + 2
        if size == 0:
            return _trailers(pieces, rest, start)
        pieces.append(rest[start : start + size])
        at = start + size + 2
        behind = rest[start + size : at]
        if not b"\r\n".startswith(behind):
            return b"".join(pieces), False, "a chunk does not end where its size says (RFC 9112 §7.1)", b""


def _trailers(pieces: list[bytes], rest: bytes, start: int) -> tuple[bytes, bool, str, bytes]:
    body = b"".join(pieces)
    while True:
        end = rest.find(b"\r\n", start)
        if end < 0:
            return body, False, "", b""
        if end == start:
            return body, True, "", rest[end + 2 :]
        start = end + 2
