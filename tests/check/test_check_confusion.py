"""The check over the whole catalogue: it names what is wrong, and nothing on a healthy server."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockoai.check.detect.registry import detected
from mockoai.scenario import catalogue
from tests.check.confusion import INVISIBLE, SAME_WIRE, counted, healthy, table
from tests.support import golden

TABLES = Path(__file__).parent / "confusion"
SHARE = 0.95


@pytest.mark.parametrize("category", catalogue.categories())
def test_table(category: str) -> None:
    golden.check(TABLES / f"{category}.md", table(category))


def test_what_is_visible_is_named() -> None:
    tables = [counted((TABLES / f"{category}.md").read_text()) for category in catalogue.categories()]
    named, visible, all = (sum(column) for column in zip(*tables, strict=True))
    assert all == len(catalogue.ids())
    assert visible == all - len(INVISIBLE)
    assert named >= SHARE * visible, f"{named} of {visible}"


def test_every_id_has_a_detector_or_a_reason() -> None:
    assert set(detected()) | set(INVISIBLE) == set(catalogue.ids())
    assert not set(detected()) & set(INVISIBLE)
    assert set(SAME_WIRE) | {other for other, _ in SAME_WIRE.values()} <= set(catalogue.ids())


@pytest.mark.parametrize("strict", [True, False])
def test_nothing_is_wrong_with_a_healthy_server(strict: bool) -> None:
    report = healthy(strict=strict)
    assert [one for one in report.findings if one.severity != "info"] == []
    assert report.guess.name == "openai"
    assert not report.left_out
    assert all(one.ok for one in report.asked)
    shown = "".join(f"{one.id}: {one.evidence[0].ask}: {one.evidence[0].text}\n" for one in report.findings)
    golden.check(TABLES / f"healthy-{'strict' if strict else 'lenient'}.txt", shown)
