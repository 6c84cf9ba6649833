from __future__ import annotations

import json

import orjson
import pytest

from mockoai.scenario.model import Reply
from tests.support.planning import asked, body, fault, outcome, planned, writes

INSERTED = [
    ("utf8-invalid-bytes", {}, b"\xff\xfe"),
    ("utf8-truncated-sequence", {}, b"\xf0\x9f"),
    ("replacement-characters", {}, b"\xef\xbf\xbd"),
    ("u2028-in-content", {}, b"\xe2\x80\xa8\xc2\x85\\u000b"),
    ("raw-control-char", {}, b"\x00"),
    ("raw-control-char", {"char": "newline"}, b"\n"),
]


@pytest.mark.parametrize(("id", "parameters", "raw"), INSERTED)
def test_bytes_are_put_into_the_text_of_the_event_at_the_place(id: str, parameters: dict[str, str], raw: bytes) -> None:
    plan = planned(fault(id, at="2 tokens", **parameters))

    assert body(plan) == body(planned()).replace(b'"content":" two"', b'"content":" two' + raw + b'"')
    assert [step.tokens for step in writes(plan) if id in step.faults] == [2]


@pytest.mark.parametrize(("id", "parameters", "raw"), INSERTED)
def test_bytes_are_put_into_the_text_of_a_body(id: str, parameters: dict[str, str], raw: bytes) -> None:
    plan = planned(fault(id, at="1 event", **parameters), stream=False)
    healthy = body(planned(stream=False))

    assert body(plan) == healthy.replace(b'four five"', b"four five" + raw + b'"')


def test_completions_have_text_too() -> None:
    request = asked("completions")
    plan = planned(fault("raw-control-char", at="2 tokens"), request=request)

    assert body(plan) == body(planned(request=request)).replace(b'"text":" two"', b'"text":" two\x00"')


def test_text_that_ends_in_an_escape_is_not_torn() -> None:
    reply = Reply(text='say "hi"', tokens=("say", ' "hi"'))
    plan = planned(fault("replacement-characters", at="2 tokens"), reply=reply)

    assert rb'"content":" \"hi\"' + b"\xef\xbf\xbd" + b'"' in body(plan)


def test_the_first_event_with_text_from_the_place_on_is_taken() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    plan = planned(
        fault("utf8-invalid-bytes", at="role"),
        request=asked(tools=tools, tool_choice="required"),
        reply=Reply(),
    )

    assert outcome(plan, "utf8-invalid-bytes").fired
    assert b"\xff\xfe" in body(plan)


def test_a_list_of_models_has_no_text() -> None:
    request = asked("models", stream=False)
    plan = planned(fault("utf8-invalid-bytes", at="1 event"), request=request)

    assert plan.data == planned(request=request).data
    assert outcome(plan, "utf8-invalid-bytes").why == "no event from `1 event` on has any text"


def test_the_halves_of_an_emoji_join_when_concatenated() -> None:
    plan = planned(fault("lone-surrogate-escapes", at="2 tokens"))
    payloads = [line[6:] for line in body(plan).split(b"\n\n") if line.startswith(b"data: {")]
    texts = [json.loads(payload)["choices"][0]["delta"].get("content", "") for payload in payloads]

    assert texts[2:4] == [" two\ud83d", "\ude00 three"]
    assert "".join(texts).encode("utf-16", "surrogatepass").decode("utf-16") == "One two😀 three four five"


@pytest.mark.parametrize("field", ["prompt_tokens", "total_tokens"])
def test_a_number_is_nan(field: str) -> None:
    plan = planned(fault("nan-literal", field=field), stream=False)
    usage = json.loads(body(plan))["usage"]

    assert usage[field] != usage[field]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body(plan))


def test_a_stream_without_usage_has_no_number_to_replace() -> None:
    plan = planned(fault("nan-literal"))

    assert plan.data == planned().data
    assert outcome(plan, "nan-literal").why == "no number is called `prompt_tokens`"
