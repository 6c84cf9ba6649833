"""What the first requests would otherwise wait for, done as soon as the server is ready.

Checking a request imports pydantic, counting tokens loads a vocabulary, a scenario named by a request needs the
faults: some tenths of a second together, by which the steps of the first answer would be late. Doing all of that
before the ready line would make every start slower for it; so it is done right after, in pieces, and requests
are answered in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial


def warm_up() -> None:
    """Do it, piece by piece, in the running event loop."""
    loop = asyncio.get_running_loop()
    remaining = pieces()

    def go_on() -> None:
        piece = next(remaining, None)
        if piece is not None:
            with contextlib.suppress(Exception):  # whoever asks for what is broken will be told
                piece()
            loop.call_soon(go_on)

    loop.call_soon(go_on)


def pieces() -> Iterator[Callable[[], object]]:
    """Yield what is to be done, what most requests need first."""
    import mockoai.faults
    from mockoai import endpoints
    from mockoai.faults import registry

    yield endpoints.load
    yield _plan_chats
    for module in pkgutil.iter_modules(mockoai.faults.__path__, "mockoai.faults."):
        yield partial(importlib.import_module, module.name)
    yield registry.load


def _plan_chats() -> None:
    from mockoai.cli.planned import plan
    from mockoai.cli.sample import MODEL, request
    from mockoai.scenario.model import HEALTHY

    for fields in ({"stream": True}, {}):
        plan(HEALTHY, request("chat", MODEL, fields, HEALTHY.rules[0]), 1)
