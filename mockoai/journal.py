"""The journal: what was asked, what was planned, what was sent. Bounded in number and in bytes.

The server's thread writes it; others, such as a test's, may read it at any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mockoai.plan.items import Wait
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.wire.delivery import Delivery

MAX_EXCHANGES = 1000
MAX_BYTES = 64 * 1024 * 1024
MAX_BODY = 64 * 1024
"""Bytes of a request body that are kept, unless the journal says otherwise."""
MAX_REFUSED = 100
_OVERHEAD = 2048
_STEP = 256
"""Bytes that an exchange, and each step of its plan, cost beside their data. Dribbled answers have many."""
_READ = ("json", "fields", "message")
"""What a request keeps of its body once read: up to twenty times as many bytes. It can be read again."""

_UNSENT = {"": "not there yet", "client-left": "the client left", "stopped": "the server stopped"}
"""Why a step was not sent, by the outcome."""


@dataclass(frozen=True, slots=True)
class DeliveredFault:
    """What became of one fault on the wire.

    ``fired`` is the plan's word; ``delivered`` is whether the client was still there when the first byte,
    wait or ending that the fault made was due; ``why`` says what happened, or why not.
    """

    id: str
    layer: str
    fired: bool
    delivered: bool
    why: str


class Exchange:
    """One request, its plan, and what actually happened."""

    __slots__ = (
        "body_size",
        "connection",
        "delivery",
        "model",
        "near",
        "number",
        "order",
        "plan",
        "received",
        "request",
        "reused",
        "rule",
        "scenario",
        "session",
        "size",
    )

    def __init__(
        self,
        *,
        number: int,
        session: str,
        scenario: str,
        rule: str,
        request: Request,
        plan: Plan,
        received: float,
        connection: int,
        reused: bool,
        near: str = "",
        max_body: int = MAX_BODY,
    ) -> None:
        """``received`` is in seconds since 1970; ``near`` says which rules came close when none matched.
        ``max_body`` is how many bytes of the request's body are kept.

        ``order`` is the exchange's place in the order in which they ended, from 1, and 0 while it is under
        way.
        """
        self.number = number
        self.session = session
        self.scenario = scenario
        self.rule = rule
        self.model = request.model
        self.body_size = len(request.body)
        if self.body_size > max_body:
            request = replace(request, body=request.body[:max_body])
        for name in _READ:
            request.__dict__.pop(name, None)
        self.request = request
        self.plan = plan
        self.delivery = Delivery()
        self.received = received
        self.connection = connection
        self.reused = reused
        self.near = near
        self.order = 0
        head = sum([len(name) + len(value) for name, value in request.headers])
        self.size = _OVERHEAD + head + len(request.body) + plan.size + _STEP * plan.length

    @property
    def finished(self) -> bool:
        """Whether the answer has ended, one way or the other."""
        return bool(self.delivery.outcome)

    def faults(self) -> list[DeliveredFault]:
        """Every fault of the rule, and whether it reached the client."""
        out: list[DeliveredFault] = []
        for planned in self.plan.faults:
            delivered, why = planned.fired, planned.why
            if planned.fired:
                first = next((i for i, step in enumerate(self.plan.steps) if planned.id in step.faults), None)
                if first is not None and not self._reached(first):
                    delivered = False
                    state = _UNSENT.get(self.delivery.outcome, "the answer had ended")
                    why = f"{state}: step {first + 1} of {len(self.plan.steps)} was not sent"
            out.append(DeliveredFault(planned.id, planned.layer, planned.fired, delivered, why))
        return out

    def _reached(self, index: int) -> bool:
        if self.delivery.steps > index:
            return True
        # A wait is delivered by the silence itself, from the moment it begins.
        step = self.plan.steps[index]
        return isinstance(step, Wait) and self.delivery.steps == index and self.delivery.ended >= step.at


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes on a connection that were no request, so that there is no exchange of them.

    ``received`` is in seconds since 1970, ``status`` what they were answered with, ``why`` a sentence.
    """

    received: float
    connection: int
    status: int
    why: str


class Journal:
    """The last exchanges, oldest first.

    ``bytes`` is what they take, ``total`` counts all there ever were, ``ended`` those that have ended,
    ``dropped`` those that had to make room. ``max_body`` is how many bytes of a request's body are to be kept.
    ``refused`` are the last that were refused before they were requests, and ``refusals`` counts all of them.
    """

    def __init__(self, max_exchanges: int = MAX_EXCHANGES, max_bytes: int = MAX_BYTES) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self.bytes = 0
        self.total = 0
        self.ended = 0
        self.dropped = 0
        self.max_body = MAX_BODY
        self.refused: deque[Refused] = deque(maxlen=MAX_REFUSED)
        self.refusals = 0
        self._refusal_listeners: list[Callable[[Refused], None]] = []
        self._listeners: list[Callable[[Exchange], None]] = []
        self._greeters: list[Callable[[Exchange], None]] = []

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def add(self, exchange: Exchange) -> None:
        """Keep ``exchange``; the oldest are dropped when there are too many, or too many bytes."""
        self.total += 1
        self.bytes += exchange.size
        self._exchanges.append(exchange)
        while len(self._exchanges) > self._max_exchanges or (self.bytes > self._max_bytes and len(self._exchanges) > 1):
            self.bytes -= self._exchanges.popleft().size
            self.dropped += 1
        for listener in tuple(self._greeters):
            listener(exchange)

    def refuse(self, refused: Refused) -> None:
        """Keep ``refused``, and tell the listeners."""
        self.refusals += 1
        self.refused.append(refused)
        for listener in tuple(self._refusal_listeners):
            listener(refused)

    def clear(self, session: str | None = None) -> None:
        """Forget the exchanges of ``session``, or all, and then what was refused too."""
        if session is None:
            self.refused.clear()
        kept = [] if session is None else [one for one in self._exchanges if one.session != session]
        self._exchanges = deque(kept)
        self.bytes = sum(one.size for one in kept)

    def listen(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call ``listener`` with every exchange when it has finished; returns a function that ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def greet(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call ``listener`` with every exchange when its request has come; returns a function that ends that."""
        self._greeters.append(listener)
        return lambda: self._greeters.remove(listener)

    def listen_refused(self, listener: Callable[[Refused], None]) -> Callable[[], None]:
        """Call ``listener`` with everything that is refused; returns a function that ends that."""
        self._refusal_listeners.append(listener)
        return lambda: self._refusal_listeners.remove(listener)

    def finished(self, exchange: Exchange) -> None:
        """Note that ``exchange`` has ended, and tell the listeners."""
        self.ended += 1
        exchange.order = self.ended
        for listener in tuple(self._listeners):
            listener(exchange)
