"""Errors whose body is not OpenAI's: flat, a bare string, an array, a page of HTML, or with a status of 200.

Each is the dialect of one server. A body that no fault here makes can be written out in a scenario as
``reply: { error: { status: …, body: … } }``.
"""

from __future__ import annotations

from typing import Any, Literal

from mockoai.faults.base import Run
from mockoai.faults.error import ErrorFault, html_page
from mockoai.faults.registry import fault
from mockoai.plan.items import Failure
from mockoai.reply.failure import foreign

_NAMES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Temporarily Unavailable"}
_NAMES |= {
    504: "Gateway Time-out",
    520: "Web server is returning an unknown error",
    524: "A timeout occurred",
}
_NAMES |= {403: "Forbidden", 404: "Not Found", 413: "Request Entity Too Large"}


@fault("error-flat-object", family="error", layer="reply", claims=["answer"])
class ErrorFlatObject(ErrorFault):
    """Answer with an error object that is not wrapped in ``error``.

    On the wire: ``{"object":"error","message":"boom","type":"BadRequestError","param":null,"code":400}``;
    ``code`` is the status unless given. Who does it: vLLM before 0.10.1, SGLang for answers that are not
    streamed. Catalogue: ``error-flat-object``.
    """

    status: int = 400
    message: str = "boom"
    type: str = "BadRequestError"
    parameter: str | None = None
    code: int | None = None

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        body = {"object": "error", "message": self.message, "type": self.type, "param": self.parameter}
        return foreign(self.status, body | {"code": self.status if self.code is None else self.code})


@fault("error-flat-fastchat", family="error", layer="reply", claims=["answer"])
class ErrorFlatFastchat(ErrorFault):
    """Answer 400 with a flat error object and a code of five digits.

    On the wire: ``400`` ``{"object":"error","message":"…","code":40303}``. Who does it: FastChat, for every
    error whatever its kind. Catalogue: ``error-flat-fastchat``, ``model-not-found-400-fastchat``.
    """

    message: str = (
        "This model's maximum context length is 2048 tokens. However, you requested 2723 tokens "
        "(1699 in the messages, 1024 in the completion). Please reduce the length of the messages or "
        "completion."
    )
    code: int = 40303

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        return foreign(400, {"object": "error", "message": self.message, "code": self.code})


@fault("error-bare-string", family="error", layer="reply", claims=["answer"])
class ErrorBareString(ErrorFault):
    """Answer with an error that is a string instead of an object.

    On the wire: ``{"error":"model requires more system memory"}``. Who does it: Ollama's native API, vLLM
    and Aphrodite for a wrong key (``status: 401``, ``message: Unauthorized``), xAI. Catalogue:
    ``error-bare-string``, ``auth-401-bare-string``.
    """

    status: int = 500
    message: str = "model requires more system memory"

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        return foreign(self.status, {"error": self.message})


@fault("error-string-plus-type", family="error", layer="reply", claims=["answer"])
class ErrorStringPlusType(ErrorFault):
    """Answer with an error string and, beside it, its kind.

    On the wire: ``{"error":"Input validation error: …","error_type":"validation"}``. Who does it: TGI, with
    status 422 for ``validation``, 424 ``generation``, 429 ``overloaded``, 500 ``incomplete_generation``,
    503 ``healthcheck``. Catalogue: ``error-string-plus-type``, ``overloaded-429``.
    """

    status: int = 422
    message: str = "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048"
    kind: str = "validation"

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        return foreign(self.status, {"error": self.message, "error_type": self.kind})


@fault("error-code-and-error-string", family="error", layer="reply", claims=["answer"])
class ErrorCodeAndErrorString(ErrorFault):
    """Answer with a sentence as ``code`` and another as ``error``, by default with status 200.

    On the wire: ``200`` ``{"code":"The service is currently unavailable","error":"Timed out waiting for
    first token"}``. Who does it: xAI, often with status 200. Catalogue: ``error-code-and-error-string``.
    """

    status: int = 200
    code: str = "The service is currently unavailable"
    message: str = "Timed out waiting for first token"

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        return foreign(self.status, {"code": self.code, "error": self.message})


@fault("error-json-array", family="error", layer="reply", claims=["answer"])
class ErrorJsonArray(ErrorFault):
    """Answer with an array that holds one error object; the code is the status as a number.

    On the wire: ``[{"error":{"code":429,"message":"…","status":"RESOURCE_EXHAUSTED"}}]``. Who does it:
    Gemini's OpenAI-compatible endpoint. Catalogue: ``error-json-array``.
    """

    status: int = 429
    message: str = "You exceeded your current quota, please check your plan and billing details."
    name: str = "RESOURCE_EXHAUSTED"

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        error = {"code": self.status, "message": self.message, "status": self.name}
        return foreign(self.status, [{"error": error}])


@fault("error-html-body", family="error", layer="reply", claims=["answer"])
class ErrorHtmlBody(ErrorFault):
    """Answer with a gateway's page of HTML.

    On the wire: ``502`` ``text/html``, ``Server: nginx``, ``<html><head><title>502 Bad
    Gateway</title></head>…<center>nginx</center>…``, its lines ended by CR LF. Who does it: nginx, and
    gateways of the same kind, for 502, 504, 413 and others. Catalogue: ``error-html-body``, ``status-413``,
    ``status-524``.
    """

    status: int = 502
    server: str = "nginx"

    def failure(self, run: Run) -> Failure:
        """Return the page."""
        name = _NAMES.get(self.status, "Error")
        page = html_page(f"{self.status} {name}", self.server)
        return foreign(self.status, page, "text/html", (("Server", self.server),), name)


@fault("http-200-error-json", family="error", layer="reply", claims=["answer"])
class Http200ErrorJson(ErrorFault):
    """Answer 200 with an error object instead of a completion, as JSON, also where a stream was asked for.

    On the wire: ``200`` ``{"error":{"message":"boom","type":"server_error","param":null,"code":null}}``;
    with ``shape: detail`` ``{"detail":"boom"}``; ``content_type`` can claim a stream. Who does it:
    OpenRouter once generation began, xAI, LM Studio, careless proxies. Catalogue: ``http-200-error-json``,
    ``http-200-detail-json``, ``err-200-json-body-for-stream``, ``err-200-json-body-sse-type``.
    """

    message: str = "boom"
    type: str = "server_error"
    shape: Literal["error", "detail"] = "error"
    content_type: str = "application/json"

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        body: Any = {"detail": self.message}
        if self.shape == "error":
            body = {"error": {"message": self.message, "type": self.type, "param": None, "code": None}}
        return foreign(200, body, self.content_type)
