"""What is wrong with a request's body, apart from OpenAI's words, so that other servers can say it in theirs.

Many of them are made with FastAPI, where pydantic finds mistakes: :func:`complaint` says one as pydantic 2 does.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mockoai.plan.items import Failure
from mockoai.request import UNPARSABLE

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Path = tuple[str | int, ...]

_STEP = re.compile(r"[^.\[\]$]+")
_PLACE = re.compile(r" - '([^']*)'$|^'([^']*)' is a required property")
_LIMIT = re.compile(r"(?:value [<>]= |(?:maximum|minimum) of )(-?[0-9.]+)")
_TYPE = re.compile(r"expected (?:one of )?an? (\w+)|is not of type '(\w+)'")
_SUPPORTED = re.compile(r"(?:Supported values are: |one of )(.*?)\.?$")
_TYPES = {
    "string": ("string_type", "Input should be a valid string"),
    "integer": ("int_type", "Input should be a valid integer"),
    "decimal": ("float_type", "Input should be a valid number"),
    "number": ("float_type", "Input should be a valid number"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "array": ("list_type", "Input should be a valid list"),
    "object": ("model_attributes_type", "Input should be a valid dictionary or object to extract fields from"),
}
"""Pydantic's type and message by the JSON type that is wanted."""
_PARSING = {
    "integer": ("int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
    "decimal": ("float_parsing", "Input should be a valid number, unable to parse string as a number"),
    "number": ("float_parsing", "Input should be a valid number, unable to parse string as a number"),
    "boolean": ("bool_parsing", "Input should be a valid boolean, unable to interpret input"),
}
"""The same where it tried to read one from a string."""
_FRACTION = ("int_from_float", "Input should be a valid integer, got a number with a fractional part")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where.

    ``path`` leads from the body to it. ``expected`` says of a ``type`` which one is wanted, of what is ``above`` or
    ``below`` the limit, of a ``literal`` what may stand there, each quoted, of ``unparsable`` what the parser says.
    ``value`` is what stands there; of what is ``missing``, what it is missing from. ``message`` is OpenAI's.
    """

    kind: Literal["unparsable", "not-json", "missing", "type", "above", "below", "literal", "other"]
    path: Path = ()
    expected: str = ""
    value: Any = None
    message: str = ""

    @property
    def name(self) -> str:
        """The path with dots: ``messages.0.role``."""
        return ".".join([str(step) for step in self.path])


def mistake(failure: Failure, context: Context) -> Mistake:
    """Return what OpenAI refuses with ``failure``, whose cause is the body."""
    request = context.request
    if failure.cause == "content-type":
        return Mistake("not-json", value=request.body.decode("utf-8", "replace"), message=failure.message)
    if failure.cause == "json" and request.json is UNPARSABLE:
        return _unparsable(request.body, failure.message)
    if failure.cause == "json" and not isinstance(request.json, dict):
        return Mistake("type", expected="object", value=request.json, message=failure.message)
    nothing = failure.cause == "model-missing" and request.fields.get("model", "") is None
    if failure.cause == "json" or nothing:
        return Mistake("type", ("model",), "string", request.fields.get("model"), failure.message)
    if failure.cause == "model-missing":
        return Mistake("missing", ("model",), value=request.fields, message=failure.message)
    return _parameter(failure, request.fields)


def _unparsable(body: bytes, message: str) -> Mistake:
    if not body.strip():
        return Mistake("missing", message=message)
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        position = getattr(error, "pos", 0)
        return Mistake("unparsable", (position,), getattr(error, "msg", "Expecting value"), {}, message)
    return Mistake("unparsable", (0,), "Expecting value", {}, message)


def _parameter(failure: Failure, fields: dict[str, Any]) -> Mistake:
    message = failure.message
    place = _PLACE.search(message)
    where = failure.param or (place[1] or place[2] if place else "")
    path: Path = tuple(int(step) if step.isdecimal() else step for step in _STEP.findall(where))
    code = str(failure.code or "")
    if code == "missing_required_parameter" or "is a required property" in message:
        return Mistake("missing", path, value=_at(fields, path[:-1]), message=message)
    value = _at(fields, path)
    limit, wanted, supported = _LIMIT.search(message), _TYPE.search(message), _SUPPORTED.search(message)
    if limit and ("above" in code or "maximum of" in message):
        return Mistake("above", path, limit[1].rstrip("."), value, message)
    if limit and ("below" in code or "minimum of" in message):
        return Mistake("below", path, limit[1].rstrip("."), value, message)
    if wanted and (code == "invalid_type" or wanted[2]):
        return Mistake("type", path, (wanted[1] or wanted[2]).lower(), value, message)
    if supported and code == "invalid_value":
        alternatives = supported[1].replace(", and ", ", ").replace(" and ", ", ").split(", ")
        listed = " or ".join([", ".join(alternatives[:-1]), alternatives[-1]]) if alternatives[1:] else alternatives[0]
        return Mistake("literal", path, listed, value, message)
    return Mistake("other", path, value=value, message=message)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def complaint(found: Mistake) -> dict[str, Any]:
    """Return what FastAPI makes of ``found``: ``type``, ``loc``, ``msg``, ``input``, and ``ctx`` where it has one.

    As values of Python: ``loc`` is a tuple, and ``ctx`` may hold an exception.
    """
    loc = ("body", *found.path)

    def said(type: str, msg: str, **ctx: Any) -> dict[str, Any]:
        return {"type": type, "loc": loc, "msg": msg, "input": found.value, **({"ctx": ctx} if ctx else {})}

    if found.kind == "unparsable":
        return said("json_invalid", "JSON decode error", error=found.expected)
    if found.kind == "not-json":
        return said(*_TYPES["object"])
    if found.kind == "missing":
        return said("missing", "Field required")
    if found.kind == "type":
        return said(*_unlike(found.expected, found.value))
    if found.kind == "above":
        return said(
            "less_than_equal", f"Input should be less than or equal to {found.expected}", le=float(found.expected)
        )
    if found.kind == "below":
        return said(
            "greater_than_equal", f"Input should be greater than or equal to {found.expected}", ge=float(found.expected)
        )
    if found.kind == "literal":
        return said("literal_error", f"Input should be {found.expected}", expected=found.expected)
    return said("value_error", f"Value error, {found.message}", error=ValueError(found.message))


def _unlike(expected: str, value: Any) -> tuple[str, str]:
    """Return type and message for a ``value`` of another JSON type than ``expected``."""
    if expected == "integer" and isinstance(value, float):
        return _FRACTION
    if isinstance(value, str) or (expected == "boolean" and isinstance(value, int)):
        return _PARSING.get(expected) or _TYPES.get(expected, _TYPES["object"])
    return _TYPES.get(expected, _TYPES["object"])
