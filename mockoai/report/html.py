"""A run as one HTML page that needs nothing else: no network, no script, no other file.

Every exchange is drawn on a time line, what was planned above what was sent, to the scale of the longest of its case.
Everything that comes from outside is escaped, attributes included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape as escape_html

from mockoai.plan.render import escape as escape_bytes
from mockoai.report.facts import Json

_WIDE = 1000
"""Units of the width of a time line."""
_MARKS = 400
"""Marks drawn in one line; of more, those that do not fall together with the one before."""
_SHOWN = 4000
"""Characters of a text, such as the output of a command, that are shown; the JSON report has them all."""
_STEPS = 200
"""Steps of a plan that are listed."""

_CONTROL = re.compile(r"[^\n\t -~\u00a0-\U0010ffff]|[\ud800-\udfff\ufffe\uffff]")
"""Characters that a page cannot hold or that do not show."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --warn: #9a6700; --plan: #6e7781;
  --sent: #0969da; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; --warn: #d29922; --sent: #58a6ff; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2, h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
pre, code { font: 13px/1.45 ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere;
  border-left: 3px solid var(--line); padding: .2rem .7rem; margin: .3rem 0; }
details { border-top: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
details details { margin-left: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .1rem .7rem
  .1rem 0; border-bottom: 1px solid var(--line); } td.n { text-align: right; white-space: nowrap; }
svg { width: 100%; height: 62px; display: block; } svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
.grade { font-weight: 600; } .passed { color: var(--good); } .failed { color: var(--bad); } .not-tested { color:
  var(--warn); } .dim { opacity: .7; }
.plan { stroke: var(--plan); } .sent { stroke: var(--sent); } .fault { stroke: var(--bad); }
.axis { stroke: var(--line); stroke-width: 1; }
"""


def render(facts: Json) -> str:
    """Return the page."""
    counts = facts["counts"]
    at = datetime.fromtimestamp(facts["started"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    told = ", ".join(f"{counts[key]} {key.replace('_', ' ')}" for key in counts if key != "cases" and counts[key])
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>mockoai run: {escape(told)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
        f"<h1>{escape(told or 'nothing was run')}</h1>\n",
        f"<p><code>{escape(' '.join(facts['command']))}</code><br>",
        f'<span class="dim">{at}, {facts["seconds"]:.1f} s, mockoai {escape(facts["mockoai"])}',
        f"{', interrupted' if facts['interrupted'] else ''}</span></p>\n",
        *(part for case in facts["cases"] for part in _case(case)),
        "</body>\n</html>\n",
    ]
    return "".join(parts)


def _case(case: Json) -> Iterator[str]:
    status = case["status"]
    yield f"<details{'' if status == 'passed' else ' open'}>\n<summary>"
    yield f'<span class="grade {status.replace(" ", "-")}">{escape(case["grade"])}</span> '
    yield f"<strong>{escape(case['scenario'])}</strong> {escape(case['title'])} "
    yield f'<span class="dim">{case["seconds"]:.2f} s, connection {escape(case["connection"])}</span></summary>\n'
    yield f'<p class="dim">{escape(case["file"])}:{case["line"]}, seed {case["seed"]}</p>\n' if case["file"] else ""
    for one in case["findings"]:
        yield from _finding(one)
    if case["expectations"]:
        yield "<h3>Expected</h3>\n<table>\n"
        for one in case["expectations"]:
            met = {True: "met", False: "not met", None: "not known"}[one["met"]]
            yield f"<tr><td>{escape(one['name'])}: {escape(one['value'])}<td>{met}<td>{escape(one['why'])}\n"
        yield "</table>\n"
    command = case["command"]
    ended = "was ended, its time was over" if command["timed_out"] else f"ended with {command['exit_code']}"
    yield f"<p>The command {ended}. Again: <code>{escape(case['again'])}</code></p>\n"
    for name in ("stdout", "stderr"):
        if command[name]:
            yield f"<h3>{name}</h3>\n<pre>{escape(_cut(command[name]))}</pre>\n"
    longest = max((_length(one) for one in case["exchanges"]), default=0.0)
    for exchange in case["exchanges"]:
        yield from _exchange(exchange, longest)
    yield "</details>\n"


def _finding(finding: Json) -> Iterator[str]:
    style = {"failure": "failed", "doubt": "not-tested"}.get(finding["severity"], "dim")
    yield f'<p><span class="grade {style}">{escape(finding["severity"])}</span> <code>{escape(finding["code"])}</code> '
    yield f"{escape(finding['message'])}<br>{escape(finding['advice'])}</p>\n"
    for one in finding["evidence"]:
        place = f"exchange {one['exchange']}: " if one["exchange"] is not None else ""
        shown = f"\n{one['bytes']}" if one["bytes"] else ""
        yield f"<pre>{escape(place + one['text'] + shown)}</pre>\n"


# --- exchanges --------------------------------------------------------------------------------------------


def _exchange(exchange: Json, longest: float) -> Iterator[str]:
    ending = exchange["ending"]
    actual = ending["actual"] or "under way"
    yield f"<details open>\n<summary>{exchange['number']}. <code>{escape(exchange['method'])} "
    yield f"{escape(exchange['target'])}</code> {exchange['status'] or ''} "
    yield f'<span class="dim">rule {escape(str(exchange["rule"]))}; planned end {escape(ending["planned"])}, '
    yield f"was {escape(actual)}; {exchange['sent']['bytes']} bytes</span></summary>\n"
    yield from _time_line(exchange, longest)
    for one in exchange["faults"]:
        style, word = ("passed", "delivered") if one["delivered"] else ("failed", "not delivered")
        yield f'<p><span class="grade {style}">{word}</span> <code>{escape(one["id"])}</code> '
        yield f"{escape(one['why'])}</p>\n"
    yield from _steps(exchange["plan"]["steps"])
    body = exchange["request"]["body"]
    head = "".join(f"{name}: {value}\n" for name, value in exchange["request"]["headers"])
    text = _cut(head + "\n" + body.get("text", body.get("base64", "")))
    yield f"<details><summary>request</summary>\n<pre>{escape(text)}</pre></details>\n</details>\n"


def _time_line(exchange: Json, longest: float) -> Iterator[str]:
    """Draw what was planned and what was sent; faults stand out in both."""
    steps = exchange["plan"]["steps"]
    scale = _WIDE / longest if longest else 0.0
    end = exchange["ending"]["at"]
    yield f'<svg viewBox="0 0 {_WIDE + 60} 62" role="img" aria-label="planned and sent over time">\n'
    for y, name, style, key in ((14, "planned", "plan", "at"), (34, "sent", "sent", "sent")):
        yield f'<text x="0" y="{y + 4}">{name}</text>'
        over = steps[-1]["at"] if key == "at" else end
        if over is not None:
            yield f'<line class="axis" x1="55" x2="{55 + over * scale:.1f}" y1="{y}" y2="{y}"/>'
        yield from _ticks(steps, key, style, y, scale)
    yield '<text x="55" y="56">0</text>'
    yield f'<text x="{_WIDE + 55}" y="56" text-anchor="end">{longest:.3f} s</text>\n</svg>\n'


def _ticks(steps: list[Json], key: str, style: str, y: int, scale: float) -> Iterator[str]:
    before = (-1.0, "")
    drawn = 0
    for step in steps:
        if step[key] is None or drawn >= _MARKS:
            continue
        x = round(55 + step[key] * scale, 1)
        name = "fault" if step["faults"] else style
        if (x, name) == before:
            continue
        before, drawn = (x, name), drawn + 1
        told = f"{step['step']}. {', '.join([step['kind'], *step['faults']])} at {step[key]:.3f} s"
        yield f'<line class="{name}" stroke-width="2" x1="{x}" x2="{x}" y1="{y - 7}" y2="{y + 7}">'
        yield f"<title>{escape(told)}</title></line>\n"


def _steps(steps: list[Json]) -> Iterator[str]:
    yield "<details><summary>steps</summary>\n<table>\n<tr><th>step<th>planned<th>sent<th>kind<th>faults<th>bytes\n"
    for one in steps[:_STEPS]:
        sent = "" if one["sent"] is None else f"{one['sent']:.3f}"
        data = escape_bytes(one["text"].encode()) if "text" in one else one.get("base64") or one.get("how")
        data = data or f"{one['seconds']:.3f} s"
        yield f'<tr><td class="n">{one["step"]}<td class="n">{one["at"]:.3f}<td class="n">{sent}'
        yield f"<td>{escape(one['kind'])}<td>{escape(', '.join(one['faults']))}"
        yield f"<td><code>{escape(_cut(data, 300))}</code>\n"
    more = len(steps) - _STEPS
    yield f"</table>{f'<p>{more} more are in the JSON report</p>' if more > 0 else ''}</details>\n"


def _length(exchange: Json) -> float:
    """Return how long an exchange took, or should have, in seconds."""
    ended: float = exchange["ending"]["at"] or 0.0
    planned: float = exchange["plan"]["steps"][-1]["at"]
    return max(ended, planned)


def _cut(text: str, most: int = _SHOWN) -> str:
    return text if len(text) <= most else f"{text[:most]} … {len(text) - most} characters more"


def escape(text: str) -> str:
    """Return ``text`` so that it stands as it is in an element or an attribute; control characters as escapes."""
    return escape_html(_CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text))
