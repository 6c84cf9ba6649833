"""Aphrodite Engine (``aphrodite run MODEL``): a fork of vLLM for role play, with Kobold's API beside OpenAI's.

As its sources stand at 0.10 (November 2025), whose protocol is that of vLLM 0.11: no recording of it was found.
Kobold's ``generate`` and its stream are not imitated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar

from mockoai.backends.vllm import VLLM
from mockoai.plan.items import Model, Page

if TYPE_CHECKING:
    from mockoai.plan.context import Context

T = TypeVar("T")


def _under(base: str, pages: Mapping[str, T]) -> dict[str, T]:
    return {path.format(base): page for path, page in pages.items()}


class Aphrodite(VLLM):
    """Aphrodite Engine 0.10, as its sources say in November 2025.

    vLLM of its time: ids of 32 hexadecimal digits, reasoning in ``reasoning_content``, no ``system_fingerprint``, an
    empty list of tool calls in whole messages. Beside it the pages by which Kobold's clients know a server:
    ``/api/v1/model``, ``/api/v1/info/version``, ``/api/v1/config/max_length``, the same under ``/api/latest``, and
    ``/api/extra/version`` and ``/api/extra/true_max_context_length``. A key is needed under ``/v1`` only.
    """

    name = "aphrodite"
    title = "Aphrodite"
    port = 2242
    owner = "aphrodite"
    reasoning_field = "reasoning_content"
    version = "0.10.0"
    build = None
    digits = 32
    context_length = 32_768
    opening: ClassVar = ("prompt_token_ids",)
    choice_tail: ClassVar = ()
    chat_tail: ClassVar = ("prompt_logprobs", "prompt_token_ids", "kv_transfer_params")
    text_tail: ClassVar = ("kv_transfer_params",)
    usage_tail: ClassVar = ("prompt_tokens_details",)
    empty_calls = True

    def models(self) -> tuple[Model, ...]:
        """One model, served under the name it has on the hub."""
        return (Model(id="mistralai/Mistral-7B-Instruct-v0.3"),)

    def _model(self, context: Context) -> Page:
        served = context.models[0].id if context.models else self.models()[0].id
        return Page(body={"result": f"aphrodite/{served}"})

    def _kobold(self, context: Context) -> Page:
        return Page(body={"result": "1.2.4"})

    def _length(self, context: Context) -> Page:
        return Page(body={"value": self.context_length})

    def _prompts(self, context: Context) -> Page:
        return Page(body={"values": []})

    def _prompt(self, context: Context) -> Page:
        return Page(body={"value": ""})

    def _nothing(self, context: Context) -> Page:
        return Page(body={})

    def _koboldcpp(self, context: Context) -> Page:
        return Page(body={"result": "KoboldCpp", "version": "1.63"})

    _core: ClassVar = {
        "GET {}/model": _model,
        "GET {}/info/version": _kobold,
        "GET {}/config/max_length": _length,
        "GET {}/config/max_context_length": _length,
        "GET {}/config/soft_prompts_list": _prompts,
        "GET {}/config/soft_prompt": _prompt,
        "PUT {}/config/soft_prompt": _nothing,
    }
    pages: ClassVar = {
        **VLLM.pages,
        **_under("/api/v1", _core),
        **_under("/api/latest", _core),
        "GET /api/extra/version": _koboldcpp,
        "GET /api/extra/true_max_context_length": _length,
        "GET /api/extra/preloadstory": _nothing,
    }


BACKEND = Aphrodite()
