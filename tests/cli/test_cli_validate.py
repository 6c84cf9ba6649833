"""``mockoai validate`` and ``mockoai schema``."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_all
from tests.cli.conftest import Cli

GOOD = "id: good\nrules: [{ reply: { text: hi } }]\n"
BAD = "id: bad\nrules:\n  - fautls: [noop]\n  - faults: [nop]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "bad.yml").write_text(BAD)
    (tmp_path / "deep" / ".hidden").mkdir()
    (tmp_path / "deep" / ".hidden" / "not.yaml").write_text(BAD)
    (tmp_path / "README.md").write_text("no scenario")
    return tmp_path


def test_a_sound_file(cli: Cli, folder: Path) -> None:
    ran = cli("validate", "good.yaml")
    assert (ran.code, ran.out, ran.err) == (0, "1 scenario checked, no mistakes\n", "")
    assert cli("validate", "good.yaml", "--quiet").out == ""


def test_every_mistake_of_every_file_is_shown_as_the_loader_shows_it(cli: Cli, folder: Path) -> None:
    ran = cli("validate", ".")
    assert (ran.code, ran.err) == (2, "")
    with pytest.raises(ScenarioError) as raised:
        load_all(["deep/er/bad.yml"])
    assert ran.out == raised.value.render() + "\n2 scenarios checked, 2 mistakes in 1 of them\n"
    assert "error[unknown-key]" in ran.out
    assert "error[unknown-fault]" in ran.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(cli: Cli, folder: Path) -> None:
    (folder / "deep" / "er" / "bad.yml").unlink()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "null.yaml").symlink_to("/dev/null")
    assert cli("validate", ".").out == "1 scenario checked, no mistakes\n"
    (folder / "gone.yaml").symlink_to("nowhere")
    ran = cli("validate", ".")
    assert ran.code == 2
    assert "error[file-missing]" in ran.out


def test_a_file_named_twice_is_checked_once(cli: Cli, folder: Path) -> None:
    assert cli("validate", "good.yaml", "good.yaml").out == "1 scenario checked, no mistakes\n"


def test_stdin_and_catalogue_ids(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    ran = cli("validate", "-", "done-missing")
    assert ran.code == 2
    assert "--> <stdin>:3:5\n" in ran.out
    assert "2 scenarios checked, 2 mistakes in 1 of them\n" in ran.out


def test_nothing_to_check_does_not_pass(cli: Cli, tmp_path: Path) -> None:
    ran = cli("validate", str(tmp_path))
    assert (ran.code, ran.out) == (5, "nothing to check: no .yaml or .yml file found\n")
    assert cli("validate").code == 2


def test_a_missing_file_is_a_mistake(cli: Cli, folder: Path) -> None:
    ran = cli("validate", "god.yaml")
    assert ran.code == 2
    assert "did you mean `good.yaml`?" in ran.out


def test_json(cli: Cli, folder: Path) -> None:
    ran = cli("validate", ".", "--format", "json")
    value = json.loads(ran.out)
    assert ran.code == 2
    assert value["checked"] == ["good.yaml", "deep/er/bad.yml"]
    first = value["diagnostics"][0]
    assert (first["code"], first["file"], first["line"], first["column"]) == ("unknown-key", "deep/er/bad.yml", 3, 5)
    assert first["help"] == "did you mean `faults`?"
    assert ran.err == "2 scenarios checked, 2 mistakes in 1 of them\n"


def test_annotations_under_github_actions(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    annotation = (
        "::error file=deep/er/bad.yml,line=3,col=5,title=mockoai unknown-key::unknown key `fautls` in a rule%0A"
    )
    asked = cli("validate", "--format", "github", ".")
    assert annotation in asked.out
    assert len(asked.out.splitlines()) == 2
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    by_itself = cli("validate", ".")
    assert annotation in by_itself.out
    assert "error[unknown-key]" in by_itself.out
    assert "::error" not in cli("validate", ".", "--format", "text").out


def test_the_schema_accepts_what_the_loader_accepts(cli: Cli) -> None:
    ran = cli("schema")
    schema = json.loads(ran.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid({"id": "x", "rules": [{"reply": {"text": "hi"}}]})
    assert not jsonschema.Draft202012Validator(schema).is_valid({"id": "x", "rulse": []})
