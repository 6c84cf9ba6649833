"""Reading server-sent events as the standard has it (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

# A carriage return at the end may be half of a line end. str.splitlines() knows more line ends, such as U+2028, which
# may stand in the middle of JSON.
_END = re.compile(r"\r\n|\n|\r(?=[\s\S])")


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a stream, whatever the pieces in which it comes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    for piece in pieces:
        *whole, rest = _END.split(rest + decoder.decode(piece))
        yield from whole
    if rest:
        yield rest.removesuffix("\r")


def data(lines: Iterable[str]) -> Iterator[str]:
    """Yield the data of events that have any, up to ``[DONE]``; a last one needs no blank line behind it."""
    gathered: list[str] = []
    for line in chain(lines, [""]):
        name, _, value = line.partition(":")
        if name == "data":
            gathered.append(value.removeprefix(" "))
        elif not line and gathered:
            whole = "\n".join(gathered).strip()
            gathered = []
            if whole == "[DONE]":
                return
            if whole:
                yield whole
