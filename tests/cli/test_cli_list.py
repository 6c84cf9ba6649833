"""``mockoai list``: everything there is, once, and what a filter leaves of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mockoai.backends import BACKENDS
from mockoai.cli.describe import scenarios
from mockoai.faults import registry
from mockoai.scenario import catalogue
from tests.cli.conftest import Cli
from tests.support.serving import clean_environment


def test_all_there_is_as_json(cli: Cli) -> None:
    ran = cli("list", "--json")
    value = json.loads(ran.out)
    assert ran.code == 0
    assert list(value) == ["backends", "faults", "scenarios"]
    assert [one["name"] for one in value["backends"]] == list(BACKENDS)
    assert {one["id"] for one in value["faults"]} == set(registry.load())
    assert [one["id"] for one in value["scenarios"]] == list(catalogue.ids())


def test_text_names_everything_once(cli: Cli) -> None:
    text = cli("list").out
    lines = [line.split()[0] for line in text.splitlines() if line.startswith("    ")]
    for id in catalogue.ids():
        assert lines.count(id) == 1 + (id in registry.load())
    assert f"scenarios ({len(catalogue.ids())})\n" in text
    assert max(len(line) for line in text.splitlines()) <= 110


@pytest.mark.parametrize("kind", ["backends", "faults", "scenarios", "backend", "fault", "scenario"])
def test_one_kind(kind: str, cli: Cli) -> None:
    assert list(json.loads(cli("list", kind, "--json").out)) == [kind.removesuffix("s") + "s"]


def test_a_category_and_a_family_or_layer_narrow(cli: Cli) -> None:
    found = json.loads(cli("list", "scenarios", "auth", "sse", "--json").out)["scenarios"]
    assert {one["category"] for one in found} == {"auth", "sse"}
    assert {one["id"] for one in found if one["category"] == "auth"} == set(catalogue.categories()["auth"])
    by_family = json.loads(cli("list", "faults", "done", "--json").out)["faults"]
    assert {one["family"] for one in by_family} == {"done"}
    by_layer = json.loads(cli("list", "faults", "transport", "--json").out)["faults"]
    assert {one["layer"] for one in by_layer} == {"transport"}


def test_search_looks_at_ids_and_descriptions(cli: Cli) -> None:
    found = json.loads(cli("list", "--search", "RETRY-AFTER", "--json").out)
    assert found["scenarios"]
    assert all("retry-after" in json.dumps(one).lower() for one in found["scenarios"] + found["faults"])
    nothing = cli("list", "--search", "xyzzyx")
    assert (nothing.code, nothing.out.strip(), nothing.err) == (0, "", "nothing found\n")


def test_a_category_in_the_place_of_a_kind_is_understood(cli: Cli) -> None:
    ran = cli("list", "auth")
    assert ran.code == 2
    assert "`mockoai list scenarios auth` lists that category" in ran.err


def test_titles_found_without_yaml_are_those_that_yaml_reads() -> None:
    for one in scenarios():
        assert one["title"] == catalogue.get(one["id"]).title


def test_what_is_not_exact_is_marked_and_says_why(cli: Cli) -> None:
    entries = json.loads(cli("list", "scenarios", "--json").out)["scenarios"]
    assert [one["id"] for one in entries if not one["exact"]] == [
        id for id in catalogue.ids() if catalogue.get(id).nearest
    ]
    assert all(one["exact"] == (one["nearest"] == "") for one in entries)
    marked = {line.split()[0] for line in cli("list", "scenarios").out.splitlines() if " ≈ " in line}
    assert marked == {one["id"] for one in entries if not one["exact"]}


def test_a_scenario_says_what_its_answer_is(cli: Cli) -> None:
    entries = {one["id"]: one for one in json.loads(cli("list", "scenarios", "--json").out)["scenarios"]}
    assert (entries["retry-after-seconds"]["status"], entries["retry-after-seconds"]["layers"]) == (429, ["reply"])
    assert entries["hard-cap-close"]["layers"] == ["frame", "transport"]
    assert entries["hard-cap-close"]["faults"] == [
        "keepalive-comments-only",
        "fin-mid-chunked",
        "keepalive-newlines-nonstream",
    ]
    # The rule that shows it is the one that does something, not the first.
    assert entries["auth-bad-scheme"]["status"] == 401
    assert (entries["rst-before-headers"]["status"], entries["fin-mid-headers"]["status"]) == (None, None)


def test_a_fault_says_what_it_takes(cli: Cli) -> None:
    faults = {one["id"]: one for one in json.loads(cli("list", "faults", "--json").out)["faults"]}
    assert faults["fin-mid-chunked"]["layer"] == "transport"
    after = next(one for one in faults["fin-mid-chunked"]["parameters"] if one["name"] == "after")
    assert after["default"] == "50%"
    assert "50%" in after["expected"]
    assert all(one["summary"] and "\n" not in one["summary"] for one in faults.values())


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--search", "azure"], ["faults", "--json"]])
def test_a_process_of_its_own_lists(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockoai", "list", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    if "--json" in arguments:
        stall = next(one for one in json.loads(done.stdout)["faults"] if one["id"] == "stall-mid-stream")
        assert "`3 tokens`" in next(one["expected"] for one in stall["parameters"] if one["name"] == "after")
