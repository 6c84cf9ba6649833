"""Results as the JSON document that ``scenarios/clients.json`` is, and all that ``CLIENTS.md`` is made from. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.matrix import meaning
from tests.matrix.cases import Case
from tests.matrix.clients import Client
from tests.matrix.environments import Installed
from tests.matrix.grade import Grade, grade

Json = dict[str, Any]

LONGEST = 280
"""Characters of a text that the document keeps."""

_CHANGING = (
    (re.compile(r"\b1[6-9]\d{8}\b"), "1700000000"),  # the time of an answer
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8000"),
    (re.compile(r"0x[0-9a-f]{6,}"), "0x0"),  # where a Python object is
    (re.compile(r"(?:/[\w.@+-]+)+/(?=build/|node_modules/|site-packages/)"), ""),
    (re.compile(r"\s+"), " "),
)


def build(
    columns: Mapping[Client, Installed | str],
    cases: Sequence[Case],
    results: Mapping[str, Mapping[str, Json]],
    run: Json,
) -> Json:
    """Return the document.

    ``columns`` has every client with its environment, or with the reason why there is none. ``results`` are by the
    key of the case and the client's id. ``run`` says when and with what it was run.
    """
    plain = [case for case in cases if not case.retries]
    retried = [case for case in cases if case.retries]
    return {
        "about": "What every client made of every scenario. Written by `make matrix`; not to be edited.",
        "run": run,
        "clients": [_client(client, there) for client, there in columns.items()],
        "rows": [_row(case, results.get(case.key, {}), retries=False) for case in plain],
        "retries": [_row(case, results.get(case.key, {}), retries=True) for case in retried],
    }


def dump(document: Json) -> str:
    """Return ``document`` as JSON, a line for every result, so that two of them can be compared."""
    return "\n".join(_lines(document, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Yield the lines of ``value``; what has nothing but plain values in it, and is no list of rows, is one line."""
    if not isinstance(value, dict) or not any(isinstance(one, (dict, list)) for one in value.values()):
        yield json.dumps(value, ensure_ascii=False)
        return
    if "mark" in value:
        yield json.dumps(value, ensure_ascii=False)
        return
    yield "{"
    items = list(value.items())
    for number, (name, one) in enumerate(items):
        comma = "," if number + 1 < len(items) else ""
        head = f"{indent}  {json.dumps(name)}: "
        if isinstance(one, list) and one and isinstance(one[0], dict):
            yield head + "["
            for place, entry in enumerate(one):
                lines = list(_lines(entry, indent + "    "))
                lines[0] = f"{indent}    {lines[0]}"
                lines[-1] += "," if place + 1 < len(one) else ""
                yield from lines
            yield f"{indent}  ]{comma}"
        else:
            lines = list(_lines(one, indent + "  "))
            lines[0] = head + lines[0]
            lines[-1] += comma
            yield from lines
    yield indent + "}"


def _client(client: Client, there: Installed | str) -> Json:
    out: Json = {"id": client.id, "title": client.title, "api": client.api}
    if isinstance(there, str):
        return {**out, "version": "", "unavailable": there}
    return {
        **out,
        "version": there.versions.get(client.package, ""),
        "newest": not client.environment.pinned,
        "engine": there.engine,
        "packages": dict(there.versions),
        "notes": list(there.notes),
    }


def _row(case: Case, results: Mapping[str, Json], *, retries: bool) -> Json:
    out: Json = {
        "scenario": case.scenario,
        "category": case.category,
        "call": case.call,
        "title": case.served.title,
    }
    if case.note:
        out["note"] = case.note
    made = _attempts if retries else _result
    return {**out, "results": {client: made(case, one) for client, one in results.items()}}


def _grade(case: Case, one: Json) -> Grade:
    meant = meaning.of(case.served, one["exchanges"]["last"])
    return grade(one["result"], one["exchanges"], meant, leave=bool(case.leave))


def _result(case: Case, one: Json) -> Json:
    """Return a grade with the texts it rests on: what the SDK raised, the loop raised, and was only mentioned."""
    found, result = _grade(case, one), one["result"]
    out: Json = {"mark": found.mark}
    if found.by:
        out["by"] = found.by
    if found.mark in ("none", "undelivered"):
        return {**out, "why": short(found.why)}
    if found.why:
        out["why"] = found.why
    out |= {name: _said(result[name]) for name in ("loop", "sdk") if result[name]}
    if result["noticed"]:
        out["noticed"] = list(dict.fromkeys(_said(error) for error in result["noticed"]))
    if found.differs:
        out["differs"] = {name: [_shown(meant), _shown(has)] for name, (meant, has) in found.differs.items()}
    return out


def _attempts(case: Case, one: Json) -> Json:
    """Return how often a client asked, and the seconds between, with the grade of what it ended in."""
    out = _result(case, one)
    times = one["exchanges"]["times"]
    return {
        "mark": out["mark"],
        "attempts": len(times),
        "gaps": [round(later - before, 1) for before, later in pairwise(times)],
    }


def _said(error: Json) -> str:
    """Return an error in a line: its class, what it says, and what is behind it where that says more."""
    said = f"{error['class']}: {error['message']}" if error["message"] else error["class"]
    cause, (kind, _, why) = error["cause"], error["cause"].partition(": ")
    # The status that an HTTP library raises for is in the error already.
    known = not cause or why in said or kind.endswith("HTTPStatusError")
    return short(said) if known else f"{short(said)} (from {short(cause)})"


def _shown(value: Any) -> str:
    return short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def short(text: str) -> str:
    """Return ``text`` in one line of limited length, without what changes from run to run."""
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    text = text.strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def scenarios(document: Json) -> Iterable[str]:
    """Return the ids of the scenarios that ``document`` has, the healthy server left out."""
    return dict.fromkeys(row["scenario"] for row in document["rows"] if row["category"])
