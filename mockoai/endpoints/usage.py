"""Token counts, as the answers of each endpoint show them."""

from __future__ import annotations

from typing import Any

from mockoai.plan.items import Usage


def chat_usage(part: Usage) -> dict[str, Any]:
    """Return the ``usage`` of a chat completion, with its details."""
    return {
        **completions_usage(part, extra=False),
        "prompt_tokens_details": {"cached_tokens": part.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": part.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        **dict(part.extra),
    }


def completions_usage(part: Usage, *, extra: bool = True) -> dict[str, Any]:
    """Return the ``usage`` of a legacy completion, which has no details."""
    return {
        "prompt_tokens": part.prompt,
        "completion_tokens": part.completion,
        "total_tokens": part.prompt + part.completion,
        **(dict(part.extra) if extra else {}),
    }


def embeddings_usage(part: Usage) -> dict[str, Any]:
    """Return the ``usage`` of embeddings: there is nothing but the prompt."""
    return {"prompt_tokens": part.prompt, "total_tokens": part.prompt, **dict(part.extra)}
