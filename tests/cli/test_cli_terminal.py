"""Colour where it is wanted, and output that survives odd terminals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockoai.cli import terminal
from mockoai.cli.options import did_you_mean, near
from tests.support.serving import clean_environment


class Terminal(io.StringIO):
    """A stream that says it is a terminal, or not."""

    def __init__(self, is_terminal: bool = True) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "environment", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "dumb", "FORCE_COLOR": "3"}, True),
    ],
)
def test_colour(
    is_terminal: bool, environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Terminal(is_terminal)
    assert terminal.colored(stream) is expected
    assert terminal.paint_for(stream)("bad", "x") == ("\x1b[1;31mx\x1b[0m" if expected else "x")


def test_errors_take_colour_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    terminal.complain("usage", "wrong", "do this")
    assert stream.getvalue() == ("\x1b[1;31merror[usage]\x1b[0m\x1b[1m: wrong\x1b[0m\n\x1b[1;36mhelp\x1b[0m: do this\n")


def test_what_the_terminal_cannot_show_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    terminal.out("21°…\n")
    assert raw.getvalue() == b"21\\xb0\\u2026\n"


def test_a_reader_that_left_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    monkeypatch.setattr("sys.stdout", stream)
    terminal.out("x" * 100_000)
    terminal.out("y")
    stream.close()


PIPED = "{python} -m mockoai {command} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"


@pytest.mark.parametrize("command", ["list scenarios", "explain sse-crlf", "--help", "schema"])
def test_a_reader_that_leaves_is_no_error(command: str) -> None:
    ran = shell(PIPED.format(python=sys.executable, command=command))
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_process_without_its_streams_does_its_work(closed: str) -> None:
    assert shell(f"{sys.executable} -m mockoai list scenarios {closed}").returncode == 0
    assert shell(f"{sys.executable} -m mockoai run healthy {closed} -- true").returncode == 5
    assert shell(f"{sys.executable} -m mockoai lists {closed}").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_an_error_in_words() -> None:
    ran = shell(f"{sys.executable} -m mockoai list scenarios > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error[output-unwritable]: cannot write to stdout: No space left on device\n")
    assert shell(f"{sys.executable} -m mockoai list scenarios > /dev/full 2> /dev/full").returncode == 2


def shell(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script],
        env=clean_environment(PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_width_is_the_terminals_and_a_constant_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    assert terminal.columns(120, Terminal()) == 90
    assert terminal.columns(120, Terminal(False)) == 120
    monkeypatch.setenv("COLUMNS", "20")
    assert terminal.columns(120, Terminal()) == 60


def test_near_names() -> None:
    known = ["serve", "plan", "schema", "done-missing", "done-twice"]
    assert near("serv", known) == ["serve"]
    assert sorted(near("done", known)) == ["done-missing", "done-twice"]
    assert near("zzz", known) == []
    assert did_you_mean("zzz", known) == ""
    assert did_you_mean("missing", known) == "did you mean `done-missing`?"
