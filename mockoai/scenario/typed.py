"""From types to shapes: what the type of a field says about its value in the file."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from mockoai.scenario.compounds import Either, ListOf, Nullable, Pairs
from mockoai.scenario.scalars import AnyJson, Bool, Choice, Integer, Number, Text
from mockoai.scenario.shapes import Shape

_BASIC: dict[Any, Callable[[], Shape]] = {str: Text, bool: Bool, int: Integer, float: Number, Any: AnyJson}
_registered: dict[Any, Shape] = {}


def register(hint: Any, shape: Shape) -> None:
    """Say that values of the type ``hint`` are read by ``shape``."""
    _registered[hint] = shape
    shape_of.cache_clear()  # whoever asked before was told of something else


@cache
def shape_of(hint: Any) -> Shape:
    """Return the shape of values of the type ``hint``.

    Raises TypeError when the scenario language has no way to write such values.
    """
    if hint in _registered:
        return _registered[hint]
    if hint in _BASIC:
        return _BASIC[hint]()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Choice(arguments)
    if origin in (Union, types.UnionType):
        some = [shape_of(one) for one in arguments if one is not types.NoneType]
        shape = some[0] if len(some) == 1 else Either(some)
        return Nullable(shape) if types.NoneType in arguments else shape
    if origin is tuple and arguments[1:] == (...,):
        return _list_of(arguments[0])
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        from mockoai.scenario.record import (
            Record,
        )  # here, because records find the shapes of their fields here

        return Record(hint)
    raise TypeError(f"the scenario language has no way to write {hint!r}")


def _list_of(item: Any) -> Shape:
    pair = get_args(item)
    if get_origin(item) is tuple and len(pair) == 2 and pair[0] is str:
        return Pairs(shape_of(pair[1]))
    return ListOf(shape_of(item))
