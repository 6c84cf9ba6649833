"""What the servers that imitate OpenAI have in common, so that each module says its differences only.

They write JSON on one line, few headers, none of OpenAI's own fields (``service_tier``, ``obfuscation``,
``annotations``, ``refusal``), and errors as ``{"error": {"message", "type", "param", "code"}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.base import Backend, Words
from mockoai.endpoints.routes import PAGE
from mockoai.plan.headers import imf_fixdate, replaced
from mockoai.plan.items import DONE, Event, Failure, Headers, Page
from mockoai.wire.http1 import REASONS

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Json = dict[str, Any]


class Compatible(Backend):
    """A server that imitates OpenAI.

    Attributes of the class beside those of every backend:

    - ``server``: what it says as ``Server``; nothing when empty.
    - ``error_type``, ``server_error_type``: the types of errors under 500 and from there on.
    - ``fingerprint``: the ``system_fingerprint`` on chunks and bodies; no such field when None.
    - ``null_usage``: whether the other chunks of a stream with usage say that theirs is null.
    - ``pages``: what clients probe beside the API: method and path, such as ``GET /version``, to what answers it.
    """

    server = "uvicorn"
    lower_case = True
    says_keep_alive = False
    error_type = "invalid_request_error"
    server_error_type = "server_error"
    fingerprint: str | None = None
    null_usage = True
    pages: ClassVar[Mapping[str, Callable[[Any, Context], Page]]] = {}

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Find the backend's pages beside the routes of the API."""
        found = super().resolve(path)
        if found[0] == "unknown" and any(key.endswith(f" {path}") for key in self.pages):
            return PAGE, ()
        return found

    def page(self, context: Context) -> Page:
        """Answer with the page; a method that it does not take is answered like any unknown route."""
        request = context.request
        method = "GET" if request.method == "HEAD" else request.method
        answer = self.pages.get(f"{method} {request.path}")
        return self.wrong_method(context) if answer is None else answer(self, context)

    def wrong_method(self, context: Context) -> Page:
        """Return what is said to a method that a page does not take."""
        return Page(status=405, body={"detail": "Method Not Allowed"})

    # --- answers ----------------------------------------------------------------------------------------------

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return ``date``, ``server`` and the content type, as uvicorn writes them."""
        return (
            ("Date", imf_fixdate(context.now)),
            *((("Server", self.server),) if self.server else ()),
            *(() if stream else (("Content-Length", ""),)),
            ("Content-Type", self.stream_type if stream else self.json_type),
        )

    def events(self, events: Iterable[Event], context: Context) -> Iterable[Event]:
        """Give every payload to :meth:`chunk`, :meth:`completion`, :meth:`text` or :meth:`embeddings`."""
        return self.shaped(events, context)

    def shaped(self, events: Iterable[Event], context: Context) -> Iterator[Event]:
        """Yield ``events`` with this server's payloads, on one line each."""
        endpoint = context.endpoint
        shape = {"chat": self.chunk if context.stream else self.completion, "completions": self.text}.get(
            endpoint, self.embeddings if endpoint == "embeddings" else None
        )
        for event in events:
            if event.payload is DONE or shape is None:
                yield replace(event, indent=0) if event.indent else event
            else:
                yield replace(event, payload=shape(event.payload, context), indent=0)

    def chunk(self, payload: Json, context: Context) -> Json:
        """Return OpenAI's chunk of a chat stream in this server's shape; ``payload`` must not be changed itself."""
        shaped = self.envelope(payload)
        shaped["choices"] = [self.choice(one, context) for one in payload["choices"]]
        return shaped | self._usage(payload, context)

    def choice(self, choice: Json, context: Context) -> Json:
        """Return one choice of a chunk; by default without ``refusal``, unless it says something."""
        return {**choice, "delta": _speaking(choice["delta"])}

    def completion(self, payload: Json, context: Context) -> Json:
        """Return OpenAI's whole chat completion in this server's shape."""
        shaped = self.envelope(payload)
        shaped["choices"] = [{**one, "message": self.message(one["message"], context)} for one in payload["choices"]]
        return shaped | self._usage(payload, context)

    def message(self, message: Json, context: Context) -> Json:
        """Return the message of a whole chat completion; without ``annotations`` and an empty ``refusal``."""
        return {key: value for key, value in _speaking(message).items() if key != "annotations"}

    def envelope(self, payload: Json) -> Json:
        """Return what is around the choices of a chat completion: id, object, created, model, fingerprint."""
        shaped = {key: payload[key] for key in ("id", "object", "created", "model")}
        if self.fingerprint is not None:
            shaped["system_fingerprint"] = self.fingerprint
        return shaped

    def text(self, payload: Json, context: Context) -> Json:
        """Return OpenAI's legacy completion, a chunk or the whole, in this server's shape: model before choices."""
        shaped = self.envelope(payload)
        shaped["choices"] = payload["choices"]
        return shaped | self._usage(payload, context)

    def embeddings(self, payload: Json, context: Context) -> Json:
        """Return OpenAI's list of embeddings in this server's shape."""
        return payload

    def usage_object(self, usage: Json, context: Context) -> Json:
        """Return token counts in this server's shape; by default the three sums only."""
        return {key: value for key, value in usage.items() if not key.endswith("_details")}

    def _usage(self, payload: Json, context: Context) -> Json:
        """Return the key and the counts of ``payload``, where it has some or says that it has none."""
        if "usage" not in payload or not (payload["usage"] or self.null_usage):
            return {}
        return {"usage": payload["usage"] and self.usage_object(payload["usage"], context)}

    # --- errors -----------------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return the status's own phrase, and the type that goes with it."""
        kind = self.server_error_type if status >= 500 else self.error_type
        return REASONS.get(status, f"Error {status}"), kind, None

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return the headers of any answer, and the body that :meth:`payload` gives."""
        headers = self.headers(context, status=failure.status, stream=False)
        if failure.content_type is not None:
            headers = replaced(headers, (("Content-Type", failure.content_type),))
        payload = self.payload(failure) if failure.body is None else failure.body
        event = Event(at=failure.at, tokens=failure.tokens, mark="error", faults=failure.faults, payload=payload)
        return replaced(headers, failure.headers), event

    def payload(self, failure: Failure) -> Any:
        """Return ``{"error": {"message", "type", "param", "code"}}``, with what ``failure.extra`` adds."""
        return {
            "error": {
                "message": failure.message,
                "type": failure.type,
                "param": failure.param,
                "code": failure.code,
                **dict(failure.extra),
            }
        }


def _speaking(said: Json) -> Json:
    """Return a delta or message without a ``refusal`` that is null."""
    if said.get("refusal", "") is not None:
        return said
    return {key: value for key, value in said.items() if key != "refusal"}
