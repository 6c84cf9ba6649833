"""Detectors of the category ``timing``: when bytes arrive.

What counts is how long a person or a proxy waits: :data:`LONG` seconds of silence are told, whatever the model. A
stream that comes all at once is only told from a fast one when the server took longer to begin than it needs for
anything else.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from mockoai.check.detect.look import body, plural, says_done
from mockoai.check.detect.registry import Case, Seen, detects
from mockoai.check.reading.exchange import Exchange

LONG = 10.0
"""Seconds of silence that are worth telling."""
BUFFERED = 0.3
"""Seconds that a stream must have been held back to be called buffered."""
TOGETHER = 0.005
"""Seconds within which bytes have come at once."""
CUT_AFTER = 20.0
"""Seconds of silence after which an end is that of somebody who waited no longer."""
CAP = 300.0
"""Seconds after which an end without silence before it is that of a limit."""
DAY = 86_400.0


@detects("slow-headers", "cloudflare-100s-524")
def head(case: Case) -> Iterator[Seen]:
    """A head that is late."""
    for one in case.answers:
        at = one.message.head_at
        if one.status == 524 and at >= LONG:
            yield Seen("cloudflare-100s-524", one, f"524 after {at:.0f} s", body(one))
        elif at >= LONG and not _together(one):
            yield Seen("slow-headers", one, f"the head came after {at:.1f} s")


@detects("idle-proxy-cut-60s", "hard-cap-close")
def cut(case: Case) -> Iterator[Seen]:
    """A connection that is closed when somebody's patience ends."""
    for one in case.exchanges:
        recording = one.recording
        if recording.ending == "open" or one.message.whole:
            continue
        last = recording.segments[-1].at if recording.segments else 0.0
        silent = recording.ended - last
        if silent >= CUT_AFTER:
            yield Seen("idle-proxy-cut-60s", one, f"closed after {silent:.0f} s of silence")
        elif recording.ended >= CAP:
            yield Seen("hard-cap-close", one, f"closed after {recording.ended:.0f} s, with signs of life until then")


@detects("keepalive-comments-only", "keepalive-newlines-nonstream")
def alive(case: Case) -> Iterator[Seen]:
    """Signs of life, for long, before anything is said."""
    for one in case.answers:
        last = one.message.arrivals[-1][1] if one.message.arrivals else 0.0
        if one.ask.stream:
            first = next((block.at for block in one.events.events), last)
            times = [
                block.at for block in one.events.blocks if block.data is None and block.comments and block.at <= first
            ]
            id, what = "keepalive-comments-only", "comments"
        else:
            data = one.content.data
            blank = len(data) - len(data.lstrip(b"\r\n \t"))
            times = [at for end, at in one.content.arrivals if end <= blank]
            first = one.content.at(blank)
            id, what = "keepalive-newlines-nonstream", "line ends"
        if len(times) >= 2 and first - one.message.head_at >= LONG:
            text = f"{len(times)} {what} and nothing else for {first - one.message.head_at:.0f} s"
            yield Seen(id, one, text, one.content.data[:60])


@detects("slow-first-token", "stall-mid-stream", "stall-before-done")
def silence(case: Case) -> Iterator[Seen]:
    """Silence inside an answer that had begun."""
    for one in case.answers:
        if one.status != 200 or one.recording.ending != "open":
            continue
        if not one.streamed:
            gap, at = _longest(one.content.arrivals, one)
            if gap >= LONG and one.content.data[:at].strip():
                text = f"silent for {gap:.0f} s behind {at} bytes of the body"
                yield Seen("stall-mid-stream", one, text, one.content.data[max(0, at - 60) : at])
            continue
        yield from _in_stream(one)


def _in_stream(one: Exchange) -> Iterator[Seen]:
    said = next((c.chunk.at for c in one.answer.choices if c.text or c.reasoning or c.calls), None)
    reasons = one.answer.reasons
    over = reasons[-1].chunk.at if one.answer.finished else None
    gap, offset = _longest(one.content.arrivals, one)
    start = one.content.at(offset - 1) if offset else one.message.head_at
    before = one.content.data[max(0, offset - 120) : offset]
    if gap < LONG or any(block.comments and block.data is None for block in one.events.blocks):
        return
    if over is not None and start >= over:
        if not says_done(one) or one.content.at(_done_offset(one)) > start:
            yield Seen("stall-before-done", one, f"silent for {gap:.0f} s behind the finish reason", before)
    elif said is None or start < said:
        text = f"the head came after {one.message.head_at:.1f} s, and then nothing was said for {gap:.0f} s"
        yield Seen("slow-first-token", one, text, before)
    else:
        yield Seen("stall-mid-stream", one, f"silent for {gap:.0f} s in the middle", before)


