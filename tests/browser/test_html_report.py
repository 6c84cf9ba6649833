"""The HTML report in a real browser, opened from disk as people open it: what they see, and what they can do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.devtools import Page, browser, program
from tests.support.serving import clean_environment

ROOT = Path(__file__).parents[2]
ASK = """
import json, os, sys, urllib.request
body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "<img src=x onerror=alert(1)>"}]}
request = urllib.request.Request(
    os.environ["OPENAI_BASE_URL"] + "/chat/completions",
    json.dumps(body).encode(),
    {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
)
text = ""
try:
    for line in urllib.request.urlopen(request, timeout=1):
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content") or ""
except OSError as error:
    sys.exit(str(error))
print(text)
"""
"""A program with a bug: it takes the end of a stream for the end of the answer."""

STALL = """
id: stall
title: Half a second of text, then <b>nothing</b> for ten
timing: { first_token: 100ms, between_tokens: 100ms }
rules:
  - reply: { text: It is 21 degrees in Paris. }
    faults: [{ stall-mid-stream: { after: 4 tokens, for: 10s } }]
"""
CASES = ("healthy", "stall.yaml", "done-missing-and-finish-missing", "usage-missing")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "ask.py").write_text(ASK)
    (folder / "stall.yaml").write_text(STALL)
    subprocess.run(
        [sys.executable, "-m", "mockoai", "run", *CASES, "--html", "run.html", "--", sys.executable, "ask.py"],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        check=False,
        capture_output=True,
        timeout=60,
    )
    return folder / "run.html"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    found = program()
    if found is None:
        pytest.skip("needs Chromium; on Debian: apt-get install chromium")
    if os.name != "posix":
        pytest.skip("Chromium's pipe is two numbered descriptors, which need POSIX")
    with browser(found, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(chromium: Page, report: Path) -> Page:
    """The report anew, as in a browser that allows no script."""
    chromium.events.clear()
    chromium.send("Emulation.setScriptExecutionDisabled", value=True)
    chromium.send("Emulation.setEmulatedMedia", features=[])
    chromium.resize(1200)
    chromium.open(report.as_uri())
    return chromium


def shown(page: Page) -> list[str]:
    """Return the ids of the cases that can be seen."""
    found: list[str] = page.look(
        "[...document.querySelectorAll('.case')].filter(one => one.checkVisibility())"
        ".map(one => one.querySelector('strong').textContent)"
    )
    return found


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Return where the elements are that ``selector`` means, in pixels."""
    found: list[dict[str, float]] = page.look(
        f"[...document.querySelectorAll({selector!r})].map(one => one.getBoundingClientRect().toJSON())"
    )
    return found


def test_it_needs_no_network_and_complains_of_nothing(page: Page, report: Path) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=False)
    page.events.clear()
    page.open(report.as_uri())
    page.look("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.look("window.scrollTo(0, document.body.scrollHeight)")
    asked = [one["request"]["url"] for one in page.all("Network.requestWillBeSent")]
    assert asked == [report.as_uri()]
    assert page.all("Log.entryAdded") == page.all("Runtime.consoleAPICalled") == []
    assert page.all("Runtime.exceptionThrown") == page.all("Page.javascriptDialogOpening") == []


def test_it_says_how_the_run_went(page: Page) -> None:
    assert page.look("document.title") == "mockoai run: 2 failed, 2 passed"
    assert shown(page) == ["healthy", "stall", "done-missing-and-finish-missing", "usage-missing"]
    # What did not pass is unfolded.
    assert page.look("[...document.querySelectorAll('.case')].map(one => one.open)") == [False, False, True, True]
    assert "took a part of an answer" in page.look("document.querySelectorAll('.finding')[0].innerText")


def test_a_stall_is_as_long_as_it_was(page: Page) -> None:
    page.look("document.querySelectorAll('.case').forEach(one => one.open = true)")
    stall = ".case:nth-of-type(2) .exchange"
    track = boxes(page, f"{stall} .track.sent svg")[0]
    bar = boxes(page, f"{stall} .track.sent .bar")[0]
    silence = boxes(page, f"{stall} .track.sent .silent")[0]
    planned = boxes(page, f"{stall} .track.plan .bar")[0]
    ended = page.look(f"document.querySelectorAll('{stall} .ends')[1].innerText")
    # Four tokens in 0.4 s, then silence, which the client left after one second.
    assert ended.startswith("client left at 1.")
    seconds = float(ended.removeprefix("client left at ").removesuffix(" s"))
    assert bar["width"] / track["width"] == pytest.approx(0.5, abs=0.01)
    assert silence["width"] / bar["width"] == pytest.approx((seconds - 0.4) / seconds, abs=0.04)
    assert silence["right"] == pytest.approx(bar["right"], abs=2)
    # The plan goes on beyond the right end of the axis, and starts where that of what was sent does.
    assert planned["width"] == pytest.approx(track["width"], abs=1)
    assert planned["left"] == bar["left"]
    assert "clean at 1" in page.look(f"document.querySelectorAll('{stall} .ends')[0].innerText")
    second = boxes(page, f"{stall} .axis span")[1]
    assert second["left"] + second["width"] / 2 - track["left"] == pytest.approx(track["width"] / seconds / 2, rel=0.02)


def test_the_filter_shows_the_cases_of_a_grade_and_is_worked_by_keys(page: Page) -> None:
    page.press("Tab")
    assert page.look("document.activeElement.id") == "show-all"
    page.press("ArrowRight")
    assert page.look("document.activeElement.id") == "show-failed"
    assert shown(page) == ["done-missing-and-finish-missing", "usage-missing"]
    page.press("ArrowRight")
    assert page.look("document.activeElement.id") == "show-ok"
    assert shown(page) == ["healthy", "stall"]
    page.press("Tab", "Enter")
    assert page.look("document.activeElement.parentElement.open") is True
    assert page.look("document.activeElement.innerText").startswith("OK")


@pytest.mark.parametrize("width", [360, 420, 800, 1600])
def test_nothing_sticks_out_of_a_window(page: Page, width: int) -> None:
    page.resize(width)
    page.look("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.look("document.documentElement.scrollWidth") <= width
    letters = page.look("getComputedStyle(document.querySelector('.axis span')).fontSize")
    assert letters == "13px"
    assert all(one["width"] > width / 3 for one in boxes(page, ".exchange .track"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_colour_schemes(page: Page, scheme: str) -> None:
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.look("document.querySelectorAll('details').forEach(one => one.open = true)")
    pairs = page.look(_COLOURS)
    assert len(pairs) > 5
    for text, ground in pairs:
        # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
        assert contrast(text, ground) >= 4.5, (text, ground)
    light = luminance(pairs[0][1]) > 0.5
    assert light is (scheme == "light")


_COLOURS = """
(() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const seen = new Map();
  for (const one of document.querySelectorAll("body *")) {
    if (![...one.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.textContent.trim())) continue;
    let behind = one;
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const pair = [getComputedStyle(one).color, getComputedStyle(behind).backgroundColor];
    seen.set(pair.join(), pair.map(rgb));
  }
  return [...seen.values()];
})()
"""
"""Every colour of text on the page with the one behind it."""


def luminance(colour: list[float]) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
