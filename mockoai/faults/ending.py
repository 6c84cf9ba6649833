"""How the connection ends: closed or reset too early, or at a bad moment, or not at all.

A close (FIN) lets everything sent before it arrive. So does a reset (RST) here: the writer holds it back
until the client's kernel has acknowledged every byte, and it stands :data:`SETTLE` behind them in the plan,
because a client that meets data and reset together may throw the data away (Node does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from mockoai.faults.base import Fault, Run, at_least
from mockoai.faults.registry import fault, load
from mockoai.plan.duration import Duration
from mockoai.plan.items import End, Ending, Item, Write
from mockoai.plan.place import Place

_CLOSE = re.compile(rb"^connection:[ \t]*close[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)

SETTLE = 0.01
"""Seconds between the last byte and a reset."""


def end(how: Ending, at: float, item: Item) -> End:
    """Return the ending ``how`` at ``at`` seconds, with the counts of ``item``, the last that was sent."""
    return End(at=at, how=how, tokens=item.tokens, events=item.events)


# --- in the middle ------------------------------------------------------------------------------------------


@fault("fin-mid-chunked", family="ending", layer="transport", claims=["ending"])
class FinMidChunked(Fault):
    """Close the connection before the body is complete.

    On the wire: some of the body, FIN; no last chunk, or fewer bytes than announced. A place inside an HTTP
    chunk leaves its size as it was, as a real crash does. Who does it: vLLM, DeepSeek and gateways; the fault
    that is reported most ("incomplete chunked read"). Catalogue: ``fin-mid-chunked``,
    ``close-delimited-truncated``, ``hard-cap-close``.
    """

    after: Place = Place("percent", 50)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End at the place, once it is known that something would have followed."""
        if not isinstance(item, Write) or run.fired:
            return [item]
        if "last" in run.state:
            return [self.fin(run.state["last"], run)]
        cut = run.cut(self.after, item)
        if cut is None:
            return [item]
        if cut.after is not None:
            before = [] if cut.before is None else [cut.before]
            last = cut.before or run.unfinished(item)
            return [*before, self.fin(replace(last, at=cut.at), run)]
        run.state["last"] = item
        run.missed(f"the answer is complete at `{self.after}`: nothing is cut off")
        return [item]

    def fin(self, last: Item, run: Run) -> End:
        """Return the ending behind ``last``."""
        run.fire(f"closed after {self.after}")
        return end("fin", last.at, last)


@fault("rst-mid-stream", family="ending", layer="transport", claims=["ending"])
class RstMidStream(Fault):
    """Reset the connection in the middle of the answer.

    On the wire: some of the body, RST. All bytes before it reach the client. Who does it: workers that are
    killed for lack of memory, load balancers. Catalogue: ``rst-mid-stream``; ``after: done`` is
    ``rst-after-done``.
    """

    after: Place = Place("percent", 50)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End at the place."""
        cut = None if run.fired or not isinstance(item, Write) else run.cut(self.after, item)
        if cut is None:
            run.state["last"] = item
            return [item]
        run.fire(f"reset after {self.after}")
        last = cut.before or run.unfinished(item)
        before = [] if cut.before is None else [cut.before]
        settle = 0.0 if cut.before is None else SETTLE
        return [*before, end("rst", cut.at + settle, last)]

    def finish(self, run: Run) -> Iterable[Item]:
        """End behind a body that has no last chunk to carry the mark ``end``."""
        last: Item | None = run.state.get("last")
        if run.fired or self.after.mark != "end" or last is None:
            return ()
        run.fire("reset after end")
        return [end("rst", last.at + SETTLE, last)]


@fault("hold-open-after-done", family="ending", layer="transport", claims=["ending"], needs="stream")
class HoldOpenAfterDone(Fault):
    r"""Send ``[DONE]`` and then nothing: no last chunk, no close.

    On the wire: ``data: [DONE]\n\n``, silence until the client leaves. Who does it: gateways that stream
    through a connection which they keep. Catalogue: ``hold-open-after-done``.
    """

    target = "`[DONE]`"

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End behind the sentinel."""
        if item.mark != "done" or run.fired:
            return [item]
        run.fire("left the connection open behind [DONE]")
        return [item, end("hang", item.at, item)]