def _done_offset(one: Exchange) -> int:
    return one.events.blocks[one.answer.done[0]].start


def _longest(arrivals: Sequence[tuple[int, float]], one: Exchange) -> tuple[float, int]:
    """Return the longest silence behind the head, and behind how many bytes of content it was."""
    times = [(0, one.message.head_at), *arrivals]
    gaps = [(later[1] - sooner[1], sooner[0]) for sooner, later in itertools.pairwise(times)]
    if one.recording.gave_up in ("silence", "time"):
        gaps.append((one.recording.ended - times[-1][1], times[-1][0]))
    return max(gaps, default=(0.0, 0), key=lambda pair: pair[0])


@detects("full-buffering")
def buffering(case: Case) -> Iterator[Seen]:
    """A stream that comes all at once, when it is over, though its head came before."""
    for one in case.streams:
        if held_back(one, case) and not _with_head(one):
            text = f"{plural(len(one.events.events), 'event')} at once after {_first(one):.1f} s"
            yield Seen("full-buffering", one, text)


def held_back(one: Exchange, case: Case) -> bool:
    """Whether a stream of some length came all at once, later than the server needs for anything else."""
    usual = min((other.message.head_at for other in case.answers), default=0.0)
    return _together(one) and _first(one) - usual >= BUFFERED


def _first(one: Exchange) -> float:
    return next((block.at for block in one.events.events), 0.0)


def _with_head(one: Exchange) -> bool:
    """Whether a proxy may have held the head as well, and was not told to leave the stream alone."""
    told = (one.message.header("x-accel-buffering") or "").lower() == "no"
    return one.message.head_at >= _first(one) - TOGETHER and not told


def _together(one: Exchange) -> bool:
    times = [block.at for block in one.events.events] if one.streamed else []
    return len(times) >= 8 and times[-1] - times[0] <= TOGETHER


@detects("byte-dribble", "burst-then-pause", "jitter")
def pace(case: Case) -> Iterator[Seen]:
    """How even the pace is at which an answer comes."""
    for one in case.answers:
        arrivals = one.message.arrivals
        sizes = [end - start for (start, _), (end, _) in zip(((0, 0.0), *arrivals), arrivals, strict=False)]
        span = arrivals[-1][1] - arrivals[0][1] if arrivals else 0.0
        if len(sizes) >= 50 and sum(size <= 2 for size in sizes) >= 0.9 * len(sizes) and span < 0.1 * len(sizes):
            yield Seen(
                "byte-dribble", one, f"{len(sizes)} segments, most of them of {statistics.median(sizes):.0f} byte"
            )
        elif one.streamed:
            yield from _rhythm(one)


def _rhythm(one: Exchange) -> Iterator[Seen]:
    times = [block.at for block in one.events.events]
    groups: list[list[float]] = []
    for at in times:
        if groups and at - groups[-1][-1] <= TOGETHER:
            groups[-1].append(at)
        else:
            groups.append([at])
    gaps = [later[0] - sooner[-1] for sooner, later in itertools.pairwise(groups)]
    if len(groups) >= 3 and len(times) >= 3 * len(groups) and min(gaps) >= 0.1:
        size = len(times) / len(groups)
        text = f"bursts of about {size:.0f} events, with pauses of {statistics.mean(gaps):.1f} s"
        yield Seen("burst-then-pause", one, text)
    elif len(gaps) >= 8 and statistics.mean(gaps) >= TOGETHER and max(gaps) < LONG:
        mean, spread = statistics.mean(gaps), statistics.pstdev(gaps)
        if spread >= 0.4 * mean:
            text = f"gaps of {min(gaps) * 1000:.0f} to {max(gaps) * 1000:.0f} ms, {mean * 1000:.0f} on average"
            yield Seen("jitter", one, text)


@detects("clock-skew-created")
def skew(case: Case) -> Iterator[Seen]:
    """Chunks that say they were made at other times, or at one that is not now."""
    for one in case.generated:
        made = [chunk.fields.get("created") for chunk in one.answer.good if chunk.choices]
        times = [at for at in made if isinstance(at, (int, float)) and not isinstance(at, bool)]
        data = one.answer.good[-1].block.raw if times and one.answer.good[-1].block else body(one)
        now = _now(one)
        if len(set(times)) > 1 and 0 not in times:
            text = f"`created` takes {len(set(times))} values in one answer"
            yield Seen("clock-skew-created", one, text, data)
        elif times and now is not None and abs(times[0] - now) > DAY:
            yield Seen("clock-skew-created", one, f"`created` is {times[0]}, and it is {now:.0f}", data)


def _now(one: Exchange) -> float | None:
    """Return the server's time in seconds since 1970, as its ``Date`` says."""
    try:
        return parsedate_to_datetime(one.message.header("date") or "").timestamp()
    except ValueError:
        return None
