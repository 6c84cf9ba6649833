from typing import Any

import orjson
import pytest

from mockoai.match.conditions import json_holds, text_holds, unmet
from mockoai.match.path import MISSING
from mockoai.request import UNPARSABLE, Request
from mockoai.scenario.model import Test as Check
from mockoai.scenario.model import When


def request(body: Any = None, **options: Any) -> Request:
    data = body if isinstance(body, bytes) else orjson.dumps(body if body is not None else {})
    return Request(**{"method": "POST", "path": "/v1/chat/completions", "endpoint": "chat", "body": data, **options})


def holds(when: When, asked: Request) -> bool:
    return next(unmet(when, asked), None) is None


def said(text: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("when", "met", "not_met"),
    [
        (When(endpoint=("chat", "completions")), request(), request(endpoint="models")),
        (When(stream=True), request({"stream": True}), request({"stream": 1})),
        (When(stream=False), request({}), request({"stream": True})),
        (When(model=("gpt-4o*",)), request({"model": "gpt-4o-mini"}), request({"model": "GPT-4o"})),
        (When(model=("a", "b?")), request({"model": "b1"}), request({"model": "b"})),
        (When(model=("org/[ab]",)), request({"model": "org/a"}), request({"model": "org/c"})),
        (When(model=("*",)), request({"model": ""}), request({"model": "a"}, endpoint="x", path="/")),
    ][:-1],
)
def test_the_plain_conditions(when: When, met: Request, not_met: Request) -> None:
    assert holds(when, met)
    assert not holds(when, not_met)


def test_the_route_of_one_model_names_it_in_its_path() -> None:
    asked = Request("GET", "/v1/models/gpt-4o", endpoint="model", parameters=(("model", "gpt-4o"),))
    assert holds(When(model=("gpt-4o",)), asked)


def test_a_model_with_brackets_matches_itself() -> None:
    assert holds(When(model=("local[q4]",)), request({"model": "local[q4]"}))


def test_the_message_is_the_last_of_the_user() -> None:
    when = When(message=(Check("contains", "weather"),))
    turns = [
        {"role": "user", "content": "hello"},
        {"role": "user", "content": "the weather?"},
        {"role": "assistant", "content": "hello"},
    ]
    assert holds(when, request({"messages": turns}))
    assert not holds(when, request({"messages": turns[:1]}))


def test_a_message_in_parts_is_its_text() -> None:
    parts = [
        {"type": "text", "text": "the"},
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "text", "text": "weather"},
    ]
    assert holds(When(message=(Check("equals", "the\nweather"),)), request(said(parts)))


def test_the_message_of_other_endpoints_is_their_prompt_or_input() -> None:
    when = When(message=(Check("contains", "weather"),))
    assert holds(when, request({"prompt": "weather"}, endpoint="completions"))
    assert holds(when, request({"prompt": ["a", "weather"]}, endpoint="completions"))
    assert holds(when, request({"input": "weather"}, endpoint="embeddings"))
    assert not holds(when, request({"prompt": [1, 2]}, endpoint="completions"))


@pytest.mark.parametrize(
    "body", [{}, {"messages": []}, {"messages": "x"}, {"messages": [1]}, said(None), said(7), b"{"]
)
def test_no_user_message_fails_every_test_of_it(body: Any) -> None:
    assert next(unmet(When(message=(Check("contains", ""),)), request(body))).found is MISSING


def test_headers_are_found_whatever_their_case() -> None:
    asked = request(headers=(("x-tenant", "acme"), ("x-tenant", "other")))
    assert holds(When(header=(("X-Tenant", (Check("equals", "acme"),)),)), asked)
    assert holds(When(header=(("x-tenant", (Check("equals", "other"),)),)), asked)
    assert not holds(When(header=(("x-tenant", (Check("equals", "ACME"),)),)), asked)
    assert holds(When(header=(("x-none", (Check("exists", False),)),)), asked)
    assert not holds(When(header=(("x-none", (Check("exists", True),)),)), asked)
    assert not holds(When(header=(("x-none", (Check("glob", "*"),)),)), asked)


def test_all_tests_of_a_value_must_hold() -> None:
    when = When(body=(("temperature", (Check("gt", 0), Check("lt", 1))),))
    assert holds(when, request({"temperature": 0.5}))
    assert not holds(when, request({"temperature": 1}))


TOOLS = {"tools": [{"function": {"name": name, "strict": name == "b1"}} for name in ("a1", "b1", "b2")]}


