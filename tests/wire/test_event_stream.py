"""The encoder of event streams, against the grammar: a parser written from WHATWG HTML §9.2.5 and §9.2.6."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import DONE, Event
from mockoai.wire import sse


@dataclass
class Dispatched:
    data: str
    event: str = "message"
    id: str = ""


def parse(stream: bytes) -> list[Dispatched]:
    """Interpret an event stream as a browser does; the reconnection time is left out."""
    out: list[Dispatched] = []
    data: list[str] = []
    event = id = ""
    for line in re.split("\r\n|\n|\r", stream.decode().removeprefix("\ufeff")):
        if not line:
            if data:
                out.append(Dispatched("\n".join(data), event or "message", id))
            data, event = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id" and "\0" not in value:
            id = value
    return out


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
one_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20)


@given(st.lists(json_values, min_size=1, max_size=5))
def test_every_json_value_arrives_as_one_event(values: list[Any]) -> None:
    stream = b"".join(sse.frame(Event(payload=value)).data for value in values)

    assert [json.loads(one.data) for one in parse(stream)] == values


@given(json_values)
def test_json_over_several_lines_arrives_as_one_event(value: Any) -> None:
    assert [json.loads(one.data) for one in parse(sse.frame(Event(payload=value, indent=True)).data)] == [value]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60), one_line, one_line)
def test_data_with_line_ends_a_name_and_an_id_arrive_as_they_are(data: str, name: str, id: str) -> None:
    got = parse(sse.encode_event(data.encode(), event=name, id=id, retry=5))

    assert got == [Dispatched(data, name or "message", id)]


def test_the_sentinel_is_one_space_and_a_blank_line() -> None:
    assert sse.frame(Event(payload=DONE)).data == b"data: [DONE]\n\n"


def test_a_chunk_is_compact_json_behind_data() -> None:
    assert sse.frame(Event(payload={"a": [1, None], "b": "é"})).data == 'data: {"a":[1,null],"b":"é"}\n\n'.encode()


@pytest.mark.parametrize(("comment", "wire"), [("ping", b": ping\n\n"), ("", b":\n\n")])
def test_a_comment_dispatches_nothing(comment: str, wire: bytes) -> None:
    assert sse.encode_comment(comment) == wire
    assert parse(b"data: 1\n\n" + wire + b"data: 2\n\n") == [Dispatched("1"), Dispatched("2")]


def test_an_event_without_data_dispatches_nothing() -> None:
    assert sse.encode_event(None, id="1", retry=3000) == b"id: 1\nretry: 3000\n\n"
    assert parse(sse.encode_event(None, id="1")) == []


def test_half_a_surrogate_pair_is_written_as_an_escape() -> None:
    assert sse.encode_json({"a": "\ud83d"}) == rb'{"a":"\ud83d"}'


def test_a_frame_stands_where_its_event_stood() -> None:
    event = Event(payload={}, at=1.5, tokens=3, events=4, mark="finish", faults=("f",))

    for frame in (sse.frame(event), sse.encode_body(event)):
        assert (frame.at, frame.tokens, frame.events, frame.mark, frame.faults) == (1.5, 3, 4, "finish", ("f",))


@pytest.mark.parametrize(
    ("payload", "indent", "body"),
    [
        (b"\xff", False, b"\xff"),
        ("plain", False, b"plain"),
        ({"a": 1}, False, b'{"a":1}'),
        ({"a": 1}, True, b'{\n  "a": 1\n}\n'),
    ],
)
def test_a_body_is_json_unless_it_is_bytes_or_text(payload: Any, indent: bool, body: bytes) -> None:
    assert sse.encode_body(Event(payload=payload, indent=indent)).data == body


ENTRIES = [{"a": number, "b": [0.5, "x\ny"], "c": {}, "d": []} for number in range(200)]


@pytest.mark.parametrize("indent", [0, 2, 4])
@pytest.mark.parametrize(
    "payload",
    [
        {"object": "list", "data": ENTRIES, "model": "m", "usage": {"n": 1}},
        {"data": ENTRIES},
        {"data": list(range(300)), "z": None},
        {"data": ["\ud800"] * 80},
        {"data": ["\0 the entries \0"] * 80, "model": "\0 the entries \0"},
        {"data": ENTRIES[:3]},
        {"data": {"a": 1}},
        {"choices": ENTRIES},
        ENTRIES,
    ],
)
def test_a_body_is_the_same_however_long_its_list_is(payload: Any, indent: int) -> None:
    written = sse.encode_body(Event(payload=payload, indent=indent, newline=False)).data
    assert written == sse.encode_json(payload, indent=indent)
