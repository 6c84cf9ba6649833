"""``events:`` and ``wire:``: what is sent to the letter, for what no fault names."""

from __future__ import annotations

import re
from typing import Any, get_args

from mockoai.plan.items import Ending
from mockoai.scenario.diagnose import Mistakes, any_of, did_you_mean, quoted
from mockoai.scenario.measures import DURATION_PATTERN, FixedDuration
from mockoai.scenario.model import LiteralEvent, LiteralWire
from mockoai.scenario.nodes import Mapping, Node, Scalar, Sequence
from mockoai.scenario.octets import BytesShape
from mockoai.scenario.record import Key, Record, against, class_text, pairs
from mockoai.scenario.scalars import Choice, Integer, Text
from mockoai.scenario.shapes import WRONG, Schema, Shape, nothing
from mockoai.scenario.typed import register

DONE = "[DONE]"


class OneLine(Text):
    """Text without a line break, as a field of an SSE event or a comment must be (WHATWG SSE §9.2.5)."""

    expected = "text on one line"

    def _read(self, node: Scalar, mistakes: Mistakes) -> Any:
        if "\n" in node.text or "\r" in node.text:
            mistakes.add(
                "bad-event",
                node,
                "a line break would end the field",
                expected=self.expected,
                help="to send it all the same, write the bytes with `wire:`",
            )
            return WRONG
        return node.text

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "string", "pattern": "^[^\r\n]*$"}


class EventRecord(Record):
    """One entry of ``events:``; ``done: true`` is the event that ends a stream."""

    def _extra_keys(self) -> tuple[Key, ...]:
        return (Key("done", "done", Choice((True,)), False, None),)

    def _make(self, values: dict[str, Any], node: Mapping, mistakes: Mistakes) -> Any:
        if not values:
            return nothing(node, mistakes)
        entry = node.entry("data")
        if entry is not None and _is_done(entry[1]):
            mistakes.add("wrong-type", entry[1], _DONE_LIST, expected="`done: true`", help=_DONE_QUOTED)
            return WRONG
        if values.pop("done", False):
            values["data"] = DONE
        return LiteralEvent(**values, has_data="data" in values)

    def wrong(self, node: Node, mistakes: Mistakes) -> Any:
        """Add that ``node`` is no event, and how the event is written that it probably means."""
        if _is_done(node):
            mistakes.add("wrong-type", node, _DONE_LIST, expected="`- done: true`", help=_DONE_QUOTED)
            return WRONG
        return super().wrong(node, mistakes)

    def _hint(self, node: Node) -> str:
        if not isinstance(node, Scalar) or node.empty:
            return ""
        if node.text in ("done", DONE):
            return "the event that ends a stream is `- done: true`"
        if _is_duration(node):
            return f"to wait, write `- wait: {node.text}`"
        return "what an event says is its `data`: `- data: …`"


_DONE_LIST = f"{quoted(DONE)} without quotes is a list with one text in it"
_DONE_QUOTED = f'to send it as data, quote it: `data: "{DONE}"`'

_ENDINGS = {
    **dict.fromkeys(("close", "closed", "eof", "shutdown", "disconnect"), "fin"),
    **dict.fromkeys(("reset", "abort", "kill"), "rst"),
    **dict.fromkeys(("open", "stall", "silent", "wait"), "hang"),
    **dict.fromkeys(("keep-alive", "normal", "ok", "done"), "clean"),
}
"""What people call the ends of a connection."""


def _is_done(node: Node) -> bool:
    """Whether ``node`` is what YAML makes of ``[DONE]`` without quotes."""
    if not isinstance(node, Sequence) or len(node.items) != 1:
        return False
    only = node.items[0]
    return isinstance(only, Scalar) and only.plain and only.text == DONE[1:-1]


def _is_duration(node: Scalar) -> bool:
    return node.plain and re.fullmatch(DURATION_PATTERN, node.text) is not None


