"""What a check tells: as text and as JSON, bounded, without secrets, in the same words every time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mockoai.check import as_json, text
from mockoai.check.conversation import Conversation
from mockoai.check.model import Finding, Report
from mockoai.check.run import check
from mockoai.check.target import Target, parse
from mockoai.mock import Mock
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from tests.check.confusion import NOW, held
from tests.check.player import KEY, PATIENT, Player, scenario_target
from tests.support import golden

GOLDEN = Path(__file__).parent / "golden"


def plain(style: str, text: str) -> str:
    return text


def report(id: str) -> Report:
    return held(scenario_target(id), Mock(clock=lambda: NOW))


@pytest.fixture(scope="module")
def cut() -> Report:
    return report("fin-mid-chunked")


@pytest.mark.parametrize("terse", [True, False])
def test_text(cut: Report, terse: bool) -> None:
    shown = text.render(cut, plain, terse=terse)
    golden.check(GOLDEN / f"fin-mid-chunked-{'terse' if terse else 'long'}.txt", shown)
    assert max(map(len, shown.splitlines())) <= text.WIDTH


def test_lines_of_requests(cut: Report) -> None:
    shown = "".join(text.done(replace(one, seconds=0.0015), plain) for one in cut.asked)
    golden.check(GOLDEN / "fin-mid-chunked-requests.txt", shown)


def test_json(cut: Report) -> None:
    facts = json.loads(as_json.render(cut, 1))
    assert facts["schema_version"] == 1
    assert (facts["exit_code"], facts["answered"]) == (1, True)
    assert facts["counts"]["error"] == sum(one["severity"] == "error" for one in facts["findings"])
    finding = next(one for one in facts["findings"] if one["id"] == "fin-mid-chunked")
    assert finding["category"] == "transport"
    assert finding["evidence"][0]["request"] == "models"
    assert finding["clients"]
    assert finding["advice"]
    assert {one["call"] for one in finding["measured"]} == {"stream", "whole"}
    assert facts["backend"]["name"] == "openai"
    assert {"name", "method", "path", "status", "seconds", "size", "outcome", "ok"} == set(facts["requests"][0])


def test_the_same_check_says_the_same(cut: Report) -> None:
    assert as_json.render(report("fin-mid-chunked"), 1) == as_json.render(cut, 1)


SECRETS = """
id: parrot
rules:
  - reply:
      error:
        status: 401
        body: { error: { message: "Incorrect API key: KEY, or KEY", type: invalid, param: KEY, code: KEY } }
        headers: { Set-Cookie: "session=0123456789abcdef", x-echo: KEY }
"""


def test_a_key_that_comes_back_is_masked_everywhere() -> None:
    parrot = load_text(SECRETS.replace("KEY", KEY), "parrot")
    target = parse("http://127.0.0.1:8000/v1", f"'{KEY}'")
    found = check(Conversation(target), Player(Mock([parrot], clock=lambda: NOW)), PATIENT)
    everything = as_json.render(found, 1) + text.render(found, plain, terse=False) + repr(found)
    assert found.findings
    assert KEY not in everything
    assert KEY[10:] not in everything
    assert "0123456789abcdef" not in everything


@pytest.mark.parametrize("id", ["huge-chunk", "header-overflow-64k", "models-huge", "html-200", "utf8-invalid-bytes"])
def test_what_is_shown_is_bounded_and_can_be_written(id: str) -> None:
    found = report(id)
    assert len(as_json.render(found, 1).encode()) < 64_000
    shown = text.render(found, plain, terse=False)
    assert shown.isprintable() or all(line.isprintable() for line in shown.splitlines())
    assert len(shown) < 20_000


def test_a_name_of_a_model_cannot_write_to_the_terminal() -> None:
    listed = 'id: evil\nmodels: ["\\e[31mred"]\nrules: [{ name: all }]\n'
    found = held(Target(path="/v1"), Mock([load_text(listed, "evil")], clock=lambda: NOW))
    assert found.model == "\x1b[31mred"
    assert "\x1b" not in text.render(found, plain, terse=False)
    assert "\x1b" not in "".join(text.done(one, plain) for one in found.asked)


def test_worst_first() -> None:
    severities = [one.severity for one in report("idle-proxy-cut-60s").findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_a_finding_says_what_the_catalogue_says() -> None:
    finding: Finding = next(one for one in report("sse-no-space").findings if one.id == "sse-no-space")
    scenario = catalogue.get("sse-no-space")
    assert (finding.title, finding.who, finding.category) == (scenario.title, scenario.who, "sse")


@pytest.mark.parametrize(
    ("given", "key", "ids"),
    [
        ("http://127.0.0.1:8000/v1/chat/completions", KEY, ["url-has-endpoint"]),
        ("127.0.0.1:8000/v1", f'"{KEY}"', ["key-has-quotes", "url-has-no-scheme"]),
        ("http://127.0.0.1:8000/v1", f"Bearer {KEY}", ["key-has-bearer"]),
    ],
)
def test_what_was_mistyped_is_told_and_the_check_goes_on(given: str, key: str, ids: list[str]) -> None:
    mock = Mock(clock=lambda: NOW, keys=(KEY,))
    found = check(Conversation(parse(given, key)), Player(mock), PATIENT)
    assert [one.id for one in found.findings if one.category == "input"] == ids
    assert found.url == "http://127.0.0.1:8000/v1"
    assert all(one.ok for one in found.asked)


def test_a_base_without_its_version_is_told() -> None:
    lm_studio = "id: lm\nrules: [{ faults: [unknown-route-200-error] }]\n"
    mock = Mock([load_text(lm_studio, "lm")], clock=lambda: NOW)
    found = check(Conversation(Target(path="/scenario/models-openai")), Player(mock), PATIENT)
    assert "url-lacks-version" not in [one.id for one in found.findings]  # both are served
    found = check(Conversation(Target(path="")), Player(mock), PATIENT)
    assert found.models is None
