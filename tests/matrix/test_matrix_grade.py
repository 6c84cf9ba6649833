"""Every rule of the grade, and that they come in their order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.matrix.grade import MARKS, Grade, differences, grade

CALL = {"id": "call_1", "name": "get_weather", "arguments": '{"city":"Paris"}'}
USAGE = {"prompt": 5, "completion": 2, "total": 7}
MEANT: dict[str, Any] = {"kind": "answer", "text": "Paris.", "tool_calls": [], "finish": "stop", "usage": None}
CALLING = {**MEANT, "text": "", "tool_calls": [CALL], "finish": "tool_calls"}
ERROR = {"kind": "error"}
OWN = {"own": True, "class": "openai.RateLimitError", "message": "slow down", "cause": ""}
FOREIGN = {"own": False, "class": "httpx.ReadError", "message": "", "cause": ""}


def result(**more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"text": "Paris.", "finish": "stop", "usage": None, "tool_calls": []}
    return {"sdk": None, "loop": None, "noticed": [], "hung": False, "given": 3, "answer": answer, **more}


def exchanges(**more: Any) -> dict[str, Any]:
    return {"delivered": True, "why": "", "times": [0.0], "left": False, **more}


def graded(meant: Any = MEANT, *, leave: bool = False, **more: Any) -> Grade:
    return grade(result(**more), exchanges(), meant, leave=leave)


def test_an_answer_as_it_was_meant_survived() -> None:
    assert graded() == Grade("survived")


def test_what_the_client_cannot_ask_is_no_grade() -> None:
    found = grade(result(none="no list of models"), exchanges(delivered=False, why="no request came"), None)
    assert found == Grade("none", why="no list of models")


@pytest.mark.parametrize("more", [{}, {"hung": True}, {"sdk": OWN}, {"loop": FOREIGN}])
def test_what_was_not_delivered_is_never_a_grade(more: dict[str, Any]) -> None:
    found = grade(result(**more), exchanges(delivered=False, why="the client left"), MEANT)
    assert found == Grade("undelivered", why="the client left")


def test_an_answer_of_no_known_rule_is_no_grade() -> None:
    assert graded(None).mark == "undelivered"


def test_a_client_that_hangs_hung_whatever_else_it_did() -> None:
    assert graded(hung=True, noticed=[OWN]) == Grade("hung", why="with the whole answer")
    assert graded(hung=True, answer={"text": "Par"}).why == "after 3 chunks"
    assert graded(hung=True, answer={}).why == "after 3 chunks"


def test_errors_are_told_apart_by_class_and_by_who_raised() -> None:
    assert graded(sdk=OWN) == Grade("own", "sdk")
    assert graded(sdk=FOREIGN) == Grade("foreign", "sdk")
    assert graded(loop=FOREIGN) == Grade("foreign", "loop")


def test_the_loop_raises_before_the_sdk_does() -> None:
    assert graded(loop=FOREIGN, sdk=OWN) == Grade("foreign", "loop")


def test_an_error_that_is_only_mentioned_counts() -> None:
    assert graded(noticed=[OWN], answer={"text": "Par"}) == Grade("own", "sdk")


def test_a_wrong_answer_without_an_error_is_silent() -> None:
    found = graded(answer={"text": "Par", "finish": None, "usage": None})
    assert found.mark == "silent"
    assert found.differs == {"text": ("Paris.", "Par"), "finish": ("stop", None)}


def test_every_answer_differs_from_an_error() -> None:
    assert graded(ERROR).differs == {"error": ("an error", "Paris.")}
    assert graded(ERROR, sdk=OWN).mark == "own"


def test_fields_that_the_interface_lacks_are_not_missed() -> None:
    assert differences({**MEANT, "usage": USAGE}, {"text": "Paris."}) == {}


def test_usage_counts_only_where_it_was_due() -> None:
    told = {"text": "Paris.", "usage": USAGE}
    assert differences(MEANT, told) == {}
    assert differences({**MEANT, "usage": USAGE}, told) == {}
    assert set(differences({**MEANT, "usage": USAGE}, {**told, "usage": None})) == {"usage"}
    assert set(differences({**MEANT, "usage": USAGE}, {**told, "usage": {**USAGE, "total": "7"}})) == {"usage"}


@pytest.mark.parametrize(
    "call",
    [
        CALL,
        {**CALL, "arguments": '{ "city": "Paris" }'},
        {**CALL, "arguments": {"city": "Paris"}},
        {**CALL, "id": "made-up-by-the-client"},
    ],
)
def test_calls_that_can_be_made_and_answered_are_the_same(call: dict[str, Any]) -> None:
    assert differences(CALLING, {"text": "", "finish": "tool_calls", "tool_calls": [call]}) == {}


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [CALL, CALL],
        [{**CALL, "id": None}],
        [{**CALL, "id": ""}],
        [{"name": CALL["name"], "arguments": CALL["arguments"]}],
        [{**CALL, "id": "call_1call_1"}],
        [{**CALL, "name": "get_weatherget_weather"}],
        [{**CALL, "arguments": '{"city":"Paris"'}],
        [{**CALL, "arguments": '{"city":"Rome"}'}],
        [{**CALL, "arguments": ""}],
    ],
)
def test_calls_that_would_go_wrong_differ(calls: list[Any]) -> None:
    assert set(differences(CALLING, {"text": "", "tool_calls": calls})) == {"tool_calls"}


def test_two_calls_must_have_two_ids() -> None:
    two = {**CALLING, "tool_calls": [CALL, {**CALL, "id": "call_2"}]}
    assert differences(two, {"text": "", "tool_calls": two["tool_calls"]}) == {}
    assert set(differences(two, {"text": "", "tool_calls": [CALL, CALL]})) == {"tool_calls"}


def test_a_refusal_must_be_shown_in_one_way_or_the_other() -> None:
    refusing = {**MEANT, "text": "", "refusal": "I cannot."}
    assert differences(refusing, {"text": "I cannot.", "finish": "content_filter"}) == {}
    assert differences(refusing, {"text": "", "refusal": "I cannot."}) == {}
    assert differences(refusing, {"text": "", "finish": "stop"}) == {"text": ("I cannot.", "")}


def test_models_are_compared_by_their_ids() -> None:
    meant = {"kind": "models", "models": ["a", "b"]}
    assert differences(meant, {"models": ["a", "b"]}) == {}
    assert differences(meant, {"models": []}) == {"models": (["a", "b"], [])}


def test_who_leaves_has_the_beginning_and_the_server_knows() -> None:
    half = result(answer={"text": "Par", "finish": None})
    assert grade(half, exchanges(left=True), MEANT, leave=True) == Grade("survived")
    assert set(grade(half, exchanges(left=False), MEANT, leave=True).differs) == {"left"}
    other = result(answer={"text": "Rome"})
    assert set(grade(other, exchanges(left=True), MEANT, leave=True).differs) == {"text"}


def test_every_mark_has_a_place_in_the_summary() -> None:
    marks = {
        graded().mark,
        graded(sdk=OWN).mark,
        graded(sdk=FOREIGN).mark,
        graded(answer={}).mark,
        graded(hung=True).mark,
        graded(None).mark,
        graded(none="nothing").mark,
    }
    assert marks == set(MARKS)
