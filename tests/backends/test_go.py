"""What Go's libraries make of headers and bodies."""

from __future__ import annotations

import pytest

from tests.support.imitating import MESSAGES, chat, get, put, request

MADE = ("ollama", "localai")
LONG = "{ text: " + "long " * 500 + "}"


@pytest.mark.parametrize("name", MADE)
def test_headers_are_sorted_and_those_of_the_library_come_last(name: str) -> None:
    for answer in (
        chat(name),
        chat(name, model="nothing"),
        get(name, "/v1/nothing"),
        get(name, "/v1/chat/completions"),
    ):
        names = list(answer.head)
        assert names[-2:] == ["date", "content-length"]
        assert names[:-2] == sorted(names[:-2])


@pytest.mark.parametrize("name", MADE)
def test_what_is_longer_than_the_buffer_is_not_counted(name: str) -> None:
    short, long = chat(name), chat(name, reply=LONG)
    assert short.head["content-length"] == str(len(short.body))
    assert "content-length" not in long.head
    assert list(long.head)[-2:] == ["date", "transfer-encoding"]
    assert long.json["choices"][0]["message"]["content"].startswith("long long")


@pytest.mark.parametrize("name", MADE)
def test_what_might_be_html_is_escaped(name: str) -> None:
    answer = chat(name, reply="{ text: a<b> & c }", stream=True)
    assert rb"\u003c" in answer.body
    assert b"<" not in answer.body
    assert answer.text == "a<b> & c"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "EOF"),
        (b'{"model": ', "unexpected EOF"),
        (b"xx", "invalid character 'x' looking for beginning of value"),
        (b'{"model" 1}', "invalid character '1' after object key"),
        (b"{x}", "invalid character 'x' looking for beginning of object key string"),
        (b'{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        (b"[]", "json: cannot unmarshal array into Go value of type ChatCompletionRequest"),
        (
            b'{"model": "llama3.2", "messages": "hi"}',
            "json: cannot unmarshal string into Go struct field ChatCompletionRequest.messages of type []interface {}",
        ),
        (
            b'{"model": "llama3.2", "messages": [{"role": "user", "content": "hi"}], "temperature": true}',
            "json: cannot unmarshal bool into Go struct field ChatCompletionRequest.temperature of type float64",
        ),
    ],
)
def test_bodies_are_refused_in_the_words_of_its_decoder(body: bytes, message: str) -> None:
    answer = put("ollama", request("ollama", body))
    assert (answer.status, answer.json["error"]["message"]) == ("400 Bad Request", message)


def test_lines_end_where_an_encoder_wrote_them() -> None:
    assert chat("ollama").body.endswith(b"}\n")
    assert get("ollama", "/api/version").body.endswith(b"}")
    assert put("ollama", request("ollama", {})).body.endswith(b"}")
    assert chat("ollama", messages=MESSAGES, model="nothing").body.endswith(b"}\n")
    assert get("localai", "/version").body.endswith(b"}\n")
