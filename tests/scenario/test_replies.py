"""Replies and timing, as they are written and as they are kept."""

from __future__ import annotations

import pytest

from mockoai.plan.duration import Duration
from mockoai.scenario.load import load_text
from mockoai.scenario.model import (
    ErrorReply,
    Lorem,
    ModelEntry,
    Reply,
    Timing,
    ToolCallReply,
    UsageReply,
)
from mockoai.scenario.read import shape_of
from tests.scenario.reading import attempt, read, refusal

REPLY, TIMING, MODEL = shape_of(Reply), shape_of(Timing), shape_of(ModelEntry)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Fine.", Reply(text="Fine.")),
        ("''", Reply(text="")),
        ("{}", Reply()),
        ("{ text: Fine. }", Reply(text="Fine.")),
        ("{ lorem: { tokens: 80 } }", Reply(lorem=Lorem(80))),
        ("{ lorem: {} }", Reply(lorem=Lorem())),
        ("{ echo: true }", Reply(echo=True)),
        ("{ json: { a: [1] }, finish: length }", Reply(json={"a": [1]}, finish="length")),
        ("{ refusal: No. }", Reply(refusal="No.")),
        ("{ text: a, reasoning: b, model: m, choices: 2 }", Reply(text="a", reasoning="b", model="m", choices=2)),
        ("{ tokens: [It, ' is'] }", Reply(text="It is", tokens=("It", " is"))),
        ("{ text: It is, tokens: [It, ' is'] }", Reply(text="It is", tokens=("It", " is"))),
        ("{ tool_calls: [{ name: f }] }", Reply(tool_calls=(ToolCallReply("f"),))),
        ("{ tool_calls: [f, {}] }", Reply(tool_calls=(ToolCallReply("f"), ToolCallReply()))),
        (
            "{ tool_calls: [{ arguments: {} }, { arguments: '' }] }",
            Reply(tool_calls=(ToolCallReply(arguments={}), ToolCallReply(arguments=""))),
        ),
        (
            "{ tool_calls: [{ name: f, arguments: '{', id: c }] }",
            Reply(tool_calls=(ToolCallReply("f", "{", "c"),)),
        ),
        ("{ usage: { prompt_tokens: 5 } }", Reply(usage=UsageReply(prompt_tokens=5))),
        (
            "{ error: { status: 429, code: x, headers: { retry-after: 1 } } }",
            Reply(error=ErrorReply(429, code="x", headers=(("retry-after", "1"),))),
        ),
        ("{ error: { code: 40303 } }", Reply(error=ErrorReply(code=40303))),
        (
            "{ error: { status: 502, body: <html>, content_type: text/html } }",
            Reply(error=ErrorReply(502, body="<html>", content_type="text/html")),
        ),
    ],
)
def test_replies_are_read(text: str, reply: Reply) -> None:
    assert read(REPLY, text) == reply


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("42", "wrong-type"),
        ("[a]", "wrong-type"),
        ("{ text: a, json: b }", "exclusive-keys"),
        ("{ echo: true, lorem: {} }", "exclusive-keys"),
        ("{ refusal: a, error: {} }", "exclusive-keys"),
        ("{ error: {}, finish: stop }", "exclusive-keys"),
        ("{ error: {}, tool_calls: [] }", "exclusive-keys"),
        ("{ tokens: [a], echo: true }", "exclusive-keys"),
        ("{ error: { body: a, message: b } }", "exclusive-keys"),
        ("{ text: a b, tokens: [a, b] }", "bad-tokens"),
        ("{ choices: 129 }", "out-of-range"),
        ("{ error: { status: 600 } }", "out-of-range"),
        ("{ tool_calls: [{ nmae: f }] }", "unknown-key"),
        ("{ tool_calls: f }", "wrong-type"),
        ("{ json: null }", "empty-value"),
        ("{ error: { body: null } }", "empty-value"),
        ("{ text: }", "empty-value"),
    ],
)
def test_wrong_replies_are_refused(text: str, code: str) -> None:
    assert refusal(REPLY, text).code == code


def test_every_two_keys_that_exclude_each_other_are_named() -> None:
    _, mistakes = attempt(REPLY, "{ text: a, json: b, refusal: c }")
    assert [one.message for one in mistakes] == [
        "`text` and `json` cannot stand together",
        "`text` and `refusal` cannot stand together",
        "`json` and `refusal` cannot stand together",
    ]


def test_a_model_is_a_name_or_an_entry() -> None:
    assert read(MODEL, "gpt-4o") == ModelEntry("gpt-4o")
    assert read(MODEL, "{ id: a/b, owned_by: me, created: 1 }") == ModelEntry("a/b", "me", 1)
    assert refusal(MODEL, "{ owned_by: me }").code == "missing-key"
    assert refusal(MODEL, "4").code == "wrong-type"


def test_tokens_per_second_is_another_way_to_say_between_tokens() -> None:
    assert read(TIMING, "{ tokens_per_second: 50 }") == Timing(between_tokens=Duration.fixed(0.02))
    assert refusal(TIMING, "{ tokens_per_second: 50, between_tokens: 1s }").code == "exclusive-keys"
    assert refusal(TIMING, "{ tokens_per_second: 0 }").code == "out-of-range"


RULES = """
rules:
  - { when: { call: 1 }, timing: { tokens_per_second: 100 } }
  - { when: { call: 2 }, timing: { headers: 0s } }
  - {}
timing: { headers: 1s, between_tokens: 20ms }
"""


def test_a_rules_timing_is_laid_over_the_scenarios_wherever_that_stands() -> None:
    for text in (
        "id: a" + RULES,
        "id: a\ntiming: { headers: 1s, between_tokens: 20ms }" + RULES.rpartition("timing")[0],
    ):
        first, second, third = load_text(text).rules
        assert first.timing == Timing(headers=Duration.fixed(1), between_tokens=Duration.fixed(0.01))
        assert second.timing == Timing(headers=Duration.fixed(0), between_tokens=Duration.fixed(0.02))
        assert third.timing is None
