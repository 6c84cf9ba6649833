"""The edge where request bodies are checked: pydantic finds mistakes, this puts them into OpenAI's words.

Strategy. A request model mirrors OpenAI's schema and no more: what the schema allows is allowed, and
top-level keys that nobody knows are let through, where OpenAI refuses them (``Unknown parameter: 'top_k'.``).
Applications written for other servers send such keys, and they should work here at once. ``null`` stands for
absence in every optional parameter, as it does at OpenAI. Fields stand in the order in which OpenAI was
measured to report mistakes, because the first mistake found is the one that is answered.

A good body costs one pass through pydantic's compiled validator. Only a bad one is looked at again, to put
pydantic's first complaint into OpenAI's words. Unions are told apart by a function, never by trial, so that a
complaint is about the branch that was meant; the names of branches stand in parentheses to be told from keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from mockoai.endpoints import refusals
from mockoai.plan.items import Failure

_LONGEST_SHOWN = 200
"""Characters of a wrong value that an error quotes."""

_QUOTED = re.compile(r"'([^']*)'")
_KINDS: dict[type, str] = {str: "(string)", list: "(array)", dict: "(object)"}

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "float_type": "a decimal",
    "bool_type": "a boolean",
    "list_type": "an array of objects",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_SCHEMA_TYPES = {
    "string_type": "string",
    "int_type": "integer",
    "float_type": "number",
    "bool_type": "boolean",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}


class RequestModel(BaseModel):
    """Base of all request models: JSON types are not converted into each other, unknown keys pass."""

    model_config = ConfigDict(strict=True, extra="ignore", defer_build=True)


def by_kind(expected: str) -> Discriminator:
    """Tell the branches ``(string)``, ``(array)`` and ``(object)`` of a union apart.

    ``expected`` is OpenAI's phrase for what may stand there, such as ``one of a string or array of objects``.
    """
    return by_function(lambda value: _KINDS.get(type(value)), expected)


def by_function(name: Callable[[Any], str | None], expected: str) -> Discriminator:
    """Tell the branches of a union apart by ``name``; None where the value fits none of them."""
    return Discriminator(name, custom_error_type="expected", custom_error_message=expected)


def by_key(key: str, *values: str) -> Discriminator:
    """Tell objects apart by the string under ``key``; the branch for ``a`` is called ``(a)``."""
    known = {value: f"({value})" for value in values}

    def name(item: Any) -> str | None:
        value = item.get(key) if isinstance(item, dict) else None
        return known.get(value) if isinstance(value, str) else None

    return Discriminator(name, custom_error_type="key", custom_error_message="|".join((key, *values)))


class Schema:
    """A request model at work.

    ``expected`` gives OpenAI's phrase for parameters, by name, where it does not follow from the type.
    ``wording`` puts a complaint into words.
    """

    def __init__(
        self,
        model: type[RequestModel],
        wording: Callable[[Complaint, Mapping[str, str]], Failure],
        expected: Mapping[str, str] | None = None,
    ) -> None:
        model.model_rebuild()
        self._validate = model.__pydantic_validator__.validate_python
        self._wording = wording
        self._expected = expected or {}

    def check(self, body: dict[str, Any]) -> Failure | None:
        """Return what OpenAI says is wrong with ``body``, or None."""
        try:
            self._validate(body)
        except ValidationError as error:
            complaints = [Complaint(detail) for detail in error.errors(include_url=False)]
            if any(complaint.about_notation for complaint in complaints):
                return self.check(_whole(body))
            return self._wording(complaints[0], self._expected)
        return None


def _whole(value: Any) -> Any:
    """Return a copy of a JSON value in which integers are written as such: ``1.0`` becomes ``1``."""
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Complaint:
    """One complaint of pydantic.

    ``kind`` and ``text`` are pydantic's type and message, ``limits`` its context. ``keys`` lead from the top
    of the body to the place, ``value`` is what was found there.
    """

    def __init__(self, detail: Mapping[str, Any]) -> None:
        self.kind: str = detail["type"]
        self.value: Any = detail["input"]
        self.text: str = detail["msg"]
        self.limits: Mapping[str, Any] = detail.get("ctx", {})
        self.keys: tuple[int | str, ...] = tuple(
            key for key in detail["loc"] if not (isinstance(key, str) and key.startswith("("))
        )

    @property
    def about_notation(self) -> bool:
        """Whether it is about ``1.0``, which JSON Schema counts as an integer and pydantic does not."""
        return self.kind == "int_type" and isinstance(self.value, float) and self.value.is_integer()

    @property
    def path(self) -> str:
        """The place as OpenAI writes it: ``messages[0].content``."""
        return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys).lstrip(".")

    @property
    def name(self) -> str:
        """The name of the parameter, without positions."""
        return next((key for key in reversed(self.keys) if isinstance(key, str)), "")

    @property
    def values(self) -> list[str]:
        """The strings that a literal allows."""
        return _QUOTED.findall(self.limits.get("expected", ""))


def chat_words(complaint: Complaint, expected: Mapping[str, str]) -> Failure:
    """Put a complaint into the words of the chat engine."""
    kind, path, value = complaint.kind, complaint.path, complaint.value
    if kind == "missing":
        return refusals.missing(path)
    if kind == "key":
        return _wrong_key(complaint)
    if kind == "expected":
        return refusals.wrong_type(path, complaint.text, value)
    if kind == "literal_error":
        if isinstance(value, str):
            return refusals.wrong_value(path, value, complaint.values)
        return refusals.wrong_type(path, f"one of {refusals.listed(complaint.values, 'or')}", value)
    if kind in ("greater_than_equal", "less_than_equal"):
        below = kind == "greater_than_equal"
        limit = complaint.limits["ge" if below else "le"]
        return refusals.out_of_range(path, value, limit=limit, below=below, integer=isinstance(limit, int))
    if kind in ("too_short", "too_long", "string_too_long"):
        return _wrong_length(complaint)
    phrase = expected.get(complaint.name) if kind in ("list_type", "dict_type") else None
    return refusals.wrong_type(path, phrase or _EXPECTED.get(kind, "something else"), value)


def _wrong_key(complaint: Complaint) -> Failure:
    key, *values = complaint.text.split("|")
    value, path = complaint.value, complaint.path
    if not isinstance(value, dict):
        return refusals.wrong_type(path, "an object", value)
    if key not in value:
        return refusals.missing(f"{path}.{key}")
    if isinstance(value[key], str):
        return refusals.wrong_value(f"{path}.{key}", value[key], values)
    return refusals.wrong_type(f"{path}.{key}", f"one of {refusals.listed(values, 'or')}", value[key])


def _wrong_length(complaint: Complaint) -> Failure:
    path, value, keys = complaint.path, complaint.value, complaint.keys
    if complaint.kind == "too_short":
        return refusals.empty_array(path)
    limit = complaint.limits["max_length"]
    if isinstance(value, dict):
        return refusals.many_properties(path, len(value), limit)
    if isinstance(value, list):
        return refusals.long_array(path, len(value), limit)
    if keys[-1] == "[key]":
        return refusals.long_name(".".join(map(str, keys[:-2])), value, limit)
    return refusals.long_string(path, len(value), limit)


def schema_words(complaint: Complaint, expected: Mapping[str, str]) -> Failure:
    """Put a complaint into the words of the older engines: those of a JSON Schema validator."""
    kind, limits = complaint.kind, complaint.limits
    path = ".".join(map(str, complaint.keys))
    if kind == "missing":
        return refusals.in_schema_words(f"{complaint.name!r} is a required property")
    if complaint.name in expected:
        return refusals.in_schema_words(expected[complaint.name])
    shown = repr(complaint.value)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    if kind in _SCHEMA_TYPES:
        said = f"is not of type {_SCHEMA_TYPES[kind]!r}"
    elif kind == "literal_error":
        said = f"is not one of {complaint.values!r}"
    elif kind == "greater_than_equal":
        said = f"is less than the minimum of {limits['ge']:g}"
    elif kind == "less_than_equal":
        said = f"is greater than the maximum of {limits['le']:g}"
    elif kind in ("too_short", "too_long"):
        said = f"is {kind.replace('_', ' ')}"
    else:
        said = "is not valid under any of the given schemas"
    return refusals.in_schema_words(f"{shown} {said}", path)


# --- what several bodies have -----------------------------------------------------------------------------


class StreamOptions(RequestModel):
    """``stream_options``, of completions as well."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


Stop = Annotated[
    Annotated[str, Tag("(string)")] | Annotated[list[str], Field(min_length=1, max_length=4), Tag("(array)")],
    by_kind("one of a string or array of strings"),
]
Penalty = Annotated[float, Field(ge=-2, le=2)]
