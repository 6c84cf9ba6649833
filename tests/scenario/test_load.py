"""Loading by name: a file, or the id of a shipped scenario."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mockoai.errors import EXIT_USAGE
from mockoai.scenario import catalogue
from mockoai.scenario.catalogue import Entry
from mockoai.scenario.diagnose import Diagnostic, ScenarioError
from mockoai.scenario.load import is_file, load, load_all, load_text
from mockoai.scenario.tree import MAX_SIZE


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, beside a catalogue that has ``done-missing`` and ``sse-crlf``."""
    shipped = tmp_path / "shipped" / "sse"
    shipped.mkdir(parents=True)
    entries = {}
    for id in ("done-missing", "sse-crlf"):
        (shipped / f"{id}.yaml").write_text(f"id: {id}\n")
        entries[id] = Entry("sse", shipped / f"{id}.yaml")
    monkeypatch.setattr(catalogue, "index", lambda: entries)
    catalogue.get.cache_clear()
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def forget_shipped() -> None:
    catalogue.get.cache_clear()


def refusal(name: str | os.PathLike[str]) -> Diagnostic:
    with pytest.raises(ScenarioError) as caught:
        load(name)
    (only,) = caught.value.diagnostics
    return only


def test_a_name_can_be_an_id_or_a_file(here: Path) -> None:
    (here / "mine.yaml").write_text("id: mine")
    (here / "done-missing.yaml").write_text("id: my-own")
    assert load("done-missing").source.endswith("shipped/sse/done-missing.yaml".replace("/", os.sep))
    assert load("done-missing.yaml").id == "my-own"
    assert load("mine.yaml") == load_text("id: mine", "mine.yaml")
    assert load(str(here / "mine.yaml")).source == str(here / "mine.yaml")
    assert load(Path("mine.yaml")).id == "mine"


def test_a_file_that_exists_comes_before_an_id(here: Path) -> None:
    (here / "sse-crlf").write_text("id: a-file-of-that-name")
    assert load("sse-crlf").id == "a-file-of-that-name"


def test_a_folder_of_that_name_does_not_hide_an_id(here: Path) -> None:
    (here / "sse-crlf").mkdir()
    assert load("sse-crlf").id == "sse-crlf"


@pytest.mark.parametrize(
    ("name", "file"), [("a.yaml", True), ("a.yml", True), ("a/b", True), ("./a", True), ("a", False), ("a.json", False)]
)
@pytest.mark.usefixtures("here")
def test_what_is_taken_for_a_file(name: str, file: bool) -> None:
    assert is_file(name) is file


def test_a_shipped_scenario_is_read_once(here: Path) -> None:
    assert load("sse-crlf") is load("sse-crlf")
    assert load("sse-crlf").category == "sse"


@pytest.mark.usefixtures("here")
def test_a_misspelt_id_is_answered_with_the_nearest() -> None:
    found = refusal("done-mising")
    assert (found.code, found.help) == ("unknown-scenario", "did you mean `done-missing`?")
    assert "mockoai list scenarios" in refusal("zzz").help
    assert refusal("").code == "unknown-scenario"


def test_an_id_that_is_a_file_without_its_suffix_is_answered_with_it(here: Path) -> None:
    (here / "mine.yaml").write_text("id: mine")
    assert refusal("mine").help == "to mean the file, write `mine.yaml`"


def test_a_misspelt_file_is_answered_with_the_nearest(here: Path) -> None:
    (here / "flaky.yaml").write_text("id: flaky")
    found = refusal("flakey.yaml")
    assert (found.code, found.help) == ("file-missing", "did you mean `flaky.yaml`?")
    assert refusal("sse-crlf.yaml").help == "the shipped scenario of that name is called `sse-crlf`"
    assert "no folder" in refusal("nowhere/flaky.yaml").help


def test_a_folder_is_no_scenario(here: Path) -> None:
    (here / "mine").mkdir()
    assert refusal("mine").code == "file-directory"
    assert refusal("./mine").code == "file-directory"
    assert refusal(here).code == "file-directory"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_a_file_that_cannot_be_read_says_why(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    (here / "mine.yaml").write_text("id: mine")
    monkeypatch.setattr(Path, "open", denied)
    found = refusal("mine.yaml")
    assert (found.code, found.message) == ("file-unreadable", "cannot read `mine.yaml`: Permission denied")


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000 + ".yaml", "\ud800.yaml"])
@pytest.mark.usefixtures("here")
def test_a_name_that_no_file_can_have_is_refused_in_words(name: str) -> None:
    assert refusal(name).code in ("file-unreadable", "file-missing")


def test_a_file_is_not_read_past_the_limit(here: Path) -> None:
    (here / "large.yaml").write_bytes(b"#" * (MAX_SIZE + 100_000))
    assert refusal("large.yaml").code == "yaml-too-large"
    (here / "full.yaml").write_bytes(b"\xef\xbb\xbfid: a\n".ljust(MAX_SIZE + 3, b"#"))
    assert load("full.yaml").id == "a"


def test_several_are_loaded_and_all_mistakes_come_together(here: Path) -> None:
    (here / "a.yaml").write_text("id: a")
    (here / "b.yaml").write_text("id: b b\nseed: x")
    assert [one.id for one in load_all(["a.yaml", "sse-crlf"])] == ["a", "sse-crlf"]
    assert load_all([]) == ()
    with pytest.raises(ScenarioError) as caught:
        load_all(["b.yaml", "zzz", "a.yaml"])
    assert [one.code for one in caught.value.diagnostics] == ["bad-id", "wrong-type", "unknown-scenario"]
    assert caught.value.exit_code == EXIT_USAGE


def test_two_of_the_same_id_are_refused(here: Path) -> None:
    (here / "a.yaml").write_text("id: a")
    (here / "b.yaml").write_text("id: a")
    for names in (["a.yaml", "b.yaml"], ["a.yaml", "a.yaml"]):
        with pytest.raises(ScenarioError) as caught:
            load_all(names)
        (only,) = caught.value.diagnostics
        assert (only.code, only.path) == ("duplicate-scenario", names[1])
        assert "a.yaml" in only.help


def test_a_text_has_a_name_in_messages() -> None:
    with pytest.raises(ScenarioError, match="<text>:1:5"):
        load_text("id: a b")
    with pytest.raises(ScenarioError, match="body:1:5"):
        load_text(b"id: a b", "body")
