"""``mockoai explain``: scenarios with their bytes, faults with their parameters, backends, codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockoai.backends import BACKENDS
from mockoai.cli.codes import codes
from mockoai.cli.explain import explain
from mockoai.faults import registry
from mockoai.scenario import catalogue
from tests.cli.conftest import Cli


def test_a_scenario_and_the_fault_of_its_name(cli: Cli) -> None:
    ran = cli("explain", "done-missing")
    scenario = catalogue.get("done-missing")
    assert (ran.code, ran.err) == (0, "")
    flat = " ".join(ran.out.split())
    for text in (scenario.title, scenario.who, scenario.evidence, scenario.sound_client):
        assert " ".join(text.split()) in flat
    for line in catalogue.path("done-missing").read_text().splitlines():
        assert f"  {line}".rstrip() + "\n" in ran.out
    assert "  done-missing  fired      left [DONE] out\n" in ran.out.replace("    done", "  done")
    assert "mockoai serve done-missing\n" in ran.out
    assert "done-missing  (fault, done)\n" in ran.out


def test_json_has_the_plan_and_the_parameters(cli: Cli) -> None:
    value = json.loads(cli("explain", "fin-mid-chunked", "--json").out)
    assert value["scenario"]["plan"]["ending"] == "fin"
    assert value["scenario"]["faults"] == ["fin-mid-chunked"]
    assert [one["name"] for one in value["fault"]["parameters"]] == ["after"]


def test_the_path_is_shown_from_here(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = catalogue.path("done-missing")
    monkeypatch.chdir(path.parents[1])
    assert f"file          {path.parent.name}/done-missing.yaml\n" in cli("explain", "done-missing").out
    monkeypatch.chdir(tmp_path)
    assert "file          /" in cli("explain", "done-missing").out or ":\\" in cli("explain", "done-missing").out


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend(name: str, cli: Cli) -> None:
    ran = cli("explain", name)
    assert ran.code == 0
    assert f"mockoai serve --backend {name}\n" in ran.out
    assert str(BACKENDS[name].port) in ran.out


def test_a_code_as_answers_spell_it(cli: Cli) -> None:
    assert cli("explain", "no_rule_matched").out == cli("explain", "no-rule-matched").out


@pytest.mark.parametrize("code", codes())
def test_a_code(code: str, cli: Cli) -> None:
    ran = cli("explain", code)
    assert (ran.code, ran.err) == (0, "")
    assert codes()[code] in ran.out


def test_every_fault_is_explained(cli: Cli) -> None:
    for id in registry.load():
        facts = explain(id)["fault"]
        assert facts["description"].startswith(facts["summary"])
        assert "``" not in facts["description"]


def test_nothing_is_wider_than_a_terminal(cli: Cli) -> None:
    for id in ("rate-limit-requests", "unknown-key", *BACKENDS):
        described = [line for line in cli("explain", id).out.splitlines() if not line.startswith("  ")]
        assert max(map(len, described)) <= 100


def test_an_unknown_id_gets_the_nearest_of_all_kinds(cli: Cli) -> None:
    assert "`done-missing`" in cli("explain", "done-mising").err
    assert "`unknown-key`" in cli("explain", "unknown-kye").err
    assert "`openai`" in cli("explain", "opeani").err
    assert "`mockoai list`" in cli("explain", "zzzzzz").err
