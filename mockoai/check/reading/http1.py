"""HTTP/1.1 answers (RFC 9112) as they are read from a socket: what is wrong with them is noted, not refused.

:class:`Reader` takes bytes as they come, says when the answer is over, and gives a :class:`Message` at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

HEAD_LIMIT = 1024 * 1024
"""Bytes of a head that are looked at."""

Framing = Literal["chunked", "length", "close", "none"]

Flaw = Literal["", "chunk-size", "chunk-end", "head"]
"""What made an answer unreadable: a chunk size that is none, no line end behind a chunk, or a head that is none."""

Headers = tuple[tuple[str, str], ...]

_STATUS = re.compile(rb"(HTTP/\d\.\d) (\d{3})(?: ([^\r\n]*))?$")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?$", re.DOTALL)
_NO_BODY = (204, 304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One answer.

    ``reason`` is None when the status line ends behind the code. ``newlines`` are the kinds of line end in the head.
    ``interim`` are the statuses of 1xx answers before. ``body`` is without chunk framing; ``arrivals`` tells up to
    which offset of it had come when, and ``chunks`` the offsets at which HTTP chunks end. ``whole`` says whether it
    ended as its own framing asks; a body that ends with the connection is whole when that was closed. ``rest`` are
    bytes behind the end, and ``cut`` what a flaw kept from being read.
    """

    version: str = ""
    status: int = 0
    reason: str | None = None
    headers: Headers = ()
    head: bytes = b""
    head_at: float = 0.0
    newlines: frozenset[bytes] = frozenset()
    interim: tuple[int, ...] = ()
    framing: Framing = "none"
    length: int | None = None
    body: bytes = b""
    arrivals: tuple[tuple[int, float], ...] = ()
    chunks: tuple[int, ...] = ()
    trailers: Headers = ()
    whole: bool = False
    flaw: Flaw = ""
    cut: bytes = b""
    rest: bytes = b""

    def values(self, name: str) -> list[str]:
        """Return the values of all headers called ``name`` (lower case)."""
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name: str) -> str | None:
        """Return the first header called ``name`` (lower case), or None."""
        found = self.values(name)
        return found[0] if found else None

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty when there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def closes(self) -> bool:
        """Whether it announces that the connection will be closed."""
        options = ",".join(self.values("connection")).lower()
        return "close" in options or (self.version == "HTTP/1.0" and "keep-alive" not in options)


