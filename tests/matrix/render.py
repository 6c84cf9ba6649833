"""The JSON document as Markdown: ``scenarios/CLIENTS.md``. Pure; the same document gives the same text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tests.matrix.grade import MARKS

Json = dict[str, Any]

SIGNS = {
    "survived": "✓",
    "own": "E",
    "foreign": "F",
    "silent": "**S**",
    "hung": "**H**",
    "undelivered": "?",
    "none": "–",
}
LOOP = "L"
"""The sign of a foreign error that the application's loop raised."""
LONGEST = 160
"""Characters of a text that the table shows; the document has more."""
LETTERS = {"text": "t", "tool_calls": "c", "finish": "f", "usage": "u", "models": "m", "error": "e", "left": "k"}
ORDER = (
    "auth",
    "routing",
    "http-errors",
    "rate-limits",
    "headers",
    "encoding",
    "transport",
    "timing",
    "sse",
    "chunks",
    "usage",
    "tool-calls",
    "mid-stream-errors",
    "models",
    "completions",
    "bodies",
)
"""Categories in the order of the catalogue."""

_LEGEND = f"""\
| mark | grade |
| --- | --- |
| {SIGNS["survived"]} | survived: what the application has is what was truly meant |
| {SIGNS["own"]} | raised its own error, one that its users know to catch, or reported one in its own way |
| {SIGNS["foreign"]} | raised a foreign error: one of the HTTP library, the JSON parser or the language |
| {LOOP} | a foreign error too, but from the application's loop, on what the SDK let through |
| {SIGNS["silent"]} | silent: a wrong answer was taken as right. What is wrong: `t` the text, `c` the tool calls, \
`f` the finish reason, `u` the usage, `m` the list of models, `e` everything, since an error was meant, \
`k` the connection, which was kept |
| {SIGNS["hung"]} | hung: nothing for {{silence}} s |
| {SIGNS["undelivered"]} | no grade: the failure did not reach the client; the text says why |
| {SIGNS["none"]} | no grade: the client has no interface for this call |
| · | not run |"""


