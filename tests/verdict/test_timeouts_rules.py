"""How long a client waits for what does not come."""

from __future__ import annotations

import pytest

from tests.support.judging import Story


def stalled(seconds: float, **more: object) -> Story:
    fault = f"stall-mid-stream: {{ after: 2 tokens, for: {seconds}s }}"
    story = Story(f"id: s\nrules: [{{ reply: {{ text: One two three four }}, faults: [{fault}] }}]")
    story.ask(**more)  # type: ignore[arg-type]
    return story


HANG = "id: s\nrules: [{ faults: [hang-before-headers] }]"


# --- no-read-timeout --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "severity"), [(30, None), (119, None), (120, "info"), (299, "info"), (300, "warning"), (600, "warning")]
)
def test_who_sits_out_five_minutes_has_no_timeout(seconds: float, severity: str | None) -> None:
    story = stalled(seconds)
    assert story.found(story.returned()) == ({} if severity is None else {"no-read-timeout": severity})


def test_the_silence_is_in_the_evidence() -> None:
    story = stalled(150)
    (evidence,) = story.finding("no-read-timeout", story.returned()).evidence
    assert (evidence.exchange, evidence.seconds, evidence.expected) == (1, 150.0, 120.0)


def test_who_leaves_has_one() -> None:
    story = stalled(600, leave=30)
    assert story.found(story.raised("ReadTimeout", ended=30)) == {}


@pytest.mark.parametrize("name", ["x-stainless-read-timeout", "x-stainless-timeout"])
@pytest.mark.parametrize(("told", "found"), [("600", False), ("60", True), ("none", True)])
def test_who_tells_a_longer_one_has_one(name: str, told: str, found: bool) -> None:
    story = stalled(300, headers={name: told})
    assert ("no-read-timeout" in story.found(story.returned())) is found


def test_who_does_not_keep_to_the_one_it_tells_needs_no_five_minutes() -> None:
    story = stalled(130, headers={"x-stainless-read-timeout": "60"})
    assert story.found(story.returned()) == {"no-read-timeout": "warning"}


def test_a_silence_that_only_the_server_ended_leaves_it_open_when_it_was_short() -> None:
    story = Story(HANG)
    story.ask(hang=5)
    assert story.finding("no-read-timeout", story.raised()).severity == "doubt"
    story = Story(HANG)
    story.ask(hang=5, headers={"x-stainless-read-timeout": "600"})
    assert "no-read-timeout" not in story.found(story.raised())
    story = Story(HANG)
    story.ask(hang=300)
    assert story.finding("no-read-timeout", story.raised()).severity == "warning"


def test_who_is_still_waiting_is_judged_by_the_present() -> None:
    story = Story(HANG)
    story.ask(under_way=True)
    assert "no-read-timeout" not in story.found(now=100)
    assert story.finding("no-read-timeout", now=130).severity == "info"
    assert story.finding("no-read-timeout", now=310).severity == "warning"
    assert "no-read-timeout" not in story.found()


# --- no-overall-limit -------------------------------------------------------------------------------------


def kept(seconds: float, **more: object) -> Story:
    fault = f"keepalive-comments-only: {{ every: 10s, for: {seconds}s }}"
    story = Story(f"id: s\nrules: [{{ reply: {{ text: One two }}, faults: [{fault}] }}]")
    story.ask(**more)  # type: ignore[arg-type]
    return story


@pytest.mark.parametrize(("seconds", "severity"), [(60, None), (200, "info"), (700, "warning")])
def test_who_sits_out_comments_has_no_limit(seconds: float, severity: str | None) -> None:
    story = kept(seconds)
    assert story.found(story.returned()) == ({} if severity is None else {"no-overall-limit": severity})


def test_who_leaves_the_comments_has_one() -> None:
    story = kept(600, leave=90)
    assert "no-overall-limit" not in story.found(story.raised(ended=90))


def test_a_slow_answer_is_not_comments() -> None:
    story = Story("id: s\ntiming: { between_tokens: 30s }\nrules: [{ reply: { text: One two three four five six } }]")
    story.ask()
    assert story.found(story.returned()) == {}


# --- waits-after-done -------------------------------------------------------------------------------------


def held() -> Story:
    return Story("id: s\nrules: [{ reply: { text: One two }, faults: [hold-open-after-done] }]")


def test_who_ends_with_the_connection_waits_after_done() -> None:
    story = held()
    story.ask(hang=20)
    finding = story.finding("waits-after-done", story.returned(ended=20))
    assert finding.severity == "warning"
    assert finding.evidence[0].seconds == pytest.approx(20)


def test_who_stops_at_done_does_not() -> None:
    story = held()
    story.ask(leave=0.1)
    assert story.found(story.returned(ended=0.1)) == {}
    story = held()
    story.ask(hang=20)
    assert "waits-after-done" not in story.found()
