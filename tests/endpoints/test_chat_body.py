"""The body of a chat completion that is not streamed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends.openai import OpenAI
from mockoai.plan.items import (
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
from mockoai.wire.sse import encode_body
from tests.support.rendering import asked, rendered

# As OpenAI wrote bodies in 2026, keys, order, indent and final line feed.
BODY = """\
{
  "id": "chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "object": "chat.completion",
  "created": 1782955817,
  "model": "gpt-4o-mini-2024-07-18",
  "choices": [
    {
      "index": 0,
      "message": {
        "role": "assistant",
        "content": "Hello!",
        "refusal": null,
        "annotations": []
      },
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 8,
    "completion_tokens": 74,
    "total_tokens": 82,
    "prompt_tokens_details": {
      "cached_tokens": 4,
      "audio_tokens": 0
    },
    "completion_tokens_details": {
      "reasoning_tokens": 64,
      "audio_tokens": 0,
      "accepted_prediction_tokens": 0,
      "rejected_prediction_tokens": 0
    }
  },
  "service_tier": "default",
  "system_fingerprint": "fp_##########"
}
"""


def answer(parts: Iterable[Part], **fields: Any) -> Event:
    backend = fields.pop("backend", OpenAI())
    (event,) = rendered(parts, asked("chat", {"model": "gpt-4o-mini", "messages": [], **fields}, backend=backend))
    return event


def message(parts: Iterable[Part], **fields: Any) -> Any:
    (choice,) = answer(parts, **fields).payload["choices"]
    return choice["message"]


def test_a_body_is_written_as_openai_writes_it() -> None:
    parts = (
        Role(),
        Text(text="Hel"),
        Text(text="lo!"),
        Finish(reason="stop"),
        Usage(prompt=8, completion=74, reasoning=64, cached=4),
    )
    event = answer(parts)
    text = encode_body(event).data.decode()
    assert text.replace(event.payload["system_fingerprint"], "fp_##########") == BODY
    assert len(event.payload["system_fingerprint"]) == len("fp_##########")


def test_a_body_is_due_with_its_last_part_and_keeps_all_faults() -> None:
    event = answer(
        [
            Role(at=0.1, faults=("a",)),
            Text(text="x", at=0.2, tokens=1, faults=("b", "a")),
            Finish(reason="stop", at=0.3, tokens=1, faults=("c",)),
        ]
    )
    assert (event.at, event.tokens, event.mark, event.faults) == (0.3, 1, "body", ("a", "b", "c"))


def test_calls_stand_between_content_and_refusal() -> None:
    found = message(
        [
            Role(),
            ToolCall(index=0, id="call_A", name="f"),
            ToolCall(index=0, arguments='{"a":'),
            ToolCall(index=1, id="call_B", name="g", arguments="{}"),
            ToolCall(index=0, arguments="1}"),
            ToolCall(index=2, id="call_C", name="h", arguments="1+1", kind="custom"),
            Finish(reason="tool_calls"),
        ]
    )
    assert list(found) == ["role", "content", "tool_calls", "refusal", "annotations"]
    assert found["content"] is None
    assert found["tool_calls"] == [
        {"id": "call_A", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
        {"id": "call_B", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        {"id": "call_C", "type": "custom", "custom": {"name": "h", "input": "1+1"}},
    ]


def test_a_legacy_call_is_a_function_call() -> None:
    found = message([Role(), ToolCall(name="f", arguments="{", legacy=True), ToolCall(arguments="}", legacy=True)])
    assert list(found) == ["role", "content", "function_call", "refusal", "annotations"]
    assert found["function_call"] == {"name": "f", "arguments": "{}"}


def test_text_before_a_call_is_content() -> None:
    assert message([Role(), Text(text="Sure"), ToolCall(id="call_A", name="f")])["content"] == "Sure"


def test_a_refusal_stands_in_for_content() -> None:
    found = message([Role(), Refusal(text="I'm"), Refusal(text=" sorry"), Finish(reason="stop")])
    assert (found["content"], found["refusal"]) == (None, "I'm sorry")


def test_a_model_that_says_nothing_says_an_empty_string() -> None:
    assert message([Role(), Finish(reason="length")])["content"] == ""


def test_choices_are_sorted_and_keep_their_finish_reasons() -> None:
    parts = [
        Role(choice=1),
        Role(choice=0),
        Text(choice=1, text="b"),
        Text(choice=0, text="a"),
        Finish(choice=1, reason="length"),
        Finish(choice=0, reason="stop"),
    ]
    choices = answer(parts).payload["choices"]
    assert [(one["index"], one["message"]["content"], one["finish_reason"]) for one in choices] == [
        (0, "a", "stop"),
        (1, "b", "length"),
    ]


def test_log_probabilities_are_listed_by_choice() -> None:
    first, second = TokenLogprob("a", -0.5), TokenLogprob("b", -1.5, top=(("b", -1.5),))
    parts = [Role(), Text(text="a", logprob=first), Text(text="b", logprob=second), Finish(reason="stop")]
    (choice,) = answer(parts, logprobs=True).payload["choices"]
    assert choice["logprobs"] == {
        "content": [
            {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []},
            {
                "token": "b",
                "logprob": -1.5,
                "bytes": [98],
                "top_logprobs": [{"token": "b", "logprob": -1.5, "bytes": [98]}],
            },
        ],
        "refusal": None,
    }


def test_the_service_tier_is_the_one_asked_for() -> None:
    assert answer([Role()], service_tier="flex").payload["service_tier"] == "flex"


class Thinking(OpenAI):
    reasoning_field = "reasoning"


def test_reasoning_shows_only_where_a_backend_names_a_field_for_it() -> None:
    parts = [Role(), Reasoning(text="Hm"), Reasoning(text="m"), Text(text="Yes"), Finish(reason="stop")]
    assert message(parts) == {"role": "assistant", "content": "Yes", "refusal": None, "annotations": []}
    assert message(parts, backend=Thinking())["reasoning"] == "Hmm"
    assert "reasoning" not in message([Role(), Text(text="Yes")], backend=Thinking())


def test_what_is_missing_is_left_out() -> None:
    payload = answer([Text(text="a")]).payload
    assert "usage" not in payload
    assert payload["choices"] == [
        {
            "index": 0,
            "message": {"content": "a", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": None,
        }
    ]


def test_an_empty_reply_has_no_choices() -> None:
    event = answer([])
    assert event.payload["choices"] == []
    assert (event.at, event.tokens, event.mark) == (0.0, 0, "body")


def test_usage_can_be_made_to_say_anything() -> None:
    parts = [Role(), Usage(prompt=1, completion=2, extra=(("total_tokens", -1), ("cost", 0.5)))]
    usage = answer(parts).payload["usage"]
    assert (usage["prompt_tokens"], usage["total_tokens"], usage["cost"]) == (1, -1, 0.5)


PARTS: tuple[Part, ...] = (
    Role(),
    Role(role=""),
    Text(text="a"),
    Reasoning(text="hm"),
    Refusal(text="no"),
    ToolCall(id="call_A", name="f"),
    ToolCall(arguments="{"),
    ToolCall(index=-3, kind="custom", name=""),
    ToolCall(index=-3, legacy=True, name="g"),
    Finish(reason="stop"),
    Usage(),
    Part(),
)


@given(
    st.lists(
        st.builds(lambda part, choice: replace(part, choice=choice), st.sampled_from(PARTS), st.integers(-1, 2)),
        max_size=12,
    )
)
def test_any_parts_in_any_order_are_rendered(parts: list[Part]) -> None:
    for backend in (OpenAI(), Thinking()):
        payload = orjson.loads(encode_body(answer(parts, backend=backend)).data)
        for choice in payload["choices"]:
            texts = [part.text for part in parts if isinstance(part, Text) and part.choice == choice["index"]]
            assert (choice["message"]["content"] or "") == "".join(texts)
