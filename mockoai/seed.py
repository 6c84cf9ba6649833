"""Randomness that is the same on every machine and every Python version.

Strategy: nothing here keeps state. A :class:`Seed` is a name; its children are longer names; a value is a
hash (BLAKE2b, RFC 7693) of the name. So drawing one value never changes another, values can be asked for in
any order, and no release of Python can change them, as happened to the algorithms behind ``random.choice``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEXADECIMAL = "0123456789abcdef"
_UNIT = float(2**53)


@lru_cache(maxsize=64)
def _table(alphabet: str) -> bytes:
    """Map every byte to a character of ``alphabet``, which is ASCII."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


class Seed:
    """A point in a tree of random values; the root is the scenario's ``seed``."""

    __slots__ = ("_key",)

    def __init__(self, value: int | str | bytes) -> None:
        data = value if isinstance(value, bytes) else str(value).encode()
        self._key = blake2b(data, digest_size=16).digest()

    def child(self, *names: int | str | bytes) -> Seed:
        """Return the seed below this one that is called by ``names``."""
        seed = Seed.__new__(Seed)
        hasher = blake2b(digest_size=16, key=self._key)
        for name in names:
            data = name if isinstance(name, bytes) else str(name).encode()
            hasher.update(len(data).to_bytes(4, "big"))
            hasher.update(data)
        seed._key = hasher.digest()
        return seed

    def data(self, size: int) -> bytes:
        """Return ``size`` random bytes."""
        out = b""
        block = 0
        while len(out) < size:
            out += blake2b(block.to_bytes(4, "big"), digest_size=64, key=self._key).digest()
            block += 1
        return out[:size]

    def unit(self) -> float:
        """Return a float in [0, 1)."""
        return (int.from_bytes(self._key[:8], "big") >> 11) / _UNIT

    def integer(self, low: int, high: int) -> int:
        """Return an integer in [low, high], both included."""
        return low + int.from_bytes(self._key, "big") % (high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        """Return one of ``options``."""
        return options[self.integer(0, len(options) - 1)]

    def text(self, size: int, alphabet: str = ALPHANUMERIC) -> str:
        """Return ``size`` characters of ``alphabet``."""
        return self.data(size).translate(_table(alphabet)).decode("ascii")

    def normal(self) -> float:
        """Return a draw from the standard normal distribution (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.unit()))
        return radius * math.cos(2.0 * math.pi * self.child("angle").unit())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seed) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Seed({self._key.hex()})"
