"""A run as workflow commands of GitHub Actions: one annotation per finding, on the line of the rule it is about.

Syntax: ``::error file=…,line=…,title=…::message``, with ``%``, CR and LF as percent escapes, in properties also ``:``
and ``,`` (GitHub's documentation, "Workflow commands"). A shipped scenario is in no file of the repository, so its
annotations have no place.
"""

from __future__ import annotations

from mockoai.report.facts import Json

_LEVELS = {"failure": "error", "doubt": "warning", "warning": "notice"}
"""Severities that are worth an annotation. GitHub shows ten of each level per step."""


def render(facts: Json) -> str:
    """Return the annotations of every case; a case that was not tested is an error too."""
    return "".join(
        _annotation(case, one)
        for case in facts["cases"]
        for one in case["findings"]
        if one["severity"] in _LEVELS and (one["severity"] != "warning" or case["status"] != "passed")
    )


def _annotation(case: Json, finding: Json) -> str:
    level = "error" if case["status"] == "not tested" else _LEVELS[finding["severity"]]
    title = _property(f"mockoai {case['scenario']}: {finding['code']}")
    file = case["file"]
    shipped = not file or bool(case["category"]) or file.startswith(("/", "<"))
    place = "" if shipped else f"file={_property(file)},line={finding['line']},"
    text = "\n".join(
        part for part in (finding["message"], *(one["text"] for one in finding["evidence"]), finding["advice"]) if part
    )
    return f"::{level} {place}title={title}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
