"""Faults together, and places that never come: nothing that was asked for is passed over in silence.

Any two faults of different layers both do what they are for; or a file that lists them is refused; or the one that
did not fire says why, what it says is so, and it did nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockoai.address import Address
from mockoai.cli.planned import CLOCK
from mockoai.cli.sample import request
from mockoai.faults import registry
from mockoai.faults.base import Fault
from mockoai.mock import Mock
from mockoai.plan.items import LAYERS, End, Wait, Write
from mockoai.plan.place import Place
from mockoai.plan.steps import Plan
from mockoai.request import Request
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.faultlist import UNCOUNTED
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Rule, Scenario

REQUIRED = {
    "drop-field": "{ path: object }",
    "header-missing": "{ name: openai-version }",
    "header-set": '{ name: x-shown, value: "1" }',
    "huge-chunk": "{ size: 5000 }",
    "models-huge": "{ count: 50 }",
    "set-field": "{ path: id, value: changed }",
}
"""Parameters of the faults that need some, or are too large without."""

BEGUN = ("bad-chunk-size", "gzip-truncated", "lone-surrogate-escapes", "sse-id-then-blank")
"""Faults that prepare for a place, and so change bytes though the place never comes."""

TEXT = 'reply: { text: "Déjà vu in Paris, they say.", reasoning: "We think." }'
CALLS = "reply: { tool_calls: [{ name: get_weather, arguments: { city: Zürich } }, { name: get_time, arguments: {} }] }"
TWO = 'reply: { text: "Two of them.", choices: 2 }'
USAGE = {"stream_options": {"include_usage": True}}

ANSWERS: dict[str, tuple[str, dict[str, object], str]] = {
    "a stream": ("chat", {"stream": True, **USAGE}, TEXT),
    "a stream of two": ("chat", {"stream": True, "n": 2}, TWO),
    "a stream of calls": ("chat", {"stream": True, **USAGE}, CALLS),
    "a body": ("chat", {}, TEXT),
    "a body with calls": ("chat", {}, CALLS),
    "a legacy stream": ("completions", {"stream": True}, 'reply: { text: "One two three four five." }'),
    "a legacy body": ("completions", {}, 'reply: { text: "One two three four five." }'),
    "embeddings": ("embeddings", {"encoding_format": "base64"}, ""),
    "a model list": ("models", {}, ""),
}
"""Endpoint, fields of the request, and the reply of the rule."""

IDS = sorted(registry.load())


@cache
def asked(answer: str) -> Request:
    endpoint, fields, _ = ANSWERS[answer]
    one = request(endpoint, "gpt-4o-mini", fields, Rule())
    return replace(one, headers=(*one.headers, ("x-request-id", "trace-1")))


def scenario(answer: str, *faults: str) -> Scenario:
    """Load a file with one rule that answers with ``faults``; raises ScenarioError when it is refused."""
    lines = ["id: case", "timing: { between_tokens: 50ms }", "rules:", "  - name: only"]
    reply = ANSWERS[answer][2]
    lines += [f"    {reply}"] if reply else []
    lines += ["    faults:", *(f"      - {fault}" for fault in faults)] if faults else []
    return load_text("\n".join(lines) + "\n")


def planned(answer: str, *faults: str) -> Plan:
    mock = Mock([scenario(answer, *faults)], clock=lambda: CLOCK)
    one = asked(answer)
    return mock.answer(one, Address(one.path), mock.sessions.get("default")).plan


def written(id: str) -> str:
    """Return the fault as a file has it."""
    return f"{id}: {REQUIRED[id]}" if id in REQUIRED else id


@cache
def alone(answer: str, id: str) -> Plan:
    return planned(answer, written(id))


def sent(plan: Plan) -> list[tuple[float, object]]:
    """Return what goes over the wire, and when."""
    what = {Write: "data", Wait: "seconds", End: "how"}
    return [(round(step.at, 6), getattr(step, what[type(step)])) for step in plan.steps]


def body(plan: Plan) -> bytes:
    return b"".join(step.data[step.lead : step.lead + step.body] for step in plan.steps if isinstance(step, Write))


# --- what reasons claim -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Witness:
    """What the other fault alone makes of an answer."""

    other: Fault
    plan: Plan


def no_key(name: str) -> Callable[[Witness, re.Match[str]], bool]:
    def check(witness: Witness, match: re.Match[str]) -> bool:
        return f'"{name or match[1]}":'.encode() not in body(witness.plan).replace(b'": ', b'":')

    return check


def place_is_missing(witness: Witness, match: re.Match[str]) -> bool:
    """Whether the answer ends before the place, in the unit it is said in."""
    place = Place.parse(match[1])
    if place.unit == "mark":
        return not any(step.mark == place.mark for step in witness.plan.steps)
    reached = {"tokens": witness.plan.tokens, "events": witness.plan.events, "bytes": len(body(witness.plan))}
    return place.unit == "percent" or reached.get(place.unit, witness.plan.duration) < place.amount


CLAIMS: tuple[tuple[str, Callable[[Witness, re.Match[str]], bool]], ...] = (
    ("the answer is not streamed", lambda one, _: not one.plan.stream),
    ("the answer is streamed", lambda one, _: one.plan.stream),
    ("the answer is an error", lambda one, _: "answer" in one.other.claims),
    ("the answer has no place `([^`]*)`.*", place_is_missing),
    ("the answer calls no tool", lambda one, _: not re.search(rb'"tool_calls":\s*\[\s*\{', body(one.plan))),
    (r"the answer has no `\[DONE\]`.*", lambda one, _: b"data: [DONE]\n\n" not in body(one.plan)),
    ("the answer has no usage chunk.*", lambda one, _: b'"choices":[],"usage":{' not in body(one.plan)),
    ("the answer has no usage.*", lambda one, _: b'"usage":{' not in body(one.plan).replace(b" ", b"")),
    ("the answer has no `([a-z_]+)`", no_key("")),
    ("the answer has no `([a-z_]+)` of its own", lambda one, _: True),
    ("the answer has no header `([^`]*)`", lambda one, m: m[1].encode() not in one.plan.data.partition(b"\r\n\r\n")[0]),
    ("the answer is no model list", lambda one, _: b'"object":"model"' not in body(one.plan).replace(b" ", b"")),
    ("the body has only (\\d+) bytes", lambda one, m: len(body(one.plan)) == int(m[1])),
    ("the head has only (\\d+) bytes", lambda one, m: len(one.plan.data) >= int(m[1])),
    ("the answer has no body", lambda one, _: not body(one.plan)),
)
"""Reasons as expressions, and whether they are so; the reasons of single faults are held against their effect alone."""

UNDONE = "what it did was cut off or undone by another fault"
VAGUE = ("", "nothing in the answer for it to act on")


def assert_true(why: str, witness: Witness) -> None:
    assert why not in VAGUE
    for expression, holds in CLAIMS:
        if match := re.fullmatch(expression, why):
            assert holds(witness, match), why
            return


def assert_well_formed(plan: Plan) -> None:
    """Assert what the writer and the journal rely on."""
    assert [isinstance(step, End) for step in plan.steps].count(True) == 1
    assert isinstance(plan.steps[-1], End)
    for step, following in zip(plan.steps, plan.steps[1:], strict=False):
        assert following.at >= step.at >= 0
    labels = {name for step in plan.steps for name in step.faults}
    assert all(one.id in labels for one in plan.faults if one.fired and one.id != "noop")


# --- two faults -------------------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None)
@given(first=st.sampled_from(IDS), second=st.sampled_from(IDS), answer=st.sampled_from(sorted(ANSWERS)))
def test_two_faults_of_different_layers_both_act_or_say_why(first: str, second: str, answer: str) -> None:
    faults = registry.load()
    assume(faults[first].layer != faults[second].layer)
    # A fault that has nothing to act on by itself is not what is asked about here.
    assume(alone(answer, first).faults[0].fired and alone(answer, second).faults[0].fired)
    made = [scenario(answer, written(id)).rules[0].faults[0] for id in (first, second)]
    if registry.conflict(made):
        with pytest.raises(ScenarioError) as caught:
            scenario(answer, written(first), written(second))
        assert caught.value.diagnostics[0].code == "fault-conflict"
        return

    both = planned(answer, written(first), written(second))

    assert_well_formed(both)
    assert any(one.fired for one in both.faults)
    for one, (fault, other) in zip(both.faults, (made, made[::-1]), strict=True):
        if one.fired:
            continue
        witness = Witness(other, alone(answer, other.id))
        assert_true(one.why, witness)
        if fault.id not in BEGUN and one.why != UNDONE:
            assert sent(both) == sent(witness.plan), one.why


@settings(max_examples=300, deadline=None)
@given(first=st.sampled_from(IDS), second=st.sampled_from(IDS), answer=st.sampled_from(sorted(ANSWERS)))
def test_the_order_in_the_file_does_not_matter_across_layers(first: str, second: str, answer: str) -> None:
    faults = registry.load()
    assume(faults[first].layer != faults[second].layer and not registry.conflict([faults[first], faults[second]]))  # type: ignore[list-item]

    one = planned(answer, written(first), written(second))
    other = planned(answer, written(second), written(first))

    assert sent(one) == sent(other)
    assert {fault.id: fault for fault in one.faults} == {fault.id: fault for fault in other.faults}


def test_every_layer_has_faults_to_put_together() -> None:
    assert {fault.layer for fault in registry.load().values()} == set(LAYERS)


# --- places that never come -------------------------------------------------------------------------------

PLACED = [
    (id, field.name)
    for id, cls in sorted(registry.load().items())
    for field in dataclasses.fields(cls)
    if "Place" in str(field.type)
]
BEYOND = ("9000 tokens", "9000 events", "900000 bytes", "9000s")


@pytest.mark.parametrize(("id", "parameter"), PLACED, ids=[id for id, _ in PLACED])
@pytest.mark.parametrize("place", BEYOND)
@pytest.mark.parametrize("answer", ["a stream", "a body"])
def test_a_place_past_the_end_is_reported(id: str, parameter: str, place: str, answer: str) -> None:
    required = REQUIRED.get(id, "{ }").strip("{} ")
    fault = f"{id}: {{ {required}{', ' if required else ''}{parameter}: {place} }}"
    layer, needs = registry.load()[id].layer, registry.load()[id].needs
    if place.split()[-1] in UNCOUNTED.get(layer, ()):
        with pytest.raises(ScenarioError) as caught:
            planned(answer, fault)
        assert caught.value.diagnostics[0].code == "impossible-place"
        return
    plan = planned(answer, fault)
    (one,) = plan.faults
    assert not one.fired
    assert one.why not in VAGUE
    if needs == "anything" or (needs == "stream") == plan.stream:
        assert f"`{Place.parse(place)}`" in one.why
    if id not in BEGUN:
        assert sent(plan) == sent(planned(answer))


def test_every_fault_with_a_place_was_asked() -> None:
    assert {"fin-mid-chunked", "err-data-then-done", "choices-null", "stall-mid-stream"} <= {id for id, _ in PLACED}
