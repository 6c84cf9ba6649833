"""Regular expressions as trees (ECMA-262 §22.2.1, and what Python writes otherwise)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

UNBOUNDED = -1
"""``high`` of a repetition without an end."""

Range = tuple[int, int]
"""Code points, both ends included."""

_DEEPEST = 40  # parentheses within parentheses
_DIGIT: tuple[Range, ...] = ((0x30, 0x39),)
_LOWER: tuple[Range, ...] = ((0x61, 0x7A),)
_UPPER: tuple[Range, ...] = ((0x41, 0x5A),)
_WORD: tuple[Range, ...] = (*_LOWER, *_UPPER, *_DIGIT, (0x5F, 0x5F))
_SPACE: tuple[Range, ...] = ((0x20, 0x20),)
_WHITE: tuple[Range, ...] = (*_SPACE, (0x09, 0x0D))
_PRINTABLE: tuple[Range, ...] = ((0x20, 0x7E),)
_LATIN: tuple[Range, ...] = ((0xA1, 0x17F),)
_ALL: tuple[Range, ...] = ((0, 0xD7FF), (0xE000, 0x10FFFF))
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PROPERTIES = {
    "Lu": _UPPER,
    "Ll": _LOWER,
    "N": _DIGIT,
    "Nd": _DIGIT,
    "P": ((0x21, 0x2F),),
    "Z": _SPACE,
    "Zs": _SPACE,
}
_COUNT = 6  # digits of a repetition's bound that are read


class UnreadableError(ValueError):
    """The expression is not one that is understood."""


@dataclass(frozen=True, slots=True)
class Set:
    """One character out of ``ranges``, code points with both ends included."""

    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``node`` from ``low`` to ``high`` times."""

    node: Node
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Group:
    """One of ``options``, each a sequence; a capturing group has a ``number``."""

    options: tuple[tuple[Node, ...], ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class Back:
    """The text of an earlier group."""

    number: int


Node = Set | Repeat | Group | Back


@lru_cache(maxsize=256)
def parse(pattern: str) -> Group:
    """Read ``pattern``; raises UnreadableError when it is not understood.

    Assertions, which take no characters, leave no trace in the tree.
    """
    reader = _Reader(pattern)
    tree = reader.group(0)
    if not reader.ended:
        raise UnreadableError(pattern)
    return tree


class _Reader:
    """Reads an expression by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.depth = 0
        self.groups = 0
        self.names: dict[str, int] = {}

    @property
    def ended(self) -> bool:
        return self.place >= len(self.pattern)

    def next(self, size: int = 1) -> str:
        text = self.pattern[self.place : self.place + size]
        if len(text) < size:
            raise UnreadableError(self.pattern)
        self.place += size
        return text

    def skip(self, text: str) -> bool:
        if self.pattern.startswith(text, self.place):
            self.place += len(text)
            return True
        return False

    def until(self, end: str) -> str:
        close = self.pattern.find(end, self.place)
        if close < 0:
            raise UnreadableError(self.pattern)
        text = self.pattern[self.place : close]
        self.place = close + len(end)
        return text

    def group(self, number: int) -> Group:
        """Read the options of a group up to its closing parenthesis, or to the end."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnreadableError(self.pattern)
        options: list[tuple[Node, ...]] = []
        option: list[Node] = []
        while not self.ended and self.pattern[self.place] != ")":
            if self.skip("|"):
                options.append(tuple(option))
                option = []
                continue
            node = self.atom()
            if node is not None:
                option.append(self.repeated(node))
        options.append(tuple(option))
        self.depth -= 1
        return Group(tuple(options), number)

    def atom(self) -> Node | None:
        """Read one atom; None for an assertion, which takes no characters."""
        char = self.next()
        if char in "^$":
            return None
        if char == ".":
            return Set(_PRINTABLE)
        if char == "[":
            return self.char_class()
        if char == "(":
            return self.parenthesis()
        if char == "\\":
            return self.escape()
        if char in "*+?)":
            raise UnreadableError(self.pattern)
        return Set(((ord(char), ord(char)),))

    def parenthesis(self) -> Node | None:
        number = 0
        looks = False
        if self.skip("?"):
            if self.skip("=") or self.skip("!") or self.skip("<=") or self.skip("<!"):
                looks = True
            elif self.skip("P<") or self.skip("<"):
                self.groups += 1
                number = self.groups
                self.names[self.until(">")] = number
            elif not self.skip(":"):
                raise UnreadableError(self.pattern)
        else:
            self.groups += 1
            number = self.groups
        inner = self.group(number)
        if not self.skip(")"):
            raise UnreadableError(self.pattern)
        return None if looks else inner

    def repeated(self, node: Node) -> Node:
        """Read the quantifier behind ``node``, if there is one."""
        if self.skip("*"):
            low, high = 0, UNBOUNDED
        elif self.skip("+"):
            low, high = 1, UNBOUNDED
        elif self.skip("?"):
            low, high = 0, 1
        else:
            bounds = self.bounds()
            if bounds is None:
                return node
            low, high = bounds
        if not self.skip("?"):  # lazy
            self.skip("+")  # possessive
        return Repeat(node, low, high)

    def bounds(self) -> tuple[int, int] | None:
        """Read ``{2}``, ``{2,}`` or ``{2,3}``; None where the brace stands for itself."""
        start = self.place
        if not self.skip("{"):
            return None
        close = self.pattern.find("}", self.place, self.place + 2 * _COUNT + 2)
        low, comma, high = self.pattern[self.place : max(close, self.place)].partition(",")
        if close < 0 or not _number(low) or (high and not _number(high)):
            self.place = start
            return None
        self.place = close + 1
        return int(low), int(high) if high else (UNBOUNDED if comma else int(low))

    def escape(self) -> Node | None:
        """Read what follows a backslash outside a class."""
        char = self.pattern[self.place : self.place + 1]
        if char in ("b", "B"):
            self.place += 1
            return None
        if char and char in "123456789":
            self.place += 1
            return Back(int(char))
        if char == "k" and self.pattern.startswith("<", self.place + 1):
            self.place += 2
            return Back(self.names.get(self.until(">"), 0))
        return Set(_plain(self.escaped()))

    def escaped(self) -> tuple[Range, ...]:
        """Read what follows a backslash: the characters it stands for."""
        char = self.next()
        named = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
        if char in named:
            return named[char]
        inverse = {"D": _DIGIT, "W": _WORD, "S": _WHITE}
        if char in inverse:
            return _without(inverse[char])
        if char in ("p", "P") and self.skip("{"):
            name = self.until("}").rpartition("=")[2]
            ranges = _PROPERTIES.get(name, (*_LOWER, *_UPPER))
            return ranges if char == "p" else _without(ranges)
        if char == "x":
            code = self.next(2)
        elif char == "u":
            code = self.until("}") if self.skip("{") else self.next(4)
        elif char == "c":
            code = f"{ord(self.next()) % 32:x}"
        else:
            code = f"{ord(_CONTROL.get(char, char)):x}"
        try:
            point = int(code, 16)
        except ValueError:
            raise UnreadableError(self.pattern) from None
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise UnreadableError(self.pattern)
        return ((point, point),)

    def char_class(self) -> Set:
        """Read a character class behind its opening bracket."""
        negated = self.skip("^")
        ranges: list[Range] = []
        while not self.skip("]"):
            low = self.member()
            if len(low) == 1 and low[0][0] == low[0][1] and self._range_follows():
                self.next()
                high = self.member()
                if high[0][1] < low[0][0]:
                    raise UnreadableError(self.pattern)
                low = ((low[0][0], high[0][1]),)
            ranges.extend(low)
        chosen = _plain(_without(ranges) if negated else ranges)
        if not chosen:
            raise UnreadableError(self.pattern)
        return Set(chosen)

    def _range_follows(self) -> bool:
        return self.pattern.startswith("-", self.place) and not self.pattern.startswith("-]", self.place)

    def member(self) -> tuple[Range, ...]:
        char = self.next()
        if char != "\\":
            return ((ord(char), ord(char)),)
        if self.skip("b"):
            return ((8, 8),)
        return self.escaped()


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _COUNT


def _without(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Return all characters that are not in ``ranges``."""
    left = _ALL
    for low, high in ranges:
        left = tuple(
            [
                (start, end)
                for first, last in left
                for start, end in ((first, min(last, low - 1)), (max(first, high + 1), last))
                if start <= end
            ]
        )
    return left


def _plain(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Return the printable ASCII characters of ``ranges``, failing these the Latin ones, failing these all."""
    for wanted in (_PRINTABLE, _LATIN):
        common = [
            (max(low, first), min(high, last))
            for low, high in ranges
            for first, last in wanted
            if max(low, first) <= min(high, last)
        ]
        if common:
            return tuple(common)
    return tuple(ranges)
