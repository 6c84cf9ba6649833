"""The head of the answer: fields that are missing, extra or huge, and status lines and line ends that are
unusual.

Fields that delimit the body (RFC 9112 §6) are in ``framing``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.registry import fault
from mockoai.plan.items import Head, Item, Write

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def sendable(name: str, value: str) -> None:
    """Raise ValueError unless ``name`` and ``value`` make a header field (RFC 9110 §5.1, §5.5)."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header field")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"{value!r} cannot stand in a header field: it takes one line of Latin-1 characters")


@dataclass(frozen=True, kw_only=True)
class HeadFault(Fault):
    """Base of faults that change the head and nothing else."""

    def head(self, head: Head, run: Run) -> Head:
        """Return the head to send instead; ``head`` itself when there is nothing to change."""
        raise NotImplementedError

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Change the head; let the body through."""
        return [self.head(item, run)] if isinstance(item, Head) else [item]


@fault("header-set", family="header", layer="body")
class HeaderSet(HeadFault):
    """Send the field ``name`` with ``value``: in the place of the one of that name, or as the last.

    On the wire: ``content-type: text/plain``, for example. Who does it: every server in its own way; the
    catalogue uses it for content types that no stream or JSON body should have. Catalogue:
    ``sse-content-type-json``, ``sse-content-type-text-plain``, ``content-type-with-params``.
    """

    name: str
    value: str

    def __post_init__(self) -> None:
        """Refuse what would end the field, or cannot be sent as it is said."""
        sendable(self.name, self.value)

    def head(self, head: Head, run: Run) -> Head:
        """Replace or add the field."""
        run.fire(f"sent `{self.name}: {self.value}`")
        return replace(head, headers=head.replaced(self.name, self.value))


@fault("header-missing", family="header", layer="body")
class HeaderMissing(HeadFault):
    """Leave out every field whose name matches ``name``, a glob such as ``x-ratelimit-*``.

    On the wire: no ``x-request-id``, for example. Who does it: most self-hosted servers. Catalogue:
    ``missing-request-id``, ``openai-headers-absent``, ``sse-content-type-missing``.
    """

    name: str

    def head(self, head: Head, run: Run) -> Head:
        """Drop the fields."""
        wanted = self.name.lower()
        kept = tuple(pair for pair in head.headers if not fnmatchcase(pair[0].lower(), wanted))
        if len(kept) == len(head.headers):
            run.missed(f"the answer has no header `{self.name}`")
            return head
        run.fire(f"left out {len(head.headers) - len(kept)} of {len(head.headers)} headers")
        return replace(head, headers=kept)


@fault("request-id-echo", family="header", layer="body")
class RequestIdEcho(HeadFault):
    """Send back the request's own ``X-Request-Id``.

    On the wire: ``x-request-id`` with the client's value. Who does it: vLLM with
    ``--enable-request-id-headers``. Catalogue: ``request-id-echo``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Copy the field from the request."""
        sent = run.context.request.header("x-request-id")
        if sent is None:
            run.missed("the request has no header `x-request-id`")
            return head
        run.fire(f"sent `x-request-id: {sent}` back")
        return replace(head, headers=head.replaced("x-request-id", sent))


@fault("connection-close-on-stream", family="header", layer="body", claims=["connection"], needs="stream")
class ConnectionCloseOnStream(HeadFault):
    """Announce that the connection will be closed, and close it behind the stream.

    On the wire: ``Connection: close``. Every call costs a new connection. Who does it: exo, on every stream.
    Catalogue: ``connection-close-on-stream``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Set the field."""
        if (head.header("connection") or "").lower() == "close":
            run.missed("the answer closes the connection as it is")
            return head
        run.fire("announced that the connection closes")
        return replace(head, headers=head.replaced("Connection", "close"))


@fault("header-overflow-64k", family="header", layer="body")
class HeaderOverflow64k(HeadFault):
    """Send one field of more than 64 KiB.

    On the wire: ``x-trace: aaaa…`` of ``size`` bytes. undici refuses it, and aiohttp. Who does it: cookies
    and traces that grow without bound. Catalogue: ``header-overflow-64k``.
    """

    name: str = "x-trace"
    size: int = 70_000

    def __post_init__(self) -> None:
        at_least("size", self.size, 1)

    def head(self, head: Head, run: Run) -> Head:
        """Add the field."""
        run.fire(f"sent a header of {self.size} bytes")
        return replace(head, headers=(*head.headers, (self.name, "a" * self.size)))


@fault("lf-only-header-lines", family="header", layer="body", claims=["header lines"])
class LfOnlyHeaderLines(HeadFault):
    r"""End the lines of the head in LF alone.

    On the wire: ``HTTP/1.1 200 OK\nContent-Type: …\n\n``. A recipient may accept it (RFC 9112 §2.2), and not
    all do. Who does it: home-made servers. Catalogue: ``lf-only-header-lines``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Shorten the line ends."""
        run.fire("ended the lines of the head in LF")
        return replace(head, newline=b"\n")


@fault("no-reason-phrase", family="header", layer="body", claims=["status line"])
class NoReasonPhrase(HeadFault):
    r"""Leave the reason phrase out of the status line, and the space before it.

    On the wire: ``HTTP/1.1 200\r\n``. The space is required (RFC 9112 §4). Who does it: proxies that turn
    HTTP/2, which has no phrases, into HTTP/1.1. Catalogue: ``no-reason-phrase``, ``empty-reason-over-h2``.
    """

    def head(self, head: Head, run: Run) -> Head:
        """Drop the phrase."""
        run.fire(f"ended the status line behind {head.status}")
        return replace(head, phrase=False)


@fault("unsolicited-100-continue", family="header", layer="body", claims=["interim"])
class Unsolicited100Continue(Fault):
    r"""Send an interim answer that nobody asked for before the real one.

    On the wire: ``HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n…``. Allowed (RFC 9110 §15.2: a client must
    be able to parse them); undici takes it for a bad response. Who does it: some proxies. Catalogue:
    ``unsolicited-100-continue``.
    """

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Put the interim answer before the head."""
        if not isinstance(item, Head):
            return [item]
        run.fire("sent 100 Continue before the answer")
        return [Write(at=item.at, data=b"HTTP/1.1 100 Continue\r\n\r\n"), item]
