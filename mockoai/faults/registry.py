"""Every fault by its id, and the order in which the faults of a rule are applied.

A module of this package registers its faults when it is imported; :func:`load` imports them all. Within a layer
faults run by their family's place in :data:`FAMILIES`, then as the scenario file lists them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from mockoai.faults.base import Fault, Needs
from mockoai.plan.items import LAYERS, Layer

FAMILIES: tuple[str, ...] = (
    "noop",
    "error",  # the answer is an error: nothing below it sees the healthy one
    "model",
    "tool",
    "finish",
    "usage",
    "chunk",
    "midstream",
    "sse",
    "done",
    "encoding",
    "header",
    "framing",  # after encoding: a wrong length is that of the encoded body
    "timing",
    "ending",  # last: a cut drops what stands behind it, waits included
)
"""Families in the order they are applied within a layer."""

_faults: dict[str, type[Fault]] = {}
_loaded = False

F = TypeVar("F", bound=Fault)


def fault(
    id: str, *, family: str, layer: Layer, claims: Iterable[str] = (), needs: Needs = "anything"
) -> Callable[[type[F]], type[F]]:
    """Make a class a fault: freeze it as a dataclass and register it under ``id``.

    Raises ValueError when the id is taken, the family unknown, or the docstring missing.
    """

    def register(cls: type[F]) -> type[F]:
        if id in _faults:
            raise ValueError(f"two faults are called {id!r}")
        if family not in FAMILIES:
            raise ValueError(f"fault {id!r}: no family {family!r}")
        if not cls.__doc__:
            raise ValueError(f"fault {id!r} has no docstring")
        frozen = dataclass(frozen=True, kw_only=True)(cls)
        frozen.id, frozen.family, frozen.layer = id, family, layer
        frozen.claims, frozen.needs = frozenset(claims), needs
        _faults[id] = frozen
        return frozen

    return register


def load() -> dict[str, type[Fault]]:
    """Import every fault module and return all faults by id."""
    global _loaded
    if not _loaded:
        import mockoai.faults as package

        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"mockoai.faults.{module.name}")
        _loaded = True
    return _faults


def ordered(faults: Iterable[Fault]) -> list[Fault]:
    """Return ``faults`` in the order they are applied: by layer, family, then as given."""
    return sorted(faults, key=lambda one: (LAYERS.index(one.layer), FAMILIES.index(one.family)))


def conflict(faults: Iterable[Fault]) -> tuple[Fault, Fault, str] | None:
    """Return the first two faults that claim the same thing, and what; None when all can happen together."""
    held: dict[str, Fault] = {}
    for one in faults:
        for claim in sorted(one.claims):
            if claim in held:
                return held[claim], one, claim
            held[claim] = one
    return None
