"""A run as JSON, without secrets: what every renderer shows some of.

Secrets are taken out here and nowhere else. A renderer gets nothing but these facts, so it has none to show.
``SCHEMA_VERSION`` counts up when a key is taken away or changes its meaning; new keys may come at any time.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mockoai import __version__
from mockoai.report.case import DEFAULT_TIMEOUT, Case, Run
from mockoai.report.exchange import PRECISION, detail
from mockoai.report.redact import Redactor
from mockoai.report.verdict import expectation_json, fault_json, finding_json
from mockoai.scenario.model import Scenario
from mockoai.verdict.model import Finding

Json = dict[str, Any]

SCHEMA_VERSION = 1

_SECRET_NAMES = ("KEY", "PASSWD", "PASSWORD", "SECRET", "TOKEN")
_SHORTEST = 8


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Return the values in ``environment`` that are secrets by their names, which commands like to print.

    Those of fewer than eight characters are rather settings, and would mask half of any text.
    """
    return [
        value
        for name, value in environment.items()
        if name.upper().endswith(_SECRET_NAMES) and len(value) >= _SHORTEST and not value.startswith("/")
    ]


def facts(run: Run, secrets: Iterable[str] = ()) -> Json:
    """Return everything that is known of ``run``; ``secrets`` are those known by value."""
    redactor = Redactor(secrets)
    return {
        "schema_version": SCHEMA_VERSION,
        "mockoai": __version__,
        "started": round(run.started, PRECISION),
        "seconds": round(run.seconds, PRECISION),
        "command": [redactor.text(one) for one in run.command],
        "seed": run.seed,
        "timeout": run.timeout,
        "backend": run.backend,
        "base_url_env": list(run.url_names),
        "interrupted": run.interrupted,
        "exit_code": run.exit_code,
        "counts": {
            "cases": run.planned,
            "passed": run.count("passed"),
            "inconclusive": run.count("inconclusive"),
            "failed": run.count("failed"),
            "not_tested": run.count("not tested"),
            "not_run": run.planned - len(run.cases),
        },
        "cases": [case_facts(one, run, redactor) for one in run.cases],
    }


def case_facts(case: Case, run: Run, redactor: Redactor) -> Json:
    """Return what is known of one case; ``redactor`` knows the secrets that all cases have in common."""
    for exchange in case.exchanges:
        redactor = redactor.knowing(exchange.request)
    scenario, verdict = case.scenario, case.verdict
    return {
        "name": redactor.text(case.name),
        "scenario": scenario.id,
        "title": redactor.text(scenario.title),
        "category": scenario.category,
        "file": _from_here(scenario.source),
        "line": _rule_line(scenario),
        "seed": scenario.seed if run.seed is None else run.seed,
        "status": case.status,
        "grade": "FAILED" if case.status == "failed" else verdict.grade,
        "connection": verdict.connection,
        "started": round(case.received, PRECISION),
        "seconds": round(case.seconds, PRECISION),
        "again": redactor.text(_again(case, run)),
        "command": {
            "exit_code": case.exit_code,
            "timed_out": case.timed_out,
            "stdout": redactor.text(case.stdout),
            "stderr": redactor.text(case.stderr),
        },
        "findings": [
            finding_json(one, redactor) | {"line": _line(one, case)} for one in (*case.findings, *verdict.findings)
        ],
        "expectations": [expectation_json(one, redactor) for one in verdict.expectations],
        "faults": [fault_json(one, redactor) for one in verdict.faults],
        "counts": asdict(verdict.counts),
        "exchanges": [detail(one, redactor) for one in case.exchanges],
    }


def _line(finding: Finding, case: Case) -> int:
    """Return the line that ``finding`` is about: its own, that of the rule that answered, or of that with its fault."""
    if finding.line is not None:
        return finding.line
    rules = {rule.name or f"rule {index}": rule for index, rule in enumerate(case.scenario.rules, 1)}
    answered = [rules.get(one.rule) for one in case.exchanges if one.number in finding.exchanges]
    for rule in answered:
        if rule is not None:
            return rule.span.line
    for rule in case.scenario.rules:
        if {one.id for one in rule.faults} & set(finding.faults):
            return rule.span.line
    return _rule_line(case.scenario)


def _rule_line(scenario: Scenario) -> int:
    """Return the line of the first rule with a fault, or of the first rule."""
    rule = next((one for one in scenario.rules if one.faults), scenario.rules[0] if scenario.rules else None)
    return rule.span.line if rule else 1


def _again(case: Case, run: Run) -> str:
    """Return the command line that runs this case alone."""
    options = [] if run.seed is None else ["--seed", str(run.seed)]
    options += [] if run.timeout == DEFAULT_TIMEOUT else ["--timeout", f"{run.timeout:g}s"]
    options += [] if run.backend is None else ["--backend", run.backend]
    options += [word for name in run.url_names for word in ("--base-url-env", name)]
    return shlex.join(["mockoai", "run", case.name, *options, "--", *run.command])


def _from_here(source: str) -> str:
    """Return the file from where we stand, when it is below; reports go to machines with other folders."""
    here, path = Path.cwd(), Path(source).absolute()
    return path.relative_to(here).as_posix() if source and path.is_relative_to(here) else source
