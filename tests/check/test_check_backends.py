"""The check against every backend: it says which it is, and takes what all of its kind do for a habit."""

from __future__ import annotations

import pytest

from mockoai.backends import BACKENDS
from mockoai.check.conversation import Conversation
from mockoai.check.guess import TITLES
from mockoai.check.model import Report
from mockoai.check.run import check
from mockoai.check.target import Target
from mockoai.mock import Mock
from tests.check.confusion import NOW
from tests.check.player import KEY, PATIENT, Player

UNLISTED = {"perplexity": "sonar"}
"""Models of backends that list none."""


def report(backend: str, model: str = "") -> Report:
    target = Target(port=8000, path=BACKENDS[backend].base, key=KEY)
    return check(Conversation(target, model=model), Player(Mock(clock=lambda: NOW, backend=backend)), PATIENT)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_healthy_backend_is_known_and_has_habits_only(backend: str) -> None:
    found = report(backend, UNLISTED.get(backend, ""))
    assert (found.guess.name, found.guess.title) == (backend, TITLES[backend])
    assert found.guess.because
    assert [(one.id, one.evidence) for one in found.findings if one.severity != "info"] == []


def test_every_backend_can_be_guessed() -> None:
    assert set(TITLES) == set(BACKENDS)


def test_a_server_without_a_list_needs_a_model() -> None:
    found = report("perplexity")
    (finding,) = (one for one in found.findings if one.id == "model-not-given")
    assert "--model" in finding.advice


def test_what_is_a_habit_of_one_is_none_of_another() -> None:
    mock = Mock(clock=lambda: NOW)
    found = check(Conversation(Target(path="/scenario/tool-index-missing/v1", key=KEY)), Player(mock), PATIENT)
    assert next(one for one in found.findings if one.id == "tool-index-missing").severity == "error"
    habit = next(one for one in report("mistral").findings if one.id == "tool-index-missing")
    assert (habit.severity, habit.habit) == ("info", "Mistral")
