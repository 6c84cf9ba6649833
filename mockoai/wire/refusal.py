"""What is answered to bytes that are no request, and why: before there is anything to plan an answer for.

OpenAI's edge and most proxies refuse what HTTP/1.1 tells them to, where uvicorn is lenient, so a client that works here
works there: a request without a Host, or with two, is a 400 (RFC 9112 §3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TLS = b"\x16\x03"  # a handshake record of any version (RFC 8446 §5.1)
_HTTP_2 = b"PRI * HTTP/2.0"  # its preface (RFC 9113 §3.4)

_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)  # RFC 9110 §7.2


@dataclass(frozen=True, slots=True)
class NoRequest:
    """A ``status`` and the sentence that says ``why``."""

    status: bytes
    why: str

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status[:3])

    @property
    def answer(self) -> bytes:
        """The whole answer; the connection is closed behind it."""
        text = self.why.encode("utf-8", "backslashreplace") + b"\n"
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close" % len(text)
        return b"HTTP/1.1 %s\r\n%s\r\n\r\n%s" % (self.status, head, text)


def _bad(why: str) -> NoRequest:
    return NoRequest(b"400 Bad Request", why)


CONNECT = _bad("This is no proxy: CONNECT is not for it.")
TIMEOUT = NoRequest(b"408 Request Timeout", "The request was not sent in time.")
HEAD_TOO_LARGE = NoRequest(b"431 Request Header Fields Too Large", "The head of the request is too large.")


class RefusedError(Exception):
    """Raised out of the parser's callback, so that nothing behind the head is parsed."""

    def __init__(self, refusal: NoRequest) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


def unreadable(data: bytes, reason: str) -> NoRequest:
    """Return the refusal of ``data``, which the parser gave up for ``reason``."""
    if data.startswith(_TLS):
        return _bad("This is a TLS handshake, and the server speaks plain HTTP: the base URL begins with http://.")
    if data.startswith(_HTTP_2):
        return _bad("This is HTTP/2, and the server speaks HTTP/1.1.")
    return _bad(f"This is not a request in HTTP/1.1: {reason or 'it cannot be read'}.")


def check_host(headers: Iterable[tuple[bytes, bytes]], version: str) -> NoRequest | None:
    """Return why the Host among ``headers``, names in lower case, is refused (RFC 9112 §3.2), or None.

    HTTP/1.0 did not ask for one.
    """
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return _bad("The request has more than one Host (RFC 9112, section 3.2).")
    if not hosts:
        return None if version == "1.0" else _bad("The request has no Host (RFC 9112, section 3.2).")
    if _HOST.fullmatch(hosts[0]) is None:
        return _bad("The Host of the request names no host (RFC 9112, section 3.2).")
    return None
