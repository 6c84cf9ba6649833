"""How long a client waits before it tries again."""

from __future__ import annotations

from itertools import accumulate
from random import Random

import pytest

from tests.support.judging import QUESTION, Story


def limited(headers: str = "x-a: b", status: int = 429) -> Story:
    return Story(f"id: s\nrules: [{{ reply: {{ error: {{ status: {status}, headers: {{ {headers} }} }} }} }}]")


def retried(story: Story, *moments: float, **more: object) -> Story:
    for number, at in enumerate(moments):
        story.ask(at, headers={"x-stainless-retry-count": str(number)}, **more)  # type: ignore[arg-type]
    return story


# --- retry-after-ignored ----------------------------------------------------------------------------------

LATER = "retry-after: 'Thu, 01 Jan 2026 00:00:10 GMT'"  # ten seconds after the story begins


@pytest.mark.parametrize(
    ("headers", "gap", "severity"),
    [
        ("retry-after: '2'", 1.0, "failure"),
        ("retry-after: '2'", 1.89, "failure"),
        ("retry-after: '2'", 1.91, None),
        ("retry-after: '2'", 5.0, None),
        ("retry-after: '0.5'", 0.3, "info"),
        ("retry-after-ms: '300'", 0.2, "warning"),
        ("retry-after-ms: '300'", 0.29, None),
        ("retry-after-ms: '200'", 0.182, None),
        ("retry-after-ms: '100', retry-after: '5'", 0.5, None),
        ("retry-after-ms: '5000', retry-after: '1'", 1.0, None),
        ("retry-after-ms: '5000', retry-after: '1'", 0.5, "failure"),
        (LATER, 3.0, "failure"),
        (LATER, 8.6, None),
        ("retry-after: '60'", 1.0, "failure"),
        ("retry-after: '61'", 0.7, "warning"),
        ("retry-after: '121'", 0.7, "warning"),
        ("retry-after: '121'", 30.0, None),
        ("retry-after: '86400'", 60.0, None),
        ("retry-after: '-5'", 0.5, None),
        ("retry-after: 'soon'", 0.5, None),
        ("retry-after: '0'", 0.0, None),
        ("x-a: b", 0.5, None),
    ],
    ids=str,
)
def test_the_wait_that_was_asked_for(headers: str, gap: float, severity: str | None) -> None:
    story = retried(limited(headers), 0, gap)
    expected = {} if severity is None else {"retry-after-ignored": severity}
    assert story.found(story.raised()) == expected


def test_of_two_that_differ_neither_is_asked_for() -> None:
    wire = "HTTP/1.1 429 Too Many\\r\\nretry-after: 9\\r\\nretry-after: %s\\r\\ncontent-length: 0\\r\\n\\r\\n"
    for second, found in (("1", {}), ("9", {"retry-after-ignored": "failure"})):
        story = Story(f'id: s\nrules: [{{ wire: ["{wire % second}"] }}]')
        assert retried(story, 0, 0.5).found(story.raised()) == found


def test_the_evidence_is_the_header_and_the_gap() -> None:
    story = retried(limited("retry-after: '2'"), 0, 0.5)
    asked, came = story.finding("retry-after-ignored", story.raised()).evidence
    assert (asked.exchange, asked.text, asked.seconds) == (1, "`Retry-After: 2`", 2.0)
    assert (came.exchange, came.seconds, came.expected) == (2, pytest.approx(0.5), 2.0)


def test_an_equal_request_that_may_be_a_new_call_is_in_doubt() -> None:
    story = limited("retry-after: '2'")
    story.ask(0)
    story.ask(0.5)
    assert story.finding("retry-after-ignored").severity == "doubt"


def test_a_good_answer_asks_for_no_wait() -> None:
    story = Story("id: s\nrules: [{ faults: [header-set: { name: Retry-After, value: '5' }] }]")
    retried(story, 0, 1)
    assert story.found(story.returned()) == {}


# --- no-backoff -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moments", "severity"),
    [
        ((0, 0.0005), "warning"),
        ((0, 0.009), "info"),
        ((0, 0.011), None),
        ((0, 0.03, 0.06), "warning"),
        ((0, 0.09, 0.18), "info"),
        ((0, 0.09, 0.18, 0.27), "warning"),
        ((0, 0.001, 0.5), None),
        ((0, *(0.101 * n for n in range(1, 9))), None),
    ],
    ids=str,
)
def test_how_little_is_none_depends_on_how_often_since_full_jitter_has_short_waits(
    moments: tuple[float, ...], severity: str | None
) -> None:
    story = retried(limited(status=503), *moments)
    assert story.found(story.raised()) == ({} if severity is None else {"no-backoff": severity})


