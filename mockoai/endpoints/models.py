"""``GET /models`` and ``GET /models/{model}``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

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
        models = [part for part in parts if isinstance(part, Model)]
        yield body(parts, context.backend.model_list(models, context))


class OneModel(Endpoint):
    """One model by its id."""

    name = "model"
    methods = ("GET",)

    def check(self, context: Context) -> Failure | None:
        """Refuse a model that is not listed, unless the backend answers to any name."""
        model = context.request.parameter("model")
        if not context.backend.any_model and all(model != one.id for one in context.models):
            return refusals.no_such_model(model)
        return None

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render the first :class:`~mockoai.plan.items.Model` part; nothing but braces when there is none."""
        parts = tuple(parts)
        backend = context.backend
        yield body(parts, next((backend.one_model(part, context) for part in parts if isinstance(part, Model)), {}))
