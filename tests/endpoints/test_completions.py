"""Chunks and bodies of legacy completions."""

from typing import Any

import orjson
import pytest

from mockoai.plan.items import (
    DONE,
    Event,
    Finish,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from mockoai.wire.sse import encode_body, encode_json
from tests.support.rendering import asked, rendered

MORE: dict[str, Any] = {"id": "cmpl-" + "A" * 29, "model": "gpt-3.5-turbo-instruct:20230824-v2", "now": 1692901427.5}
SAID: tuple[Part, ...] = (Text(text="\n\nWhy"), Text(text=" so"), Finish(reason="stop"), Usage(prompt=4, completion=2))


def events(parts: tuple[Part, ...], **fields: Any) -> list[Event]:
    return rendered(parts, asked("completions", {"model": "m", "prompt": "Tell me", **fields}, **MORE))


def body(parts: tuple[Part, ...], **fields: Any) -> Any:
    (event,) = events(parts, **fields)
    return event.payload


def logprobs(parts: tuple[Part, ...], **fields: Any) -> list[Any]:
    return [choice["logprobs"] for choice in body(parts, logprobs=1, **fields)["choices"]]


def test_a_stream_is_as_recorded() -> None:
    # The recorded shape: the model stands behind the choices, and there is neither fingerprint nor padding.
    head = '{"id":"cmpl-' + "A" * 29 + '","object":"text_completion","created":1692901427,'
    tail = ',"model":"gpt-3.5-turbo-instruct:20230824-v2"}'
    found = events(SAID, stream=True)
    assert [encode_json(one.payload).decode() for one in found[:-1]] == [
        head + '"choices":[{"text":"\\n\\nWhy","index":0,"logprobs":null,"finish_reason":null}]' + tail,
        head + '"choices":[{"text":" so","index":0,"logprobs":null,"finish_reason":null}]' + tail,
        head + '"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}]' + tail,
    ]
    assert (found[-1].payload, found[-1].mark) == (DONE, "done")


def test_usage_is_null_until_the_last_chunk_when_asked_for() -> None:
    found = events(SAID, stream=True, stream_options={"include_usage": True})
    assert [one.payload["usage"] for one in found[:-1]] == [
        None,
        None,
        None,
        {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6},
    ]
    assert found[3].payload["choices"] == []


def test_a_body_is_written_as_openai_writes_it() -> None:
    (event,) = events(SAID)
    assert encode_body(event).data.decode() == (
        """\
{
  "id": "cmpl-AAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "object": "text_completion",
  "created": 1692901427,
  "model": "gpt-3.5-turbo-instruct:20230824-v2",
  "choices": [
    {
      "text": "\\n\\nWhy so",
      "index": 0,
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 4,
    "completion_tokens": 2,
    "total_tokens": 6
  }
}
"""
    )
    assert event.mark == "body"


SCORED: tuple[Part, ...] = (
    Text(text="Why", logprob=TokenLogprob("Why", -0.5, top=(("Why", -0.5), ("How", -1.0)))),
    Text(text="?", logprob=TokenLogprob("?", -0.25)),
    Finish(reason="stop"),
)


def test_offsets_count_from_the_beginning_of_the_prompt() -> None:
    assert logprobs(SCORED) == [
        {
            "tokens": ["Why", "?"],
            "token_logprobs": [-0.5, -0.25],
            "top_logprobs": [{"Why": -0.5, "How": -1.0}, {}],
            "text_offset": [7, 10],
        }
    ]


def test_offsets_in_a_stream_go_on_from_chunk_to_chunk() -> None:
    found = events(SCORED, stream=True, logprobs=1)
    shown = [one.payload["choices"][0]["logprobs"] for one in found[:-1]]
    assert [one and one["text_offset"] for one in shown] == [[7], [10], None]


@pytest.mark.parametrize(
    ("fields", "offsets"),
    [
        ({"prompt": "Tell me", "echo": True}, [0, 3]),
        ({"prompt": [1, 2, 3]}, [0, 3]),
        ({"prompt": ["Tell"]}, [4, 7]),
        ({"prompt": []}, [0, 3]),
        ({"prompt": None}, [0, 3]),
    ],
)
def test_offsets_with_prompts_of_other_kinds(fields: dict[str, Any], offsets: list[int]) -> None:
    assert logprobs(SCORED, **fields)[0]["text_offset"] == offsets


def test_choices_are_numbered_prompt_by_prompt() -> None:
    token = TokenLogprob("x", -1.0)
    parts = tuple(Text(text="x", choice=choice, logprob=token) for choice in (3, 0, 1, 2))
    found = body(parts, prompt=["a", "four"], n=2, logprobs=1)["choices"]
    assert [(one["index"], one["logprobs"]["text_offset"]) for one in found] == [
        (0, [1]),
        (1, [1]),
        (2, [4]),
        (3, [4]),
    ]


def test_a_refusal_is_text_and_other_parts_leave_no_trace() -> None:
    parts = (Role(), Reasoning(text="hm"), ToolCall(id="call_A", name="f"), Refusal(text="No"), Text(text="."))
    assert body(parts)["choices"] == [{"text": "No.", "index": 0, "logprobs": None, "finish_reason": None}]
    found = events(parts, stream=True)
    assert [one.payload["choices"][0]["text"] for one in found[:-1]] == ["No", "."]


def test_a_choice_that_only_ends_is_empty() -> None:
    assert body((Finish(reason="length", choice=1),))["choices"] == [
        {"text": "", "index": 1, "logprobs": None, "finish_reason": "length"}
    ]


def test_an_empty_reply_has_no_choices_and_no_usage() -> None:
    assert body(()) == {
        "id": MORE["id"],
        "object": "text_completion",
        "created": 1692901427,
        "model": MORE["model"],
        "choices": [],
    }
    assert events((), stream=True) == [Event(payload=DONE, mark="done")]


def test_events_take_their_place_from_their_parts() -> None:
    parts = (
        Text(text="a", at=0.2, tokens=1, faults=("x",)),
        Finish(reason="stop", at=0.4, tokens=1, faults=("y",)),
    )
    found = events(parts, stream=True)
    assert [(one.at, one.tokens, one.mark, one.faults) for one in found] == [
        (0.2, 1, "content", ("x",)),
        (0.4, 1, "finish", ("y",)),
        (0.4, 1, "done", ()),
    ]
    assert orjson.dumps(body(parts)["choices"])
