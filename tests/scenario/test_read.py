"""From text to a scenario."""

from __future__ import annotations

import math

import pytest

from mockoai.backends import BACKENDS
from mockoai.plan.duration import Duration
from mockoai.plan.place import Place
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.model import (
    AT_ONCE,
    CallRange,
    Expectation,
    ModelEntry,
    Reply,
    Rule,
    Scenario,
    Span,
    Timing,
    When,
)
from mockoai.scenario.model import Test as Check
from tests.scenario.test_golden import GOLDEN


def codes(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    return [one.code for one in caught.value.diagnostics]


def test_the_smallest_scenario_is_a_healthy_server() -> None:
    assert load_text("id: a", "a.yaml") == Scenario("a", rules=(Rule(),), source="a.yaml")


def test_the_example_that_explains_the_language() -> None:
    name = GOLDEN / "valid" / "language-example.yaml"
    scenario = load_text(name.read_text(encoding="utf-8"), "example.yaml")
    turned_away, cut, otherwise = scenario.rules
    assert (scenario.id, scenario.backend, scenario.seed) == ("rate-limit-then-cut", "vllm", 7)
    assert scenario.timing == Timing(AT_ONCE, Duration.fixed(0.12), Duration.fixed(0.02), AT_ONCE)
    assert scenario.expect == (Expectation("calls", CallRange(2, 4)), Expectation("client", "notices"))
    assert (turned_away.name, turned_away.when) == ("turned away once", When(endpoint=("chat",), call=CallRange(1, 1)))
    assert [fault.id for fault in turned_away.faults] == ["rate-limit-requests"]
    assert cut.when == When(
        endpoint=("chat",),
        stream=True,
        model=("gpt-4o*",),
        message=(Check("contains", "weather"),),
        header=(("x-tenant", (Check("equals", "acme"),)),),
        body=(
            ("tools[0].function.name", (Check("equals", "get_weather"),)),
            ("temperature", (Check("gt", 1),)),
        ),
        call=CallRange(2, 3),
        chance=0.5,
    )
    assert cut.reply == Reply(text="It is 21 degrees in Paris.")
    assert cut.span == Span(11, 5)
    (fault,) = cut.faults
    assert (fault.id, getattr(fault, "after", None)) == ("fin-mid-chunked", Place("tokens", 3.0))
    assert otherwise == Rule(reply=Reply(text="Fine."), span=Span(24, 5))


def test_everything_a_scenario_can_say_about_itself() -> None:
    text = """
id: A.b-c_1
title: T
description: D
category: C
who: W
evidence: E
sound_client: S
nearest: N
backend: openai
seed: -3
clock: 1.5
models: [a, { id: b }]
fallback: echo
"""
    scenario = load_text(text)
    assert scenario == Scenario(
        "A.b-c_1",
        title="T",
        description="D",
        category="C",
        who="W",
        evidence="E",
        sound_client="S",
        nearest="N",
        seed=-3,
        clock=1.5,
        models=(ModelEntry("a"), ModelEntry("b")),
        fallback="echo",
        source="<text>",
    )
    assert load_text("id: a\nmodels: []").models == ()


@pytest.mark.parametrize("id", ["a/b", "a b", "-a", ".", "''", "é", "a" * 101, '"a\\n"'])
def test_an_id_must_fit_into_a_url(id: str) -> None:
    assert codes(f"id: {id}") == ["bad-id"]


def test_every_backend_can_be_named() -> None:
    for name in BACKENDS:
        assert load_text(f"id: a\nbackend: {name}").backend == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a", "wrong-type"),
        ("[]", "wrong-type"),
        ("{}", "missing-key"),
        ("id: 1", "wrong-type"),
        ("id:", "empty-value"),
        ("{ id: a, backend: zzz }", "unknown-backend"),
        ("{ id: a, backend: 1 }", "wrong-type"),
        ("{ id: a, rules: [] }", "empty-value"),
        ("{ id: a, rules: [a] }", "wrong-type"),
        ("{ id: a, rules: [{ events: [] }] }", "empty-value"),
        ("{ id: a, rules: [{ reply: a, events: [{ data: b }] }] }", "exclusive-keys"),
        ("{ id: a, rules: [{ events: [{ data: b }], wire: [b] }] }", "exclusive-keys"),
        ("{ id: a, rules: [{ reply: a, wire: [b] }] }", "exclusive-keys"),
        ("{ id: a, rules: [{}, {}] }", "unreachable-rule"),
        ("{ id: a, source: b }", "unknown-key"),
        ("{ id: a, rules: [{ span: b }] }", "unknown-key"),
    ],
)
def test_what_no_scenario_can_be(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_a_rule_is_named_in_a_diagnostic_by_what_names_it() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("id: a\nrules:\n  - reply: a\n  - reply: b\n    name: n\n  - reply: c\n    when: { call: 1 }\n")
    assert [one.where for one in caught.value.diagnostics] == ["<text>:5:5", "<text>:7:5"]
    assert [one.labels[0].span.line for one in caught.value.diagnostics] == [3, 3]


def test_mistakes_of_one_file_are_all_found_in_order() -> None:
    text = "id: a b\nid: c\nseed: x\nrules:\n  - fautls: []\n  - when: { chance: 2 }\nexpect: [zzz]\n"
    assert codes(text) == [
        "bad-id",
        "duplicate-key",
        "wrong-type",
        "unknown-key",
        "out-of-range",
        "unknown-expectation",
    ]


def test_a_number_can_be_anything_finite() -> None:
    scenario = load_text("id: a\nrules: [{ reply: { json: [-0.0, 1e-300, 9223372036854775807] } }]")
    assert scenario.rules[0].reply is not None
    zero, small, large = scenario.rules[0].reply.json
    assert (math.copysign(1, zero), small, large) == (-1, 1e-300, 2**63 - 1)
