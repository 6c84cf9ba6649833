"""Bytes and headers: what is sent as it is written."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from mockoai.scenario.compounds import Either, ListOf, Pairs
from mockoai.scenario.diagnose import Mistakes, quoted
from mockoai.scenario.nodes import Mapping, Node, Scalar
from mockoai.scenario.scalars import RawText, Text
from mockoai.scenario.shapes import WRONG, Schema, Shape
from mockoai.scenario.typed import register

# --- bytes ------------------------------------------------------------------------------------------------


class BytesShape(Shape):
    r"""Bytes: a text, sent as UTF-8; ``{ bytes: "\xff" }``, one byte a character; ``{ base64: "/w==" }``."""

    expected = 'a text in double quotes, `{ bytes: "\\xff" }` or `{ base64: "/w==" }`'
    forms = ("text", "bytes", "base64")

    def _fits(self, node: Node) -> bool:
        if isinstance(node, Mapping):
            return len(node.entries) == 1 and node.entries[0][0].text in self.forms
        return Text().fits(node)

    def _read(self, node: Node, mistakes: Mistakes) -> Any:
        if isinstance(node, Scalar):
            return self.form("text", node, mistakes)
        assert isinstance(node, Mapping)
        key, value = node.entries[0]
        return self.form(key.text, value, mistakes)

    def form(self, form: str, node: Node, mistakes: Mistakes) -> Any:
        """Return the bytes that ``node`` means in the ``form`` of that name."""
        text = Text().read(node, mistakes)
        if text is WRONG:
            return WRONG
        assert isinstance(node, Scalar)
        if form == "base64":
            return self._base64(text, node, mistakes)
        if node.style != '"' and re.search(r"\\[rn]\Z", text):
            # A single quote inside it would have to be written anew, so there is no suggestion to copy.
            mistakes.add(
                "bad-bytes",
                node,
                "this ends in a backslash and a letter, not in a line break",
                help="escapes such as `\\r\\n` work in double quotes only",
            )
            return WRONG
        if form == "text":
            return text.encode()
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError as error:
            mistakes.add(
                "bad-bytes",
                node,
                f"{quoted(text[error.start])} is more than one byte",
                expected="characters from \\x00 to \\xff, one byte each",
                help="use `text:`, which is sent as UTF-8",
            )
            return WRONG

    def _base64(self, text: str, node: Scalar, mistakes: Mistakes) -> Any:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            mistakes.add(
                "bad-bytes",
                node,
                f"{quoted(text, 40)} is not base64",
                expected="the alphabet of RFC 4648 §4, padded with `=`",
            )
            return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        text = {"type": "string"}
        return {
            "anyOf": [
                text,
                {
                    "type": "object",
                    "properties": dict.fromkeys(self.forms, text),
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ]
        }


# --- headers ----------------------------------------------------------------------------------------------

HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""A token (RFC 9110 §5.6.2), which header names are."""


def header_name(node: Scalar, mistakes: Mistakes) -> Any:
    """Return the header name at ``node`` (RFC 9110 §5.1), or :data:`WRONG`."""
    if re.fullmatch(HEADER_NAME, node.text):
        return node.text
    mistakes.add(
        "bad-header",
        node,
        f"{quoted(node.text)} is not a header name",
        expected="letters, digits and `-`",
        help="faults and `wire:` can send what is not allowed here",
    )
    return WRONG


class HeaderValue(RawText):
    """The value of a header, as it is written (RFC 9110 §5.5)."""

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        if re.search("[\r\n\0]|[^\x00-\xff]", node.text):
            mistakes.add(
                "bad-header",
                node,
                "a header value is one line of characters up to \\xff",
                help="faults and `wire:` can send what is not allowed here",
            )
            return WRONG
        return node.text


class HeadersShape(Pairs):
    """Headers by name; a list is one header several times."""

    def __init__(self) -> None:
        super().__init__(Either((HeaderValue(), ListOf(HeaderValue(), filled=True))), names=HEADER_NAME)

    def _key(self, node: Scalar, mistakes: Mistakes) -> Any:
        return header_name(node, mistakes)

    def _read(self, node: Mapping, mistakes: Mistakes) -> Any:
        found = super()._read(node, mistakes)
        if found is WRONG:
            return WRONG
        many = [(name, value if isinstance(value, tuple) else (value,)) for name, value in found]
        return tuple((name, value) for name, values in many for value in values)


register(bytes, BytesShape())
register(tuple[tuple[str, str], ...], HeadersShape())
