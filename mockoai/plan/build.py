"""From a matched rule to the plan: the five layers, one after the other.

Each stage takes the items of a layer, runs that layer's faults over them and turns the outcome into the items of the
next. Nothing here knows a single fault, endpoint or backend by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from math import isfinite
from typing import Literal

from mockoai.endpoints import ENDPOINTS, check
from mockoai.faults.base import Fault, Run, body_size
from mockoai.faults.registry import ordered
from mockoai.plan.context import Context
from mockoai.plan.duration import Duration
from mockoai.plan.headers import replaced
from mockoai.plan.items import (
    DONE,
    Chunk,
    End,
    Event,
    Failure,
    Finish,
    Frame,
    Framing,
    Head,
    Headers,
    Item,
    LastChunk,
    Layer,
    Page,
    Part,
    Step,
    Usage,
    Wait,
    Write,
)
from mockoai.plan.literal import NO_BODY, event_frames, literal_head, wire_items
from mockoai.plan.place import Place
from mockoai.plan.steps import Plan, PlannedFault
from mockoai.plan.timing import immediate, schedule
from mockoai.reply.compose import compose
from mockoai.scenario.model import Rule, Scenario, Timing
from mockoai.wire import http1, sse

LENGTH = "Content-Length"
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def build(scenario: Scenario, rule: Rule, context: Context, refused: Failure | None = None) -> Plan:
    """Make the plan for one exchange.

    ``refused`` is an error decided before the rule could answer, such as a request that no rule matched. Pure: the
    same arguments give the same plan.
    """
    return _Build(scenario, rule, context, refused).plan()


class _Build:
    """The building of one plan."""

    def __init__(self, scenario: Scenario, rule: Rule, context: Context, refused: Failure | None) -> None:
        self.rule = rule
        self.scenario = scenario
        self.timing: Timing = rule.timing or scenario.timing
        self.context = context
        self.refused = refused
        self.runs: list[Run] = []
        self.carried: list[str] = []

    def plan(self) -> Plan:
        """Run the layers."""
        if self.rule.wire is not None and self.refused is None:
            items = list(wire_items(self.rule.wire))
            self.head = literal_head(self.rule.wire)
        else:
            *items, end = http1.encode(self.body())
            # What was left out at the end of the body shows in nothing but the end.
            items.append(_signed(end, self.carried))
        steps = _finished(self.through("transport", items))
        keep_alive = self.context.request.keep_alive and _announced(self.head)
        last = steps[-1]
        return Plan(
            steps=tuple(steps),
            faults=tuple(self.outcomes(steps)),
            status=self.head.status if self.head else 0,
            stream=self.context.stream,
            keep_alive=keep_alive,
            tokens=last.tokens,
            events=last.events,
            prompt_tokens=self.prompt_tokens,
            finish=self.finish,
        )

    prompt_tokens = 0
    finish = ""
    head: Head | None = None

    def through(self, layer: Layer, items: Iterable[Item]) -> list[Item]:
        """Run the faults of ``layer`` over ``items``."""
        out = list(items)
        for fault in ordered(fault for fault in self.rule.faults if fault.layer == layer):
            # A percentage is of the answer as it comes to the fault: cut, compressed or replaced by an error.
            run = Run(fault, _measured(self.context, out) if _in_percent(fault) else self.context)
            self.runs.append(run)
            if _applies(fault, self.context):
                out = list(_fed(run, out))
                if run.absent:
                    self.carried.append(fault.id)
        return out

    def parts(self) -> list[Part]:
        """The reply layer: what is said, and when."""
        for fault in self.rule.faults:
            self.context = fault.prepare(self.context)
        reply = self.rule.reply
        if reply is not None and reply.model is not None:
            self.context = replace(self.context, model=reply.model)
        explicit = reply is not None and reply.error is not None
        refused = self.refused or (None if explicit else check(self.context))
        backend = self.context.backend
        parts: Sequence[Part]
        if refused is not None:
            parts = (backend.refusal(refused, self.context),)
        else:
            parts = backend.parts(compose(reply, self.context), self.context)
        if parts and isinstance(parts[0], Failure) and self.context.stream:
            # An error is decided before anything is streamed, so it is one JSON body.
            self.context = replace(self.context, stream=False)
        timed = parts if immediate(self.timing) else schedule(parts, self.timing, self.context.seed)
        self.sum_up(timed)
        if not self.rule.faults:
            return list(timed)
        changed = self.through("reply", timed)
        if changed and isinstance(changed[0], Failure):
            self.context = replace(self.context, stream=False)
        usage = next((part for part in reversed(changed) if isinstance(part, Usage)), None)
        self.context = replace(self.context, usage=usage)
        return changed  # type: ignore[return-value]

    def sum_up(self, parts: Sequence[Part]) -> None:
        """Note what the healthy reply says of itself at its end: its prompt's tokens, and why it ended."""
        for part in reversed(parts):
            if isinstance(part, Usage):
                self.prompt_tokens = part.prompt
                self.context = replace(self.context, usage=part)
            else:
                self.finish = part.reason if isinstance(part, Finish) else ""
                break

    def events(self) -> list[Item]:
        """The event layer: a head, and the JSON payloads."""
        parts = self.parts()
        context = self.context
        if parts and isinstance(parts[0], Failure):
            failure = parts[0]
            headers, event = context.backend.failure(failure, context)
            if failure.foreign:
                headers = _foreign(headers, failure)
            event = replace(event, at=failure.at, events=1, mark="error", faults=failure.faults)
            head = replace(
                _head(failure.status, headers, context, failure.at), reason=failure.reason, faults=failure.faults
            )
            return self.through("event", [head, event])
        status, headers = _healthy(parts, context)
        events = self.numbered(ENDPOINTS[context.endpoint].events(parts, context))
        # A stream's head leaves before the first token; any other answer is complete when its head leaves.
        at = self.sample("headers") if context.stream or not events else events[-1].at
        return self.through("event", [_head(status, headers, context, at), *events])

    def numbered(self, events: Iterable[Event]) -> list[Item]:
        """Number the events of the endpoint, and hold ``[DONE]`` back as timing says."""
        out: list[Item] = []
        for number, event in enumerate(self.context.backend.events(events, self.context), 1):
            at = event.at + self.sample("before_done") if event.payload is DONE else event.at
            # Built by hand: `replace` costs three times as much, and there is one for every token.
            out.append(
                Event(
                    at=at,
                    tokens=event.tokens,
                    events=number,
                    mark=event.mark,
                    faults=event.faults,
                    payload=event.payload,
                    name=event.name,
                    indent=event.indent,
                    newline=event.newline,
                )
            )
        return out

    def sample(self, name: Literal["headers", "before_done"]) -> float:
        """Draw one of the timing's durations, in seconds."""
        duration: Duration = getattr(self.timing, name)
        return duration.sample(self.context.seed.child(name))

    def frames(self) -> list[Item]:
        """The frame layer: the bytes of each event."""
        rule, context = self.rule, self.context
        if rule.events is not None and self.refused is None:
            context = self.context = replace(context, stream=True)
            headers = context.backend.headers(context, status=200, stream=True)
            at = self.sample("headers")
            items: list[Item] = [_head(200, headers, context, at), *event_frames(rule.events, at)]
            return self.through("frame", _numbered(items))
        events = self.events()
        encode = sse.frame if self.context.stream else sse.encode_body
        write = self.context.backend.writer(self.context)
        frames = _numbered([encode(one, write) if isinstance(one, Event) else one for one in events])
        return self.through("frame", _numbered(self.context.backend.frames(frames, self.context)))

    def body(self) -> list[Item]:
        """The body layer: the head with its framing, and the body in pieces."""
        frames = _numbered(self.frames())
        size = sum(len(item.data) for item in frames if isinstance(item, Frame))
        # An answer to HEAD has the head of the answer to GET, and no body (RFC 9110 §9.3.2).
        bare = self.context.request.method == "HEAD"
        items: list[Item] = []
        last: Item = frames[0]
        for item in frames:
            if isinstance(item, Head):
                head = _with_length(item, size, self.context)
                bare = bare or item.framing == "none"
                items.append(replace(head, framing="none") if bare else head)
            elif not isinstance(item, Frame):
                raise TypeError(f"not an item of the frame layer: {item!r}")
            elif not bare:
                items.append(_chunk(item))
            last = item
        # What a fault left out shows here at the latest, also when what carried its name was left out in turn.
        shown = {name for item in items for name in item.faults}
        absent = tuple([name for name in self.carried if name not in shown])
        end = LastChunk(at=last.at, tokens=last.tokens, events=last.events, faults=absent)
        items.append(end)
        self.carried = []
        out = self.through("body", items)
        self.head = next((item for item in out if isinstance(item, Head)), None)
        return out

    def outcomes(self, steps: Sequence[Step]) -> Iterable[PlannedFault]:
        """What became of every fault, in the order of the file."""
        seen = {name for step in steps for name in step.faults}
        by_fault = {id(run.fault): run for run in self.runs}
        for fault in self.rule.faults:
            run = by_fault.get(id(fault))
            if run is None:
                yield PlannedFault(fault.id, fault.layer, False, _skipped(self.rule))
                continue
            outcome = run.outcome()
            if outcome.fired and fault.id not in seen and fault.id != "noop":
                why = "what it did was cut off or undone by another fault"
                outcome = replace(outcome, fired=False, why=why)
            yield outcome