def test_of_clients_with_full_jitter_hardly_any_are_told_and_fewer_blamed() -> None:
    random = Random(0)
    found = []
    for _ in range(300):
        moments = list(accumulate((random.uniform(0, 0.5 * 2**n) for n in range(2)), initial=0.0))
        story = retried(limited(status=503), *moments)
        found.append(story.found(story.raised()).get("no-backoff"))
    assert found.count("warning") <= 3
    assert found.count("info") <= 12


def test_the_gap_is_in_the_evidence() -> None:
    story = retried(limited(status=503), 0, 0.005)
    (evidence,) = story.finding("no-backoff", story.raised()).evidence
    assert (evidence.exchange, evidence.seconds, evidence.expected) == (2, pytest.approx(0.005, abs=1e-5), 0.5)


@pytest.mark.parametrize("headers", ["retry-after: '0'", "retry-after-ms: '20'"])
def test_a_wait_that_was_asked_for_is_as_short_as_it_says(headers: str) -> None:
    story = retried(limited(headers), 0, 0.03)
    assert story.found(story.raised()) == {}


def test_at_once_is_right_after_a_408_and_on_a_connection_that_was_closed() -> None:
    assert retried(limited(status=408), 0, 0.01).found() == {"outcome-missing": "doubt"}
    lost = "id: s\nrules: [{ faults: [rst-before-headers] }]"
    again = Story(lost)
    again.ask(0, headers={"x-stainless-retry-count": "0"}, reused=True)
    again.ask(0.01, headers={"x-stainless-retry-count": "1"})
    assert again.found(again.raised()) == {}
    fresh = retried(Story(lost), 0, 0.0005)
    assert fresh.found(fresh.raised()) == {"no-backoff": "warning"}


def test_an_equal_request_that_may_be_a_new_call_needs_no_wait() -> None:
    story = limited(status=503)
    story.ask(0)
    story.ask(0.01)
    assert "no-backoff" not in story.found()


# --- no-jitter --------------------------------------------------------------------------------------------


def side_by_side(*waits: tuple[float, ...], headers: str = "x-a: b") -> dict[str, str]:
    """Calls that begin together, each with its gaps, each in its own words."""
    story = limited(headers, 503)
    moments = []
    for caller, gaps in enumerate(waits):
        at = caller * 0.001
        for count, gap in enumerate((0.0, *gaps)):
            at += gap
            moments.append((at, caller, count))
    for at, caller, count in sorted(moments):
        body = {**QUESTION, "user": f"caller {caller}"}
        story.ask(at, body=body, headers={"x-stainless-retry-count": str(count)})
    return story.found(*(story.raised() for _ in waits))


def test_callers_that_come_back_together_twice_have_no_jitter() -> None:
    assert side_by_side((0.5, 1.0), (0.5, 1.0), (0.5, 1.0)) == {"no-jitter": "warning"}
    assert side_by_side(*[(0.5,)] * 5) == {"no-jitter": "warning"}


@pytest.mark.parametrize(
    "waits",
    [
        [(0.5, 1.0), (0.5, 1.0)],
        [(0.5,), (0.5,), (0.5,)],
        [(0.42, 0.9), (0.46, 0.8), (0.5, 1.0)],
        [(0.5, 1.0), (0.5, 1.0), (0.45, 0.9)],
    ],
    ids=["two", "once", "jitter", "one has"],
)
def test_less_than_that_is_chance(waits: list[tuple[float, ...]]) -> None:
    assert side_by_side(*waits) == {}


def test_a_wait_that_was_asked_for_is_the_servers() -> None:
    assert side_by_side((1.0, 1.0), (1.0, 1.0), (1.0, 1.0), headers="retry-after: '1'") == {}


def test_groups_are_compared_each_by_itself_however_often_their_callers_try() -> None:
    story = limited(status=503)
    moments = []
    for group in range(2):
        for caller in range(5):
            tries = (0.0, 0.5) if caller else (0.0, 0.5, 1.5)
            moments += [(group * 10 + caller * 0.001 + at, group, caller, n) for n, at in enumerate(tries)]
    for at, group, caller, count in sorted(moments):
        body = {**QUESTION, "user": f"caller {group} {caller}"}
        story.ask(at, body=body, headers={"x-stainless-retry-count": str(count)})
    found = [one for one in story.judge().findings if one.code == "no-jitter"]
    assert [len(one.evidence) for one in found] == [5, 5]


def test_callers_one_after_the_other_do_not_meet() -> None:
    story = limited(status=503)
    for caller in range(4):
        for count, gap in enumerate((0.0, 0.5, 1.5)):
            body = {**QUESTION, "user": f"caller {caller}"}
            story.ask(caller * 10 + gap, body=body, headers={"x-stainless-retry-count": str(count)})
    assert story.found(*(story.raised() for _ in range(4))) == {}
