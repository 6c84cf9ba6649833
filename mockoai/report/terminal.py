"""A run on a terminal: a line for every case, and for those that did not pass what was seen and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockoai.report.facts import Json
from mockoai.report.telling import ended, evidence_lines, headline
from mockoai.scenario.render import printable

Paint = Callable[[str, str], str]

_WORDS = {
    "passed": ("ok", "good"),
    "inconclusive": ("unclear", "warn"),
    "failed": ("FAILED", "bad"),
    "not tested": ("NOT TESTED", "warn"),
}
_SETTLED = ("passed", "inconclusive")
"""Cases of which nothing more is said than their line."""
_WIDE = max(len(word) for word, _ in _WORDS.values())
_LAST = 20
"""Lines of a command's output that are shown."""
_LONGEST = 500
"""Characters of one of them."""
_ROOM = 80
"""Characters of what is said on the line of a case of which more is said at the end."""


def case_line(case: Json, wide: int, paint: Paint) -> str:
    """Return the line of one case; ``wide`` is the length of the longest id."""
    status: str = case["status"]
    word, style = _WORDS[status]
    count = case["counts"]["exchanges"]
    parts = [f"{case['seconds']:6.2f}s", f"{count} request{'' if count == 1 else 's'}"]
    if status in _SETTLED and case["grade"] != "OK":
        parts.append(case["grade"])
    if case["connection"] == "UNCLEAN":
        parts.append("connection UNCLEAN")
    finding = headline(case)
    told = printable(finding["message"]) if finding else ""
    told = told if status in _SETTLED else _short(told, _ROOM)
    head = f"{paint(style, f'{word:<{_WIDE}}')}  {case['scenario']:<{wide}}  {', '.join(parts)}"
    return f"{head}  {told}".rstrip() + "\n"


def details(facts: Json, paint: Paint) -> str:
    """Return what is to be said about the cases that did not pass, and the last line on all of them."""
    lines: list[str] = []
    for case in facts["cases"]:
        if case["status"] not in _SETTLED:
            lines += ["", *_details(case, paint)]
    return "".join(f"{line}\n" for line in [*lines, *([""] if lines else []), summary(facts)])


def summary(facts: Json) -> str:
    """Return one line on all cases."""
    counts = facts["counts"]
    parts = [f"{counts['passed']} passed"]
    others = ("failed", "not_tested", "inconclusive", "not_run")
    parts += [f"{counts[key]} {key.replace('_', ' ')}" for key in others if counts[key]]
    total = f"{counts['cases']} scenario{'' if counts['cases'] == 1 else 's'}"
    return f"{total}: {', '.join(parts)} in {facts['seconds']:.1f} s{' (interrupted)' if facts['interrupted'] else ''}"


def _details(case: Json, paint: Paint) -> Iterator[str]:
    word, style = _WORDS[case["status"]]
    title = f"  {printable(case['title'])}" if case["title"] else ""
    yield f"{paint(style, word)} {paint('bold', case['scenario'])}{title}"
    if case["file"]:
        yield f"  --> {printable(case['file'])}:{case['line']}"
    for one in case["findings"]:
        if one["severity"] in ("failure", "doubt"):
            yield from _finding(one, paint)
    command = case["command"]
    yield f"  the command {ended(command)}"
    for stream in ("stdout", "stderr"):
        yield from _output(stream, command[stream], paint)
    yield f"  {paint('help', 'again')}: {printable(case['again'])}"


def _finding(finding: Json, paint: Paint) -> Iterator[str]:
    style = "bad" if finding["severity"] == "failure" else "warn"
    name = f"{finding['severity']}[{finding['code']}]"
    yield f"  {paint(style, name)}: {printable(finding['message'])}"
    for one in finding["evidence"]:
        text, *shown = evidence_lines(one)
        yield f"    {printable(text)}"
        yield from (f"    {paint('dim', line)}" for line in shown)
    if finding["advice"]:
        yield f"    {paint('help', 'help')}: {printable(finding['advice'])}"


def _output(name: str, text: str, paint: Paint) -> Iterator[str]:
    lines = text.rstrip("\n").splitlines()
    if not lines:
        return
    more = f", the last {_LAST} of {len(lines)} lines" if len(lines) > _LAST else ""
    yield paint("dim", f"  its {name}{more}:")
    yield from (f"  | {_short(printable(line), _LONGEST)}".rstrip() for line in lines[-_LAST:])


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
