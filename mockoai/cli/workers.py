"""``mockoai serve --workers``: several processes that accept from one socket.

Each worker counts calls and keeps its sessions and journal by itself, so a scenario that counts is exact with
one worker only. The parent has bound the socket; it forks, waits until every worker answers, and from then on
only passes signals on. Each worker holds the end of a pipe that the parent never writes to: it is at its end
when there is no parent any more, however that ended, and then the worker stops too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from mockoai.errors import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK, UsageError

Work = Callable[[Callable[[], None]], int]
"""Serves until a signal comes and returns the exit code; calls what it is given once it truly answers."""


def run_workers(count: int, work: Work, ready: Callable[[], None]) -> int:
    """Run ``work`` in ``count`` processes until a signal comes or one ends; returns the exit code.

    ``ready`` is called here, once all of them answer. Raises UsageError where processes cannot be forked.
    """
    if not hasattr(os, "fork"):
        raise UsageError("workers-unsupported", "this system cannot fork workers", "leave --workers out")
    reader, writer = os.pipe()
    orphaned, alive = os.pipe()
    children: set[int] = set()
    received: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        _stop(children)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.close(reader)
            os.close(alive)
            os._exit(_worker(work, writer, orphaned))
        children.add(child)
    os.close(writer)
    os.close(orphaned)
    if _all_ready(reader, count):
        ready()
    code = _wait(children, received)
    os.close(alive)
    for number, handler in before.items():
        signal.signal(number, handler)
    return EXIT_INTERRUPTED if signal.SIGINT in received else code


def _worker(work: Work, writer: int, orphaned: int) -> int:
    threading.Thread(target=_stop_with_parent, args=(orphaned,), name="mockoai-parent", daemon=True).start()

    def tell() -> None:
        os.write(writer, b".")
        os.close(writer)

    try:
        return work(tell)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BaseException as error:
        os.write(2, f"error[internal]: a worker ended: {type(error).__name__}: {error}\n".encode())
        return EXIT_INTERNAL


def _stop_with_parent(orphaned: int) -> None:
    """Stop this process when its parent is no more."""
    os.read(orphaned, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _all_ready(reader: int, count: int) -> bool:
    """Wait until every worker has told that it is ready, or ended."""
    told = b""
    while data := os.read(reader, count):
        told += data
    os.close(reader)
    return len(told) == count


def _wait(children: set[int], received: list[int]) -> int:
    """Wait for all ``children``, stopping the others when one ends by itself; returns the worst exit code."""
    worst = EXIT_OK
    while children:
        child, status = os.wait()
        children.discard(child)
        code = os.waitstatus_to_exitcode(status)
        if not received:
            received.append(signal.SIGTERM)
            _stop(children)
            code = code or EXIT_INTERNAL
        worst = max(worst, code if code >= 0 else EXIT_INTERNAL)
    return worst


def _stop(children: set[int]) -> None:
    # SIGTERM, whatever came: at a terminal the workers have had the SIGINT themselves, and a second one insists.
    for child in tuple(children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
