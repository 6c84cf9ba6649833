"""What a strict client can make of the bytes that were sent in one exchange.

Strategy. Nothing here asks which fault was at work: the bytes that reached the client are read as HTTP (RFC 9112),
as server-sent events (WHATWG HTML §9.2) and as the API's payloads, and classed by what came out. So a scenario that
writes its own bytes, and a fault that is not written yet, are judged by the same rule as all others. A reading that is
in any doubt is classed so that fewer things can be held against the client.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Literal

from mockoai.journal import Exchange
from mockoai.verdict import events, message
from mockoai.verdict.content import UNREADABLE, Collector, is_error, load, load_leniently
from mockoai.verdict.model import MAX_DATA
from mockoai.verdict.salvage import bare, payloads, salvaged

Kind = Literal["answer", "cut", "empty", "failed", "unreadable", "status", "nothing", "left", "open"]
"""What an exchange gave the client.

``answer``: an answer that is whole. ``cut``: a good status and a part of the answer. ``empty``: a good status
and no answer at all. ``failed``: a good status and an error in the body or in the stream. ``unreadable``: a good
status and something that is not what was asked for, or cannot be decoded. ``status``: an error status.
``nothing``: no status came. ``left``: the client left while all was well so far. ``open``: it is still under way, or
the server was stopped.
"""

DONE = b"[DONE]"

MAX_CHOICES = 10_000
"""More choices than any answer has."""

SILENT = "it says nothing"
UNENDED = "the answer has not come to its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An exchange, read.

    ``kind`` is what it gave the client, ``message`` its HTTP message. ``text`` is the text of the first choice that a
    strict reader finds, ``pieces`` the same as it came, event by event; ``salvage`` the one that a lenient reader finds
    if it misses nothing (empty when there is none). ``said`` is whether any part of the answer came. ``finished`` and
    ``done`` are whether a finish reason and ``[DONE]`` did.

    ``optional`` says, for an ``answer``, why a sound client may as well refuse it (such as no finish reason), and is
    empty when it may not. ``odd`` are deviations from the API's schema, which a client had better survive. ``why`` says
    why the kind is what it is, ``shown`` are the bytes that show it.
    """

    kind: Kind
    message: message.Message
    text: str = ""
    pieces: tuple[str, ...] = ()
    salvage: str = ""
    said: bool = False
    finished: bool = False
    done: bool = False
    optional: str = ""
    odd: tuple[str, ...] = ()
    shown: bytes = b""
    why: str = ""

    @property
    def status(self) -> int:
        """The status, 0 when none came."""
        return self.message.status

    def header(self, name: str) -> str | None:
        """Return the first header of the answer called ``name`` (lower case), or None."""
        return self.message.header(name)


def read(exchange: Exchange) -> Reading:
    """Read what was sent in ``exchange``, as far as it has come."""
    delivery = exchange.delivery
    data = exchange.plan.data[: delivery.bytes]
    found = message.parse(data, _closed(exchange), method=exchange.request.method)
    kind: Kind
    if found.status == 0:
        kind = _unended(exchange) or "nothing"
        why = "the answer has no status line" if found.wrong else "no status came"
        return Reading(kind=kind, message=found, shown=data[:MAX_DATA], why=why)
    if found.status >= 400:
        return Reading(kind="status", message=found, shown=found.body[:MAX_DATA], why=f"the status is {found.status}")
    if found.status >= 300 or exchange.request.method == "HEAD" or exchange.request.endpoint == "unknown":
        kind = "answer" if found.complete else _unended(exchange) or "cut"
        return Reading(kind=kind, message=found, why=f"the status is {found.status}", optional="it is no answer")
    body, decodable = _decoded(found)
    if exchange.request.endpoint not in ("chat", "completions"):
        return _document(exchange, found, body, decodable)
    if not decodable:
        return _undecodable(exchange, found)
    return _stream(exchange, found, body) if _streams(exchange) else _body(exchange, found, body)


def _streams(exchange: Exchange) -> bool:
    """Whether a stream was asked for; of a body that was not kept whole, what was answered has to tell."""
    whole = len(exchange.request.body) == exchange.body_size
    return exchange.request.stream if whole else exchange.plan.stream


def _legacy(exchange: Exchange) -> bool:
    return exchange.request.endpoint == "completions"


def _closed(exchange: Exchange) -> message.Closed:
    outcome = exchange.delivery.outcome
    if outcome in ("fin", "hang") or (outcome == "clean" and not exchange.plan.keep_alive):
        return "fin"
    return "rst" if outcome == "rst" else "open"


def _unended(exchange: Exchange) -> Literal["left", "open"] | None:
    """Return why the answer has no end of the server's making, or None when it has one."""
    outcome = exchange.delivery.outcome
    if outcome == "client-left":
        return "left"
    return "open" if outcome in ("", "stopped") else None


