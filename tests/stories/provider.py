"""A provider set-up: given a base URL and perhaps a key, find out which models there are and what they can take.

The broken form takes OpenAI's list for everybody's: each entry has a date and an owner, everything in it can chat, and
the settings are as the user meant to write them. The mended one needs an ``id`` and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

TLS = httpx.create_ssl_context()
"""Made once: it takes longer than a request."""
DEFAULT_CONTEXT = 4_096
MAX_OUTPUT, MODERN_MAX_OUTPUT = 4_096, 8_192

_K = 1024
_SAID = re.compile(r"(?<![a-z0-9])(\d+)k(?![a-z0-9])")
_FAMILIES = [
    (re.compile(pattern), size * _K)
    for pattern, size in (
        (r"llama-?3[.-][123]", 128),
        (r"llama-?3", 8),
        (r"mistral-large", 128),
        (r"mistral-(small|medium)", 32),
        (r"mixtral-?8x22b|mixtral:8x22b", 64),
        (r"mixtral", 32),
        (r"qwen-?2[.-]5", 128),
        (r"deepseek", 64),
    )
]
"""Context windows by names; the first that fits counts."""
_MODERN = re.compile(r"deepseek|qwen-?2[.-]5|mistral-large|llama-?3")
_NO_CHAT = re.compile(r"embed|bge-|tts|whisper|rerank|moderation")
_LENGTHS = ("max_model_len", "max_context_length", "context_length", "context_window")
"""Under which keys servers say how long a context may be."""


class SetupError(Exception):
    """The provider cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Model:
    """A model: its ``context`` and ``max_output`` in tokens; ``said`` where the server itself gave the context."""

    id: str
    context: int
    max_output: int
    said: bool = False


def broken(base_url: str, api_key: str = "") -> list[Model]:
    """The set-up as it was."""
    answer = httpx.get(f"{base_url}/models", headers={"Authorization": f"Bearer {api_key}".strip()}, verify=TLS)
    answer.raise_for_status()
    entries = sorted(answer.json()["data"], key=lambda entry: int(entry["created"]))
    return [Model(entry["id"], DEFAULT_CONTEXT, MAX_OUTPUT) for entry in entries]


def mended(base_url: str, api_key: str = "") -> list[Model]:
    """The set-up as it is. Raises SetupError with advice."""
    url = base_url.strip().rstrip("/")
    key = api_key.strip().strip("\"'").strip()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{url}/models", headers=headers, verify=TLS)
    except httpx.TransportError as error:
        raise SetupError(f"Connection failed: is the server running at {url}? ({error})") from error
    if answer.status_code in (401, 403):
        raise SetupError("The server requires an API key." if not key else "The API key is not accepted.")
    try:
        listed = answer.json()["data"]
        found = [_model(entry) for entry in listed or () if not _NO_CHAT.search(entry["id"].lower())]
    except (ValueError, KeyError, TypeError) as error:
        advice = "" if url.endswith("/v1") else " The base URL should end in /v1."
        raise SetupError(f"No list of models at {url}/models (status {answer.status_code}).{advice}") from error
    if not found:
        raise SetupError("No models found: has the server loaded one?")
    return found


def estimate(id: str) -> int:
    """Return how long the context of the model with this name probably is, in tokens."""
    name = id.lower()
    if said := _SAID.search(name):
        return int(said[1]) * _K
    return next((size for pattern, size in _FAMILIES if pattern.search(name)), DEFAULT_CONTEXT)


def _model(entry: dict[str, Any]) -> Model:
    id = entry["id"]
    said = next((entry[key] for key in _LENGTHS if isinstance(entry.get(key), int)), 0)
    most = MODERN_MAX_OUTPUT if _MODERN.search(id.lower()) else MAX_OUTPUT
    return Model(id, said or estimate(id), most, bool(said))
