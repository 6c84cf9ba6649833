"""What several detectors look at in the same way. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mockoai.check.detect.registry import Case, Seen
from mockoai.check.model import Severity
from mockoai.check.reading.exchange import Exchange


def listed(values: Iterable[object], limit: int = 4) -> str:
    """Return a few values in backticks, joined; how many more there are, if there are."""
    found = list(dict.fromkeys(str(one) for one in values))
    more = f" and {len(found) - limit} more" if len(found) > limit else ""
    return ", ".join(f"`{one[:60]}`" for one in found[:limit]) + more


def short(text: str, limit: int = 140) -> str:
    """Return ``text``, or the beginning of it with a sign that more follows."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plural(count: int, noun: str) -> str:
    """Return ``1 event`` or ``3 events``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def told(exchange: Exchange) -> Severity | None:
    """Return the severity of an error that was asked for, or of an endpoint that servers need not have.

    Only its shape is worth telling then. None, the usual, for any other.
    """
    return "info" if exchange.ask.provokes or exchange.ask.kind in ("completions", "model") else None


def body(exchange: Exchange) -> bytes:
    """Return the content, as evidence."""
    return exchange.content.data[:1000]


def head(exchange: Exchange) -> bytes:
    """Return the head, as evidence."""
    return exchange.message.head[:1000]


def status_line(exchange: Exchange) -> bytes:
    """Return the first line of the answer, as evidence."""
    return exchange.message.head.partition(b"\n")[0] + b"\n"


def field(exchange: Exchange, *names: str) -> bytes:
    """Return the lines of the head whose fields are called ``names``, as evidence."""
    lines = exchange.message.head.splitlines(keepends=True)
    wanted = tuple(name.encode() for name in names)
    return b"".join([line for line in lines if line.lower().startswith(wanted)])


def says_done(exchange: Exchange) -> bool:
    """Whether a stream says ``[DONE]``, in whatever form."""
    return bool(exchange.answer.done)


def marked_everywhere(case: Case) -> bool:
    """Whether a byte order mark stands before streams and before bodies; before one of them, it is theirs alone."""
    return len({one.streamed for one in case.answers if one.content.bom}) == 2


def unfinished(case: Case) -> Iterable[Exchange]:
    """Yield the streams that end properly, with ``[DONE]``, though no choice says why it ended."""
    for one in case.streams:
        answer = one.answer
        if not answer.choices or not answer.done or answer.finished or answer.failures or not one.uncut:
            continue
        sound = one.form == "events" and not any(block.strays for block in one.events.blocks)
        if sound and answer.done[0] > answer.chunks[0].place:
            yield one


def breaks_off(one: Exchange) -> bool:
    """Whether a text stops in the middle of a sentence, and the usage that was asked for is not there either.

    What was asked for is a sentence, see :mod:`mockoai.check.asks`.
    """
    answer = one.answer
    counted = bool(answer.usages) if one.ask.usage else False
    ended = all(answer.text(index).rstrip().endswith((".", "!", "?", "…", ")", '"', "}")) for index in answer.indexes)
    return not ended and not counted


def seen_once(sights: Iterable[Seen]) -> Iterable[Seen]:
    """Yield the first sight of every id in every exchange."""
    known: set[tuple[str, int]] = set()
    for one in sights:
        key = (one.id, id(one.exchange))
        if key not in known:
            known.add(key)
            yield one