class WireShape(Shape):
    """A list of bytes and waits, and at most one ``end``, the last of them."""

    expected = "a list"
    names = (*BytesShape.forms, "wait", "end")
    step = "a text in double quotes, `bytes:`, `base64:`, `wait: 30ms` or `end: fin`"

    def __init__(self) -> None:
        self.bytes, self.wait, self.end = BytesShape(), FixedDuration(), Choice(get_args(Ending), _ENDINGS.get)

    def _fits(self, node: Node) -> bool:
        return isinstance(node, Sequence)

    def _hint(self, node: Node) -> str:
        return "start each step with `- `"

    def _read(self, node: Sequence, mistakes: Mistakes) -> Any:
        if not node.items:
            return nothing(node, mistakes)
        steps: list[bytes | float] = []
        end: Ending = "clean"
        ended: Node | None = None
        sound = True
        for item in node.items:
            if ended is not None:
                mistakes.add(
                    "wire-end",
                    item,
                    "this stands behind the end",
                    also=[(ended, "the end")],
                    help="`end` comes last, once",
                )
                sound = False
                continue
            name, value = self._step(item, mistakes)
            if value is WRONG:
                sound = False
            elif name == "end":
                end = value
            else:
                steps.append(value)
            if name == "end":
                ended = item
        return LiteralWire(tuple(steps), end) if sound else WRONG

    def _step(self, item: Node, mistakes: Mistakes) -> tuple[str, Any]:
        if isinstance(item, Scalar):
            return "text", self._text(item, mistakes)
        if not isinstance(item, Mapping) or len(item.entries) != 1:
            mistakes.add(
                "bad-entry",
                item,
                "one step at a time",
                expected=self.step,
                help="start each step with `- `",
            )
            return "", WRONG
        key, value = item.entries[0]
        if key.text in self.bytes.forms:
            return key.text, self.bytes.form(key.text, value, mistakes)
        if key.text == "wait":
            return "wait", self.wait.read(value, mistakes)
        if key.text == "end":
            return "end", self.end.read(value, mistakes)
        mistakes.add(
            "unknown-key",
            key,
            f"no step of `wire` is called {quoted(key.text)}",
            expected=any_of(self.names),
            help=did_you_mean(key.text, self.names),
        )
        return "", WRONG

    def _text(self, item: Scalar, mistakes: Mistakes) -> Any:
        """Read a text, unless it is no text that anybody means to send."""
        step = ""
        if item.plain and item.text in self.end.options:
            step = f"end: {item.text}"
        elif _is_duration(item):
            step = f"wait: {item.text}"
        if not step:
            return self.bytes.read(item, mistakes)
        mistakes.add(
            "bad-entry",
            item,
            f"{quoted(item.text)} alone would be sent as text",
            expected=self.step,
            help=f'write `- {step}`; to send the letters, quote them: `"{item.text}"`',
        )
        return WRONG

    def _schema(self, definitions: dict[str, Schema]) -> Schema:
        text = {"type": "string"}
        step = {
            "type": "object",
            "properties": {
                **dict.fromkeys(self.bytes.forms, text),
                "wait": self.wait.schema(definitions),
                "end": self.end.schema(definitions),
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {
            "description": class_text(LiteralWire),
            "type": "array",
            "items": {"anyOf": [text, step]},
            "minItems": 1,
        }


_DATA = ("data", "event", "id", "retry")

register(LiteralWire, WireShape())
register(
    LiteralEvent,
    EventRecord(
        LiteralEvent,
        "an event",
        shapes={
            "event": OneLine(),
            "id": OneLine(),
            "comment": OneLine(),
            "retry": Integer(0),
            "wait": FixedDuration(),
        },
        skip=("has_data",),
        apart=(
            *pairs("comment", "wait", "done"),
            *(pair for one in ("comment", "wait") for pair in against(one, *_DATA)),
            *pairs("done", "data"),
        ),
    ),
)
