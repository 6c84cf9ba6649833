from __future__ import annotations

import gzip
import zlib

import pytest

from mockoai.faults.encoding import GZIP_HEADER, stored
from mockoai.scenario.model import ErrorReply, Lorem, Reply
from tests.support.planning import asked, body, fault, header, outcome, planned, writes

BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "body"])


@BOTH
def test_gzip_decodes_to_the_healthy_body(stream: bool) -> None:
    plan = planned(fault("gzip-sse-valid"), stream=stream)

    assert gzip.decompress(body(plan)) == body(planned(stream=stream))
    assert header(plan, "content-encoding") == ["gzip"]
    assert header(plan, "transfer-encoding") == ["chunked"]
    assert header(plan, "content-length") == []


def test_every_event_can_be_decoded_when_it_arrives() -> None:
    decoder = zlib.decompressobj(wbits=31)
    healthy = [step.data[step.lead : step.lead + step.body] for step in writes(planned()) if step.body]
    zipped = [
        step.data[step.lead : step.lead + step.body] for step in writes(planned(fault("gzip-sse-valid"))) if step.body
    ]

    assert [decoder.decompress(piece) for piece in zipped] == [*healthy, b""]
    assert decoder.eof


def test_the_compressed_bytes_are_the_same_everywhere() -> None:
    zipped = body(planned(fault("gzip-sse-valid")))
    first = body(planned()).index(b"\n\n") + 2

    assert zipped[:15] == GZIP_HEADER + b"\x00" + first.to_bytes(2, "little") + (first ^ 0xFFFF).to_bytes(2, "little")
    assert zipped[-13:-8] == b"\x01\x00\x00\xff\xff"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
def test_stored_blocks_hold_bodies_of_any_size(size: int) -> None:
    data = bytes(i % 251 for i in range(size))

    assert zlib.decompress(stored(data) + b"\x01\x00\x00\xff\xff", wbits=-15) == data


@pytest.mark.parametrize("keep", [0, 1, 65_535, 65_536, 70_000])
def test_stored_blocks_can_be_cut_anywhere(keep: int) -> None:
    data = bytes(i % 251 for i in range(100_000))
    cut = stored(data, keep)

    assert stored(data).startswith(cut)
    assert zlib.decompressobj(wbits=-15).decompress(cut) == data[:keep]


def test_a_truncated_gzip_stream_stops_at_the_place_in_a_whole_message() -> None:
    plan = planned(fault("gzip-truncated", after="2 tokens"))
    decoder = zlib.decompressobj(wbits=31)

    assert decoder.decompress(body(plan)) == b"".join(event + b"\n\n" for event in body(planned()).split(b"\n\n")[:3])
    assert not decoder.eof
    assert plan.data.endswith(b"0\r\n\r\n")
    assert plan.ending == "clean"


def test_half_of_a_json_body_is_half_of_its_bytes() -> None:
    healthy = body(planned(stream=False))
    plan = planned(fault("gzip-truncated", after="50%"), stream=False)

    assert zlib.decompressobj(wbits=31).decompress(body(plan)) == healthy[: len(healthy) // 2]


def test_nothing_but_the_head_of_a_gzip_stream() -> None:
    plan = planned(fault("gzip-truncated", after="headers"))

    assert body(plan) == b""
    assert header(plan, "content-encoding") == ["gzip"]


@pytest.mark.parametrize(("id", "coding"), [("gzip-claimed-not-gzipped", "gzip"), ("br-claimed-plain", "br")])
@BOTH
def test_a_coding_is_only_claimed(id: str, coding: str, stream: bool) -> None:
    plan = planned(fault(id), stream=stream)

    assert header(plan, "content-encoding") == [coding]
    assert body(plan) == body(planned(stream=stream))
    assert header(plan, "content-length") == header(planned(stream=stream), "content-length")


@BOTH
def test_a_byte_order_mark_is_part_of_the_body(stream: bool) -> None:
    plan = planned(fault("bom-before-body"), stream=stream)

    assert body(plan) == b"\xef\xbb\xbf" + body(planned(stream=stream))
    if not stream:
        assert header(plan, "content-length") == [str(len(body(plan)))]


def test_blank_lines_stand_before_json() -> None:
    plan = planned(fault("leading-blank-lines-json"), stream=False)

    assert body(plan) == b"\n\n\n" + body(planned(stream=False))
    assert outcome(planned(fault("leading-blank-lines-json")), "leading-blank-lines-json").why == (
        "the answer is streamed"
    )


@BOTH
def test_a_web_page_is_the_answer(stream: bool) -> None:
    plan = planned(fault("html-200"), stream=stream)

    assert plan.status == 200
    assert header(plan, "content-type") == ["text/html; charset=utf-8"]
    assert body(plan).startswith(b"<!DOCTYPE html>")


def test_a_long_stream_is_compressed_whole() -> None:
    long = Reply(lorem=Lorem(tokens=400))
    request = asked()

    assert gzip.decompress(body(planned(fault("gzip-sse-valid"), reply=long, request=request))) == body(
        planned(reply=long, request=request)
    )


@pytest.mark.parametrize("id", ["gzip-sse-valid", "gzip-truncated"])
def test_an_answer_without_a_body_has_nothing_to_compress(id: str) -> None:
    empty = Reply(error=ErrorReply(status=204))
    plan = planned(fault(id), reply=empty)

    assert plan.data == planned(reply=empty).data
    assert not outcome(plan, id).fired


def test_a_place_that_never_comes_leaves_the_gzip_stream_whole_and_is_reported() -> None:
    plan = planned(fault("gzip-truncated", after="99 tokens"))

    assert gzip.decompress(body(plan)) == body(planned())
    assert outcome(plan, "gzip-truncated").why.startswith("the answer has no place `99 tokens`")
