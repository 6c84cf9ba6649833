"""A check as JSON, for other programs. ``schema_version`` goes up when something is taken away or changes meaning."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from mockoai.check.model import SEVERITIES, Finding, Report

SCHEMA_VERSION = 1


def facts(report: Report, exit_code: int) -> dict[str, Any]:
    """Return all that ``report`` says as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "url": report.url,
        "answered": report.answered,
        "exit_code": exit_code,
        "seconds": round(report.seconds, 3),
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "models": {"count": report.models, "names": list(report.listed), "asked": report.model},
        "backend": {
            "name": report.guess.name or None,
            "title": report.guess.title or None,
            "sure": report.guess.sure,
            "because": list(report.guess.because),
        },
        "requests": [{**asdict(one), "seconds": round(one.seconds, 4)} for one in report.asked],
        "left_out": [{"what": what, "why": why} for what, why in report.left_out],
        "findings": [_finding(one) for one in report.findings],
    }


def render(report: Report, exit_code: int) -> str:
    """Return ``report`` as JSON text."""
    text = json.dumps(facts(report, exit_code), indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode() + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "category": finding.category,
        "severity": finding.severity,
        "title": finding.title,
        "evidence": [
            {"request": one.ask, "text": one.text, "bytes": one.data.decode("utf-8", "backslashreplace") or None}
            for one in finding.evidence
        ],
        "more": finding.also,
        "clients": finding.clients,
        "measured": [{"clients": one.clients, **asdict(one)} for one in finding.measured],
        "advice": finding.advice,
        "who": finding.who or None,
        "habit_of": finding.habit or None,
    }
