"""Every scenario is asked for, in a way that shows its failure, and what is meant by it is known."""

from __future__ import annotations

import json

import pytest

from mockoai.cli.planned import sample
from mockoai.scenario import catalogue
from mockoai.scenario.load import load_text
from mockoai.scenario.model import HEALTHY
from tests.matrix import meaning
from tests.matrix.cases import KINDS, SPECIAL, Case, all_cases, cases


@pytest.fixture(scope="module")
def every() -> list[Case]:
    return all_cases()


def test_every_scenario_has_a_case(every: list[Case]) -> None:
    assert {case.scenario for case in every} == {HEALTHY.id, *catalogue.ids()}


def test_no_two_cases_are_the_same(every: list[Case]) -> None:
    keys = [case.key for case in every]
    assert len(set(keys)) == len(keys)


def test_exceptions_are_of_scenarios_that_are_there() -> None:
    assert {*SPECIAL, *meaning.MEANT} <= set(catalogue.ids())


def test_a_fault_for_streams_and_one_for_the_rest_are_two_cases() -> None:
    found = cases(catalogue.get("fin-mid-chunked"))
    assert [(case.call, case.rule, case.body.get("stream")) for case in found] == [
        ("stream", "stream", True),
        ("whole", "everything else", None),
    ]


def test_a_status_is_asked_for_once() -> None:
    assert [case.call for case in cases(catalogue.get("auth-invalid-key"))] == ["stream"]


def test_tools_that_are_called_are_offered() -> None:
    (case, _) = cases(catalogue.get("tool-id-not-unique"))
    assert [tool["function"]["name"] for tool in case.body["tools"]] == ["get_weather", "get_time"]


def test_endpoints_are_those_of_the_scenario() -> None:
    assert {case.endpoint for case in cases(catalogue.get("models-bare-array"))} == {"models"}
    assert {case.endpoint for case in cases(catalogue.get("legacy-chat-id"))} == {"completions"}
    assert set(KINDS.values()) >= {("chat", True), ("completions", False)}


def test_retries_are_run_for_what_invites_them(every: list[Case]) -> None:
    retried = {case.scenario for case in every if case.retries}
    assert {"rate-limit-tokens", "status-503" if "status-503" in catalogue.ids() else "status-529"} <= retried
    assert {"auth-invalid-key", "rst-before-headers", "err-first-event"} <= retried
    assert "sse-crlf" not in retried


def test_what_is_too_slow_for_the_timeout_is_hastened() -> None:
    (case, *_) = cases(catalogue.get("keepalive-comments-only"))
    assert "every: 1s" in case.yaml
    assert case.served.id == "keepalive-comments-only"
    assert "1s" in case.note


def test_the_wire_of_a_case_follows_the_file() -> None:
    text = "id: one\nrules: [{ name: a, reply: { text: hello }, faults: [done-missing] }]"
    (first, *_) = cases(load_text(text))
    (same, *_) = cases(load_text(text))
    (other, *_) = cases(load_text(text.replace("hello", "goodbye")))
    assert first.wire == same.wire != other.wire


@pytest.mark.parametrize("id", catalogue.ids())
def test_what_is_meant_is_known(id: str) -> None:
    planned = sample(catalogue.get(id))
    basis = planned.answer.basis
    assert basis is not None
    meant = meaning.meant(basis[0], basis[1], planned.request)
    assert meant["kind"] in ("answer", "models", "error")


def test_meaning_is_the_answer_without_the_faults() -> None:
    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    scenario = load_text("id: one\nrules: [{ name: a, reply: { text: Paris. }, faults: [finish-missing] }]")
    asked = {"method": "POST", "target": "/session/s/scenario/one/v1/chat/completions", "body": json.dumps(body)}
    last = {"rule": "a", "request": asked, "session": "s", "call": 1}
    assert meaning.of(scenario, last) == {
        "kind": "answer",
        "text": "Paris.",
        "tool_calls": [],
        "finish": "stop",
        "usage": None,
    }
    assert meaning.of(scenario, {**last, "rule": "another"}) is None
    assert meaning.of(scenario, None) is None


def test_the_path_of_a_model_is_decoded() -> None:
    asked = meaning.request("GET", "/session/s/v1/models/meta-llama%2FLlama-3", "")
    assert (asked.endpoint, asked.parameter("model")) == ("model", "meta-llama/Llama-3")


def test_halves_of_a_character_meet() -> None:
    chunk = '{"choices":[{"index":0,"delta":{"content":"\\ud83d"},"finish_reason":null}]}'
    other = '{"choices":[{"index":0,"delta":{"content":"\\ude00"},"finish_reason":"stop"}]}'
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    data = f"{head}data: {chunk}\n\ndata: {other}\n\ndata: [DONE]\n\n".encode()
    asked = meaning.request("POST", "/v1/chat/completions", "{}")
    assert meaning.read(data, asked)["text"] == "😀"


def test_long_texts_are_compared_by_digest() -> None:
    text = "x" * 20_000
    assert meaning.condensed(text) == meaning.condensed("x" * 20_000) != meaning.condensed("x" * 19_999 + "y")
    assert len(meaning.condensed(text)) < 200
    assert meaning.condensed(meaning.condensed(text)) == meaning.condensed(text)
    assert meaning.condensed("short") == "short"
    assert meaning.condensed(["a"]) == ["a"]
