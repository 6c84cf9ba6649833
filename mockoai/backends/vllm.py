"""vLLM's OpenAI-compatible server (``vllm serve MODEL``): FastAPI on uvicorn, one model, port 8000.

Bodies carry many nulls, since its response models are written whole; chunks carry only what was set. Keys are asked
for under ``/v1`` only, and a refusal of one is a bare string. Validation errors are 400, not FastAPI's 422.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from mockoai.backends.compatible import Compatible, Json
from mockoai.plan.items import Failure, Model, Page
from mockoai.seed import HEXADECIMAL, Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context
    from mockoai.request import Request

_CONTEXT_LENGTH = 131_072
_TYPES = {400: "BadRequestError", 404: "NotFoundError", 500: "InternalServerError", 501: "NotImplementedError"}


class VLLM(Compatible):
    """vLLM, as of 0.10.1 and later."""

    name = "vllm"
    title = "vLLM"
    owner = "vllm"
    reasoning_field = "reasoning"
    exact_models = True

    def models(self) -> tuple[Model, ...]:
        """One model, served under the name it has on the hub."""
        return (Model(id="meta-llama/Llama-3.1-8B-Instruct"),)

    def one_model(self, model: Model, context: Context) -> dict[str, Any]:
        """A model with its root, its context length and a permission; created when it is asked for."""
        permission = {
            "id": f"modelperm-{context.content.child('permission', model.id).text(32, HEXADECIMAL)}",
            "object": "model_permission",
            "created": context.created,
            "allow_create_engine": False,
            "allow_sampling": True,
            "allow_logprobs": True,
            "allow_search_indices": False,
            "allow_view": True,
            "allow_fine_tuning": False,
            "organization": "*",
            "group": None,
            "is_blocking": False,
        }
        return {
            "id": model.id,
            "object": "model",
            "created": context.created,
            "owned_by": model.owned_by or self.owner,
            "root": model.id,
            "parent": None,
            "max_model_len": _CONTEXT_LENGTH,
            "permission": [permission],
        }

    def resolve(self, path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """vLLM lists its models and has no route for one of them."""
        endpoint, parameters = super().resolve(path)
        return ("unknown", ()) if endpoint == "model" else (endpoint, parameters)

    def guards(self, request: Request) -> bool:
        """Only what is under ``/v1`` needs a key."""
        return request.path.startswith("/v1")

    def refusal(self, failure: Failure, context: Context) -> Failure:
        """Say it as vLLM does."""
        if failure.status == 401:
            return Failure(status=401, body={"error": "Unauthorized"}, content_type=self.json_type)
        if failure.cause == "route":
            return Failure(status=404, body={"detail": "Not Found"}, content_type=self.json_type)
        if failure.cause == "model-unknown":
            model = context.request.model
            return Failure(
                status=404,
                message=f"The model `{model}` does not exist.",
                type="NotFoundError",
                param="model",
                code=404,
            )
        return Failure(status=400, message=failure.message, type="Bad Request", param=failure.param, code=400)

    def payload(self, failure: Failure) -> Any:
        """The status is the error's code, and its type a class of Python's or a phrase."""
        payload: dict[str, Any] = super().payload(failure)
        payload["error"]["code"] = failure.status if failure.code is None else failure.code
        return payload

    def answer_id(self, endpoint: str, seed: Seed) -> str:
        """``chatcmpl-`` or ``cmpl-``, and 32 hexadecimal digits."""
        prefix = {"chat": "chatcmpl-", "completions": "cmpl-"}.get(endpoint)
        return prefix + seed.child("id").text(32, HEXADECIMAL) if prefix else ""

    def choice(self, choice: Json, context: Context) -> Json:
        """The chunk that ends a choice says what stopped it."""
        shaped = super().choice(choice, context)
        if shaped["finish_reason"] is not None:
            shaped |= {"stop_reason": None, "token_ids": None}
        return shaped

    def _version(self, context: Context) -> Page:
        return Page(body={"version": "0.11.0"})

    def _health(self, context: Context) -> Page:
        return Page(body="", content_type="")

    pages: ClassVar = {"GET /version": _version, "GET /health": _health}


BACKEND = VLLM()
