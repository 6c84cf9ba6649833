"""What OpenAI's gateway refuses before a request reaches an engine, in the order in which it looks.

Route, key, method, content type, JSON, model, quota, rate. Then the endpoint's own parameters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from mockoai.address import model_scenario
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints import refusals
from mockoai.endpoints.routes import ENDPOINTS, PAGE
from mockoai.plan.items import Failure

if TYPE_CHECKING:
    from mockoai.endpoints.base import Endpoint
    from mockoai.plan.context import Context
    from mockoai.request import Request


def check(context: Context) -> Failure | None:
    """Return what OpenAI says is wrong with the request, or None when it would be answered."""
    request = context.request
    endpoint = ENDPOINTS.get(request.endpoint)
    if endpoint is None:
        return refusals.unknown_url(request.method, request.path)
    if context.keys and context.backend.guards(request) and (refused := _key(context)):
        return refused
    if request.endpoint == PAGE:
        return None
    if request.method not in endpoint.methods:
        return refusals.wrong_method(request.method, request.path, endpoint.methods)
    if endpoint.takes_body and (refused := _body(context) or _model(request, context) or _rate(context)):
        return refused
    return _parameters(endpoint, context) or context.backend.check(context)


def _key(context: Context) -> Failure | None:
    shown = context.backend.credential(context.request)
    if shown in (MISSING, MALFORMED):
        return refusals.missing_key("key-missing" if shown == MISSING else "key-malformed")
    key = next((one for one in context.keys if one.key == shown), None)
    if key is None or (key.revoked_after is not None and context.uses > key.revoked_after):
        return refusals.wrong_key(shown)
    if key.expired:
        return refusals.expired_key()
    organization = context.request.header("openai-organization")
    if key.organization is not None and organization not in (None, key.organization):
        return refusals.wrong_organization()
    return None


def _rate(context: Context) -> Failure | None:
    key = context.backend.credential(context.request)
    if any(one.no_quota and one.key == key for one in context.keys):
        return refusals.no_quota()
    if context.allowance is not None and context.allowance.limited:
        return refusals.rate_limited(context.request.model, context.allowance)
    return None


def _body(context: Context) -> Failure | None:
    request = context.request
    content_type = request.header("content-type")
    if content_type is not None and content_type.partition(";")[0].strip().lower() != "application/json":
        other = refusals.wrong_content_type(content_type)
        if context.backend.minds(other):
            return other
    if not isinstance(request.json, dict):
        return refusals.bad_request(refusals.UNPARSABLE_BODY, cause="json")
    return None


def _model(request: Request, context: Context) -> Failure | None:
    model = request.parameter("model") or request.fields.get("model")
    if model is None or model == "":
        missing = refusals.bad_request(refusals.MISSING_MODEL, cause="model-missing")
        return missing if context.backend.minds(missing) else None
    if not isinstance(model, str):
        # Surprising, but measured: a model that is a number is answered like a body that is not JSON.
        return refusals.bad_request(refusals.UNPARSABLE_BODY, cause="json")
    if context.exact_models and all(model != one.id for one in context.models) and not model_scenario(model):
        unknown = refusals.unknown_model(model)
        return unknown if context.backend.minds(unknown) else None
    return None


def _parameters(endpoint: Endpoint, context: Context) -> Failure | None:
    """Return what is wrong with the endpoint's own parameters that the backend minds.

    What it does not mind is looked past: a value is taken out and the rest looked at again. Rules between
    parameters are the last to be looked at, and their errors have no code. What is too much for this server itself is
    refused in any case.
    """
    refused = endpoint.check(context)
    while refused is not None and refused.code != refusals.TOO_MANY_CHOICES and not context.backend.minds(refused):
        name = refused.param or _name(refused.message)
        fields = {key: value for key, value in context.request.fields.items() if key != name}
        if (refused.param and refused.code is None) or len(fields) == len(context.request.fields):
            return None
        context = replace(context, request=replace(context.request, body=orjson.dumps(fields)))
        refused = endpoint.check(context)
    return refused


def _name(message: str) -> str:
    """Return the parameter at the end of a message of the older engines, which name none beside it."""
    return message.rpartition(" - '")[2].rstrip("'").partition(".")[0]
