"""``mockoai check`` as it is typed: exit codes, text and JSON, options, secrets, and a terminal's progress."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from mockoai import Server
from mockoai.check.conversation import GROUPS
from mockoai.cli.check import GROUPS as OFFERED
from mockoai.cli.root import run
from mockoai.mock import Mock
from tests.check.player import KEY
from tests.support.serving import LOOKS, OWN, clean_environment


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(OWN) or name in LOOKS:
            monkeypatch.delenv(name)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Mock(keys=(KEY,))) as server:
        yield server


FEW = ("--only", "models", "--only", "stream")


def test_a_healthy_server_passes(cli: Cli, server: Server) -> None:
    ran = cli("check", server.url, "--api-key", KEY, *FEW)
    assert (ran.code, ran.err) == (0, "")
    assert "0 errors, 0 warnings" in ran.out
    assert len(ran.out.splitlines()) <= 4


def test_what_breaks_clients_fails(cli: Cli, server: Server) -> None:
    ran = cli("check", f"{server.origin}/scenario/done-lowercase/v1", "--api-key", KEY, *FEW)
    assert ran.code == 1
    assert "error[done-lowercase]: [done]" in ran.out
    assert "help: Write `[DONE]` in capitals." in ran.out


def test_a_wrong_key_is_told_and_never_shown(cli: Cli, server: Server) -> None:
    ran = cli("check", server.url, "--api-key", "sk-0123456789-is-wrong", *FEW)
    assert ran.code == 1
    assert "error[auth-invalid-key]" in ran.out
    assert "0123456789" not in ran.out + ran.err


def test_no_connection_is_another_exit_code(cli: Cli) -> None:
    ran = cli("check", "http://127.0.0.1:1/v1")
    assert ran.code == 3
    assert "error[connect-refused]" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ftp://h/v1"], "bad-url"),
        (["http://h/v1", "--api-key", "a b"], "bad-key"),
        (["http://h/v1", "--header", "x"], "bad-header"),
        (["http://h/v1", "--only", "chat", "--skip", "chat"], "nothing-to-check"),
        (["http://h/v1", "--timeout", "soon"], "usage"),
        (["http://h/v1", "--only", "everything"], "usage"),
        ([], "usage"),
    ],
)
def test_usage(arguments: list[str], code: str, cli: Cli) -> None:
    ran = cli("check", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error[{code}]: ")
    assert "help: " in ran.err


def test_json_and_the_environment(cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKOAI_API_KEY", KEY)
    ran = cli("check", server.url, "--json", "--model", "gpt-4o", *FEW)
    facts = json.loads(ran.out)
    assert (ran.code, ran.err, facts["exit_code"], facts["schema_version"]) == (0, "", 0, 1)
    assert facts["models"]["asked"] == "gpt-4o"
    assert {one["name"] for one in facts["requests"]} == {"models", "one model", "stream", "stream without usage"} | {
        "two choices, streamed",
        "logprobs, streamed",
    }
    assert KEY not in ran.out


def test_a_header_of_ones_own_is_sent(cli: Cli, server: Server) -> None:
    ran = cli("check", server.url, "--api-key", KEY, "--header", "x-mockoai-scenario: done-lowercase", *FEW)
    assert "error[done-lowercase]" in ran.out


def test_headers_in_the_environment_are_one_to_a_line(
    cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKOAI_HEADER", "x-mockoai-scenario: done-lowercase\nx-other: 1 2")
    ran = cli("check", server.url, "--api-key", KEY, *FEW)
    assert "error[done-lowercase]" in ran.out


def test_the_timeout_is_the_longest_silence(cli: Cli, server: Server) -> None:
    url = f"{server.origin}/scenario/stall-mid-stream/v1"
    ran = cli("check", url, "--api-key", KEY, "--only", "stream", "--model", "m", "--timeout", "200ms", "--json")
    facts = json.loads(ran.out)
    assert facts["requests"][0]["outcome"].startswith("4 events, then silent for 0.2")
    assert {"what": "logprobs, streamed", "why": "such answers hang"} in facts["left_out"]


def test_what_can_be_chosen_is_what_there_is() -> None:
    assert OFFERED == GROUPS


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_progress_and_habits_on_a_terminal(server: Server) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "mockoai", "check", server.url, "--api-key", KEY, *FEW]
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=clean_environment(TERM="xterm"))
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert process.wait() == 0
    text = shown.decode()
    assert text.index("models") < text.index("stream without usage") < text.index("Habits that clients should know of")
    assert "\x1b[32mok" in text
    assert "17 models, " in text
