"""What a model said, out of the chunks of a stream or out of one body, as far as it can be made out. Pure.

Chunks and bodies are alike but for ``delta`` and ``message``, so both are read into one :class:`Answer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockoai.check.model import Json
from mockoai.check.reading.events import Block, EventStream, payloads
from mockoai.check.reading.jsontext import NOT_JSON, Text

Fields = Mapping[str, Json]

_DONE = re.compile(rb"(?:data: *)*\"?\[DONE\]\"?\s*$", re.IGNORECASE)
"""A line that says ``[DONE]``, in whatever frame."""


@dataclass(frozen=True)
class Chunk:
    """One JSON payload, the block that carried it, None for a body, and the text it was read from."""

    text: Text
    block: Block | None = None
    place: int = 0

    @property
    def value(self) -> Json:
        """The JSON value."""
        return self.text.value

    @cached_property
    def fields(self) -> Fields:
        """Its fields; empty when it is no object."""
        return self.value if isinstance(self.value, dict) else {}

    @cached_property
    def choices(self) -> list[Fields]:
        """Its choices that are objects."""
        found = self.fields.get("choices")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def at(self) -> float:
        """When it had come."""
        return self.block.at if self.block else 0.0

    @cached_property
    def failure(self) -> Json:
        """What tells of an error: its ``error``, or itself when it is an error without a wrapping; None when neither.

        A ``null`` error is none.
        """
        error = self.fields.get("error")
        if error not in (None, "", {}):
            return error
        for one in self.choices:
            if one.get("error"):
                return one["error"]
        if self.choices or "usage" in self.fields:
            return None
        named = self.block is not None and self.block.value(b"event") == b"error"
        if self.fields.get("object") == "error" or named or "error_code" in self.fields or "detail" in self.fields:
            return self.value
        return None


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of one payload: the payload, the choice, and what it says (``delta`` or ``message``)."""

    chunk: Chunk
    fields: Fields
    said: Fields

    @property
    def index(self) -> int:
        """Which choice; 0 when it does not say."""
        index = self.fields.get("index")
        return index if isinstance(index, int) else 0

    @property
    def text(self) -> str:
        """What it says as text, in whichever field."""
        content = self.said.get("content")
        if content is None:
            content = self.fields.get("text")
        if isinstance(content, list):
            parts = [one.get("text") for one in content if isinstance(one, dict)]
            return "".join([one for one in parts if isinstance(one, str)])
        return content if isinstance(content, str) else ""

    @property
    def reasoning(self) -> str:
        """What it says as reasoning, in a field of its own."""
        for key in ("reasoning_content", "reasoning"):
            if isinstance(self.said.get(key), str):
                return str(self.said[key])
        return ""

    @property
    def calls(self) -> list[Fields]:
        """Its tool calls, or pieces of them."""
        found = self.said.get("tool_calls")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def reason(self) -> str:
        """Why it ends here; empty when it does not."""
        reason = self.fields.get("finish_reason")
        return reason if isinstance(reason, str) and reason != "null" else ""


@dataclass(frozen=True)
class Piece:
    """One piece of a tool call: the choice it stands in, and its fields."""

    choice: Choice
    fields: Fields

    @property
    def function(self) -> Fields:
        """Its function; empty when it has none."""
        found = self.fields.get("function")
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """The function's name, or the part that is given here."""
        found = self.function.get("name")
        return found if isinstance(found, str) else ""

    @property
    def arguments(self) -> str:
        """The arguments, or the part that is given here; empty when they are no text."""
        found = self.function.get("arguments")
        return found if isinstance(found, str) else ""

    @property
    def id(self) -> str:
        """Its id, empty when there is none."""
        found = self.fields.get("id")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Call:
    """One tool call: its pieces in their order."""

    pieces: tuple[Piece, ...]

    @property
    def first(self) -> Piece:
        """The piece that begins it."""
        return self.pieces[0]

    @cached_property
    def arguments(self) -> str:
        """All its arguments, joined."""
        return "".join([one.arguments for one in self.pieces])

    @cached_property
    def names(self) -> list[str]:
        """The names that are given, piece by piece."""
        return [one.name for one in self.pieces if one.name]


