"""The servers that are imitated: one module each, differences only.

A backend's module is named after it, with underscores, and calls it ``BACKEND``. It is imported when it is first asked
for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from mockoai.backends.base import Backend

NAMES = (
    "openai",
    "azure-openai",
    "vllm",
    "sglang",
    "tgi",
    "fastchat",
    "aphrodite",
    "llama-cpp",
    "ollama",
    "lm-studio",
    "localai",
    "text-generation-webui",
    "exo",
    "litellm-proxy",
    "openrouter",
    "groq",
    "deepseek",
    "mistral",
    "xai",
    "together",
    "perplexity",
    "gemini",
    "qwen-proxy",
)
"""Every backend, as it is asked for."""


class _Backends(Mapping[str, Backend]):
    """The backends by their names, each loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Backend] = {}

    def __getitem__(self, name: str) -> Backend:
        backend = self._loaded.get(name)
        if backend is None:
            if name not in NAMES:
                raise KeyError(name)
            module = import_module(f"mockoai.backends.{name.replace('-', '_')}")
            backend = self._loaded[name] = module.BACKEND
        return backend

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


BACKENDS: Mapping[str, Backend] = _Backends()
"""Every backend by its name."""
