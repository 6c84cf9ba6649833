"""Who may use the control API, and where the server may listen.

Theory of operation. The control API reads requests (prompts, file names, what a client sends) and changes
what the server answers, so three kinds of uninvited guests are kept out:

- *The network.* The default is 127.0.0.1. Listening anywhere else needs an admin token, and every control
route
  then asks for it.
- *Web pages through a name of their own* (DNS rebinding): a page on ``evil.example`` whose name is made to
point at
  127.0.0.1 sends its own name as Host. So Host must be a loopback name or the host that was bound. Where the
  server listens on all addresses its names cannot be known; there the token alone decides, which such a page
  has not got.
- *Web pages through ours* (cross-site requests): browsers send Origin, and Sec-Fetch-Site, with every
request that
  could change something. Only our own origin is welcome; no CORS header is ever sent.

``/metrics`` is guarded in the same way. ``/health`` is open: it tells a version and a few counts, and
whoever probes it (a container runtime, a load balancer) sends the Host it likes. The mocked API answers any
Host and Origin too: clients and proxies under test reach it by names of their own, and rewriting Host is
something they are tested for. What a rebinding page could read there are made-up answers; ``--api-key``
closes that as well.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from mockoai.errors import UsageError

LOOPBACK = "127.0.0.1"
TOKEN_HEADER = "x-mockoai-token"
TOKEN_HELP = f"Send `Authorization: Bearer TOKEN` or `{TOKEN_HEADER}: TOKEN` with the server's admin token."

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARDS = frozenset({"0.0.0.0", "::"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]@/\s]+))(?::\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused, and what to do about it; ``status`` is that of the answer."""

    status: int
    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Security:
    """The rules for one server: ``host`` is where it listens, ``token`` what every control route asks for."""

    host: str = LOOPBACK
    token: str | None = None

    def __post_init__(self) -> None:
        """Raise UsageError when the token is blank."""
        if self.token is not None and not self.token.strip():
            raise UsageError("admin-token-empty", "the admin token is blank", "Choose one that is hard to guess.")

    def check_address(self, address: str) -> None:
        """Raise UsageError when others can reach ``address``, for which ``host`` stands, without a token."""
        if self.token is None and not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            raise UsageError(
                "admin-token-required",
                f"listening on {self.host} lets others reach the control API, and there is no admin token",
                "Set one with --admin-token or MOCKOAI_ADMIN_TOKEN, or listen on 127.0.0.1, the default.",
            )

    def refuse(self, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
        """Return why a control request is refused, or None; the names of ``headers`` are in lower case."""
        fields: dict[str, list[str]] = {}
        for name, value in headers:
            fields.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip())
        return self._host(fields.get("host", [])) or self._origin(fields) or self._token(fields)

    def _host(self, hosts: list[str]) -> Refusal | None:
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        own = _plain(self.host)
        if name is not None and (name in _LOCAL_NAMES or name == own or own in _WILDCARDS):
            return None
        shown = f"`{hosts[0]}`" if len(hosts) == 1 and hosts[0] else "an empty one" if hosts else "none"
        return Refusal(
            421,
            "host-refused",
            f"The control API answers to its own Host only; this request names {shown}.",
            f"Use localhost, 127.0.0.1, [::1] or the host that the server was started with ({self.host}).",
        )

    def _origin(self, fields: dict[str, list[str]]) -> Refusal | None:
        host = fields["host"][0].lower()
        origins = fields.get("origin", [])
        foreign = [one for one in origins if one.lower() not in (f"http://{host}", f"https://{host}")]
        sites = [one for one in fields.get("sec-fetch-site", []) if one not in ("same-origin", "none")]
        if not foreign and not sites:
            return None
        return Refusal(
            403,
            "origin-refused",
            "The control API does not answer web pages of other origins"
            + (f"; this one is `{foreign[0]}`." if foreign else "."),
            "Call it from a program, or from a page that this server itself serves.",
        )

    def _token(self, fields: dict[str, list[str]]) -> Refusal | None:
        if self.token is None:
            return None
        given = fields.get(TOKEN_HEADER, [])[:1]
        for value in fields.get("authorization", [])[:1]:
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "bearer":
                given.append(rest.strip())
        # Every comparison takes as long as any other, so a token cannot be guessed byte by byte.
        if any(hmac.compare_digest(one.encode("latin-1"), self.token.encode()) for one in given):
            return None
        message = "The admin token is wrong." if given else "The control API needs the admin token here."
        return Refusal(401, "token-wrong" if given else "token-required", message, TOKEN_HELP)


def host_name(value: str) -> str | None:
    """Return the host that a Host header names (RFC 9110 §7.2), in lower case, without port and brackets.

    None when ``value`` is no host at all.
    """
    match = _HOST.fullmatch(value.lower())
    if match is None:
        return None
    return _plain(match[1]) if match[1] else match[2]


def _plain(host: str) -> str:
    """Return ``host`` in lower case, without brackets, an IPv6 address in its shortest form."""
    host = host.strip("[]").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host
