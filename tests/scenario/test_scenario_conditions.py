"""``when:`` as it is written and as it is kept."""

from __future__ import annotations

import pytest

from mockoai.match import path
from mockoai.scenario.conditions import BODY_TESTS, HEADER_TESTS, MESSAGE_TESTS
from mockoai.scenario.model import CallRange, When
from mockoai.scenario.model import Test as Check
from mockoai.scenario.read import shape_of
from tests.scenario.reading import attempt, read, refusal

WHEN = shape_of(When)


def test_all_conditions_at_once() -> None:
    text = """
endpoint: [chat, completions]
stream: false
model: ["gpt-4o*", o3]
message: { contains: weather, regex: '(?i)paris' }
header: { X-Tenant: acme, x-version: 1.10 }
body: { "tools[0].function.name": get_weather, temperature: { gt: 1 } }
call: 2..3
chance: 0.5
"""
    assert read(WHEN, text) == When(
        endpoint=("chat", "completions"),
        stream=False,
        model=("gpt-4o*", "o3"),
        message=(Check("contains", "weather"), Check("regex", "(?i)paris")),
        header=(("x-tenant", (Check("equals", "acme"),)), ("x-version", (Check("equals", "1.10"),))),
        body=(
            ("tools[0].function.name", (Check("equals", "get_weather"),)),
            ("temperature", (Check("gt", 1),)),
        ),
        call=CallRange(2, 3),
        chance=0.5,
    )


def test_one_value_stands_for_a_list_of_one() -> None:
    assert read(WHEN, "{ endpoint: chat, model: gpt-4o }") == When(endpoint=("chat",), model=("gpt-4o",))


def test_a_bare_value_means_equals() -> None:
    assert read(MESSAGE_TESTS, "hello") == (Check("equals", "hello"),)
    assert read(MESSAGE_TESTS, "42") == (Check("equals", "42"),)
    assert read(BODY_TESTS, "42") == (Check("equals", 42),)
    assert read(BODY_TESTS, "null") == (Check("equals", None),)
    assert read(BODY_TESTS, "[a, { b: 1 }]") == (Check("equals", ["a", {"b": 1}]),)
    assert read(BODY_TESTS, "{ equals: { a: 1 } }") == (Check("equals", {"a": 1}),)


def test_several_tests_all_hold() -> None:
    assert read(BODY_TESTS, "{ ge: 1, lt: 2.5, exists: true }") == (
        Check("ge", 1),
        Check("lt", 2.5),
        Check("exists", True),
    )


def test_a_header_can_be_asked_to_be_absent_but_a_message_is_always_there() -> None:
    assert read(HEADER_TESTS, "{ exists: false }") == (Check("exists", False),)
    assert refusal(MESSAGE_TESTS, "{ exists: false }").code == "unknown-key"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}", "empty-value"),
        ("[a]", "wrong-type"),
        ("{ contains: [a] }", "wrong-type"),
        ("{ regex: '(' }", "bad-regex"),
        ("{ regex: 42 }", "wrong-type"),
        ("{ gt: 1 }", "unknown-key"),
        ("{ contain: a }", "unknown-key"),
    ],
)
def test_wrong_tests_of_a_text(text: str, code: str) -> None:
    assert refusal(MESSAGE_TESTS, text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ gt: x }", "wrong-type"),
        ("{ exists: 1 }", "wrong-type"),
        ("{ glob: 1 }", "wrong-type"),
        ("{ equals: .nan }", "bad-number"),
    ],
)
def test_wrong_tests_of_a_field(text: str, code: str) -> None:
    assert refusal(BODY_TESTS, text).code == code


def test_a_mapping_to_compare_with_is_answered_with_how() -> None:
    assert "`equals:`" in refusal(BODY_TESTS, "{ type: json_object }").help
    assert refusal(BODY_TESTS, "{ contain: x }").help == "did you mean `contains`?"


