"""A run as JUnit XML, as CI servers read it: one test case per scenario.

There is no standard; this is the common core of what Jenkins, GitLab and GitHub's viewers read. A scenario that was not
tested is an ``error``, not a ``skipped`` test: skipped tests are green, as is what nobody can tell.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from mockoai.report.facts import Json
from mockoai.report.telling import evidence_lines

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even as references (XML 1.0 §2.2)."""


def render(facts: Json) -> str:
    """Return the XML document."""
    counts = {
        "tests": str(len(facts["cases"])),
        "failures": str(facts["counts"]["failed"]),
        "errors": str(facts["counts"]["not_tested"]),
        "skipped": str(facts["counts"]["inconclusive"]),
        "time": f"{facts['seconds']:.3f}",
    }
    root = ET.Element("testsuites", {"name": "mockoai", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "mockoai", **counts, "timestamp": _instant(facts["started"])})
    for case in facts["cases"]:
        _case(suite, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suite: ET.Element, case: Json) -> None:
    attributes = {
        "name": case["scenario"],
        "classname": f"mockoai.{case['category'] or 'scenario'}",
        "time": f"{case['seconds']:.3f}",
    }
    if case["file"]:
        attributes |= {"file": _clean(case["file"]), "line": str(case["line"])}
    element = ET.SubElement(suite, "testcase", attributes)
    properties = ET.SubElement(element, "properties")
    for name, value in (
        ("title", case["title"]),
        ("grade", case["grade"]),
        ("connection", case["connection"]),
        ("seed", str(case["seed"])),
        ("again", case["again"]),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    kind = {"failed": "failure", "not tested": "error", "inconclusive": "skipped"}.get(case["status"])
    if kind is not None:
        wanted = "failure" if kind == "failure" else "doubt"
        found = [one for one in case["findings"] if one["severity"] == wanted]
        told = ET.SubElement(
            element, kind, {"message": _clean(found[0]["message"]), "type": found[0]["code"]} if found else {}
        )
        told.text = _clean("\n\n".join(_text(one) for one in found))
    for name, stream in (("system-out", "stdout"), ("system-err", "stderr")):
        if case["command"][stream]:
            ET.SubElement(element, name).text = _clean(case["command"][stream])


def _text(finding: Json) -> str:
    lines = [f"{finding['code']}: {finding['message']}"]
    for one in finding["evidence"]:
        lines += [f"  {line}" for line in evidence_lines(one)]
    return "\n".join([*lines, *([f"help: {finding['advice']}"] if finding["advice"] else [])])


def _clean(text: str) -> str:
    """Return ``text`` with what XML cannot hold as escapes."""
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
