"""What servers made with axum say of requests that do not fit: its extractors, and serde's words.

A body that is no JSON is 400, one that does not fit its type 422, another content type 415, all as text (axum's
``JsonRejection``); what a type allows is for the application to refuse. serde says where it stopped; here that is
always the end of the body, where it also is for what is missing at the top.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mockoai.backends.mistakes import Mistake, mistake

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.plan.items import Failure

_WANTED = {"boolean": "a boolean", "array": "a sequence", "object": "a map", "integer": "u32", "number": "f32"}
_WANTED |= {"decimal": "f32", "string": "a string"}
_NO_JSON_TYPE = "Expected request with `Content-Type: application/json`"


def rejection(failure: Failure, context: Context) -> tuple[int, str]:
    """Return status and text for the body that OpenAI refuses with ``failure``; 400 for what axum lets pass."""
    found = mistake(failure, context)
    if found.kind == "not-json":
        return 415, _NO_JSON_TYPE
    if found.kind in ("above", "below", "other"):
        return 400, found.message
    lines = context.request.body.decode("utf-8", "replace").split("\n")
    at = f" at line {len(lines)} column {len(lines[-1])}"
    if found.kind == "unparsable" or not context.request.body.strip():
        why = "expected value" if context.request.body.strip() else "EOF while parsing a value"
        return 400, f"Failed to parse the request body as JSON: {why}{at}"
    return 422, f"Failed to deserialize the JSON body into the target type: {_place(found)}{_why(found)}{at}"


def _place(found: Mistake) -> str:
    """Return the path to what is wrong as serde_path_to_error writes it: ``messages[0].role: ``."""
    path = found.path[:-1] if found.kind == "missing" else found.path
    text = "".join([f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]).lstrip(".")
    return f"{text}: " if text else ""


def _why(found: Mistake) -> str:
    if found.kind == "missing":
        return f"missing field `{found.path[-1]}`"
    if found.kind == "type":
        return f"invalid type: {_got(found.value)}, expected {_WANTED.get(found.expected, 'a string')}"
    known = ", ".join([f"`{one}`" for one in found.expected.replace("'", "").replace(" or ", ", ").split(", ")])
    return f"unknown variant `{found.value}`, expected {'one of ' if ', ' in known else ''}{known}"


def _got(value: object) -> str:
    """Return how serde names a value that it did not expect."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{json.dumps(value)}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    if isinstance(value, str):
        return f"string {json.dumps(value, ensure_ascii=False)}"
    return "sequence" if isinstance(value, list) else "map"