@pytest.mark.parametrize(
    ("text", "column"),
    [("{ regex: 'a(' }", 12), ('{ regex: "a(" }', 12), ("{ regex: a( }", 11), ('{ regex: "\\x61(" }', 10)],
)
def test_the_wrong_part_of_a_pattern_is_marked_where_it_can_be_found(text: str, column: int) -> None:
    found = refusal(MESSAGE_TESTS, text)
    assert found.span is not None
    assert found.span.column == column, "an escape makes the place uncertain, so all of the pattern is marked"


def test_advice_on_patterns() -> None:
    assert "`\\z`" in refusal(MESSAGE_TESTS, "{ regex: 'a\\Z' }").help
    assert "linear time" in refusal(MESSAGE_TESTS, "{ regex: '(?<=a)b' }").help
    assert "`contains`" in refusal(MESSAGE_TESTS, "{ regex: 'a(b' }").help
    assert "smaller" in refusal(MESSAGE_TESTS, "{ regex: '(a{1000}){1000}' }").help


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "a[", "a[x]", "[0]", "a b", "a[0]b", '"', "a.*", "a[*]b"])
def test_what_is_no_path_is_refused_at_the_part_that_is_wrong(text: str) -> None:
    found = refusal(WHEN, f"{{ body: {{ '{text}': 1 }} }}")
    assert found.code == "bad-path"


@pytest.mark.parametrize("text", ["a", "a.b", "a[0]", "a[-1].b", "a[*]", "a[*].b[*]", 'a."b c"', "a-b.c_d"])
def test_every_path_that_is_taken_can_be_followed(text: str) -> None:
    when = read(WHEN, f"{{ body: {{ '{text}': 1 }} }}")
    assert path.parse(when.body[0][0])


def test_methods_are_written_as_they_are_sent() -> None:
    assert read(WHEN, "{ method: GET }").method == ("GET",)
    assert read(WHEN, "{ method: [PUT, DELETE] }").method == ("PUT", "DELETE")
    assert refusal(WHEN, "{ method: get }").help == "did you mean `GET`?"
    assert refusal(WHEN, "{ method: GTE }").help == "did you mean `GET`?"
    assert refusal(WHEN, "{ method: [] }").code == "empty-value"


def test_header_names_are_compared_without_their_case() -> None:
    assert read(WHEN, "{ header: { X-A: b } }").header[0][0] == "x-a"
    assert refusal(WHEN, "{ header: { X-A: b, x-a: c } }").code == "duplicate-key"
    assert refusal(WHEN, "{ header: { 'x a': b } }").code == "bad-header"
    assert refusal(WHEN, "{ header: {} }").code == "empty-value"
    assert refusal(WHEN, "{ body: {} }").code == "empty-value"


def test_all_mistakes_of_a_when_are_found() -> None:
    _, mistakes = attempt(WHEN, "{ endpoint: caht, stream: yes, chance: 2, call: 0, modle: x }")
    assert [one.code for one in mistakes] == ["unknown-value", "wrong-type", "out-of-range", "bad-range", "unknown-key"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/v1/chat/completions", "chat"),
        ("/chat/completions", "chat"),
        ("chat/completions", "chat"),
        ("v1/completions", "completions"),
        ("https://api.openai.com/v1/embeddings?x=1", "embeddings"),
        ("/v1/models", "models"),
        ("/v1/models/gpt-4o", "model"),
    ],
)
def test_a_path_is_not_an_endpoint_but_tells_which(text: str, meant: str) -> None:
    found = refusal(WHEN, f"{{ endpoint: '{text}' }}")
    assert (found.code, found.help) == ("unknown-value", f"write `{meant}`")


def test_an_endpoint_that_is_no_path_is_compared_with_the_names() -> None:
    assert refusal(WHEN, "{ endpoint: chatt }").help == "did you mean `chat`?"
    assert refusal(WHEN, "{ endpoint: /v1/nothing }").help == ""