@dataclass(frozen=True)
class Answer:
    """All chunks of a stream with ``streamed``, or one body.

    ``done`` are the numbers of the blocks that are ``[DONE]``, ``blocks`` how many there are.
    """

    chunks: tuple[Chunk, ...] = ()
    streamed: bool = False
    done: tuple[int, ...] = ()
    blocks: int = 0
    unreadable: tuple[Chunk, ...] = field(default=())

    @cached_property
    def good(self) -> tuple[Chunk, ...]:
        """The chunks that tell of no error."""
        return tuple(one for one in self.chunks if one.fields and one.failure is None)

    @cached_property
    def failures(self) -> tuple[Chunk, ...]:
        """The chunks that tell of an error."""
        return tuple(one for one in self.chunks if one.failure is not None)

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """All choices of all chunks, in their order."""
        return tuple(
            Choice(chunk, fields, _said(fields)) for chunk in self.chunks if chunk.fields for fields in chunk.choices
        )

    @cached_property
    def indexes(self) -> tuple[int, ...]:
        """The choices there are, by index."""
        return tuple(dict.fromkeys(one.index for one in self.choices))

    @cached_property
    def reasons(self) -> tuple[Choice, ...]:
        """The choices that say why they end."""
        return tuple(one for one in self.choices if one.reason)

    @cached_property
    def usages(self) -> tuple[tuple[Chunk, Json], ...]:
        """All usages that are not null, with their chunk."""
        return tuple((one, one.fields["usage"]) for one in self.good if one.fields.get("usage") is not None)

    def text(self, index: int = 0) -> str:
        """Return what choice ``index`` says."""
        return "".join([one.text for one in self.choices if one.index == index])

    @cached_property
    def reasoned(self) -> bool:
        """Whether reasoning is shown in a field of its own."""
        return any(one.reasoning for one in self.choices)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces of tool calls, in their order."""
        return tuple(Piece(choice, one) for choice in self.choices for one in choice.calls)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls that were meant: a new id, or a new name behind arguments, begins one; the index goes on."""
        return tuple(Call(tuple(pieces)) for pieces in _gathered(self.pieces, self.streamed))

    @property
    def finished(self) -> bool:
        """Whether every choice there is says why it ended."""
        return bool(self.indexes) and {one.index for one in self.reasons} >= set(self.indexes)


def from_stream(stream: EventStream) -> Answer:
    """Read the chunks of ``stream``."""
    chunks: list[Chunk] = []
    unreadable: list[Chunk] = []
    done: list[int] = []
    for place, block in enumerate(stream.blocks):
        if block.done or any(_DONE.match(line.text) for line in block.lines):
            done.append(place)
        for text in payloads(block):
            (unreadable if text.value is NOT_JSON else chunks).append(Chunk(text, block, place))
    return Answer(tuple(chunks), True, tuple(done), len(stream.blocks), tuple(unreadable))


def from_body(*values: Json) -> Answer:
    """Read one body, or the elements of an array."""
    return Answer(tuple(Chunk(Text(one), None, place) for place, one in enumerate(values)))


def _said(fields: Fields) -> Fields:
    for key in ("delta", "message"):
        if isinstance(fields.get(key), dict):
            return dict(fields[key])
    return {}


def _gathered(pieces: tuple[Piece, ...], streamed: bool) -> Iterator[list[Piece]]:
    """Yield the pieces of each call, in the order in which the calls begin."""
    if not streamed:
        yield from ([one] for one in pieces)
        return
    calls: list[list[Piece]] = []
    for one in pieces:
        calls_of = [call for call in calls if call[0].choice.index == one.choice.index]
        found = next((call for call in reversed(calls_of) if _same(call[0], one)), None)
        if one.id and calls_of and not any(call[0].id == one.id for call in calls_of):
            # An id that was not seen before begins a call, unless that call is still waiting for one.
            found = None
        if found is None:
            calls.append([one])
        else:
            found.append(one)
    yield from calls


def _same(first: Piece, later: Piece) -> bool:
    """Whether ``later`` goes on with the call that ``first`` began, as far as index and id tell."""
    if later.id and first.id:
        return first.id == later.id and first.fields.get("index") == later.fields.get("index")
    return first.fields.get("index") == later.fields.get("index")
