from __future__ import annotations

from dataclasses import replace

import pytest

from mockoai.plan.items import End, Write
from mockoai.scenario.model import ErrorReply, Reply
from tests.support.planning import GAPS, asked, body, fault, head, header, outcome, planned, writes

BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "body"])
NO_CONTENT = Reply(error=ErrorReply(status=204))


def after_head(plan: object) -> bytes:
    return plan.data.removeprefix(head(plan))  # type: ignore[attr-defined, no-any-return, arg-type]


@BOTH
def test_a_length_is_too_long_and_the_connection_closes(stream: bool) -> None:
    plan = planned(fault("content-length-too-long", by=1000), stream=stream)
    size = len(body(planned(stream=stream)))

    assert header(plan, "content-length") == [str(size + 1000)]
    assert header(plan, "transfer-encoding") == []
    assert after_head(plan) == body(planned(stream=stream))
    assert plan.ending == "fin"
    assert header(plan, "connection") == ["keep-alive"]


def test_a_length_is_too_long_and_nothing_more_comes() -> None:
    assert planned(fault("content-length-too-long", then="hang")).ending == "hang"


@BOTH
def test_a_length_is_too_short_and_everything_is_sent(stream: bool) -> None:
    plan = planned(fault("content-length-too-short", by=100), stream=stream)
    healthy = body(planned(stream=stream))

    assert header(plan, "content-length") == [str(len(healthy) - 100)]
    assert after_head(plan) == healthy
    assert (plan.ending, plan.keep_alive) == ("clean", True)


def test_a_body_shorter_than_what_is_to_be_missing_is_left_alone() -> None:
    plan = planned(fault("content-length-too-short", by=10**6), stream=False)

    assert plan.data == planned(stream=False).data
    assert outcome(plan, "content-length-too-short").why.startswith("the body has only ")


@BOTH
def test_two_lengths_differ(stream: bool) -> None:
    plan = planned(fault("duplicate-content-length", by=10), stream=stream)
    size = len(body(planned(stream=stream)))

    assert header(plan, "content-length") == [str(size), str(size + 10)]
    assert after_head(plan) == body(planned(stream=stream))


@BOTH
def test_a_length_and_chunks(stream: bool) -> None:
    plan = planned(fault("content-length-and-chunked"), stream=stream)
    healthy = body(planned(stream=stream))

    assert header(plan, "content-length") == [str(len(healthy))]
    assert header(plan, "transfer-encoding") == ["chunked"]
    assert plan.data.endswith(b"\r\n0\r\n\r\n")
    assert body(plan) == healthy


def test_a_head_that_waits_for_the_length_still_leaves_at_its_time() -> None:
    plan = planned(fault("content-length-too-short"), timing=GAPS)

    assert [step.at for step in writes(plan)] == [
        step.at for step in writes(planned(timing=GAPS)) if step.mark != "end"
    ]


@BOTH
def test_a_chunk_size_is_no_number(stream: bool) -> None:
    plan = planned(fault("bad-chunk-size", at="2 tokens"), stream=stream)
    broken = [step for step in writes(plan) if step.data.startswith(b"ZZ\r\n")]

    assert len(broken) == 1
    assert broken[0].faults == ("bad-chunk-size",)
    assert broken[0].data.endswith(b"\r\n")
    assert body(plan) == body(planned(stream=stream))
    if stream:
        assert b'" two"' in broken[0].data


@BOTH
def test_a_trailer_is_announced_and_sent(stream: bool) -> None:
    plan = planned(fault("trailers", name="X-Err", value="late"), stream=stream)

    assert header(plan, "trailer") == ["X-Err"]
    assert header(plan, "transfer-encoding") == ["chunked"]
    assert plan.data.endswith(b"0\r\nX-Err: late\r\n\r\n")


def test_a_head_with_200_and_not_one_byte() -> None:
    plan = planned(fault("error-after-headers-nonstream"), stream=False)

    assert plan.data == head(plan)
    assert header(plan, "transfer-encoding") == ["chunked"]
    assert plan.ending == "fin"
    assert not outcome(planned(fault("error-after-headers-nonstream")), "error-after-headers-nonstream").fired


@BOTH
def test_a_body_ends_with_the_connection(stream: bool) -> None:
    plan = planned(fault("close-delimited-ok"), stream=stream)

    assert header(plan, "content-length") == header(plan, "transfer-encoding") == []
    assert header(plan, "connection") == ["close"]
    assert after_head(plan) == body(planned(stream=stream))
    assert (plan.ending, plan.keep_alive) == ("clean", False)


def test_a_body_that_ends_with_the_connection_can_be_cut() -> None:
    plan = planned(fault("close-delimited-ok"), fault("fin-mid-chunked", after="2 tokens"))

    assert after_head(plan) == b"".join(event + b"\n\n" for event in body(planned()).split(b"\n\n")[:3])
    assert plan.ending == "fin"
    assert all(one.fired for one in plan.faults)


@BOTH
def test_http_1_0_has_no_chunks_and_closes(stream: bool) -> None:
    plan = planned(fault("http10-response"), stream=stream)

    assert head(plan).startswith(b"HTTP/1.0 200 OK\r\n")
    assert header(plan, "transfer-encoding") == []
    assert header(plan, "connection") == ["close"]
    assert after_head(plan) == body(planned(stream=stream))
    assert not plan.keep_alive


def test_a_client_of_http_1_0_has_a_close_delimited_body_as_it_is() -> None:
    old = replace(asked(), http_version="1.0", keep_alive=False)

    assert outcome(planned(fault("close-delimited-ok"), request=old), "close-delimited-ok").why == (
        "it is delimited so as it is"
    )


@pytest.mark.parametrize(
    "id",
    [
        "content-length-too-long",
        "content-length-too-short",
        "duplicate-content-length",
        "content-length-and-chunked",
        "bad-chunk-size",
        "trailers",
        "close-delimited-ok",
    ],
)
def test_an_answer_without_a_body_has_no_framing_to_break(id: str) -> None:
    plan = planned(fault(id), reply=NO_CONTENT)

    assert plan.data == planned(reply=NO_CONTENT).data
    assert outcome(plan, id).why == "the answer has no body"


def test_an_end_that_a_fault_of_the_body_made_is_the_only_one() -> None:
    plan = planned(fault("content-length-too-long"), fault("full-buffering"), timing=GAPS)

    assert [type(step) for step in plan.steps].count(End) == 1
    assert isinstance(plan.steps[-2], Write)
    assert body(plan) == body(planned(timing=GAPS))
