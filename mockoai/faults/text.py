"""Bytes inside the JSON strings of the answer that are not UTF-8, not JSON, or unusual.

They are put into the encoded frame, because a JSON value cannot hold them. What is looked for is the text of
the answer (``content``, ``text``, ``reasoning``, ``arguments``), streamed or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.faults.segments import Split
from mockoai.plan.items import Frame, Item
from mockoai.plan.place import Place

_TEXT = re.compile(
    rb'"(?:content|text|reasoning_content|reasoning|refusal|arguments)":\s*"((?:[^"\\]|\\.)*)"', re.DOTALL
)
_CONTROLS = {"nul": b"\x00", "tab": b"\t", "newline": b"\n", "escape": b"\x1b"}
_LEAD_BYTE = 0xC0

SECOND_TOKEN = Place("tokens", 2)


def _into_text(data: bytes, raw: bytes, *, end: bool = True) -> bytes | None:
    """Put ``raw`` at the end, or the start, of the first text in ``data``; None when there is none."""
    match = next((one for one in _TEXT.finditer(data) if one[1]), None) or _TEXT.search(data)
    if match is None:
        return None
    point = match.end(1) if end else match.start(1)
    return data[:point] + raw + data[point:]


@dataclass(frozen=True, kw_only=True)
class InText(Fault):
    """Base of faults that put bytes into the text of the first event from ``at`` on that has some."""

    at: Place = SECOND_TOKEN

    def raw(self) -> bytes:
        """Return the bytes."""
        raise NotImplementedError

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the bytes in."""
        if run.fired or item.comment or not (run.state.get("reached") or run.at(self.at, item)):
            return [item]
        run.state["reached"] = True
        data = _into_text(item.data, self.raw(), end=True)
        if data is None:
            run.missed(f"no event from `{self.at}` on has any text")
            return [item]
        run.fire(f"put `{repr(self.raw())[2:-1]}` into the text of event {item.events}")
        return [replace(item, data=data)]


@fault("utf8-invalid-bytes", family="encoding", layer="frame")
class Utf8InvalidBytes(InText):
    r"""Put bytes that are never UTF-8 into the text.

    On the wire: ``\xff\xfe`` inside a JSON string. Strict decoders raise, others put U+FFFD there. Who does
    it: tokenizers that fall back to bytes, proxies that guess encodings. Catalogue: ``utf8-invalid-bytes``.
    """

    def raw(self) -> bytes:
        """Return two bytes that occur in no UTF-8."""
        return b"\xff\xfe"


@fault("utf8-truncated-sequence", family="encoding", layer="frame")
class Utf8TruncatedSequence(InText):
    r"""Put the first half of an emoji into the text, and never the second.

    On the wire: ``\xf0\x9f`` inside a JSON string. Who does it: servers that decode each token by itself.
    Catalogue: ``utf8-truncated-sequence``.
    """

    def raw(self) -> bytes:
        """Return two of the four bytes of U+1F600."""
        return b"\xf0\x9f"


@fault("replacement-characters", family="encoding", layer="frame")
class ReplacementCharacters(InText):
    r"""Put U+FFFD into the text.

    On the wire: ``\xef\xbf\xbd`` inside a JSON string. Valid in every way, and not what the model said. Who
    does it: servers that decode tokens as they come; FastChat strips them. Catalogue:
    ``replacement-characters``.
    """

    def raw(self) -> bytes:
        """Return the character."""
        return "\ufffd".encode()


@fault("u2028-in-content", family="encoding", layer="frame")
class U2028InContent(InText):
    r"""Put line separators that are not SSE's into the text.

    On the wire: U+2028, U+0085 and a vertical tab as an escape inside a JSON string. Only CR and LF end a
    line of a stream (WHATWG HTML §9.2.5); Python's ``splitlines`` thinks otherwise. Who does it: models.
    Catalogue: ``u2028-in-content``.
    """

    def raw(self) -> bytes:
        """Return the characters; JSON allows the vertical tab only as an escape."""
        return "\u2028\u0085\\u000b".encode()


@fault("raw-control-char", family="encoding", layer="frame")
class RawControlChar(InText):
    r"""Put a control character into the text without escaping it.

    On the wire: ``\x00`` inside a JSON string, or what ``char`` names; a newline also ends the line of a
    stream. Not JSON (RFC 8259 §7). Who does it: JSON that is put together by hand. Catalogue:
    ``raw-control-char``.
    """

    char: Literal["nul", "tab", "newline", "escape"] = "nul"

    def raw(self) -> bytes:
        """Return the character."""
        return _CONTROLS[self.char]


@fault("lone-surrogate-escapes", family="encoding", layer="frame", needs="stream")
class LoneSurrogateEscapes(InText):
    r"""Put the two halves of an emoji into two events, as escapes.

    On the wire: ``"\ud83d"`` at the end of one text and ``"\ude00"`` at the start of the next. Right when
    concatenated; one half by itself has no UTF-8. Who does it: servers whose token ends inside an emoji.
    Catalogue: ``lone-surrogate-escapes``.
    """

    def raw(self) -> bytes:
        """Return the first half of U+1F600 in UTF-16."""
        return rb"\ud83d"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Put the first half in, then the second into the next text."""
        if not run.fired or run.state.get("whole"):
            return super().feed(item, run)
        data = _into_text(item.data, rb"\ude00", end=False)
        if data is None:
            return [item]
        run.state["whole"] = True
        return [replace(item, data=data)]


@fault("nan-literal", family="encoding", layer="frame")
class NanLiteral(Fault):
    """Write ``NaN`` for a number.

    On the wire: ``"prompt_tokens":NaN``; ``field`` names the key. Not JSON (RFC 8259 §6), though Python reads
    and writes it. A stream has usage only where the client asked for it. Who does it: Python's
    ``json.dumps``. Catalogue: ``nan-literal``.
    """

    field: str = "prompt_tokens"

    def feed(self, item: Frame, run: Run) -> Iterable[Item]:
        """Replace the number."""
        key = re.escape(self.field.encode())
        data, count = re.subn(rb'("%s":\s*)-?\d[\d.eE+-]*' % key, rb"\1NaN", item.data)
        if not count:
            run.missed(f"no number is called `{self.field}`")
            return [item]
        run.fire(f"wrote NaN for `{self.field}`")
        return [replace(item, data=data)]


@fault("utf8-split-across-packets", family="encoding", layer="transport", claims=["segments"])
class Utf8SplitAcrossPackets(Split):
    r"""Send the bytes of a character in different TCP segments.

    On the wire: ``\xc3``, a gap of at least 2 ms, ``\xa9``; for every character of the body that is not
    ASCII. Works on an answer that has some. Who does it: the network. openai-node mishandled it before
    4.84.0. Catalogue: ``utf8-split-across-packets``.
    """

    target = "character of several bytes in its body"

    def points(self, body: bytes) -> Sequence[int]:
        """Cut behind the first byte of every character of several bytes."""
        return [index + 1 for index, byte in enumerate(body[:-1]) if byte >= _LEAD_BYTE]
