"""``mockoai serve`` as a process: the ready line, what it refuses to start, what it logs, how it ends."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockoai import __version__
from tests.support.serving import Served, clean_environment, serving
from tests.support.sockets import Client, Received, chat, request

FLAKY = """
id: flaky
title: Cut after a token
rules:
  - name: cut
    when: { stream: true }
    reply: { text: "It is 21 degrees." }
    faults:
      - fin-mid-chunked: { after: 1 token }
  - reply: { text: "Fine." }
"""


@pytest.fixture(scope="module")
def flaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serve") / "flaky.yaml"
    path.write_text(FLAKY)
    return path


@pytest.fixture(scope="module")
def server(flaky: Path) -> Iterator[Served]:
    """One server for all that only ask it."""
    with serving(str(flaky), "done-missing", "--seed", "7") as served:
        yield served


def ask(served: Served, data: bytes) -> Received:
    """Send one request on a connection of its own and read the whole answer."""
    with Client(served.port) as client:
        return client.ask(data)


def refused(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run ``mockoai serve`` when it should not start."""
    done = subprocess.run(
        [sys.executable, "-m", "mockoai", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(**environment),
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


# --- answering --------------------------------------------------------------------------------------------


def test_the_first_scenario_answers_and_the_others_can_be_asked_for(server: Served) -> None:
    cut = ask(server, chat(stream=True))
    assert (cut.ending, b"[DONE]" in cut.data) == ("fin", False)
    by_header = ask(server, chat(stream=True, x_mockoai_scenario="done-missing"))
    by_url = ask(server, chat(stream=True, path="/scenario/done-missing/v1/chat/completions"))
    for answer in (by_header, by_url):
        assert b'"finish_reason":"stop"' in answer.data
        assert b"[DONE]" not in answer.data
    shipped = ask(server, chat(stream=True, x_mockoai_scenario="done-twice"))
    assert shipped.data.count(b"[DONE]") == 2


def test_what_the_first_chat_needs_is_loaded_before_anybody_asks() -> None:
    with serving(command=(sys.executable, "-X", "importtime", "-m", "mockoai")) as served:
        assert served.process.stderr is not None
        watchdog = threading.Timer(30, served.process.kill)
        watchdog.start()
        try:
            while line := served.process.stderr.readline():
                if line.endswith("| splintr\n"):
                    break
        finally:
            watchdog.cancel()
        assert line


def test_nothing_is_left_to_load_afterwards() -> None:
    code = """
import sys
from mockoai.cli.warm import pieces
from mockoai.cli.planned import plan, sample
from mockoai.cli.sample import MODEL, request
from mockoai.scenario.model import HEALTHY, Rule
import mockoai.server.lifecycle
for piece in pieces():
    piece()
before = set(sys.modules)
for fields in ({"stream": True}, {}):
    plan(HEALTHY, request("chat", MODEL, fields, Rule()), 1)
from mockoai.scenario import catalogue
sample(catalogue.get("fin-mid-chunked"))
print(sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), check=True
    )
    assert done.stdout == "[]\n"


def test_healthy_without_a_scenario() -> None:
    with serving() as served:
        answer = ask(served, chat(stream=True))
    assert answer.status == 200


def test_options_reach_the_server() -> None:
    arguments = ("--api-key", "k1", "--api-key", "k2", "--model", "m1", "--clock", "2030-01-01T00:00:00Z")
    with serving(*arguments, environment={"MOCKOAI_ADMIN_TOKEN": "secret-token"}) as served:
        with Client(served.port) as client:
            assert client.ask(request("GET", "/v1/models")).status == 401
            authorized = {"authorization": "Bearer k2"}
            models = client.ask(request("GET", "/v1/models", headers=authorized))
            assert [one["id"] for one in models.json()["data"]] == ["m1"]
            assert models.header("date") == "Tue, 01 Jan 2030 00:00:00 GMT"
            assert client.ask(request("GET", "/_mockoai/exchanges")).status == 401
            asked = request("GET", "/_mockoai/exchanges", headers={"authorization": "Bearer secret-token"})
            assert client.ask(asked).status == 200
        _, _, err = served.stop()
    assert "k2" not in err
    assert "secret-token" not in err


def test_a_slow_head_is_cut_off_after_the_time_given() -> None:
    with serving("--header-timeout", "100ms") as served, Client(served.port) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        assert client.receive().status == 408
        _, _, err = served.stop()
    assert re.search(r"\d\d:\d\d:\d\d  refused 408  The request was not sent in time\.  connection \d+\n", err)


# --- not starting -----------------------------------------------------------------------------------------


def test_a_wrong_file_is_found_before_anything_listens(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: wrong\nrules: [{ fautls: [] }]\n")
    with socket.socket() as holder:
        # Were the port tried before the file was read, it would be the port that is complained about.
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        code, out, err = refused(str(wrong), "healthyy", "--port", str(holder.getsockname()[1]))
    assert (code, out) == (2, "")
    assert "error[unknown-key]: unknown key `fautls`" in err
    assert "error[unknown-scenario]" in err


def test_a_port_that_is_taken() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        code, out, err = refused("--port", str(port))
    assert (code, out) == (3, "")
    assert err.startswith(f"error[port-in-use]: port {port} on 127.0.0.1 is in use\nhelp: ")
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--host", "0.0.0.0"), "error[admin-token-required]"),
        (("--host", "0.0.0.0", "--admin-token", ""), "error[admin-token-"),
        (("--host", "no such host"), "error[host-invalid]"),
        (("--port", "70000"), "error[usage]: invalid value for '--port'"),
        (("--header-timeout", "10"), "`10` is no duration; write `300ms`, `1.5s` or `2m`"),
        (("--backend", "vlmm"), "error[usage]"),
        (("--log-level", "loud"), "error[usage]"),
        (("done-missing", "done-missing"), "error[duplicate-scenario]"),
    ],
)
def test_what_cannot_be(arguments: tuple[str, ...], message: str) -> None:
    code, out, err = refused("--port", "0", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_the_environment_says_what_options_say(tmp_path: Path) -> None:
    code, _, err = refused(MOCKOAI_HOST="0.0.0.0", MOCKOAI_PORT="0")
    assert (code, err.split(":")[0]) == (2, "error[admin-token-required]")


# --- stderr -----------------------------------------------------------------------------------------------


def test_stdout_is_the_ready_line_alone_and_stderr_a_line_for_every_exchange(flaky: Path) -> None:
    with serving(str(flaky)) as served:
        ask(served, chat(stream=True, authorization="Bearer sk-abcdefghijklmnopqrst"))
        ask(served, chat())
        code, out, err = served.stop()
    assert (code, out) == (130, "")
    lines = err.splitlines()
    assert lines[0] == f"serving flaky on http://127.0.0.1:{served.port}/v1"
    clock = r"\d\d:\d\d:\d\d  POST /v1/chat/completions  200  "
    assert re.fullmatch(clock + r"flaky/cut  fin-mid-chunked: delivered  0\.\d{3}s", lines[1])
    assert re.fullmatch(clock + r"flaky/rule 2  0\.\d{3}s", lines[2])
    assert lines[3:] == ["stopped after 2 exchanges"]
    assert "sk-abc" not in err


@pytest.mark.parametrize("how", ["--quiet", "--log-level=error"])
def test_quiet(how: str, flaky: Path) -> None:
    with serving(str(flaky), how) as served:
        ask(served, chat(stream=True))
        code, out, err = served.stop(signal.SIGTERM)
    assert (code, out) == (0, "")
    assert err == ""


def test_a_stderr_that_nobody_reads_stops_nothing() -> None:
    """Its pipe holds 64 KiB, some 700 lines."""
    with serving() as served, Client(served.port) as client:
        for _ in range(2000):
            assert client.ask(request("GET", "/v1/models/none")).status == 404


def test_a_terminal_is_told_what_is_served_and_how_to_ask_for_it(flaky: Path) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mockoai", "serve", str(flaky), "--port", "0", "--api-key", "k"],
        stdout=subprocess.PIPE,
        stderr=follower,
        text=True,
        env=clean_environment(NO_COLOR="1", TERM="xterm"),
    )
    os.close(follower)
    seen = b""
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip().removeprefix("mockoai ready url=")
        while b"Ctrl-C" not in seen:
            seen += os.read(leader, 10_000)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        os.close(leader)
    text = seen.decode().replace("\r\n", "\n")
    origin = url.removesuffix("/v1")
    assert process.returncode == 130
    assert f"mockoai {__version__}  {url}  (imitates openai)\n" in text
    assert "  flaky  Cut after a token\n" in text
    for way in ("x-mockoai-scenario: done-missing", f"{origin}/scenario/done-missing/v1", '"mockoai/done-missing"'):
        assert way in text
    assert f"curl -N {url}/chat/completions" in text
    assert "$OPENAI_API_KEY" in text
    assert "\x1b" not in text


# --- ending -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_at_once_whatever_is_open(number: int, code: int, tmp_path: Path) -> None:
    scenario = tmp_path / "hang.yaml"
    scenario.write_text('id: hang\nrules: [{ wire: ["HTTP/1.1 200 OK", { end: hang }] }]\n')
    with serving(str(scenario), "--quiet") as served, Client(served.port) as client:
        client.send(chat())
        client.receive(until=b"OK")
        start = time.monotonic()
        assert served.stop(number) == (code, "", "")
        assert time.monotonic() - start < 2
        assert client.receive().ending in ("fin", "rst")


def test_a_closed_stdout_does_not_keep_it_from_serving() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mockoai", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    try:
        port = int(process.stderr.readline().rpartition(":")[2].removesuffix("/v1\n"))
        with Client(port) as client:
            assert client.ask(chat()).status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        process.stderr.close()
        assert process.wait(timeout=10) == 0


def test_what_is_loaded_before_it_is_ready() -> None:
    """A start is waited for; what only some requests need is left until afterwards."""
    with serving(command=(sys.executable, "-X", "importtime", "-m", "mockoai")) as served:
        _, _, err = served.stop()
    before = err.partition("serving healthy")[0]
    assert "| mockoai.server.lifecycle" in before
    for heavy in (
        "pydantic",
        "splintr",
        "faker",
        "rich",
        "starlette.applications",
        "sse_starlette",
        "prometheus_client",
    ):
        assert f" {heavy}\n" not in before, heavy


# --- workers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["call: 1", "chance: 0.5"])
def test_workers_refuse_a_scenario_that_counts(condition: str, tmp_path: Path) -> None:
    file = tmp_path / "counting.yaml"
    file.write_text(f"id: counting\nrules:\n  - when: {{ {condition} }}\n  - reply: hello\n")
    code, out, err = refused("--workers", "2", "--port", "0", str(file))
    assert (code, out) == (2, "")
    assert err.startswith("error[workers-cannot-count]: `counting` has a rule with `call` or `chance`")


def test_workers_share_the_port_and_end_together() -> None:
    with serving("--workers", "2") as served:
        for _ in range(20):
            assert ask(served, request("GET", "/v1/models")).status == 200
        code, out, err = served.stop()
    assert (code, out) == (130, "")
    assert err.startswith("note: each of the 2 workers counts calls and keeps its journal by itself\n")
    assert sum(int(count) for count in re.findall(r"stopped after (\d+)", err)) == 20


def test_a_worker_that_dies_takes_the_server_down() -> None:
    with serving("--workers", "2", "--quiet") as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        if not children.exists():
            pytest.skip("needs /proc to find the workers")
        os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
        assert served.process.wait(timeout=10) == 4


def test_workers_do_not_outlive_their_parent() -> None:
    with serving("--workers", "2", "--quiet") as served:
        assert ask(served, request("GET", "/v1/models")).status == 200
        served.process.kill()
        served.process.wait(timeout=10)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", served.port)).close()
            except ConnectionRefusedError:
                break
            assert time.monotonic() < deadline, "a worker goes on serving"
            time.sleep(0.01)
