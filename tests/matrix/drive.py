"""Run one driver: start it, give it cases, and kill it when it hangs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

READY_SECONDS = 120.0
"""How long a client may take to be imported."""
GRACE_SECONDS = 5.0
"""How long after its own limit a driver may still answer."""
_LINE = 32 * 1024 * 1024
_DROPPED = (
    "OPENAI_",
    "MOCKOAI_",
    "AZURE_OPENAI_",
    "LANGCHAIN_",
    "LANGSMITH_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
)

Json = dict[str, Any]


class DriverError(Exception):
    """A driver that does not start; the message is the end of what it printed."""


class Drive:
    """A driver process that is started when a case comes, and again after one that ended it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, job: Json) -> Json:
        """Return what the client made of ``job``; a client that says nothing hung."""
        process = await self._started()
        assert process.stdin is not None
        process.stdin.write(json.dumps(job).encode() + b"\n")
        line = await self._line(process, job["limit"] + GRACE_SECONDS)
        if line is None:
            await self.stop()
            return {"hung": True, "sdk": None, "loop": None, "noticed": [], "answer": {}, "given": 0}
        result: Json = json.loads(line)
        if result["hung"]:
            await self._ended(process)  # the driver ends by itself then
            await self.stop()
        return result

    async def stop(self) -> None:
        """Kill the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment(os.environ),
            limit=_LINE,
            start_new_session=True,  # an interrupt from the terminal is ours to handle
        )
        if await self._line(process, READY_SECONDS) is None:
            await self.stop()
            raise DriverError(f"{self._command[1]} does not start")
        return process

    @staticmethod
    async def _ended(process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_SECONDS)

    @staticmethod
    async def _line(process: asyncio.subprocess.Process, seconds: float) -> bytes | None:
        assert process.stdout is not None
        try:
            return await asyncio.wait_for(process.stdout.readline(), seconds) or None
        except TimeoutError:
            return None


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what changes how a client behaves."""
    kept = {name: value for name, value in given.items() if not name.upper().startswith(_DROPPED)}
    return {**kept, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", "TZ": "UTC"}
