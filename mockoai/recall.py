"""Answers recalled instead of built again: what makes repeated requests fast without changing a byte.

Planning is pure, so equal requests get equal plans but for four values: the answer's id, the request id, the time
(``created`` and ``Date``). The second time a request is seen, its plan is built once more with placeholders for these
values, and kept as a template, provided that filling it in gives exactly the plan that was just built for that
request; otherwise the request is never recalled. Only rules without faults, counts, chance and drawn times qualify.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cached_property, lru_cache
from typing import Any

from mockoai.backends.base import Backend
from mockoai.plan.build import build
from mockoai.plan.context import Context
from mockoai.plan.items import Ending, Step, Write
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario.model import Rule, Scenario
from mockoai.seed import Seed

MAX_TEMPLATES = 512
MAX_BYTES = 16 * 1024 * 1024
MAX_SEEN = 8192

_ENTRY = 4096
_STEP = 256
_ITEM = 64
"""Bytes that what is kept of a request, a step of its plan, and an item of a tuple take beside their data."""

PLACEHOLDER_NOW = 3141592653

Values = tuple[tuple[bytes, bytes], ...]


class Filled(Plan):
    """A plan recalled from a template; its steps are made only when somebody looks at them."""

    def __init__(self, template: Template, values: Values) -> None:
        self.__dict__.update(template.shared)
        self.__dict__["_template"] = template
        self.__dict__["_values"] = values

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The wire steps with this exchange's values."""
        template: Template = self.__dict__["_template"]
        values: Values = self.__dict__["_values"]
        return tuple(
            [
                Write(
                    at=step.at,
                    tokens=step.tokens,
                    events=step.events,
                    mark=step.mark,
                    faults=step.faults,
                    data=_fill(step.data, values),
                    lead=step.lead,
                    body=step.body,
                )
                if isinstance(step, Write)
                else step
                for step in template.plan.steps
            ]
        )

    @property
    def data(self) -> bytes:
        """All bytes of the answer."""
        template: Template = self.__dict__["_template"]
        return _fill(template.data, self.__dict__["_values"])

    @property
    def size(self) -> int:
        """Bytes of the answer."""
        template: Template = self.__dict__["_template"]
        return len(template.data)

    @property
    def ending(self) -> Ending:
        """How the answer ends."""
        template: Template = self.__dict__["_template"]
        return template.plan.ending

    @property
    def duration(self) -> float:
        """Seconds from reading the request to the end."""
        template: Template = self.__dict__["_template"]
        return template.plan.duration

    @property
    def length(self) -> int:
        """How many steps there are."""
        template: Template = self.__dict__["_template"]
        return len(template.plan.steps)


class Template:
    """A plan with placeholders for what differs from exchange to exchange."""

    def __init__(self, plan: Plan, placeholder: Context) -> None:
        self.plan = plan
        self.data = plan.data
        self.shared = {name: value for name, value in plan.__dict__.items() if name != "steps"}
        self._id = placeholder.id.encode()
        self._request_id = placeholder.request_id.encode()
        self._second, self._date = _clock(PLACEHOLDER_NOW)

    def fill(self, id: str, request_id: str, now: float) -> Filled:
        """Return the plan with these values; ``now`` in seconds since 1970."""
        second, date = _clock(int(now))
        values = ((self._request_id, request_id.encode()), (self._second, second), (self._date, date))
        return Filled(self, ((self._id, id.encode()), *values) if self._id else values)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a request: enough to answer its like.

    ``named`` is the scenario that the request named, ``base`` the one that was in force. ``content`` is the
    request's seed, ``key`` what it is counted by.
    """

    request: Request
    session: str
    named: str | None
    base: Scenario
    scenario: str
    rule: str
    backend: Backend
    clock: float | None
    content: Seed
    key: bytes
    template: Template


class Recall:
    """The templates of the requests seen lately, bounded in number and bytes."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, tuple[Kept | None, int]] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Kept | None:
        """Return what is kept under ``key``, or None."""
        found = self._entries.get(key)
        return None if found is None else found[0]

    def again(self, key: Hashable) -> bool:
        """Whether ``key`` was seen before and nothing is known of it yet; remembers that it was seen."""
        if key in self._entries:
            return False
        number = hash(key)
        if number in self._seen:
            del self._seen[number]
            return True
        self._seen[number] = None
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)
        return False

    def keep(self, key: Hashable, entry: Kept | None) -> None:
        """Keep ``entry``, or that there can be none."""
        cost = _weight(key) + _cost(entry)
        self._entries[key] = entry, cost
        self._bytes += cost
        while self._bytes > MAX_BYTES or len(self._entries) > MAX_TEMPLATES:
            _, (_, dropped) = self._entries.popitem(last=False)
            self._bytes -= dropped


def template_for(scenario: Scenario, rule: Rule, context: Context, plan: Plan) -> Template | None:
    """Return a template that gives ``plan`` for ``context``, or None when there is none."""
    if not _eligible(scenario, rule) or not context.backend.recallable or context.uses:
        return None
    placeholder = replace(
        context,
        id=_stand_in("id", context.id),
        request_id=_stand_in("request", context.request_id),
        now=float(PLACEHOLDER_NOW) if scenario.clock is None else context.now,
    )
    template = Template(build(scenario, rule, placeholder), placeholder)
    filled = template.fill(context.id, context.request_id, context.now)
    return template if filled.steps == plan.steps and filled.data == plan.data else None


def _eligible(scenario: Scenario, rule: Rule) -> bool:
    if rule.faults or not (rule.timing or scenario.timing).fixed:
        return False
    return all(one.when.call is None and one.when.chance is None for one in scenario.rules)


def _stand_in(name: str, id: str) -> str:
    return Seed("placeholder").child(name).text(len(id))


@lru_cache(maxsize=16)
def _clock(now: int) -> tuple[bytes, bytes]:
    """Return ``created`` and ``Date`` as they are written."""
    return b"%d" % now, formatdate(now, usegmt=True).encode()


def _fill(data: bytes, values: Values) -> bytes:
    for old, new in values:
        data = data.replace(old, new)
    return data


def _cost(entry: Kept | None) -> int:
    """Return about how many bytes ``entry`` takes."""
    if entry is None:
        return 0
    plan, request = entry.template.plan, entry.request
    return _ENTRY + 2 * plan.size + _STEP * plan.length + _weight(request.headers) + len(request.body)


def _weight(value: Any) -> int:
    """Return about how many bytes the texts and bytes in ``value`` take."""
    if isinstance(value, tuple):
        return _ITEM + sum([_weight(one) for one in value])
    return _ITEM + (len(value) if isinstance(value, (bytes, str)) else 0)
