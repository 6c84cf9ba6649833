"""The clients of the matrix and the environments they live in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["python", "node"]


@dataclass(frozen=True, slots=True)
class Environment:
    """What is installed together: ``packages`` as pip or npm takes them; one without a version is the newest."""

    id: str
    kind: Kind
    packages: tuple[str, ...]

    @property
    def pinned(self) -> bool:
        """Whether the versions are given, and not the newest."""
        return all("==" in package or package.rpartition("@")[2][:1].isdigit() for package in self.packages)


@dataclass(frozen=True, slots=True)
class Client:
    """One column of the matrix.

    ``title`` and the version of ``package`` are its head; ``driver`` is the program and its arguments; ``api`` says
    what applications call, for the reader. ``shares`` tells that all calls of a process share their connections.
    """

    id: str
    title: str
    package: str
    environment: Environment
    driver: tuple[str, ...]
    api: str
    shares: bool = False


def _python(version: str) -> Client:
    package = f"openai=={version}" if version else "openai"
    id = f"openai-python-{version or 'newest'}"
    environment = Environment(id, "python", (package,))
    return Client(id, "openai-python", "openai", environment, ("openai_python.py",), "`OpenAI`, synchronous")


def _node(version: str) -> Client:
    id = f"openai-node-{version or 'newest'}"
    environment = Environment(id, "node", (f"openai@{version or 'latest'}",))
    return Client(id, "openai-node", "openai", environment, ("openai_node.mjs",), "`OpenAI`", shares=True)


_AI_SDK = Environment("ai-sdk", "node", ("ai@latest", "@ai-sdk/openai-compatible@latest", "@ai-sdk/openai@latest"))

CLIENTS: tuple[Client, ...] = (
    _python("1.109.1"),
    _python("2.54.0"),
    _python(""),
    _node("4.104.0"),
    _node("6.49.0"),
    _node(""),
    Client(
        "ai-sdk-openai-compatible",
        "@ai-sdk/openai-compatible",
        "@ai-sdk/openai-compatible",
        _AI_SDK,
        ("ai_sdk.mjs", "openai-compatible"),
        "`streamText`, `generateText` of `ai`",
        shares=True,
    ),
    Client(
        "ai-sdk-openai",
        "@ai-sdk/openai",
        "@ai-sdk/openai",
        _AI_SDK,
        ("ai_sdk.mjs", "openai"),
        "`streamText`, `generateText` of `ai`, with `.chat()`",
        shares=True,
    ),
    Client(
        "langchain-openai",
        "langchain-openai",
        "langchain-openai",
        Environment("langchain-openai", "python", ("langchain-openai",)),
        ("langchain_model.py",),
        "`ChatOpenAI`, `stream` and `invoke`",
    ),
    Client(
        "litellm",
        "litellm",
        "litellm",
        # It imports mcp for every call with tools, and does not declare it.
        Environment("litellm", "python", ("litellm", "mcp")),
        ("litellm_sdk.py",),
        "`acompletion`, `openai/` provider",
        shares=True,
    ),
    Client(
        "llama-index",
        "llama-index openai-like",
        "llama-index-llms-openai-like",
        Environment("llama-index", "python", ("llama-index-llms-openai-like",)),
        ("llama_index_model.py",),
        "`OpenAILike`, `stream_chat` and `chat`",
    ),
)
"""All clients, in the order of the columns."""

SHOWN = (
    "openai",
    "ai",
    "@ai-sdk/openai",
    "@ai-sdk/openai-compatible",
    "langchain-core",
    "langchain-openai",
    "litellm",
    "llama-index-core",
    "llama-index-llms-openai",
    "llama-index-llms-openai-like",
    "aiohttp",
    "httpx",
    "httpx2",
    "node-fetch",
    "pydantic",
    "tenacity",
)
"""Packages whose versions the document names: the clients, and what they speak HTTP with."""
