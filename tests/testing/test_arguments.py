"""Python values read by the shapes of scenario files: the same values, the same mistakes, at the argument."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mockoai
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Rule, Scenario
from mockoai.scenario.typed import shape_of
from mockoai.testing.arguments import Call
from mockoai.testing.build import add_rule, use

fault = mockoai.fault


def rule(**keys: Any) -> Rule:
    found: Rule = Call("mockoai.rule", keys).read(shape_of(Rule))
    return found


def wrong(**keys: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        rule(**keys)
    return caught.value.render()


def from_file(text: str) -> Rule:
    found = load_text("id: x\nrules:\n- " + "\n  ".join(text.splitlines()))
    return found.rules[0]


SAME = {
    "reply: Paris.": {"reply": "Paris."},
    'reply: "1.10"': {"reply": "1.10"},
    "when: { stream: true, call: 2..3, chance: 0.5 }": {"when": {"stream": True, "call": "2..3", "chance": 0.5}},
    "when: { call: 2 }": {"when": {"call": 2}},
    "when: { body: { temperature: { gt: 1 }, user: null } }": {
        "when": {"body": {"temperature": {"gt": 1}, "user": None}}
    },
    "when: { model: [a, b], header: { x-a: 'on' } }": {"when": {"model": ("a", "b"), "header": {"x-a": "on"}}},
    "faults: [done-missing]": {"faults": ["done-missing"]},
    "faults: [usage-missing, done-missing]": {"faults": [fault("usage-missing"), "done-missing"]},
    "faults: [stall-mid-stream: { after: 3 tokens, for: 30s }]": {
        "faults": [fault("stall-mid-stream", after="3 tokens", for_=timedelta(seconds=30))]
    },
    "faults: [fin-mid-chunked: { after: 50% }]": {"faults": [{"fin-mid-chunked": {"after": "50%"}}]},
    "timing: { first_token: 100us }".replace("100us", "1.5ms"): {
        "timing": {"first_token": timedelta(microseconds=1500)}
    },
    "timing: { between_tokens: { normal: [20ms, 5ms] } }": {
        "timing": {"between_tokens": {"normal": ["20ms", timedelta(milliseconds=5)]}}
    },
    'wire: ["HTTP/1.1 200 OK\\r\\n", { bytes: "\\xff\\r\\n" }, { wait: 30ms }, { end: rst }]': {
        "wire": ["HTTP/1.1 200 OK\r\n", b"\xff\r\n", {"wait": "30ms"}, {"end": "rst"}]
    },
    'events: [{ data: { a: [1, 1.5, null, true, "1", ""] } }, { done: true }]': {
        "events": [{"data": {"a": [1, 1.5, None, True, "1", ""]}}, {"done": True}]
    },
}


@pytest.mark.parametrize("text", SAME)
def test_arguments_mean_what_a_file_says(text: str) -> None:
    expected = from_file(text)
    assert Call("rule", SAME[text]).read(shape_of(Rule)) == Rule(
        expected.name, expected.when, expected.reply, expected.timing, expected.faults, expected.events, expected.wire
    )


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(JSON.filter(lambda value: value is not None))
def test_any_json_comes_through(value: Any) -> None:
    reply = rule(reply={"json": value}).reply
    assert reply is not None
    assert json.dumps(reply.json) == json.dumps(value)


def test_places_and_lengths_are_those_of_the_text() -> None:
    call = Call("use", {"one": "a", "for_": {"k": [True, b"x"]}})
    assert call.text == 'use(\n  one="a",\n  for_={"k": [True, b\'x\']},\n)'
    keys = [(key.text, key.line, key.column, key.length) for key, _ in call.node.entries]
    assert keys == [("one", 2, 3, 3), ("for", 3, 3, 4)]
    for _, value in call.node.entries:
        assert call.source.lines[value.line - 1][value.column - 1 :].startswith(('"a"', "{"))


WRONG = {
    "key": ({"fautls": []}, ("unknown-key", "`fautls`", "did you mean `faults`?")),
    "parameter": (
        {"faults": [fault("stall-mid-stream", afer="3 tokens")]},
        ("unknown-key", "stall-mid-stream", "did you mean `after`?"),
    ),
    "place": ({"faults": [fault("stall-mid-stream", after="3 tokns")]}, ("bad-place", "3 tokns", "tokens")),
    "number for time": ({"timing": {"first_token": 0.5}}, ("bad-duration", "`0.5ms` or `0.5s`")),
    "conflict": ({"faults": ["fin-mid-chunked", "rst-mid-stream"]}, ("fault-conflict", "cannot both happen")),
    "type": ({"reply": {"json": {1, 2}}}, ("wrong-type", "this is a set", "`fault(...)`")),
    "reply": ({"reply": 5}, ("wrong-type", "`5` is a number")),
    "fault id": ({"faults": [fault(5)]}, ("unknown-fault", "no fault is called `5`")),  # type: ignore[arg-type]
    "key type": ({"when": {None: 1}}, ("yaml-key", "a key must be text")),
    "surrogate": ({"reply": "\ud800"}, ("yaml-syntax", "half of a surrogate pair")),
    "huge number": ({"reply": {"json": 10**5000}}, ("bad-number",)),
    "not a number": ({"reply": {"json": [float("nan")]}}, ("bad-number", "`.nan`")),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_those_of_files(case: str) -> None:
    keys, told = WRONG[case]
    text = wrong(**keys)
    assert "--> mockoai.rule:" in text
    assert text.isprintable() or "\n" in text
    for words in told:
        assert words in text, text


def test_what_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "yaml-too-deep" in wrong(reply={"json": endless})
    assert "yaml-too-many" in wrong(reply={"json": [0] * 60_000})


def test_a_fault_shows_as_it_is_written() -> None:
    assert repr(fault("stall-mid-stream", after="3 tokens", for_="30s")) == (
        "fault('stall-mid-stream', after='3 tokens', for_='30s')"
    )


def test_keys_of_a_whole_scenario() -> None:
    stage = use([], {"seed": 7, "rules": [{"reply": "a"}], "expect": [{"calls": 2}, "no-retry"]}, "named")
    assert isinstance(stage.scenario, Scenario)
    assert (stage.scenario.id, stage.scenario.seed, len(stage.scenario.expect)) == ("named", 7, 2)
    assert add_rule(None, {"reply": "a"}, "named").scenario.id == "named"
