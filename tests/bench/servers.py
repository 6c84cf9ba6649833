"""The servers that are compared: how each is installed, started, watched and stopped.

The neighbours are installed by their own package managers into :data:`CACHE`, which git ignores. One that
cannot be installed or started is left out with the reason; the others go on. Every process is started here
and stopped here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.bench import answer

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "bench"
SCENARIO = Path(__file__).with_name("scenario.yaml")
AIMOCK_VERSION = "1.43.0"
LLMOCK_VERSION = "0.2.2"
INSTALLING = 180.0
"""Seconds that installing one neighbour may take."""
STARTING = 20.0
"""Seconds from starting a server to its first answer."""
STOPPING = 1.0
"""Seconds a server has to stop by itself."""

_TICK = os.sysconf("SC_CLK_TCK")


class UnavailableError(Exception):
    """A server cannot be measured here; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A server that can be measured.

    ``command`` gives the command line for a port and a model of :mod:`tests.bench.answer`: a neighbour has
    its pace for all requests, so it is started anew for another. ``install`` makes it available or raises
    UnavailableError. ``lead`` is how many gaps it leaves before the first token.
    """

    name: str
    command: Callable[[int, str], list[str]]
    install: Callable[[], str]
    lead: int = 1
    environment: dict[str, str] = field(default_factory=dict)


class Server:
    """One started process, answering on ``port``; ``started`` is the seconds from exec to an answer."""

    def __init__(self, kind: Kind, model: str, core: int | None) -> None:
        self.kind = kind
        self.model = model
        self.port = _free_port()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        command = kind.command(self.port, model)
        environment = {**os.environ, "NO_COLOR": "1", **kind.environment}
        begun = time.perf_counter()
        with pinned(core):
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(begun + STARTING)
        except BaseException:
            self.stop()
            raise
        self.started = time.perf_counter() - begun

    def _wait(self, deadline: float) -> None:
        """Return once a request has been answered with a 200; asks a thousand times a second."""
        ask = answer.asking(self.port, answer.INSTANT, stream=False, alike=True)()
        said = b""
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                raise UnavailableError(f"ended with {self._process.returncode} instead of serving: {self._said()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2.0) as connection:
                    connection.sendall(ask)
                    said = connection.recv(65536)
            except OSError:
                time.sleep(0.001)
                continue
            if said.startswith(b"HTTP/1.1 200 "):
                return
            time.sleep(0.001)
        raise UnavailableError(f"no good answer within {STARTING:.0f} s: {said[:200]!r} {self._said()}")

    def _said(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def cpu(self) -> float:
        """Seconds of CPU used so far, user and system; 0 where there is no /proc."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory(self) -> int:
        """Resident bytes; 0 where there is no /proc."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        line = next((one for one in status.splitlines() if one.startswith("VmRSS:")), "VmRSS: 0 kB")
        return int(line.split()[1]) * 1024

    def stop(self) -> None:
        """End the process, first politely."""
        process = self._process
        for how in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOPPING)
        self._log.close()


def machine() -> float | None:
    """Seconds that all cores have been busy since the machine started; None where there is no /proc.

    A core that a hypervisor took away was busy too.
    """
    try:
        line = Path("/proc/stat").read_text().partition("\n")[0]
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICK


@contextlib.contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Run the block, and what is started in it, on ``core``; nowhere in particular when None."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cores() -> tuple[int | None, int | None]:
    """Choose a core for the servers and another for the load generator; None where that is not possible."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else (None, None)


def kinds() -> dict[str, Kind]:
    """All servers by name, in the order of the columns."""
    every = (
        Kind("mockoai", _mockoai, _have_mockoai),
        Kind("aimock", _aimock, _have_aimock, lead=2),
        Kind("llmock", _llmock, _have_llmock),
        Kind("bare", _bare, lambda: "no HTTP server", environment={"PYTHONPATH": str(ROOT)}),
    )
    return {one.name: one for one in every}


UVICORN = Kind(
    "uvicorn",
    lambda port, model: [*_bare(port, model), "--uvicorn"],
    lambda: "the same answers as a bare ASGI application",
    environment={"PYTHONPATH": str(ROOT)},
)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _bare(port: int, model: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.bare", "--port", str(port)]


def _mockoai(port: int, model: str) -> list[str]:
    script = Path(sys.executable).with_name("mockoai")
    # The neighbours keep silent too.
    return [str(script), "serve", str(SCENARIO), "--port", str(port), "--quiet"]


def _have_mockoai() -> str:
    if not Path(sys.executable).with_name("mockoai").exists():
        raise UnavailableError(f"no mockoai command beside {sys.executable}: pip install --editable .")
    from mockoai import __version__

    return __version__


def _aimock(port: int, model: str) -> list[str]:
    script = CACHE / "aimock" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    response: dict[str, str] = {"content": answer.TEXT}
    fixture: dict[str, object] = {"match": {"userMessage": "21 degrees in Paris"}, "response": response}
    if model == answer.WAITING:
        # `--latency` would hold the first event back too; the stream is to wait in the middle.
        fixture["streamingProfile"] = {"ttft": 0, "tps": 1 / answer.WAIT}
    path = CACHE / f"aimock-{model}.json"
    path.write_text(json.dumps({"fixtures": [fixture]}))
    gap = round(answer.GAP * 1000) if model == answer.PACED else 0
    options = ["-f", str(path), "-c", str(answer.CHUNK_SIZE), "--latency", str(gap), "--log-level", "silent"]
    return [_found("node"), str(script), "-p", str(port), *options]


def _have_aimock() -> str:
    _found("node")
    folder = CACHE / "aimock"
    package = folder / "node_modules" / "@copilotkit" / "aimock" / "package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != AIMOCK_VERSION:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        npm = [_found("npm"), "install", "--no-audit", "--no-fund", f"@copilotkit/aimock@{AIMOCK_VERSION}"]
        _install(npm, folder)
    return AIMOCK_VERSION


def _llmock(port: int, model: str) -> list[str]:
    pauses = {answer.PACED: answer.GAP, answer.WAITING: answer.WAIT}
    pause = round(pauses.get(model, 0.0) * 1000)
    options = ["--response-style", "echo", "--stream-chunk-delay-ms", str(pause), "--log-level", "warning"]
    return [str(CACHE / "llmock" / "bin" / "llmock"), "serve", "--port", str(port), *options]


def _have_llmock() -> str:
    folder = CACHE / "llmock"
    if not (folder / "bin" / "llmock").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        _install([sys.executable, "-m", "venv", str(folder)], CACHE)
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _install([*pip, f"llmock=={LLMOCK_VERSION}"], CACHE)
    return LLMOCK_VERSION


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise UnavailableError(f"there is no {program} here")
    return path


def _install(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(
            command,
            cwd=folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=INSTALLING,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"installing {command[-1]} took over {INSTALLING:.0f} s") from None
    except subprocess.CalledProcessError as error:
        lines = error.stdout.decode("utf-8", "replace").strip().splitlines()
        # npm and pip say what went wrong first, and where the log is last.
        why = next((one for one in lines if "error " in one.lower() or "error:" in one.lower()), "")
        reason = why or f"exit status {error.returncode}"
        raise UnavailableError(f"installing {command[-1]} failed: {reason[:200]}") from None
