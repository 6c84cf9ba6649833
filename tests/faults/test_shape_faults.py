from __future__ import annotations

import orjson
import pytest

from mockoai.scenario.model import ErrorReply, LiteralEvent, Reply
from tests.support.planning import TOKENS, asked, body, fault, header, outcome, planned, writes


def chunks(data: bytes) -> list[object]:
    return [orjson.loads(event[6:]) for event in data.split(b"\n\n") if event.startswith(b"data: {")]


def test_a_stream_is_the_answer_to_a_request_for_an_object() -> None:
    plan = planned(fault("sse-for-nonstream-request"), stream=False)

    assert plan.stream
    assert header(plan, "content-type") == ["text/event-stream; charset=utf-8"]
    assert body(plan).endswith(b"data: [DONE]\n\n")
    assert outcome(plan, "sse-for-nonstream-request").fired


@pytest.mark.parametrize("request_", [asked(), asked("models", stream=False)], ids=["stream", "models"])
def test_what_is_streamed_already_or_never_is_not_forced(request_: object) -> None:
    plan = planned(fault("sse-for-nonstream-request"), request=request_)  # type: ignore[arg-type]

    assert plan.data == planned(request=request_).data  # type: ignore[arg-type]
    assert not outcome(plan, "sse-for-nonstream-request").fired


def test_the_whole_object_is_one_event() -> None:
    plan = planned(fault("full-completion-as-chunk"))
    event, done, rest = body(plan).split(b"\n\n")

    assert orjson.loads(event.removeprefix(b"data: "))["choices"][0]["message"]["content"] == "".join(TOKENS)
    assert (done, rest) == (b"data: [DONE]", b"")
    assert not outcome(planned(fault("full-completion-as-chunk"), stream=False), "full-completion-as-chunk").fired


def test_an_error_is_not_put_into_an_event() -> None:
    reply = Reply(error=ErrorReply(status=500, message="no"))
    plan = planned(fault("full-completion-as-chunk"), reply=reply)

    assert plan.data == planned(reply=reply).data


def test_the_chunks_are_an_array() -> None:
    assert orjson.loads(body(planned(fault("json-array-for-stream")))) == chunks(body(planned()))


def test_the_chunks_are_lines() -> None:
    lines = body(planned(fault("ndjson-for-stream"))).splitlines()

    assert [orjson.loads(line) for line in lines] == chunks(body(planned()))


def test_the_stream_is_one_http_chunk() -> None:
    plan = planned(fault("sse-many-events-per-segment"))

    assert [step.mark for step in writes(plan)] == ["headers", "done", "end"]
    assert body(plan) == body(planned())
    assert plan.events == planned().events


@pytest.mark.parametrize("stream", [True, False])
def test_created_lies_in_the_future_and_moves(stream: bool) -> None:
    plan = planned(fault("clock-skew-created", by=3600, step=2), stream=stream)
    answers = chunks(body(plan)) if stream else [orjson.loads(body(plan))]
    now = (chunks(body(planned()))[0])["created"]  # type: ignore[index]

    assert [one["created"] for one in answers] == [  # type: ignore[index]
        now + 3600 + 2 * number for number in range(len(answers))
    ]


def test_one_chunk_is_one_chunk_already() -> None:
    events = (LiteralEvent(data="only", has_data=True),)
    plan = planned(fault("sse-many-events-per-segment"), events=events)

    assert plan.data == planned(events=events).data
    assert outcome(plan, "sse-many-events-per-segment").why == "there is only one chunk"


def test_no_chunks_are_an_empty_array() -> None:
    events = (LiteralEvent(comment="ping"), LiteralEvent(data="[DONE]", has_data=True))

    assert body(planned(fault("json-array-for-stream"), events=events)) == b"[]"
    assert body(planned(fault("ndjson-for-stream"), events=events)) == b""
