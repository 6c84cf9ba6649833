"""What a fault is, and the template for writing one.

A fault is a frozen dataclass: its fields are the parameters of the scenario file, its docstring says what it does
on the wire and who does it. It belongs to one layer and is fed that layer's items one at a time through
:meth:`Fault.feed`; it gives back none, one or several, and :meth:`Fault.finish` is called when the answer ends.
It keeps nothing itself: what it must remember for one answer lives in its :class:`Run`. It never sees a socket, a
clock or a random generator, so the same fault works on a scripted reply and on a live stream passing through.

To write one, copy ``noop.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from mockoai.plan.items import Chunk, Event, Frame, Head, Item, LastChunk, Layer, Part, Wait, Write
from mockoai.plan.place import Place
from mockoai.plan.steps import PlannedFault

if TYPE_CHECKING:
    from mockoai.plan.context import Context

SomeItem = TypeVar("SomeItem", bound=Item)

Needs = Literal["anything", "stream", "body"]
"""What kind of answer a fault can act on: any, only a stream, or only one that is not streamed."""

ITEMS: dict[Layer, tuple[type[Item], ...]] = {
    "reply": (Part,),
    "event": (Event,),
    "frame": (Frame,),
    "body": (Head, Chunk, LastChunk),
    "transport": (Write, Wait),
}
"""The kinds of item that a fault of each layer is fed; others pass it by."""


@dataclass(frozen=True)
class Fault:
    """A named, parametrised deviation at one layer."""

    id: ClassVar[str]
    family: ClassVar[str]
    layer: ClassVar[Layer]
    claims: ClassVar[frozenset[str]] = frozenset()
    """What only one fault of a rule may decide: ``ending``, ``answer``, ``encoding``, …"""
    needs: ClassVar[Needs] = "anything"
    target: ClassVar[str] = ""
    """What the fault acts on, in words that fit behind "the answer has no"."""
    content: ClassVar[bool | None] = None
    """Whether it changes what the model says, so that a client may rightly refuse that; None: as its family does."""

    def lacking(self) -> str:
        """Say what an answer lacks that the fault could not act on."""
        return f"the answer has no {self.target}" if self.target else "nothing in the answer for it to act on"

    def prepare(self, context: Context) -> Context:
        """Return the context to compose the answer in, for a fault that has it composed in another form than asked for.

        Called once, before there is any item. What the fault does shows in the items all the same, and is fed to it.
        """
        return context

    def feed(self, item: Any, run: Run) -> Iterable[Item]:
        """Take one item of the layer and give back what goes on in its stead."""
        raise NotImplementedError

    def finish(self, run: Run) -> Iterable[Item]:
        """Give back what follows the last item; called once."""
        return ()


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer cut in two: ``before`` is still sent, ``after`` is the rest of the same item; ``at`` in seconds."""

    before: Write | None
    after: Write | None
    at: float


