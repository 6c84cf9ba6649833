"""Text from outside in a page: nothing of it is markup, and nothing of it is hidden."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.report.markup import SHOWN, cut, ending, escape, prose


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)


@given(st.text() | st.text("<>&\"'`=/ abc\x00\n"))
def test_nothing_from_outside_is_markup(text: str) -> None:
    assert Tags(f'<p title="{escape(text)}">{escape(text)}</p>').found == ["p"]
    assert set(Tags(f"<p>{prose(text)}</p>").found) <= {"p", "code"}


@given(st.text())
def test_what_shows_is_kept_as_it_is(text: str) -> None:
    shown = "".join(one for one in text if one.isprintable() or one == "\n")
    assert "".join(one for one in unescape(escape(shown)) if one.isprintable() or one == "\n") == shown


@pytest.mark.parametrize(("text", "shown"), [("a\x1b[31m", r"a\x1b[31m"), ("\x00", r"\x00"), ("a\u202eb", r"a\u202eb")])
def test_what_does_not_show_is_shown(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("`a<b` is <not> met") == "<code>a&lt;b</code> is &lt;not&gt; met"
    assert prose("one ` alone") == "one ` alone"


def test_long_texts_say_how_much_is_missing() -> None:
    text = "a" + "b" * SHOWN + "c"
    assert cut(text).endswith("b … 2 characters more")
    assert ending(text).startswith("2 characters, then … b")
    assert ending(text).endswith("c")
    assert cut("short") == ending("short") == "short"
