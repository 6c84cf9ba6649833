"""Types say what the language allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from mockoai.faults import registry
from mockoai.plan.duration import Duration
from mockoai.plan.place import Place
from mockoai.scenario import read as language
from mockoai.scenario.faultlist import parameters
from mockoai.scenario.model import AT_ONCE
from mockoai.scenario.typed import shape_of
from tests.scenario.reading import read


@dataclass(frozen=True)
class Nested:
    """A nested value; ``name`` is its name."""

    name: str
    for_: Duration = AT_ONCE


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (str, "a", "a"),
        (int, "1", 1),
        (float, "1.5", 1.5),
        (bool, "true", True),
        (Any, "[1]", [1]),
        (bytes, '"\\r\\n"', b"\r\n"),
        (Place, "3 tokens", Place("tokens", 3.0)),
        (Duration, "3s", Duration.fixed(3.0)),
        (Literal["a", 1], "1", 1),
        (str | int, "1", 1),
        (int | None, "null", None),
        (Place | None, "done", Place("mark", mark="done")),
        (tuple[str, ...], "[a]", ("a",)),
        (tuple[Nested, ...], "[{ name: a, for: 2s }]", (Nested("a", Duration.fixed(2.0)),)),
        (tuple[tuple[str, int], ...], "{ a: 1 }", (("a", 1),)),
        (tuple[tuple[str, str], ...], "{ a: 1 }", (("a", "1"),)),
        (Nested, "{ name: a }", Nested("a", AT_ONCE)),
    ],
)
def test_a_type_is_read(hint: Any, text: str, value: object) -> None:
    assert language.scenario_shape()
    assert read(shape_of(hint), text) == value


@pytest.mark.parametrize("hint", [dict[str, int], set[int], complex, tuple[int, int], list[int]])
def test_a_type_that_cannot_be_written_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="no way to write"):
        shape_of(hint)


def test_every_parameter_of_every_fault_can_be_written() -> None:
    for cls in registry.load().values():
        for key in parameters(cls).keys.values():
            assert key.shape.expected, f"{cls.id}: {key.name}"
