"""The body of an error, in whichever of the many shapes that servers have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mockoai.check.model import Json
from mockoai.check.reading.exchange import Exchange

Shape = Literal[
    "nested", "string", "flat", "detail", "detail-list", "detail-nested", "message", "array", "html", "text", "empty",
    "cut", "other",
]  # fmt: skip
"""How an error is wrapped.

``nested``: an object under ``error``, as OpenAI's. ``string``: a text under ``error``. ``flat``: the error is the
body, with ``object: error``. ``detail``: a text under ``detail``; ``detail-list``: FastAPI's list; ``detail-nested``:
an error under it. ``message``: a text under ``message``. ``array``: errors in an array. ``cut``: JSON that ends too
early.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error: its shape, the body as fields, and the error itself as fields (those of the body when it is flat)."""

    shape: Shape
    body: Mapping[str, Json]
    error: Mapping[str, Json]
    text: str = ""

    @property
    def message(self) -> str:
        """What it says, as text; empty when that is no text."""
        found = self.error.get("message")
        if isinstance(found, str):
            return found
        for key in ("error", "detail", "message"):
            if isinstance(self.body.get(key), str):
                return str(self.body[key])
        return self.text

    @property
    def code(self) -> Json:
        """Its code, whatever type that has."""
        return self.error.get("code")

    @property
    def type(self) -> str:
        """Its type; empty when it has none."""
        found = self.error.get("type")
        return found if isinstance(found, str) else ""


def read_failure(exchange: Exchange) -> Failure:
    """Read the body of ``exchange`` as that of an error."""
    if exchange.form in ("html", "empty"):
        return Failure("html" if exchange.form == "html" else "empty", {}, {})
    value = exchange.json.value
    if isinstance(value, list):
        first = value[0] if value and isinstance(value[0], dict) else {}
        return Failure("array", first, _fields(first.get("error")))
    if isinstance(value, dict):
        return Failure(_shape(value), value, _error(value))
    if exchange.json.cut:
        return Failure("cut", {}, {})
    return Failure("text", {}, {}, exchange.content.data[:400].decode("utf-8", "replace").strip())


def _shape(body: Mapping[str, Json]) -> Shape:
    error, detail = body.get("error"), body.get("detail")
    if isinstance(error, dict):
        return "nested"
    if isinstance(error, str):
        return "string"
    if body.get("object") == "error":
        return "flat"
    if isinstance(detail, str):
        return "detail"
    if isinstance(detail, list):
        return "detail-list"
    if isinstance(detail, dict):
        return "detail-nested"
    return "message" if isinstance(body.get("message"), str) else "other"


def _error(body: Mapping[str, Json]) -> Mapping[str, Json]:
    if isinstance(body.get("error"), dict):
        return _fields(body["error"])
    if isinstance(body.get("detail"), dict):
        return _fields(body["detail"].get("error"))
    return body


def _fields(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
