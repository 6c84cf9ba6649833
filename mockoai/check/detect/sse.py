"""Detectors of the category ``sse`` but for the sentinel (:mod:`mockoai.check.detect.done`): how events are framed."""

from __future__ import annotations

from collections.abc import Iterator

from mockoai.check.detect.look import body, field, marked_everywhere, plural
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.events import Block, Line
from mockoai.check.reading.exchange import Exchange
from mockoai.check.reading.jsontext import NOT_JSON, read


def _framed(case: Case) -> Iterator[Exchange]:
    """Yield the exchanges whose answer is an event stream by its look."""
    return (one for one in case.streams if one.form == "events")


@detects("sse-no-space", "sse-two-spaces", "sse-double-data-prefix")
def prefix(case: Case) -> Iterator[Seen]:
    """What stands between ``data`` and the data."""
    for one in _framed(case):
        lines = [block.data_lines[0] for block in one.events.events if block.data and block.data.strip()]
        found: dict[str, tuple[str, Line]] = {}
        for line in lines:
            if line.value.lstrip().startswith(b"data:"):
                found.setdefault("sse-double-data-prefix", ("`data:` stands twice", line))
            elif line.spaces == 0:
                found.setdefault("sse-no-space", ("no space behind `data:`", line))
            elif line.spaces > 1:
                found.setdefault("sse-two-spaces", (f"{line.spaces} spaces behind `data:`", line))
        for id, (text, line) in found.items():
            yield Seen(id, one, text, line.text + line.eol)


@detects("sse-crlf", "sse-cr-only", "sse-mixed-eol", "sse-crlf-split")
def line_ends(case: Case) -> Iterator[Seen]:
    """Line ends that are not LF."""
    for one in _framed(case):
        inner = {line.eol for block in one.events.blocks for line in block.lines[:-1]}
        ends = {block.lines[-1].eol for block in one.events.blocks} | inner
        kinds = one.events.eols
        if not kinds - {b"\n"}:
            continue
        sample = one.events.blocks[0]
        data = sample.raw[-40:] + sample.blank
        if kinds == {b"\r\n"}:
            yield Seen("sse-crlf", one, "lines end in CR LF", data)
        elif kinds == {b"\r"}:
            yield Seen("sse-cr-only", one, "lines end in CR", data)
        else:
            blanks = {block.blank for block in one.events.blocks}
            text = f"lines end in {_named(ends)}, blank ones are {_named(blanks)}"
            yield Seen("sse-mixed-eol", one, text, data)
        if cut := next((at for at in _cuts(one) if one.content.data[at - 1 : at + 1] == b"\r\n"), None):
            yield Seen(
                "sse-crlf-split", one, f"CR and LF are cut apart at byte {cut}", one.content.data[cut - 20 : cut + 2]
            )


def _named(kinds: set[bytes] | frozenset[bytes]) -> str:
    names = {b"\n": "LF", b"\r\n": "CR LF", b"\r": "CR"}
    return " or ".join(sorted(names[one] for one in kinds if one))


def _cuts(one: Exchange) -> list[int]:
    """Return the offsets at which what was read at once ended, but for the last."""
    if one.content.coding:
        return []
    return [end for end, _ in one.content.arrivals[:-1] if 0 < end < len(one.content.data)]


@detects("sse-split-field-name")
def split_name(case: Case) -> Iterator[Seen]:
    """A field name in two segments."""
    for one in _framed(case):
        starts = {line.start: line for block in one.events.blocks for line in block.fields}
        for cut in _cuts(one):
            line = next((starts[cut - back] for back in range(1, 5) if cut - back in starts), None)
            if line is not None and cut - line.start < len(line.name):
                text = f"`{line.name.decode()}` is cut behind {plural(cut - line.start, 'letter')}"
                yield Seen("sse-split-field-name", one, text, line.text[:40])
                break


