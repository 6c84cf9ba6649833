"""What DeepSeek does that its golden answers do not show."""

from __future__ import annotations

import pytest

from mockoai.keys import ApiKey
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

NAME = "deepseek"
WAIT = "timing: { first_token: 25s }"


def test_the_legacy_route_is_one_of_beta() -> None:
    answer = post(NAME, "/beta/completions", {"prompt": "Hi"})
    assert answer.json["choices"][0]["text"] == "It is sunny."
    assert post(NAME, "/completions", {"prompt": "Hi"}).status == "400 Bad Request"
    assert post(NAME, "/beta/chat/completions", {"messages": MESSAGES}).status == "200 OK"
    assert get(NAME, "/beta").status == "404 Not Found"


def test_a_whole_answer_that_takes_its_time_begins_with_empty_lines() -> None:
    answer = chat(NAME, rest=WAIT)
    assert answer.head["transfer-encoding"] == "chunked"
    assert answer.body.startswith(b'\n\n{"id"')
    assert [step.at for step in answer.plan.steps][:3] == [0, 10, 20]


def test_older_names_are_answered_by_what_stands_behind_them() -> None:
    for model in ("deepseek-chat", "deepseek-reasoner"):
        answer = put(NAME, request(NAME, {"messages": MESSAGES}, model=model))
        assert answer.json["model"] == "deepseek-v4-flash"


def test_calls_are_numbered_in_their_ids() -> None:
    call = "{ name: look, arguments: {} }"
    message = chat(NAME, reply=f"{{ tool_calls: [{call}, {call}] }}").json["choices"][0]["message"]
    assert [one["id"][:8] for one in message["tool_calls"]] == ["call_00_", "call_01_"]
    assert [one["index"] for one in message["tool_calls"]] == [0, 1]


def test_a_legacy_function_call_is_said() -> None:
    function = {"name": "look", "parameters": {"type": "object", "properties": {}}}
    answer = chat(NAME, reply="{ tool_calls: [{ name: look, arguments: {} }] }", functions=[function], stream=True)
    assert any("function_call" in delta for delta, _ in answer.said)


def test_who_has_no_credit_must_pay() -> None:
    answer = put(NAME, request(NAME, {"messages": MESSAGES}, key=KEY), keys=[ApiKey(KEY, no_quota=True)])
    assert answer.status == "402 Payment Required"
    assert answer.json["error"]["message"] == "Insufficient Balance"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 0"),
        (b'{"model": x', "Failed to parse the request body as JSON: expected value at line 1 column 11"),
        (
            b'{"model":"deepseek-chat",\n"messages":[{"content":"Hi"}]}',
            "Failed to deserialize the JSON body into the target type: messages[0]: missing field `role` at line 2 "
            "column 30",
        ),
        (
            b'{"model":"deepseek-chat","messages":"Hi"}',
            'Failed to deserialize the JSON body into the target type: messages: invalid type: string "Hi", expected '
            "a sequence at line 1 column 41",
        ),
    ],
)
def test_a_body_that_does_not_fit_is_refused_in_the_words_of_serde(body: bytes, why: str) -> None:
    answer = put(NAME, request(NAME, body))
    assert (answer.status, answer.head["content-type"]) == ("400 Bad Request", "application/octet-stream")
    assert answer.json["error"]["message"] == why
