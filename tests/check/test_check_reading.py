"""Content, JSON and event streams: what is wrong with them is noted, and what was meant is made out all the same."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.check.reading.answer import from_body, from_stream
from mockoai.check.reading.content import Content, decode
from mockoai.check.reading.events import EventStream, parse, payloads
from mockoai.check.reading.http1 import Message
from mockoai.check.reading.jsontext import NOT_JSON, read


def stream(data: bytes) -> EventStream:
    return parse(Content(data))


# --- codings ------------------------------------------------------------------------------------------------


def coded(body: bytes, coding: str) -> Content:
    half = len(body) // 2
    message = Message(headers=(("Content-Encoding", coding),), body=body, arrivals=((half, 1.0), (len(body), 2.0)))
    return decode(message, 1 << 20)


def test_packed_content_is_unpacked_and_keeps_its_times() -> None:
    data = random.Random(1).randbytes(5000)
    content = coded(gzip.compress(data), "gzip")
    assert content.data == data
    assert not content.lie
    assert content.at(0) == 1.0
    assert content.at(len(content.data) - 1) == 2.0


@pytest.mark.parametrize(
    ("body", "coding", "lie"),
    [
        (b'{"a": 1}', "gzip", "plain"),
        (b'{"a": 1}', "br", "plain"),
        (gzip.compress(b"hello " * 500)[:-20], "gzip", "truncated"),
        (b"\x8b\x03\x80\xff\xfe\x00", "br", "unknown"),
        (b"hello", "", ""),
    ],
)
def test_codings_that_lie(body: bytes, coding: str, lie: str) -> None:
    assert coded(body, coding).lie == lie


def test_unpacking_stops_at_the_limit() -> None:
    message = Message(headers=(("content-encoding", "gzip"),), body=gzip.compress(bytes(1 << 20)))
    message = Message(headers=message.headers, body=message.body, arrivals=((len(message.body), 0.0),))
    assert len(decode(message, 1000).data) == 1000


# --- JSON ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "value", "wrong"),
    [
        (b'{"a": 1}', {"a": 1}, set()),
        (b"\xef\xbb\xbf[1]", [1], {"bom"}),
        (b"\n\n[1]", [1], {"blank-lines"}),
        (b'["a\x00b"]', ["a\x00b"], {"control"}),
        (b'["\xff"]', ["\ufffd"], {"utf8"}),
        (b'["NaN"]', ["NaN"], set()),
    ],
)
def test_json_is_read_and_what_is_wrong_is_told(data: bytes, value: object, wrong: set[str]) -> None:
    text = read(data)
    assert (text.value, text.wrong) == (value, wrong)


def test_nan_is_a_number_that_is_none() -> None:
    assert read(b'{"prompt_tokens": NaN}').wrong == {"nan"}


@pytest.mark.parametrize(("data", "cut"), [(b'{"a": "b', True), (b'{"a": ', True), (b"oops", False), (b"", False)])
def test_json_that_ends_too_early_is_told_from_what_is_none(data: bytes, cut: bool) -> None:
    text = read(data)
    assert text.value is NOT_JSON
    assert text.cut is cut


# --- events -------------------------------------------------------------------------------------------------


def test_blocks_lines_and_what_belongs_to_none() -> None:
    events = stream(b"\n: ping\n\nid: 1\ndata: {}\n\n\nretry: 3\n\n{}\n\ndata: [DONE]")
    assert [len(one.lines) for one in events.blocks] == [1, 2, 1, 1, 1]
    assert len(events.extra) == 2
    first, second, third, fourth, last = events.blocks
    assert first.comments
    assert first.data is None
    assert (second.value(b"id"), second.data) == (b"1", b"{}")
    assert third.value(b"retry") == b"3"
    assert fourth.strays
    assert last.done
    assert last.blank == b""


@given(
    st.lists(st.sampled_from([b"data: {}", b"id: 1", b": x", b"", b"junk"])), st.sampled_from([b"\n", b"\r\n", b"\r"])
)
def test_every_byte_belongs_to_a_block_or_a_blank_line(lines: list[bytes], eol: bytes) -> None:
    data = eol.join([*lines, b""])
    events = stream(data)
    held = sum(one.end - one.start for one in events.blocks) + len(events.extra) * len(eol)
    assert held == len(data)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b'data: {"a": 1}\n\n', [{"a": 1}]),
        (b'data: {"a": 1}\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
        (b'data: {"a":\ndata: 1}\n\n', [{"a": 1}]),
        (b'data: {\n"a": 1\n}\n\n', [{"a": 1}]),
        (b'data: data: {"a": 1}\n\n', [{"a": 1}]),
        (b'{"a": 1}\n\n', [{"a": 1}]),
        (b'{\n"a": 1\n}\n\n', [{"a": 1}]),
        (b"data: [DONE]\n\n", []),
        (b": ping\n\n", []),
    ],
)
def test_what_was_meant_is_made_out(data: bytes, values: list[object]) -> None:
    assert [one.value for one in payloads(stream(data).blocks[0])] == values


# --- answers ------------------------------------------------------------------------------------------------


def chunk(delta: str, index: int = 0, finish: str = "null") -> bytes:
    return b'data: {"choices":[{"index":%d,"delta":%s,"finish_reason":%s}]}\n\n' % (
        index,
        delta.encode(),
        finish.encode(),
    )


def piece(fields: str) -> bytes:
    return chunk('{"tool_calls":[' + fields + "]}")


def test_text_reasons_and_done_of_several_choices() -> None:
    data = chunk('{"content":"A"}') + chunk('{"content":"B"}', 1) + chunk('{"content":"a"}') + chunk("{}", 0, '"stop"')
    answer = from_stream(stream(data + b"data: [DONE]\n\n"))
    assert (answer.text(0), answer.text(1)) == ("Aa", "B")
    assert not answer.finished  # the second choice does not say why it ended
    assert answer.done == (4,)


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        (['{"index":0,"id":"a"}', '{"index":0}', '{"index":1,"id":"b"}', '{"index":1}'], [2, 2]),
        (['{"index":0,"id":"a"}', '{"index":1,"id":"b"}', '{"index":0}', '{"index":1}'], [2, 2]),
        (['{"index":0,"id":"a"}', '{"index":0}', '{"index":0,"id":"b"}', '{"index":0}'], [2, 2]),
        (['{"id":"a"}', '{"id":"b"}'], [1, 1]),
        (['{"index":0,"id":"a"}', '{"index":0,"id":"a"}'], [2]),
        (['{"index":0,"id":"a"}', '{"index":1,"id":"a"}'], [1, 1]),
        (['{"index":0}', '{"index":0}'], [2]),
    ],
)
def test_pieces_are_gathered_into_the_calls_that_were_meant(pieces: list[str], calls: list[int]) -> None:
    answer = from_stream(stream(b"".join(piece(one) for one in pieces)))
    assert [len(call.pieces) for call in answer.calls] == calls


@pytest.mark.parametrize(
    ("value", "failed"),
    [
        ({"error": {"message": "no"}}, True),
        ({"error": None, "choices": []}, False),
        ({"object": "error", "message": "no"}, True),
        ({"detail": "no"}, True),
        ({"choices": [{"error": {"code": 502}}]}, True),
        ({"choices": [{"delta": {}}]}, False),
    ],
)
def test_errors_are_told_from_answers(value: object, failed: bool) -> None:
    assert bool(from_body(value).failures) is failed


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    answer = from_stream(stream(b"data: " + data))
    assert answer.text() == "" or isinstance(answer.text(), str)
    assert isinstance(answer.finished, bool)
