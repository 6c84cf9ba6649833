"""``GET /models`` and ``GET /models/{model}``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mockoai.endpoints import refusals
from mockoai.endpoints.base import Endpoint, body
from mockoai.plan.items import Event, Failure, Model, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class ModelList(Endpoint):
    """The models that are served."""

    name = "models"
    methods = ("GET",)

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render a list of all :class:`~mockoai.plan.items.Model` parts."""
        parts = tuple(parts)
        data = [_entry(part) for part in parts if isinstance(part, Model)]
        yield body(parts, {"object": "list", "data": data})


class OneModel(Endpoint):
    """One model by its id."""

    name = "model"
    methods = ("GET",)

    def check(self, context: Context) -> Failure | None:
        """Refuse a model that is not served, when only those listed are."""
        model = context.request.parameter("model")
        if context.exact_models and all(model != one.id for one in context.models):
            return refusals.no_such_model(model)
        return None

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render the first :class:`~mockoai.plan.items.Model` part; nothing but braces when there is none."""
        parts = tuple(parts)
        yield body(parts, next((_entry(part) for part in parts if isinstance(part, Model)), {}))


def _entry(part: Model) -> dict[str, Any]:
    return {
        "id": part.id,
        "object": "model",
        "created": part.created,
        "owned_by": part.owned_by,
        **dict(part.extra),
    }
