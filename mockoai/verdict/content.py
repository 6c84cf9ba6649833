"""What the payloads of an answer say: its text, whether it was finished, whether it carries an error.

A collector is fed one payload after the other, the chunks of a stream or the one body of another answer, and knows no
fault by name: an error is known by its fields, an end by a finish reason, and anything that the API's schema does
not have is kept as an oddity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

FINISHED = {"stop", "length", "tool_calls", "content_filter", "function_call"}
"""Finish reasons of the API's schema."""

BROKEN = {"error", "network_error", "abort"}
"""Finish reasons by which a server says that the answer failed."""

_ROLES = {"assistant", "developer", "system", "user", "tool", "function"}
_OBJECTS = {"chat.completion", "chat.completion.chunk", "text_completion"}


BOM = b"\xef\xbb\xbf"
"""The byte order mark in UTF-8."""


class Unreadable:
    """What :func:`load` returns for bytes that are no JSON."""

    def __repr__(self) -> str:
        return "<not JSON>"


UNREADABLE = Unreadable()


def load(data: bytes) -> tuple[Any, str]:
    """Return ``data`` as JSON, or :data:`UNREADABLE`, and why a decoder may refuse it though others read it.

    The reason is empty for JSON by the letter (RFC 8259).
    """
    try:
        return orjson.loads(data), ""
    except orjson.JSONDecodeError:
        pass
    if data.startswith(BOM):
        # §8.1: no byte order mark may be written, one may be ignored.
        value, _ = load(data.removeprefix(BOM))
        return value, "it begins with a byte order mark"
    try:
        text = data.decode()
        why = "a number is NaN or infinite" if b"NaN" in data or b"Infinity" in data else "half a surrogate pair"
    except UnicodeDecodeError:
        # Browsers, and event streams by their standard, put U+FFFD in the place of such bytes.
        text, why = data.decode("utf-8", "replace"), "bytes of it are not UTF-8"
    try:
        return json.loads(text), why
    except (ValueError, RecursionError):
        return UNREADABLE, ""


