"""``POST /embeddings``."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mockoai.endpoints.base import Endpoint, body
from mockoai.endpoints.usage import embeddings_usage
from mockoai.plan.items import Event, Failure, Part, Usage, Vector

if TYPE_CHECKING:
    from mockoai.plan.context import Context


class Embeddings(Endpoint):
    """Embeddings; never streamed."""

    name = "embeddings"

    def check(self, context: Context) -> Failure | None:
        """Check the parameters against OpenAI's schema."""
        from mockoai.endpoints import embeddings_request

        return embeddings_request.check(context.request.fields)

    def events(self, parts: Iterable[Part], context: Context) -> Iterator[Event]:
        """Render a list of all vectors, as numbers or as the request's ``encoding_format`` says."""
        parts = tuple(parts)
        as_text = context.request.fields.get("encoding_format") == "base64"
        payload: dict[str, Any] = {
            "object": "list",
            "data": [
                {
                    "object": "embedding",
                    "index": part.choice,
                    "embedding": packed(part.values) if as_text else list(part.values),
                }
                for part in parts
                if isinstance(part, Vector)
            ],
            "model": context.model,
        }
        for part in parts:
            if isinstance(part, Usage):
                payload["usage"] = embeddings_usage(part)
        yield body(parts, payload)


def packed(values: tuple[float, ...]) -> str:
    """Return ``values`` as base64 of little-endian binary32 floats (IEEE 754); too large ones: infinite."""
    try:
        data = struct.pack(f"<{len(values)}f", *values)
    except OverflowError:
        data = b"".join(_pack(value) for value in values)
    return b64encode(data).decode()


def _pack(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))
