from __future__ import annotations

import pytest

from mockoai.faults.segments import LEAST_GAP
from mockoai.plan.items import Wait, Write
from mockoai.plan.steps import Plan
from mockoai.scenario.model import Reply
from mockoai.wire import writer
from tests.support.planning import body, fault, outcome, planned, waits, writes

CAFE = Reply(text="café 😀", tokens=("café", " 😀"))


def pieces(plan: Plan) -> list[bytes]:
    """Return the bytes between waits: what is promised to be a segment of its own."""
    out = [b""]
    for step in plan.steps:
        if isinstance(step, Wait):
            out.append(b"")
        elif isinstance(step, Write):
            out[-1] += step.data
    return out


def test_characters_are_cut_behind_their_first_byte() -> None:
    plan = planned(fault("utf8-split-across-packets"), reply=CAFE)

    assert plan.data == planned(reply=CAFE).data
    assert [piece[-1:] for piece in pieces(plan)[:-1]] == [b"\xc3", b"\xf0"]
    assert [piece[:1] for piece in pieces(plan)[1:]] == [b"\xa9", b"\x9f"]
    assert [seconds for _, seconds in waits(plan)] == [0.01, 0.01]


def test_a_json_body_is_cut_too() -> None:
    plan = planned(fault("utf8-split-across-packets"), reply=CAFE, stream=False)

    assert plan.data == planned(reply=CAFE, stream=False).data
    assert len(waits(plan)) == 2


def test_text_in_ascii_has_no_character_to_cut() -> None:
    plan = planned(fault("utf8-split-across-packets"))

    assert plan.steps == planned().steps
    assert not outcome(plan, "utf8-split-across-packets").fired


def test_line_ends_are_cut_in_two_where_they_are_of_two_bytes() -> None:
    plan = planned(fault("sse-crlf"), fault("sse-crlf-split"))
    cut = pieces(plan)

    assert plan.data == planned(fault("sse-crlf")).data
    assert len(cut) == body(plan).count(b"\r\n") + 1
    assert all(piece.endswith(b"\r") for piece in cut[:-1])
    assert all(piece.startswith(b"\n") for piece in cut[1:])


def test_line_ends_of_one_byte_cannot_be_cut() -> None:
    assert not outcome(planned(fault("sse-crlf-split")), "sse-crlf-split").fired


def test_field_names_are_cut_in_two() -> None:
    cut = pieces(planned(fault("sse-split-field-name")))

    assert all(piece.endswith(b"\nda") for piece in cut[:-1])
    assert all(piece.startswith(b"ta: ") for piece in cut[1:])


@pytest.mark.parametrize("gap", [0.0, 0.001])
def test_a_gap_is_never_too_short_to_be_one(gap: float) -> None:
    plan = planned(fault("sse-split-field-name", gap=gap))

    assert {seconds for _, seconds in waits(plan)} == {LEAST_GAP}


def test_only_the_last_piece_completes_an_event() -> None:
    plan = planned(fault("sse-split-field-name"), fault("rst-mid-stream", after="2 tokens"))

    assert body(plan) == b"".join(event + b"\n\n" for event in body(planned()).split(b"\n\n")[:3])


def test_bytes_are_counted_across_the_pieces() -> None:
    plan = planned(fault("byte-dribble"), fault("fin-mid-chunked", after="100 bytes"))

    assert body(plan) == body(planned())[:100]
    assert all(step.body <= 1 for step in writes(plan))


def test_the_writer_keeps_gaps_as_short_as_these() -> None:
    assert LEAST_GAP >= writer.LEAST_GAP
