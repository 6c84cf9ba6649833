"""The listening socket: which addresses are possible and allowed, and what to do about the others."""

from __future__ import annotations

import errno
import os
import socket
from typing import cast

from mockoai.errors import MockoaiError, StartError, UsageError
from mockoai.server.security import Security

BACKLOG = 2048
"""Connections that the kernel queues before they are accepted; it may allow fewer."""
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that stand for all of this machine's, and one of those to connect to."""

SocketAddress = tuple[str, int] | tuple[str, int, int, int]


def bind(host: str, port: int, security: Security) -> socket.socket:
    """Return a socket that listens on ``host`` and ``port``.

    Raises UsageError when the address is impossible, or open to others without a token; StartError when it
    cannot be had.
    """
    if not 0 <= port <= 65535:
        raise UsageError("port-invalid", f"there is no port {port}", "Choose one from 1 to 65535, or 0 for any.")
    family, address = _resolved(host, port)
    security.check_address(str(address[0]))
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # Here this frees ports that were just left; on Windows two servers could share the port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if host == "::" and socket.has_dualstack_ipv6():
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(address)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise _bind_error(error, host, port) from None
    return sock


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, SocketAddress]:
    """Return the family and socket address that ``host`` means; IPv4 is preferred."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise _host_error(host, "it cannot be resolved")
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, cast(SocketAddress, address)


def _host_error(host: str, reason: str) -> UsageError:
    help = "Choose an address of this machine: 127.0.0.1, ::1, 0.0.0.0 for all, or a name of one."
    return UsageError("host-invalid", f"cannot listen on host `{host}`: {reason}", help)


def _bind_error(error: OSError, host: str, port: int) -> MockoaiError:
    """Return what ``error`` means to a user."""
    where = f"port {port} on {host}"
    if error.errno == errno.EADDRINUSE:
        return StartError(
            "port-in-use",
            f"{where} is in use",
            "Stop the server that has it, choose another port with --port, or any free one with --port 0.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return StartError(
            "port-denied",
            f"this user may not listen on {where}",
            "Choose a port above 1023 with --port, or any free one with --port 0.",
        )
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return _host_error(host, "this machine has no such address")
    return StartError("host-invalid", f"cannot listen on {where}: {error.strerror}", "Choose another host or port.")
