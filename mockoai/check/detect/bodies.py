"""Detectors of the category ``bodies``: answers that are not streamed, with parts missing, null or of another type."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.look import body, marked_everywhere, status_line
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.answer import Choice


@detects("body-empty", "body-null", "body-truncated-json")
def none(case: Case) -> Iterator[Seen]:
    """No JSON object where a completion is due."""
    for one in case.answers:
        if not one.generates or one.ask.stream or one.status != 200 or not one.ordinary or not one.message.whole:
            continue
        if one.form == "empty" and not one.content.lie:
            yield Seen("body-empty", one, "200, and the body is empty", status_line(one))
        elif one.json.value is None:
            yield Seen("body-null", one, "200, and the body is `null`", body(one))
        elif one.json.cut and one.message.framing != "close" and not one.content.lie and not one.message.rest:
            yield Seen("body-truncated-json", one, "the HTTP message is whole, and its JSON is not", body(one)[-100:])


@detects("leading-bom-nonstream")
def bom(case: Case) -> Iterator[Seen]:
    """A byte order mark first, in bodies alone."""
    for one in case.answers:
        if one.content.bom and not one.streamed and not marked_everywhere(case):
            yield Seen("leading-bom-nonstream", one, "EF BB BF before the first byte", one.content.data[:60])


@detects("usage-missing-nonstream", "tool-args-object-nonstream")
def parts(case: Case) -> Iterator[Seen]:
    """What stands elsewhere in streams."""
    for one in case.bodies:
        answer = one.answer
        if not answer.usages and one.uncut and answer.choices and not answer.failures:
            yield Seen("usage-missing-nonstream", one, "no `usage`", body(one)[-200:])
        if any(isinstance(piece.function.get("arguments"), dict) for piece in answer.pieces):
            yield Seen("tool-args-object-nonstream", one, "the arguments are an object", body(one))


@detects("choices-empty-nonstream", "choices-null-nonstream")
def choices(case: Case) -> Iterator[Seen]:
    """Bodies without choices."""
    for one in case.bodies:
        if "choices" in one.object and one.object["choices"] == []:
            yield Seen("choices-empty-nonstream", one, "`choices` is empty", body(one))
        elif "choices" in one.object and one.object["choices"] is None:
            yield Seen("choices-null-nonstream", one, "`choices` is null", body(one))


@detects(
    "message-null",
    "content-missing",
    "content-array-nonstream",
    "role-missing-nonstream",
    "finish-null-nonstream",
    "annotations-and-nulls",
)
def message(case: Case) -> Iterator[Seen]:
    """What a body's message has, or has not."""
    for one in case.bodies:
        if one.ask.kind == "chat":
            for choice in one.answer.choices:
                for id, text in _odd(choice):
                    yield Seen(id, one, text, body(one))


def _odd(choice: Choice) -> Iterator[tuple[str, str]]:
    message = choice.fields.get("message", 0)
    if message is None:
        yield "message-null", "`message` is null"
    if choice.fields.get("finish_reason", "") is None:
        yield "finish-null-nonstream", "`finish_reason` is null"
    if not isinstance(message, dict):
        return
    if "content" not in message:
        yield "content-missing", "the message has no `content`"
    elif isinstance(message["content"], list):
        yield "content-array-nonstream", "the content is an array of parts"
    if message.get("role") is None:
        yield "role-missing-nonstream", "the message has no role"
    nulls = [key for key in ("audio", "function_call", "tool_calls") if message.get(key, 0) is None]
    if nulls:
        yield "annotations-and-nulls", f"keys that are null: {', '.join(nulls)}"