def _fed(run: Run, items: Iterable[Item]) -> Iterator[Item]:
    """Feed ``items`` to a fault; what it held back goes before the end."""
    ended = False
    for item in items:
        if isinstance(item, End) and not ended:
            ended = True
            yield from run.finish()
            if run.pending:
                item = _signed(item, [run.fault.id])
        yield from run.feed(item)
    if not ended:
        yield from run.finish()


def _signed(item: Item, names: Sequence[str]) -> Item:
    """Return ``item`` as the doing of the faults called ``names`` too."""
    new = tuple([name for name in names if name not in item.faults])
    return replace(item, faults=(*item.faults, *new)) if new else item


def _applies(fault: Fault, context: Context) -> bool:
    return fault.needs == "anything" or (fault.needs == "stream") == context.stream


def _skipped(rule: Rule) -> str:
    if rule.wire is not None:
        return "the rule writes its bytes itself (`wire:`)"
    return "the rule writes its events itself (`events:`)"


def _in_percent(fault: Fault) -> bool:
    return any(
        isinstance(value, Place) and value.unit == "percent"
        for value in (getattr(fault, one.name) for one in fields(fault))
    )


def _measured(context: Context, items: Iterable[Item]) -> Context:
    """Return ``context`` with the tokens and the bytes of the body that ``items`` make up."""
    tokens = size = 0
    for item in items:
        tokens = max(tokens, item.tokens)
        size += body_size(item)
    return replace(context, tokens=tokens, size=size)