@detects("sse-missing-data-prefix", "ndjson-for-stream", "json-array-for-stream", "json-for-stream-request")
def other_forms(case: Case) -> Iterator[Seen]:
    """A stream was asked for, and something else came."""
    for one in case.answers:
        if not (one.generates and one.ask.stream and one.status == 200):
            continue
        if one.form == "events":
            bare = [block for block in one.events.blocks if block.data is None and _is_chunk(block)]
            if bare:
                yield Seen("sse-missing-data-prefix", one, f"{plural(len(bare), 'chunk')} without `data:`", bare[0].raw)
        elif one.form == "lines":
            blank = any(block.blank for block in one.events.blocks) and len(one.events.blocks) > 1
            id = "sse-missing-data-prefix" if blank else "ndjson-for-stream"
            what = "chunks between blank lines, without `data:`" if blank else "lines of JSON"
            yield Seen(id, one, f"{what}, as `{one.message.content_type}`", body(one))
        elif isinstance(one.json.value, list):
            text = f"an array of {len(one.json.value)} chunks, as `{one.message.content_type}`"
            yield Seen("json-array-for-stream", one, text, body(one))
        elif one.form == "json" and one.answer.choices:
            text = f"one JSON object, as `{one.message.content_type}`"
            yield Seen("json-for-stream-request", one, text, body(one))


def _is_chunk(block: Block) -> bool:
    values = [read(line.text).value for line in block.strays if line.text.startswith(b"{")]
    return any(isinstance(value, dict) and "choices" in value for value in values)


@detects("sse-for-nonstream-request")
def unasked(case: Case) -> Iterator[Seen]:
    """A body was asked for, and a stream came."""
    for one in case.answers:
        if one.generates and not one.ask.stream and one.status == 200 and one.form in ("events", "lines"):
            yield Seen("sse-for-nonstream-request", one, f"a stream, as `{one.message.content_type}`", body(one))


@detects("sse-missing-blank-line", "sse-multiline-data", "sse-raw-newlines-in-data", "sse-last-event-unterminated")
def lines(case: Case) -> Iterator[Seen]:
    """How lines make events."""
    for one in _framed(case):
        for block in one.events.blocks:
            for id, text in _odd_lines(block, block is one.events.blocks[-1] and one.uncut):
                # Where the second line begins shows it, or else the end.
                second = block.lines[1].start - block.start if len(block.lines) > 1 else len(block.raw)
                yield Seen(id, one, text, block.raw[max(0, second - 40) : second + 60])


def _odd_lines(block: Block, last: bool) -> Iterator[tuple[str, str]]:
    data = block.data_lines
    if len(data) > 1:
        if block.json.value is not NOT_JSON:
            yield "sse-multiline-data", f"one JSON in {len(data)} `data:` lines"
        elif sum(isinstance(read(line.value).value, dict) for line in data) > 1:
            yield "sse-missing-blank-line", f"{len(data)} events without a blank line between them"
    elif data and block.strays and block.json.cut:
        yield "sse-raw-newlines-in-data", f"JSON goes on in {len(block.strays)} lines without `data:`"
    if last and not block.blank and data and not block.done and len(data) == 1:
        yield "sse-last-event-unterminated", "the stream ends without the blank line of its last event"


@detects("sse-truncated-json-event")
def cut_json(case: Case) -> Iterator[Seen]:
    """An event whose JSON is cut short, though more events follow."""
    for one in _framed(case):
        for block in one.events.events:
            if block.done or not block.blank or block.strays or len(block.data_lines) > 1:
                continue
            if block.json.cut:
                data = block.raw[-120:] + block.blank
                yield Seen("sse-truncated-json-event", one, "JSON that ends too early", data)


@detects("sse-comment-ping", "sse-comment-with-json")
def comments(case: Case) -> Iterator[Seen]:
    """Comments, which keep connections alive."""
    for one in _framed(case):
        found = [line for block in one.events.blocks for line in block.comments]
        with_json = [line for line in found if b"{" in line.value]
        if with_json:
            yield Seen(
                "sse-comment-with-json", one, f"{plural(len(with_json), 'comment')} with JSON", with_json[0].text
            )
        if len(found) > len(with_json):
            plain = next(line for line in found if line not in with_json)
            text = f"{plural(len(found) - len(with_json), 'comment')}"
            yield Seen("sse-comment-ping", one, text, plain.text + plain.eol)


@detects("sse-id-then-blank", "sse-id-only-event", "sse-retry-only-event", "sse-empty-data", "sse-id-every-event")
def fields(case: Case) -> Iterator[Seen]:
    """Fields beside the data, and events that have none."""
    for one in _framed(case):
        blocks = one.events.blocks
        ids = [block for block in blocks if block.value(b"id") is not None and block.data is not None]
        for block in blocks:
            if block.data is not None and not block.data.strip():
                yield Seen("sse-empty-data", one, "an event whose data is empty", block.raw + block.blank)
            elif block.fields and block.data is None:
                name = block.fields[0].name.decode()
                if name in ("id", "retry"):
                    yield Seen(
                        f"sse-{name}-only-event", one, f"an event that is only `{name}`", block.raw + block.blank
                    )
        if ids and len(ids) >= len(one.events.events) - 1:
            yield Seen("sse-id-every-event", one, f"`id` on {plural(len(ids), 'event')}", ids[0].raw[:60])
        if ids and (blank := _blank_behind(one, ids[0])):
            yield Seen("sse-id-then-blank", one, "an `id`, and later a blank line that ends nothing", blank)


