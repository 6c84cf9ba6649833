"""What is said about failures: of every id, in its category's module, in a line or two, and no more."""

from __future__ import annotations

import importlib
import re

import pytest

from mockoai.check.codes import HELP
from mockoai.check.connection import CODES
from mockoai.check.detect.registry import MODULES, detected
from mockoai.check.explained import EXPLAINED
from mockoai.check.guess import SIGNS, TITLES
from mockoai.check.habits import HABITS
from mockoai.check.measured import measured
from mockoai.check.model import SEVERITIES
from mockoai.check.words import MODULES as WORDS
from mockoai.check.words import words
from mockoai.scenario import catalogue

IDS = set(catalogue.ids())


def test_every_id_of_the_catalogue_has_words_where_they_are_looked_for() -> None:
    assert set(words()) == IDS
    misplaced = [
        id
        for category, module in WORDS.items()
        for id in importlib.import_module(f"mockoai.check.words.{module}").WORDS
        if catalogue.index()[id].category != category
    ]
    assert not misplaced


def test_detectors_are_where_they_are_looked_for() -> None:
    homes = {"sse": {"sse", "done"}, "chunks": {"chunks", "finish"}}
    for id, name in detected().items():
        module = WORDS[catalogue.index()[id].category]
        assert name.partition(".")[0] in homes.get(module, {module}), f"{id} is found by {name}"
    assert {name.partition(".")[0] for name in detected().values()} == set(MODULES)


@pytest.mark.parametrize("id", catalogue.ids())
def test_words_are_short_and_are_sentences(id: str) -> None:
    said = words()[id]
    assert said.severity in SEVERITIES
    for text in (said.clients, said.advice):
        assert 5 <= len(text) <= 220
        assert re.fullmatch(r"\S.*[.`]", text), text
        assert "  " not in text


def test_what_is_explained_and_what_is_a_habit_exists() -> None:
    assert set(EXPLAINED) <= IDS
    assert {other for others in EXPLAINED.values() for other in others} <= IDS
    assert not [id for id, others in EXPLAINED.items() if id in others]
    assert {id for ids in HABITS.values() for id in ids} <= IDS
    assert set(HABITS) <= set(TITLES)
    assert {one[0] for one in SIGNS} == set(TITLES)


def test_codes_beside_the_catalogue_are_explained_and_are_none_of_it() -> None:
    assert set(HELP) > CODES
    assert not CODES & IDS


def test_what_clients_made_of_it_is_taken_from_the_matrix() -> None:
    (stream,) = measured("err-inside-choice")
    assert stream.call == "stream"
    assert stream.clients == 11
    assert stream.silent >= 8
    assert measured("no-such-id") == ()
