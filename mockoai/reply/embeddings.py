"""Healthy answers to ``/v1/embeddings``."""

from __future__ import annotations

import math
import struct
from operator import mul
from typing import Any

import orjson

from mockoai.plan.context import Context
from mockoai.plan.items import Part, Vector
from mockoai.reply.answer import Meter
from mockoai.reply.bounds import check_numbers
from mockoai.reply.limits import number
from mockoai.reply.tokens import count, decode
from mockoai.reply.usage import usage
from mockoai.scenario.model import Reply
from mockoai.seed import Seed

DIMENSIONS = {"text-embedding-3-large": 3072}
"""Lengths of the vectors of models that do not have :data:`USUAL_DIMENSIONS`."""

USUAL_DIMENSIONS = 1536
"""Length of a vector when neither request nor model say otherwise."""

MAX_DIMENSIONS = 16_384
"""The longest vector that is made, whatever is asked for."""


def embeddings(reply: Reply, context: Context) -> tuple[Part, ...]:
    """Return a vector per input, and the usage; raises AnswerTooLargeError when that is too many numbers."""
    fields = context.request.fields
    model = context.request.model
    size = min(number(fields.get("dimensions")) or DIMENSIONS.get(model, USUAL_DIMENSIONS), MAX_DIMENSIONS)
    texts, tokens = _inputs(fields.get("input"), model)
    check_numbers(len(texts), size)
    parts: list[Part] = [Vector(choice=index, values=vector(text, model, size)) for index, text in enumerate(texts)]
    parts.append(usage(reply, Meter(), tokens))
    return tuple(parts)


def vector(text: str, model: str, size: int) -> tuple[float, ...]:
    """Return the embedding of ``text``: ``size`` numbers, of length 1 as a vector.

    It depends on the text and the model alone, so it is the same in every request, scenario and session, and
    a client that stores vectors finds them again. A shorter vector is the front of a longer one, scaled to
    length 1, as with OpenAI's models.
    """
    seed = Seed("embedding").child(model, text.encode("utf-8", "surrogatepass"))
    drawn = struct.unpack(f"<{size}h", seed.data(2 * size))
    length = math.sqrt(sum(map(mul, drawn, drawn))) or 1.0
    return tuple([one / length for one in drawn])


def _inputs(given: Any, model: str) -> tuple[list[str], int]:
    """Return the inputs as texts, and their tokens in all; token ids are the text that they stand for."""
    if isinstance(given, str) or (isinstance(given, list) and given and all(isinstance(one, int) for one in given)):
        given = [given]
    texts: list[str] = []
    tokens = 0
    for one in given if isinstance(given, list) else ():
        if isinstance(one, str):
            texts.append(one)
            tokens += count(one, model)
        else:
            ids = one if isinstance(one, list) else []
            texts.append(decode(ids, model) if all(isinstance(id, int) for id in ids) else orjson.dumps(ids).decode())
            tokens += len(ids)
    return texts, tokens
