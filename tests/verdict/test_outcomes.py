"""What was reported is kept, within limits."""

from __future__ import annotations

from mockoai.verdict.model import Outcome
from mockoai.verdict.outcomes import MAX_TEXT, Outcomes


def test_outcomes_are_kept_by_session_and_forgotten() -> None:
    kept = Outcomes()
    first, second = kept.add(Outcome(kind="raised", session="a")), kept.add(Outcome(kind="returned", session="b"))
    assert list(kept) == [first, second]
    assert kept.of("a") == [first]
    assert kept.of(None) == [first, second]
    kept.clear("a")
    assert list(kept) == [second]
    kept.clear()
    assert len(kept) == 0


def test_the_oldest_go_and_are_counted() -> None:
    kept = Outcomes(2)
    for name in "abc":
        kept.add(Outcome(kind="raised", session=name))
    assert [one.session for one in kept] == ["b", "c"]
    assert kept.dropped == 1
    kept.clear("b")
    kept.add(Outcome(kind="raised", session="d"))
    kept.add(Outcome(kind="raised", session="e"))
    assert [one.session for one in kept] == ["d", "e"]


def test_texts_are_cut() -> None:
    long = "x" * (MAX_TEXT + 1)
    kept = Outcomes().add(Outcome(kind="returned", text=long, message=long, partial=long, stdout=long, stderr=long))
    assert {len(one or "") for one in (kept.text, kept.message, kept.partial, kept.stdout, kept.stderr)} == {MAX_TEXT}
