"""``mockoai plan``: the same text on every machine, requests that fit the rule, and exit codes."""

from __future__ import annotations

import base64
import io
import json
import re
import sys
from pathlib import Path

import pytest

from mockoai.cli.planned import sample
from mockoai.cli.sample import main_rule
from mockoai.scenario import catalogue
from tests.cli.conftest import Cli
from tests.support import golden

PLANS = Path(__file__).parent / "plans"
NAMES = sorted(path.stem for path in PLANS.glob("*.yaml"))
CODES = {"not-fired": 1}


def plan_of(name: str) -> str:
    return str(PLANS / f"{name}.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, cli: Cli) -> None:
    ran = cli("plan", plan_of(name))
    assert (ran.code, ran.err) == (CODES.get(name, 0), "")
    golden.check(PLANS / f"{name}.txt", ran.out)


def test_a_plan_in_full_leaves_nothing_out(cli: Cli) -> None:
    text = cli("plan", plan_of("healthy-stream"), "--full").out
    golden.check(PLANS / "healthy-stream.full.txt", text)
    assert not re.search(r"…\d+B", text)


def test_the_json_form_holds_every_byte(cli: Cli) -> None:
    value = json.loads(cli("plan", plan_of("literal-wire"), "--json").out)
    steps = value["plan"]["steps"]
    sent = b"".join(
        step["text"].encode() if "text" in step else base64.b64decode(step["base64"])
        for step in steps
        if "bytes" in step
    )
    assert sent == b"HTTP/1.1 200\n\x00\xff\\"
    assert [step["kind"] for step in steps] == ["bytes", "wait", "bytes", "end"]
    assert (steps[1]["seconds"], steps[-1]["how"], value["plan"]["ending"]) == (0.5, "rst", "rst")
    assert value["rule"] == "rule 1"
    assert value["clock"] == 1767225600.0


def test_two_plans_are_the_same_text_and_another_seed_or_clock_makes_another(cli: Cli) -> None:
    first = cli("plan", "healthy").out
    assert cli("plan", "healthy").out == first
    assert cli("plan", "healthy", "--seed", "1").out != first
    frozen = cli("plan", "healthy", "--clock", "2030-06-01T12:00:00+02:00").out
    assert "Date: Sat, 01 Jun 2030 10:00:00 GMT" in frozen
    assert cli("plan", "healthy", "--clock", "1906538400").out == frozen


def test_a_plan_is_for_a_session(cli: Cli, tmp_path: Path) -> None:
    default = cli("plan", "healthy").out
    assert cli("plan", "healthy", "--session", "default").out == default
    other = cli("plan", "healthy", "--session", "test-17").out
    assert "rule      healthy, session test-17\n" in other
    ids = [re.findall(r"x-request-id: (\w+)", text) for text in (default, other)]
    assert ids[0]
    assert ids[0] != ids[1]
    assert json.loads(cli("plan", "healthy", "--session", "test-17", "--json").out)["session"] == "test-17"
    raw = tmp_path / "request.http"
    raw.write_text('POST /session/test-17/v1/completions HTTP/1.1\r\n\r\n{"model": "m", "prompt": "x"}')
    asked = json.loads(cli("plan", "healthy", "--request", str(raw), "--session", "another", "--json").out)
    assert asked["session"] == "test-17"


@pytest.mark.parametrize("id", catalogue.ids())
def test_every_shipped_scenario_fires_on_the_request_made_up_for_it(id: str) -> None:
    scenario = catalogue.get(id)
    planned = sample(scenario)
    assert planned.answer.basis is not None, planned.answer.near
    assert planned.answer.basis[1] is main_rule(scenario)
    assert [one.id for one in planned.answer.plan.faults if not one.fired] == []


def test_a_later_rule_is_shown_as_the_call_that_reaches_it(cli: Cli) -> None:
    value = json.loads(cli("plan", "fail-n-then-succeed", "--rule", "well", "--json").out)
    assert (value["rule"], value["call"], value["plan"]["status"]) == ("well", 3, 200)
    value = json.loads(cli("plan", "fail-n-then-succeed", "--rule", "well", "--call", "1", "--json").out)
    assert (value["rule"], value["call"]) == ("first", 1)


def test_a_rule_for_requests_without_a_header_is_shown_without_it(cli: Cli) -> None:
    assert (
        json.loads(cli("plan", "request-id-echo", "--rule", "2", "--json").out)["rule"] != "a request that brings an id"
    )


def test_the_rule_that_does_something_is_shown_first(cli: Cli) -> None:
    # Its first rule lets sound requests pass.
    assert json.loads(cli("plan", "auth-bad-scheme", "--json").out)["plan"]["status"] == 401


# --- which request ----------------------------------------------------------------------------------------


def asked(ran_out: str) -> tuple[str, str, dict[str, object]]:
    """Return method, target and body of a plan's JSON form."""
    request = json.loads(ran_out)["request"]
    return request["method"], request["target"], json.loads(request["body"] or "{}")


def test_the_made_up_request_is_an_ordinary_streaming_chat(cli: Cli) -> None:
    method, target, body = asked(cli("plan", "healthy", "--json").out)
    assert (method, target) == ("POST", "/v1/chat/completions")
    assert body == {
        "model": "gpt-4o-mini",
        "stream": True,
        "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
    }


def test_the_made_up_request_has_what_the_rule_asks_for(cli: Cli) -> None:
    ran = cli("plan", plan_of("conditions"), "--json")
    _, _, body = asked(ran.out)
    assert ran.code == 0
    assert str(body["model"]).startswith("mistral-")
    assert "umbrella" in str(body["messages"])
    assert body["tools"][0]["function"]["name"] == "find_umbrella"  # type: ignore[index]
    assert re.search(r"[a-c]{3}-\d", str(body["user"]))


def test_the_made_up_request_asks_for_what_the_faults_act_on(cli: Cli) -> None:
    assert asked(cli("plan", plan_of("usage"), "--json").out)[2]["stream_options"] == {"include_usage": True}
    assert asked(cli("plan", plan_of("tool-call"), "--json").out)[2]["tool_choice"] == "required"


@pytest.mark.parametrize(
    ("name", "method", "target"),
    [
        ("chat", "POST", "/v1/chat/completions"),
        ("completions", "POST", "/v1/completions"),
        ("embeddings", "POST", "/v1/embeddings"),
        ("models", "GET", "/v1/models"),
        ("model", "GET", "/v1/models/gpt-4o-mini"),
        ("unknown", "POST", "/v1/ask"),
    ],
)
def test_endpoint(name: str, method: str, target: str, cli: Cli) -> None:
    ran = cli("plan", "healthy", "--endpoint", name, "--json")
    assert asked(ran.out)[:2] == (method, target)
    assert json.loads(ran.out)["request"]["endpoint"] == name


def test_stream_or_not(cli: Cli) -> None:
    assert json.loads(cli("plan", "healthy", "--no-stream", "--json").out)["plan"]["stream"] is False
    assert json.loads(cli("plan", "healthy", "--stream", "--json").out)["plan"]["stream"] is True


def test_call_counts_equal_requests(cli: Cli) -> None:
    first = cli("plan", plan_of("second-call"), "--call", "1")
    assert "HTTP/1.1 429 " in first.out
    assert "rule      turned away\n" in first.out
    assert "rule      answered, call 2\n" in cli("plan", plan_of("second-call")).out
    assert "rule      turned away, call 3\n" in cli("plan", plan_of("second-call"), "--call", "3").out


def test_rule_is_chosen_by_name_or_number(cli: Cli) -> None:
    by_name = cli("plan", plan_of("second-call"), "--rule", "turned away")
    assert "rule      turned away\n" in by_name.out
    assert cli("plan", plan_of("second-call"), "--rule", "2").out == by_name.out
    wrong = cli("plan", plan_of("second-call"), "--rule", "turnd away")
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean `turned away`?" in wrong.err
    assert cli("plan", plan_of("second-call"), "--rule", "3").code == 2


# --- a request of one's own -------------------------------------------------------------------------------


CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


def test_a_json_body_is_a_request(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(CHAT))
    ran = cli("plan", "healthy", "--request", str(file), "--json")
    assert asked(ran.out) == ("POST", "/v1/chat/completions", CHAT)
    assert json.loads(ran.out)["plan"]["stream"] is False
    streamed = cli("plan", "healthy", "--request", str(file), "--stream", "--json")
    assert asked(streamed.out)[2] == CHAT | {"stream": True}


@pytest.mark.parametrize(
    ("body", "target"),
    [({"prompt": "hi"}, "/v1/completions"), ({"input": "hi"}, "/v1/embeddings"), ([], "/v1/chat/completions")],
)
def test_a_body_says_where_it_goes(body: object, target: str, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body))
    assert json.loads(cli("plan", "healthy", "--request", str(file), "--json").out)["request"]["target"] == target