def _blank_behind(one: Exchange, first: Block) -> bytes:
    """Return what makes a parser dispatch an event without data behind ``first``, empty when nothing does."""
    for block in one.events.blocks:
        if block.start > first.start and not block.fields:
            return block.raw + block.blank
    extra = [at for at in one.events.extra if at > first.start]
    return one.content.data[max(0, extra[0] - 30) : extra[0] + 1] if extra else b""


@detects("sse-event-name", "sse-event-ping-json")
def names(case: Case) -> Iterator[Seen]:
    """Events that have a name."""
    for one in _framed(case):
        named = [block for block in one.events.events if block.value(b"event")]
        pings = [block for block in named if _is_ping(block)]
        others = [block for block in named if block not in pings and block.value(b"event") != b"error"]
        if pings:
            yield Seen("sse-event-ping-json", one, f"{plural(len(pings), 'event')} that is no chunk", pings[0].raw)
        if others:
            name = (others[0].value(b"event") or b"").decode("utf-8", "replace")
            yield Seen("sse-event-name", one, f"{plural(len(others), 'event')} called `{name}`", others[0].raw[:60])


def _is_ping(block: Block) -> bool:
    value = block.json.value
    return (
        isinstance(value, dict) and "choices" not in value and "error" not in value and "ping" in str(value.get("type"))
    )


@detects("sse-bom")
def bom(case: Case) -> Iterator[Seen]:
    """A byte order mark first, in streams alone."""
    for one in case.streams:
        if one.content.bom and not marked_everywhere(case):
            yield Seen("sse-bom", one, "EF BB BF before the first byte", one.content.data[:60])


@detects("sse-leading-newlines")
def leading(case: Case) -> Iterator[Seen]:
    """Blank lines before the first event."""
    for one in _framed(case):
        count = sum(at < one.events.blocks[0].start for at in one.events.extra) if one.events.blocks else 0
        if count:
            yield Seen("sse-leading-newlines", one, f"{plural(count, 'blank line')} first", one.content.data[:30])


@detects("sse-many-events-per-segment")
def one_chunk(case: Case) -> Iterator[Seen]:
    """The whole stream in one HTTP chunk."""
    for one in _framed(case):
        count = len(one.events.events)
        if one.message.framing == "chunked" and len(one.message.chunks) == 1 and count >= 4 and one.uncut:
            yield Seen("sse-many-events-per-segment", one, f"{count} events in one HTTP chunk")


@detects("sse-content-type-json", "sse-content-type-text-plain", "sse-content-type-missing")
def content_type(case: Case) -> Iterator[Seen]:
    """A stream that is called something else."""
    for one in _framed(case):
        kind = one.message.content_type
        line = field(one, "content-type")
        if not kind:
            yield Seen("sse-content-type-missing", one, "a stream without a content type", one.content.data[:60])
        elif kind == "text/plain":
            yield Seen("sse-content-type-text-plain", one, f"a stream as `{kind}`", line)
        elif kind != "text/event-stream":
            yield Seen("sse-content-type-json", one, f"a stream as `{kind}`", line)


@detects("empty-200-stream")
def empty(case: Case) -> Iterator[Seen]:
    """A stream without any event."""
    for one in case.answers:
        asked = one.generates and one.ask.stream and one.status == 200 and one.ordinary
        if asked and one.form == "empty" and one.message.whole:
            kind = one.message.content_type
            yield Seen("empty-200-stream", one, f"200 as `{kind}`, and {len(one.message.body)} bytes of body")


@detects("full-completion-as-chunk")
def whole_answer(case: Case) -> Iterator[Seen]:
    """An answer as if it were not streamed, in an event."""
    for one in _framed(case):
        for chunk in one.answer.good:
            said = any(isinstance(choice.get("message"), dict) for choice in chunk.choices)
            if chunk.block and said and chunk.fields.get("object") == "chat.completion" and len(one.answer.good) <= 2:
                yield Seen("full-completion-as-chunk", one, "one event is the whole answer", chunk.block.raw)
                break
