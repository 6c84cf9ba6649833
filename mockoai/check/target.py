"""What is checked: the base URL and the key as the user gave them, mended where they are mistyped. Pure.

People paste a whole endpoint, forget the scheme, or copy a key with its quotes. The check goes on with what was
meant, and says so, because their client will not.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from mockoai.check.model import Credential
from mockoai.errors import UsageError

if TYPE_CHECKING:
    from mockoai.check.reading.exchange import Exchange

Mended = Literal[
    "url-has-endpoint", "url-has-no-scheme", "url-has-spaces", "key-has-quotes", "key-has-spaces", "key-has-bearer"
]
"""What was wrong with what the user gave, as the code of a finding of the category ``input``."""

_ENDPOINT = re.compile(r"/(?:chat(?:/completions)?|completions|responses|embeddings|models)/*$", re.IGNORECASE)
_VERSION = re.compile(r"/v\d+(?:beta|alpha)?$")
_QUOTES = "\"'`“”‘’"
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server and the base path of its API.

    ``path`` has no slash at its end and is empty for the root. ``query`` goes with every request, as Azure's
    ``api-version`` does. ``headers`` are the user's. ``mended`` tells what was mended, with what was given.
    """

    secure: bool = False
    host: str = "127.0.0.1"
    port: int = 80
    path: str = ""
    query: str = ""
    key: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    mended: tuple[tuple[Mended, str], ...] = ()

    @property
    def authority(self) -> str:
        """Host and port, as in the ``Host`` header: the port only when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The URL of the server, without a path."""
        return f"http{'s' if self.secure else ''}://{self.authority}"

    @property
    def url(self) -> str:
        """The base URL."""
        return self.origin + self.path + (f"?{self.query}" if self.query else "")

    def where(self, path: str, *, rooted: bool) -> str:
        """Return the request target for ``path`` below the base, or below the root when ``rooted``."""
        if rooted:
            return path
        return f"{self.path}{path}" + (f"?{self.query}" if self.query else "")

    def other_base(self) -> Target:
        """Return the base with ``/v1`` if it ends in no version, else without that."""
        if _VERSION.search(self.path):
            return replace(self, path=_VERSION.sub("", self.path))
        return replace(self, path=f"{self.path}/v1")

    def shown(self, credential: Credential, wrong: str) -> str:
        """Return the value of the ``Authorization`` header, empty for none; ``wrong`` is the key that is not right."""
        key = wrong if credential == "wrong" else self.key
        if credential == "none" or (credential == "own" and not key):
            return ""
        return (key or wrong) if credential == "bare" else f"Bearer {key}"


def parse(url: str, key: str = "", headers: Sequence[str] = ()) -> Target:
    """Read what the user gave. Raises UsageError, with what to write instead, when it cannot be meant."""
    mended: list[tuple[Mended, str]] = []
    target = _parse_url(url, mended)
    return replace(target, key=_parse_key(key, mended), headers=_parse_headers(headers), mended=tuple(mended))


def _parse_url(url: str, mended: list[tuple[Mended, str]]) -> Target:
    text = url.strip().strip(_QUOTES).strip()
    if text != url:
        mended.append(("url-has-spaces", url))
    if not text:
        raise UsageError("bad-url", "the URL is empty", "Give the base URL, such as `http://127.0.0.1:8000/v1`.")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        mended.append(("url-has-no-scheme", text))
        text = f"{'http' if _is_near(text) else 'https'}://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:
        help = "A base URL looks like `http://127.0.0.1:8000/v1`."
        raise UsageError("bad-url", f"the URL cannot be read: {error}", help) from None
    if parts.scheme.lower() not in ("http", "https"):
        help = "An OpenAI-compatible API is spoken over `http://` or `https://`."
        raise UsageError("bad-url", f"`{parts.scheme}://` is no scheme of an API", help)
    if parts.username or parts.password:
        raise UsageError("bad-url", "the URL has a user name or password in it", "Give the key with `--api-key`.")
    if not host or re.search(r"[\s\x00-\x20\x7f]", parts.path + parts.query + host):
        raise UsageError("bad-url", f"`{text}` has no host", "A base URL looks like `http://127.0.0.1:8000/v1`.")
    secure = parts.scheme.lower() == "https"
    path = _ascii(parts.path).rstrip("/")
    if _ENDPOINT.search(path):
        mended.append(("url-has-endpoint", text))
        path = _ENDPOINT.sub("", path)
    return Target(secure=secure, host=host, port=port or (443 if secure else 80), path=path, query=_ascii(parts.query))


def _is_near(text: str) -> bool:
    """Whether an address without a scheme is one of this machine or network, where TLS is rare."""
    try:
        host = urlsplit(f"//{text.removeprefix('//')}").hostname or ""
    except ValueError:
        return True  # it is refused in a moment
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".internal", ".localhost"))


def _ascii(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="/?=&%:@!$'()*+,;~-._")


def _parse_key(key: str, mended: list[tuple[Mended, str]]) -> str:
    text = key.strip()
    if text != key:
        mended.append(("key-has-spaces", ""))
    bare = text.strip(_QUOTES)
    if bare != text:
        mended.append(("key-has-quotes", ""))
    if re.match(r"bearer\s", bare, re.IGNORECASE):
        mended.append(("key-has-bearer", ""))
        bare = bare[6:].strip()
    if not bare.isascii() or re.search(r"[\x00-\x20\x7f]", bare):
        help = "Copy the key again: it is one word of letters, digits and signs."
        raise UsageError("bad-key", "the API key has characters that no header can carry", help)
    return bare


def _parse_headers(headers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for one in headers:
        name, colon, value = one.partition(":")
        value = value.strip()
        if not colon or not _HEADER.fullmatch(name) or not value.isascii() or re.search(r"[\x00-\x1f\x7f]", value):
            raise UsageError("bad-header", "a header cannot be read", "Write it as `--header 'Name: value'`.")
        found.append((name, value))
    return tuple(found)


def redirected(target: Target, heard: Exchange) -> str | None:
    """Return the path that ``heard`` sends the same request to, on the same server; None in any other case.

    Only 307 and 308 keep the method, and a key is never taken to another server.
    """
    if heard.status not in (307, 308):
        return None
    location = heard.message.header("location") or ""
    try:
        there = urlsplit(location)
    except ValueError:
        return None
    if not there.path.startswith("/") or re.search(r"[^\x21-\x7e]", location):
        return None
    if there.netloc and f"{there.scheme}://{there.netloc}".lower() != target.origin.lower():
        return None
    return there.path + (f"?{there.query}" if there.query else "")
