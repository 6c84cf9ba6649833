"""JSON as the libraries of other languages spell it: each is a :class:`~mockoai.wire.sse.Writer` for one line."""

from __future__ import annotations

import json
from typing import Any

from mockoai.wire.sse import encode_json

_GO = (
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)


def go_json(value: Any, *, indent: int = 0) -> bytes:
    """Write as Go's ``encoding/json``: no spaces, and escapes for what HTML and JavaScript take for something else."""
    data = encode_json(value)
    # None of these bytes stands outside a string.
    for plain, escaped in _GO:
        data = data.replace(plain, escaped)
    return data


def python_json(value: Any, *, indent: int = 0) -> bytes:
    """Write as Python's ``json.dumps``: spaces behind commas and colons, and escapes for all but ASCII."""
    return json.dumps(value).encode()


def python_text(value: Any, *, indent: int = 0) -> bytes:
    """Write as Python's ``json.dumps`` with ``ensure_ascii=False``: spaces, and text as it is where UTF-8 has it."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()
