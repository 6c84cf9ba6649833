"""What clients of a backend probe beside the API: ``GET /version``, ``GET /api/tags`` and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mockoai.endpoints.base import Endpoint, body
from mockoai.plan.items import Event, Page, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Pages(Endpoint):
    """What clients of the backend probe beside the API."""

    name = "page"
    methods = ("GET", "POST")

    @property
    def takes_body(self) -> bool:
        """Whatever a page asks for, it names no model that must be checked."""
        return False

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render the page."""
        parts = tuple(parts)
        yield replace(body(parts, next((part.body for part in parts if isinstance(part, Page)), "")), indent=0)
