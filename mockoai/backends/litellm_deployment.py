"""What LiteLLM's proxy says of the deployments behind it: which one answered, what that cost, how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockoai.backends.habits import asked_or_first
from mockoai.backends.hosted import allowance
from mockoai.keys import Limits
from mockoai.plan.items import Headers, Model
from mockoai.seed import HEXADECIMAL, Seed

if TYPE_CHECKING:
    from mockoai.plan.context import Context

Json = dict[str, Any]

_VERSION = "1.106.2"
_BASE = "https://api.openai.com"
_LIMITS = Limits(rpm=10_000, tpm=2_000_000)
_INPUT, _OUTPUT = 2.5e-06, 1e-05
"""Dollars for a token."""


def told(context: Context) -> Headers:
    """Return the headers of an answer: which deployment gave it, what it cost, how long it took, what is left."""
    model = asked_or_first(context)
    paid, earned = (0.0, 0.0) if context.stream else costs(context)
    cost = repr(paid + earned)
    seed = context.content.child("overhead")
    overhead = seed.integer(20_000, 90_000) / 10_000
    duration = overhead + seed.child("duration").integer(300_000, 900_000) / 1_000
    left = allowance(context, _LIMITS)
    return (
        ("x-litellm-call-id", context.request_id),
        ("x-litellm-model-id", _deployment_id(model)),
        ("x-litellm-model-name", f"openai/{model}"),
        ("x-litellm-model-api-base", _BASE),
        ("x-litellm-version", _VERSION),
        *(() if context.stream else (("x-litellm-response-cost", cost),)),
        ("x-litellm-response-cost-original", cost),
        ("x-litellm-response-cost-discount-amount", "0.0"),
        ("x-litellm-response-cost-margin-amount", "0.0"),
        ("x-litellm-response-cost-margin-percent", "0.0"),
        ("x-litellm-response-cost-input", repr(paid)),
        ("x-litellm-response-cost-output", repr(earned)),
        ("x-litellm-response-cost-tool-usage", "0.0"),
        ("x-litellm-key-spend", cost),
        ("x-litellm-response-duration-ms", repr(duration)),
        ("x-litellm-overhead-duration-ms", repr(overhead)),
        ("x-litellm-callback-duration-ms", "0.0"),
        ("x-ratelimit-limit-requests", str(left.requests)),
        ("x-ratelimit-remaining-requests", str(left.remaining_requests)),
        ("x-ratelimit-limit-tokens", str(left.tokens)),
        ("x-ratelimit-remaining-tokens", str(left.remaining_tokens)),
        ("x-litellm-model-group", model),
        ("x-litellm-attempted-retries", "0"),
        ("x-litellm-attempted-fallbacks", "0"),
    )


def costs(context: Context) -> tuple[float, float]:
    """Return what prompt and answer cost, in dollars."""
    counted = context.usage
    return (counted.prompt * _INPUT, counted.completion * _OUTPUT) if counted else (0.0, 0.0)


def _deployment_id(model: str) -> str:
    return Seed("deployment").child(model).text(64, HEXADECIMAL)


def deployment(model: Model) -> Json:
    """Return the entry of ``/model/info``, less the many prices that it has none of."""
    extra = dict(model.extra)
    most = extra.get("max_output_tokens")
    return {
        "model_name": model.id,
        "litellm_params": {
            "use_in_pass_through": False,
            "use_litellm_proxy": False,
            "merge_reasoning_content_in_choices": False,
            "model": f"openai/{model.id}",
        },
        "model_info": {
            "id": _deployment_id(model.id),
            "db_model": False,
            "key": model.id,
            "max_tokens": most,
            "max_input_tokens": extra.get("max_input_tokens"),
            "max_output_tokens": most,
            "input_cost_per_token": _INPUT,
            "output_cost_per_token": _OUTPUT,
            "litellm_provider": "openai",
            "mode": extra.get("mode"),
        },
    }
