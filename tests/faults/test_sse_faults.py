from __future__ import annotations

import json

import orjson
import pytest

from mockoai.scenario.model import LiteralEvent
from tests.support.planning import HEALTHY, TOKENS, asked, body, fault, outcome, planned, shown

LF, CRLF = b"\n", b"\r\n"


@pytest.mark.parametrize(
    ("id", "old", "new"),
    [
        ("sse-crlf", b"\n", b"\r\n"),
        ("sse-cr-only", b"\n", b"\r"),
        ("sse-mixed-eol", b"\n\n", b"\r\n\n"),
        ("sse-no-space", b"data: ", b"data:"),
        ("sse-two-spaces", b"data: ", b"data:  "),
        ("sse-missing-data-prefix", b"data: ", b""),
        ("sse-double-data-prefix", b"data: ", b"data: data: "),
        ("sse-missing-blank-line", b"\n\n", b"\n"),
    ],
)
def test_every_event_is_rewritten(id: str, old: bytes, new: bytes) -> None:
    plan = planned(fault(id))

    assert shown(body(plan)) == HEALTHY.replace(old, new)
    assert outcome(plan, id).fired


@pytest.mark.parametrize("id", ["sse-crlf", "sse-no-space", "sse-missing-blank-line", "sse-event-name"])
def test_an_answer_that_is_not_streamed_has_no_events_to_rewrite(id: str) -> None:
    plan = planned(fault(id), stream=False)

    assert plan.data == planned(stream=False).data
    assert outcome(plan, id).why == "the answer is not streamed"


def test_completions_streams_are_rewritten_too() -> None:
    request = asked("completions")

    assert body(planned(fault("sse-crlf"), request=request)) == body(planned(request=request)).replace(LF, CRLF)


def test_comments_get_the_line_ends_of_a_fault_that_is_listed_behind_them() -> None:
    assert body(planned(fault("sse-comment-ping"), fault("sse-crlf"))).startswith(b": ping\r\n\r\n")
    assert body(planned(fault("sse-crlf"), fault("sse-comment-ping"))).startswith(b": ping\n\n")


def test_raw_newlines_leave_all_lines_but_the_first_without_a_prefix() -> None:
    first = body(planned(fault("sse-raw-newlines-in-data"))).split(b"\n\n")[0].split(LF)

    assert first[0] == b"data: {"
    assert first[1].startswith(b'  "id": "chatcmpl-')
    assert first[-1] == b"}"


def test_multiline_data_joins_to_the_same_json() -> None:
    healthy = body(planned()).split(b"\n\n")
    spread = body(planned(fault("sse-multiline-data"))).split(b"\n\n")

    assert len(spread) == len(healthy)
    for before, after in zip(healthy[:-2], spread[:-2], strict=True):
        lines = after.split(LF)
        assert len(lines) > 10
        assert all(line.startswith(b"data: ") for line in lines)
        assert json.loads(LF.join(line[6:] for line in lines)) == json.loads(before[6:])
    assert spread[-2] == b"data: [DONE]"


def test_event_names_and_numbers_stand_before_the_data() -> None:
    named = shown(body(planned(fault("sse-event-name", name="completion"))))
    numbered = shown(body(planned(fault("sse-id-every-event", first=7))))

    assert named == HEALTHY.replace(b"data: ", b"event: completion\ndata: ")
    assert numbered.startswith(b"id: 7\ndata: {role}\n\nid: 8\ndata: {One}\n\n")
    assert numbered.endswith(b"id: 14\ndata: [DONE]\n\n")


def test_a_truncated_event_keeps_its_first_bytes_and_its_blank_line() -> None:
    healthy = body(planned()).split(b"\n\n")
    events = body(planned(fault("sse-truncated-json-event", at="2 tokens", keep=64))).split(b"\n\n")

    assert events[2] == healthy[2][: len(b"data: ") + 64]
    assert [*events[:2], *events[3:]] == [*healthy[:2], *healthy[3:]]


def test_an_event_shorter_than_what_is_kept_is_not_truncated() -> None:
    plan = planned(fault("sse-truncated-json-event", at="done", keep=64))

    assert body(plan) == body(planned())
    assert outcome(plan, "sse-truncated-json-event").why == "the event at `done` has only 6 bytes of data"


def test_the_last_event_lacks_its_blank_line_and_done_is_gone() -> None:
    plan = planned(fault("sse-last-event-unterminated"))

    assert shown(body(plan)) == HEALTHY.removesuffix(b"\ndata: [DONE]\n\n")
    assert plan.data.endswith(b"}\n\r\n0\r\n\r\n")
    assert plan.ending == "clean"


def test_the_usage_is_the_event_that_is_lost_when_it_is_the_last() -> None:
    request = asked(stream_options={"include_usage": True})
    last = body(planned(fault("sse-last-event-unterminated"), request=request)).split(b"\n\n")[-1]

    assert orjson.loads(last.removeprefix(b"data: "))["usage"]["completion_tokens"] == len(TOKENS)


@pytest.mark.parametrize("id", ["sse-event-name", "sse-id-every-event", "json-array-for-stream", "ndjson-for-stream"])
def test_a_comment_is_no_event_to_be_changed(id: str) -> None:
    changed = body(planned(fault("sse-comment-ping"), fault(id)))

    if id.startswith("sse-"):
        assert changed.startswith(b": ping\n\n")
        assert b"\n: ping\n\n" in changed
    else:
        assert b"ping" not in changed
    assert outcome(planned(fault("sse-comment-ping"), fault(id)), id).fired


@pytest.mark.parametrize("id", ["sse-last-event-unterminated", "full-buffering", "burst-then-pause"])
def test_a_stream_without_any_event_has_no_last_one(id: str) -> None:
    events = (LiteralEvent(comment="nothing"),)
    plan = planned(fault(id), events=events if id != "sse-last-event-unterminated" else ())

    assert plan.data == planned(events=events if id != "sse-last-event-unterminated" else ()).data
    assert not outcome(plan, id).fired


def test_nothing_behind_the_unterminated_chunk_is_sent() -> None:
    events = (
        LiteralEvent(data="x", has_data=True),
        LiteralEvent(comment="ping"),
        LiteralEvent(data="[DONE]", has_data=True),
    )
    plan = planned(fault("sse-last-event-unterminated"), events=events)

    assert body(plan) == b"data: x\n"
    assert body(planned(fault("sse-last-event-unterminated"), events=events[1:])) == b": ping\n\ndata: [DONE]\n\n"
