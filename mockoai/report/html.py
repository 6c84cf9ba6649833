"""A run as one HTML page that needs nothing else: no network, no script, no other file.

Every exchange is drawn on a time line, what was planned above what was sent. The filter is radio buttons and CSS, so it
works from the keyboard and where scripts may not run; where CSS lacks ``:has()``, all cases are shown. Everything that
comes from outside is escaped, attributes included, and the page forbids itself everything but its own style.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mockoai.plan.render import escape as escape_bytes
from mockoai.report.facts import Json
from mockoai.report.markup import cut, ending, escape, prose
from mockoai.report.telling import counted, ended, evidence_lines, headline, octets
from mockoai.report.timeline import Axis, axis, requests, seconds, time_line

_GRADES = {
    "FAILED": "bad",
    "NOT TESTED": "warn",
    "INCONCLUSIVE": "warn",
    "NON-STRICT": "warn",
    "INFORMATIONAL": "good",
    "OK": "good",
}
"""Every grade and its colour, the worst first."""
_UNSETTLED = ("failed", "not tested")
"""What is unfolded, where few cases are."""
_SEVERITIES = {"failure": "bad", "doubt": "warn", "warning": "warn", "info": "dim"}
_OPEN = 5
"""Cases that did not pass, and exchanges of a case, that are unfolded; of more, none are."""
_ROWS = 40_000
"""Rows of steps that a page can bear; they are shared out among its exchanges."""
_MOST_STEPS, _LEAST_STEPS = 200, 20
"""Steps of one exchange that are listed, at most and however many exchanges there are."""
_BYTES = 300
"""Characters of a step's bytes that are shown."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(facts: Json) -> str:
    """Return the page."""
    cases = facts["cases"]
    told = counted(facts["counts"])
    exchanges = sum(len(one["exchanges"]) for one in cases)
    steps = min(max(_ROWS // max(exchanges, 1), _LEAST_STEPS), _MOST_STEPS)
    unfolded = sum(one["status"] in _UNSETTLED for one in cases) <= _OPEN
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="color-scheme" content="light dark">\n',
            f"<title>mockoai run: {escape(told)}</title>\n<style>\n{_style()}{_hiding()}</style>\n</head>\n<body>\n",
            *_head(facts, told),
            *_filter(cases),
            "<main>\n",
            *(part for case in cases for part in _case(case, unfolded and case["status"] in _UNSETTLED, steps)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _head(facts: Json, told: str) -> Iterator[str]:
    at = datetime.fromtimestamp(facts["started"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    parts = [at, f"took {seconds(facts['seconds'])}", f"mockoai {facts['mockoai']}"]
    parts += [f"seed {facts['seed']}"] if facts["seed"] is not None else []
    parts += [f"backend {facts['backend']}"] if facts["backend"] is not None else []
    parts += ["interrupted"] if facts["interrupted"] else []
    style = "bad" if facts["counts"]["failed"] else "good" if facts["exit_code"] == 0 else "warn"
    yield f'<header>\n<h1 class="{style}">{escape(told)}</h1>\n'
    yield f"<p><code>{escape(' '.join(facts['command']))}</code><br>"
    yield f'<span class="dim">{escape(", ".join(parts))}</span></p>\n'
    yield '<p class="key dim">Time lines:<i class="plan"></i>planned<i class="sent"></i>sent'
    yield '<i class="fault"></i>made by a fault<i class="silent"></i>silence</p>\n</header>\n'


# --- filter -----------------------------------------------------------------------------------------------


def _class(grade: str) -> str:
    return grade.lower().replace(" ", "-")


def _filter(cases: list[Json]) -> Iterator[str]:
    """Yield the choice of cases by their grade, when there is one."""
    kinds = {_class(name): (name, sum(one["grade"] == name for one in cases)) for name in _GRADES}
    kinds["unclean"] = "connection UNCLEAN", sum(one["connection"] == "UNCLEAN" for one in cases)
    found = {key: told for key, told in kinds.items() if told[1]}
    if len(found) < 2:
        return
    yield '<fieldset>\n<legend class="dim">Show</legend>\n'
    for key, (name, count) in {"all": ("all", len(cases)), **found}.items():
        checked = " checked" if key == "all" else ""
        yield f'<label><input type="radio" name="show" id="show-{key}"{checked}> {name} '
        yield f'<span class="dim">{count}</span></label>\n'
    yield "</fieldset>\n"


@cache
def _hiding() -> str:
    keys = [*map(_class, _GRADES), "unclean"]
    return "".join(f"body:has(#show-{key}:checked) .case:not(.{key}) {{ display: none; }}\n" for key in keys)


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


# --- cases ------------------------------------------------------------------------------------------------


def _case(case: Json, unfolded: bool, steps: int) -> Iterator[str]:
    classes = f"case {_class(case['grade'])}{' unclean' if case['connection'] == 'UNCLEAN' else ''}"
    yield f'<details class="{classes}"{" open" if unfolded else ""}>\n'
    yield from _summary(case)
    if case["file"]:
        yield f'<p class="dim">{escape(case["file"])}:{case["line"]}, seed {case["seed"]}</p>\n'
    for one in case["findings"]:
        yield from _finding(one)
    yield from _expectations(case["expectations"])
    command = case["command"]
    yield f'<p>The command {ended(command)}. Again: <code class="again">{escape(case["again"])}</code></p>\n'
    for name in ("stdout", "stderr"):
        if command[name]:
            yield f'<h2>{name}</h2>\n<pre class="out" tabindex="0"><span>{escape(ending(command[name]))}</span></pre>\n'
    exchanges = case["exchanges"]
    if len(exchanges) > 1:
        yield "<h2>Requests</h2>\n"
        yield from requests(exchanges, case["started"], case["seconds"])
    common = axis(exchanges)
    for exchange in exchanges:
        yield from _exchange(exchange, common, len(exchanges) <= _OPEN, steps)
    yield "</details>\n"


def _summary(case: Json) -> Iterator[str]:
    told = headline(case)
    unclean = '<span class="warn">connection UNCLEAN</span>, ' if case["connection"] == "UNCLEAN" else ""
    yield f'<summary><span class="grade {_GRADES[case["grade"]]}">{escape(case["grade"])}</span>'
    yield f'<span class="name"><strong>{escape(case["scenario"])}</strong> {escape(case["title"])}</span>'
    yield f'<span class="took dim">{unclean}{case["seconds"]:.2f} s</span>'
    yield f'<span class="told dim">{prose(told["message"])}</span>' if told else ""
    yield "</summary>\n"


def _finding(finding: Json) -> Iterator[str]:
    style = _SEVERITIES[finding["severity"]]
    yield f'<div class="finding {style}">\n<span class="grade">{escape(finding["severity"])}</span> '
    yield f"<code>{escape(finding['code'])}</code>\n<p>{prose(finding['message'])}</p>\n"
    for one in finding["evidence"]:
        yield "<pre>{}</pre>\n".format(escape("\n".join(evidence_lines(one))))
    yield f"<p>{prose(finding['advice'])}</p>\n" if finding["advice"] else ""
    yield "</div>\n"


def _expectations(found: list[Json]) -> Iterator[str]:
    if not found:
        return
    yield '<h2>Expected</h2>\n<div class="wide" tabindex="0" role="region" aria-label="expected">\n'
    yield '<table class="expected">\n'
    for one in found:
        style, met = {True: ("good", "met"), False: ("bad", "not met"), None: ("warn", "not known")}[one["met"]]
        yield f'<tr><td><code>{escape(one["name"])}: {escape(one["value"])}</code><td class="{style}">{met}'
        yield f"<td>{prose(one['why'])}\n"
    yield "</table>\n</div>\n"


# --- exchanges --------------------------------------------------------------------------------------------


def _exchange(exchange: Json, common: Axis, unfolded: bool, steps: int) -> Iterator[str]:
    told = [f"answered by {exchange['rule'] or 'no rule'}", f"{exchange['sent']['bytes']:,} bytes"]
    connection = exchange["connection"]
    told.append(f"connection {connection['number']}{', used again' if connection['reused'] else ''}")
    late = _late(exchange)
    if late is not None:
        told.append(f"at most {seconds(late)} behind its plan" if late else "on time")
    yield f'<details class="exchange"{" open" if unfolded else ""}>\n<summary>{exchange["number"]}. '
    yield f"<code>{escape(exchange['method'])} {escape(exchange['target'])}</code> "
    yield f"<strong>{exchange['status'] or ''}</strong> "
    yield f'<span class="dim">{escape(", ".join(told))}</span></summary>\n'
    yield from time_line(exchange, common)
    for one in exchange["faults"]:
        style, word = ("good", "delivered") if one["delivered"] else ("bad", "not delivered")
        yield f'<p><span class="grade {style}">{word}</span> <code>{escape(one["id"])}</code> {prose(one["why"])}</p>\n'
    yield f"<p>{prose(exchange['near'])}</p>\n" if exchange["near"] else ""
    yield from _steps(exchange["plan"]["steps"], steps)
    yield from _request(exchange["request"])
    yield "</details>\n"


def _late(exchange: Json) -> float | None:
    """Return by how many seconds the latest of the steps that were sent was behind its plan."""
    behind = [one["sent"] - one["at"] for one in exchange["plan"]["steps"] if one["sent"] is not None]
    return max(max(behind), 0.0) if behind else None


def _steps(steps: list[Json], most: int) -> Iterator[str]:
    """Yield a table of ``steps``; of more than ``most``, those of the beginning and of the end."""
    first, last = (len(steps), 0) if len(steps) <= most else (most - most // 2, most // 2)
    yield f"<details><summary>{len(steps)} steps</summary>\n"
    yield '<div class="wide" tabindex="0" role="region" aria-label="steps">\n<table class="steps">\n'
    yield '<tr><th class="n">step<th class="n">planned<th class="n">sent<th>kind<th>faults<th>bytes\n'
    for one in steps[:first]:
        yield _step(one)
    if last:
        yield f'<tr><td colspan="6" class="dim">{len(steps) - most} more are in the JSON report\n'
        yield from map(_step, steps[-last:])
    yield "</table>\n</div>\n</details>\n"


def _step(step: Json) -> str:
    style = ' class="fault"' if step["faults"] else ""
    sent = '<span class="warn">no</span>' if step["sent"] is None else f"{step['sent']:.3f}"
    if "seconds" in step:
        shown = f"{step['seconds']:.3f} s"
    else:
        shown = step["how"] if "how" in step else escape_bytes(octets(step))
    return (
        f'<tr{style}><td class="n">{step["step"]}<td class="n">{step["at"]:.3f}<td class="n">{sent}'
        f"<td>{escape(step['kind'])}<td>{escape(', '.join(step['faults']))}"
        f"<td><code>{escape(cut(shown, _BYTES))}</code>\n"
    )


def _request(request: Json) -> Iterator[str]:
    body = request["body"]
    head = "".join(f"{name}: {value}\n" for name, value in request["headers"])
    text = cut(f"{head}\n{body.get('text', body.get('base64', ''))}")
    yield f'<details><summary>request</summary>\n<pre tabindex="0">{escape(text)}</pre></details>\n'
