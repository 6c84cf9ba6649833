"""A headless Chromium by the DevTools protocol, over the pipe that it offers: no port, no library, no other browser.

Messages are JSON, each ended by a zero byte; the browser reads from its descriptor 3 and writes to 4 (the option
``--remote-debugging-pipe``).
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PROGRAMS = ("chromium", "google-chrome")
SECONDS = 30.0
"""How long an answer may take."""

# The descriptors are moved in a process between us and the browser, where nobody else has use for 3 and 4.
_MOVE = """
import os, sys
ours = [os.dup(os.dup(os.dup(int(one)))) for one in sys.argv[1:3]]
for end, number in zip([os.dup(one) for one in ours], (3, 4)):
    os.dup2(end, number)
os.execvp(sys.argv[3], sys.argv[3:])
"""

KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39, "ArrowDown": 40}
"""Keys that a person presses, and their codes."""


def program() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Page:
    """A page of the browser. ``events`` are those that came while somebody waited for an answer."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[Json] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> Json:
        """Return what the browser answers to ``method``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            got = self._next()
            if got.get("id") == self._number:
                assert "error" not in got, f"{method}: {got['error']}"
                result: Json = got["result"]
                return result
            self.events.append(got)

    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it is loaded."""
        self.send("Page.navigate", url=url)
        while not self.all("Page.loadEventFired"):
            self.events.append(self._next())

    def look(self, expression: str) -> Any:
        """Return the value of ``expression``, which is looked at from outside: the page's own scripts may be off."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press ``keys``, one after another."""
        for key in keys:
            code = {"windowsVirtualKeyCode": KEYS[key], "key": key, "code": {" ": "Space"}.get(key, key)}
            text = {" ": " ", "Enter": "\r"}.get(key, "")
            self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **code)
            self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def resize(self, width: int, height: int = 900) -> None:
        """Give the page a window of that many pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def all(self, method: str) -> list[Json]:
        """Return the parameters of every event called ``method`` that came so far."""
        return [one["params"] for one in self.events if one.get("method") == method]

    def _next(self) -> Json:
        deadline = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(deadline - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            data = os.read(self._read, 1 << 20)
            assert data, "the browser has ended"
            self._rest += data
        first, _, self._rest = self._rest.partition(b"\0")
        message: Json = json.loads(first)
        return message


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Page]:
    """Run ``program`` without a window, with an empty ``profile``, until the block ends."""
    to_read, our_write = os.pipe()
    our_read, to_write = os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"]
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _MOVE,
            str(to_read),
            str(to_write),
            program,
            *options,
            *quiet,
            f"--user-data-dir={profile}",
        ],
        pass_fds=(to_read, to_write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(to_read)
    os.close(to_write)
    try:
        page = Page(our_read, our_write)
        yield page
        os.write(our_write, b'{"id": 0, "method": "Browser.close"}\0')
    finally:
        # It ends when its pipe does, and takes its own processes with it.
        os.close(our_write)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        os.close(our_read)
