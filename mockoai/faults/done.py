"""The ``[DONE]`` event: missing, repeated, misspelt, too early, or not the last.

Clients differ in how they look for it: by prefix, by equality, or not at all; and in whether they read on
behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mockoai.faults.base import Fault, Run, countable
from mockoai.faults.registry import fault
from mockoai.plan.items import Frame, Item
from mockoai.plan.place import Place
from mockoai.wire import sse


@fault("done-missing", family="done", layer="frame", claims=["done"], needs="stream")
class DoneMissing(Fault):
    r"""Leave ``[DONE]`` out; the body ends as it should.

    On the wire: the last chunk, then the end. Who does it: text-generation-webui in 2023; Groq behind an
    error. Catalogue: ``done-missing``.
    """

    target = "`[DONE]`"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Drop the sentinel."""
        if item.mark != "done":
            return [item]
        run.fire("left [DONE] out")
        return ()


@fault("done-twice", family="done", layer="frame", claims=["done"], needs="stream")
class DoneTwice(Fault):
    r"""Send ``[DONE]`` more than once.

    On the wire: ``data: [DONE]\n\ndata: [DONE]\n\n``; ``times`` says how often. Who does it: chained proxies,
    each with its own. Catalogue: ``done-twice``.
    """

    target = "`[DONE]`"

    times: int = 2

    def __post_init__(self) -> None:
        countable("times", self.times, 2)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Repeat the sentinel."""
        if item.mark != "done":
            return [item]
        run.fire(f"sent [DONE] {self.times} times")
        again = replace(item, mark="")
        return [item, *[replace(again, events=item.events + number) for number in range(1, self.times)]]


@fault("done-first", family="done", layer="frame", claims=["done"], needs="stream")
class DoneFirst(Fault):
    r"""Send ``[DONE]`` before the first chunk, and not at the end.

    On the wire: ``data: [DONE]\n\ndata: {…}…``. Who does it: replays from a broken cache. Catalogue:
    ``done-first``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the sentinel first and drop it where it belongs."""
        if item.mark == "done" and run.fired:
            return ()
        if run.fired or item.mark == "done":
            run.missed("nothing but [DONE] was to be sent")
            return [item]
        run.fire("sent [DONE] before the first event")
        return [Frame(at=item.at, events=1, mark="done", data=sse.DONE_FRAME), item]


@fault("done-only", family="done", layer="frame", claims=["done"], needs="stream")
class DoneOnly(Fault):
    r"""Send nothing but ``[DONE]``.

    On the wire: ``data: [DONE]\n\n``. Who does it: proxies that swallow an error of the server behind them.
    Catalogue: ``done-only``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Drop everything else."""
        run.fire("sent [DONE] and nothing else")
        run.state["last"] = item
        if item.mark != "done":
            return ()
        run.state["done"] = True
        return [replace(item, tokens=0, events=1)]

    def finish(self, run: Run) -> Iterable[Item]:
        """Send the sentinel if the stream had none."""
        last: Frame | None = run.state.get("last")
        if last is None or "done" in run.state:
            return ()
        return [Frame(at=last.at, events=1, mark="done", data=sse.DONE_FRAME)]


@dataclass(frozen=True, kw_only=True)
class DoneAs(Fault):
    """Base of faults that write the sentinel in another way."""

    def spelt(self, data: bytes) -> bytes:
        """Return the bytes to send instead of ``data``, the event with the sentinel."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Rewrite the sentinel."""
        if item.mark != "done":
            return [item]
        data = self.spelt(item.data)
        run.fire(f"wrote [DONE] as {data!r}"[:120])
        return [replace(item, data=data)]


@fault("done-no-prefix", family="done", layer="frame", claims=["done"], needs="stream")
class DoneNoPrefix(DoneAs):
    r"""Send the sentinel without ``data: ``.

    On the wire: ``[DONE]\n\n``, a field of unknown name. Who does it: hand-written servers. Catalogue:
    ``done-no-prefix``.
    """

    target = "`[DONE]`"

    def spelt(self, data: bytes) -> bytes:
        """Remove the prefix."""
        return data[data.index(b"[DONE]") :]


@fault("done-trailing-space", family="done", layer="frame", claims=["done"], needs="stream")
class DoneTrailingSpace(DoneAs):
    r"""Put a space behind the sentinel.

    On the wire: ``data: [DONE] \n\n``. Clients that compare the whole data take it for JSON. Who does it:
    nobody is known to. Catalogue: ``done-trailing-space``.
    """

    target = "`[DONE]`"

    def spelt(self, data: bytes) -> bytes:
        """Add the space."""
        return data.replace(b"[DONE]", b"[DONE] ")


@fault("done-lowercase", family="done", layer="frame", claims=["done"], needs="stream")
class DoneLowercase(DoneAs):
    """Write the sentinel in lower case.

    On the wire: ``data: [done]``. Who does it: nobody is known to. Catalogue: ``done-lowercase``.
    """

    target = "`[DONE]`"

    def spelt(self, data: bytes) -> bytes:
        """Lower it."""
        return data.replace(b"[DONE]", b"[done]")


