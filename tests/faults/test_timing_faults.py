from __future__ import annotations

import re

import pytest

from mockoai.faults import timing
from mockoai.plan.duration import Duration
from mockoai.plan.items import Wait
from mockoai.scenario.model import Lorem, Reply
from tests.support.planning import GAPS, HEALTHY, body, fault, outcome, planned, shown, waits, writes

BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "body"])
SIX = Reply(lorem=Lorem(tokens=11))


def times(plan: object) -> list[float]:
    return [round(step.at, 6) for step in writes(plan)]  # type: ignore[arg-type]


@BOTH
def test_nothing_comes_before_the_head(stream: bool) -> None:
    plan = planned(fault("slow-headers", for_=30.0), stream=stream)

    assert isinstance(plan.steps[0], Wait)
    assert waits(plan) == [(0.0, 30.0)]
    assert set(times(plan)) == {30.0}
    assert plan.data == planned(stream=stream).data


def test_the_head_and_the_role_come_at_once_and_the_first_token_late() -> None:
    plan = planned(fault("slow-first-token", for_=30.0))

    assert waits(plan) == [(0.0, 30.0)]
    assert times(plan)[:4] == [0.0, 0.0, 30.0, 30.0]


def test_the_sentinel_is_late() -> None:
    plan = planned(fault("stall-before-done", for_=30.0))

    assert [step.mark for step in writes(plan) if step.at] == ["done", "end"]
    assert set(times(plan)) == {0.0, 30.0}


def test_silence_after_the_third_token() -> None:
    plan = planned(fault("stall-mid-stream", after="3 tokens", for_=30.0), timing=GAPS)
    healthy = times(planned(timing=GAPS))

    assert waits(plan) == [(pytest.approx(0.3), 30.0)]
    assert times(plan) == [at if at <= 0.3 else round(at + 30.0, 6) for at in healthy]
    assert plan.data == planned(timing=GAPS).data


def test_silence_inside_an_http_chunk() -> None:
    plan = planned(fault("stall-mid-stream", after="10 bytes", for_=1.0))
    first, second = writes(plan)[1:3]

    assert (first.body, first.at, second.at) == (10, 0.0, 1.0)
    assert plan.data == planned().data


def test_silence_from_a_moment_on() -> None:
    plan = planned(fault("stall-mid-stream", after="0.22s", for_=1.0), timing=GAPS)

    assert waits(plan) == [(pytest.approx(0.22), 1.0)]
    assert times(plan)[3:5] == [1.25, 1.3]


def test_half_of_a_body_comes_late() -> None:
    plan = planned(fault("stall-mid-stream", after="50%", for_=1.0), stream=False)
    size = len(body(plan))

    assert [step.body for step in writes(plan)] == [0, size // 2, size - size // 2]
    assert times(plan) == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("end", "nothing follows `end`"),
        ("50 tokens", "the answer has no place `50 tokens`: it ends after 5 tokens"),
        ("2s", "the answer has no place `2s`"),
    ],
)
def test_a_stall_behind_everything_is_none(after: str, why: str) -> None:
    plan = planned(fault("stall-mid-stream", after=after, for_=1.0))

    assert plan.steps == planned().steps
    assert outcome(plan, "stall-mid-stream").why.startswith(why)


def test_waits_add_up() -> None:
    plan = planned(fault("slow-headers", for_=1.0), fault("stall-mid-stream", after="1 token", for_=2.0))

    assert waits(plan) == [(0.0, 1.0), (1.0, 2.0)]
    assert times(plan)[-1] == 3.0


@pytest.mark.parametrize(("headers", "early"), [(False, 1), (True, 0)])
def test_the_stream_comes_when_it_is_complete(headers: bool, early: int) -> None:
    plan = planned(fault("full-buffering", headers=headers), timing=GAPS)

    assert times(plan) == [0.0] * early + [0.4] * (len(writes(plan)) - early)
    assert plan.data == planned(timing=GAPS).data
    assert re.fullmatch(r"held \d+ writes back until 0\.4s", outcome(plan, "full-buffering").why)


def test_a_stream_that_leaves_at_once_cannot_be_buffered() -> None:
    plan = planned(fault("full-buffering"))

    assert plan.steps == planned().steps
    assert "give the rule a `timing`" in outcome(plan, "full-buffering").why


