"""Event streams (WHATWG HTML §9.2) line by line: what a parser would make of them, and what it would not see. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mockoai.check.reading.content import BOM, Content
from mockoai.check.reading.jsontext import NOT_JSON, Text, read

_EOL = re.compile(rb"\r\n|\n|\r")
_FIELDS = (b"data", b"event", b"id", b"retry")
_DONE = re.compile(rb"\s*\"?\[DONE\]\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it starts in the content, its text, and the line end, empty at the end of the stream.

    ``name`` is the field (empty for comments), ``value`` what stands behind the colon and ``spaces``, how many of
    these there are; a parser drops one.
    """

    start: int
    text: bytes
    eol: bytes
    name: bytes
    value: bytes
    spaces: int

    @property
    def end(self) -> int:
        """Where the next line starts."""
        return self.start + len(self.text) + len(self.eol)

    @property
    def comment(self) -> bool:
        """Whether it is a comment."""
        return self.text.startswith(b":")

    @property
    def known(self) -> bool:
        """Whether it is a field that the standard knows."""
        return self.name in _FIELDS


def line(start: int, text: bytes, eol: bytes) -> Line:
    """Read one line."""
    name, colon, value = text.partition(b":")
    if not colon:
        return Line(start, text, eol, text, b"", 0)
    stripped = value.lstrip(b" ")
    return Line(start, text, eol, name, value.removeprefix(b" "), len(value) - len(stripped))


@dataclass(frozen=True)
class Block:
    """The lines up to a blank one.

    ``at`` is when its last byte had come, ``blank`` the line end of the blank line, empty when the stream ended before
    it, and ``split`` the offsets at which segments or HTTP chunks cut it.
    """

    lines: tuple[Line, ...]
    blank: bytes
    at: float

    @property
    def start(self) -> int:
        """Where it starts in the content."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Where it ends, blank line included."""
        return self.lines[-1].end + len(self.blank)

    @cached_property
    def fields(self) -> tuple[Line, ...]:
        """The lines of fields that a parser knows."""
        return tuple(one for one in self.lines if one.known)

    @cached_property
    def comments(self) -> tuple[Line, ...]:
        """The comments."""
        return tuple(one for one in self.lines if one.comment)

    @cached_property
    def strays(self) -> tuple[Line, ...]:
        """The lines that a parser ignores and that are no comments."""
        return tuple(one for one in self.lines if not one.known and not one.comment)

    @cached_property
    def data_lines(self) -> tuple[Line, ...]:
        """The ``data`` lines."""
        return tuple(one for one in self.lines if one.name == b"data")

    @cached_property
    def data(self) -> bytes | None:
        """The data that a parser hands on, None when there is no ``data`` line."""
        lines = self.data_lines
        return b"\n".join([one.value for one in lines]) if lines else None

    def value(self, name: bytes) -> bytes | None:
        """Return the last value of the field ``name``, or None."""
        found = [one.value for one in self.lines if one.name == name]
        return found[-1] if found else None

    @cached_property
    def raw(self) -> bytes:
        """All its bytes, without the blank line."""
        return b"".join([one.text + one.eol for one in self.lines])

    @cached_property
    def json(self) -> Text:
        """Its data read as JSON."""
        return read(self.data or b"")

    @property
    def done(self) -> bool:
        """Whether its data is ``[DONE]``, or was meant to be."""
        return self.data is not None and _DONE.fullmatch(self.data) is not None


@dataclass(frozen=True)
class EventStream:
    """All blocks of a stream, and the blank lines that end none: ``extra``, as offsets."""

    content: Content
    blocks: tuple[Block, ...]
    extra: tuple[int, ...] = ()

    @cached_property
    def events(self) -> tuple[Block, ...]:
        """The blocks that have data."""
        return tuple(one for one in self.blocks if one.data is not None)

    @cached_property
    def eols(self) -> frozenset[bytes]:
        """The kinds of line end."""
        kinds = {one.eol for block in self.blocks for one in block.lines} | {one.blank for one in self.blocks}
        return frozenset(kinds - {b""})


def parse(content: Content) -> EventStream:
    """Read ``content`` as an event stream."""
    blocks: list[Block] = []
    extra: list[int] = []
    lines: list[Line] = []
    for one in _lines(content.data):
        if one.text:
            lines.append(one)
        elif lines:
            blocks.append(Block(tuple(lines), one.eol, content.at(one.end - 1)))
            lines = []
        else:
            extra.append(one.start)
    if lines:
        blocks.append(Block(tuple(lines), b"", content.at(lines[-1].end - 1)))
    return EventStream(content, tuple(blocks), tuple(extra))


def _lines(data: bytes) -> Iterator[Line]:
    start = len(BOM) if data.startswith(BOM) else 0
    for match in _EOL.finditer(data, start):
        yield line(start, data[start : match.start()], match[0])
        start = match.end()
    if start < len(data):
        yield line(start, data[start:], b"")


def payloads(block: Block) -> list[Text]:
    """Return the JSON values that ``block`` was meant to carry, as far as they can be made out.

    One per block is usual. More are several ``data`` lines that lost the blank lines between them; JSON in lines
    without ``data:``, or under it twice, or spread over lines without it, is read too.
    """
    if block.data is None:
        stray = [read(one.text) for one in block.strays if one.text.startswith((b"{", b"["))]
        if stray and all(one.value is NOT_JSON for one in stray):
            stray = [read(b"\n".join([one.text for one in block.lines]))]
        return [one for one in stray if isinstance(one.value, (dict, list))]
    if block.done:
        return []
    if block.json.value is not NOT_JSON:
        return [block.json]
    lines = [read(one.value) for one in block.data_lines if not _DONE.fullmatch(one.value)]
    if len(lines) > 1 and all(isinstance(one.value, dict) for one in lines):
        return lines
    twice = block.data.lstrip()
    if twice.startswith(b"data:"):
        return [read(twice.removeprefix(b"data:"))]
    if block.strays:
        spread = read(b"\n".join([one.value if one.name == b"data" else one.text for one in block.lines]))
        if spread.value is not NOT_JSON:
            return [spread]
    return [block.json]
