"""What every route of the API has: the methods it takes, what it refuses, and the shape of its answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.plan.items import DONE, Event, Failure, Mark, Part

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Endpoint:
    """One route of the API.

    Endpoints keep nothing: the parts of a reply and the exchange's context go in, JSON payloads come out.
    Parts may be odd, because faults of the reply layer have changed them; what is there is rendered, what is
    not there is left out.
    """

    name: ClassVar[str]
    methods: ClassVar[tuple[str, ...]] = ("POST",)

    @property
    def takes_body(self) -> bool:
        """Whether a request has a JSON body, and names its model in it."""
        return "POST" in self.methods

    def check(self, context: Context) -> Failure | None:
        """Return what OpenAI says is wrong with the parameters of the request, or None.

        Route, key, method and the body's being a JSON object with a model are checked before, for all
        endpoints alike: see :func:`mockoai.endpoints.check`.
        """
        return None

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render a reply: chunks and ``[DONE]`` of a stream, or one whole body.

        An event takes ``at``, ``tokens``, ``mark`` and ``faults`` from the part it renders; a body those of
        all its parts. A :class:`~mockoai.plan.items.Failure` is none of an endpoint's business: the backend
        gives it its shape.
        """
        raise NotImplementedError


def event(part: Part, payload: Any) -> Event:
    """Return the chunk that renders ``part``."""
    return Event(at=part.at, tokens=part.tokens, mark=part.mark, faults=part.faults, payload=payload)


def merged(first: Part, second: Part, payload: Any, mark: Mark) -> Event:
    """Return the chunk that renders two parts at once, when the later one is due."""
    return Event(
        at=max(first.at, second.at),
        tokens=max(first.tokens, second.tokens),
        mark=mark,
        faults=_union((first, second)),
        payload=payload,
    )


def done(parts: Sequence[Part]) -> Event:
    """Return the ``[DONE]`` that follows ``parts``."""
    last = parts[-1] if parts else None
    at, tokens = (last.at, last.tokens) if last else (0.0, 0)
    return Event(at=at, tokens=tokens, mark="done", payload=DONE)


def body(parts: Sequence[Part], payload: Any) -> Event:
    """Return the whole answer in one piece, due with the last of ``parts``.

    OpenAI writes it over several lines, two spaces a level, and ends it with a line feed.
    """
    return Event(
        at=parts[-1].at if parts else 0.0,
        tokens=max((part.tokens for part in parts), default=0),
        mark="body",
        faults=_union(parts),
        payload=payload,
        indent=2,
    )


def _union(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.faults))
