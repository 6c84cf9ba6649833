"""Detectors of the category ``tool-calls``: how calls are numbered, named, spelled and ended."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mockoai.check.asks import TOOL_NAMES
from mockoai.check.detect.chunks import raw
from mockoai.check.detect.look import body, listed, seen_once, short, told, unfinished
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.model import Json
from mockoai.check.reading.answer import Call, Piece
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.failure import read_failure
from mockoai.check.reading.jsontext import NOT_JSON, read

_MARKUP = re.compile(
    r"<tool_call>|<function[=_]|<\|tool_call|\[TOOL_CALLS\]|<invoke\b|</tool_call>|<use_tool|<(?:get_weather|get_time)>"
)
_SHORT_ID = re.compile(r"[A-Za-z0-9]{9}$")


def _called(case: Case) -> Iterator[Exchange]:
    """Yield the answers that call tools."""
    return (one for one in case.generated if one.answer.pieces)


def _raw(one: Exchange, piece: Piece) -> bytes:
    return raw(one, piece.choice.chunk)


def _of_one_choice(one: Exchange) -> list[Call]:
    """Return the calls of the first choice that has some: those of another are no parallel ones."""
    first = one.answer.calls[0].first.choice.index
    return [call for call in one.answer.calls if call.first.choice.index == first]


def _json(text: str) -> Json:
    return read(text.encode("utf-8", "surrogatepass")).value if text.strip() else NOT_JSON


@detects(
    "tool-index-missing",
    "tool-index-null",
    "tool-index-string",
    "tool-index-starts-at-1",
    "tool-index-all-zero",
)
def index(case: Case) -> Iterator[Seen]:
    """How calls are numbered."""
    for one in _called(case):
        if one.streamed:
            yield from seen_once(_index(one))


def _index(one: Exchange) -> Iterator[Seen]:
    for piece in one.answer.pieces:
        if "index" not in piece.fields:
            yield Seen("tool-index-missing", one, "a piece of a call without `index`", _raw(one, piece))
        elif piece.fields["index"] is None:
            yield Seen("tool-index-null", one, "a piece of a call whose `index` is null", _raw(one, piece))
        elif isinstance(piece.fields["index"], str):
            yield Seen("tool-index-string", one, f"`index` is the text {piece.fields['index']!r}", _raw(one, piece))
    calls = _of_one_choice(one)
    numbers = [call.first.fields.get("index") for call in calls]
    first = calls[0].first
    if numbers[0] == 1 and 0 not in numbers:
        yield Seen("tool-index-starts-at-1", one, "the first call has the index 1", _raw(one, first))
    if len(numbers) > 1 and len({call.first.id for call in calls}) > 1 and all(number == 0 for number in numbers):
        yield Seen("tool-index-all-zero", one, f"{len(numbers)} calls have the index 0", _raw(one, first))


@detects(
    "tool-id-missing",
    "tool-id-repeated",
    "tool-name-repeated",
    "tool-id-empty-continuation",
    "tool-id-not-unique",
    "tool-id-short-alnum",
)
def ids(case: Case) -> Iterator[Seen]:
    """What calls are called."""
    for one in _called(case):
        calls = _of_one_choice(one)
        for call in calls:
            if odd := _odd_id(call):
                yield Seen(odd[0], one, odd[1], _raw(one, call.pieces[-1] if len(call.pieces) > 1 else call.first))
        given = [call.first.id for call in calls if call.first.id]
        if len(given) > len(set(given)):
            yield Seen(
                "tool-id-not-unique", one, f"{len(given)} calls have {listed(given)}", _raw(one, calls[-1].first)
            )
        if given and all(_SHORT_ID.match(one) for one in given):
            yield Seen("tool-id-short-alnum", one, f"the id is {listed(given)}", _raw(one, calls[0].first))


def _odd_id(call: Call) -> tuple[str, str] | None:
    given = [piece.fields.get("id") for piece in call.pieces]
    later = call.pieces[1:]
    if not any(given):
        return "tool-id-missing", "a call without an id"
    if later and all(piece.id for piece in later):
        if all(piece.name for piece in later):
            return "tool-name-repeated", f"id and name in each of {len(call.pieces)} pieces"
        return "tool-id-repeated", f"the id in each of {len(call.pieces)} pieces"
    if any(piece.fields.get("id") == "" for piece in later):
        return "tool-id-empty-continuation", "later pieces have an id that is empty"
    return None


@detects(
    "tool-name-null-continuation",
    "tool-name-late",
    "tool-name-split",
    "tool-unknown-name",
    "tool-type-missing-or-empty",
    "tool-function-null",
    "tool-extra-content-signature",
)
def names(case: Case) -> Iterator[Seen]:
    """Which function is called, and the fields beside."""
    for one in _called(case):
        for call in one.answer.calls:
            for id, text, piece in _odd_names(call, offered=bool(one.ask.fields.get("tools"))):
                yield Seen(id, one, text, _raw(one, piece))


def _odd_names(call: Call, *, offered: bool) -> Iterator[tuple[str, str, Piece]]:
    first, later = call.first, call.pieces[1:]
    for piece in call.pieces:
        if "function" in piece.fields and piece.fields["function"] is None:
            yield "tool-function-null", "a piece whose `function` is null", piece
        if piece in later and "name" in piece.function and piece.function["name"] is None:
            yield "tool-name-null-continuation", "later pieces have a name that is null", piece
    repeated = len(call.names) > 1 and len(set(call.names)) == 1
    name = call.names[0] if repeated else "".join(call.names)
    if not first.name and call.names:
        yield "tool-name-late", "the first piece has no name", first
    elif len(call.names) > 1 and not repeated:
        yield "tool-name-split", f"the name comes as {listed(call.names)}", first
    if name and offered and name not in TOOL_NAMES:
        yield "tool-unknown-name", f"`{name[:60]}` was not offered", first
    if not first.fields.get("type"):
        yield "tool-type-missing-or-empty", "the call has no `type`", first
    if "extra_content" in first.fields:
        yield "tool-extra-content-signature", "`extra_content`, which must be sent back", first


@detects(
    "tool-args-one-chunk",
    "tool-args-empty-string",
    "tool-args-null",
    "tool-args-object",
    "tool-args-invalid-json",
    "tool-args-doubled",
    "tool-args-cumulative",
    "tool-args-parsable-prefix",
    "tool-args-double-encoded",
)
def arguments(case: Case) -> Iterator[Seen]:
    """What functions are called with."""
    for one in _called(case):
        # What was cut at a limit, or by a fault, is not to be blamed for its end.
        ended = {choice.index for choice in one.answer.reasons if choice.reason != "length"}
        whole = (one.uncut and one.answer.done) or one.whole
        for call in one.answer.calls:
            cut = call.first.choice.index not in ended and any(c.reason == "length" for c in one.answer.reasons)
            if cut or not whole or one.ask.name == "limit":
                continue
            for id, text in _odd_arguments(call, one.streamed):
                yield Seen(id, one, text, _raw(one, call.pieces[-1]))


def _odd_arguments(call: Call, streamed: bool) -> Iterator[tuple[str, str]]:
    values = [piece.function.get("arguments") for piece in call.pieces]
    if any(isinstance(value, dict) for value in values):
        if streamed:
            yield "tool-args-object", "the arguments are an object"
        return
    if all(value is None for value in values):
        yield "tool-args-null", "the arguments are null"
        return
    text, pieces = call.arguments, [piece.arguments for piece in call.pieces if piece.arguments]
    if not text:
        yield "tool-args-empty-string", "the arguments are an empty text"
        return
    value = _json(text)
    if isinstance(value, str):
        yield "tool-args-double-encoded", "the arguments are a text that holds JSON"
    elif value is NOT_JSON:
        yield _broken(text, pieces)
    elif streamed and len(pieces) == 1 and len(text) > 4:
        yield "tool-args-one-chunk", "all arguments in one piece"


def _broken(text: str, pieces: list[str]) -> tuple[str, str]:
    """Say how arguments are no JSON: several times the same, a prefix that is some, or just none."""
    grows = [later.startswith(sooner) for sooner, later in itertools.pairwise(pieces)]
    if len(pieces) > 1 and all(grows):
        return "tool-args-cumulative", "every piece repeats those before"
    half = len(text) // 2
    if text[:half] == text[half:] and _json(text[:half]) is not NOT_JSON:
        return "tool-args-doubled", "the arguments come twice"
    joined = ""
    for piece in pieces[:-1]:
        joined += piece
        if isinstance(_json(joined), dict):
            rest = text[len(joined) :]
            if isinstance(_json(rest), dict):
                return "tool-args-doubled", "the arguments come twice"
            return "tool-args-parsable-prefix", f"`{joined[:60]}` is whole JSON, and more follows"
    return "tool-args-invalid-json", f"`{text[-60:]}` is not the end of JSON"


@detects("tool-parallel-interleaved", "tool-parallel-sequential")
def parallel(case: Case) -> Iterator[Seen]:
    """Several calls, in turn or one behind the other."""
    for one in _called(case):
        calls = _of_one_choice(one)
        if len(calls) < 2:
            continue
        owners = [(piece, place) for place, call in enumerate(calls) for piece in call.pieces]
        order = [place for piece in one.answer.pieces for owned, place in owners if owned is piece]
        in_turn = any(later < sooner for sooner, later in itertools.pairwise(order))
        name = "tool-parallel-interleaved" if in_turn else "tool-parallel-sequential"
        text = f"{len(calls)} calls, {'in turn' if in_turn else 'one behind the other'}"
        yield Seen(name, one, text, _raw(one, calls[1].first))


@detects("tool-in-content-xml", "tool-json-leaks-into-content")
def leaks(case: Case) -> Iterator[Seen]:
    """Calls in the text."""
    for one in case.generated:
        if one.ask.kind != "chat":
            continue
        said = one.answer.text()
        if found := _MARKUP.search(said):
            yield Seen("tool-in-content-xml", one, f"`{found[0]}` in the text", said[:300].encode("utf-8", "replace"))
        elif one.answer.pieces and re.search(r"\{\s*\"(?:name|arguments|city)\"", said):
            text = "the call stands in the text as well"
            yield Seen("tool-json-leaks-into-content", one, text, said[:300].encode("utf-8", "replace"))


@detects("tool-finish-stop", "tool-finish-but-no-calls", "tool-calls-null-or-empty", "tool-legacy-function-call")
def ends(case: Case) -> Iterator[Seen]:
    """Whether what is said at the end fits what was called."""
    for one in case.generated:
        answer = one.answer
        reasons = {choice.reason for choice in answer.reasons}
        last = raw(one, answer.reasons[-1].chunk) if answer.reasons else body(one)
        old = next((choice for choice in answer.choices if choice.said.get("function_call")), None)
        if old is not None:
            yield Seen("tool-legacy-function-call", one, "the call is a `function_call`", raw(one, old.chunk))
        elif answer.pieces and reasons == {"stop"} and one.ask.name != "limit":
            yield Seen("tool-finish-stop", one, "a tool is called, and the reason is `stop`", last)
        elif "tool_calls" in reasons and not answer.pieces:
            yield Seen("tool-finish-but-no-calls", one, "the reason is `tool_calls`, and none is called", last)
        for choice in answer.choices:
            if "tool_calls" in choice.said and not choice.said["tool_calls"] and one.streamed:
                value = "null" if choice.said["tool_calls"] is None else "empty"
                yield Seen("tool-calls-null-or-empty", one, f"`tool_calls` is {value}", raw(one, choice.chunk))
                break


@detects("tool-finish-missing")
def no_end(case: Case) -> Iterator[Seen]:
    """A call, and no word on whether it is all there."""
    for one in unfinished(case):
        if one.answer.pieces:
            text = "a tool is called, and no choice says why it ended"
            yield Seen("tool-finish-missing", one, text, one.content.data[-300:])


@detects("tool-schema-400")
def schema(case: Case) -> Iterator[Seen]:
    """The definition of a tool is refused."""
    for one in case.errors:
        failure = read_failure(one)
        param = failure.error.get("param")
        about = isinstance(param, str) and param.startswith("tools")
        if one.ask.fields.get("tools") and one.status in (400, 422) and (about or "schema" in failure.message.lower()):
            yield Seen("tool-schema-400", one, f"{one.status}: {short(failure.message)}", body(one), told(one))
