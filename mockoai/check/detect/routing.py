"""Detectors of the category ``routing``: paths, methods, hosts and models that are not there, and gateways."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockoai.check.detect.look import body, field, head, short, told
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import Failure, read_failure

_MODEL = re.compile(r"\bmodel\b.*(?:not (?:found|exist)|exist|allowed|unknown|invalid)|only .*allowed now", re.I | re.S)
_NO_ROUTE = re.compile(r"no (?:matching )?route", re.I)
_NO_UPSTREAM = re.compile(r"upstream connect error|no healthy upstream", re.I)
_ENDPOINT = re.compile(r"endpoint|method|url|path|route", re.I)


@detects(
    "unknown-route-404-openai",
    "unknown-route-404-fastapi",
    "unknown-route-404-llamacpp",
    "unknown-route-404-text",
    "gateway-no-route",
    "deployment-not-found-azure",
)
def not_found(case: Case) -> Iterator[Seen]:
    """404 that is not about a model, by its shape."""
    for one in case.errors:
        if one.status == 404 and not _about_model(failure := read_failure(one)):
            id = _shape_of_404(failure)
            if id and not (id == "unknown-route-404-text" and one.ask.kind == "model"):
                yield Seen(id, one, f"404 to {one.ask.method} {one.path}", body(one), told(one))


def _shape_of_404(failure: Failure) -> str:
    if _NO_ROUTE.search(failure.message):
        return "gateway-no-route"
    if failure.code == "DeploymentNotFound":
        return "deployment-not-found-azure"
    if failure.shape == "detail":
        return "unknown-route-404-fastapi"
    if failure.shape == "text":
        return "unknown-route-404-text"
    if failure.shape == "nested":
        if isinstance(failure.code, int) and "param" not in failure.error:
            return "unknown-route-404-llamacpp"
        if re.search(r"invalid url|unknown request url|no such (?:route|endpoint|path)", failure.message, re.I):
            return "unknown-route-404-openai"
    return ""


@detects("unknown-route-200-error")
def success_that_is_none(case: Case) -> Iterator[Seen]:
    """200 with an error as a text, for a path that is no endpoint."""
    for one in case.answers:
        failure = read_failure(one)
        alone = failure.shape == "string" and "code" not in failure.body and "choices" not in failure.body
        if one.status == 200 and alone and _ENDPOINT.search(failure.message):
            yield Seen("unknown-route-200-error", one, f"200 to {one.ask.method} {one.path}", body(one), told(one))


@detects("cors-preflight-not-handled")
def preflight(case: Case) -> Iterator[Seen]:
    """A browser's question before the request is not understood."""
    for one in case.provoked("preflight"):
        if one.message.header("access-control-allow-origin") is None:
            text = f"OPTIONS gets {one.status} without `access-control-allow-origin`"
            yield Seen("cors-preflight-not-handled", one, text, head(one))


@detects("method-not-allowed-405")
def method(case: Case) -> Iterator[Seen]:
    """405."""
    for one in case.errors:
        if one.status == 405:
            allowed = one.message.header("allow")
            text = f"405 to {one.ask.method}{f', allowed is {allowed}' if allowed else ''}"
            yield Seen("method-not-allowed-405", one, text, body(one), told(one))


@detects("redirect-302-login", "redirect-307-trailing-slash")
def redirect(case: Case) -> Iterator[Seen]:
    """Somewhere else."""
    for one in case.answers:
        where = one.message.header("location")
        if not where or one.status not in (301, 302, 303, 307, 308):
            continue
        id = "redirect-307-trailing-slash" if one.status in (307, 308) else "redirect-302-login"
        yield Seen(id, one, f"{one.status} to `{where[:120]}`", field(one, "location"), told(one))


@detects("host-header-rejected")
def host(case: Case) -> Iterator[Seen]:
    """The ``Host`` header is not the one that the server expects."""
    for one in case.errors:
        failure = read_failure(one)
        if one.status in (400, 403, 421) and re.search(r"\bhost header\b|\binvalid host\b", failure.message, re.I):
            yield Seen("host-header-rejected", one, failure.message, body(one))


@detects(
    "model-not-found-404-openai",
    "model-not-found-400-openai",
    "model-not-found-no-param",
    "model-not-found-vllm",
    "model-not-found-400-fastchat",
    "model-not-found-ollama",
)
def no_model(case: Case) -> Iterator[Seen]:
    """A model that is not there, by the shape of the answer."""
    for one in case.errors:
        failure = read_failure(one)
        if one.ask.kind == "model":
            continue  # a list may have what cannot be asked for by itself
        if one.status in (400, 404) and _about_model(failure) and (id := _shape_of_no_model(one, failure)):
            # A model that the server lists itself, or that the user names, should be there.
            yield Seen(id, one, f"{one.status}: {failure.message}", body(one), told(one))


def _about_model(failure: Failure) -> bool:
    return failure.code == "model_not_found" or (
        failure.shape in ("nested", "flat") and _MODEL.search(failure.message) is not None
    )


def _shape_of_no_model(one: Exchange, failure: Failure) -> str:
    code = failure.code
    if failure.shape == "flat":
        return "model-not-found-400-fastchat" if isinstance(code, int) and code >= 10_000 else ""
    if failure.shape != "nested":
        return ""
    if isinstance(code, int):
        return "model-not-found-vllm"
    if code == "model_not_found":
        if one.status == 400:
            return "model-not-found-400-openai"
        return "model-not-found-404-openai" if "param" in failure.error else "model-not-found-no-param"
    return "model-not-found-ollama" if failure.type in ("not_found_error", "api_error") else ""


@detects("model-name-ignored")
def any_model(case: Case) -> Iterator[Seen]:
    """A model that nobody has is answered for."""
    for one in case.provoked("model"):
        if one.good:
            named = one.answer.chunks[0].fields.get("model") if one.answer.chunks else None
            yield Seen(
                "model-name-ignored", one, f"`{one.ask.fields['model']}` is answered for, as `{named}`", body(one)
            )


@detects("gateway-no-healthy-upstream", "gateway-502-504-json", "model-loading-503", "no-deployments-429")
def gateway(case: Case) -> Iterator[Seen]:
    """What stands before the model has nobody to ask."""
    for one in case.errors:
        failure = read_failure(one)
        message = failure.message
        if one.status in (502, 503, 504) and _NO_UPSTREAM.search(message):
            yield Seen("gateway-no-healthy-upstream", one, short(message), body(one))
        elif one.status in (502, 504) and failure.shape == "message":
            yield Seen("gateway-502-504-json", one, f"{one.status}: {short(message)}", body(one))
        elif one.status == 503 and (re.search(r"\bload", message, re.I) and "model" in message.lower()):
            yield Seen("model-loading-503", one, short(message), body(one))
        elif one.status == 429 and re.search(r"no (?:healthy )?deployments? available", message, re.I):
            yield Seen("no-deployments-429", one, short(message), body(one))


@detects("anti-dos-host-403")
def page_of_403(case: Case) -> Iterator[Seen]:
    """403 with a page, from what protects the server."""
    for one in case.errors:
        if one.status == 403 and one.form == "html":
            server = one.message.header("server") or "nobody"
            yield Seen("anti-dos-host-403", one, f"403 with a web page, signed by {server}", body(one))