@fault("done-quoted", family="done", layer="frame", claims=["done"], needs="stream")
class DoneQuoted(DoneAs):
    """Write the sentinel as a JSON string.

    On the wire: ``data: "[DONE]"``. SDKs yield a string for a chunk. Who does it: servers that encode every
    event's data as JSON. Catalogue: ``done-quoted``.
    """

    target = "`[DONE]`"

    def spelt(self, data: bytes) -> bytes:
        """Quote it."""
        return data.replace(b"[DONE]", b'"[DONE]"')


@fault("done-unterminated", family="done", layer="frame", claims=["done"], needs="stream")
class DoneUnterminated(DoneAs):
    """Send the sentinel without a line end; the body ends behind it.

    On the wire: ``data: [DONE]`` and the end. A parser must drop an event that the end of the stream cuts
    off. Who does it: hand-written servers. Catalogue: ``done-unterminated``.
    """

    target = "`[DONE]`"

    def spelt(self, data: bytes) -> bytes:
        """Remove the line ends."""
        return data.rstrip(b"\r\n")


# --- not the last -------------------------------------------------------------------------------------------


@fault("data-after-done", family="done", layer="frame", claims=["done"], needs="stream")
class DataAfterDone(Fault):
    """Send the last chunk with content behind ``[DONE]``.

    On the wire: ``…``, ``data: [DONE]``, ``data: {…"content":"…"…}``. Who does it: asynchronous generators
    that race. Clients that stop at the sentinel lose the content. Catalogue: ``data-after-done``.
    """

    target = "chunk with content before a `[DONE]`"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Hold back what begins with the last content seen until more content, or the sentinel, comes."""
        held: list[Frame] = run.state.setdefault("held", [])
        if item.mark == "done" and held:
            late, *others = held
            run.state["held"] = []
            run.fire("sent the last chunk with content behind [DONE]")
            return [*others, item, replace(late, at=item.at, tokens=item.tokens)]
        if item.mark == "content":
            run.state["held"] = [item]
            return held
        if held:
            held.append(item)
            return ()
        return [item]

    def finish(self, run: Run) -> Iterable[Item]:
        """Let go of what was held: no sentinel came."""
        held: list[Frame] = run.state.get("held", [])
        return held


@fault("usage-after-done", family="done", layer="frame", claims=["done"], needs="stream")
class UsageAfterDone(Fault):
    """Send the usage chunk behind ``[DONE]``.

    On the wire: ``data: [DONE]``, ``data: {"choices":[],"usage":{…}}``. Works on a stream whose client asked
    for usage. Who does it: proxies that add the accounting. Catalogue: ``usage-after-done``.
    """

    target = "usage chunk before a `[DONE]`"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Hold the usage back until the sentinel comes."""
        if item.mark == "usage" and "held" not in run.state:
            run.state["held"] = item
            return ()
        if item.mark != "done" or "held" not in run.state:
            return [item]
        run.fire("sent the usage chunk behind [DONE]")
        return [item, replace(run.state.pop("held"), at=item.at)]

    def finish(self, run: Run) -> Iterable[Item]:
        """Let go of what was held: no sentinel came."""
        return [run.state["held"]] if "held" in run.state else ()


@fault("error-after-done", family="done", layer="frame", claims=["done"], needs="stream")
class ErrorAfterDone(Fault):
    """Send an error behind ``[DONE]``.

    On the wire: ``data: [DONE]``, ``data: {"error":{"message":…}}``. Who does it: proxies that fail while
    they clean up. The answer was whole. Catalogue: ``error-after-done``.
    """

    target = "`[DONE]`"

    message: str = "Connection closed while cleaning up the stream."
    type_: str = "server_error"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Add the error."""
        if item.mark != "done":
            return [item]
        error = {"error": {"message": self.message, "type": self.type_, "param": None, "code": None}}
        data = sse.encode_event(sse.encode_json(error))
        run.fire("sent an error behind [DONE]")
        late = Frame(at=item.at, tokens=item.tokens, events=item.events + 1, mark="error", data=data)
        return [item, late]


@fault("empty-200-stream", family="done", layer="frame", claims=["done"], needs="stream")
class Empty200Stream(Fault):
    """Send no event at all; the body ends as it should.

    On the wire: a head with 200 and ``text/event-stream``, and an empty body. Who does it: servers whose
    generator crashed behind the head, LM Studio when the context overflows. Catalogue: ``empty-200-stream``.
    """

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Drop everything."""
        run.fire("sent no event")
        return ()


@fault("done-missing-and-finish-missing", family="done", layer="frame", claims=["done"], needs="stream")
class DoneMissingAndFinishMissing(Fault):
    """Drop everything behind the place, and end the body as if that were all.

    On the wire: some chunks, then a proper end of the body. Nothing but the missing finish reason tells that
    the answer is cut. Who does it: servers and proxies that end a failed stream like any other. Catalogue:
    ``done-missing-and-finish-missing``.
    """

    after: Place = Place("tokens", 3)

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Drop what stands behind the place."""
        if "reached" in run.state:
            run.fire(f"left out everything after {self.after}")
            return ()
        if run.after(self.after, item):
            run.state["reached"] = True
            run.missed(f"nothing follows `{self.after}`")
        return [item]