def _foreign(headers: Headers, failure: Failure) -> Headers:
    """Return of ``headers`` what an error has that is not the backend's."""
    kept = {"date"} | {name.lower() for name, _ in failure.headers}
    if failure.content_type:
        kept.add("content-type")
    return tuple(pair for pair in headers if pair[0].lower() in kept)


def _head(status: int, headers: Headers, context: Context, at: float) -> Head:
    framing: Framing = "length"
    if status in NO_BODY:
        framing = "none"
    elif context.stream:
        framing = "chunked" if context.request.http_version == "1.1" else "close"
    if framing != "length":
        headers = tuple([pair for pair in headers if pair[0] != LENGTH])
    if framing == "chunked":
        headers = (*headers, ("Transfer-Encoding", "chunked"))
    headers = _sendable(headers)
    if not context.request.keep_alive or framing == "close":
        headers = (*headers, ("Connection", "close"))
    elif context.backend.says_keep_alive:
        headers = (*headers, ("Connection", "keep-alive"))
    if context.backend.lower_case:
        headers = _lower(headers)
    return Head(at=at, status=status, headers=headers, framing=framing)


def _sendable(headers: Headers) -> Headers:
    """Return ``headers`` less those with a value that none can have (RFC 9110 §5.5).

    Some repeat what the request said, such as its model: a line break in it must not become one of the head.
    """
    values = "".join([value for _, value in headers])
    if values.isascii() and values.isprintable():
        return headers
    return tuple(pair for pair in headers if _VALUE.fullmatch(pair[1]))


