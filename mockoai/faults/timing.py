"""When things arrive: silence before, inside and behind the answer, bursts, drips, and signs of life.

Silence that a fault makes is a wait of the plan; what follows is moved back by it, so waits add up and no
byte is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.registry import fault
from mockoai.faults.segments import pause, split
from mockoai.plan.duration import Duration
from mockoai.plan.items import Item, Write
from mockoai.plan.place import Place

_SILENCE = Duration.fixed(30.0)


@dataclass(frozen=True, kw_only=True)
class SilenceBefore(Fault):
    """Base of faults that are silent before the first write of some kind."""

    for_: Duration = _SILENCE

    def due(self, item: Write) -> bool:
        """Whether ``item`` is the write to be silent before."""
        raise NotImplementedError

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Wait before the write."""
        if run.fired or not isinstance(item, Write) or not self.due(item):
            return [item]
        seconds = self.for_.sample(run.seed)
        run.fire(f"silent for {seconds:g}s")
        return [run.wait(seconds, run.unfinished(item)), run.later(item, seconds)]


@fault("slow-headers", family="timing", layer="transport")
class SlowHeaders(SilenceBefore):
    """Send nothing for a while, not even the status line.

    On the wire: silence, then the healthy answer. Who does it: servers that load a model, queue the request,
    or generate an answer that is not streamed. Catalogue: ``slow-headers``.
    """

    def due(self, item: Write) -> bool:
        """Whether this is the head, or what stands before it."""
        return True


@fault("slow-first-token", family="timing", layer="transport", needs="stream")
class SlowFirstToken(SilenceBefore):
    """Send the head and what precedes the text at once, then nothing until the first token.

    On the wire: head, role chunk, silence, first token. Who does it: vLLM and llama.cpp with a long prompt.
    Catalogue: ``slow-first-token``.
    """

    target = "token"

    def due(self, item: Write) -> bool:
        """Whether this carries the first token."""
        return item.tokens > 0


@fault("stall-before-done", family="timing", layer="transport", needs="stream")
class StallBeforeDone(SilenceBefore):
    """Send the finish chunk, then nothing for a while before ``[DONE]``.

    On the wire: last chunk, silence, ``[DONE]``. Who does it: servers that do their accounting at the end.
    Catalogue: ``stall-before-done``.
    """

    target = "`[DONE]`"

    def due(self, item: Write) -> bool:
        """Whether this carries the sentinel."""
        return item.mark == "done"