def _decoded(found: message.Message) -> tuple[bytes, bool]:
    """Return the body without its content coding, and whether that could be taken off (RFC 9110 §8.4)."""
    coding = (found.header("content-encoding") or "identity").lower().strip()
    if coding == "identity":
        return found.body, True
    if coding not in ("gzip", "x-gzip", "deflate"):
        return b"", False
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        return unpacker.decompress(found.body, 16 * 1024 * 1024), True
    except zlib.error:
        return b"", False


def _undecodable(exchange: Exchange, found: message.Message) -> Reading:
    why = f"the body is not {found.header('content-encoding')} as its head says"
    kind = _unended(exchange) or "unreadable"
    salvage = salvaged(found.body)  # by who does not look at the coding
    return Reading(kind=kind, message=found, salvage=salvage, shown=found.body[:MAX_DATA], why=why)


# --- answers in one body ----------------------------------------------------------------------------------


def _document(exchange: Exchange, found: message.Message, body: bytes, decodable: bool) -> Reading:
    """Read an answer that has no choices: a list of models, embeddings."""
    if not decodable:
        return _undecodable(exchange, found)
    value, flaw = load(body)
    if value is UNREADABLE:
        return _no_json(exchange, found, body)
    if is_error(value):
        return Reading(kind="failed", message=found, shown=body[:MAX_DATA], why="the body is an error")
    listed = isinstance(value, dict) and (value.get("object") == "model" or isinstance(value.get("data"), list))
    odd = () if listed else ("`data` is not a list",)
    return Reading(kind="answer", message=found, said=True, finished=True, odd=odd, optional=_framing(found) or flaw)


def _body(exchange: Exchange, found: message.Message, body: bytes) -> Reading:
    """Read an answer that is not streamed."""
    value, flaw = load(body)
    if value is UNREADABLE:
        if body.lstrip().startswith((b"data:", b"event:", b":")):
            return _wrong_form(exchange, found, body, "the body is a stream of events, and none was asked for")
        return _no_json(exchange, found, body)
    if is_error(value):
        salvage = salvaged(body)
        return Reading(kind="failed", message=found, salvage=salvage, shown=body[:MAX_DATA], why="the body is an error")
    collector = Collector(stream=False, legacy=_legacy(exchange))
    collector.feed(value)
    collector.finish()
    odd = tuple(collector.odd)
    if not collector.choices:
        why = "the body has no choice that says anything"
        return Reading(kind="empty", message=found, odd=odd, shown=body[:MAX_DATA], why=why)
    unfinished = "" if collector.finished else "it has no finish reason"
    return Reading(
        kind="answer",
        message=found,
        text=collector.text,
        pieces=tuple(collector.pieces),
        salvage=collector.text,
        said=True,
        finished=bool(collector.finished),
        odd=odd,
        optional=_framing(found) or flaw or unfinished or (SILENT if collector.silent else ""),
    )


def _no_json(exchange: Exchange, found: message.Message, body: bytes) -> Reading:
    unended = _unended(exchange)
    if unended and not found.complete:
        return Reading(kind=unended, message=found, why=UNENDED)
    whole = found.complete and not found.wrong
    if not body.strip() and whole:
        return Reading(kind="empty", message=found, why="the body is empty")
    begun = body.lstrip()[:1] in (b"{", b"[") and not body.rstrip().endswith((b"}", b"]"))
    salvage = salvaged(body)
    shown = body[-MAX_DATA:]
    if (whole and not begun) or salvage:
        return Reading(kind="unreadable", message=found, salvage=salvage, shown=shown, why="the body is not JSON")
    why = found.wrong or ("the body ends before its JSON does" if begun else "the body ends before it is complete")
    return Reading(kind="cut", message=found, said=bool(body.strip()), shown=shown, why=why)


def _framing(found: message.Message) -> str:
    """Return why an answer that is there may be refused all the same: its message is not as it should be."""
    return found.wrong or found.lax or ("" if found.complete else "its message does not come to its end")


# --- streams ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stream:
    """What was found in a stream, in the order it came, up to ``[DONE]``.

    ``error`` is the first payload that is an error. ``lost`` are payloads that are no JSON, ``junk`` lines that are
    no events. ``late`` is whether an error follows the end of the answer. ``flaw`` is why a decoder may refuse a
    payload.
    """

    decoded: events.Decoded
    collector: Collector
    done: bool
    error: bytes
    lost: tuple[bytes, ...]
    junk: tuple[bytes, ...]
    late: bool
    flaw: str

    @property
    def ended(self) -> bool:
        """Whether every choice that there was has a finish reason."""
        return bool(self.collector.choices) and self.collector.choices <= self.collector.finished

    @property
    def holed(self) -> bool:
        """Whether there is a payload that no reader makes anything of."""
        return any(load_leniently(bare(one)) is UNREADABLE for one in self.lost)


