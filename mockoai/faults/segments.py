"""Bytes of one write sent in several TCP segments: what such faults share, and those of event streams.

TCP promises no segment boundaries: writes with no gap between them reach the reader as one. So the pieces are
kept apart by waits, and a gap under :data:`LEAST_GAP` is none that a reader on the same machine would see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mockoai.faults.base import Fault, Run
from mockoai.faults.registry import fault
from mockoai.plan.duration import Duration
from mockoai.plan.items import Item, Wait, Write

LEAST_GAP = 0.002
"""Seconds from which on two writes stay two reads."""
_GAP = Duration.fixed(0.01)


def split(item: Write, points: Sequence[int], gap: Duration, run: Run) -> list[Item]:
    """Cut ``item`` at the offsets ``points`` of its data (ascending, inside it), with waits of ``gap``
    between the pieces.

    Only the last piece completes the item: the others keep the counts of what was sent before it.
    """
    out: list[Item] = []
    at = item.at
    begin = 0
    for number, end in enumerate((*points, len(item.data))):
        if number:
            wait = pause(gap, number, replace(item, at=at), run)
            out.append(wait)
            at += wait.seconds
        first, last = max(begin, item.lead), min(end, item.lead + item.body)
        body = max(0, last - first)
        whole = item if end == len(item.data) else run.unfinished(item)
        out.append(replace(whole, at=at, data=item.data[begin:end], lead=first - begin if body else 0, body=body))
        begin = end
    return out


def pause(gap: Duration, number: int, item: Item, run: Run) -> Wait:
    """Return a wait of one draw of ``gap`` behind ``item``; ``number`` tells the draws for one item apart."""
    seconds = gap.sample(run.seed.child("gap", run.items, number))
    return run.wait(max(LEAST_GAP, seconds), run.unfinished(item))


@dataclass(frozen=True, kw_only=True)
class Split(Fault):
    """Base of faults that cut the body between two bytes that belong together."""

    gap: Duration = _GAP

    def points(self, body: bytes) -> Sequence[int]:
        """Return the offsets in ``body`` (the body bytes of one write) at which to cut, each inside it."""
        raise NotImplementedError

    def feed(self, item: Item, run: Run) -> Iterable[Item]:
        """Cut the writes that carry body bytes."""
        if not isinstance(item, Write) or not item.body:
            return [item]
        points = self.points(item.data[item.lead : item.lead + item.body])
        if not points:
            return [item]
        run.fire(f"cut a write of {len(item.data)} bytes in {len(points) + 1}")
        return split(item, [item.lead + point for point in points], self.gap, run)


@fault("sse-crlf-split", family="sse", layer="transport", claims=["segments"], needs="stream")
class SseCrlfSplit(Split):
    r"""Send the CR and the LF of a line end in different TCP segments.

    On the wire: ``…\r``, a gap of at least 2 ms, ``\n…``. Works on a stream with CR LF line ends: list it
    with ``sse-crlf``. Who does it: the network. Catalogue: ``sse-crlf-split``.
    """

    target = "CR LF in its body: list the fault with `sse-crlf`"

    def points(self, body: bytes) -> list[int]:
        """Cut inside every CR LF."""
        return [match.start() + 1 for match in re.finditer(rb"\r\n", body)]


@fault("sse-split-field-name", family="sse", layer="transport", claims=["segments"], needs="stream")
class SseSplitFieldName(Split):
    """Send ``da`` and ``ta: …`` in different TCP segments.

    On the wire: ``da``, a gap of at least 2 ms, ``ta: {…}``. Who does it: the network. Clients that split
    every read into lines by itself lose both halves. Catalogue: ``sse-split-field-name``.
    """

    target = "`data:`"

    def points(self, body: bytes) -> list[int]:
        """Cut inside every ``data`` that begins a line."""
        return [match.start() + 2 for match in re.finditer(rb"(?:\A|(?<=[\n\r]))data:", body)]