@fault("fin-after-done-no-terminator", family="ending", layer="transport", claims=["ending"], needs="stream")
class FinAfterDoneNoTerminator(Fault):
    r"""Close the connection right behind ``[DONE]``, without the last chunk.

    On the wire: ``data: [DONE]\n\n``, FIN. The answer is complete, the HTTP message is not. Who does it:
    hand-written servers. Catalogue: ``fin-after-done-no-terminator``.
    """

    target = "`[DONE]`"

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End behind the sentinel."""
        if item.mark != "done" or run.fired:
            return [item]
        run.fire("closed behind [DONE]")
        return [item, end("fin", item.at, item)]


# --- before the body ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BeforeHead(Fault):
    """Base of faults that end the connection before the first byte of the answer."""

    how: ClassVar[Ending]

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """End instead of the first write."""
        if run.fired:
            return ()
        if not isinstance(item, Write):
            return [item]
        run.fire("sent nothing")
        return [End(at=item.at, how=self.how)]


@fault("rst-before-headers", family="ending", layer="transport", claims=["ending"])
class RstBeforeHeaders(BeforeHead):
    """Reset the connection instead of answering.

    On the wire: RST behind the request. Who does it: crashing workers, load balancers that drain. Catalogue:
    ``rst-before-headers``.
    """

    how: ClassVar[Ending] = "rst"


@fault("fin-before-headers", family="ending", layer="transport", claims=["ending"])
class FinBeforeHeaders(BeforeHead):
    """Close the connection instead of answering.

    On the wire: FIN behind the request ("Server disconnected without sending a response"). Who does it:
    servers that close an idle connection just when a request arrives on it. Catalogue:
    ``fin-before-headers``.
    """

    how: ClassVar[Ending] = "fin"


@fault("hang-before-headers", family="ending", layer="transport", claims=["ending"])
class HangBeforeHeaders(BeforeHead):
    """Take the request and never answer.

    On the wire: nothing, with the connection open. Who does it: saturated workers. Catalogue:
    ``max-concurrent-accept-backlog``.
    """

    how: ClassVar[Ending] = "hang"


@fault("fin-mid-headers", family="ending", layer="transport", claims=["ending"])
class FinMidHeaders(Fault):
    r"""Close the connection inside the head.

    On the wire: the first ``keep`` bytes of the head, FIN. Who does it: proxies that crash. Catalogue:
    ``fin-mid-headers``.
    """

    keep: int = 27

    def __post_init__(self) -> None:
        at_least("keep", self.keep, 1)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Cut the head."""
        if not isinstance(item, Write) or item.mark != "headers" or run.fired:
            return [item]
        if len(item.data) <= self.keep:
            run.missed(f"the head has only {len(item.data)} bytes")
            return [item]
        run.fire(f"closed after {self.keep} bytes of the head")
        part = replace(item, data=item.data[: self.keep], mark="", faults=self.shown(item))
        return [part, end("fin", item.at, part)]

    def shown(self, item: Write) -> tuple[str, ...]:
        """Return which of the faults in the head show in what is left: for certain, those of the status line."""
        if self.keep < item.data.find(b"\n") + 1:
            return ()
        known = load()
        return tuple(name for name in item.faults if known[name].claims & {"status line", "header lines", "answer"})


# --- behind a whole answer ----------------------------------------------------------------------------------


@fault("keepalive-idle-close-race", family="ending", layer="transport", claims=["ending"])
class KeepaliveIdleCloseRace(Fault):
    """Answer properly, keep the connection as announced, and close it when it was idle for a while.

    On the wire: a whole answer with ``Connection: keep-alive``; after ``idle`` FIN. A request that comes on
    the connection in the meantime loses the race, always: it is reset without an answer. On a new connection
    it is answered. Who does it: uvicorn closes after 5 s, so vLLM and FastAPI proxies do. Catalogue:
    ``keepalive-idle-close-race``.
    """

    idle: Duration = Duration.fixed(5.0)

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Let the answer through."""
        if isinstance(item, Write) and item.mark == "headers" and _CLOSE.search(item.data):
            run.missed("the answer does not keep the connection")
        run.state["last"] = item
        return [item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Close after the idle time."""
        last: Item | None = run.state.get("last")
        if last is None or run.why:
            return ()
        seconds = self.idle.sample(run.seed)
        run.fire(f"closed a connection that was idle for {seconds:g}s")
        return [run.wait(seconds, last), replace(end("fin", last.at + seconds, last), idle=True)]
