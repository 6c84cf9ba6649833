"""The index of the catalogue says what the files say."""

from __future__ import annotations

from mockoai.scenario import catalogue
from tests.catalogue.index import CATEGORIES, README, index


def test_the_index_is_that_of_the_files() -> None:
    assert README.read_text(encoding="utf-8") == index(), "scenarios/README.md is stale: run `make catalogue`"


def test_every_category_has_a_sentence() -> None:
    assert set(CATEGORIES) == set(catalogue.categories())
