"""The servers that are imitated: one module each, differences only."""

from __future__ import annotations

from mockoai.backends.base import Backend
from mockoai.backends.openai import OpenAI

BACKENDS: dict[str, Backend] = {backend.name: backend for backend in (OpenAI(),)}
"""Every backend by its name."""
