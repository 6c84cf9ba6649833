"""The shipped scenarios: found by their names, read when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockoai.scenario import catalogue
from mockoai.scenario.catalogue import Entry
from mockoai.scenario.diagnose import ScenarioError


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("sse/sse-crlf", "sse/done-missing", "auth/auth-any-key-accepted"):
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"id: {file.stem}\n")
    (tmp_path / "README.md").write_text("no scenario")
    (tmp_path / "sse" / "notes.txt").write_text("no scenario")
    (tmp_path / "_drafts").mkdir()
    (tmp_path / "_drafts" / "draft.yaml").write_text("id: draft\n")
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    catalogue.index.cache_clear()
    catalogue.get.cache_clear()
    yield tmp_path
    catalogue.index.cache_clear()
    catalogue.get.cache_clear()


def test_scenarios_are_found_by_their_names_without_reading_them(shipped: Path) -> None:
    (shipped / "sse" / "broken.yaml").write_bytes(b"\xff")
    assert catalogue.ids() == ("auth-any-key-accepted", "broken", "done-missing", "sse-crlf")
    assert catalogue.categories() == {
        "auth": ("auth-any-key-accepted",),
        "sse": ("broken", "done-missing", "sse-crlf"),
    }
    assert catalogue.path("sse-crlf") == shipped / "sse" / "sse-crlf.yaml"


def test_a_scenario_gets_its_category_from_its_folder(shipped: Path) -> None:
    assert (catalogue.get("sse-crlf").id, catalogue.get("sse-crlf").category) == ("sse-crlf", "sse")
    (shipped / "sse" / "sse-crlf.yaml").write_text("id: sse-crlf\ncategory: sse\n")
    assert catalogue.read_entry(Entry("sse", shipped / "sse" / "sse-crlf.yaml")).category == "sse"


@pytest.mark.parametrize(
    ("text", "line"), [("title: x\nid: other\n", 2), ("id: sse-crlf\ncategory: auth\n", 2), ("{ id: other }", 1)]
)
def test_a_file_that_contradicts_its_place_is_refused(shipped: Path, text: str, line: int) -> None:
    (shipped / "sse" / "sse-crlf.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        catalogue.get("sse-crlf")
    (only,) = caught.value.diagnostics
    assert only.code == "catalogue-mismatch"
    assert only.span is not None
    assert only.span.line == line


@pytest.mark.usefixtures("shipped")
def test_an_id_that_is_not_shipped_is_answered_with_the_nearest() -> None:
    with pytest.raises(ScenarioError) as caught:
        catalogue.path("sse-clrf")
    assert caught.value.diagnostics[0].help == "did you mean `sse-crlf`?"
    with pytest.raises(ScenarioError):
        catalogue.get("zzz")


def test_an_id_is_unique_across_categories(shipped: Path) -> None:
    (shipped / "auth" / "sse-crlf.yaml").write_text("id: sse-crlf\n")
    with pytest.raises(ScenarioError) as caught:
        catalogue.scan(shipped)
    (only,) = caught.value.diagnostics
    assert only.code == "duplicate-scenario"
    assert "sse-crlf" in only.message


def test_the_wheel_comes_before_the_checkout(tmp_path: Path) -> None:
    package = tmp_path / "mockoai"
    package.mkdir()
    assert catalogue.folder(package) is None
    (tmp_path / "scenarios").mkdir()
    assert catalogue.folder(package) == tmp_path / "scenarios"
    (package / "_catalogue").mkdir()
    assert catalogue.folder(package) == package / "_catalogue"


def test_an_installation_without_a_catalogue_has_no_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "folder", lambda: None)
    catalogue.index.cache_clear()
    assert catalogue.ids() == ()
    catalogue.index.cache_clear()


def test_every_scenario_that_is_shipped_is_sound() -> None:
    for entry in catalogue.index().values():
        assert catalogue.read_entry(entry).category == entry.category
