"""What text-generation-webui does that its golden answers do not show."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends import BACKENDS
from tests.support.imitating import KEY, MESSAGES, chat, get, post, put, request

NAME = "text-generation-webui"
LOADED = BACKENDS[NAME].models()[0].id
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@given(st.text())
def test_what_was_encoded_can_be_decoded(text: str) -> None:
    encoded = post(NAME, "/v1/internal/encode", {"text": text}).json
    assert post(NAME, "/v1/internal/decode", {"tokens": encoded["tokens"]}).json == {"text": text}
    assert post(NAME, "/v1/internal/token-count", {"text": text}).json == {"length": encoded["length"]}


def test_any_name_is_a_model_unless_it_has_a_slash() -> None:
    assert get(NAME, "/v1/models/anything").json["id"] == "anything"
    assert get(NAME, "/v1/models/any/thing").status == "404 Not Found"
    assert chat(NAME, model="anything").json["model"] == LOADED


def test_pings_come_by_the_clock_also_between_tokens() -> None:
    answer = chat(NAME, stream=True, rest="timing: { first_token: 10s, between_tokens: 10s }")
    times = [re.fullmatch(rb": ping - (\S+) (\S+)", one) for one in answer.comments]
    assert [one[2].decode()[:8] for one in times if one] == ["07:28:14", "07:28:29"]
    assert not chat(NAME, stream=True).comments


def test_a_healthy_stream_is_ascii_with_spaces_and_its_body_is_not() -> None:
    reply = "{ text: Café. }"
    stream, body = chat(NAME, reply=reply, stream=True), chat(NAME, reply=reply)
    assert stream.text == "Café."
    assert stream.body.isascii()
    assert b'"object": "chat.completion.chunk"' in stream.body
    assert "Café.".encode() in body.body
    assert b'"object":"chat.completion"' in body.body


def test_arguments_are_written_as_python_does_unless_they_are_none() -> None:
    def arguments(said: str) -> str:
        reply = "{ tool_calls: [{ name: look, arguments: " + said + " }] }"
        (last,) = [one for one in chat(NAME, reply=reply, tools=[TOOL], stream=True).choices if one["finish_reason"]]
        found: str = last["delta"]["tool_calls"][0]["function"]["arguments"]
        return found

    assert arguments("{ city: Zürich, days: [1, 2] }") == '{"city": "Z\\u00fcrich", "days": [1, 2]}'
    assert arguments("'{bro'") == "{bro"


def test_the_old_functions_are_not_supported() -> None:
    answer = chat(NAME, functions=[{"name": "look"}], function_call="auto")
    assert answer.json["error"] == {
        "message": "functions is not supported.",
        "type": "invalid_request_error",
        "param": "functions",
        "code": None,
    }


def test_several_texts_are_not_streamed_at_once() -> None:
    refused = post(NAME, "/v1/completions", {"prompt": "Hi", "n": 2, "stream": True})
    assert (refused.status, refused.json["error"]["message"]) == (
        "400 Bad Request",
        "n > 1 is not supported with streaming.",
    )
    assert len(post(NAME, "/v1/completions", {"prompt": "Hi", "n": 2}).json["choices"]) == 2


def test_a_key_is_read_to_the_letter() -> None:
    def shown(**headers: str) -> str:
        return put(NAME, request(NAME, None, "/v1/models", **headers), keys=[KEY]).status

    assert shown(authorization=f"Bearer {KEY}") == "200 OK"
    for value in (f"bearer {KEY}", f"Bearer  {KEY}", KEY):
        assert shown(authorization=value) == "401 Unauthorized"
    assert shown() == "401 Unauthorized"


def test_browsers_are_told_who_may_read() -> None:
    asked = request(NAME, {"messages": MESSAGES}, origin="http://localhost:3000")
    assert put(NAME, asked).head["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in chat(NAME).head


def test_other_models_are_all_there_is_on_the_disk() -> None:
    asked = request(NAME, None, "/v1/internal/model/list")
    assert put(NAME, asked, models=["b", "a"]).json == {"model_names": ["b", "a"]}
    assert put(NAME, request(NAME, None, "/v1/internal/model/info"), models=["b"]).json["model_name"] == "b"
