"""What servers made with Express have in common: the headers that it and Node.js add.

Express answers JSON with its name, a length and a weak ``ETag``: the length in hexadecimal and the beginning of the
body's SHA-1. What no route takes is answered with a page of HTML, without a tag. Node.js adds the date, and how long it
keeps the connection. Streams are written past Express, with the headers that every guide to server-sent events gives
them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha1
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockoai.backends.compatible import Compatible
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import Event, Failure, Frame, Head, Headers, Item

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

_HTML = "text/html; charset=utf-8"
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n'
    "<pre>Cannot {}</pre>\n</body>\n</html>\n"
)
_UNENCODED = "/!#$%&'()*+,:;=?@[]~"
_DIGEST = 27
"""Characters of a SHA-1 in base64, without padding."""


class Express(Compatible):
    """A server made with Express on Node.js."""

    lower_case = False
    says_keep_alive = True
    json_type = "application/json; charset=utf-8"
    stream_type = "text/event-stream"

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return Express's name, the content type and the date."""
        return (
            ("X-Powered-By", "Express"),
            ("Content-Type", self.stream_type if stream else self.json_type),
            *((("Cache-Control", "no-cache"),) if stream else (("Content-Length", ""),)),
            ("Date", imf_fixdate(context.now)),
        )

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return headers and body of an error: what it adds stands behind Express's name."""
        _, event = super().failure(failure, context)
        (name, *own) = self.headers(context, status=failure.status, stream=False)
        if failure.content_type is not None:
            own = [("Content-Type", failure.content_type), *own[1:]] if failure.content_type else own[1:]
        added = {name.lower() for name, _ in failure.headers}
        return (name, *failure.headers, *(pair for pair in own if pair[0].lower() not in added)), event

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Sign whole bodies, and say how long the connection is kept."""
        head, *rest = items
        if not isinstance(head, Head) or head.header("x-powered-by") is None:
            return items
        data = b"".join([item.data for item in rest if isinstance(item, Frame)])
        return [replace(head, headers=tuple(_ended(head, data))), *rest]


def cannot(request: Request) -> Failure:
    """Return what Express says when no route takes a request, be it for its path or its method: a page."""
    what = escape(f"{request.method} {quote(request.path, safe=_UNENCODED)}")
    return Failure(
        status=404,
        body=_PAGE.format(what),
        content_type=_HTML,
        headers=(("Content-Security-Policy", "default-src 'none'"), ("X-Content-Type-Options", "nosniff")),
    )


def etag(data: bytes) -> str:
    """Return the weak entity tag of a body (RFC 9110 §8.8.3), as Express makes it."""
    return f'W/"{len(data):x}-{b64encode(sha1(data, usedforsecurity=False).digest()).decode()[:_DIGEST]}"'


def _ended(head: Head, data: bytes) -> list[tuple[str, str]]:
    """Return the headers of ``head`` as Node.js ends them: a chunked body's framing comes last."""
    headers: list[tuple[str, str]] = []
    last: list[tuple[str, str]] = []
    for name, value in head.headers:
        if name == "Transfer-Encoding":
            last.append((name, value))
            continue
        headers.append((name, value))
        if name == "Content-Length" and head.header("content-type") != _HTML:
            headers.append(("ETag", etag(data)))
        elif name == "Connection" and value == "keep-alive":
            headers.append(("Keep-Alive", "timeout=5"))
    return headers + last
