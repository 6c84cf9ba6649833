"""One command in a process group of its own: run, its output kept, and nothing of it left behind.

The group is what makes that possible: whatever the command started and left running is ended with it, when it has
ended by itself, when its time is over, and when we are interrupted. Only a process that leaves the group on
purpose (a daemon) gets away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from mockoai.errors import UsageError

KEPT = 256 * 1024
"""Bytes that are kept of the beginning of a stream, and as many of its end."""
GRACE = 1.0
"""Seconds that a group has between being asked to end and being made to."""
_GLANCE = 0.01
"""Seconds between two looks at whether a group has ended."""
_READ = 64 * 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    ``exit_code`` is that of the system, negative for signals. ``timed_out`` and ``stopped`` say that it was ended
    by us, because its time was over or because all is to end. ``stdout`` and ``stderr`` are what it printed, in
    which ``dropped`` bytes in the middle are missing. ``seconds`` is how long it ran.
    """

    exit_code: int
    timed_out: bool = False
    stopped: bool = False
    stdout: str = ""
    stderr: str = ""
    dropped: int = 0
    seconds: float = 0.0


def check_command(words: Sequence[str], path: str | None = None) -> None:
    """Raise UsageError unless the system can run ``words``; ``path`` is the PATH to look in."""
    program = words[0]
    if not program or shutil.which(program, path=path) is None:
        help = "Name a program that is on the PATH, or the path of one that may be executed."
        raise UsageError("command-not-found", f"there is no command `{program}`", help)


class Process:
    """A command that runs from the moment this is made; raises UsageError when it cannot be started."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._start = time.monotonic()
        try:
            self._process = subprocess.Popen(
                list(words),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            help = "Check its name and its permissions; a script needs `#!` and its interpreter in its first line."
            raise UsageError("command-not-found", f"cannot run `{words[0]}`: {reason}", help) from None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._kept = (_Kept(self._process.stdout), _Kept(self._process.stderr))
        self._done = threading.Event()
        self._stopped = False
        threading.Thread(target=self._wait, name="mockoai-wait", daemon=True).start()

    def finish(self, timeout: float) -> Ended:
        """Wait for the end, for at most ``timeout`` seconds; then end all that is left of the group."""
        in_time = self._done.wait(timeout)
        seconds = time.monotonic() - self._start
        self.end()
        self._done.wait()
        out, err = self._kept
        return Ended(
            exit_code=self._process.returncode,
            timed_out=not in_time and not self._stopped,
            stopped=self._stopped,
            stdout=out.text(),
            stderr=err.text(),
            dropped=out.dropped + err.dropped,
            seconds=seconds,
        )

    def stop(self) -> None:
        """End the group, from any thread; :meth:`finish` then returns."""
        self._stopped = self._stopped or not self._done.is_set()
        self.end()

    def end(self) -> None:
        """Ask the group to end, and make it after :data:`GRACE` seconds."""
        if self._signal(signal.SIGTERM):
            deadline = time.monotonic() + GRACE
            while time.monotonic() < deadline and self._signal(0):
                time.sleep(_GLANCE)
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, number: int) -> bool:
        """Send the group a signal; False when nobody is left to get it."""
        if sys.platform == "win32":
            if self._process.poll() is None and number:
                self._process.kill()
            return self._process.poll() is None
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _wait(self) -> None:
        self._process.wait()
        self._done.set()


class _Kept:
    """Reads a stream to its end in a thread; keeps its beginning and its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.dropped = 0
        self._stream = stream
        self._head = bytearray()
        self._tail = bytearray()
        self._thread = threading.Thread(target=self._read, name="mockoai-output", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return what was kept, once the stream has ended; bytes that are not UTF-8 show as U+FFFD."""
        # Who left the group may hold the other end for ever.
        self._thread.join(GRACE)
        gap = f"\n… {self.dropped} bytes left out …\n".encode() if self.dropped else b""
        return bytes(self._head + gap + self._tail).decode("utf-8", "replace")

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._stream:
            while data := os.read(self._stream.fileno(), _READ):
                room = KEPT - len(self._head)
                self._head += data[:room]
                self._tail += data[room:]
                over = len(self._tail) - KEPT
                if over > 0:
                    del self._tail[:over]
                    self.dropped += over
