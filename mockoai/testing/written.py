"""``fault(...)``: a fault as it is written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class WrittenFault:
    """A fault by its ``id``, with ``parameters`` as they were given: checked when a rule is made of it."""

    id: str
    parameters: Mapping[str, Any]

    def __repr__(self) -> str:
        shown = "".join(f", {name}={value!r}" for name, value in self.parameters.items())
        return f"fault({self.id!r}{shown})"


def fault(id: str, /, **parameters: Any) -> WrittenFault:
    """Write a fault for ``faults=[...]`` of a rule: ``fault("stall-mid-stream", after="3 tokens", for_="30s")``.

    Ids, parameters and values are those of scenario files; a parameter that is a word of Python, such as ``for``,
    takes an underscore behind it. What is wrong with it is said by the rule that it is used in.
    """
    return WrittenFault(id, parameters)
