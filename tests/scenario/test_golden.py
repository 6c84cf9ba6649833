"""Wrong files and the exact text they are answered with; files that are right; names that mean nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mockoai.scenario import catalogue
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load, load_all, load_text
from mockoai.scenario.tree import MAX_NODES, MAX_SIZE
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"
WRONG = sorted(GOLDEN.glob("*.yaml"))
VALID = sorted((GOLDEN / "valid").glob("*.yaml"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_mistake_is_shown_as_it_always_was(path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(path.read_bytes(), path.name)
    golden.check(path.with_suffix(".txt"), caught.value.render())


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_what_is_right_loads(path: Path) -> None:
    assert load(path).id == ("rate-limit-then-cut" if path.stem == "language-example" else path.stem)


def _shipped(folder: Path, text: str) -> None:
    file = folder / "sse" / "sse-crlf.yaml"
    file.parent.mkdir()
    file.write_text(text)
    catalogue.read_entry(catalogue.Entry("sse", file))


def _shipped_twice(folder: Path) -> None:
    for category in ("auth", "sse"):
        (folder / category).mkdir()
        (folder / category / "sse-crlf.yaml").write_text("id: sse-crlf")
    catalogue.scan(folder)


def _unreadable(folder: Path) -> None:
    load("a\0b.yaml")


def _twice(folder: Path) -> None:
    for name in ("first.yaml", "second.yaml"):
        (folder / name).write_text("id: same")
    load_all(["first.yaml", "second.yaml"])


def _misspelt_file(folder: Path) -> None:
    (folder / "flaky.yaml").write_text("id: flaky")
    load("flakey.yaml")


def _directory(folder: Path) -> None:
    (folder / "mine").mkdir()
    load("./mine")


# What cannot be kept as a file: names that mean none, files too large to keep, bytes that editors would change.
MADE: dict[str, Callable[[Path], object]] = {
    "catalogue-mismatch": lambda folder: _shipped(folder, "title: x\nid: sse-lf\n"),
    "catalogue-duplicate": _shipped_twice,
    "duplicate-scenario": _twice,
    "file-directory": _directory,
    "file-missing": _misspelt_file,
    "file-unreadable": _unreadable,
    "several-files": lambda folder: load_all(["nowhere.yaml", "no-such-scenario"]),
    "unknown-scenario": lambda _: load("no-such-scenario"),
    "yaml-not-utf8": lambda _: load_text(b"id: x\ntitle: caf\xe9 au lait\n", "latin.yaml"),
    "yaml-utf16": lambda _: load_text("id: x\n".encode("utf-16-le").join((b"\xff\xfe", b"")), "utf16.yaml"),
    "yaml-too-large": lambda _: load_text("#" * (MAX_SIZE + 1), "large.yaml"),
    "yaml-too-many": lambda _: load_text("[" + "1," * MAX_NODES + "]", "many.yaml"),
}


@pytest.mark.parametrize("name", MADE)
def test_what_cannot_be_kept_as_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "index", dict)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        MADE[name](tmp_path)
    shown = caught.value.render().replace(str(tmp_path), "FOLDER").replace(f"FOLDER{os.sep}", "FOLDER/")
    golden.check(GOLDEN / "made" / f"{name}.txt", shown)
