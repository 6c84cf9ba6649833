"""What an imitated server may do differently.

Theory of operation. The endpoints render every reply in OpenAI's shapes, and the backend turns these into its own, a
stage at a time. Each stage takes what flows through the pipeline there (see :mod:`mockoai.plan.items`) and gives back
its own version, so a backend says its differences only:

==================  ===================================================================  ===========================
stage               what it may change                                                    gets
==================  ===================================================================  ===========================
:meth:`resolve`     which paths are routes of the API, and which are pages of its own     the path
:meth:`credential`  how a key is shown; :meth:`guards` says which requests need one       the request
:meth:`minds`       which of OpenAI's refusals are its own; :meth:`check`: which it adds  OpenAI's error
:meth:`refusal`     what is said to a request that is refused, by its ``cause``           OpenAI's error
:meth:`parts`       the pieces of the answer: tool calls as text, several tokens at once  parts without times
:meth:`failure`     headers and body of errors                                            the error
:meth:`headers`     headers of answers
:meth:`events`      JSON of chunks and bodies: their fields, order, number                OpenAI's events
:meth:`writer`      how JSON is written: spaces and escapes
:meth:`frames`      bytes of each event: comments, separators, keep-alives                a head and its frames
==================  ===================================================================  ===========================

What many of them do alike is in :mod:`mockoai.backends.habits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from mockoai.credential import bearer
from mockoai.endpoints.routes import resolve
from mockoai.plan.items import Event, Failure, Headers, Item, Model, Page, Part
from mockoai.seed import HEXADECIMAL, Seed
from mockoai.wire.sse import Writer, encode_json

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

MODEL_CREATED = 1_700_000_000
"""``created`` of models that were named without one, in seconds since 1970."""

Words = tuple[str, str | None, str | int | None]
"""Message, type and code of an error."""

_ID_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-"}


class Backend:
    """One imitated server.

    Attributes, all of the class:

    - ``name``, ``title``: as it is asked for, and as people call it.
    - ``port``, ``base``: where it listens by default, and the path of the base URL that clients are given.
    - ``auth``: how it wants a key, in a word or two for people.
    - ``owner``: ``owned_by`` of models that were named without one.
    - ``json_type``, ``stream_type``: its content types.
    - ``lower_case``: whether it writes header names in lower case, as uvicorn and hyper do.
    - ``says_keep_alive``: whether it says ``Connection: keep-alive`` when it keeps the connection.
    - ``reasoning_field``: the key under which reasoning shows in messages and deltas (``reasoning_content``,
      ``reasoning``); None where it is counted and not shown.
    - ``usage``: whether streams carry usage when ``asked``, ``always`` or ``never``.
    - ``obfuscation``: whether chunks are padded.
    - ``exact_models``: whether a model that is not listed is refused in requests.
    - ``any_model``: whether ``GET /models/{model}`` answers for any name.
    - ``recallable``: whether equal requests get answers that differ in nothing but their ids and the time when they
      were asked, which is what lets them be recalled. So whatever else is made up comes from the context's ``content``
      seed, not from its ``seed``.
    """

    name: str
    title: str
    port = 8000
    base = "/v1"
    auth = "Bearer"
    owner = "openai"
    json_type = "application/json"
    stream_type = "text/event-stream; charset=utf-8"
    lower_case = False
    says_keep_alive = True
    reasoning_field: str | None = None
    usage: Literal["asked", "always", "never"] = "asked"
    obfuscation = False
    exact_models = False
    any_model = False
    recallable = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the endpoint at ``path``, percent-decoded, and what the path says.

        See :func:`mockoai.endpoints.routes.resolve`; ``page`` is the endpoint of what :meth:`page` answers.
        The routes are found behind :attr:`base`, behind ``/v1`` and at the root.
        """
        if self.base != "/v1" and path.startswith(f"{self.base}/"):
            path = path[len(self.base) :]
        return resolve(path)

    def credential(self, request: Request) -> str:
        """Return the key that ``request`` shows, or one of the signs in :mod:`mockoai.credential`."""
        return bearer(request)

    def guards(self, request: Request) -> bool:
        """Whether ``request`` needs a key, where keys are needed at all."""
        return True

    def minds(self, failure: Failure) -> bool:
        """Whether this server minds what OpenAI refuses with ``failure``.

        That is another content type than JSON's, no model, one that is not listed, or a parameter of a chat.
        What it does not mind, it answers.
        """
        return True

    def check(self, context: Context) -> Failure | None:
        """Return why this server refuses a request that OpenAI would answer, or None."""
        return None

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Return what this server says in place of ``failure``, which refuses a request in OpenAI's words.

        ``failure.cause`` says why. Its status may change; its shape is given by :meth:`payload` later.
        """
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """Return the ``id`` of an answer, always equally long for one endpoint; empty where it has none."""
        prefix = _ID_PREFIXES.get(endpoint)
        return prefix + seed.child("id").text(29) if prefix else ""

    def request_id(self, seed: Seed) -> str:
        """Return what the headers call the exchange, always equally long."""
        return "req_" + seed.child("request").text(32, HEXADECIMAL)

    def snapshot(self, model: str) -> str:
        """Return the name that answers give for ``model``; the same, unless it is an alias of a dated one."""
        return model

    def parts(self, parts: Sequence[Part], context: Context) -> Sequence[Part]:
        """Return the pieces in which this server says the answer.

        None has a time yet; their ``tokens`` must go on to count all tokens up to and including them.
        """
        return parts

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Give OpenAI's events this server's fields, order and number; of a whole body, there is one."""
        return events

    def writer(self, context: Context) -> Writer:
        """Return what writes the JSON of chunks and bodies: the spaces and escapes of this server's library."""
        return encode_json

    def frames(self, items: Sequence[Item], context: Context) -> Sequence[Item]:
        """Return the head and the frames of an answer, with this server's own framing."""
        return items

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Headers of an answer, without those that delimit the body, in the order they are sent.

        ``("Content-Length", "")`` says where that one stands, if not at the end.
        """
        raise NotImplementedError

    # --- errors -----------------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return message, type and code of an error that a scenario asks for without saying them."""
        raise NotImplementedError

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Give an error its body and all its headers but those that delimit the body."""
        raise NotImplementedError

    def payload(self, failure: Failure) -> Any:
        """The JSON body of an error."""
        raise NotImplementedError

    # --- models and pages -------------------------------------------------------------------------------------

    def models(self) -> tuple[Model, ...]:
        """The model list when the scenario and the command line give none."""
        raise NotImplementedError

    def entry(self, id: str) -> Model:
        """Return the model called ``id``, as listed, or made up like those that are."""
        return next((one for one in self.models() if one.id == id), Model(id=id, created=MODEL_CREATED))

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """The JSON of one model, in the list and by itself."""
        return {
            "id": model.id,
            "object": "model",
            "created": model.created,
            "owned_by": model.owned_by or self.owner,
            **dict(model.extra),
        }

    def model_list(self, models: Sequence[Model], context: Context) -> Any:
        """The JSON of the model list."""
        return {"object": "list", "data": [self.one_model(one, context) for one in models]}

    def page(self, context: Context) -> Page:
        """Answer a request that :meth:`resolve` took for a page."""
        raise NotImplementedError
