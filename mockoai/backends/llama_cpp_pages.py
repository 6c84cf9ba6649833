"""llama.cpp's own API beside OpenAI's, as far as clients probe it, and what its model is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mockoai.backends.habits import bytes_as_tokens, tokens_as_text
from mockoai.plan.items import Model, Page

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Json = dict[str, Any]

BUILD = "b9850-465e49b2c"
MODEL = "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf"
_CONTEXT = 8192
"""Tokens that the model is loaded with."""
META = {
    "vocab_type": 2,
    "n_vocab": 128256,
    "n_ctx": _CONTEXT,
    "n_ctx_train": 131072,
    "n_embd": 4096,
    "n_params": 8030261312,
    "size": 4912898304,
    "ftype": "Q4_K - Medium",
}
"""What the model list says of the model."""
_PARAMETERS = {"seed": 4294967295, "temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "stream": True}


def as_ollama(model: Model) -> Json:
    """Return the entry of ``models``, which is there for Ollama's clients."""
    details = {"parent_model": "", "format": "gguf", "family": "", "families": [""]}
    return {
        "name": model.id,
        "model": model.id,
        "modified_at": "",
        "size": "",
        "digest": "",
        "type": "model",
        "description": "",
        "tags": [""],
        "capabilities": ["completion"],
        "parameters": "",
        "details": {**details, "parameter_size": "", "quantization_level": ""},
    }


def health(backend: object, context: Context) -> Page:
    """``GET /health``."""
    return Page(body={"status": "ok"})


def props(backend: object, context: Context) -> Page:
    """``GET /props``: how the server was started."""
    name = context.models[0].id if context.models else MODEL
    return Page(
        body={
            "default_generation_settings": {"params": _PARAMETERS, "n_ctx": _CONTEXT},
            "total_slots": 4,
            "model_alias": name,
            "model_ftype": "Q4_K - Medium",
            "model_path": f"/models/{name}",
            "modalities": {"vision": False, "video": False, "audio": False},
            "media_marker": "<__media__>",
            "endpoint_slots": True,
            "endpoint_props": False,
            "endpoint_metrics": False,
            "ui": True,
            "ui_settings": {},
            "chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
            "chat_template_caps": {},
            "bos_token": "<|begin_of_text|>",
            "eos_token": "<|eot_id|>",
            "build_info": BUILD,
            "is_sleeping": False,
            "cors_proxy_enabled": False,
        }
    )


def slots(backend: object, context: Context) -> Page:
    """``GET /slots``: what it works at, which is nothing."""
    return Page(body=[{"id": id, "n_ctx": _CONTEXT, "speculative": False, "is_processing": False} for id in range(4)])


def tokenize(backend: object, context: Context) -> Page:
    """``POST /tokenize``: every byte is a token."""
    return Page(body={"tokens": bytes_as_tokens(str(context.request.fields.get("content", "")))})


def detokenize(backend: object, context: Context) -> Page:
    """``POST /detokenize``: the other way round."""
    return Page(body={"content": tokens_as_text(context.request.fields.get("tokens"))})


PAGES: Mapping[str, Callable[[Any, Context], Page]] = {
    "GET /health": health,
    "GET /v1/health": health,
    "GET /props": props,
    "GET /slots": slots,
    "POST /tokenize": tokenize,
    "POST /detokenize": detokenize,
}
