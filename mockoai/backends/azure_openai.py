"""Azure OpenAI, as recordings of March 2026 show it.

Headers stand in the order of the documentation's ``curl -i``: length and type first, the date last; of those that
recordings show, only ``strict-transport-security`` is left out. Texts of 403, 500 and 503 are those that users quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from mockoai.backends.base import Words
from mockoai.backends.compatible import Json
from mockoai.backends.habits import sorted_keys
from mockoai.backends.hosted import Hosted, rates, uuid
from mockoai.backends.openai import BACKEND as OPENAI
from mockoai.credential import bearer
from mockoai.endpoints import refusals
from mockoai.keys import Limits
from mockoai.plan.headers import imf_fixdate
from mockoai.plan.items import DONE, Event, Failure, Headers, Model

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request
    from mockoai.seed import Seed

_DEPLOYMENTS = "/openai/deployments/"
_VERSIONED = (_DEPLOYMENTS, "/openai/models")
_OPERATIONS = {"chat/completions": "chat", "completions": "completions", "embeddings": "embeddings"}

_NO_RESOURCE = '{"error":{"code":"404","message": "Resource not found"}}'
"""Written with the one space that the gateway writes."""

_NO_DEPLOYMENT = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
    "please wait a moment and try again."
)
_DENIED = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)
_BUSY = (
    "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version {version} have exceeded token "
    "rate limit of your current OpenAI S0 pricing tier. Please retry after {seconds} seconds. Please go here: "
    "https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."
)
_VERSION, _SECONDS, _DAY = "2024-10-21", "7", "86400"
"""What that says where nothing else is known, and where the account has no credit left."""

_WORDS: dict[int, Words] = {
    401: (_DENIED, None, "401"),
    403: ("Key based authentication is disabled for this resource.", None, "AuthenticationTypeDisabled"),
    404: (_NO_DEPLOYMENT, "invalid_request_error", "DeploymentNotFound"),
    429: (_BUSY.format(version=_VERSION, seconds=_SECONDS), None, "429"),
    500: (
        "The server had an error processing your request. Sorry about that! You can retry your request, or contact us "
        "through an Azure support request at: https://go.microsoft.com/fwlink/?linkid=2213926 if you keep seeing this "
        "error.",
        "server_error",
        None,
    ),
    503: (
        "The service is temporarily unable to process your request. Please try again later.",
        None,
        "InternalServerError",
    ),
}

_SAFE = {"filtered": False, "severity": "safe"}
_FILTERED = {"filtered": True, "severity": "high"}
_UNDETECTED = {"detected": False, "filtered": False}
_RESULTS = {"hate": _SAFE, "self_harm": _SAFE, "sexual": _SAFE, "violence": _SAFE}
_PROMPT_RESULTS = {"hate": _SAFE, "jailbreak": _UNDETECTED, "self_harm": _SAFE, "sexual": _SAFE, "violence": _SAFE}
_MESSAGE_RESULTS = {
    "hate": _SAFE,
    "protected_material_code": _UNDETECTED,
    "protected_material_text": _UNDETECTED,
    "self_harm": _SAFE,
    "sexual": _SAFE,
    "violence": _SAFE,
}
_PROMPT_FILTER = [{"prompt_index": 0, "content_filter_results": _PROMPT_RESULTS}]
_FIRST: Json = {
    "choices": [],
    "created": 0,
    "id": "",
    "model": "",
    "object": "",
    "prompt_filter_results": _PROMPT_FILTER,
}

_LIMITS = Limits(rpm=120, tpm=120_000)
_MILLISECONDS = 1000

_CHAT, _TEXT, _EMBEDDING = "chat_completion", "completion", "embeddings"
_MODELS = tuple(
    Model(id=id, created=created, extra=(("kind", kind), ("retired", retired)))
    for id, created, kind, retired in (
        ("gpt-4o", 1715558400, _CHAT, 1790726400),
        ("gpt-4o-mini", 1721260800, _CHAT, 1790726400),
        ("gpt-4.1", 1744588800, _CHAT, 1791849600),
        ("gpt-4.1-mini", 1744588800, _CHAT, 1791849600),
        ("gpt-5-nano", 1754524800, _CHAT, 1801872000),
        ("o4-mini", 1744761600, _CHAT, 1791849600),
        ("gpt-35-turbo", 1678320000, _CHAT, 1790726400),
        ("gpt-35-turbo-instruct", 1694649600, _TEXT, 1790726400),
        ("text-embedding-3-small", 1706140800, _EMBEDDING, 1807315200),
        ("text-embedding-ada-002", 1675123200, _EMBEDDING, 1807315200),
    )
)


class AzureOpenAI(Hosted):
    """Azure OpenAI: OpenAI's engines behind Microsoft's gateway, as of March 2026.

    The deployment in the path (/openai/deployments/NAME/chat/completions?api-version=…) is the model; /openai/v1
    needs no api-version. Keys come as api-key or Bearer. Streams begin with a chunk without choices, without id and
    with the filter's opinion of the prompt; keys are sorted; every choice has content_filter_results. The gateway
    says code and message only, and 404 for whatever it does not know.
    """

    name = "azure-openai"
    title = "Azure OpenAI"
    base = "/openai/v1"
    auth = "api-key or Bearer"
    obfuscation = True
    exact_models = False
    line_feed = True

    # --- requests ---------------------------------------------------------------------------------------------

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Find the operations of deployments, the models, and everything below ``/openai/v1``."""
        if path.startswith(_DEPLOYMENTS):
            for suffix, endpoint in _OPERATIONS.items():
                deployment = path[len(_DEPLOYMENTS) :].removesuffix(f"/{suffix}")
                if path == f"{_DEPLOYMENTS}{deployment}/{suffix}" and deployment.strip("/") == deployment != "":
                    return endpoint, (("model", deployment),)
        if path.startswith("/openai/models"):
            path = path.removeprefix("/openai")
        return super().resolve(path)

    def credential(self, request: Request) -> str:
        """Return the ``api-key`` header, or a bearer token, which Entra ID gives."""
        key = request.header("api-key")
        return key.strip() if key is not None else bearer(request)

    def check(self, context: Context) -> Failure | None:
        """Deployments are found with an ``api-version`` only."""
        request = context.request
        if request.path.startswith(_VERSIONED) and not parse_qs(request.query).get("api-version"):
            return refusals.unknown_url(request.method, request.path)
        return None

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it as the gateway does; what is wrong with parameters, the engine says as OpenAI's does."""
        if failure.status == 401:
            message, _, code = _WORDS[401]
            return Failure(status=401, message=message, type=None, code=code, reason="PermissionDenied")
        if failure.cause in ("route", "method") or (failure.cause == "model-unknown" and context.endpoint == "model"):
            return Failure(status=404, body=_NO_RESOURCE, content_type=self.json_type)
        if failure.cause == "model-unknown":
            message, kind, code = _WORDS[404]
            return Failure(status=404, message=message, type=kind, code=code)
        if failure.cause in ("rate", "quota"):
            version = parse_qs(context.request.query).get("api-version", [_VERSION])[0]
            seconds = dict(failure.headers).get("retry-after", _DAY)
            message = _BUSY.format(version=version, seconds=seconds)
            return replace(failure, message=message, type=None, param=None, code="429")
        return failure

    # --- answers ----------------------------------------------------------------------------------------------

    def request_id(self, seed: Seed) -> str:
        """Return a UUID."""
        return uuid(seed.child("request"))

    def snapshot(self, model: str) -> str:
        """Return the model behind a deployment; one that is called like no model keeps its name."""
        return OPENAI.snapshot(model.replace("gpt-35-", "gpt-3.5-"))

    def headers(self, context: Context, *, status: int, stream: bool) -> Headers:
        """Return the gateway's headers, and those of an engine where one answered."""
        served = status in (200, 400) and context.endpoint != "model"
        engine: Headers = (
            ("azureml-model-session", "d20260311064839-0e618f323d34"),
            ("skip-error-remapping", "true"),
            ("x-accel-buffering", "no"),
            ("x-ms-deployment-name", context.request.model),
            ("x-ms-is-spilled-over", "false"),
            ("x-ms-rai-invoked", "true"),
            ("x-ratelimit-abusepenalty-active", "False"),
            *rates(context, _LIMITS, lambda seconds: str(round(seconds * _MILLISECONDS))),
            ("x-ratelimit-renewalperiod-requests", "60"),
            ("x-ratelimit-renewalperiod-tokens", "60"),
            ("x-request-id", context.request_id),
        )
        return (
            *(() if stream else (("Content-Length", ""),)),
            ("Content-Type", self.stream_type if stream else self.json_type),
            *(engine if served and context.request.model else ()),
            ("x-content-type-options", "nosniff"),
            ("apim-request-id", context.request_id),
            ("x-ms-region", "East US 2"),
            ("Date", imf_fixdate(context.now)),
        )

    def shaped(self, events: Iterable[Event], context: Context) -> Iterator[Event]:
        """Yield sorted payloads, behind the filter's opinion of the prompt when they are streamed."""
        endpoint = context.endpoint
        first = context.stream
        for event in events:
            if first:
                first = False
                yield replace(event, tokens=0, mark="", faults=(), payload=_FIRST)
            if event.payload is DONE or endpoint == "embeddings":
                yield event
            elif endpoint in ("chat", "completions"):
                yield replace(event, payload=self.judged(event.payload, context), indent=0, newline="always")
            else:
                yield replace(event, indent=0, newline="always")

    def judged(self, payload: Json, context: Context) -> Json:
        """Return ``payload`` sorted, without a tier, and with what the filter says of each choice."""
        shaped = {key: value for key, value in payload.items() if key != "service_tier"}
        shaped["choices"] = [{**one, "content_filter_results": _opinion(one, context)} for one in payload["choices"]]
        shaped = dict(sorted_keys(shaped))
        if context.stream:
            return shaped
        return dict(sorted({**shaped, "prompt_filter_results": _PROMPT_FILTER}.items()))

    # --- errors and models ------------------------------------------------------------------------------------

    def words(self, status: int) -> Words:
        """Return what is said with ``status``."""
        return _WORDS.get(status) or super().words(status)

    def payload(self, failure: Failure) -> Any:
        """Return code and message, and the type where there is one; of a bad request, OpenAI's whole error."""
        if failure.status == 400:
            return super().payload(failure)
        error: Json = {"type": failure.type} if failure.type is not None else {}
        error |= {"code": str(failure.status if failure.code is None else failure.code), "message": failure.message}
        if failure.param is not None:
            error["param"] = failure.param
        return {"error": {**error, **dict(failure.extra)}}

    def failure(self, failure: Failure, context: Context) -> tuple[Headers, Event]:
        """Return an error; the engine writes its own over several lines."""
        headers, event = super().failure(failure, context)
        if failure.body is None:
            event = replace(event, indent=2 if failure.status == 400 else 0, newline=failure.status == 400)
        return headers, event

    def models(self) -> tuple[Model, ...]:
        """Base models that can be deployed; deployments are usually called after them."""
        return _MODELS

    def one_model(self, model: Model, context: Context) -> Json:
        """A base model: what it can do and until when, and ``created_at`` instead of ``created``."""
        extra = dict(model.extra)
        kind = extra.get("kind", _CHAT)
        return {
            "capabilities": {
                "fine_tune": False,
                "inference": True,
                "completion": kind == _TEXT,
                "chat_completion": kind == _CHAT,
                "embeddings": kind == _EMBEDDING,
            },
            "lifecycle_status": "generally-available",
            "deprecation": {"inference": extra.get("retired", 1790726400)},
            "id": model.id,
            "status": "succeeded",
            "created_at": model.created,
            "updated_at": model.created,
            "object": "model",
        }

    def model_list(self, models: Iterable[Model], context: Context) -> Any:
        """The base models, ``object`` last."""
        return {"data": [self.one_model(one, context) for one in models], "object": "list"}


def _opinion(choice: Json, context: Context) -> Json:
    """Return what the filter says of a choice: nothing where it says no text in a stream."""
    if choice["finish_reason"] == "content_filter":
        return {**_RESULTS, "hate": _FILTERED}
    if not context.stream:
        return _MESSAGE_RESULTS if context.endpoint == "chat" else _RESULTS
    said = choice.get("text") if context.endpoint == "completions" else choice.get("delta", {}).get("content")
    return _RESULTS if said else {}


BACKEND = AzureOpenAI()
