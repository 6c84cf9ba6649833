"""Scenarios stacked on one another, and rules on scenarios."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.mock import Mock
from mockoai.plan.duration import Duration
from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load, load_text
from mockoai.scenario.model import Scenario
from mockoai.testing.build import Stage, add_rule, find, rule_name, use


def scenario(text: str) -> Scenario:
    return load_text(text)


def names(stage: Stage) -> list[str]:
    return [rule_name(rule, index) for index, rule in enumerate(stage.scenario.rules)]


def stacked(*texts: str, **keys: Any) -> Stage:
    return use([scenario(text) for text in texts], keys, "test")


ONCE = "id: once\nrules: [{ name: first, when: { call: 1 }, faults: [rate-limit-requests] }, { name: rest }]"
STREAM = "id: stream\nrules: [{ when: { stream: true }, faults: [done-missing] }, { name: rest }]"
ALL = "id: all\nrules: [{ name: all, faults: [usage-missing] }]"


def test_a_scenario_alone_is_what_it_is() -> None:
    one = scenario(ONCE)
    assert use([one], {}, "test").scenario is one


def test_rules_without_when_stand_last_and_plain_ones_give_way() -> None:
    stage = stacked(ONCE, STREAM, ALL)
    assert names(stage) == ["first", "rule 3", "all"]
    assert stage.scenario.id == "once+stream+all"
    assert [one.rules for one in stage.used] == [("first",), ("rule 3",), ("all",)]
    assert names(stacked(ALL, ONCE)) == ["first", "all"]
    assert names(stacked(ONCE, STREAM)) == ["first", "rule 3", "rest (2)"]


def test_a_rule_stands_behind_those_there_are_and_before_those_without_when() -> None:
    stage = add_rule(use([load("retry-after-seconds")], {}, "test"), {"when": {"stream": True}, "reply": "a"}, "test")
    assert names(stage) == ["turned away", "rule 3", "let in"]
    stage = add_rule(stage, {"reply": "b"}, "test")
    assert names(stage) == ["turned away", "rule 3", "rule 4"]
    assert stage.written == ("rule 3", "rule 4")
    assert stage.scenario.id == "retry-after-seconds"


def test_names_do_not_change_when_rules_come() -> None:
    stage = add_rule(None, {"reply": "all"}, "test")
    assert names(stage) == ["rule 1"]
    for number in (2, 3):
        stage = add_rule(stage, {"when": {"call": number}, "reply": "x"}, "test")
    assert names(stage) == ["rule 2", "rule 3", "rule 1"]
    stage = add_rule(stage, {"name": "rule 1", "when": {"model": "m"}}, "test")
    assert names(stage) == ["rule 2", "rule 3", "rule 1 (2)", "rule 1"]


def test_a_rule_that_would_never_be_reached_is_refused() -> None:
    stage = add_rule(None, {"name": "all", "reply": "a"}, "test")
    with pytest.raises(ScenarioError) as caught:
        add_rule(stage, {"reply": "b"}, "test")
    assert caught.value.code == "unreachable-rule"
    assert "`all` of `test` answers all that it would" in caught.value.render()
    with pytest.raises(ScenarioError, match="`all` answers all that it would"):
        stacked(ALL, ALL.replace("id: all", "id: other").replace("name: all", "name: second"))


def test_what_holds_for_the_whole_must_agree_or_be_said() -> None:
    seven, eight = "seed: 7\n" + ONCE, "seed: 8\n" + STREAM
    assert stacked(seven, STREAM).scenario.seed == 7
    with pytest.raises(ScenarioError) as caught:
        stacked(seven, eight)
    assert caught.value.code == "stack-conflict"
    assert "each decides the `seed`" in caught.value.message
    assert stacked(seven, eight, seed=9).scenario.seed == 9
    assert stacked(seven, eight, seed=0).scenario.seed == 0


def test_timings_stay_with_their_rules() -> None:
    slow = "timing: { first_token: 1s }\n"
    stage = stacked(slow + ONCE, STREAM)
    timed = {rule_name(rule, index): rule.timing for index, rule in enumerate(stage.scenario.rules)}
    first = timed["first"]
    assert first is not None
    assert first.first_token == Duration.fixed(1)
    assert timed["rule 3"] is None
    assert stacked(slow + ONCE, slow + STREAM).scenario.timing.first_token == Duration.fixed(1)
    laid_over = stacked(slow + ONCE, timing={"first_token": "2s"}).scenario
    assert laid_over.timing.first_token == Duration.fixed(2)
    added = add_rule(stacked(slow + ALL), {"when": {"call": 1}, "timing": {"before_done": "3s"}}, "test").scenario
    assert added.rules[0].timing is not None
    assert (added.rules[0].timing.first_token, added.rules[0].timing.before_done) == (
        Duration.fixed(1),
        Duration.fixed(3),
    )


def test_expectations_add_up() -> None:
    assert len(stacked("expect: [{ calls: 1 }]\n" + ONCE, "expect: [no-retry]\n" + STREAM).scenario.expect) == 2


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(ScenarioError, match="names no scenario"):
        find({"rules": []}, Mock(), None)
    with pytest.raises(ScenarioError, match="did you mean `own-one`"):
        find("own-on", Mock([scenario(ALL.replace("all", "own-one"))]), None)
