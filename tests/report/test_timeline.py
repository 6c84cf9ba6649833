"""Time lines: what lies where on the track, however long a plan is and whatever came of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockoai.report.timeline import Axis, axis, requests, seconds, time_line

Json = dict[str, Any]


def step(at: float, sent: float | None, *, seconds: float | None = None, faults: tuple[str, ...] = ()) -> Json:
    more = {"bytes": 1, "text": "x"} if seconds is None else {"seconds": seconds}
    kind = "event" if seconds is None else "wait"
    return {"step": 1, "at": at, "sent": sent, "kind": kind, "faults": list(faults), **more}


def exchange(*steps: Json, at: float | None, actual: str | None = "clean", number: int = 1) -> Json:
    return {
        "number": number,
        "status": 200,
        "received": 100.0 + number,
        "faults": [],
        "sent": {"bytes": 1, "steps": sum(one["sent"] is not None for one in steps), "of_steps": len(steps)},
        "plan": {"steps": list(steps)},
        "ending": {"planned": "clean", "actual": actual, "at": at},
    }


WHOLE = exchange(step(0.0, 0.01), step(1.0, 1.01, faults=("late",)), step(2.0, 2.01), at=2.01)
LEFT = exchange(
    step(0.0, 0.0), step(0.0, None, seconds=600.0, faults=("stall",)), step(600.0, None), at=3.0, actual="client-left"
)


def tracks(*exchanges: Json) -> list[str]:
    """Return what is drawn, planned and sent of each, on the axis that all have in common."""
    common = axis(exchanges)
    return [track for one in exchanges for track in re.findall(r"<svg.*?</svg>", "".join(time_line(one, common)), re.S)]


def bars(text: str) -> list[tuple[int, int]]:
    """Return where every bar starts and how wide it is."""
    return [(int(x), int(wide)) for x, wide in re.findall(r'<rect class="bar" x="(\d+)" y="3" width="(\d+)"', text)]


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    planned, sent = tracks(WHOLE)
    assert bars(planned) == [(0, round(2 / 2.01 * 1000))]
    assert bars(sent) == [(0, 1000)]


def test_exchanges_of_a_case_have_one_axis() -> None:
    half = exchange(step(0.0, 0.0), step(1.005, 1.005), at=1.005)
    assert [bars(one)[0][1] for one in tracks(WHOLE, half)][2:] == [500, 500]


def test_what_a_fault_made_is_told_from_the_rest() -> None:
    planned, sent = tracks(WHOLE)
    assert '<path class="fault" d="M498 2v18"><title>late: step 1, event at 1.00 s</title></path>' in planned
    assert '<path class="fault" d="M502 2v18">' in sent
    assert '<path class="step" d="M0 3v16M995 3v16"/>' in planned


def test_a_plan_that_nobody_stayed_for_does_not_hide_what_happened() -> None:
    planned, sent = tracks(LEFT)
    assert bars(planned) == [(0, 1000)]
    assert 'class="beyond"' in planned
    assert bars(sent) == [(0, 500)]
    assert 'class="beyond"' not in sent


def test_a_silence_that_the_client_left_is_drawn_until_then() -> None:
    assert '<path class="silent fault" d="M0 11H500">' in tracks(LEFT)[1]


def test_what_leaves_at_once_does_not_look_late() -> None:
    at_once = exchange(step(0.0, 0.001), step(0.0, 0.001), at=0.001)
    assert [bars(one) for one in tracks(at_once)] == [[(0, 1)], [(0, 10)]]


def test_many_steps_of_one_fault_are_drawn_together() -> None:
    dribble = exchange(*(step(n / 1000, n / 1000, faults=("byte-dribble",)) for n in range(5000)), at=5.0)
    planned, sent = tracks(dribble)
    for one in (planned, sent):
        assert one.count("<path") == 2  # the grid and the strokes
        assert "byte-dribble: 5000 steps from 0 to 5.00 s" in one
        assert len(one) < 20_000


def test_what_is_under_way_says_so() -> None:
    text = "".join(time_line(exchange(step(0.0, 0.5), at=None, actual=None), Axis(1.0)))
    assert "under way" in text
    assert bars(text)[1] == (0, 500)


def test_another_ending_than_planned_stands_out() -> None:
    assert '<span class="warn">client left</span> at 3.00 s' in "".join(time_line(LEFT, axis([LEFT])))
    assert "clean at 2.01 s" in "".join(time_line(WHOLE, axis([WHOLE])))


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (0.1, [0, 0.02, 0.04, 0.06, 0.08, 0.1]),
        (0.3, [0, 0.1, 0.2, 0.3]),
        (2.01, [0, 0.5, 1, 1.5, 2]),
        (4.0, [0, 1, 2, 3, 4]),
        (600.0, [0, 200, 400, 600]),
        (1e6, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]),
    ],
)
def test_an_axis_is_named_at_round_moments(length: float, labels: list[float]) -> None:
    assert Axis(length).labels() == pytest.approx(labels)


def test_requests_lie_one_below_another_with_the_time_between_them() -> None:
    first, second = WHOLE, WHOLE | {"number": 2, "received": 104.01}
    text = "".join(requests([first, second], 100.0, 10.0))
    assert bars(text) == [(100, 201), (401, 201)]
    assert re.findall(r'<span class="ends dim">(.*?)</span>', text) == ["", "1.00 s later"]


def test_requests_side_by_side_have_no_time_between_them() -> None:
    text = "".join(requests([WHOLE, WHOLE | {"number": 2}], 100.0, 10.0))
    assert "later" not in text


def test_of_very_many_requests_the_first_are_drawn() -> None:
    text = "".join(requests([WHOLE] * 200, 100.0, 10.0))
    assert len(bars(text)) == 60
    assert "140 more requests are below" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.00123, "1.2 ms"), (0.0456, "46 ms"), (0.9996, "1.00 s"), (12.345, "12.35 s"), (300, "300 s")],
)
def test_durations_are_short(value: float, text: str) -> None:
    assert seconds(value) == text