@BOTH
def test_one_byte_every_two_milliseconds(stream: bool) -> None:
    plan = planned(fault("byte-dribble"), stream=stream)
    head, *rest = writes(plan)

    assert plan.data == planned(stream=stream).data
    assert {len(step.data) for step in rest} == {1}
    assert [step.at for step in rest] == pytest.approx([0.002 * (i + 1) for i in range(len(rest))])
    assert head.at == 0.0
    assert len(waits(plan)) == len(rest)


def test_pieces_of_another_size() -> None:
    plan = planned(fault("byte-dribble", size=100, gap=0.5))

    assert max(len(step.data) for step in writes(plan)[1:]) == 100
    assert {seconds for _, seconds in waits(plan)} == {0.5}


def test_a_dribble_has_a_bounded_number_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "DRIBBLED", 300)
    plan = planned(fault("byte-dribble"))
    whole = planned()

    assert plan.data == whole.data
    sizes = [len(step.data) for step in writes(plan)[1:]]
    assert len(waits(plan)) == 300
    assert sizes[:299] == [1] * 299
    # The rest of the event that was being cut, and the ones behind it as they are.
    assert sizes[300:] == [len(step.data) for step in writes(whole)][-len(sizes[300:]) :]
    assert len(sizes[300:]) > 2


def test_jitter_is_drawn_for_every_piece_and_the_same_every_time() -> None:
    delay = Duration("uniform", 0.0, 0.08)
    one = planned(fault("jitter", delay=delay))

    assert one.steps == planned(fault("jitter", delay=delay)).steps
    drawn = [seconds for _, seconds in waits(one)]
    assert len(drawn) == len(set(drawn)) == 8
    assert all(0 <= seconds <= 0.08 for seconds in drawn)
    assert one.duration == pytest.approx(sum(drawn))


def test_bursts_of_five_with_pauses() -> None:
    plan = planned(fault("burst-then-pause", burst=5, pause=0.5), reply=SIX)

    assert times(plan) == [0.0] * 6 + [0.5] * 5 + [1.0] * 5
    assert waits(plan) == [(0.0, 0.5), (0.5, 0.5)]
    assert plan.data == planned(reply=SIX).data


def test_a_burst_waits_until_it_is_full() -> None:
    plan = planned(fault("burst-then-pause", burst=3, pause=0.5), timing=GAPS)

    # Three events are there at 0.25 s, six at 0.4 s, and the last two at the end.
    assert times(plan) == [0.0, *[0.25] * 3, *[0.9] * 3, *[1.4] * 3]


def test_one_burst_has_no_pause() -> None:
    plan = planned(fault("burst-then-pause", burst=50))

    assert plan.steps == planned().steps
    assert outcome(plan, "burst-then-pause").why == "the answer has no more than 50 events"


def test_a_minute_of_comments() -> None:
    plan = planned(fault("keepalive-comments-only", every=10.0, for_=60.0))
    signs = [step for step in writes(plan) if step.faults]

    assert shown(body(plan)) == b": keep-alive\n\n" * 6 + HEALTHY
    assert [step.at for step in signs] == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    assert writes(plan)[0].at == 0.0
    assert writes(plan)[-1].at == 60.0


def test_a_minute_of_blank_lines_counts_for_the_length() -> None:
    plan = planned(fault("keepalive-newlines-nonstream", every=20.0, for_=60.0), stream=False)

    assert body(plan) == b"\n\n\n" + body(planned(stream=False))
    assert b"Content-Length: %d\r\n" % len(body(plan)) in plan.data
    assert [step.at for step in writes(plan)] == [0.0, 20.0, 40.0, 60.0, 60.0]


def test_signs_that_come_too_seldom_never_come() -> None:
    plan = planned(fault("keepalive-comments-only", every=10.0, for_=5.0))

    assert plan.data == planned().data
    assert outcome(plan, "keepalive-comments-only").why == "`every` is longer than `for`"


def test_a_cut_during_a_stall_shortens_the_wait() -> None:
    plan = planned(fault("stall-mid-stream", after="3 tokens", for_=600.0), fault("fin-mid-chunked", after="60s"))

    assert waits(plan) == [(0.0, 60.0)]
    assert (plan.ending, plan.duration) == ("fin", 60.0)
    assert all(one.fired for one in plan.faults)


def test_a_silence_can_be_drawn_and_is_the_same_every_time() -> None:
    drawn = planned(fault("slow-headers", for_=Duration("uniform", 1.0, 2.0)))

    assert 1.0 <= drawn.duration <= 2.0
    assert drawn.steps == planned(fault("slow-headers", for_=Duration("uniform", 1.0, 2.0))).steps
