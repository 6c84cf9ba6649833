"""Diagnostics as text: the caret stands under what is wrong, whatever the line is made of."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockoai.scenario.diagnose import MAX_SHOWN, REST_OF_LINE, Diagnostic, Label, Source
from mockoai.scenario.model import Span
from mockoai.scenario.render import printable, render, render_one


def diagnostic(text: str, column: int = 1, length: int = 1, line: int = 1, **more: object) -> Diagnostic:
    return Diagnostic("bad-id", "what", Source("a.yaml", text), Span(line, column), length, **more)  # type: ignore[arg-type]


def snippet(one: Diagnostic, width: int = 110) -> list[str]:
    """The lines between the position and the notes, without their gutter."""
    return [line.split("| ", 1)[1] for line in render_one(one, width=width).splitlines()[3:] if "| " in line]


def cells(text: str) -> int:
    """The cells that a terminal gives ``text``: none to marks, two to wide characters."""
    marks = sum(unicodedata.category(one) in ("Mn", "Me") for one in text)
    wide = sum(
        unicodedata.east_asian_width(one) in "WF" for one in text if unicodedata.category(one) not in ("Mn", "Me")
    )
    return len(text) - marks + wide


def test_the_parts_stand_where_compilers_put_them() -> None:
    one = diagnostic("id: x\nfautls: []", 1, 6, 2, expected="`faults`", help="did you mean `faults`?", note="here")
    assert render_one(one) == (
        "error[bad-id]: what\n"
        " --> a.yaml:2:1\n"
        "  |\n"
        "2 | fautls: []\n"
        "  | ^^^^^^ here\n"
        "  |\n"
        "  = expected: `faults`\n"
        "  = help: did you mean `faults`?\n"
    )


def test_the_gutter_is_as_wide_as_the_largest_line_number() -> None:
    lines = render_one(diagnostic("\n" * 99 + "abc", 1, 3, 100)).splitlines()
    assert lines[1:] == ["   --> a.yaml:100:1", "    |", "100 | abc", "    | ^^^"]


def test_a_second_place_is_shown_in_the_order_of_the_file() -> None:
    far = Label(Span(1, 1), 2, "first")
    one = diagnostic("id: a\nx: 1\nid: b", 1, 2, 3, labels=(far,))
    assert snippet(one) == ["id: a", "-- first", "id: b", "^^"]
    assert "\n...\n" in render_one(one)
    assert "\n...\n" not in render_one(diagnostic("id: a\nid: b", 1, 2, 2, labels=(far,)))


def test_a_place_without_a_source_line_is_named_only() -> None:
    one = Diagnostic("bad-id", "what", Source("a.yaml"), Span(7, 1), help="do that")
    assert render_one(one) == "error[bad-id]: what\n --> a.yaml:7:1\n  = help: do that\n"


def test_the_rest_of_a_line_ends_before_its_comment() -> None:
    assert snippet(diagnostic("text: |  # why", 7, REST_OF_LINE)) == ["text: |  # why", "      ^"]
    assert snippet(diagnostic('text: "one two  ', 7, REST_OF_LINE))[1] == "      ^^^^^^^^"


def test_a_place_behind_the_end_of_a_line_is_marked_there() -> None:
    assert snippet(diagnostic("abc", 99, 5)) == ["abc", "   ^"]


def test_tabs_become_blanks_up_to_the_next_stop() -> None:
    assert snippet(diagnostic("\ta:\tb", 5, 1)) == ["    a:  b", "        ^"]


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert snippet(diagnostic("天気: x", 5, 1)) == ["天気: x", "      ^"]
    assert snippet(diagnostic("天気: x", 2, 1))[1] == "  ^^"
    assert snippet(diagnostic("e\u0301: x", 5, 1))[1] == "   ^"


@pytest.mark.parametrize(
    ("character", "shown"),
    [("\x1b", "\\x1b"), ("\x85", "\\x85"), ("\u202e", "\\u202e"), ("\u2066", "\\u2066"), ("\U000e0001", "\\U000e0001")],
)
def test_characters_that_act_on_a_terminal_are_escaped(character: str, shown: str) -> None:
    assert printable(f"a{character}b") == f"a{shown}b"


def test_no_part_of_a_file_reaches_the_terminal_raw() -> None:
    evil = "\x1b[31m"
    source = Source(evil, f"{evil}a: b")
    one = Diagnostic("bad-id", evil, source, Span(1, 6), 1, evil, evil, evil, (Label(Span(1, 1), 1, evil),))
    text = render([one])
    assert "\x1b" not in text
    assert text.count("\\x1b[31m") >= 6


def test_a_line_feed_in_a_message_does_not_break_the_layout() -> None:
    assert render_one(Diagnostic("bad-id", "a\nb", Source("a.yaml"))).startswith("error[bad-id]: a\\nb\n")


def test_colour_only_when_asked_for_and_around_the_same_text() -> None:
    one = diagnostic("abc", 1, 3, expected="e", help="h", labels=(Label(Span(1, 2), 1, "l"),))
    plain, colored = render([one]), render([one], color=True)
    assert "\x1b" not in plain
    assert colored.count("\x1b[0m") * 2 == colored.count("\x1b[")
    for code in ("1;31", "1;34", "1;36", "1"):
        assert f"\x1b[{code}m" in colored
        colored = colored.replace(f"\x1b[{code}m", "")
    assert colored.replace("\x1b[0m", "") == plain


def test_long_lines_are_windowed_around_the_mark() -> None:
    text = "".join(f"{number:05} " for number in range(1000))
    for column in (1, 7, 601, 3001, 5995, 6000):
        line, carets = snippet(diagnostic(text, column, 3), width=80)
        assert len(line) <= 80
        start = carets.index("^")
        assert line[start : start + 1].rstrip() == text[column - 1].rstrip()
        assert line.startswith("…") == (column > 30)
        assert line.endswith("…") == (column < 5900)


def test_a_mark_wider_than_the_window_is_cut() -> None:
    line, carets = snippet(diagnostic("x" * 500, 1, 500), width=60)
    assert line.endswith("…")
    assert carets == "^" * (len(line) - 1)


def test_a_line_of_a_mebibyte_is_no_work() -> None:
    assert len(snippet(diagnostic("x" * 1_000_000, 500_000, 1))[0]) <= 110


def test_no_more_than_a_page_full_is_shown() -> None:
    many = [diagnostic("abc", 1, 1) for _ in range(MAX_SHOWN + 5)]
    text = render(many)
    assert text.count("error[bad-id]") == MAX_SHOWN
    assert "error: and 5 more\n" in text
    assert "more" not in render(many[:MAX_SHOWN]).replace("says more", "")


def test_the_last_line_says_how_to_learn_more() -> None:
    other = Diagnostic("bad-place", "what", Source("a.yaml"))
    assert render([diagnostic("abc")]).endswith("\nhelp: `mockoai explain bad-id` says more\n")
    assert render([diagnostic("abc"), other]).endswith("\nhelp: `mockoai explain CODE` says more\n")


CHARACTERS = st.characters(exclude_characters="\t\n\r\x85\u2028\u2029", exclude_categories=("Cs",))
LINES = st.text(CHARACTERS, min_size=1, max_size=300)


@settings(deadline=None)
@given(LINES, st.data(), st.integers(40, 120))
def test_the_caret_is_under_the_first_cell_of_what_is_wrong(text: str, data: st.DataObject, width: int) -> None:
    column = data.draw(st.integers(1, len(text)))
    length = data.draw(st.integers(1, len(text) + 1 - column))
    rendered = render_one(diagnostic(text, column, length), width=width).splitlines()
    line, carets = rendered[3][len("1 | ") :], rendered[4][len("  | ") :]
    start = cells(carets) - cells(carets.lstrip())
    shown = printable(text[column - 1]).rstrip()
    prefix = 0
    for position, one in enumerate(line):
        if prefix >= start and (not shown or line.startswith(shown, position)):
            break
        prefix += cells(one)
    assert prefix == start or not shown.strip()
    assert cells(line) <= max(width, 40) - len("1 | ")
    assert "^" in carets
