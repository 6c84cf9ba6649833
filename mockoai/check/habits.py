"""What backends are known for: findings that say nothing about this one server, since all of its kind do so. Data.

Only what is worse than ``info`` elsewhere is listed. A server that is guessed to be of the kind has these as ``info``.
"""

from __future__ import annotations

from collections.abc import Mapping

_TGI = ("legacy-finish-empty-string", "tool-finish-stop", "tool-id-repeated", "usage-missing")

HABITS: Mapping[str, frozenset[str]] = {
    backend: frozenset(ids)
    for backend, ids in {
        "azure-openai": ("choices-empty-first-azure", "delta-missing-azure-annotations", "ratelimit-headers-invalid"),
        "fastchat": ("usage-missing",),
        "gemini": ("tool-extra-content-signature", "tool-index-missing", "usage-total-mismatch"),
        "localai": ("tool-id-repeated",),
        "mistral": ("content-parts-array", "tool-index-missing", "tool-type-missing-or-empty"),
        "ollama": ("legacy-usage-zeros-each", "models-data-null"),
        "openrouter": ("finish-twice",),
        "perplexity": ("models-404", "usage-cumulative-each-chunk"),
        "qwen-proxy": ("tool-in-content-xml", "usage-zeros-final"),
        "tgi": _TGI,
        "together": ("models-bare-array", "retry-after-on-200", "think-tags-in-content"),
        "xai": ("usage-total-mismatch",),
    }.items()
}
"""The ids by backend."""
