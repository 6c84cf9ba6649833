"""Which backend answers: signs in headers, lists, chunks, errors and pages, each with the weight of its evidence. Pure.

A sign is something that few others have. Weights are put together as if the signs were independent; a guess that is
less sure than :data:`SURE_ENOUGH` is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mockoai.check.detect.registry import Case
from mockoai.check.model import Guess, Json
from mockoai.check.reading.failure import Failure, read_failure

SURE_ENOUGH = 0.45
"""How sure a guess must be to be told, from 0 to 1."""

TITLES: Mapping[str, str] = {
    "openai": "OpenAI",
    "azure-openai": "Azure OpenAI",
    "vllm": "vLLM",
    "aphrodite": "Aphrodite",
    "sglang": "SGLang",
    "tgi": "TGI",
    "fastchat": "FastChat",
    "llama-cpp": "llama.cpp",
    "ollama": "Ollama",
    "lm-studio": "LM Studio",
    "localai": "LocalAI",
    "text-generation-webui": "text-generation-webui",
    "exo": "exo",
    "litellm-proxy": "LiteLLM proxy",
    "openrouter": "OpenRouter",
    "groq": "Groq",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "xai": "xAI",
    "together": "Together",
    "perplexity": "Perplexity",
    "gemini": "Gemini",
    "qwen-proxy": "a proxy for Qwen",
}
"""What people call the backends."""


@dataclass(frozen=True)
class Facts:
    """What the signs look at."""

    case: Case

    @cached_property
    def headers(self) -> dict[str, str]:
        """All headers of all answers, by name in lower case; the last value of each."""
        return {name.lower(): value for one in self.case.answers for name, value in one.message.headers}

    @cached_property
    def entries(self) -> list[Mapping[str, Json]]:
        """The entries of the model list that are objects."""
        for one in reversed(self.case.lists):
            value = one.json.value
            for key in ("data", "models"):
                value = value[key] if isinstance(value, dict) and isinstance(value.get(key), list) else value
            if isinstance(value, list) and value:
                return [entry for entry in value if isinstance(entry, dict)]
        return []

    @cached_property
    def owners(self) -> set[str]:
        """Who owns the models."""
        return {str(entry.get("owned_by")) for entry in self.entries if entry.get("owned_by")}

    @cached_property
    def bare_list(self) -> bool:
        """Whether the model list is an array."""
        return any(isinstance(one.json.value, list) for one in self.case.lists)

    @cached_property
    def chunks(self) -> list[Mapping[str, Json]]:
        """Chunks and bodies of chats."""
        return [c.fields for one in self.case.generated if one.ask.kind == "chat" for c in one.answer.good]

    @cached_property
    def choices(self) -> list[Mapping[str, Json]]:
        """All choices of them."""
        return [
            choice
            for one in self.case.generated
            if one.ask.kind == "chat"
            for c in one.answer.good
            for choice in c.choices
        ]

    @cached_property
    def usages(self) -> set[str]:
        """The names of all counts."""
        return {key for chunk in self.chunks if isinstance(chunk.get("usage"), dict) for key in chunk["usage"]}

    @cached_property
    def failures(self) -> list[Failure]:
        """All errors, those with status 200 as well."""
        return [read_failure(one) for one in self.case.answers if one.status >= 400 or "error" in one.object]

    @cached_property
    def comments(self) -> bytes:
        """All comments of all streams."""
        return b"\n".join([c.text for one in self.case.streams for b in one.events.blocks for c in b.comments])

    def id_like(self, pattern: str) -> bool:
        """Whether ids of answers look like ``pattern``."""
        ids = [chunk.get("id") for chunk in self.chunks if isinstance(chunk.get("id"), str) and chunk["id"]]
        return bool(ids) and all(re.fullmatch(pattern, str(id)) for id in ids)

    def page(self, path: str, *keys: str) -> bool:
        """Whether ``path`` is a page of JSON with ``keys``."""
        found = [one.object for one in self.case.pages if one.ask.path == path and one.status == 200]
        return any(all(key in body for key in keys) for body in found)

    def order(self, *keys: str) -> bool:
        """Whether chunks have these keys in this order, among others."""
        for chunk in self.chunks:
            found = [key for key in chunk if key in keys]
            if found == list(keys):
                return True
        return False

    def any_error(self, pattern: str) -> bool:
        """Whether the message of an error has ``pattern``."""
        return any(re.search(pattern, one.message) for one in self.failures)


Sign = tuple[str, float, str, Callable[[Facts], object]]


def _owner(backend: str, *names: str, weight: float = 0.9) -> Sign:
    return (backend, weight, f"models are owned by `{names[0]}`", lambda facts: facts.owners & set(names))


def _header(backend: str, name: str, weight: float = 0.9) -> Sign:
    return (backend, weight, f"the header `{name}`", lambda facts: any(one.startswith(name) for one in facts.headers))


def _field(backend: str, name: str, weight: float) -> Sign:
    return (backend, weight, f"`{name}` in chunks", lambda facts: any(name in chunk for chunk in facts.chunks))


def _choice(backend: str, name: str, weight: float) -> Sign:
    return (backend, weight, f"`{name}` in choices", lambda facts: any(name in choice for choice in facts.choices))


SIGNS: tuple[Sign, ...] = (
    _header("openai", "openai-processing-ms", 0.7),
    _owner("openai", "system", "openai-internal", weight=0.6),
    _field("openai", "obfuscation", 0.4),
    _header("azure-openai", "apim-request-id"),
    _header("azure-openai", "azureml-model-session", 0.8),
    _choice("azure-openai", "content_filter_results", 0.7),
    _field("azure-openai", "prompt_filter_results", 0.8),
    (
        "azure-openai",
        0.8,
        "`DeploymentNotFound`",
        lambda f: any(one.code == "DeploymentNotFound" for one in f.failures),
    ),
    _owner("vllm", "vllm"),
    ("vllm", 0.3, "`max_model_len` of models", lambda f: any("max_model_len" in one for one in f.entries)),
    (
        "vllm",
        0.3,
        "errors of the type `NotFoundError`",
        lambda f: any(one.type == "NotFoundError" for one in f.failures),
    ),
    _owner("aphrodite", "aphrodite", weight=0.98),
    _owner("sglang", "sglang", weight=0.95),
    _choice("sglang", "matched_stop", 0.6),
    ("tgi", 0.6, "errors with `error_type`", lambda f: any("error_type" in one.body for one in f.failures)),
    ("tgi", 0.8, "the page `/info`", lambda f: f.page("/info", "model_id", "max_total_tokens")),
    _owner("fastchat", "fastchat", weight=0.95),
    (
        "fastchat",
        0.7,
        "codes of five digits",
        lambda f: any(isinstance(e.code, int) and e.code > 9999 for e in f.failures),
    ),
    ("llama-cpp", 0.95, "`Server: llama.cpp`", lambda f: "llama.cpp" in f.headers.get("server", "").lower()),
    _owner("llama-cpp", "llamacpp"),
    _field("llama-cpp", "timings", 0.6),
    ("llama-cpp", 0.5, "`choices` stand first in chunks", lambda f: f.order("choices", "created", "id", "model")),
    ("llama-cpp", 0.7, "the page `/props`", lambda f: f.page("/props", "default_generation_settings")),
    ("ollama", 0.95, "`fp_ollama`", lambda f: any(one.get("system_fingerprint") == "fp_ollama" for one in f.chunks)),
    _owner("ollama", "library", weight=0.8),
    ("ollama", 0.7, "the page `/api/version`", lambda f: f.page("/api/version", "version")),
    _owner("lm-studio", "organization_owner"),
    ("lm-studio", 0.9, "200 for wrong paths", lambda f: f.any_error(r"Unexpected endpoint or method")),
    (
        "localai",
        0.6,
        "models with `id` and `object` only",
        lambda f: all(set(e) == {"id", "object"} for e in f.entries),
    ),
    _header("localai", "x-correlation-id", 0.5),
    (
        "text-generation-webui",
        0.8,
        "models are owned by `user` and made in 1970",
        lambda f: any(one.get("owned_by") == "user" and one.get("created") == 0 for one in f.entries),
    ),
    _owner("exo", "exo", weight=0.98),
    ("exo", 0.8, "`storage_size_megabytes` of models", lambda f: any("storage_size_megabytes" in e for e in f.entries)),
    ("exo", 0.6, "comments on its progress", lambda f: re.search(rb"prefill_progress|generation_stats", f.comments)),
    _header("litellm-proxy", "x-litellm-", 0.98),
    ("litellm-proxy", 0.8, "`litellm.` in messages", lambda f: f.any_error(r"litellm\.")),
    (
        "litellm-proxy",
        0.6,
        "models all made at 1677610602",
        lambda f: f.entries and all(one.get("created") == 1_677_610_602 for one in f.entries),
    ),
    ("openrouter", 0.95, "its comments", lambda f: b"OPENROUTER" in f.comments),
    ("openrouter", 0.6, "ids like `gen-…`", lambda f: f.id_like(r"gen-.*")),
    _header("openrouter", "x-generation-id", 0.7),
    _choice("openrouter", "native_finish_reason", 0.7),
    _field("groq", "x_groq", 0.95),
    _header("groq", "x-groq-", 0.9),
    _owner("deepseek", "deepseek"),
    ("deepseek", 0.7, "`prompt_cache_hit_tokens`", lambda f: "prompt_cache_hit_tokens" in f.usages),
    _header("deepseek", "x-ds-trace-id", 0.9),
    _header("mistral", "mistral-correlation-id", 0.95),
    _owner("mistral", "mistralai", weight=0.7),
    ("mistral", 0.5, "ids of 32 hexadecimal digits", lambda f: f.id_like(r"[0-9a-f]{32}")),
    _owner("xai", "xai", weight=0.95),
    (
        "xai",
        0.6,
        "errors as two texts",
        lambda f: any(isinstance(e.body.get("error"), str) and e.body.get("code") for e in f.failures),
    ),
    ("xai", 0.5, "`num_sources_used`", lambda f: "num_sources_used" in f.usages),
    ("together", 0.5, "the list is an array", lambda f: f.bare_list),
    ("together", 0.5, "`text` beside `delta`", lambda f: any("text" in one and "delta" in one for one in f.choices)),
    _field("perplexity", "citations", 0.7),
    _field("perplexity", "search_results", 0.6),
    ("perplexity", 0.6, "its documentation in messages", lambda f: f.any_error(r"perplexity\.ai")),
    (
        "perplexity",
        0.6,
        "`chat.completion.done`",
        lambda f: any(c.get("object") == "chat.completion.done" for c in f.chunks),
    ),
    _owner("gemini", "google", weight=0.7),
    (
        "gemini",
        0.6,
        "models like `models/…`",
        lambda f: any(str(one.get("id")).startswith("models/") for one in f.entries),
    ),
    ("gemini", 0.6, "errors in an array", lambda f: any(one.shape == "array" for one in f.failures)),
    (
        "qwen-proxy",
        0.6,
        "the models of Qwen, and ids of chats on completions",
        lambda f: (
            {"qwen-max", "qwen-plus", "qwen-turbo"} <= {str(one.get("id")) for one in f.entries}
            and any(
                str(one.object.get("id", "")).startswith("chatcmpl-")
                for one in f.case.bodies
                if one.ask.kind == "completions"
            )
        ),
    ),
)
"""What speaks for a backend: its name, the weight from 0 to 1, the sign in words, and how to look for it."""


def guess(case: Case) -> Guess:
    """Return the backend that the signs speak for most."""
    facts = Facts(case)
    found: dict[str, list[tuple[float, str]]] = {}
    for backend, weight, text in _seen(facts):
        found.setdefault(backend, []).append((weight, text))
    if not found:
        return Guess()
    doubts = {backend: _doubt([weight for weight, _ in signs]) for backend, signs in found.items()}
    best = min(doubts, key=doubts.__getitem__)
    sure = 1.0 - doubts[best]
    if sure < SURE_ENOUGH:
        return Guess()
    because = tuple(text for _, text in sorted(found[best], reverse=True))
    return Guess(name=best, title=TITLES[best], sure=round(sure, 2), because=because)


def _seen(facts: Facts) -> Iterator[tuple[str, float, str]]:
    for backend, weight, text, look in SIGNS:
        if backend == "localai" and not facts.entries:
            continue
        if look(facts):
            yield backend, weight, text


def _doubt(weights: list[float]) -> float:
    doubt = 1.0
    for weight in weights:
        doubt *= 1.0 - weight
    return doubt
