"""A key that an answer repeats in pieces is as secret as in one."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import pytest

from mockoai.address import Address
from mockoai.mock import Mock
from mockoai.plan.items import End, Write
from mockoai.plan.steps import Plan
from mockoai.report.redact import REDACTED, Redactor
from mockoai.request import Request
from mockoai.scenario.load import load_text

KEY = 'sesame-Open_0815-äö"xyz'
SAID = f"My key is {KEY}, and that is all there is to say."
ECHO = "id: echo\nrules: [{ reply: { echo: true }, faults: [%s] }]"
CHAT = "/v1/chat/completions"


def planned(path: str = CHAT, faults: str = "", said: str = SAID, **fields: Any) -> tuple[Redactor, Plan]:
    """Return the plan of an answer that repeats what was said, and a redactor that knows the request."""
    asked = {"messages": [{"role": "user", "content": said}]} if path == CHAT else {"prompt": said, "max_tokens": 99}
    body = orjson.dumps({"model": "gpt-4o", **asked, **fields})
    request = Request(
        "POST",
        path,
        headers=(("authorization", f"Bearer {KEY}"),),
        body=body,
        endpoint="chat" if path == CHAT else "completions",
    )
    mock = Mock([load_text(ECHO % faults)])
    plan = mock.answer(request, Address(path), mock.sessions.get("s")).plan
    return Redactor().knowing(request), plan


def letters(data: bytes) -> str:
    """Return what is left of ``data`` when everything is taken out that stands between two pieces of a text."""
    body = re.sub(rb"[0-9a-f]*\r\n", b"", data.partition(b"\r\n\r\n")[2])
    said = re.findall(rb'"(?:content|text|arguments)":\s*"((?:[^"\\]|\\.)*)"', body)
    return json.loads(b'"' + b"".join(said) + b'"') if said else ""


@pytest.mark.parametrize("path", [CHAT, "/v1/completions"])
@pytest.mark.parametrize("fields", [{"stream": True}, {"stream": False}])
def test_a_key_in_the_tokens_of_an_answer(path: str, fields: dict[str, Any]) -> None:
    redactor, plan = planned(path, **fields)
    assert letters(plan.data) == SAID
    shown = redactor.plan(plan)
    assert re.fullmatch(r"My key is \*+, and that is all there is to say\.", letters(shown.data))
    assert [len(step.data) for step in shown.steps if isinstance(step, Write)] == [
        len(step.data) for step in plan.steps if isinstance(step, Write)
    ]


def test_a_key_in_several_choices_that_take_turns() -> None:
    redactor, plan = planned(stream=True, n=3)
    masked = redactor.plan(plan).data
    for choice in range(3):
        lines = [line for line in masked.split(b"\n") if b'"index":%d,' % choice in line]
        assert re.fullmatch(
            r"My key is \*+, and that is all there is to say\.", letters(b"\r\n\r\n" + b"\n".join(lines))
        )


@pytest.mark.parametrize("faults", ["byte-dribble", "sse-crlf", "sse-crlf-split", "index-missing", "finish-missing"])
def test_a_key_in_an_answer_that_goes_wrong(faults: str) -> None:
    redactor, plan = planned(faults=faults, stream=True)
    assert "sesame" in letters(plan.data)
    assert "sesame" not in letters(redactor.plan(plan).data)


def test_the_beginning_of_a_key_where_the_answer_is_cut() -> None:
    for tokens in range(3, 30):
        redactor, plan = planned(faults=f"fin-mid-chunked: {{ after: {tokens} tokens }}", stream=True)
        assert "sesame-O" not in letters(redactor.plan(plan).data)


@pytest.mark.parametrize(
    ("path", "fields"), [(CHAT, {"logprobs": True, "top_logprobs": 3}), ("/v1/completions", {"logprobs": 3})]
)
@pytest.mark.parametrize("stream", [True, False])
def test_log_probabilities_do_not_spell_it(path: str, fields: dict[str, Any], stream: bool) -> None:
    redactor, plan = planned(path, stream=stream, **fields)
    masked = redactor.plan(plan).data
    assert not re.search(rb'"token":\s*"[^*"]', masked)
    assert not re.search(rb'"bytes":\s*\[\s*[0-9]', masked)
    assert not re.search(rb'"tokens":\s*\[\s*"', masked)


def test_a_key_within_json_within_a_text() -> None:
    inner = json.dumps({"api_key": "hunter2", "x": 1})
    assert json.loads(Redactor().text(json.dumps({"content": inner})))["content"] == inner.replace("hunter2", REDACTED)
    twice = json.dumps({"content": json.dumps({"key": KEY})})
    assert "sesame" not in Redactor([KEY]).text(twice)


@pytest.mark.parametrize("size", range(1, len(KEY)))
def test_what_is_cut_off_is_known_by_its_beginning(size: int) -> None:
    data = Redactor([KEY]).data(b"key: " + KEY.encode()[:size])
    assert (b"*" in data) is (size >= 8)
    assert len(data) == 5 + size


def test_an_answer_that_says_nothing_secret_is_the_same_plan() -> None:
    redactor, plan = planned(stream=True, said="Nothing of that kind: sesame, open, 0815.")
    assert redactor.plan(plan) is plan


def test_names_that_say_the_same_over_and_over_are_no_text() -> None:
    body = b'{"id":"sesame"}\n{"id":"sesame"}\n'
    plan = Plan((Write(data=body, body=len(body)), End()))
    assert Redactor(["sesamesesame"]).plan(plan) is plan