def _stream(exchange: Exchange, found: message.Message, body: bytes) -> Reading:
    """Read an answer that is a stream of events."""
    seen = _seen(body, _legacy(exchange), _choices(exchange))
    kind, why, shown, optional = _classed(exchange, found, seen)
    if kind == "unreadable" and not seen.decoded.messages:
        return _wrong_form(exchange, found, body, why)
    if kind == "answer" and seen.collector.silent and salvaged(body):
        kind, why, optional = "unreadable", "the text of the answer is not where it belongs", ""
    # With a hole in it, what a lenient reader finds is no more the answer than what a strict one does.
    salvage = seen.collector.text if kind == "answer" else "" if seen.holed else salvaged(body)
    return Reading(
        kind=kind,
        message=found,
        text=seen.collector.text,
        pieces=tuple(seen.collector.pieces),
        salvage=salvage,
        said=bool(seen.collector.choices),
        finished=seen.ended,
        done=seen.done,
        odd=tuple(seen.collector.odd),
        optional=optional,
        shown=(shown or body[-MAX_DATA:])[:MAX_DATA],
        why=why,
    )


def _choices(exchange: Exchange) -> int:
    """Return how many choices were asked for, at the most that an answer can have where that is not known."""
    fields = exchange.request.fields
    number, prompt = fields.get("n", 1), fields.get("prompt")
    if exchange.body_size > len(exchange.request.body) or isinstance(prompt, list):
        return MAX_CHOICES
    return number if isinstance(number, int) else 1


def _seen(body: bytes, legacy: bool, choices: int) -> _Stream:
    decoded = events.decode(body)
    collector = Collector(stream=True, legacy=legacy)
    done = late = False
    error = b""
    flaw = ""
    lost: list[bytes] = []
    for one in decoded.messages:
        value, unsure = load(one.data)
        if done:
            late = late or is_error(value, one.name)
            collector.note("events follow [DONE]")
        elif not _like_done(one.data) and _is_wrong(value, one.name) and _is_whole(collector, choices):
            late = True
        elif _like_done(one.data):
            done = True
            if one.data != DONE:
                collector.note("the end is not `data: [DONE]` by the letter")
        elif value is UNREADABLE:
            lost.append(one.data)
        elif is_error(value, one.name):
            error = error or one.data
        else:
            flaw = flaw or unsure
            collector.feed(value)
    collector.finish()
    if not done:
        collector.note("it ends without [DONE]")
    junk = tuple(line for line in decoded.ignored if not _like_done(line))
    if junk:
        collector.note("there are lines that are no events")
    return _Stream(decoded, collector, done, error, tuple(lost), junk, late, flaw)


def _is_wrong(value: Any, name: str) -> bool:
    return value is UNREADABLE or is_error(value, name)


def _is_whole(collector: Collector, choices: int) -> bool:
    """Whether all choices that were asked for have come to their end, so that nothing is missing from the answer."""
    return len(collector.finished) >= choices and collector.choices <= collector.finished


def _classed(exchange: Exchange, found: message.Message, seen: _Stream) -> tuple[Kind, str, bytes, str]:
    """Return the kind of a stream, why, the bytes that show it, and why an answer may be refused."""
    junk = b"\n".join(seen.junk)
    optional = _framing(found) or seen.flaw
    if seen.error:
        return "failed", "an event of the stream is an error", seen.error, ""
    if seen.lost:
        return "unreadable", "an event of the stream is not JSON", seen.lost[0], ""
    if seen.ended:
        late = "an error follows its end" if seen.late else ""
        return "answer", "it has a finish reason", b"", optional or late or (SILENT if seen.collector.silent else "")
    if not found.complete and not found.wrong and (unended := _unended(exchange)):
        return unended, UNENDED, b"", ""
    if not seen.decoded.messages and (seen.junk or seen.decoded.pending):
        return "unreadable", "the body is no stream of events, and one was asked for", junk, ""
    if seen.junk:
        return "failed", "something else than events stands in the stream", junk, ""
    if seen.decoded.pending and _seen_whole(seen.decoded.pending):
        return "answer", "it has a finish reason", b"", "its last event has no blank line behind it"
    if not seen.collector.choices and found.complete:
        return "empty", "the stream has no event that says anything", b"", ""
    if seen.done and seen.collector.choices:
        return "answer", "it has [DONE]", b"", optional or "it has no finish reason"
    why = "the stream ends without a finish reason and without [DONE]"
    return "cut", found.wrong or why, b"", ""


def _seen_whole(pending: bytes) -> bool:
    """Whether the last event, which a strict decoder drops, has the finish reason."""
    value, _ = load(pending)
    if value is UNREADABLE:
        return False
    collector = Collector(stream=True)
    collector.feed(value)
    return bool(collector.finished)


def _like_done(data: bytes) -> bool:
    """Whether ``data`` is meant to be ``[DONE]``, however it is written."""
    return data.removeprefix(b"data:").strip(b' "').upper() == DONE


def _wrong_form(exchange: Exchange, found: message.Message, body: bytes, why: str) -> Reading:
    """Read an answer of the other form than was asked for: an error in it is an error, the rest cannot be read."""
    wrong = any(is_error(one) for one in payloads(body))
    kind: Kind = "failed" if wrong else "unreadable"
    if not found.complete and not wrong:
        kind = _unended(exchange) or kind
    return Reading(kind=kind, message=found, salvage=salvaged(body), shown=body[:MAX_DATA], why=why)
