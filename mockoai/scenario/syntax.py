"""What the YAML parser complains about, in words for people who write scenarios.

libyaml and PyYAML's own parser say the same things in slightly different words, so both are recognised by
what they have in common.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yaml.error import Mark, MarkedYAMLError

from mockoai.scenario.diagnose import Located, Mistakes, quoted

SURROGATE = re.compile("[\ud800-\udfff]")
SURROGATE_MESSAGE = "an escape that is no character"
SURROGATE_HELP = 'characters beyond U+FFFF are written with eight digits: "\\U0001F600"'


@dataclass(frozen=True, slots=True)
class _Complaint:
    """One kind of syntax error: a pattern of the parser's words, and ours.

    ``blame`` says which place is the mistake: the ``problem`` at which the parser gave up, the ``context``
    that it was reading, or the ``escape`` before the problem. ``began`` is what to say about the other place,
    if anything.
    """

    pattern: str
    message: str
    help: str
    blame: str = "problem"
    began: str = ""


_MISFIT = _Complaint(
    r"did not find expected key|did not find expected '-'|expected <block end>|<document start>",
    "this does not fit what stands before it",
    "indent it like its neighbours; check the quotes and brackets before it",
    "problem",
    "this part started here",
)
_BEHIND_A_QUOTE = _Complaint(
    "",
    "this stands behind a quote that is already closed",
    "put all of the text into one pair of quotes; inside single quotes, a quote is written twice: `'it''s'`",
)

_COMPLAINTS = (
    _Complaint(
        r"mapping values are not allowed",
        "a `:` where no key can be",
        "quote a text that contains `: `; put a key on a line of its own, indented like its neighbours",
    ),
    _Complaint(
        r"sequence entries are not allowed",
        "a `-` where no list can start",
        "put the list on the next line, or write it in brackets: `[a, b]`",
    ),
    _Complaint(
        r"expected ',' or ']'",
        "this list is not closed",
        "put a `,` between items and a `]` behind the last",
        "context",
        "a `,` or `]` is missing before this",
    ),
    _Complaint(
        r"expected ',' or '}'",
        "this mapping is not closed",
        "put a `,` between entries and a `}` behind the last",
        "context",
        "a `,` or `}` is missing before this",
    ),
    _Complaint(
        r"found unexpected end of stream|found unexpected document separator",
        "this quote is not closed",
        "close it; a quote inside single quotes is written twice: `'it''s'`",
        "context",
    ),
    _Complaint(
        r"found unknown escape character",
        "unknown escape in double quotes",
        "write a backslash as `\\\\`, or use single quotes, where it means itself",
        "escape",
    ),
    _Complaint(
        r"expected hexdecimal number|expected escape sequence of \d+ hexadecimal",
        "not enough hexadecimal digits in an escape",
        'write "\\x1b", "\\u00e9" or "\\U0001F600": two, four or eight digits',
        "escape",
    ),
    _Complaint(
        r"found invalid Unicode character escape",
        SURROGATE_MESSAGE,
        SURROGATE_HELP,
        "context",
    ),
    _Complaint(
        r"could not find expected ':'",
        "a key without a `:`",
        "write `key: value`; a text that goes on over several lines must be indented",
        "context",
    ),
    _MISFIT,
    _Complaint(
        r"expected alphabetic or numeric character",
        "an anchor or alias without a name",
        'quote a text that starts with `*` or `&`: `"*"`',
        "context",
    ),
    _Complaint(
        r"expected node content|expected the node content",
        "a value is missing here",
        "check the commas and brackets before it",
    ),
    _Complaint(
        r"expected comment or line break|expected chomping or indentation|indentation indicator",
        "a `|` or `>` must be followed by a line break",
        "start the text on the next line, indented; quote a text that starts with `|` or `>`",
        "context",
    ),
    _Complaint(r"found undefined tag handle", "tags are not allowed", "quote a text that starts with `!`"),
)


@dataclass(frozen=True, slots=True)
class _Point:
    line: int
    column: int
    length: int = 1


def explain(error: MarkedYAMLError, mistakes: Mistakes) -> None:
    """Add the parser's ``error`` to ``mistakes``."""
    problem, context = _point(error.problem_mark), _point(error.context_mark)
    words = error.problem or ""
    where = problem or context
    if "cannot start any token" in words and where is not None:
        _bad_start(where, mistakes)
        return
    for complaint in _COMPLAINTS:
        if not re.search(complaint.pattern, words):
            continue
        other = context
        if complaint.blame == "context" and context is not None:
            where, other = context, problem
        elif where is not None and complaint.blame == "escape":
            where = _escape(where, mistakes)
        elif where is not None and complaint is _MISFIT and _behind_a_quote(where, mistakes):
            complaint, other = _BEHIND_A_QUOTE, None
        also: list[tuple[Located, str]] = []
        if complaint.began and other is not None and where is not None and other != where:
            also.append((other, complaint.began))
        mistakes.add("yaml-syntax", where, complaint.message, help=complaint.help, also=also)
        return
    mistakes.add("yaml-syntax", where, f"not valid YAML: {words}")


def _escape(where: _Point, mistakes: Mistakes) -> _Point:
    """Return the escape that ends at ``where`` or, as libyaml has it, starts there."""
    line = mistakes.source.line(where.line) or ""
    start = line.rfind("\\", 0, where.column)
    return _Point(where.line, start + 1, max(2, where.column - start)) if start >= 0 else where


def _behind_a_quote(where: _Point, mistakes: Mistakes) -> bool:
    line = mistakes.source.line(where.line) or ""
    return line[: where.column - 1].rstrip().endswith(("'", '"'))


def _bad_start(where: _Point, mistakes: Mistakes) -> None:
    line = mistakes.source.line(where.line) or ""
    character = line[where.column - 1 : where.column]
    if character == "\t":
        run = len(line[where.column - 1 :]) - len(line[where.column - 1 :].lstrip("\t"))
        mistakes.add(
            "yaml-tab",
            _Point(where.line, where.column, run),
            "a tab in the indentation",
            expected="spaces",
            help="indent with spaces; most editors can convert tabs",
        )
        return
    mistakes.add(
        "yaml-syntax",
        where,
        f"a plain text cannot start with {quoted(character)}",
        help="put the text in quotes",
    )


def _point(mark: Mark | None) -> _Point | None:
    return None if mark is None else _Point(mark.line + 1, mark.column + 1)
