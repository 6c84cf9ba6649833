"""The five ways of choosing a scenario, as far as they are in the request."""

import pytest

from mockoai.address import Address, model_scenario, split_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/models", Address("/v1/models")),
        (
            "/scenario/done-missing/v1/chat/completions",
            Address("/v1/chat/completions", scenario="done-missing"),
        ),
        ("/scenario/done-missing/chat/completions", Address("/chat/completions", scenario="done-missing")),
        ("/session/test-17/v1/models", Address("/v1/models", session="test-17")),
        ("/session/a/scenario/b/v1/models", Address("/v1/models", session="a", scenario="b")),
        ("/scenario/b/session/a/v1/models", Address("/v1/models", session="a", scenario="b")),
        ("/scenario/b", Address("/", scenario="b")),
        ("/scenario//v1/models", Address("/scenario//v1/models")),
        ("/scenario/a/scenario/b/v1", Address("/scenario/b/v1", scenario="a")),
        ("/scenarios/a/v1", Address("/scenarios/a/v1")),
        ("/", Address("/")),
    ],
)
def test_sessions_and_scenarios_are_taken_off_the_front(path: str, expected: Address) -> None:
    assert split_path(path) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("mockoai/done-missing", "done-missing"),
        ("openai/mockoai/done-missing", "done-missing"),
        ("mockoai/", None),
        ("gpt-4o", None),
        ("", None),
    ],
)
def test_a_model_name_can_carry_a_scenario(model: str, expected: str | None) -> None:
    assert model_scenario(model) == expected
