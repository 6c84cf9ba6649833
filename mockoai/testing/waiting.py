"""Waiting in a coroutine for what another thread does, without polling, under asyncio and under trio."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

Waker = Callable[[], None]


async def wait(subscribe: Callable[[Waker], Waker], condition: Callable[[], bool], timeout: float) -> bool:
    """Wait until ``condition`` holds, for at most ``timeout`` seconds; return whether it does.

    ``subscribe`` takes what is to be called, in any thread, whenever the condition may have changed, and returns what
    ends that.
    """
    return await (_under_trio if _in_trio() else _under_asyncio)(subscribe, condition, timeout)


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_trio_token()
    except RuntimeError:
        return False
    return True


async def _under_asyncio(subscribe: Callable[[Waker], Waker], condition: Callable[[], bool], timeout: float) -> bool:
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(changed.set)

    stop = subscribe(wake)
    try:
        async with asyncio.timeout(timeout):
            while not condition():
                await changed.wait()
                changed.clear()
    except TimeoutError:
        return condition()
    finally:
        stop()
    return True


async def _under_trio(subscribe: Callable[[Waker], Waker], condition: Callable[[], bool], timeout: float) -> bool:
    import trio

    token = trio.lowlevel.current_trio_token()
    changed = trio.Event()

    def wake() -> None:
        with contextlib.suppress(trio.RunFinishedError):
            token.run_sync_soon(lambda: changed.set())

    stop = subscribe(wake)
    try:
        with trio.move_on_after(timeout):
            while not condition():
                await changed.wait()
                changed = trio.Event()
            return True
        return condition()
    finally:
        stop()
