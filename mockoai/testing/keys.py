"""The keywords of ``rule(...)`` and ``use(...)`` for type checkers and editors: the keys of scenario files.

What is allowed under each is said by the reader of scenario files, also when the program runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict

from mockoai.testing.written import WrittenFault

Time = str | timedelta | Mapping[str, Any]


class RuleKeys(TypedDict, total=False):
    """The keys of a rule."""

    name: str
    when: Mapping[str, Any]
    reply: str | Mapping[str, Any]
    timing: Mapping[str, Time]
    faults: Sequence[str | WrittenFault | Mapping[str, Mapping[str, Any]]]
    events: Sequence[Mapping[str, Any]]
    wire: Sequence[str | bytes | Mapping[str, Any]]


class ScenarioKeys(TypedDict, total=False):
    """The keys of a scenario."""

    id: str
    title: str
    backend: str
    seed: int
    clock: float
    timing: Mapping[str, Time]
    models: Sequence[str | Mapping[str, Any]]
    keys: Sequence[str | Mapping[str, Any]]
    limits: Mapping[str, int]
    fallback: Literal["strict", "echo", "lorem"]
    rules: Sequence[RuleKeys | Mapping[str, Any]]
    expect: Sequence[str | Mapping[str, Any]]
