"""The body of ``POST /completions``, as OpenAI's schema has it.

Looser than the schema, by OpenAI's own default for it: ``prompt`` may be left out.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Tag

from mockoai.endpoints import refusals
from mockoai.endpoints.fields import (
    Penalty,
    RequestModel,
    Schema,
    Stop,
    StreamOptions,
    by_function,
    schema_words,
)
from mockoai.plan.items import Failure

MAX_CHOICES = 2048
"""Choices that one request can ask for, all prompts together; OpenAI's own limit is not known."""


def input_kind(value: Any) -> str | None:
    """Name the branch for a text, texts, tokens or lists of tokens, by the first item of an array."""
    if isinstance(value, str):
        return "(text)"
    if not isinstance(value, list):
        return None
    first = value[0] if value else ""
    if isinstance(first, list):
        return "(token arrays)"
    return "(texts)" if isinstance(first, str) else "(tokens)"


Prompt = Annotated[
    Annotated[str, Tag("(text)")]
    | Annotated[list[str], Tag("(texts)")]
    | Annotated[list[int], Tag("(tokens)")]
    | Annotated[list[Annotated[list[int], Field(min_length=1)]], Tag("(token arrays)")],
    by_function(input_kind, "a string, or an array of strings, integers, or integer arrays"),
]


class CompletionsRequest(RequestModel):
    """The body, less ``model``, which the gateway looks at."""

    prompt: Prompt | None = None
    best_of: Annotated[int, Field(ge=0, le=20)] | None = None
    echo: bool | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, int] | None = None
    logprobs: Annotated[int, Field(ge=0, le=5)] | None = None
    max_tokens: Annotated[int, Field(ge=0)] | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    presence_penalty: Penalty | None = None
    seed: int | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    suffix: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    user: str | None = None


_SCHEMA = Schema(CompletionsRequest, schema_words)


def check(body: dict[str, Any]) -> Failure | None:
    """Return what OpenAI refuses about ``body``, or None."""
    if failure := _SCHEMA.check(body):
        return failure
    if body.get("stream_options") is not None and not body.get("stream"):
        return refusals.only_with("stream_options", "stream")
    prompt = body.get("prompt")
    several = isinstance(prompt, list) and input_kind(prompt) != "(tokens)"
    if (len(prompt or ()) if several else 1) * (body.get("n") or 1) > MAX_CHOICES:
        return refusals.too_many_choices(MAX_CHOICES)
    return None
