"""What OpenAI's gateway refuses before a request reaches an engine, in the order in which it looks.

Route, key, method, content type, JSON, model. Then the endpoint's own parameters.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from mockoai.endpoints import refusals
from mockoai.endpoints.routes import ENDPOINTS
from mockoai.plan.items import Failure

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request


def check(context: Context) -> Failure | None:
    """Return what OpenAI says is wrong with the request, or None when it would be answered."""
    request = context.request
    endpoint = ENDPOINTS.get(request.endpoint)
    if endpoint is None:
        return refusals.unknown_url(request.method, request.path)
    if context.keys and (refused := _key(request, context.keys)):
        return refused
    if request.method not in endpoint.methods:
        return refusals.wrong_method(request.method, request.path, endpoint.methods)
    if endpoint.takes_body and (refused := _body(request) or _model(request, context)):
        return refused
    return endpoint.check(context)


def _key(request: Request, keys: tuple[str, ...]) -> Failure | None:
    scheme, _, rest = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        key = rest.strip()
    elif scheme.lower() == "basic":
        key = _password(rest)
    else:
        return refusals.missing_key()
    return None if key in keys else refusals.wrong_key(key)


def _password(credentials: str) -> str:
    """Return the password of Basic credentials (RFC 7617 §2), or ``""`` when they are none."""
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _body(request: Request) -> Failure | None:
    content_type = request.header("content-type")
    if content_type is not None and content_type.partition(";")[0].strip().lower() != "application/json":
        return refusals.wrong_content_type(content_type)
    if not isinstance(request.json, dict):
        return refusals.bad_request(refusals.UNPARSABLE_BODY)
    return None


def _model(request: Request, context: Context) -> Failure | None:
    model = request.fields.get("model")
    if model is None or model == "":
        return refusals.bad_request(refusals.MISSING_MODEL)
    if not isinstance(model, str):
        # Surprising, but measured: a model that is a number is answered like a body that is not JSON.
        return refusals.bad_request(refusals.UNPARSABLE_BODY)
    if context.exact_models and all(model != one.id for one in context.models):
        return refusals.unknown_model(model)
    return None
