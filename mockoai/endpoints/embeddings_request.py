"""The body of ``POST /embeddings``, as OpenAI's schema has it.

Stricter than the schema, by its own description and many transcripts: an empty string is refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from mockoai.endpoints import refusals
from mockoai.endpoints.completions_request import input_kind
from mockoai.endpoints.fields import RequestModel, Schema, by_function, schema_words
from mockoai.plan.items import Failure

_Several = Field(min_length=1, max_length=2048)

Input = Annotated[
    Annotated[str, Field(min_length=1), Tag("(text)")]
    | Annotated[list[Annotated[str, Field(min_length=1)]], _Several, Tag("(texts)")]
    | Annotated[list[int], _Several, Tag("(tokens)")]
    | Annotated[list[Annotated[list[int], Field(min_length=1)]], _Several, Tag("(token arrays)")],
    by_function(input_kind, "a string, or an array of strings, integers, or integer arrays"),
]


class EmbeddingsRequest(RequestModel):
    """The body, less ``model``, which the gateway looks at."""

    input: Input
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    user: str | None = None


_SCHEMA = Schema(EmbeddingsRequest, schema_words, {"input": refusals.WRONG_INPUT})


def check(body: dict[str, Any]) -> Failure | None:
    """Return what OpenAI refuses about ``body``, or None."""
    return _SCHEMA.check(body)
