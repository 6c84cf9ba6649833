"""What a reader finds who takes anything. It tells an answer in the wrong form from none at all."""

from __future__ import annotations

from typing import Any

from mockoai.verdict.content import UNREADABLE, Collector, load_leniently


def salvaged(body: bytes) -> str:
    """Return the text that a reader finds who takes anything: JSON with, without, or with two prefixes."""
    collectors = Collector(stream=True), Collector(stream=False), Collector(stream=True, legacy=True)
    for payload in payloads(body):
        for collector in collectors:
            collector.feed(payload)
    return max((one.text for one in collectors), key=len)


def payloads(body: bytes) -> list[Any]:
    """Return every JSON value that can be found in ``body``, alone or on lines, with or without prefixes."""
    whole = load_leniently(body)
    if whole is not UNREADABLE:
        return whole if isinstance(whole, list) else [whole]
    found: list[Any] = []
    for line in body.splitlines():
        value = load_leniently(bare(line))
        found += value if isinstance(value, list) else [value]
    return [one for one in found if one is not UNREADABLE]


def bare(line: bytes) -> bytes:
    """Return ``line`` without prefixes, however many it has."""
    line = line.strip()
    while line.startswith(b"data:"):
        line = line.removeprefix(b"data:").strip()
    return line
