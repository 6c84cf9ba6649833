"""The pipeline: what is sent, when, and which fault stands behind each step."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.faults.base import Fault, Run
from mockoai.faults.noop import Noop
from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.plan.items import End, Event, Frame, Item, Part, Text, Wait, Write
from mockoai.plan.place import Place
from mockoai.plan.steps import Plan
from mockoai.scenario.model import ErrorReply, LiteralEvent, LiteralWire, Reply, Rule, Scenario, Timing
from tests.support.asking import answered, ask, chat, frozen

TIMING = Timing(
    headers=Duration.fixed(0.1),
    first_token=Duration.fixed(0.5),
    between_tokens=Duration.fixed(0.25),
    before_done=Duration.fixed(2.0),
)
REPLY = Reply(text="one two three", tokens=("one", " two", " three"))


def plan(
    *faults: Fault, body: Any = None, timing: Timing | None = None, reply: Reply | None = REPLY, **more: Any
) -> Plan:
    rule = Rule(reply=reply, faults=faults, timing=timing, **more)
    mock = Mock([Scenario(id="s", rules=(rule,))], clock=frozen)
    return answered(mock, ask(chat(stream=True) if body is None else body)).plan


TWO = Place("tokens", 2.0)


@dataclass(frozen=True)
class Local(Fault):
    """A fault of these tests, at a place."""

    id, family, layer = "local", "noop", "frame"
    after: Place = TWO


class DropFrame(Local):
    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        if run.after(self.after, item):
            run.fire()
            return []
        return [item]


class DropDone(Local):
    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        if item.mark == "done":
            run.fire()
            return []
        return [item]


class EmptyDone(Local):
    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        if item.mark == "done":
            run.fire()
            return [replace(item, data=b"")]
        return [item]


class Twice(Local):
    layer = "event"

    def feed(self, item: Event, run: Run) -> Iterable[Item]:
        run.fire()
        return [item, item]


class CutAfter(Local):
    layer, family, id = "transport", "ending", "cut"

    def feed(self, item: Write, run: Run) -> Iterable[Item]:
        cut = run.cut(self.after, item)
        if cut is None:
            return [item]
        run.fire()
        return [*([cut.before] if cut.before else []), End(at=cut.at, how="fin")]


class Stall(Local):
    layer, family, id = "transport", "timing", "stall"

    def feed(self, item: Write, run: Run) -> Iterable[Item]:
        if run.after(self.after, item):
            run.fire()
            return [item, run.wait(30, item)]
        return [item]


class Shout(Local):
    layer, id = "reply", "shout"

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        if isinstance(item, Text):
            run.fire()
            return [replace(item, text=item.text.upper())]
        return [item]


def times(plan: Plan) -> list[tuple[str, float]]:
    return [(step.mark, round(step.at, 3)) for step in plan.steps]


def test_a_stream_leaves_as_timing_says() -> None:
    assert times(plan(timing=TIMING)) == [
        ("headers", 0.1),
        ("role", 0.1),
        ("content", 0.6),
        ("content", 0.85),
        ("content", 1.1),
        ("finish", 1.1),
        ("done", 3.1),
        ("end", 3.1),
        ("end", 3.1),
    ]


def test_an_answer_that_is_not_streamed_waits_for_its_last_token() -> None:
    assert times(plan(body=chat(), timing=TIMING)) == [("headers", 1.1), ("body", 1.1), ("end", 1.1)]


def test_tokens_and_events_count_up_to_each_step() -> None:
    steps = plan().steps
    assert [step.tokens for step in steps] == [0, 0, 1, 2, 3, 3, 3, 3, 3]
    assert [step.events for step in steps] == [0, 1, 2, 3, 4, 5, 6, 6, 6]


def test_every_event_is_an_http_chunk_of_its_own() -> None:
    for step in plan().steps[1:-2]:
        assert isinstance(step, Write)
        size, _, rest = step.data.partition(b"\r\n")
        assert int(size, 16) == step.body == len(rest) - 2
        assert rest[:6] == b"data: "
        assert rest[-4:] == b"\n\n\r\n"


def test_what_a_fault_changes_carries_its_name_and_nothing_else_does() -> None:
    labelled = [step.mark for step in plan(Shout()).steps if step.faults]
    assert labelled == ["content"] * 3


def test_a_body_carries_the_names_of_all_faults_in_it() -> None:
    assert [step.faults for step in plan(Shout(), body=chat()).steps] == [(), ("shout",), ()]


def test_what_follows_a_dropped_item_carries_the_name() -> None:
    steps = plan(DropFrame()).steps
    assert [step.tokens for step in steps if step.faults] == [3]


def test_what_was_dropped_at_the_end_is_told_by_the_end() -> None:
    steps = plan(DropDone()).steps
    assert [step.faults for step in steps[-2:]] == [("local",), ("local",)]


class DropLast(Local):
    """Drop what carries the mark ``end``, so that only the ending can tell."""

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        if item.mark == "end":
            run.fire()
            return []
        return [item]


class DropLastChunk(DropLast):
    layer = "body"


class DropLastWrite(DropLast):
    layer = "transport"


@pytest.mark.parametrize("fault", [DropLastChunk(), DropLastWrite()])
def test_what_was_dropped_right_before_the_end_is_told_by_the_end(fault: Fault) -> None:
    cut = plan(fault)
    assert [step.faults for step in cut.steps[-2:]] == [(), ("local",)]
    assert cut.faults[0].fired


def test_what_was_dropped_behind_a_cut_did_not_happen() -> None:
    dropped, cut = plan(DropLastChunk(), CutAfter(TWO)).faults
    assert (dropped.fired, cut.fired) == (False, True)


class Unsendable(Local):
    """Give back what cannot be sent."""

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        return [self.spoiled(item)]

    def spoiled(self, item: Item) -> Item:
        raise NotImplementedError


class TextForBytes(Unsendable):
    layer = "transport"

    def spoiled(self, item: Item) -> Item:
        return replace(item, data="text") if isinstance(item, Write) else item  # type: ignore[arg-type]


class Never(Unsendable):
    layer = "transport"
    seconds = math.inf

    def spoiled(self, item: Item) -> Item:
        return replace(item, at=self.seconds)


class NoTime(Never):
    seconds = math.nan


class EventForFrame(Unsendable):
    def spoiled(self, item: Item) -> Item:
        return Event(payload={})


@pytest.mark.parametrize("fault", [TextForBytes(), Never(), NoTime(), EventForFrame()])
def test_what_cannot_be_sent_is_refused_before_anything_is_sent(fault: Fault) -> None:
    with pytest.raises(TypeError):
        plan(fault)


def test_events_are_counted_as_they_are_sent() -> None:
    assert plan(Twice()).events == 12
    assert plan(DropFrame()).events == 5


def test_a_cut_ends_the_plan_and_the_answer_stays_a_prefix() -> None:
    cut = plan(CutAfter(Place.parse("2 tokens")))
    assert cut.ending == "fin"
    assert [step.tokens for step in cut.steps] == [0, 0, 1, 2, 2]
    assert plan().data.startswith(cut.data)


def test_a_cut_by_bytes_leaves_the_chunk_announced_in_full() -> None:
    whole, cut = plan(), plan(CutAfter(Place.parse("400 bytes")))
    assert sum(step.body for step in cut.steps if isinstance(step, Write)) == 400
    assert whole.data.startswith(cut.data)
    assert not cut.data.endswith(b"\r\n")


def test_a_cut_by_time_comes_between_steps() -> None:
    cut = plan(CutAfter(Place.parse("700ms")), timing=TIMING)
    assert times(cut) == [("headers", 0.1), ("role", 0.1), ("content", 0.6), ("end", 0.7)]


def test_a_cut_in_percent_is_of_tokens_or_of_bytes() -> None:
    assert plan(CutAfter(Place.parse("50%"))).tokens == 2
    whole = next(step.body for step in plan(body=chat()).steps if isinstance(step, Write) and step.body)
    cut = plan(CutAfter(Place.parse("50%")), body=chat())
    assert sum(step.body for step in cut.steps if isinstance(step, Write)) == whole // 2


def test_a_wait_moves_what_follows_and_shows_as_a_step() -> None:
    steps = plan(Stall(), timing=TIMING).steps
    wait = next(step for step in steps if isinstance(step, Wait))
    assert (round(wait.at, 3), wait.seconds, wait.faults) == (0.85, 30, ("stall",))
    assert [round(step.at, 3) for step in steps[steps.index(wait) + 1 :]] == [31.1, 31.1, 33.1, 33.1, 33.1]


def test_a_place_past_the_end_is_not_fired_and_says_where_the_end_is() -> None:
    (fault,) = plan(CutAfter(Place.parse("90 tokens"))).faults
    assert not fault.fired
    assert fault.why == "the answer has no place `90 tokens`: it ends after 3 tokens, 6 events, 1595 bytes and 0s"


def test_a_fault_whose_work_was_cut_away_is_not_fired() -> None:
    outcomes = {
        fault.id: fault for fault in plan(Stall(Place.parse("3 tokens")), CutAfter(Place.parse("1 token"))).faults
    }
    assert outcomes["cut"].fired
    assert not outcomes["stall"].fired
    assert "cut off" in outcomes["stall"].why


def test_an_error_is_one_body_even_when_a_stream_was_asked_for() -> None:
    error = plan(reply=Reply(error=ErrorReply(status=503, message="Busy")))
    assert (error.status, error.stream) == (503, False)
    assert json.loads(error.data.partition(b"\r\n\r\n")[2])["error"]["message"] == "Busy"


@pytest.mark.parametrize("body", [chat(), chat(stream=True)])
def test_the_answer_names_the_model_that_the_reply_says(body: Any) -> None:
    named = plan(body=body, reply=Reply(text="Hi", model="another")).data
    assert b'"model":"another"' in named.replace(b" ", b"")
    assert b"gpt-4o" not in named.partition(b"\r\n\r\n")[2]


def test_a_bad_request_is_refused_before_the_reply() -> None:
    refused = plan(body={"model": "gpt-4o"})
    assert refused.status == 400


def test_http_1_0_gets_a_body_that_ends_with_the_connection() -> None:
    mock = Mock(clock=frozen)
    old = answered(mock, ask(chat(stream=True), version="1.0")).plan
    assert b"Transfer-Encoding" not in old.data
    assert b"Connection: close\r\n" in old.data
    assert not old.keep_alive
    assert old.data.endswith(b"data: [DONE]\n\n")


def test_http_1_0_that_asks_to_keep_the_connection_is_told_that_it_ends() -> None:
    asked = replace(ask(chat(stream=True), version="1.0"), keep_alive=True)
    stream = answered(Mock(clock=frozen), asked).plan
    assert b"\r\nConnection: close\r\n" in stream.data
    assert not stream.keep_alive
    whole = answered(Mock(clock=frozen), replace(ask(chat(), version="1.0"), keep_alive=True)).plan
    assert b"\r\nConnection: keep-alive\r\n" in whole.data
    assert whole.keep_alive


def test_a_fault_that_changes_nothing_is_not_missed() -> None:
    (outcome,) = plan(Noop()).faults
    assert (outcome.fired, outcome.why) == (True, "let an event through")


def test_when_the_connection_will_close_the_head_says_so() -> None:
    closing = answered(Mock(clock=frozen), ask(chat(), connection="close")).plan
    assert b"\r\nConnection: close\r\n" in closing.data
    assert not closing.keep_alive
    assert plan().keep_alive


def test_literal_events_are_sent_as_written() -> None:
    events = (
        LiteralEvent(comment="ping"),
        LiteralEvent(data={"a": 1}, has_data=True, id="1"),
        LiteralEvent(wait=0.5),
        LiteralEvent(data="[DONE]", has_data=True, event="end", retry=5),
    )
    literal = plan(events=events)
    frames = [(step.at, step.data) for step in literal.steps if isinstance(step, Write) and step.body]
    assert frames == [
        (0.0, b"8\r\n: ping\n\n\r\n"),
        (0.0, b'15\r\nid: 1\ndata: {"a":1}\n\n\r\n'),
        (0.5, b"22\r\nevent: end\nretry: 5\ndata: [DONE]\n\n\r\n"),
    ]
    assert literal.events == 2


def test_literal_bytes_are_the_whole_plan() -> None:
    literal = plan(wire=LiteralWire((b"HTTP/1.1 200", 0.25, b" OK"), "rst"))
    assert literal.steps == (
        Write(data=b"HTTP/1.1 200", body=12),
        Wait(at=0.0, seconds=0.25),
        Write(at=0.25, data=b" OK", body=3),
        End(at=0.25, how="rst"),
    )


def test_a_literal_answer_that_keeps_the_connection_keeps_it() -> None:
    def literal(head: bytes) -> Plan:
        return plan(wire=LiteralWire((head + b"\r\n\r\n{}",), "clean"))

    kept = literal(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: keep-alive")
    assert (kept.status, kept.keep_alive) == (201, True)
    assert not literal(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close").keep_alive
    assert literal(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked").keep_alive
    assert literal(b"HTTP/1.1 204 No Content\r\nServer: x").keep_alive
    assert not literal(b"HTTP/1.1 200 OK\r\nServer: x").keep_alive
    assert (literal(b"nonsense").status, literal(b"nonsense").keep_alive) == (0, False)


def test_what_empties_a_chunk_shows_in_what_follows() -> None:
    steps = plan(EmptyDone()).steps
    assert [step.mark for step in steps if step.faults] == ["end", "end"]
    assert plan(EmptyDone()).faults[0].fired


def test_faults_that_literals_leave_no_room_for_say_so() -> None:
    (fault,) = plan(Noop(), wire=LiteralWire((b"x",), "fin")).faults
    assert not fault.fired
    assert "`wire:`" in fault.why


@given(st.integers(0, 12), st.integers(0, 12), st.booleans())
def test_every_plan_has_one_end_and_times_that_never_run_back(first: int, second: int, stream: bool) -> None:
    faults = (Stall(Place.parse(f"{first} tokens")), CutAfter(Place.parse(f"{second} events")))
    steps = plan(*faults, body=chat(stream=stream), timing=TIMING).steps
    assert [isinstance(step, End) for step in steps] == [False] * (len(steps) - 1) + [True]
    assert all(one.at <= two.at for one, two in pairwise(steps))


def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    mock = Mock(clock=frozen)
    got = answered(mock, ask(path="/v1/models", method="GET")).plan.data
    head = answered(mock, ask(path="/v1/models", method="HEAD")).plan
    assert head.data.endswith(b"\r\n\r\n")
    assert head.data.count(b"\r\n\r\n") == 1
    assert got.count(b"\r\n\r\n") == 1


def test_an_answer_to_head_has_no_chunks_either() -> None:
    rule = Rule(events=(LiteralEvent(data="[DONE]", has_data=True),))
    mock = Mock([Scenario(id="s", rules=(rule,))], clock=frozen)
    head = answered(mock, ask(method="HEAD")).plan
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head.data
    assert head.data.endswith(b"\r\n\r\n")
    assert head.data.count(b"\r\n\r\n") == 1


@given(st.text(max_size=20))
def test_no_request_writes_headers(model: str) -> None:
    body = {"model": model, "input": "x"}
    sent = answered(Mock(clock=frozen), ask(body, path="/v1/embeddings")).plan.data
    lines = sent.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    assert all(re.fullmatch(rb"[A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*", line) for line in lines)
    assert len({line.partition(b":")[0].lower() for line in lines}) == len(lines)


def test_a_status_without_a_body_has_none() -> None:
    empty = plan(reply=Reply(error=ErrorReply(status=204)))
    assert empty.data.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in empty.data