class Run:
    """One fault at work on one answer: its state, and where in the answer it stands.

    ``state`` belongs to the fault. ``context`` is the exchange as the pure middle sees it. ``items`` counts what
    the fault has been fed before the present item.
    """

    def __init__(self, fault: Fault, context: Context) -> None:
        self.fault = fault
        self.context = context
        self.seed = context.seed.child("fault", fault.id)
        self.state: dict[str, Any] = {}
        self.items = 0
        self.fired = False
        self.why = ""
        self.delay = 0.0
        self._bytes = 0
        self._before = 0
        self._previous: Item | None = None
        self._error = False
        self._reached: set[str] = set()
        self._pending = False
        self._dropped = False
        self._shown = False
        self._held: dict[int, Item] = {}

    # What fault authors use.

    def fire(self, why: str = "") -> None:
        """Record that the fault did what it is for; ``why`` tells the reader what and where."""
        if not self.fired:
            self.fired = True
            self.why = why

    def missed(self, why: str) -> None:
        """Record why the fault could not act; the first reason given stays."""
        if not self.fired and not self.why:
            self.why = why

    def at(self, place: Place, item: Item) -> bool:
        """Whether ``item`` is the one at ``place``: carries the mark, or makes the count reach the amount.

        ``at: 3 tokens`` is the item with the third token, ``at: 1 event`` the first event. True for every item
        that carries the mark; for counts, once.
        """
        place = self._resolve(place)
        if place.unit == "mark":
            return item.mark == place.mark
        return self._count(place, item) >= place.amount and self._once(f"at {place}")

    def after(self, place: Place, item: Item) -> bool:
        """Whether ``place`` lies right behind ``item``: true once, for the item that completes it."""
        place = self._resolve(place)
        hit = item.mark == place.mark if place.unit == "mark" else self._count(place, item) >= place.amount
        return hit and self._once(f"after {place}")

    def inside(self, place: Place, item: Item) -> int | None:
        """How many bytes of the body in ``item`` stand before ``place``, when that is in or right behind it.

        None while the place is still to come, and ever after it was found.
        """
        place = self._resolve(place)
        if place.unit != "bytes":
            return body_size(item) if self.after(place, item) else None
        inside = int(place.amount) - self._before
        if self._bytes < place.amount or inside < 0 or not self._once(f"inside {place}"):
            return None
        return inside

    def cut(self, place: Place, item: Write) -> Cut | None:
        """Cut the answer at ``place`` when that is in ``item``, right behind it, or between it and the last one.

        Returns None while the place is still to come, and for everything behind it.
        """
        place = self._resolve(place)
        if place.unit == "seconds":
            if item.at <= place.amount or not self._once(f"cut {place}"):
                return None
            return Cut(None, item, place.amount)
        inside = self.inside(place, item)
        if inside is None:
            return None
        if inside == item.body:
            return Cut(item, None, item.at)
        end = item.lead + inside
        before = replace(self.unfinished(item), data=item.data[:end], body=inside)
        after = replace(item, data=item.data[end:], lead=0, body=item.body - inside)
        return Cut(before, after, item.at)

    def unfinished(self, item: SomeItem) -> SomeItem:
        """Return ``item`` as a piece that does not complete it: without mark, with the counts of the one before."""
        last = self._previous
        tokens, events = (last.tokens, last.events) if last is not None else (0, 0)
        return replace(item, tokens=tokens, events=events, mark="")

    def wait(self, seconds: float, item: Item) -> Wait:
        """Return a wait right behind ``item`` and move everything that follows back by ``seconds``."""
        self.delay += seconds
        return Wait(at=item.at, seconds=seconds, tokens=item.tokens, events=item.events)

    def later(self, item: SomeItem, seconds: float) -> SomeItem:
        """Return ``item`` moved back by ``seconds``; being moved does not make it the fault's doing."""
        moved = replace(item, at=item.at + seconds)
        self._held[id(moved)] = moved
        return moved

    # What the pipeline uses.

    def feed(self, item: Item) -> list[Item]:
        """Feed ``item`` to the fault and label what comes back that is not the same."""
        if self.delay:
            item = replace(item, at=item.at + self.delay)
        fault = self.fault
        if not isinstance(item, ITEMS[fault.layer]):
            return [item]
        self._before = self._bytes
        self._bytes += body_size(item)
        if item.mark == "error" and (self._previous is None or self._previous.mark == "headers"):
            self._error = True
        out = list(fault.feed(item, self))
        if not any(one is item for one in out):
            self._held[id(item)] = item
        self.items += 1
        self._previous = item
        return self._label(item, out)

    def finish(self) -> list[Item]:
        """Tell the fault that the answer ended."""
        return [item if id(item) in self._held else self._signed(item) for item in self.fault.finish(self)]

    @property
    def pending(self) -> bool:
        """Whether the last thing the fault did was to drop an item, so that what follows shall carry its name."""
        return self._pending

    @property
    def absent(self) -> bool:
        """Whether all that the fault did was to leave items out: it shows in what is not there."""
        return self._dropped and not self._shown

    def outcome(self) -> PlannedFault:
        """What became of the fault."""
        fault = self.fault
        why = self.why or ("" if self.fired else self._why_not())
        return PlannedFault(fault.id, fault.layer, self.fired, why)

    def _why_not(self) -> str:
        needs, stream = self.fault.needs, self.context.stream
        if needs == "stream" and not stream:
            return "the answer is not streamed"
        if needs == "body" and stream:
            return "the answer is streamed"
        if self._error:
            return "the answer is an error"
        for name in ("after", "at"):
            place = getattr(self.fault, name, None)
            if isinstance(place, Place):
                return f"the answer has no place `{place}`: {self._extent(place)}"
        return self.fault.lacking()

    def _extent(self, place: Place) -> str:
        """Say where the answer ends, in what the fault's layer can count."""
        last = self._previous
        if last is None:
            return "it is empty"
        if place.unit == "tokens" and not last.tokens:
            return "it has no tokens"
        counts = [f"{last.tokens} tokens"]
        if self.fault.layer != "reply":
            counts.append(f"{last.events} events")
        if self.fault.layer not in ("reply", "event"):
            counts.append(f"{self._bytes} bytes")
        return f"it ends after {', '.join(counts)} and {last.at:g}s"

    def _label(self, item: Item, out: Sequence[Item]) -> list[Item]:
        if len(out) == 1 and out[0] is item and not self._pending:
            return [item]
        labelled: list[Item] = []
        for one in out:
            # What was held back and let go unchanged later is not the fault's doing.
            unchanged = one is item or id(one) in self._held
            if unchanged and not self._pending:
                labelled.append(one)
            else:
                labelled.append(self._signed(one))
                self._shown = self._shown or not unchanged
                self._pending = False
        if not out and self.fired:
            self._pending = self._dropped = True
        return labelled

    def _signed(self, item: Item) -> Item:
        if self.fault.id in item.faults:
            return item
        return replace(item, faults=(*item.faults, self.fault.id))

    def _resolve(self, place: Place) -> Place:
        if place.unit != "percent":
            return place
        context = self.context
        # The reply layer has tokens only, streamed or not.
        in_tokens = context.stream or self.fault.layer == "reply"
        return place.resolved(tokens=context.tokens, size=context.size, stream=in_tokens)

    def _once(self, what: str) -> bool:
        if what in self._reached:
            return False
        self._reached.add(what)
        return True

    def _count(self, place: Place, item: Item) -> float:
        if place.unit == "tokens":
            return item.tokens
        if place.unit == "events":
            return item.events
        if place.unit == "seconds":
            return item.at
        return self._bytes


def at_least(name: str, value: int, least: int) -> None:
    """Raise ValueError, for the scenario's author, when the parameter ``name`` is under ``least``."""
    if value < least:
        raise ValueError(f"`{name}` must be {least} or more")


MOST = 100_000
"""What a parameter that says how many things are sent may be at most: all of them are made before the first leaves."""


def countable(name: str, value: int, least: int = 1) -> None:
    """Raise ValueError unless ``value``, a number of things to send, is from ``least`` to :data:`MOST`."""
    at_least(name, value, least)
    if value > MOST:
        raise ValueError(f"`{name}` must be {MOST} or less")


def body_size(item: Item) -> int:
    """Bytes of the body in ``item`` as the client reads it."""
    if isinstance(item, Write):
        return item.body
    if isinstance(item, (Frame, Chunk)):
        return len(item.data)
    return 0
