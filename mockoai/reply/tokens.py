"""Tokens as OpenAI's models count them.

Strategy. The byte-pair encodings ``o200k_base`` and ``cl100k_base`` come with the package splintr, which is
loaded on first use and needs no network. Where it cannot be imported (it has wheels for CPython on 64-bit x86
and ARM, and no others), a plain estimate takes its place: ASCII words in pieces of up to six letters, digits
by three, punctuation one by one, anything else a character at a time. The estimate keeps every promise made
here but the numbers.

Special tokens such as ``<|endoftext|>`` are text like any other: a request cannot smuggle one in.

The time is bounded. Encoding is linear but slow on text without spaces, so only the first :data:`EXACT`
characters of a text are encoded: :func:`count` carries their rate over to the rest, and :func:`split` cuts
the rest into pieces of :data:`COARSE` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import orjson

if TYPE_CHECKING:
    from splintr import AnyTokenizer

Encoding = Literal["o200k_base", "cl100k_base"]

EXACT = 262_144
"""Characters of a text that are encoded; what lies beyond is estimated."""

COARSE = 1_024
"""Characters of one piece of the text beyond :data:`EXACT`."""

MEDIA_TOKENS = {"image_url": 765, "input_audio": 100, "file": 500}
"""Tokens counted for a content part that is not text.