class Reader:
    """Reads one answer to a request with ``method``."""

    def __init__(self, method: str = "POST") -> None:
        self._method = method
        self._buffer = bytearray()
        self._state: Literal["head", "size", "data", "data-end", "trailers", "length", "close", "done", "flawed"] = (
            "head"
        )
        self._interim: list[int] = []
        self._head = Message()
        self._body = bytearray()
        self._arrivals: list[tuple[int, float]] = []
        self._chunks: list[int] = []
        self._trailers: list[tuple[str, str]] = []
        self._left = 0
        self._flaw: Flaw = ""

    @property
    def started(self) -> bool:
        """Whether the head of the answer has come."""
        return self._state != "head"

    @property
    def done(self) -> bool:
        """Whether the answer is over, as its own framing says."""
        return self._state == "done"

    @property
    def hopeless(self) -> bool:
        """Whether nothing that comes can be read any longer."""
        return self._state == "flawed"

    @property
    def tail(self) -> bytes:
        """The last bytes of the body."""
        return bytes(self._body[-64:])

    def feed(self, data: bytes, at: float) -> None:
        """Take ``data`` that came ``at`` seconds."""
        self._buffer += data
        before = len(self._body)
        while self._step(at):
            pass
        if len(self._body) > before:
            self._arrivals.append((len(self._body), at))

    def message(self, *, closed: bool) -> Message:
        """Return what there is; ``closed`` says whether the server closed the connection in the end."""
        head = self._head
        left = bytes(self._buffer)
        if self._state == "head":
            flaw: Flaw = "head" if left and not b"HTTP/".startswith(left[:5]) else ""
            return Message(interim=tuple(self._interim), head=left[:HEAD_LIMIT], flaw=flaw)
        return Message(
            version=head.version,
            status=head.status,
            reason=head.reason,
            headers=head.headers,
            head=head.head,
            head_at=head.head_at,
            newlines=head.newlines,
            interim=tuple(self._interim),
            framing=head.framing,
            length=head.length,
            body=bytes(self._body),
            arrivals=tuple(self._arrivals),
            chunks=tuple(self._chunks),
            trailers=tuple(self._trailers),
            whole=self._state == "done" or (self._state == "close" and closed),
            flaw=self._flaw,
            cut=left if self._state != "done" else b"",
            rest=left if self._state == "done" else b"",
        )

    # One step each: whether there was enough for it.

    def _step(self, at: float) -> bool:
        if self._state == "head":
            return self._read_head(at)
        if self._state == "size":
            return self._read_size()
        if self._state in ("data", "length"):
            return self._read_data()
        if self._state == "data-end":
            return self._read_data_end()
        if self._state == "trailers":
            return self._read_trailer()
        if self._state == "close" and self._buffer:
            self._body += self._buffer
            self._buffer.clear()
        return False

    def _read_head(self, at: float) -> bool:
        end = re.search(rb"\r?\n\r?\n", self._buffer[:HEAD_LIMIT])
        if end is None:
            return False
        head = bytes(self._buffer[: end.end()])
        lines = re.split(rb"\r?\n", head[: end.start()])
        status = _STATUS.match(lines[0])
        if status is None:
            self._state, self._flaw = "flawed", "head"
            return False
        del self._buffer[: end.end()]
        code = int(status[2])
        if 100 <= code < 200 and code != 101:
            self._interim.append(code)
            return True
        reason = None if status[3] is None else status[3].decode("latin-1")
        headers = tuple(_field(line) for line in lines[1:] if line)
        newlines = frozenset(re.findall(rb"\r?\n", head))
        self._head = Message(
            version=status[1].decode(),
            status=code,
            reason=reason,
            headers=headers,
            head=head,
            head_at=at,
            newlines=newlines,
        )
        self._begin_body()
        return True

    def _begin_body(self) -> None:
        head = self._head
        lengths = [value for value in head.values("content-length") if value.isdigit()]
        length = int(lengths[0]) if lengths else None
        framing: Framing = "close"
        if self._method == "HEAD" or head.status in _NO_BODY:
            framing, self._state = "none", "done"
        elif "chunked" in ",".join(head.values("transfer-encoding")).lower():
            framing, self._state = "chunked", "size"
        elif length is not None:
            framing, self._left = "length", length
            self._state = "length" if length else "done"
        else:
            self._state = "close"
        self._head = Message(
            version=head.version,
            status=head.status,
            reason=head.reason,
            headers=head.headers,
            head=head.head,
            head_at=head.head_at,
            newlines=head.newlines,
            framing=framing,
            length=length,
        )

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            return None
        return bytes(self._buffer[:end]).removesuffix(b"\r")

    def _drop_line(self) -> None:
        del self._buffer[: self._buffer.find(b"\n") + 1]

    def _read_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = _SIZE.match(line)
        if size is None:
            self._state, self._flaw = "flawed", "chunk-size"
            return False
        self._drop_line()
        self._left = int(size[1], 16)
        self._state = "data" if self._left else "trailers"
        return True

    def _read_data(self) -> bool:
        piece = self._buffer[: self._left]
        if not piece:
            return False
        self._body += piece
        self._left -= len(piece)
        del self._buffer[: len(piece)]
        if not self._left:
            if self._state == "data":
                self._chunks.append(len(self._body))
                self._state = "data-end"
            else:
                self._state = "done"
        return True

    def _read_data_end(self) -> bool:
        for end in (b"\r\n", b"\n"):
            if self._buffer.startswith(end):
                del self._buffer[: len(end)]
                self._state = "size"
                return True
        if len(self._buffer) > 1:
            self._state, self._flaw = "flawed", "chunk-end"
        return False

    def _read_trailer(self) -> bool:
        line = self._line()
        if line is None:
            return False
        self._drop_line()
        if line:
            self._trailers.append(_field(line))
        else:
            self._state = "done"
        return True


def _field(line: bytes) -> tuple[str, str]:
    name, _, value = line.partition(b":")
    return name.decode("latin-1").strip(), value.decode("latin-1").strip()
