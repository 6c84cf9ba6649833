"""Text from outside in a page: escaped, cut where it is long, and with code set apart."""

from __future__ import annotations

import re
from html import escape as escape_html

SHOWN = 4000
"""Characters of a text, such as the output of a command, that are shown; the JSON report has them all."""

_CONTROL = re.compile(r"[^\n\t -~\u00a0-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Characters that a page cannot hold, that do not show, or that turn around what stands beside them."""
_CODE = re.compile(r"`([^`\n]+)`")


def escape(text: str) -> str:
    """Return ``text`` so that it stands as it is in an element or an attribute; control characters as escapes."""
    return escape_html(_CONTROL.sub(_spelled, text))


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def prose(text: str) -> str:
    """Return ``text`` escaped, and what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def cut(text: str, most: int = SHOWN) -> str:
    """Return ``text``, or its first ``most`` characters and how many more there are."""
    return text if len(text) <= most else f"{text[:most]} … {len(text) - most} characters more"


def ending(text: str) -> str:
    """Return ``text``, or its last characters and how many there are before: what a command says last says most."""
    return text if len(text) <= SHOWN else f"{len(text) - SHOWN} characters, then … {text[-SHOWN:]}"
