"""What is said about every failure: how bad it is for clients, what they make of it, what to do. One module a category.

Who does it and what the failure is called comes from the catalogue itself.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import NamedTuple

from mockoai.check.model import Severity


class Words(NamedTuple):
    """``severity`` as a rule, what ``clients`` make of it, and the ``advice``."""

    severity: Severity
    clients: str
    advice: str


MODULES: dict[str, str] = {
    "auth": "auth",
    "routing": "routing",
    "http-errors": "http_errors",
    "rate-limits": "rate_limits",
    "headers": "headers",
    "encoding": "encoding",
    "transport": "transport",
    "timing": "timing",
    "sse": "sse",
    "chunks": "chunks",
    "usage": "usage",
    "tool-calls": "tool_calls",
    "mid-stream-errors": "mid_stream_errors",
    "models": "models",
    "completions": "completions",
    "bodies": "bodies",
}
"""The module of each category of the catalogue."""


@cache
def words() -> dict[str, Words]:
    """Return what is said about every id of the catalogue."""
    found: dict[str, Words] = {}
    for name in MODULES.values():
        found |= importlib.import_module(f"mockoai.check.words.{name}").WORDS
    return found
