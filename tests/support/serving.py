"""``mockoai serve`` as its users run it: a process of its own, its ready line read, stopped at the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = re.compile(r"mockoai ready url=http://[^ ]+?:(\d+)/v1\n")

OWN = ("MOCKOAI_", "GITHUB_")
LOOKS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without what changes how mockoai behaves, and with ``more``."""
    dropped = {name for name in os.environ if name.startswith(OWN) or name in LOOKS}
    return {name: value for name, value in os.environ.items() if name not in dropped} | more


@dataclass(frozen=True)
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def stop(self, with_signal: int = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal and return the exit code and the rest of stdout and stderr."""
        self.process.send_signal(with_signal)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@contextmanager
def serving(
    *arguments: str,
    command: Sequence[str] = (sys.executable, "-m", "mockoai"),
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Served]:
    """Run ``mockoai serve --port 0`` with ``arguments`` until the block ends."""
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(**(environment or {})),
        cwd=cwd,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        match = READY.fullmatch(first)
        if match is None:
            process.kill()
            raise AssertionError(f"not ready: {first!r} {process.communicate()}")
        yield Served(process, int(match[1]))
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
