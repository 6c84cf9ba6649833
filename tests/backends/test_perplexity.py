"""What Perplexity does that its golden answers do not show."""

from __future__ import annotations

from tests.support.imitating import chat

NAME = "perplexity"


def test_lines_end_with_cr_lf_and_nothing_says_done() -> None:
    body = chat(NAME, stream=True).body
    assert body.count(b"\n") == body.count(b"\r\n")
    assert body.endswith(b'"finish_reason": "stop"}]}\r\n\r\n')
    assert b"[DONE]" not in body


def test_text_is_escaped_as_python_does() -> None:
    assert b'"content": "\\u00c9t\\u00e9"' in chat(NAME, reply="{ text: Été }").body


def test_reasoning_is_said_aloud() -> None:
    message = chat(NAME, reply="{ text: Sunny., reasoning: Look. }").json["choices"][0]["message"]
    assert message["content"] == "<think>\nLook.\n</think>\n\nSunny."


def test_usage_grows_from_chunk_to_chunk() -> None:
    chunks = [line for line in chat(NAME, stream=True, n=2).body.split(b"\r\n\r\n") if line]
    assert chunks[-1].count(b'"chat.completion.done"') == 1
    assert sum(b'"cost"' in chunk for chunk in chunks) == 1
