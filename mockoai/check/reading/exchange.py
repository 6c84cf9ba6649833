"""One exchange as the detectors see it: what was asked, what came back, and how it reads at every level. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mockoai.check.model import Ask, Json, Recording
from mockoai.check.reading.answer import Answer, from_body, from_stream
from mockoai.check.reading.content import BOM, Content, decode
from mockoai.check.reading.events import EventStream, parse
from mockoai.check.reading.http1 import Message, Reader
from mockoai.check.reading.jsontext import NOT_JSON, Text, read

CONTENT_LIMIT = 16 * 1024 * 1024
"""Bytes of content that are looked at once it is unpacked."""

Form = Literal["empty", "events", "json", "lines", "html", "text"]
"""What content is by its own look: an event stream, one JSON value, JSON lines, a web page, or any other text."""

_HTML = re.compile(rb"\s*<(?:!doctype html|html|head|body|title)\b", re.IGNORECASE)
_EVENTS = re.compile(rb"[\r\n]*(?:data|event|id|retry)?:|[\r\n]*data[\r\n]")


@dataclass(frozen=True)
class Exchange:
    """What was asked, the bytes that came, and what they are; ``path`` is the whole request target."""

    ask: Ask
    recording: Recording
    path: str = ""

    @cached_property
    def message(self) -> Message:
        """The HTTP answer; its status is 0 when none came."""
        reader = Reader(self.ask.method)
        for one in self.recording.segments:
            reader.feed(one.data, one.at)
        return reader.message(closed=self.recording.ending == "fin")

    @property
    def status(self) -> int:
        """The status, 0 when no answer came."""
        return self.message.status

    @cached_property
    def content(self) -> Content:
        """The body without its coding."""
        return decode(self.message, CONTENT_LIMIT)

    @cached_property
    def form(self) -> Form:
        """What the content is by its own look, whatever the header says."""
        data = self.content.data.removeprefix(BOM)
        if not data.strip():
            return "events" if data and self.message.content_type == "text/event-stream" else "empty"
        if _HTML.match(data):
            return "html"
        if _EVENTS.match(data):
            return "events"
        if self.json.value is not NOT_JSON or self.json.cut:
            return "lines" if self._lines > 1 else "json"
        return "text"

    @cached_property
    def _lines(self) -> int:
        """How many lines there are that are JSON objects each, if the content is not one value."""
        if self.json.value is not NOT_JSON:
            return 1
        lines = [one for one in self.content.data.split(b"\n") if one.strip()]
        objects = sum(isinstance(read(one).value, dict) for one in lines[:50])
        return objects if objects >= min(len(lines), 50) - 1 else 1

    @cached_property
    def json(self) -> Text:
        """The content read as one JSON value."""
        return read(self.content.data)

    @property
    def object(self) -> dict[str, Json]:
        """The content as a JSON object; empty when it is none."""
        return self.json.value if isinstance(self.json.value, dict) else {}

    @cached_property
    def events(self) -> EventStream:
        """The content read as an event stream."""
        return parse(self.content)

    @cached_property
    def answer(self) -> Answer:
        """What the model said, out of the chunks or the body, as far as it can be made out."""
        if self.form in ("events", "lines"):
            return from_stream(self.events)
        if isinstance(self.json.value, list):
            return from_body(*[one for one in self.json.value if isinstance(one, dict)])
        return from_body(self.object)

    # What it is good for.

    @property
    def ordinary(self) -> bool:
        """Whether nothing was wrong with the request, so that an error is no good answer."""
        return not self.ask.provokes

    @property
    def generates(self) -> bool:
        """Whether a model was asked to say something."""
        return self.ask.kind in ("chat", "completions")

    @cached_property
    def streamed(self) -> bool:
        """Whether a stream was asked for, and something like one came with status 200."""
        return self.generates and self.ask.stream and self.status == 200 and self.form in ("events", "lines")

    @cached_property
    def whole(self) -> bool:
        """Whether a body was asked for, and JSON came with status 200."""
        return self.generates and not self.ask.stream and self.status == 200 and self.form == "json"

    @property
    def uncut(self) -> bool:
        """Whether the HTTP answer is all there."""
        return self.message.whole and not self.message.flaw and not self.content.lie

    @cached_property
    def good(self) -> bool:
        """Whether the answer is of the kind that was asked for, as far as a client needs it to go on."""
        if self.status != 200:
            return False
        if self.ask.kind == "models":
            return bool(self.entries)
        if self.ask.kind == "model":
            return isinstance(self.object.get("id"), str)
        if self.generates:
            return bool(self.answer.choices)
        return True

    @cached_property
    def entries(self) -> list[str]:
        """The ids of a model list in any of the shapes that are seen."""
        value = self.json.value
        data = value if isinstance(value, list) else None
        for key in ("data", "models"):
            if data is None and isinstance(value, dict) and isinstance(value.get(key), list):
                data = value[key]
        ids = [_id(one) for one in data or []]
        return [one for one in ids if one]


def _id(entry: Json) -> str:
    if isinstance(entry, str):
        return entry
    if isinstance(entry, dict):
        for key in ("id", "name", "model"):
            if isinstance(entry.get(key), str):
                return str(entry[key])
    return ""