def _healthy(parts: Sequence[Part], context: Context) -> tuple[int, Headers]:
    """Return status and headers of an answer that is no error."""
    page = parts[0] if parts and isinstance(parts[0], Page) else None
    if page is None:
        return 200, context.backend.headers(context, status=200, stream=context.stream)
    headers = context.backend.headers(context, status=page.status, stream=False)
    if page.content_type is not None:
        headers = tuple([pair for pair in headers if pair[0] != "Content-Type"])
    typed = (("Content-Type", page.content_type),) if page.content_type else ()
    return page.status, replaced(headers, (*typed, *page.headers))


def _lower(headers: Headers) -> Headers:
    return tuple([(name.lower(), value) for name, value in headers])


def _with_length(head: Head, size: int, context: Context) -> Head:
    if head.framing != "length":
        return head
    if head.header(LENGTH) == "":
        return replace(head, headers=head.replaced(LENGTH, str(size)))
    connection = head.header("connection")
    headers = (*head.without("connection"), (LENGTH, str(size)))
    if connection:
        headers = (*headers, ("Connection", connection))
    return replace(head, headers=_lower(headers) if context.backend.lower_case else headers)


def _chunk(frame: Frame) -> Chunk:
    return Chunk(
        at=frame.at,
        tokens=frame.tokens,
        events=frame.events,
        mark=frame.mark,
        faults=frame.faults,
        data=frame.data,
    )


def _numbered(items: Iterable[Item]) -> list[Item]:
    """Count the events as they are sent: faults may have added or dropped some."""
    number = 0
    out: list[Item] = []
    for item in items:
        if isinstance(item, Frame):
            number += not item.comment
            out.append(item if item.events == number else replace(item, events=number))
        else:
            out.append(item)
    return out


def _announced(head: Head | None) -> bool:
    """Whether ``head`` leaves the connection open for another request (RFC 9112 §9.3)."""
    if head is None or head.framing == "close":
        return False
    return (head.header("connection") or "").lower() != "close"


def _finished(items: Iterable[Item]) -> list[Step]:
    """Return the steps up to the first end, with times that never run backwards.

    A wait that a cut falls into lasts until the cut.
    """
    steps: list[Step] = []
    now = 0.0
    tokens = events = 0
    for item in items:
        if not isinstance(item, (Write, Wait, End)):
            raise TypeError(f"not an item of the transport layer: {item!r}")
        if not isfinite(item.at) or (isinstance(item, Write) and not isinstance(item.data, bytes)):
            # On its way to the socket it would be too late to say so.
            raise TypeError(f"nothing that can be sent: {item!r}")
        if item.at < now:
            item = replace(item, at=now)
        if steps and isinstance(last := steps[-1], Wait) and last.at + last.seconds > item.at:
            steps[-1] = replace(last, seconds=item.at - last.at)
        if not isinstance(item, Write):
            item = replace(item, tokens=tokens, events=events)
        now, tokens, events = item.at, item.tokens, item.events
        steps.append(item)
        if isinstance(item, End):
            return steps
    raise ValueError("a plan must have an end")