@fault("stall-mid-stream", family="timing", layer="transport")
class StallMidStream(Fault):
    """Fall silent in the middle of the answer, with the connection open, then go on.

    On the wire: some of the body, silence, the rest. Who does it: a GPU that serves somebody else first, or a
    dead server behind a living proxy. Catalogue: ``stall-mid-stream``.
    """

    after: Place = Place("percent", 50)
    for_: Duration = Duration.fixed(30.0)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Wait at the place, once something follows it."""
        if not isinstance(item, Write):
            return [item]
        if "before" in run.state:
            return self.stall(run.state.pop("before"), item, item.at, run)
        cut = run.cut(self.after, item)
        if cut is None:
            return [item]
        if cut.after is None:
            run.state["before"] = item
            run.missed(f"nothing follows `{self.after}`")
            return [item]
        before = [] if cut.before is None else [cut.before]
        return [*before, *self.stall(cut.before or run.unfinished(item), cut.after, cut.at, run)]

    def stall(self, before: Item, after: Write, at: float, run: Run) -> Sequence[Item]:
        """Return the wait behind ``before``, and ``after`` moved back by it."""
        seconds = self.for_.sample(run.seed)
        run.fire(f"silent for {seconds:g}s after {self.after}")
        start = at if at < after.at else before.at
        return [run.wait(seconds, replace(before, at=start)), run.later(after, seconds)]


# --- bursts and drips ---------------------------------------------------------------------------------------


@fault("full-buffering", family="timing", layer="transport", claims=["flow"], needs="stream")
class FullBuffering(Fault):
    """Hold the stream back and send all of it when it is complete.

    On the wire: the head (with ``headers`` that too), silence, then every chunk at once. Needs a ``timing``
    that spreads the healthy stream. Who does it: nginx without ``X-Accel-Buffering: no``, compressing
    middlewares. Catalogue: ``full-buffering``, ``missing-x-accel-buffering``.
    """

    headers: bool = False

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Hold the writes back."""
        if isinstance(item, Write) and (self.headers or item.mark != "headers"):
            run.state.setdefault("held", []).append(item)
            return ()
        return [item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Send everything at the time of the last."""
        held: list[Write] = run.state.get("held", [])
        if not held:
            return ()
        late = sum(one.at < held[-1].at for one in held)
        if not late:
            run.missed("everything leaves at once as it is: give the rule a `timing`")
            return held
        run.fire(f"held {late} writes back until {held[-1].at:g}s")
        return [one if one.at == held[-1].at else replace(one, at=held[-1].at) for one in held]


DRIBBLED = 50_000
"""Pieces that a dribble has at most: all are made before the first leaves, and take 100 seconds at least."""


@fault("byte-dribble", family="timing", layer="transport", claims=["segments"])
class ByteDribble(Fault):
    """Send the body in pieces of one byte, each a TCP segment.

    On the wire: every piece of ``size`` bytes (chunk framing included) by itself, ``gap`` (at least 2 ms)
    before the next. What is left after 50,000 pieces is sent as it would be without the fault. Who does it:
    tests in the style of slow loris, and bad radio links. Catalogue: ``byte-dribble``.
    """

    target = "body"

    size: int = 1
    gap: Duration = Duration.fixed(0.002)

    def __post_init__(self) -> None:
        at_least("size", self.size, 1)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Cut everything behind the head up."""
        if not isinstance(item, Write) or item.mark == "headers" or not item.data:
            return [item]
        run.fire(f"sent the body in pieces of {self.size} bytes")
        room = DRIBBLED - run.state.get("pieces", 0)
        if room <= 0:
            return [item]
        points = range(self.size, len(item.data), self.size)[: room - 1]
        run.state["pieces"] = DRIBBLED - room + len(points) + 1
        gap = pause(self.gap, 0, item, run)
        late = replace(item, at=item.at + gap.seconds)
        return [gap, *split(late, points, self.gap, run)]


@fault("jitter", family="timing", layer="transport", claims=["flow"])
class Jitter(Fault):
    """Wait a random time before every piece of the body.

    On the wire: the healthy bytes at uneven times, the same for the same seed. Who does it: every loaded
    server. Catalogue: ``jitter``.
    """

    target = "body"

    delay: Duration = Duration("uniform", 0.0, 0.05)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Wait before the piece."""
        if not isinstance(item, Write) or not item.body:
            return [item]
        seconds = self.delay.sample(run.seed.child("delay", run.items))
        run.fire("waited before every piece of the body")
        return [run.wait(seconds, run.unfinished(item)), run.later(item, seconds)]


@fault("burst-then-pause", family="timing", layer="transport", claims=["flow"], needs="stream")
class BurstThenPause(Fault):
    """Send events in bursts with pauses between them.

    On the wire: ``burst`` events at once, ``pause``, the next ones. Who does it: proxies with a small buffer,
    speculative decoding. Catalogue: ``burst-then-pause``.
    """

    target = "body"

    burst: int = 5
    pause: Duration = Duration.fixed(0.5)

    def __post_init__(self) -> None:
        at_least("burst", self.burst, 1)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Hold events back until the burst is full."""
        if not isinstance(item, Write) or item.mark == "headers":
            return [item]
        held: list[Write] = run.state.setdefault("held", [])
        if not item.body:
            # The end of the body: what is held goes before it.
            burst = self.burst_now(item.at, run)
            return [*burst, run.later(item, burst[-1].at - item.at) if burst else item]
        held.append(item)
        if len(held) > 1 and held[0].at < item.at:
            run.fire(f"sent up to {self.burst} events at once")
        return self.burst_now(item.at, run) if len(held) >= self.burst else ()

    def finish(self, run: Run) -> Iterable[Item]:
        """Send the last burst, which may be short."""
        held: list[Write] = run.state.get("held", [])
        return self.burst_now(held[-1].at, run) if held else ()

    def burst_now(self, at: float, run: Run) -> list[Item]:
        """Return what is held, all of it at ``at``, or a pause later when it is not the first burst."""
        held: list[Write] = run.state.get("held", [])
        run.state["held"] = []
        if not held:
            return []
        out: list[Item] = []
        if run.state.setdefault("bursts", 0):
            run.fire(f"sent bursts of {self.burst} events with pauses")
            seconds = self.pause.sample(run.seed.child("pause", run.state["bursts"]))
            out.append(run.wait(seconds, replace(run.state["last"], at=at)))
            at += seconds
        else:
            run.missed(f"the answer has no more than {self.burst} events")
        run.state["bursts"] += 1
        run.state["last"] = held[-1]
        return [*out, *[one if one.at == at else replace(one, at=at) for one in held]]