def load_leniently(data: bytes) -> Any:
    """Return ``data`` as a decoder reads it that takes control characters as well, or :data:`UNREADABLE`."""
    try:
        return json.loads(data.removeprefix(BOM).decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return UNREADABLE


def is_error(payload: Any, name: str = "") -> bool:
    """Whether ``payload`` says that something went wrong; ``name`` is the name of its event."""
    if name == "error":
        return True
    if not isinstance(payload, dict):
        return False
    if payload.get("error") or payload.get("object") == "error":
        return True
    choices = payload.get("choices")
    if isinstance(choices, list) and choices:
        return any(isinstance(one, dict) and _broken(one) for one in choices)
    wrong = "detail" in payload or "error_code" in payload or ("message" in payload and "code" in payload)
    return choices is None and wrong


def _broken(choice: dict[str, Any]) -> bool:
    reason = choice.get("finish_reason")
    return bool(choice.get("error")) or _is_among(reason, BROKEN)


@dataclass
class Collector:
    """What has been said so far.

    ``legacy`` is whether choices have ``text`` itself, as those of completions do, and no message. ``text`` is that
    of the first choice, ``pieces`` what each payload added; ``silent`` is whether nothing was said at all, in text or
    otherwise.
    ``choices`` are the indices of choices that there were, ``finished`` of those that gave a reason for their end.
    ``odd`` are oddities.
    """

    stream: bool
    legacy: bool = False
    text: str = ""
    pieces: list[str] = field(default_factory=list)
    silent: bool = True
    choices: set[int] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    arguments: dict[tuple[int, Any], str] = field(default_factory=dict)

    def feed(self, payload: Any) -> None:
        """Take the next payload, a JSON value that carries no error."""
        if not isinstance(payload, dict):
            self.note(f"a payload is {_kind(payload)}, not an object")
            return
        for what in odd_fields(payload):
            self.note(what)
        choices = payload.get("choices")
        if not isinstance(choices, list):
            self.note(f"`choices` is {_kind(choices)}" if "choices" in payload else "`choices` is missing")
            return
        for place, choice in enumerate(choices):
            if isinstance(choice, dict):
                self._choice(choice, place)
            else:
                self.note(f"a choice is {_kind(choice)}, not an object")

    def note(self, what: str) -> None:
        """Keep an oddity, once."""
        if what not in self.odd:
            self.odd.append(what)

    def finish(self) -> None:
        """Note what only shows at the end: arguments of tool calls that are not the JSON they should be."""
        for text in self.arguments.values():
            value, _ = load(text.encode("utf-8", "surrogatepass"))
            if not isinstance(value, dict):
                self.note("the arguments of a tool call are no JSON object")

    def _choice(self, choice: dict[str, Any], place: int) -> None:
        index = choice.get("index", place)
        if "index" not in choice or not isinstance(index, int):
            self.note("a choice has no `index`")
            index = place
        said = choice.get("delta" if self.stream else "message")
        if not isinstance(said, dict):
            said = {}
            if not self.legacy:
                self.note(f"`{'delta' if self.stream else 'message'}` is missing")
        content = choice.get("text") if self.legacy else said.get("content")
        if index == 0:
            self.pieces.append("".join(_texts(content)))
            self.text += self.pieces[-1]
        if any(said.values()) or choice.get("text") or choice.get("message"):
            self.choices.add(index)
        if content or any(value for name, value in said.items() if name != "role"):
            self.silent = False
        for what in _odd_message(said):
            self.note(what)
        self._tools(index, said.get("tool_calls"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason not in ("", "null"):
            self.finished.add(index)
            if self.stream:
                self.choices.add(index)
        if reason is not None and not _is_among(reason, FINISHED):
            self.note(f"the finish reason is `{reason}`")
        elif "finish_reason" not in choice:
            self.note("`finish_reason` is missing")

    def _tools(self, index: int, tools: Any) -> None:
        if not isinstance(tools, list):
            return
        for place, tool in enumerate(tools):
            function = tool.get("function") if isinstance(tool, dict) else None
            if not isinstance(function, dict):
                self.note("a tool call has no `function`")
                continue
            at = tool.get("index", place)
            if self.stream and not isinstance(tool.get("index"), int):
                self.note("a tool call has no `index`")
            arguments = function.get("arguments", "")
            if not isinstance(arguments, str):
                self.note(f"the arguments of a tool call are {_kind(arguments)}")
                continue
            key = (index, str(at))
            self.arguments[key] = self.arguments.get(key, "") + arguments


def _texts(content: Any) -> Iterator[str]:
    """Yield the text of a message: the content itself, or that of its parts."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str):
                yield text


def odd_fields(payload: dict[str, Any]) -> Iterator[str]:
    """Yield what the API's schema does not allow about the fields around the choices."""
    for name, kind in (("id", str), ("model", str), ("created", int)):
        if not isinstance(payload.get(name), kind) or payload.get(name) == "":
            yield f"`{name}` is {_kind(payload.get(name))}" if name in payload else f"`{name}` is missing"
    if not _is_among(payload.get("object"), _OBJECTS):
        yield f"`object` is {payload.get('object')!r}" if "object" in payload else "`object` is missing"
    usage = payload.get("usage")
    if usage is None:
        return
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    counts = [usage.get(name) for name in names] if isinstance(usage, dict) else [None]
    if any(not isinstance(one, int) or one < 0 for one in counts):
        yield "`usage` does not have the three counts"


def _odd_message(said: dict[str, Any]) -> Iterator[str]:
    content, role = said.get("content"), said.get("role", "assistant")
    if content is not None and not isinstance(content, str):
        yield f"`content` is {_kind(content)}"
    if not _is_among(role, _ROLES):
        yield f"`role` is {role!r}"


def _is_among(value: Any, names: set[str]) -> bool:
    """Whether ``value`` is one of ``names``; it may be anything that JSON can say."""
    return isinstance(value, str) and value in names


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if value == "":
        return "empty"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "an array", dict: "an object"}
    return names.get(type(value), "something else")
