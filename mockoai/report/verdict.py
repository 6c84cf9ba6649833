"""A verdict as JSON: what the control API answers, and reports are made of. Secrets are redacted here.

Durations are in seconds and moments in seconds since 1970, rounded to microseconds; what has no end is null.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from mockoai.plan.render import shown
from mockoai.report.exchange import PRECISION
from mockoai.report.redact import Redactor
from mockoai.verdict.model import Attempt, Call, Evidence, ExpectationResult, FaultCount, Finding, Outcome, Verdict

Json = dict[str, Any]


def verdict_json(verdict: Verdict, redactor: Redactor) -> Json:
    """Return ``verdict`` with everything that it rests on."""
    for call in verdict.calls:
        for exchange in call.exchanges:
            redactor = redactor.knowing(exchange.request)
    return {
        "grade": verdict.grade,
        "connection": verdict.connection,
        "failed": verdict.failed,
        "sound": verdict.sound,
        "exit_code": verdict.exit_code,
        "counts": asdict(verdict.counts),
        "findings": [finding_json(one, redactor) for one in verdict.findings],
        "expectations": [expectation_json(one, redactor) for one in verdict.expectations],
        "faults": [fault_json(one, redactor) for one in verdict.faults],
        "undelivered": [fault_json(one, redactor) for one in verdict.undelivered],
        "calls": [call_json(one, redactor) for one in verdict.calls],
    }


def finding_json(finding: Finding, redactor: Redactor) -> Json:
    """Return one finding; ``line`` is null unless it is about what stands in the scenario's file."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "about": finding.about,
        "message": _text(finding.message, redactor),
        "advice": _text(finding.advice, redactor),
        "scenario": finding.scenario or None,
        "line": finding.line,
        "call": finding.call,
        "exchanges": list(finding.exchanges),
        "faults": list(finding.faults),
        "evidence": [_evidence(one, redactor) for one in finding.evidence],
    }


def expectation_json(result: ExpectationResult, redactor: Redactor) -> Json:
    """Return what became of one entry of ``expect:``."""
    return {**asdict(result), "value": _text(result.value, redactor), "why": _text(result.why, redactor)}


def fault_json(count: FaultCount, redactor: Redactor) -> Json:
    """Return what became of one fault."""
    return {**asdict(count), "why": _text(count.why, redactor), "exercised": count.exercised}


def call_json(call: Call, redactor: Redactor) -> Json:
    """Return one call: its attempts, and what its caller saw of it."""
    return {
        "number": call.number,
        "session": _text(call.session, redactor),
        "scenario": call.scenario or None,
        "outcome": None if call.outcome is None else outcome_json(call.outcome, redactor),
        "why_no_outcome": call.why_none or None,
        "attempts": [_attempt(one) for one in call.attempts],
    }


def outcome_json(outcome: Outcome, redactor: Redactor) -> Json:
    """Return one outcome, as it can be reported."""
    return {
        "session": _text(outcome.session, redactor),
        "outcome": outcome.kind,
        "started": _seconds(outcome.started),
        "ended": _seconds(outcome.ended),
        "exchanges": list(outcome.exchanges),
        "single": outcome.single,
        "assumed": outcome.assumed,
        "error": _text(outcome.error, redactor),
        "message": _text(outcome.message, redactor),
        "text": _text(outcome.text, redactor),
        "partial": _text(outcome.partial, redactor),
        "noticed": outcome.noticed,
        "exit_code": outcome.exit_code,
        "stdout": _text(outcome.stdout, redactor),
        "stderr": _text(outcome.stderr, redactor),
        "label": _text(outcome.label, redactor),
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "exchange": attempt.exchange.number,
        "link": attempt.link or None,
        "gap": _seconds(attempt.gap),
        "retries": attempt.retries,
        "status": attempt.reading.status or None,
        "got": attempt.reading.kind,
        "why": attempt.reading.why or None,
    }


def _evidence(evidence: Evidence, redactor: Redactor) -> Json:
    return {
        "text": _text(evidence.text, redactor),
        "exchange": evidence.exchange,
        "seconds": _seconds(evidence.seconds),
        "expected": _seconds(evidence.expected),
        "bytes": shown(redactor.data(evidence.data)) if evidence.data else None,
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, PRECISION)


def _text(text: str | None, redactor: Redactor) -> str | None:
    """Return ``text`` without secrets, and without halves of surrogate pairs, which JSON in UTF-8 cannot say."""
    return None if text is None else redactor.text(text).encode("utf-8", "replace").decode()
