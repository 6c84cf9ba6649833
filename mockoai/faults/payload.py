"""Changing JSON payloads without touching what others share.

The payload of an event is shared by every exchange that may show it, so a change copies the objects and
lists along its path and nothing else. What did not change is the same object as before: ``is`` tells
whether a change took place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from mockoai.faults.base import Fault, Run
from mockoai.plan.items import DONE, Event
from mockoai.plan.place import Place

Path = tuple[str | int, ...]
"""Keys and positions from the root down; :data:`EACH` stands for every element of a list."""

THREE_TOKENS = Place("tokens", 3.0)
"""Where most faults act in the middle of a stream: some text stands before it, some behind."""

EACH = "*"

Change = Callable[[Any], Any]
"""Takes what stands at a path, or :data:`ABSENT`, and gives what shall stand there; ABSENT takes it away."""


class Absent:
    """What stands where a key is missing."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT = Absent()

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\*|\d+)\]")


@cache
def parse_path(text: str) -> Path:
    """Read ``choices[*].delta.role``; raises ValueError on anything that is no such path."""
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None or (not steps and match[0].startswith(".")):
            raise ValueError(f"`{text}` is not a path such as `choices[*].delta.role`")
        steps.append(match[1] if match[1] is not None else EACH if match[2] == EACH else int(match[2]))
        end = match.end()
    if not steps:
        raise ValueError("a path must name something, such as `usage` or `choices[*].delta`")
    return tuple(steps)


def changed(value: Any, path: Path, change: Change, *, create: bool = False) -> Any:
    """Return ``value`` with ``change`` made at ``path``; ``value`` itself when there is nothing to change.

    ``create`` also calls ``change`` where the last key is missing from an object that is there.
    """
    if not path:
        new = change(value)
        return value if _same(value, new) else new
    key, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(key, str) and key != EACH:
        if key not in value and (rest or not create):
            return value
        old = value.get(key, ABSENT)
        new = changed(old, rest, change, create=create)
        if new is old:
            return value
        if new is ABSENT:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: new}
    if isinstance(value, list) and not (isinstance(key, str) and key != EACH):
        wanted = range(len(value)) if key == EACH else (key,)
        elements = [
            changed(one, rest, change, create=create) if number in wanted else one for number, one in enumerate(value)
        ]
        if all(new is old for new, old in zip(elements, value, strict=True)):
            return value
        return [one for one in elements if one is not ABSENT]
    return value


def _same(old: Any, new: Any) -> bool:
    """Whether nothing changes: one object, or two that are written alike.

    Equal is not enough, since 1, 1.0 and true are equal; containers are taken for different unless empty.
    """
    if old is new:
        return True
    if type(old) is not type(new) or old != new:
        return False
    return isinstance(old, (str, int, float)) or not old


def put(new: Any) -> Change:
    """Return the change that puts ``new`` there."""
    return lambda _old: new


def drop(_old: Any) -> Any:
    """Take away what stands there."""
    return ABSENT


def instead(old: Any, new: Any) -> Change:
    """Return the change that puts ``new`` where ``old`` stands, and leaves everything else."""

    def change(present: Any) -> Any:
        return new if type(present) is type(old) and present == old else present

    return change


def inserted(value: dict[str, Any], key: str, new: Any, *, behind: str) -> dict[str, Any]:
    """Return ``value`` with ``key`` right behind the key ``behind``, or in front where that is missing."""
    if key in value:
        return {**value, key: new}
    if behind not in value:
        return {key: new, **value}
    out: dict[str, Any] = {}
    for name, one in value.items():
        out[name] = one
        if name == behind:
            out[key] = new
    return out


def mapping(name: str, value: Any) -> None:
    """Raise ValueError when the parameter ``name`` is given and no mapping."""
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"`{name}` must be a mapping of fields to values")


def choices(payload: Any) -> list[dict[str, Any]]:
    """Return the choices of a chunk or body; none where it has none."""
    found = payload.get("choices") if isinstance(payload, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def index_of(choice: dict[str, Any]) -> int:
    """Return the index of a choice; 0 where it has none that is a number."""
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def envelope(payload: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return another chunk of the same answer: id, time and model of ``payload``, and ``fields`` in place
    of its own.

    The padding belongs to the chunk it was made for and is left out; counts are null where the chunk has
    any.
    """
    kept = {key: None if key == "usage" else one for key, one in payload.items() if key != "obfuscation"}
    return {**kept, **fields}


@dataclass(frozen=True, kw_only=True)
class PayloadFault(Fault):
    """A fault that changes fields of payloads one by one: all that are there, or the one ``at`` a place.

    Subclasses give :attr:`paths` and :meth:`change`, or override :meth:`edit`.
    """

    paths: ClassVar[tuple[str, ...]] = ()
    create: ClassVar[bool] = False
    at: Place | None = None

    def lacking(self) -> str:
        """Name the fields that :attr:`paths` lead to, or :attr:`target`."""
        if self.target or not self.paths:
            return super().lacking()
        if not any("." in path for path in self.paths):
            return f"the answer has no {_any_of(self.paths)} of its own"
        # A field that is created is missing only where what it belongs to is.
        return f"the answer has no {_any_of(path.rpartition('.')[0] if self.create else path for path in self.paths)}"

    def change(self, old: Any, run: Run) -> Any:
        """Return what shall stand in place of ``old``, which may be :data:`ABSENT`."""
        raise NotImplementedError

    def edit(self, payload: Any, item: Event, run: Run) -> Any:
        """Return ``payload`` as it shall be sent; itself when there is nothing to change."""
        for path in self.paths:
            payload = changed(payload, parse_path(path), lambda old: self.change(old, run), create=self.create)
        return payload

    def feed(self, item: Event, run: Run) -> list[Event]:
        """Change the payload of ``item`` when it is at the place."""
        if item.payload is DONE or item.mark == "error":
            return [item]
        if self.at is not None and not run.at(self.at, item):
            return [item]
        payload = self.edit(item.payload, item, run)
        if payload is item.payload:
            if self.at is not None:
                run.missed(f"{self.lacking()} at `{self.at}`")
            return [item]
        run.fire(f"changed event {item.events}")
        return [replace(item, payload=payload)]


def _any_of(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in dict.fromkeys(names))


@dataclass(frozen=True, kw_only=True)
class InsertedEvent(Fault):
    """A fault that sends an event of its own behind ``after``; ``headers`` and ``0 tokens`` are before the
    first.
    """

    after: Place = THREE_TOKENS

    def inserted(self, like: Event, run: Run) -> Event:
        """Return the event; ``like`` is the chunk before it, or the first one."""
        raise NotImplementedError

    def feed(self, item: Event, run: Run) -> list[Event]:
        """Let the event through, with what is inserted before or behind it."""
        if run.fired or (item.payload is DONE and "like" not in run.state):
            return [item]
        like: Event = item if item.payload is not DONE else run.state["like"]
        run.state["like"] = like
        before = first(self.after, run)
        if not before and not run.after(self.after, item):
            return [item]
        run.fire("inserted before the first event" if before else f"inserted after `{self.after}`")
        tokens = 0 if before else item.tokens
        new = self.inserted(replace(like, at=item.at, tokens=tokens, mark="", name=None), run)
        return [new, item] if before else [item, new]


def first(place: Place, run: Run) -> bool:
    """Whether ``place`` is the beginning of the answer and the present item the first one."""
    beginning = place.mark == "headers" or (place.unit in ("tokens", "events", "bytes") and place.amount == 0)
    return beginning and run.items == 0
