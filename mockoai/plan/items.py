"""What flows through the five layers: the items, each a frozen value.

Theory of operation. A reply becomes bytes in five layers. Each layer is a list of items; a fault belongs to
one layer, is fed that layer's items one at a time and gives back none, one or several:

====================  ===========================================  ==========================================
layer                 items                                        becomes
====================  ===========================================  ==========================================
reply                 :class:`Part` (text, tool fragment, usage…)  events, by the endpoint and the backend
event                 :class:`Event`, one JSON payload             frames, by ``wire.sse`` (or one JSON body)
frame                 :class:`Frame`, the bytes of one SSE event   chunks, after a :class:`Head`
body                  :class:`Head`, :class:`Chunk`,               writes, by ``wire.http1``
                      :class:`LastChunk`
transport             :class:`Write`, :class:`Wait`, :class:`End`  the steps of the plan
====================  ===========================================  ==========================================

A :class:`Head` is the first item of the event layer and travels down unchanged until the body layer.

Every item says where in the answer it stands, so that a place ("after 3 tokens") means the same in every
layer: ``at`` is when it leaves, ``tokens`` and ``events`` count up to and including it, ``mark`` names it.
``faults`` names the faults that made or changed it; the pipeline fills it in, fault authors need not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform

T = TypeVar("T")

Layer = Literal["reply", "event", "frame", "body", "transport"]
LAYERS: tuple[Layer, ...] = ("reply", "event", "frame", "body", "transport")

Mark = Literal["", "headers", "role", "content", "finish", "usage", "done", "body", "error", "end"]

Headers = tuple[tuple[str, str], ...]


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def _item(cls: type[T]) -> type[T]:
        """Make ``cls`` an item."""
        ...

else:
    # Frozen for the type checker only: a plan is made of hundreds of items, and the runtime's check trebles the
    # time it takes to make one.
    _item = dataclass(unsafe_hash=True, slots=True, kw_only=True)


@_item
class Item:
    """What every item carries.

    ``at``: seconds after the request was read at which it leaves. ``tokens``: tokens of the answer (all
    choices) up to and including this item. ``events``: SSE events up to and including this item, ``[DONE]``
    counted, comments not; a JSON body is one event.
    """

    at: float = 0.0
    tokens: int = 0
    events: int = 0
    mark: Mark = ""
    faults: tuple[str, ...] = ()


# --- reply layer ------------------------------------------------------------------------------------------


@_item
class Part(Item):
    """A piece of a healthy model's answer; ``choice`` is the index of the choice it belongs to."""

    choice: int = 0


@_item
class Role(Part):
    """The start of a choice's message."""

    mark: Mark = "role"
    role: str = "assistant"


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """The log probability of one token and of the ``top`` alternatives asked for (API: ``top_logprobs``)."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@_item
class Text(Part):
    """One token of the answer's text."""

    mark: Mark = "content"
    text: str
    logprob: TokenLogprob | None = None


@_item
class Reasoning(Part):
    """One token of the model's reasoning, which OpenAI's API keeps to itself and others show."""

    mark: Mark = "content"
    text: str


@_item
class Refusal(Part):
    """One token of a refusal (API: ``message.refusal``)."""

    mark: Mark = "content"
    text: str
    logprob: TokenLogprob | None = None


@_item
class ToolCall(Part):
    """A fragment of a tool call.

    ``index`` is the position of the call in the message. The first fragment has ``id`` and ``name``, later
    ones have ``None`` there and only add to ``arguments``. ``legacy`` marks the deprecated ``function_call``.
    """

    mark: Mark = "content"
    index: int = 0
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    kind: Literal["function", "custom"] = "function"
    legacy: bool = False


@_item
class Finish(Part):
    """The end of a choice (API: ``finish_reason``)."""

    mark: Mark = "finish"
    reason: str


@_item
class Usage(Part):
    """Token counts (API: ``usage``). ``extra`` is merged into the object as it stands."""

    mark: Mark = "usage"
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    cached: int = 0
    extra: tuple[tuple[str, Any], ...] = ()


@_item
class Vector(Part):
    """One embedding; ``choice`` is the index of its input."""

    mark: Mark = "content"
    values: tuple[float, ...]


@_item
class Model(Part):
    """One entry of the model list; without ``owned_by`` it is the backend's."""

    mark: Mark = "content"
    id: str
    created: int = 0
    owned_by: str = ""
    extra: tuple[tuple[str, Any], ...] = ()


@_item
class Page(Part):
    """The answer to something that clients probe beside the API, such as ``GET /version``.

    ``body`` is a JSON value, or a text as it stands; ``content_type`` replaces the backend's for JSON, ``""``
    leaves it out; ``headers`` replace those of equal name.
    """

    mark: Mark = "content"
    body: Any = None
    status: int = 200
    content_type: str | None = None
    headers: Headers = ()


Cause = Literal[
    "",
    "route",
    "method",
    "key-missing",
    "key-malformed",
    "key-wrong",
    "key-expired",
    "key-revoked",
    "organization",
    "quota",
    "rate",
    "content-type",
    "json",
    "model-missing",
    "model-unknown",
    "parameter",
]
"""Why a request is refused, so that a backend can say it in its own words; empty for errors that scenarios ask for."""