The true number depends on what is in it, which is not looked at. An image counts as one of 1024 by 1024
pixels in high detail, audio as ten seconds.
"""

LOW_DETAIL_IMAGE_TOKENS = 85
"""Tokens of an image sent with ``detail: low``, whatever its size."""

_CL100K = ("gpt-4", "gpt-3.5", "gpt-35", "text-embedding-", "text-davinci", "davinci-002", "babbage-002")
_O200K = ("gpt-4o", "gpt-4.1", "gpt-4.5")
_ESTIMATE = re.compile(r" ?[A-Za-z]{1,6}|[0-9]{1,3}|[ \t\r\n]+|.", re.DOTALL)
_REMEMBERED = 1_024  # characters; the pieces of shorter texts are remembered
_WORD = 32  # characters; the counts of shorter texts are remembered: roles, names, what stands in every message


@lru_cache(maxsize=256)
def encoding(model: str) -> Encoding:
    """Return the encoding of ``model``: ``cl100k_base`` for GPT-4, GPT-3.5 and embeddings, else ``o200k_base``."""
    name = model.removeprefix("ft:")
    return "cl100k_base" if name.startswith(_CL100K) and not name.startswith(_O200K) else "o200k_base"


@cache
def _tokenizer(name: Encoding) -> AnyTokenizer | None:
    """Load an encoding (some 30 ms, once); None where splintr cannot be imported."""
    try:
        from splintr import Tokenizer
    except ImportError:
        return None
    return Tokenizer.from_pretrained(name)


def split(text: str, model: str = "") -> tuple[str, ...]:
    """Cut ``text`` into tokens; joined, they are ``text``.

    A character whose bytes are spread over several tokens stays whole: the tokens are merged into one piece,
    as in OpenAI's streams.
    """
    name = encoding(model)
    if len(text) <= _REMEMBERED:
        return _remembered(text, name)
    pieces = _pieces(text[:EXACT], name)
    return (*pieces, *[text[start : start + COARSE] for start in range(EXACT, len(text), COARSE)])


def count(text: str, model: str = "") -> int:
    """Return the number of tokens of ``text``; an estimate past :data:`EXACT` characters."""
    name = encoding(model)
    if len(text) <= _WORD:
        return _counted(text, name)
    tokens = _count(text[:EXACT], name)
    return tokens if len(text) <= EXACT else tokens * len(text) // EXACT


def decode(ids: Sequence[int], model: str = "") -> str:
    """Return the text of token ``ids``, with U+FFFD for what is not a token or not text."""
    tokenizer = _tokenizer(encoding(model))
    if tokenizer is None:
        return "\N{REPLACEMENT CHARACTER}" * len(ids)
    data = bytearray()
    for one in ids:
        try:
            data += tokenizer.decode_token_bytes(one)
        except (ValueError, OverflowError, TypeError):
            data += "\N{REPLACEMENT CHARACTER}".encode()
    return data.decode("utf-8", "replace")


def count_messages(messages: Any, tools: Any = (), model: str = "") -> int:
    """Return the prompt tokens of a chat.

    The rule is OpenAI's, as published in its cookbook: three tokens a message, the tokens of all its values,
    one more for a ``name``, and three to prime the answer; tools by :func:`count_tools`. Parts that are not
    text count as :data:`MEDIA_TOKENS`. ``messages`` and ``tools`` are the fields of the request; what is
    misshapen counts nothing.
    """
    total = 3
    for message in messages if isinstance(messages, list) else ():
        total += 3
        if isinstance(message, dict):
            total += sum([_count_value(key, value, model) for key, value in message.items()])
    return total + count_tools(tools, model)


def count_tools(tools: Any, model: str = "") -> int:
    """Return the prompt tokens of tool definitions, each ``{"type": "function", "function": …}`` or the bare
    function.

    The figures are those of OpenAI's cookbook. What the rule does not speak of, nested schemas above all,
    counts as the tokens of its JSON.
    """
    if not isinstance(tools, (list, tuple)) or not tools:
        return 0
    total = 12
    for tool in tools:
        if isinstance(tool, dict):
            inner = tool.get("function") or tool.get("custom") or tool
            if isinstance(inner, dict):
                total += (7 if encoding(model) == "o200k_base" else 10) + _count_function(inner, model)
    return total


def _count_function(function: Mapping[str, Any], model: str) -> int:
    total = count(f"{function.get('name', '')}:{_description(function)}", model)
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    if not isinstance(properties, dict) or not properties:
        return total
    total += 3
    for key, schema in properties.items():
        total += 3
        if not isinstance(schema, dict):
            continue
        options = schema.get("enum")
        if isinstance(options, list):
            total += 3 * len(options) - 3 + sum([count(str(option), model) for option in options])
        total += count(f"{key}:{schema.get('type', '')}:{_description(schema)}", model)
        nested = {name: schema[name] for name in ("properties", "items", "anyOf", "$ref") if name in schema}
        if nested:
            total += count(_json(nested), model)
    return total


def _description(schema: Mapping[str, Any]) -> str:
    text = schema.get("description")
    return text.removesuffix(".") if isinstance(text, str) else ""


def _count_value(key: str, value: Any, model: str) -> int:
    if isinstance(value, str):
        return count(value, model) + (key == "name")
    if value is None:
        return 0
    if key == "content" and isinstance(value, list):
        return sum([_count_part(part, model) for part in value])
    return count(_json(value), model)


def _count_part(part: Any, model: str) -> int:
    if isinstance(part, str):
        return count(part, model)
    if not isinstance(part, dict):
        return 0
    kind = part.get("type")
    if kind == "image_url":
        image = part.get("image_url")
        if isinstance(image, dict) and image.get("detail") == "low":
            return LOW_DETAIL_IMAGE_TOKENS
    if isinstance(kind, str) and kind in MEDIA_TOKENS:
        return MEDIA_TOKENS[kind]
    said = part.get("text", part.get("refusal"))
    return count(said, model) if isinstance(said, str) else 0


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested deeper than it is written back
        return ""


def _encode(text: str, name: Encoding) -> Sequence[int] | None:
    """Encode ``text``; None when only an estimate can be had."""
    tokenizer = _tokenizer(name)
    if tokenizer is None:
        return None
    try:
        return tokenizer.encode_ordinary(text)
    except UnicodeEncodeError:  # a lone surrogate, which has no bytes to encode
        return None


def _count(text: str, name: Encoding) -> int:
    ids = _encode(text, name)
    return len(_ESTIMATE.findall(text)) if ids is None else len(ids)


_counted = lru_cache(maxsize=2048)(_count)


def _pieces(text: str, name: Encoding) -> Iterable[str]:
    ids = _encode(text, name)
    tokenizer = _tokenizer(name)
    if ids is None or tokenizer is None:
        return _ESTIMATE.findall(text)
    pieces: list[str] = []
    pending = b""
    for one in ids:
        data = tokenizer.decode_token_bytes(one)
        if pending:
            data = pending + data
        try:
            pieces.append(data.decode())
            pending = b""
        except UnicodeDecodeError:
            pending = data
    return pieces


@lru_cache(maxsize=512)
def _remembered(text: str, name: Encoding) -> tuple[str, ...]:
    return tuple(_pieces(text, name))
