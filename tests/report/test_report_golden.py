"""Every renderer over one run, against the text it is known to give; and what holds for any such text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockoai.report import as_json, github, html, junit, markdown, terminal
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
        ("run.md", markdown.render),
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


def test_the_line_of_a_case_is_short_when_more_is_said_at_the_end() -> None:
    facts = case_facts()
    facts["cases"][0]["findings"][0]["message"] = facts["cases"][1]["findings"][0]["message"] = "so " * 100
    facts["cases"][1]["command"]["stderr"] = "x" * 100_000
    passed, failed, *_ = on_terminal(facts).splitlines()
    assert "so " * 99 in passed
    assert failed.endswith("…")
    assert len(failed) < 140
    assert max(map(len, on_terminal(facts).splitlines())) < 600


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
    first, _, notice = github.render(case_facts()).splitlines()[1:4]
    assert first.startswith("::error file=chaos/cut.yaml,line=5,title=mockoai cut%3A cut-accepted::")
    assert "100%25 of the time.%0AAlways." in first
    assert notice.startswith("::notice ")
    assert all(line.startswith("::") for line in github.render(case_facts()).splitlines())


def test_an_annotation_of_an_expectation_is_on_its_line() -> None:
    assert "::error file=chaos/cut.yaml,line=12,title=mockoai cut%3A expectation-not-met::" in github.render(
        case_facts()
    )


def test_markdown_is_one_table_with_the_worst_first() -> None:
    lines = markdown.render(case_facts()).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert [line.split(" |")[0] for line in table] == [
        "| grade",
        "| ---",
        "| FAILED",
        "| NOT TESTED",
        "| INCONCLUSIVE<br>connection UNCLEAN",
    ]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in table)


def test_nothing_from_outside_is_markdown() -> None:
    facts = case_facts()
    facts["cases"][1]["findings"][0]["message"] = "a|b\n| c\r\n# <b>[x](y)</b> `z` ![i](//h) \u202e @someone"
    text = markdown.render(facts)
    assert r"a\|b \| c \# &lt;b&gt;\[x\](y)&lt;/b&gt; \`z\` !\[i\](//h) \@someone" in text


def test_a_summary_is_bounded() -> None:
    facts = case_facts()
    facts["cases"][1]["findings"][0]["message"] = "|" * 100_000
    facts["cases"] *= 400
    text = markdown.render(facts)
    assert len(text) < 1 << 20
    assert "1100 more are in the log." in text


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


def test_html_forbids_itself_everything_but_its_style() -> None:
    text = html.render(case_facts())
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert policy is not None
    assert policy[1] == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_end_of_long_output_is_what_is_shown() -> None:
    facts = case_facts()
    facts["cases"][1]["command"]["stderr"] = "FIRST" + "x" * 10_000 + "last"
    text = html.render(facts)
    assert "xlast</span></pre>" in text
    assert "FIRST" not in text
    assert "6009 characters, then" in text


def test_cases_that_did_not_pass_are_unfolded_while_they_are_few() -> None:
    facts = case_facts()
    assert html.render(facts).count('<details class="case failed" open>') == 1
    facts["cases"] *= 6
    assert '<details class="case failed">' in html.render(facts)
    assert " open" not in "".join(re.findall(r'<details class="case[^>]*>', html.render(facts)))


def test_of_many_steps_those_of_the_beginning_and_of_the_end_are_listed() -> None:
    facts = case_facts()
    plan = facts["cases"][1]["exchanges"][0]["plan"]
    plan["steps"] = [plan["steps"][0] | {"step": n} for n in range(1, 1001)]
    table = html.render(facts).split("1000 steps</summary>")[1].split("</table>")[0]
    numbers = [int(one) for one in re.findall(r'<tr><td class="n">(\d+)<', table)]
    assert numbers == [*range(1, 101), *range(901, 1001)]
    assert "800 more are in the JSON report" in table
