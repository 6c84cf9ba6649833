"""Faults of a rule: their parameters, and what can be known before any request came."""

from __future__ import annotations

import pytest

from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.plan.duration import Duration
from mockoai.plan.place import Place
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.read import shape_of
from tests.scenario.reading import attempt, read, refusal

FAULT = shape_of(Fault)


def codes(rule: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(f"id: a\nrules: [{rule}]")
    return [one.code for one in caught.value.diagnostics]


def test_a_fault_is_its_id_or_its_id_with_parameters() -> None:
    noop = registry.load()["noop"]()
    assert read(FAULT, "noop") == noop
    assert read(FAULT, "noop: {}") == noop


def test_parameters_are_read_by_their_types() -> None:
    fault = read(FAULT, "test-places: { after: 50%, at: 1 event, for: { uniform: [1s, 2s] } }")
    assert (fault.after, fault.at, fault.for_) == (
        Place("percent", 50.0),
        Place("events", 1.0),
        Duration("uniform", 1.0, 2.0),
    )
    values = read(FAULT, 'test-values: { text: a, data: { bytes: "\\xff" }, code: null, headers: { a: [1, 2] } }')
    assert (values.data, values.code, values.headers, values.mode) == (b"\xff", None, (("a", "1"), ("a", "2")), "fast")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nop", "unknown-fault"),
        ("nop: { a: 1 }", "unknown-fault"),
        ("42", "unknown-fault"),
        ("[noop]", "wrong-type"),
        ("{}", "wrong-type"),
        ("noop:", "empty-value"),
        ("noop: { a: 1 }", "unknown-key"),
        ("noop: 3 tokens", "wrong-type"),
        ("{ noop: {}, test-stream: {} }", "bad-entry"),
        ("test-values", "missing-key"),
        ("test-values: { txet: a }", "unknown-key"),
        ("test-values: { text: a, count: 2 }", "bad-parameter"),
        ("test-places: { for: 3 }", "bad-duration"),
        ("test-places: { at: 0 tokens }", "impossible-place"),
        ("test-places: { after: 120 bytes }", "impossible-place"),
        ("test-reply: { after: 2 events }", "impossible-place"),
        ("test-reply: { after: 2 bytes }", "impossible-place"),
    ],
)
def test_wrong_faults_are_refused(text: str, code: str) -> None:
    assert refusal(FAULT, text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "test-places: { after: 0 tokens }",
        "test-places: { at: 0% }",
        "test-places: { at: 0ms }",
        "test-reply: { after: 2 tokens }",
    ],
)
def test_places_that_can_be_reached_are_taken(text: str) -> None:
    assert isinstance(read(FAULT, text), Fault)


def test_parameters_that_were_not_indented_are_answered_with_how() -> None:
    _, mistakes = attempt(FAULT, "test-places:\nafter: 3 tokens\n")
    assert [one.help for one in mistakes] == ["indent the parameters of `test-places` further"]


def test_the_nearest_fault_is_suggested() -> None:
    assert refusal(FAULT, "fin-mid-chunkd").help == "did you mean `fin-mid-chunked`?"
    assert "mockoai list faults" in refusal(FAULT, "zzz").help


def test_what_a_fault_refuses_is_passed_on_in_its_words() -> None:
    assert refusal(FAULT, "test-values: { text: a, count: 2 }").message == "`test-values`: `count` must be odd"


def test_two_faults_that_claim_the_same_conflict() -> None:
    assert codes("{ faults: [test-ends, noop, test-ends-too] }") == ["fault-conflict"]
    assert codes("{ faults: [test-ends, test-ends] }") == ["fault-conflict"]
    assert codes("{ faults: [&a test-ends, *a] }") == ["fault-conflict"]


@pytest.mark.parametrize(
    "rule",
    [
        "{ when: { stream: false }, faults: [test-stream] }",
        "{ when: { stream: true }, faults: [test-body] }",
        "{ when: { endpoint: [models, embeddings] }, faults: [test-stream] }",
        "{ wire: [a], faults: [noop] }",
        "{ wire: [a], faults: [test-values: { text: a }] }",
        "{ events: [{ data: a }], faults: [noop] }",
        "{ events: [{ data: a }], faults: [test-reply] }",
    ],
)
def test_a_fault_that_can_never_act_is_refused(rule: str) -> None:
    assert codes(rule) == ["fault-never-fires"]


@pytest.mark.parametrize(
    "rule",
    [
        "{ when: { stream: true }, faults: [test-stream] }",
        "{ when: { endpoint: [models, chat] }, faults: [test-stream] }",
        "{ faults: [test-stream, test-body] }",
        "{ wire: [a], faults: [test-ends] }",
        "{ events: [{ data: a }], faults: [test-ends, test-values: { text: a }] }",
        "{ faults: [] }",
    ],
)
def test_a_fault_that_may_act_is_taken(rule: str) -> None:
    assert load_text(f"id: a\nrules: [{rule}]").id == "a"
