"""``obfuscation``: random characters that make the sizes of chunks tell less about the tokens in them.

OpenAI pads every chunk of a chat stream so that its JSON has 16k + 1 bytes: in the recordings of 2026, 289,
321, 369, 481 and 497, whatever the token was. So the padding has 0 to 15 characters and depends on the rest
of the chunk.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from mockoai.seed import ALPHANUMERIC, Seed

_STEP = 16
_REST = 1
_BLOCK = 256
"""Characters drawn at once: enough for most answers."""

_TO_CHARACTER = bytes(ord(ALPHANUMERIC[byte % len(ALPHANUMERIC)]) for byte in range(256))


class Padding:
    """The paddings of one stream, one after the other, from ``seed``."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._blocks = 0
        self._left = ""

    def next(self, size: int) -> str:
        """Return the padding of a chunk whose JSON would have ``size`` bytes with an empty one."""
        wanted = (_REST - size) % _STEP
        if len(self._left) < wanted:
            block = self._seed.child(self._blocks).data(_BLOCK)
            self._blocks += 1
            self._left += block.translate(_TO_CHARACTER).decode()
        padding, self._left = self._left[:wanted], self._left[wanted:]
        return padding


def size_of(value: Any) -> int:
    """Return the bytes of ``value`` as compact JSON."""
    try:
        return len(orjson.dumps(value))
    except TypeError:  # half of a surrogate pair, which JSON can only say as an escape
        return len(json.dumps(value, separators=(",", ":")))
