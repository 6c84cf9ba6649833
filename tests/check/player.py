"""Planned answers as if they had been recorded: the check without a socket, in no time, the same every time.

What the mock plans for a request is turned into the segments that a client would read, each at its own moment, and
heard by the check's own :class:`Listening`. That the wire is the plan is shown elsewhere, for every scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mockoai.address import split_path
from mockoai.check.model import Ask, Bounds, Recording
from mockoai.check.reading.listening import Listening
from mockoai.check.request import encode
from mockoai.check.target import Target
from mockoai.endpoints import resolve
from mockoai.mock import Mock
from mockoai.plan.items import End, Write
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.state import DEFAULT_SESSION

KEY = "sk-mockoai-check-0123456789"

PATIENT = Bounds(patience=180.0, early=180.0, total=720.0)
"""Enough to see the end of everything that the catalogue does."""


class Player:
    """Records what ``mock`` would answer."""

    def __init__(self, mock: Mock, bounds: Bounds = PATIENT) -> None:
        self.mock = mock
        self.bounds = bounds
        self.requests = 0
        self._kept: Plan | None = None

    def __call__(self, target: Target, ask: Ask, patience: float) -> Recording:
        self.requests += 1
        kept, self._kept = self._kept, None
        request = read(encode(target, ask))
        address = split_path(request.target)
        session = self.mock.sessions.get(address.session or DEFAULT_SESSION)
        plan = self.mock.answer(request, address, session).plan
        listening = Listening(ask.method, self.bounds, patience)
        reused = ask.again and kept is not None
        if reused and kept is not None and _end(kept).idle:
            listening.end("rst", 0.0)
            return listening.recording(reused=True)
        play(plan, listening)
        if listening.reusable:
            self._kept = plan
        return listening.recording(connecting=0.0 if reused else 0.001, reused=reused)


def read(data: bytes) -> Request:
    """Read the bytes of a request as the server does."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in lines))
    path, _, query = target.partition("?")
    address = split_path(path)
    endpoint, parameters = resolve(address.path)
    return Request(
        method=method,
        path=address.path,
        headers=headers,
        body=body,
        query=query,
        target=target,
        endpoint=endpoint,
        parameters=parameters,
    )


def play(plan: Plan, listening: Listening) -> None:
    """Let ``listening`` hear ``plan``: writes with no time between them are one segment."""
    held, at = b"", 0.0
    for step in plan.steps:
        if not isinstance(step, (Write, End)):
            continue
        if held and (isinstance(step, End) or step.at > at):
            if not _heard(listening, at, partial(listening.feed, held, at)):
                return
            held = b""
        if isinstance(step, Write):
            held, at = held + step.data, step.at
        elif step.how in ("fin", "rst"):
            _heard(listening, step.at, partial(listening.end, step.how, step.at))
        elif step.how == "clean" and not plan.keep_alive:
            _heard(listening, step.at, partial(listening.end, "fin", step.at))
    if not listening.over:
        listening.expire(listening.deadline)


def _heard(listening: Listening, at: float, what: Callable[[], None]) -> bool:
    """Let something be heard, unless it was given up before; returns whether it is still listened."""
    if listening.deadline < at:
        listening.expire(listening.deadline)
    else:
        what()
    return not listening.over


def _end(plan: Plan) -> End:
    last = plan.steps[-1]
    assert isinstance(last, End)
    return last


def scenario_target(id: str, port: int = 8000) -> Target:
    """Return the base URL of a scenario, with a key."""
    return Target(port=port, path=f"/scenario/{id}/v1", key=KEY)
