"""Every renderer over one run, against the text it is known to give; and what holds for any such text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockoai.report import as_json, github, html, junit, terminal
from mockoai.report.facts import Json
from tests.support import golden
from tests.support.reporting import case_facts

GOLDEN = Path(__file__).parent / "golden"


def plain(style: str, text: str) -> str:
    return text


def on_terminal(facts: Json) -> str:
    lines = "".join(terminal.case_line(one, 8, plain) for one in facts["cases"])
    return lines + terminal.details(facts, plain)


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("run.txt", on_terminal),
        ("run.xml", junit.render),
        ("run.json", as_json.render),
        ("run.github", github.render),
        ("run.html", html.render),
    ],
)
def test_renderer(name: str, render: Callable[[Json], str]) -> None:
    text = render(case_facts())
    golden.check(GOLDEN / name, text)
    assert text.endswith("\n")


def test_a_terminal_is_not_sent_what_the_command_wrote_to_control_it() -> None:
    text = on_terminal(case_facts())
    assert not [one for one in text if not one.isprintable() and one != "\n"]
    assert "\x1b[1;31mFAILED" in terminal.case_line(case_facts()["cases"][1], 8, lambda *_: "\x1b[1;31mFAILED")


def test_junit_is_xml_that_counts_as_ci_servers_do() -> None:
    root = ET.fromstring(junit.render(case_facts()))
    (suite,) = root
    assert suite.attrib | {"timestamp": ""} == root.attrib | {"timestamp": ""}
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("3", "1", "1")
    cases = suite.findall("testcase")
    assert [len(one.findall("failure")) for one in cases] == [0, 1, 0]
    assert [len(one.findall("error")) for one in cases] == [0, 0, 1]
    out = cases[1].findtext("system-out")
    assert out is not None
    assert r"half\x00 \x1b[31mred" in out
    assert "]]>" in out


def test_annotations_are_one_line_each_with_their_place() -> None:
    first, second = github.render(case_facts()).splitlines()[1:3]
    assert first.startswith("::error file=chaos/cut.yaml,line=5,title=mockoai cut%3A cut-accepted::")
    assert "100%25 of the time.%0AAlways." in first
    assert second.startswith("::notice ")
    assert all(line.startswith("::") for line in github.render(case_facts()).splitlines())


class Page(HTMLParser):
    """The elements and attributes of a page, and the text outside of style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_html_needs_nothing_else_and_runs_nothing() -> None:
    text = html.render(case_facts())
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "b", "half"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "srcset")]
    assert "&lt;script&gt;alert(&quot;cut &amp; run&quot;)&lt;/script&gt;" in text
    assert not re.search(r"url\(|@import", text)
    assert not re.search(r"""=["']?https?:""", text)


def test_html_shows_bytes_and_control_characters_as_escapes() -> None:
    text = html.render(case_facts())
    assert r"Content-Length: 40\r\n" in text
    assert r"half\x00 \x1b[31mred" in text
    assert not [one for one in text if not one.isprintable() and one != "\n"]


def test_the_time_line_shows_what_was_planned_and_what_was_sent() -> None:
    lines = re.findall(r"<svg.*?</svg>", html.render(case_facts()), re.DOTALL)
    assert len(lines) == 3
    whole, left = lines[1:]
    assert len(re.findall('class="plan"', whole)) == len(re.findall('class="sent"', whole)) > 1
    assert len(re.findall('class="plan"', left)) > len(re.findall('class="sent"', left))
    assert "1.500 s</text>" in whole