@_item
class Failure(Part):
    """An error instead of an answer. The backend gives it its shape unless ``body`` is set.

    ``extra`` is merged into the error object. ``body``, when not None, is the whole body: a str or bytes as
    they stand, anything else as JSON. ``headers`` are added to the backend's, or replace those of equal name.
    ``foreign`` marks an error that is not the backend's, such as a gateway's in front of it: of the backend's
    headers it has content type and date only, and not even that type when ``content_type`` is empty. ``reason`` is
    the reason phrase, when it is not the usual one. ``cause`` says why a request was refused; errors that differ in
    nothing else are equal.
    """

    mark: Mark = "error"
    status: int
    message: str = ""
    type: str | None = "invalid_request_error"
    param: str | None = None
    code: str | int | None = None
    headers: Headers = ()
    extra: tuple[tuple[str, Any], ...] = ()
    body: Any = None
    content_type: str | None = None
    foreign: bool = False
    reason: str | None = None
    cause: Cause = field(default="", compare=False)


# --- event layer ------------------------------------------------------------------------------------------


class Done:
    """The payload of the ``[DONE]`` event."""

    def __repr__(self) -> str:
        return "[DONE]"


DONE = Done()


@_item
class Event(Item):
    """One JSON payload: a chunk of a stream, or the whole body of an answer that is not streamed.

    ``payload`` is a JSON value or :data:`DONE`. It is shared: a fault that changes it makes a copy. ``name``
    becomes the ``event:`` field. ``indent`` writes the JSON over several lines, with 2 or 4 spaces a level, as OpenAI
    does for bodies; ``newline`` says whether such a body ends with a line feed, ``always`` also on one line.
    """

    payload: Any
    name: str | None = None
    indent: int = 0
    newline: bool | Literal["always"] = True


# --- frame layer ------------------------------------------------------------------------------------------


@_item
class Frame(Item):
    """The bytes of one SSE event with its blank line, of a comment, or of a whole JSON body.

    ``comment`` marks frames that a parser ignores (WHATWG SSE §9.2.6); they do not count as events.
    """

    data: bytes
    comment: bool = False


# --- body layer -------------------------------------------------------------------------------------------

Framing = Literal["chunked", "length", "close", "none"]


@_item
class Head(Item):
    """Status line and header section (RFC 9112 §2.1).

    ``framing`` is how the body is delimited in truth: ``chunked``, ``length`` and ``close`` as in RFC 9112
    §6; ``none`` for answers without a body. ``headers`` are written as they stand, in this order, so a fault
    can make them lie. ``newline`` ends every line. ``phrase`` says whether the status line has a reason phrase and
    the space before it. ``raw`` replaces the whole head when set.
    """

    mark: Mark = "headers"
    status: int
    reason: str | None = None
    headers: Headers = ()
    framing: Framing = "chunked"
    version: str = "HTTP/1.1"
    newline: bytes = b"\r\n"
    phrase: bool = True
    raw: bytes | None = None

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, whatever its case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def without(self, *names: str) -> Headers:
        """Return the headers less those called ``names``, whatever their case."""
        dropped = {name.lower() for name in names}
        return tuple(pair for pair in self.headers if pair[0].lower() not in dropped)

    def replaced(self, name: str, value: str) -> Headers:
        """Return the headers with the first ``name`` set to ``value``, in its place, or added at the end."""
        wanted = name.lower()
        out: list[tuple[str, str]] = []
        done = False
        for key, old in self.headers:
            if key.lower() != wanted:
                out.append((key, old))
            elif not done:
                out.append((key, value))
                done = True
        if not done:
            out.append((name, value))
        return tuple(out)


@_item
class Chunk(Item):
    """Bytes of the body; one HTTP chunk when the framing is chunked (RFC 9112 §7.1).

    ``size`` and ``end`` replace the chunk-size line (without its CRLF) and the CRLF after the data, for
    faults; None is what the data says.
    """

    data: bytes
    size: bytes | None = None
    end: bytes = b"\r\n"


@_item
class LastChunk(Item):
    """The end of the body: ``0 CRLF``, trailers and CRLF when chunked, nothing otherwise."""

    mark: Mark = "end"
    trailers: Headers = ()


# --- transport layer --------------------------------------------------------------------------------------


@_item
class Write(Item):
    """Bytes for the socket, as they are.

    ``body`` is how many of them are bytes of the body as the client reads it (no head, no chunk framing);
    they start at ``lead``.
    """

    data: bytes
    lead: int = 0
    body: int = 0


@_item
class Wait(Item):
    """Silence from ``at`` on, for ``seconds``; what follows has already been moved back by them."""

    seconds: float


Ending = Literal["clean", "fin", "rst", "hang"]


@_item
class End(Item):
    """How the answer ends.

    ``clean``: the connection stays as announced (kept alive, or closed when the head said so). ``fin``: closed
    after what was sent. ``rst``: reset. ``hang``: left open and silent until the client leaves or the server's
    hang limit passes. ``idle`` says that the answer was whole and the connection only waits to be closed: a request
    that comes in the meantime loses the race, and the connection is reset.
    """

    mark: Mark = "end"
    how: Ending = "clean"
    idle: bool = False


Step = Write | Wait | End
