"""Which of the listed models to ask: one that chats, small rather than large, since every answer may cost. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OTHERS = re.compile(
    r"embed|whisper|tts|dall|image|moderation|rerank|audio|realtime|transcri|speech|search|clip|guard|vision-only"
    r"|instruct-0914|davinci|babbage|bge-|e5-|gte-|sora|video|codex|computer-use|deep-research",
    re.IGNORECASE,
)
"""Models that do something else than chat, by what is in their names."""

_SMALL = re.compile(r"mini|nano|small|flash|lite|haiku|tiny|instant|(?<![\d.])[1-9](?:\.\d)?b\b", re.IGNORECASE)


def pick(listed: Sequence[str]) -> str:
    """Return the model to ask for, or an empty text when none is listed."""
    chats = [one for one in listed if not _OTHERS.search(one)]
    small = [one for one in chats if _SMALL.search(one)]
    # A name that ends in digits is a dated snapshot of the one before, as a rule.
    for candidates in (small, chats, list(listed)):
        plain = [one for one in candidates if not re.search(r"\d{4}(?:-?\d\d){0,2}$", one)]
        if candidates:
            return (plain or candidates)[0]
    return ""
