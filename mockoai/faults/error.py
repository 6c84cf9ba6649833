"""Errors in place of the answer: refused keys, unknown routes and models, and bodies that are no API error
at all.

All of them put a :class:`~mockoai.plan.items.Failure` in place of the whole answer, so they work on every
endpoint and on requests that healthily would have been an error of another kind. An error is decided before
anything is streamed: it is one body with its own status, also where a stream was asked for. Errors behind
the first event are the family ``midstream``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockoai.endpoints import refusals
from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.items import Failure, Headers, Item, Part
from mockoai.reply.failure import foreign


@dataclass(frozen=True, kw_only=True)
class ErrorFault(Fault):
    """Put the error that :meth:`failure` makes in place of the answer."""

    def failure(self, run: Run) -> Failure:
        """Return the error to answer with."""
        raise NotImplementedError

    def feed(self, item: Part, run: Run) -> Iterable[Item]:
        """Answer with the error at the first part and drop the others."""
        if run.items:
            return ()
        failure = self.failure(run)
        run.fire(f"answered with status {failure.status}")
        return [replace(failure, at=item.at)]


def html_page(title: str, server: str) -> str:
    """Return a gateway's error page, as nginx writes it."""
    lines = (
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<center><h1>{title}</h1></center>",
        f"<hr><center>{server}</center>",
        "</body>",
        "</html>",
        "",
    )
    return "\r\n".join(lines)


# --- keys -------------------------------------------------------------------------------------------------


@fault("auth-missing-key", family="error", layer="reply", claims=["answer"])
class AuthMissingKey(ErrorFault):
    """Answer 401 as if the request had no API key, whatever key it has.

    On the wire: ``401`` with "You didn't provide an API key. …", type ``invalid_request_error``, code null,
    and a ``www-authenticate`` header. Who does it: OpenAI for a request without ``Authorization``;
    DashScope in the same words. Catalogue: ``auth-missing-key``.
    """

    def failure(self, run: Run) -> Failure:
        """Return the 401."""
        return refusals.missing_key()


@fault("auth-invalid-key", family="error", layer="reply", claims=["answer"])
class AuthInvalidKey(ErrorFault):
    """Answer 401 as if the request's API key were wrong; the message shows it masked.

    On the wire: ``401`` with "Incorrect API key provided: sk-…", code ``invalid_api_key``. Who does it:
    OpenAI for a revoked or mistyped key. Catalogue: ``auth-invalid-key``.
    """

    def failure(self, run: Run) -> Failure:
        """Return the 401."""
        scheme, _, key = (run.context.request.header("authorization") or "").partition(" ")
        return refusals.wrong_key(key.strip() if scheme.lower() == "bearer" else "")


# --- routes and models ------------------------------------------------------------------------------------


@fault("unknown-route-404-openai", family="error", layer="reply", claims=["answer"])
class UnknownRoute(ErrorFault):
    """Answer 404 as if the route did not exist.

    On the wire: ``404`` with "Invalid URL (POST /v1/ask_url)", naming the request's method and path. Who
    does it: OpenAI for a base URL that already contains the endpoint or lacks ``/v1``. Catalogue:
    ``unknown-route-404-openai``.
    """

    def failure(self, run: Run) -> Failure:
        """Return the 404."""
        request = run.context.request
        return refusals.unknown_url(request.method, request.path)


@fault("unknown-route-200-error", family="error", layer="reply", claims=["answer"])
class UnknownRouteOk(ErrorFault):
    """Answer 200 with an error that is a bare string, as if the route did not exist.

    On the wire: ``200`` ``{"error":"Unexpected endpoint or method. (POST /chat/completions)"}``, naming the
    request's method and path. Who does it: LM Studio for every unknown path, the missing ``/v1`` above all.
    Catalogue: ``unknown-route-200-error``, ``models-200-error``.
    """

    def failure(self, run: Run) -> Failure:
        """Return the 200."""
        request = run.context.request
        text = f"Unexpected endpoint or method. ({request.method} {request.path})"
        powered: Headers = (("X-Powered-By", "Express"),)
        return foreign(200, {"error": text}, "application/json; charset=utf-8", powered)


@fault("model-not-found-404-openai", family="error", layer="reply", claims=["answer"])
class ModelNotFound(ErrorFault):
    """Answer 404 as if the model did not exist.

    On the wire: ``404`` with "The model `x` does not exist or you do not have access to it.", code
    ``model_not_found``, param null; ``model`` is the request's unless given. Who does it: OpenAI on chat
    and embeddings. Catalogue: ``model-not-found-404-openai``.
    """

    model: str = ""

    def failure(self, run: Run) -> Failure:
        """Return the 404."""
        request = run.context.request
        return refusals.unknown_model(self.model or request.model or request.parameter("model"))


