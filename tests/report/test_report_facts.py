"""A run as JSON: what is in it, where findings point, and that no secret is."""

from __future__ import annotations

import json

import pytest

from mockoai.report import as_json, github, html, junit, markdown, terminal
from mockoai.report.facts import facts, secrets_of
from tests.support.reporting import SECRETS, case_facts, run


def texts() -> dict[str, str]:
    found = case_facts()
    plain = terminal.details(found, lambda style, text: text)
    return {
        "terminal": plain + "".join(terminal.case_line(one, 8, lambda style, text: text) for one in found["cases"]),
        "junit": junit.render(found),
        "json": as_json.render(found),
        "github": github.render(found),
        "html": html.render(found),
        "markdown": markdown.render(found),
    }


@pytest.mark.parametrize("kind", ["terminal", "junit", "json", "github", "html", "markdown"])
def test_no_report_shows_a_secret(kind: str) -> None:
    text = texts()[kind].encode()
    assert not [one for one in SECRETS if one.encode() in text]
    assert b"[redacted]" in text.replace(b"\\", b"")


def test_the_counts_and_the_exit_code() -> None:
    found = case_facts()
    assert found["schema_version"] == 1
    assert found["counts"] == {
        "cases": 4,
        "passed": 0,
        "inconclusive": 1,
        "failed": 1,
        "not_tested": 1,
        "not_run": 1,
    }
    assert found["exit_code"] == run().exit_code == 1
    assert [one["status"] for one in found["cases"]] == ["inconclusive", "failed", "not tested"]


def test_a_finding_points_to_the_rule_that_answered() -> None:
    case = case_facts()["cases"][1]
    assert (case["file"], case["line"]) == ("chaos/cut.yaml", 5)
    assert case["findings"][0]["line"] == 5
    assert case["findings"][0]["evidence"][0]["bytes"] == {"base64": "ZGF0YTog/zxiPgA="}


def test_a_finding_about_an_entry_of_the_file_points_to_it() -> None:
    findings = case_facts()["cases"][1]["findings"]
    assert [(one["code"], one["line"]) for one in findings if one["code"] == "expectation-not-met"] == [
        ("expectation-not-met", 12)
    ]


def test_a_case_says_how_to_run_it_alone() -> None:
    again = case_facts()["cases"][0]["again"]
    assert again.startswith("mockoai run chaos/passed.yaml --seed 7 --timeout 60s -- npm test ")


def test_every_exchange_has_its_plan_and_what_was_sent() -> None:
    first, second = case_facts()["cases"][1]["exchanges"]
    assert [one["sent"] is not None for one in first["plan"]["steps"]] == [True] * len(first["plan"]["steps"])
    assert second["plan"]["steps"][-1]["sent"] is None
    assert second["ending"]["actual"] == "client-left"


def test_the_environment_has_secrets_by_name() -> None:
    environment = {"DB_PASSWORD": "12345678", "GH_TOKEN": "abcdefgh", "API_KEY": "short", "HOME": "/home/somebody"}
    assert secrets_of(environment) == ["12345678", "abcdefgh"]
    assert secrets_of({"SSL_KEY": "/etc/ssl/key.pem"}) == []


def test_json_is_the_facts() -> None:
    assert json.loads(as_json.render(case_facts()))["cases"] == json.loads(json.dumps(facts(run(), SECRETS)["cases"]))