@pytest.mark.parametrize(
    ("path", "tests", "expected"),
    [
        ("tools[*].function.name", (Check("equals", "b1"),), True),
        ("tools[*].function.name", (Check("equals", "c1"),), False),
        ("tools[*].function.name", (Check("glob", "b*"), Check("glob", "*2")), True),
        ("tools[*].function.name", (Check("glob", "a*"), Check("glob", "*2")), False),  # no single one passes both
        ("tools[*].function.name", (Check("exists", True),), True),
        ("tools[*].function.name", (Check("exists", False),), False),
        ("tools[*].function.strict", (Check("equals", True),), True),
        ("tools[*].function.none", (Check("exists", True),), False),
        ("tools[*].function.none", (Check("exists", False),), True),
        ("messages[*]", (Check("exists", False),), True),
    ],
)
def test_one_of_all_elements_must_pass_all_tests(path: str, tests: tuple[Check, ...], expected: bool) -> None:
    assert holds(When(body=((path, tests),)), request(TOOLS)) is expected


def test_what_elements_miss_is_what_the_best_of_them_misses() -> None:
    tests = (Check("glob", "a*"), Check("glob", "*2"), Check("contains", "b"))
    (missed,) = unmet(When(body=(("tools[*].function.name", tests),)), request(TOOLS))
    assert (missed.expected, missed.found) == (tests[0], ["a1", "b1", "b2"])
    (missed,) = unmet(When(body=(("tools[*].nothing", tests[:1]),)), request(TOOLS))
    assert missed.found is MISSING
    (missed,) = unmet(When(body=(("tools[*].nothing", tests[:1]),)), request(b"{"))
    assert missed.found is UNPARSABLE


def test_methods() -> None:
    when = When(method=("GET", "DELETE"))
    assert [holds(when, request(method=one)) for one in ("GET", "DELETE", "POST", "get")] == [True, True, False, False]
    (missed,) = unmet(when, request(method="PUT"))
    assert (missed.name, missed.expected, missed.found) == ("method", ("GET", "DELETE"), "PUT")


def test_a_body_that_is_not_json_has_no_values() -> None:
    (missed,) = unmet(When(body=(("a", (Check("exists", True),)),)), request(b"{"))
    assert missed.found is UNPARSABLE
    assert holds(When(body=(("a", (Check("exists", False),)),)), request(b"{"))


@pytest.mark.parametrize(
    ("how", "expected", "passes", "fails"),
    [
        ("equals", 1, [1, 1.0], [True, "1", None, MISSING, [1], 2]),
        ("equals", True, [True], [1, "true", False]),
        ("equals", None, [None], [0, False, "", MISSING]),
        ("equals", "a", ["a"], ["A", ["a"], 1]),
        ("equals", [1, {"a": True}], [[1.0, {"a": True}]], [[1, {"a": 1}], [1], [1, {"a": True}, 2]]),
        ("equals", {"a": 1}, [{"a": 1}], [{"a": 1, "b": 2}, {}, [1]]),
        ("contains", "a", ["cat", ["a"], {"a": 0}], ["b", [["a"]], {"b": "a"}, 1, None, MISSING]),
        ("contains", 1, [[1.0]], [[True], ["1"], 1, "1"]),
        ("glob", "a*c", ["abc", "ac", "a\nc"], ["abcd", "Abc", 1, ["abc"], MISSING]),
        ("regex", "b+", ["abbc"], ["ac", 1, ["b"], MISSING]),
        ("gt", 1, [1.1, 2], [1, True, "2", None, MISSING]),
        ("ge", 1, [1, 2], [0.9, True]),
        ("lt", 1, [0, -1.5], [1, False]),
        ("le", 1, [1, 0], [1.1, False]),
        ("exists", True, [None, 0, "", []], [MISSING]),
        ("exists", False, [MISSING], [None, 0]),
    ],
)
def test_json_is_compared_by_type(how: Any, expected: Any, passes: list[Any], fails: list[Any]) -> None:
    test = Check(how, expected)
    assert [value for value in passes if not json_holds(test, value)] == []
    assert [value for value in fails if json_holds(test, value)] == []


@pytest.mark.parametrize(
    ("how", "expected", "passes", "fails"),
    [
        ("equals", "3", ["3"], ["3.0", "03", MISSING]),
        ("equals", 3, ["3"], ["3.0"]),
        ("equals", True, ["true"], ["True", "1"]),
        ("contains", 4, ["42"], ["2", MISSING]),
        ("glob", "Bearer *", ["Bearer x"], ["bearer x"]),
        ("regex", "^v[0-9]+$", ["v12"], ["xv12", "v"]),
        ("gt", 10, ["11", "10.5"], ["10", "x", ""]),
        ("le", 10, ["10", "-1"], ["11", "x"]),
        ("exists", True, ["", "x"], [MISSING]),
    ],
)
def test_texts_are_compared_as_text(how: Any, expected: Any, passes: list[Any], fails: list[Any]) -> None:
    test = Check(how, expected)
    assert [value for value in passes if not text_holds(test, value)] == []
    assert [value for value in fails if text_holds(test, value)] == []


def test_a_bound_that_is_no_number_bounds_nothing() -> None:
    assert not json_holds(Check("gt", "1"), 2)
    assert not text_holds(Check("lt", None), "2")
