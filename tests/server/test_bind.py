"""The listening socket: what goes wrong says which port or host, and what to do."""

from __future__ import annotations

import errno
import socket

import pytest

from mockoai.errors import MockoaiError, StartError, UsageError
from mockoai.mock import Mock
from mockoai.server.bind import bind
from mockoai.server.codes import HELP
from mockoai.server.lifecycle import Server
from mockoai.server.security import Security
from tests.support.sockets import exchange, request

LOCAL = Security()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_port_0_takes_a_free_one() -> None:
    with bind("127.0.0.1", 0, LOCAL) as one, bind("127.0.0.1", 0, LOCAL) as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with bind("127.0.0.1", 0, LOCAL) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as caught:
            bind("127.0.0.1", port, LOCAL)
    error = caught.value
    assert (error.code, error.exit_code) == ("port-in-use", 3)
    assert error.message == f"port {port} on 127.0.0.1 is in use"
    assert "--port 0" in error.help


def test_a_port_that_was_just_left_can_be_taken_again() -> None:
    port = 0
    for _ in range(3):
        with Server(Mock(), port=port) as server:
            port = server.port
            assert exchange(port, request("GET", "/health", headers={"connection": "close"})).status == 200


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.EADDRINUSE, StartError, "port-in-use"),
        (errno.EACCES, StartError, "port-denied"),
        (errno.EADDRNOTAVAIL, UsageError, "host-invalid"),
        (errno.ENOBUFS, StartError, "host-invalid"),
    ],
)
def test_what_the_system_says_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, number: int, kind: type[MockoaiError], code: str
) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise OSError(number, "what the system says")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(kind) as caught:
        bind("127.0.0.1", 80, LOCAL)
    assert caught.value.code == code
    assert "127.0.0.1" in caught.value.message
    assert caught.value.help


@pytest.mark.parametrize("host", ["", "no such host", "999.1.1.1", "host.invalid", "a" * 300])
def test_a_host_that_is_none_is_named(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        bind(host, 0, LOCAL)
    assert caught.value.code == "host-invalid"
    assert f"`{host}`" in caught.value.message


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        bind("192.0.2.1", 0, Security(host="192.0.2.1", token="a-token"))
    assert caught.value.code == "host-invalid"


@pytest.mark.parametrize("port", [-1, 65536, 99999999])
def test_a_port_that_is_none_is_named(port: int) -> None:
    with pytest.raises(UsageError) as caught:
        bind("127.0.0.1", port, LOCAL)
    assert caught.value.code == "port-invalid"
    assert str(port) in caught.value.message


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_beyond_loopback_without_a_token_never_listens(host: str) -> None:
    port = _free_port()
    server = Server(Mock(), host=host, port=port)
    with pytest.raises(UsageError) as caught:
        server.run()
    assert (caught.value.code, caught.value.exit_code) == ("admin-token-required", 2)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_with_a_token_all_addresses_can_be_bound() -> None:
    with Server(Mock(), host="0.0.0.0", port=0, admin_token="a-token") as server:
        assert server.url == f"http://127.0.0.1:{server.port}/v1"
        assert exchange(server.port, request("GET", "/health"), until=b"}").status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6_loopback(host: str) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Server(Mock(), host=host, port=0) as server:
        assert server.url == f"http://[::1]:{server.port}/v1"
        assert exchange(server.port, request("GET", "/health"), until=b"}", host="::1").status == 200


def test_localhost_is_loopback() -> None:
    with Server(Mock(), host="localhost", port=0) as server:
        assert server.url == f"http://localhost:{server.port}/v1"
        assert exchange(server.port, request("GET", "/health"), until=b"}").status == 200


def test_every_code_of_the_server_can_be_explained() -> None:
    for code, text in HELP.items():
        assert text.strip().endswith((".", "`")), code
