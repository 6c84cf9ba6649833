"""A run as Markdown, for the page that GitHub shows of a workflow (``GITHUB_STEP_SUMMARY``): one table.

The worst come first, what passed without a remark is only counted, and the table is bounded: GitHub refuses a summary
of more than 1 MiB whole. Everything from outside is escaped, so that no output of a command becomes markup.
"""

from __future__ import annotations

import re
from html import escape as escape_html

from mockoai.report.facts import Json
from mockoai.report.telling import counted, headline

ROWS = 100
"""Cases in the table."""
_CELL = 300
"""Characters of a text in it."""
_ORDER = ("FAILED", "NOT TESTED", "INCONCLUSIVE", "NON-STRICT", "INFORMATIONAL", "OK")
_MARKUP = re.compile(r"([\\`*_\[\]~|#@])")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def render(facts: Json) -> str:
    """Return the Markdown."""
    counts = facts["counts"]
    lines = [
        f"### mockoai run: {counted(counts)}",
        "",
        f"{_text(' '.join(facts['command']))}: {counts['cases']} scenario{'' if counts['cases'] == 1 else 's'} in "
        f"{facts['seconds']:.1f} s{', interrupted' if facts['interrupted'] else ''}",
    ]
    worth = sorted(filter(_worth, facts["cases"]), key=lambda case: _ORDER.index(case["grade"]))
    if worth:
        lines += ["", "| grade | scenario | what was seen | finding |", "| --- | --- | --- | --- |"]
        lines += [_row(case) for case in worth[:ROWS]]
    if len(worth) > ROWS:
        lines += ["", f"{len(worth) - ROWS} more are in the log."]
    return "\n".join(lines) + "\n"


def _worth(case: Json) -> bool:
    """Whether there is anything to say about ``case``."""
    return bool(case["grade"] != "OK" or case["connection"] == "UNCLEAN")


def _row(case: Json) -> str:
    finding = headline(case)
    place = f"<br>{_text(case['file'])}:{finding['line']}" if finding and case["file"] and not case["category"] else ""
    unclean = "<br>connection UNCLEAN" if case["connection"] == "UNCLEAN" else ""
    told = (_text(finding["message"]), _text(finding["code"])) if finding else ("", "")
    name = f"**{_text(case['scenario'])}** {_text(case['title'])}".rstrip() + place
    cells = (case["grade"] + unclean, name, *told)
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Return ``text`` as one line that is no markup, cut where it is long."""
    line = " ".join(_HIDDEN.sub(" ", text).split())
    line = line if len(line) <= _CELL else f"{line[: _CELL - 1]}…"
    return _MARKUP.sub(r"\\\1", escape_html(line, quote=False))
