"""What every fault of the registry owes its users: words, a shipped scenario, a test, and a sensible default."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest

from mockoai.faults import registry
from mockoai.scenario import catalogue
from mockoai.scenario.faultlist import parameters

FAULTS = registry.load()
HERE = Path(__file__).parents[1]
NEED_PARAMETERS = {"set-field", "drop-field", "header-set", "header-missing"}
"""Faults that say nothing without being told what of."""


def words(id: str) -> str:
    """Return the docstring of a fault on one line."""
    return " ".join((FAULTS[id].__doc__ or "").split())


@cache
def used() -> frozenset[str]:
    """Return the ids of all faults that a shipped scenario uses."""
    return frozenset(fault.id for id in catalogue.ids() for rule in catalogue.get(id).rules for fault in rule.faults)


@cache
def sources() -> str:
    """Return the text of all tests of faults and of the wire, but this one."""
    files = [*(HERE / "faults").glob("test_*.py"), *(HERE / "wire").glob("test_*.py")]
    return "\n".join(file.read_text() for file in files if file != Path(__file__))


@pytest.mark.parametrize("id", sorted(FAULTS))
def test_a_docstring_says_what_it_does_and_who_does_it(id: str) -> None:
    assert re.match(r"[A-Z].+?\. ", words(id)), "a first sentence"
    assert "On the wire" in words(id)
    assert "Who does it" in words(id)


@pytest.mark.parametrize("id", sorted(FAULTS))
def test_the_catalogue_entries_it_names_exist(id: str) -> None:
    named = re.findall(r"``([a-z0-9-]+)``", words(id).partition("Catalogue:")[2])

    assert not set(named) - set(catalogue.ids())


@pytest.mark.parametrize("id", sorted(set(FAULTS) - {"noop"}))
def test_a_shipped_scenario_uses_it(id: str) -> None:
    assert id in used()


@pytest.mark.parametrize("id", sorted(FAULTS))
def test_a_test_names_it(id: str) -> None:
    assert re.search(rf"(?<![a-z0-9-]){re.escape(id)}(?![a-z0-9-])", sources())


@pytest.mark.parametrize("id", sorted(FAULTS))
def test_its_parameters_can_be_written_in_a_file(id: str) -> None:
    keys = parameters(FAULTS[id]).keys.values()

    assert any(key.required for key in keys) == (id in NEED_PARAMETERS)
    assert not any(key.name.endswith("_") for key in keys)


@pytest.mark.parametrize("id", sorted(set(FAULTS) - NEED_PARAMETERS))
def test_it_is_a_value(id: str) -> None:
    one = FAULTS[id]()

    assert one == FAULTS[id]()
    assert dataclasses.replace(one) == one
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.id = "other"
