"""What one server serves: which scenario answers, in which session, and that nothing leaks between them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mockoai.mock import Mock
from mockoai.scenario.model import CallRange, Reply, Rule, Scenario, When
from tests.support.asking import NOW, answered, ask, chat, frozen


def saying(id: str, **more: Any) -> Scenario:
    return Scenario(id=id, rules=(Rule(reply=Reply(text=f"I am {id}.")),), **more)


def text(data: bytes) -> str:
    content = json.loads(data.partition(b"\r\n\r\n")[2])["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


@pytest.fixture
def mock() -> Mock:
    return Mock([saying("first"), saying("by-header"), saying("by-url"), saying("by-model")], clock=frozen)


def test_the_first_scenario_answers_by_default(mock: Mock) -> None:
    answer = answered(mock, ask(chat()))
    assert (answer.scenario, answer.rule) == ("first", "rule 1")
    assert text(answer.plan.data) == "I am first."


def test_the_narrowest_way_of_naming_a_scenario_wins(mock: Mock) -> None:
    mock.sessions.get("s").scenario = saying("of-session")
    body = chat(model="mockoai/by-model")
    url = "/session/s/scenario/by-url/v1/chat/completions"
    named = [
        ask(body, url, x_mockoai_scenario="by-header"),
        ask(body, url),
        ask(body, "/session/s/v1/chat/completions"),
        ask(chat(), "/session/s/v1/chat/completions"),
        ask(chat()),
    ]
    assert [answered(mock, one).scenario for one in named] == [
        "by-header",
        "by-url",
        "by-model",
        "of-session",
        "first",
    ]


def test_a_misspelt_scenario_is_refused_with_the_near_one(mock: Mock) -> None:
    answer = answered(mock, ask(chat(), x_mockoai_scenario="by-headr"))
    assert answer.plan.status == 404
    error = json.loads(answer.plan.data.partition(b"\r\n\r\n")[2])["error"]
    assert "by-headr" in error["message"]
    assert "by-header" in error["message"]


def test_a_scenario_named_by_a_client_is_never_a_file(mock: Mock) -> None:
    for name in ("../secret", "/etc/passwd", "tests/x.yaml", "..%2fx"):
        assert answered(mock, ask(chat(), x_mockoai_scenario=name)).plan.status == 404


def test_sessions_count_their_calls_apart() -> None:
    rules = (
        Rule("once", When(call=CallRange(1, 1)), Reply(text="first")),
        Rule("later", reply=Reply(text="later")),
    )
    mock = Mock([Scenario(id="s", rules=rules)], clock=frozen)
    paths = [
        "/session/a/v1/chat/completions",
        "/session/a/v1/chat/completions",
        "/session/b/v1/chat/completions",
    ]
    assert [answered(mock, ask(chat(), path)).rule for path in paths] == ["once", "later", "once"]


def test_a_rule_that_lost_still_counts_its_calls() -> None:
    rules = (
        Rule("one", When(call=CallRange(1, 1))),
        Rule("two and three", When(call=CallRange(2, 3))),
        Rule("rest"),
    )
    mock = Mock([Scenario(id="s", rules=rules)], clock=frozen)
    assert [answered(mock, ask(chat())).rule for _ in range(4)] == [
        "one",
        "two and three",
        "two and three",
        "rest",
    ]


def test_no_match_is_a_404_that_tells_what_came_close() -> None:
    mock = Mock([Scenario(id="s", rules=(Rule("streams", When(stream=True)),))], clock=frozen)
    answer = answered(mock, ask(chat()))
    assert (answer.plan.status, answer.rule) == (404, "")
    assert "streams" in answer.near
    assert json.dumps(answer.near)[1:-1].encode() in answer.plan.data


@pytest.mark.parametrize("fallback", ["echo", "lorem"])
def test_a_lenient_scenario_answers_what_no_rule_matched(fallback: Any) -> None:
    mock = Mock([Scenario(id="s", fallback=fallback, rules=(Rule(when=When(stream=True)),))], clock=frozen)
    answer = answered(mock, ask(chat("Say this back")))
    assert (answer.plan.status, answer.rule) == (200, "fallback")
    assert (text(answer.plan.data) == "Say this back") == (fallback == "echo")


def test_a_lenient_scenario_does_not_change_what_its_rules_answer() -> None:
    mock = Mock([Scenario(id="s", fallback="echo")], clock=frozen)
    assert text(answered(mock, ask(chat("Say this back"))).plan.data) != "Say this back"


def test_equal_requests_get_the_same_text_and_different_ids(mock: Mock) -> None:
    first, second = (json.loads(answered(mock, ask(chat())).plan.data.partition(b"\r\n\r\n")[2]) for _ in range(2))
    assert first["id"] != second["id"]
    assert {**first, "id": ""} == {**second, "id": ""}


def test_the_order_of_other_requests_changes_nothing() -> None:
    def run(*texts: str) -> dict[str, bytes]:
        mock = Mock(clock=frozen)
        return {one: answered(mock, ask(chat(one))).plan.data for one in texts}

    assert run("a", "b", "c") == run("c", "a", "b")


def test_a_seed_on_the_command_line_beats_the_scenarios() -> None:
    def body(**more: Any) -> bytes:
        return answered(Mock([Scenario(id="s", seed=1)], clock=frozen, **more), ask(chat())).plan.data

    assert body(seed=1) == body()
    assert body(seed=2) != body()


def test_a_frozen_clock_shows_in_the_answer() -> None:
    mock = Mock([Scenario(id="s", clock=0.0)], clock=frozen)
    data = answered(mock, ask(chat())).plan.data
    assert b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n" in data
    assert json.loads(data.partition(b"\r\n\r\n")[2])["created"] == 0
    assert json.loads(answered(Mock(clock=frozen), ask(chat())).plan.data.partition(b"\r\n\r\n")[2])["created"] == NOW


def test_models_and_keys_restrict_what_is_accepted() -> None:
    mock = Mock(models=["llama"], keys=["sk-right"], clock=frozen)
    right = {"authorization": "Bearer sk-right"}
    assert answered(mock, ask(chat())).plan.status == 401
    assert answered(mock, ask(chat(), authorization="Bearer sk-wrong")).plan.status == 401
    assert answered(mock, ask(chat(), **right)).plan.status == 404
    assert answered(mock, ask(chat(model="llama"), **right)).plan.status == 200
    assert b"llama" in answered(mock, ask(path="/v1/models", method="GET", **right)).plan.data


SCRIPT = """
from tests.support.asking import answered, ask, chat, frozen
from mockoai.mock import Mock
import hashlib
mock = Mock(seed=5, clock=frozen)
bodies = [chat(), chat(stream=True), chat(n=2, logprobs=True), chat(stream=True)]
print(hashlib.sha256(b"".join(answered(mock, ask(one)).plan.data for one in bodies)).hexdigest())
"""


def test_another_process_sends_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1
