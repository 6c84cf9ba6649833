"""What TGI does that its golden answers do not show."""

from __future__ import annotations

import pytest

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

SERVED = BACKENDS["tgi"].models()[0].id
CALL = "{ tool_calls: [{ name: a, arguments: { x: 1 } }, { name: b, arguments: {} }] }"


def test_one_model_answers_to_any_name() -> None:
    assert chat("tgi", model="whatever").json["model"] == SERVED
    assert put("tgi", request("tgi", {"messages": MESSAGES}, model=None)).json["model"] == SERVED
    assert chat("tgi", reply="{ text: Hi, model: another }").json["model"] == "another"


def test_numbers_that_openai_takes_are_refused() -> None:
    refused = chat("tgi", top_p=1)
    assert refused.status == "422 Unprocessable Entity"
    message = "Input validation error: `top_p` must be > 0.0 and < 1.0"
    assert refused.json == {"error": message, "error_type": "validation"}
    assert chat("tgi", top_p=0.9).status == chat("tgi", temperature=9).status == "200 OK"


def test_legacy_completions_have_no_suffix_and_few_prompts() -> None:
    suffix = post("tgi", "/v1/completions", {"prompt": "Hi", "suffix": "!"})
    assert suffix.json["error_type"] == "suffix not supported"
    many = post("tgi", "/v1/completions", {"prompt": ["Hi"] * 5})
    message = "Number of prompts exceeds the maximum allowed batch size of 4"
    assert many.json == {"error": message, "error_type": "batch size exceeded"}
    assert post("tgi", "/v1/completions", {"prompt": ["Hi"] * 4}).status == "200 OK"
    assert post("tgi", "/v1/completions", {"prompt": [1, 2, 3, 4, 5]}).status == "200 OK"


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"{", "400 Bad Request", "Failed to parse the request body as JSON: "),
        (b"", "400 Bad Request", "Failed to parse the request body as JSON: EOF while parsing a value"),
        (b'{"messages":5,"model":"m"}', "422 Unprocessable Entity", "invalid type: integer `5`, expected a sequence"),
    ],
)
def test_axum_refuses_what_has_another_shape_as_text(body: bytes, status: str, text: str) -> None:
    answer = put("tgi", request("tgi", body))
    assert (answer.status, answer.head["content-type"]) == (status, "text/plain; charset=utf-8")
    assert text in answer.body.decode()


def test_without_a_key_there_is_nothing_to_read() -> None:
    answer = put("tgi", request("tgi", {"messages": MESSAGES}), keys=[KEY])
    assert (answer.status, answer.body, answer.head["content-length"]) == ("401 Unauthorized", b"", "0")
    assert "content-type" not in answer.head


def test_head_is_a_method_of_pages() -> None:
    assert get("tgi", "/info", "HEAD").status == "200 OK"
    refused = get("tgi", "/info", "DELETE")
    assert (refused.status, refused.head["allow"], refused.body) == ("405 Method Not Allowed", "GET,HEAD", b"")


def test_every_delta_has_the_role_and_none_has_nothing_else() -> None:
    said = chat("tgi", stream=True).said
    assert [delta for delta, _ in said] == [
        {"role": "assistant", "content": text} for text in ("It", " is", " sunny", ".", "")
    ]


def test_every_piece_of_a_call_names_it_again() -> None:
    said = chat("tgi", reply=CALL, stream=True).said
    pieces = [delta["tool_calls"][0] for delta, _ in said if "tool_calls" in delta]
    assert {(piece["index"], piece["id"], piece["type"]) for piece in pieces} == {
        (0, "0", "function"),
        (1, "1", "function"),
    }
    names = [piece["function"]["name"] for piece in pieces]
    assert [name for name in names if name] == ["a", "b"]
    assert "".join(piece["function"]["arguments"] for piece in pieces if piece["index"] == 0) == '{"x":1}'
    assert said[-1][1] == "stop"


def test_only_a_limit_ends_with_the_last_token() -> None:
    assert [reason for _, reason in chat("tgi", stream=True, max_tokens=2).said] == [None, "length"]


def test_silence_is_commented_on() -> None:
    slow = chat("tgi", stream=True, rest="timing: { first_token: 31s }")
    assert slow.comments == [b":", b":"]


def test_thoughts_are_said_aloud() -> None:
    message = chat("tgi", reply="{ text: Sunny., reasoning: Look. }").json["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "<think>\nLook.\n</think>\n\nSunny."}