def render(document: Json) -> str:
    """Return ``document`` as Markdown."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Json) -> Iterator[str]:
    run, clients = document["run"], document["clients"]
    there = [client for client in clients if "unavailable" not in client]
    yield "# What clients make of the catalogue"
    yield ""
    yield "Written by `make matrix` from `clients.json`; not to be edited."
    yield ""
    yield from _about(run)
    yield ""
    yield _LEGEND.format(silence=f"{run['silence']:g}")
    yield ""
    yield from _clients(clients)
    yield ""
    yield from _summary(document["rows"], there)
    rows = sorted(document["rows"], key=lambda row: _place(row["category"]))
    for category, group in groupby(rows, key=lambda row: row["category"]):
        yield ""
        yield from _category(category, list(group), there)
    yield ""
    yield from _retries(document["retries"], there, run["retry_limit"])


def _about(run: Json) -> Iterator[str]:
    yield (
        f"Run on {run['date']} with mockoai {run['version']}. Every client asked for every scenario with a timeout of "
        f"{run['timeout']:g} s and its retries off, and its answer was compared with the answer to the same request "
        "without the failure. `stream` and `whole` are chat completions, `text stream` and `text` legacy completions, "
        "`models` the list and `model` one of it. The application around a client is the loop of its documentation "
        "without any guard: `chunk.choices[0].delta.content`, and at the end the JSON of each tool call is read. "
        "A grade counts only where the server's journal says that the failure was delivered."
    )


def _clients(clients: list[Json]) -> Iterator[str]:
    yield "| client | version | called | with |"
    yield "| --- | --- | --- | --- |"
    for client in clients:
        if "unavailable" in client:
            yield f"| {client['title']} | not available: {client['unavailable']} | {client['api']} | |"
            continue
        packages = ", ".join(f"{name} {version}" for name, version in client["packages"].items())
        notes = "".join(f"; {note}" for note in client["notes"])
        version = client["version"] + (", the newest" if client["newest"] else "")
        yield f"| {client['title']} | {version} | {client['api']} | {client['engine']}, {packages}{notes} |"


def _summary(rows: list[Json], clients: list[Json]) -> Iterator[str]:
    words = {"own": "own error", "foreign": "foreign error", "none": "no such call"}
    yield "| | " + " | ".join(words.get(mark, mark) for mark in MARKS) + " |"
    yield "| --- |" + " ---: |" * len(MARKS)
    for client in clients:
        found = [row["results"].get(client["id"], {}).get("mark") for row in rows if row["category"]]
        counts = Counter(found)
        cells = " | ".join(str(counts[mark]) for mark in MARKS)
        yield f"| {client['title']} {client['version']} | {cells} |"


def _category(category: str, rows: list[Json], clients: list[Json]) -> Iterator[str]:
    yield f"## {category or 'healthy answers'}"
    yield ""
    yield "| scenario | call | " + " | ".join(_head(client) for client in clients) + " |"
    yield "| --- | --- |" + " :-: |" * len(clients)
    for row in rows:
        cells = " | ".join(_cell(row["results"].get(client["id"])) for client in clients)
        yield f"| {row['scenario']} | {row['call']} | {cells} |"
    texts = [line for row in rows for line in _texts(row, clients)]
    if texts:
        yield ""
        yield "<details><summary>In their words</summary>"
        yield ""
        yield from texts
        yield ""
        yield "</details>"


def _head(client: Json) -> str:
    return f"{client['title']}<br>{client['version']}"


def _cell(result: Json | None) -> str:
    if result is None:
        return "·"
    if result["mark"] == "foreign" and result["by"] == "loop":
        return LOOP
    letters = "".join(LETTERS[name] for name in result.get("differs", ()))
    return SIGNS[result["mark"]] + letters


def _texts(row: Json, clients: list[Json]) -> Iterator[str]:
    """Yield what there is to read on ``row``: every text once, with those who gave it."""
    said: dict[str, list[Json]] = {}
    for client in clients:
        result = row["results"].get(client["id"])
        if result is None or result["mark"] in ("survived", "none"):
            continue
        said.setdefault(f"{_cell(result)} {_text(result)}", []).append(client)
    if not said:
        return
    note = f", {row['note']}" if "note" in row else ""
    yield f"- **{row['scenario']}**, {row['call']}{note}: {row['title'].rstrip('.')}"
    for text, names in said.items():
        yield f"  - {text} ({_names(names, clients)})"


def _names(some: list[Json], clients: list[Json]) -> str:
    """Return who ``some`` of ``clients`` are, the versions of one title behind it."""
    if len(some) == len(clients) > 1:
        return "all"
    groups = groupby(some, key=lambda client: client["title"])
    return ", ".join(f"{title} {', '.join(client['version'] for client in group)}" for title, group in groups)


def _text(result: Json) -> str:
    parts = []
    if "differs" in result:
        parts += [
            f"{name.replace('_', ' ')} {_code(has)}, not {_code(meant)}"
            for name, (meant, has) in result["differs"].items()
        ]
    if result.get("by") == "loop":
        parts.append(_code(result["loop"]) + (f", then the SDK {_code(result['sdk'])}" if "sdk" in result else ""))
    elif "sdk" in result:
        parts.append(_code(result["sdk"]))
    elif "noticed" in result:
        parts.append(_code(result["noticed"][0]) + (", and more" if len(result["noticed"]) > 1 else ""))
    if "why" in result:
        parts.append(result["why"])
    return "; ".join(parts)


def _code(text: str) -> str:
    """Return ``text`` as code, which shows everything as it is but the backtick itself."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return "`" + (text.replace("`", "'") or " ") + "`"


def _retries(rows: list[Json], clients: list[Json], limit: float) -> Iterator[str]:
    yield "## Retries"
    yield ""
    yield (
        "The same with every client's own retries: how many requests one call made, what it ended in, and the seconds "
        f"between them. {SIGNS['hung']} here is a call that had not ended after {limit:g} s."
    )
    yield ""
    once = [row for row in rows if all(result["attempts"] == 1 for result in _counted(row))]
    if again := [row for row in rows if row not in once and _counted(row)]:
        yield "| scenario | call | " + " | ".join(_head(client) for client in clients) + " |"
        yield "| --- | --- |" + " :-: |" * len(clients)
        for row in sorted(again, key=lambda row: _place(row["category"])):
            cells = " | ".join(_attempts(row["results"].get(client["id"])) for client in clients)
            yield f"| {row['scenario']} | {row['call']} | {cells} |"
        yield ""
    if once:
        retried = {row["scenario"] for row in again}
        names = sorted({row["scenario"] for row in once if _counted(row)} - retried)
        yield "One request by every client: " + ", ".join(names) + "."


def _counted(row: Json) -> list[Json]:
    return [result for result in row["results"].values() if result["attempts"]]


def _attempts(result: Json | None) -> str:
    if result is None or not result["attempts"]:
        return "·" if result is None else SIGNS[result["mark"]]
    gaps = ", ".join(f"{gap:.1f}" for gap in result["gaps"])
    return f"{result['attempts']} {SIGNS[result['mark']]}" + (f"<br>{gaps}" if gaps else "")


def _place(category: str) -> tuple[int, str]:
    return (ORDER.index(category) if category in ORDER else -1 if not category else len(ORDER), category)
