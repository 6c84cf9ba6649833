"""What Groq does that its golden answers do not show."""

from __future__ import annotations

from mockoai.keys import ApiKey
from tests.support.imitating import KEY, MESSAGES, chat, put, request

NAME = "groq"


def test_its_own_models_say_which_channel_they_think_on() -> None:
    for model, channel in (("openai/gpt-oss-20b", "analysis"), ("qwen/qwen3-32b", None)):
        fields = {"messages": MESSAGES, "stream": True}
        answer = put(NAME, request(NAME, fields, model=model), reply="{ text: Hi, reasoning: Look. }")
        thoughts = [delta for delta, _ in answer.said if "reasoning" in delta]
        assert [delta.get("channel") for delta in thoughts] == [channel] * 2


def test_what_html_might_misread_is_escaped() -> None:
    assert b'"content":"\\u003cb\\u003e"' in chat(NAME, reply="{ text: <b> }").body


def test_a_limit_is_told_with_what_was_used_and_when_to_come_back() -> None:
    given = request(NAME, {"messages": MESSAGES, "max_tokens": 40}, key=KEY)
    answer = put(NAME, given, keys=[ApiKey(KEY, tpm=30)])
    error = answer.json["error"]
    assert (error["type"], error["code"]) == ("tokens", "rate_limit_exceeded")
    assert "on tokens per minute (TPM): Limit 30, Used 0, Requested 40." in error["message"]
    assert answer.head["x-ratelimit-limit-tokens"] == "30"


def test_values_are_refused_by_their_path() -> None:
    for fields, message in (
        ({"top_p": 2}, "'top_p' : number must be at most 1"),
        ({"temperature": "hot"}, "'temperature' : value must be a number"),
        ({"messages": [{"content": "Hi"}]}, "'messages.0' : property 'role' is missing"),
    ):
        assert chat(NAME, **fields).json["error"]["message"] == message
