"""Texts that match a regular expression (JSON Schema: ``pattern``; ECMA-262 §22.2).

The expression is read into a small tree and the tree is walked once, so the text matches by construction and
nothing is ever searched for: a hostile expression costs no more than the text it makes. Assertions that look around
are not obeyed, and what cannot be read gives no text. Texts stop growing at :data:`LONGEST` characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockoai.reply.regextree import UNBOUNDED, Back, Node, Range, Repeat, Set, UnreadableError, parse
from mockoai.seed import Seed

LONGEST = 4_000
"""Characters after which repetitions stop."""

LONGEST_PATTERN = 2_000
"""Characters of an expression; a longer one is not read."""

_FEW = 40  # equal repetitions that are tried one after the other


def text_matching(pattern: str, seed: Seed, *, shortest: int = 0, longest: int | None = None) -> str | None:
    """Return a text in which ``pattern`` matches, ``shortest`` to ``longest`` characters long where that can be had.

    None when the expression cannot be read, or no text of that length was found.
    """
    if len(pattern) > LONGEST_PATTERN:
        return None
    try:
        tree = parse(pattern)
    except UnreadableError:
        return None
    writers = [_Writer(seed.child(number), extra=2) for number in range(4)]
    bare = len(_Writer(seed, extra=0, exact=True).write(tree))
    # Where that is too short or too long, every repetition is made equally often, first each number that is
    # small, then those that reach the length if one to eight repetitions share the work.
    few = range(_FEW) if shortest or longest is not None else ()
    shares = [max(0, shortest - bare) // share + more for share in range(1, 9) for more in (0, 1)] if shortest else ()
    written = 0
    for writer in (*writers, *[_Writer(seed, extra=extra, exact=True) for extra in (*few, *shares)]):
        text = writer.write(tree)
        if len(text) < shortest and not pattern.endswith("$"):
            text += "a" * (shortest - len(text))
        if shortest <= len(text) and (longest is None or len(text) <= longest):
            return text
        written += len(text)
        if written > 4 * LONGEST:
            break
    return None


class _Writer:
    """Walks a tree and writes a text; repetitions are made up to ``extra`` times more than needed, or just that."""

    def __init__(self, seed: Seed, extra: int, *, exact: bool = False) -> None:
        self.seed = seed
        self.extra = extra
        self.exact = exact
        self.draws = 0
        self.size = 0
        self.groups: dict[int, str] = {}

    def write(self, node: Node) -> str:
        if isinstance(node, Set):
            self.size += 1
            return self._character(node.ranges)
        if isinstance(node, Back):
            text = self.groups.get(node.number, "")
            if self.size + len(text) > LONGEST:  # each reference may double the text
                return ""
            self.size += len(text)
            return text
        if isinstance(node, Repeat):
            high = node.low + self.extra if node.high == UNBOUNDED else min(node.high, node.low + self.extra)
            times = high if self.exact else self._draw(node.low, high)
            out: list[str] = []
            while len(out) < times and self.size < LONGEST:
                self.size += 1  # so that repeating nothing comes to an end too
                out.append(self.write(node.node))
            return "".join(out)
        option = node.options[self._draw(0, len(node.options) - 1)]
        text = "".join([self.write(one) for one in option])
        self.groups[node.number] = text
        return text

    def _draw(self, low: int, high: int) -> int:
        if low == high:
            return low
        self.draws += 1
        return self.seed.child(self.draws).integer(low, high)

    def _character(self, ranges: Sequence[Range]) -> str:
        number = self._draw(0, sum([high - low + 1 for low, high in ranges]) - 1)
        for low, high in ranges:
            if number <= high - low:
                return chr(low + number)
            number -= high - low + 1
        raise AssertionError("a draw within the ranges")