def test_a_raw_request_is_taken_as_it_is(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"POST /v1/chat/completions?x=1 HTTP/1.0\r\nX-Tenant: acme\r\n\r\n{bad"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    ran = cli("plan", "healthy", "--request", "-")
    assert ran.code == 0
    assert "request   POST /v1/chat/completions?x=1 {bad\n" in ran.out
    assert "We could not parse the JSON body" in ran.out
    assert "clean: the connection closes, as announced" in ran.out


def test_a_raw_request_meets_header_rules(cli: Cli, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("id: s\nrules: [{ when: { header: { x-tenant: acme } }, reply: { text: hi } }]\n")
    file = tmp_path / "request.http"
    file.write_text(f"POST /v1/chat/completions HTTP/1.1\nX-Tenant: acme\n\n{json.dumps(CHAT)}")
    assert cli("plan", str(scenario), "--request", str(file)).code == 0


def test_a_request_that_no_rule_answers_is_nothing_exercised(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(CHAT))
    ran = cli("plan", plan_of("conditions"), "--request", str(file))
    assert ran.code == 5
    assert "rule      none matched\n" in ran.out
    assert ran.err.startswith("error[no-rule-matched]: No rule of scenario `conditions` matches")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "error[unreadable-file]: cannot read the request `{}`: no such file or directory"),
        (b"", "error[bad-request-file]: `{}` is neither JSON nor an HTTP request"),
        (b"\xff\xfe", "error[bad-request-file]: `{}` is neither JSON nor an HTTP request"),
    ],
)
def test_a_file_that_is_no_request(content: bytes | None, message: str, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "request"
    if content is not None:
        file.write_bytes(content)
    ran = cli("plan", "healthy", "--request", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message.format(file))
