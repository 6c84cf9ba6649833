"""The README is run: every command, every file, every table. What it shows is what comes out.

In ``console`` blocks a line behind ``$`` is a command, the others what it prints; ``…`` stands for anything. A command
that ends in ``&`` is a server, which stays for the rest of the file. Other blocks are files, by the name the text gives
them.
Ports are exchanged for free ones.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockoai.cli import describe
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from tests.support.serving import clean_environment

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Command:
    """One command of a console block, and the lines it shall print."""

    line: str
    output: str


def commands() -> list[Command]:
    out: list[Command] = []
    for kind, text in BLOCKS:
        if kind != "console":
            continue
        for line, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            out.append(Command(line, output))
    return out


def named_files() -> dict[str, str]:
    found = re.findall(r"`([\w.]+\.(?:yaml|py))`[^`]*?:\n\n```\w+\n(.*?)```", README, re.DOTALL)
    return dict(found)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def expected(output: str) -> re.Pattern[str]:
    """Turn shown output into a pattern; ``…`` at the end of a line goes on to the next shown line."""
    parts = [re.escape(part) for part in output.rstrip("\n").split("…")]
    return re.compile(".*?".join(parts), re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for name, text in named_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(place: Path) -> Iterator[object]:
    ports = {port: free_port() for port in ("8000", "8010")}
    environment = clean_environment(PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    servers: list[subprocess.Popen[str]] = []

    def renamed(text: str) -> str:
        for shown, real in ports.items():
            text = text.replace(f":{shown}", f":{real}").replace(f"--port {shown}", f"--port {real}")
        return text

    def execute(command: Command) -> None:
        line = renamed(command.line)
        if line.endswith("&"):
            if "--port" not in line:
                line = line.replace("serve", f"serve --port {ports['8000']}")
            server = subprocess.Popen(
                ["bash", "-c", "exec " + line.rstrip(" &")], cwd=place, env=environment, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            servers.append(server)
            assert server.stdout is not None
            actual = server.stdout.readline()
        else:
            done = subprocess.run(
                ["bash", "-c", line],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            actual = done.stdout + done.stderr
        assert expected(renamed(command.output)).match(actual), f"$ {line}\n{actual}"

    yield execute
    for server in servers:
        server.terminate()
        server.communicate(timeout=10)


SHOWN = commands()


def test_the_readme_has_commands_and_files() -> None:
    assert len(SHOWN) >= 9
    assert set(named_files()) == {"stall.yaml", "app.py", "twice.yaml", "cut.yaml", "test_summarise.py"}


@pytest.mark.xdist_group("readme")
def test_every_command_prints_what_the_readme_shows(run: object) -> None:
    assert callable(run)
    for command in SHOWN:
        if not command.line.startswith("make "):
            run(command)


def test_make_serve_is_a_target_that_serves() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
    process = subprocess.Popen(
        ["make", "--silent", "serve", "ARGS=--port 0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=clean_environment(), start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert re.fullmatch(r"mockoai ready url=http://127\.0\.0\.1:\d+/v1\n", process.stdout.readline())
    finally:
        os.killpg(process.pid, 15)
        process.communicate(timeout=10)


def test_the_example_scenarios_load() -> None:
    scenarios = [load_text(text) for kind, text in BLOCKS if kind == "yaml" and "chunkd" not in text]
    assert [scenario.id for scenario in scenarios] == ["stall", "twice", "rate-limit-then-cut"]


def test_the_table_counts_the_catalogue_and_names_what_is_in_it() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| (\d+) \| (.*) \|$", README, re.MULTILINE)
    assert {category: int(count) for category, count, _ in rows} == {
        category: len(ids) for category, ids in catalogue.categories().items()
    }
    assert f"catalogue of {len(catalogue.ids())} failures" in README
    named = {id for _, _, examples in rows for id in re.findall(r"`([a-z0-9-]+)`", examples)}
    assert named <= set(catalogue.ids())


def test_the_table_of_backends_is_what_they_are() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `:(\d+)([^`]*)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    assert rows == [
        (one["name"], str(one["port"]), one["base"], one["auth"], one["summary"]) for one in describe.backends()
    ]