@fault("model-not-found", family="error", layer="reply", claims=["answer"])
class ModelNotFoundElsewhere(ErrorFault):
    """Answer as servers other than OpenAI's chat do when a model does not exist; ``model`` is the request's
    unless given.

    On the wire, by ``form``: ``responses`` is OpenAI's ``/v1/responses``, ``400`` with "The requested model 'x'
    does not exist." and param ``model``; ``groq`` ``404`` in OpenAI's words without ``param``; ``vllm`` ``404``
    of type ``NotFoundError`` with the code as a number; ``ollama`` ``404`` "model 'x' not found" of type
    ``not_found_error``; ``fastchat`` ``400``, flat, with code 40301 and a list of what is allowed. Who does it:
    each of them. Catalogue: ``model-not-found-400-openai``, ``model-not-found-no-param``,
    ``model-not-found-vllm``, ``model-not-found-ollama``, ``model-not-found-400-fastchat``.
    """

    form: Literal["responses", "groq", "vllm", "ollama", "fastchat"] = "vllm"
    model: str = ""

    def failure(self, run: Run) -> Failure:
        """Return the error."""
        request = run.context.request
        model = self.model or request.model or request.parameter("model")
        if self.form == "responses":
            message = f"The requested model '{model}' does not exist."
            return Failure(status=400, message=message, param="model", code="model_not_found")
        if self.form == "fastchat":
            message = f"Only vicuna-7b-v1.5&&longchat-7b-32k-v1.5 allowed now, your model {model}"
            return foreign(400, {"object": "error", "message": message, "code": 40301})
        error: dict[str, Any]
        if self.form == "groq":
            error = {
                "message": f"The model `{model}` does not exist or you do not have access to it.",
                "type": "invalid_request_error",
                "code": "model_not_found",
            }
        elif self.form == "vllm":
            error = {
                "message": f"The model `{model}` does not exist.",
                "type": "NotFoundError",
                "param": "model",
                "code": 404,
            }
        else:
            error = {"message": f"model '{model}' not found", "type": "not_found_error", "param": None, "code": None}
        return foreign(404, {"error": error})


# --- requests that are refused ----------------------------------------------------------------------------


@fault("bad-request-unsupported-parameter", family="error", layer="reply", claims=["answer"])
class UnsupportedParameter(ErrorFault):
    """Answer 400 because of a parameter that the model does not take.

    On the wire: ``400`` with "Unsupported parameter: 'max_tokens' is not supported with this model. Use
    'max_completion_tokens' instead.", code ``unsupported_parameter``; an empty ``instead`` leaves the
    advice out. Who does it: OpenAI's reasoning models. Catalogue: ``bad-request-unsupported-parameter``.
    """

    parameter: str = "max_tokens"
    instead: str = "max_completion_tokens"

    def failure(self, run: Run) -> Failure:
        """Return the 400."""
        message = f"Unsupported parameter: '{self.parameter}' is not supported with this model."
        if self.instead:
            message += f" Use '{self.instead}' instead."
        return Failure(status=400, message=message, param=self.parameter, code="unsupported_parameter")


@fault("context-length-exceeded", family="error", layer="reply", claims=["answer"])
class ContextLengthExceeded(ErrorFault):
    """Answer 400 because the prompt and the answer asked for do not fit into the model's context.

    On the wire, with ``shape: vllm``: ``{"object":"error","message":"This model's maximum context length is
    2048 tokens. However, you requested 2723 tokens (1699 in the messages, 1024 in the
    completion)…","type":"BadRequestError", "param":null,"code":400}``; with ``openai``: the same sentence,
    param ``messages`` and code ``context_length_exceeded``; with ``llama.cpp``: type
    ``exceed_context_size_error`` with ``n_prompt_tokens`` and ``n_ctx``. Who does it: each of them.
    Catalogue: ``context-length-exceeded``, ``error-extra-fields``.
    """

    shape: Literal["vllm", "openai", "llama.cpp"] = "vllm"
    limit: int = 2048
    messages: int = 1699
    completion: int = 1024

    def failure(self, run: Run) -> Failure:
        """Return the 400."""
        if self.shape == "llama.cpp":
            message = (
                f"request ({self.messages} tokens) exceeds the available context size ({self.limit} tokens), "
                "try increasing it"
            )
            error: dict[str, Any] = {"code": 400, "message": message, "type": "exceed_context_size_error"}
            error |= {"n_prompt_tokens": self.messages, "n_ctx": self.limit}
            return foreign(400, {"error": error})
        message = (
            f"This model's maximum context length is {self.limit} tokens. However, you requested "
            f"{self.messages + self.completion} tokens ({self.messages} in the messages, "
            f"{self.completion} in the completion). Please reduce the length of the messages or "
            "completion."
        )
        if self.shape == "openai":
            return Failure(status=400, message=message, param="messages", code="context_length_exceeded")
        flat = {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}
        return foreign(400, flat)
