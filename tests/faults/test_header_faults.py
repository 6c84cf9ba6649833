from __future__ import annotations

from dataclasses import replace

import pytest

from mockoai.request import Request
from tests.support.planning import asked, body, fault, head, header, outcome, planned, writes


def test_a_field_is_set_in_its_place() -> None:
    before = [line.split(b":")[0] for line in head(planned()).split(b"\r\n")]
    plan = planned(fault("header-set", name="Content-Type", value="text/plain"))

    assert header(plan, "content-type") == ["text/plain"]
    assert [line.split(b":")[0].lower() for line in head(plan).split(b"\r\n")] == [name.lower() for name in before]


def test_a_new_field_is_the_last() -> None:
    assert head(planned(fault("header-set", name="x-new", value="1"))).endswith(b"\r\nx-new: 1\r\n\r\n")


@pytest.mark.parametrize("stream", [True, False])
def test_fields_are_left_out_by_glob(stream: bool) -> None:
    plan = planned(fault("header-missing", name="OpenAI-*"), stream=stream)

    assert b"openai-" in head(planned(stream=stream)).lower()
    assert b"openai-" not in head(plan).lower()
    assert body(plan) == body(planned(stream=stream))
    lines = [head(one).count(b"\r\n") - 2 for one in (plan, planned(stream=stream))]
    assert outcome(plan, "header-missing").why == f"left out {lines[1] - lines[0]} of {lines[1]} headers"


def test_a_field_that_is_not_there_cannot_be_left_out() -> None:
    plan = planned(fault("header-missing", name="x-nothing"))

    assert plan.data == planned().data
    assert outcome(plan, "header-missing").why == "the answer has no header `x-nothing`"


def test_the_request_id_is_the_clients() -> None:
    request = replace(asked(), headers=(("x-request-id", "mine"),))

    assert header(planned(fault("request-id-echo"), request=request), "x-request-id") == ["mine"]
    assert (
        outcome(planned(fault("request-id-echo")), "request-id-echo").why == "the request has no header `x-request-id`"
    )


def test_a_stream_closes_its_connection_and_says_so() -> None:
    plan = planned(fault("connection-close-on-stream"))

    assert header(plan, "connection") == ["close"]
    assert not plan.keep_alive
    assert plan.ending == "clean"


def test_a_connection_that_closes_anyway_is_not_the_faults_doing() -> None:
    plan = planned(fault("connection-close-on-stream"), request=replace(asked(), keep_alive=False))

    assert not outcome(plan, "connection-close-on-stream").fired


def test_one_header_is_70000_bytes() -> None:
    assert header(planned(fault("header-overflow-64k")), "x-trace") == ["a" * 70_000]


def test_the_head_has_no_carriage_returns() -> None:
    plan = planned(fault("lf-only-header-lines"))

    assert head(plan) == head(planned()).replace(b"\r\n", b"\n")
    assert body(plan) == body(planned())


@pytest.mark.parametrize("request_", [asked(), asked("models", stream=False)], ids=["stream", "models"])
def test_the_status_line_ends_behind_the_code(request_: Request) -> None:
    plan = planned(fault("no-reason-phrase"), request=request_)

    assert head(plan) == head(planned(request=request_)).replace(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200\r\n")


def test_an_interim_answer_comes_first() -> None:
    plan = planned(fault("unsolicited-100-continue"))

    assert plan.data == b"HTTP/1.1 100 Continue\r\n\r\n" + planned().data
    assert writes(plan)[0].faults == ("unsolicited-100-continue",)
    assert plan.status == 200


@pytest.mark.parametrize(
    ("name", "value"), [("X-Y", "a\r\nEvil: 1"), ("X Y", "a"), ("X-Y", "日本"), ("", "a"), ("a\n", "")]
)
@pytest.mark.parametrize("id", ["header-set", "trailers"])
def test_a_field_that_cannot_be_sent_as_it_is_said_is_refused(id: str, name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header field"):
        fault(id, name=name, value=value)
