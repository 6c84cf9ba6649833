"""What the chunks and the body of a chat completion have in common."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mockoai.plan.items import ToolCall
from mockoai.seed import HEXADECIMAL, Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context

_TIERS = {"flex": "flex", "scale": "scale", "priority": "priority", "fast": "priority"}


def service_tier(context: Context) -> str:
    """Return the tier that serves the request: the one asked for; ``fast`` is called ``priority``."""
    asked = context.request.fields.get("service_tier")
    return _TIERS.get(asked, "default") if isinstance(asked, str) else "default"


@lru_cache(maxsize=256)
def system_fingerprint(model: str) -> str:
    """Return the fingerprint of what serves ``model``: always the same, as it names a configuration."""
    return f"fp_{Seed('system_fingerprint').child(model).text(10, HEXADECIMAL)}"


def call_fragment(part: ToolCall) -> dict[str, Any]:
    """Return what ``part`` says about its call, less its index: id and name only where it has them."""
    fragment: dict[str, Any] = {}
    if part.id is not None:
        fragment["id"] = part.id
    if part.id is not None or part.name is not None:
        fragment["type"] = part.kind
    fragment[part.kind] = named(part, "input" if part.kind == "custom" else "arguments")
    return fragment


def named(part: ToolCall, key: str = "arguments") -> dict[str, Any]:
    """Return the name, where ``part`` has one, and the text under ``key``."""
    return {key: part.arguments} if part.name is None else {"name": part.name, key: part.arguments}
