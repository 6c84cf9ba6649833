"""What OpenAI's gateway refuses before a request reaches an engine, in the order in which it looks.

Route, key, method, content type, JSON, model, quota, rate. Then the endpoint's own parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockoai.address import model_scenario
from mockoai.credential import MALFORMED, MISSING
from mockoai.endpoints import refusals
from mockoai.endpoints.routes import ENDPOINTS, PAGE
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
    if context.keys and context.backend.guards(request) and (refused := _key(context)):
        return refused
    if request.endpoint == PAGE:
        return None
    if request.method not in endpoint.methods:
        return refusals.wrong_method(request.method, request.path, endpoint.methods)
    if endpoint.takes_body and (refused := _body(request) or _model(request, context) or _rate(context)):
        return refused
    return endpoint.check(context)


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


def _body(request: Request) -> Failure | None:
    content_type = request.header("content-type")
    if content_type is not None and content_type.partition(";")[0].strip().lower() != "application/json":
        return refusals.wrong_content_type(content_type)
    if not isinstance(request.json, dict):
        return refusals.bad_request(refusals.UNPARSABLE_BODY, cause="json")
    return None


def _model(request: Request, context: Context) -> Failure | None:
    model = request.parameter("model") or request.fields.get("model")
    if model is None or model == "":
        return refusals.bad_request(refusals.MISSING_MODEL, cause="model-missing")
    if not isinstance(model, str):
        # Surprising, but measured: a model that is a number is answered like a body that is not JSON.
        return refusals.bad_request(refusals.UNPARSABLE_BODY, cause="json")
    if context.exact_models and all(model != one.id for one in context.models) and not model_scenario(model):
        return refusals.unknown_model(model)
    return None
