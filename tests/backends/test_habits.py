"""What several backends do alike."""

from __future__ import annotations

from typing import Any

from mockoai.backends import BACKENDS, habits
from mockoai.endpoints import ENDPOINTS
from mockoai.plan.items import DONE, Event, Finish, Model, Part, Reasoning, Role, Text, ToolCall, Usage
from mockoai.reply.tools import call_id
from tests.support.rendering import asked

CONTEXT = asked("chat", {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True})
OWN = call_id(CONTEXT.content.child("choice", 0))
CALL = (
    ToolCall(index=0, id=OWN, name="look"),
    ToolCall(index=0, arguments='{"x"'),
    ToolCall(index=0, arguments=":1}"),
)


def events(*parts: Part) -> list[Event]:
    """Return OpenAI's events for ``parts``."""
    return list(ENDPOINTS["chat"].events(parts, CONTEXT))


def said(found: Any) -> list[Any]:
    """Return delta and finish reason of every chunk."""
    choices = [event.payload["choices"][0] for event in found if event.payload is not DONE]
    return [
        ({key: value for key, value in one["delta"].items() if key != "refusal"}, one["finish_reason"])
        for one in choices
    ]


def test_ids_that_were_made_up_are_made_up_again_and_others_kept() -> None:
    mine = ToolCall(index=1, id="call_mine", name="look")
    out = habits.own_call_ids([*CALL, mine], CONTEXT, lambda seed, index: f"own-{index}-{seed.text(4)}")
    ids = [part.id for part in out if isinstance(part, ToolCall)]
    assert ids[0] is not None
    assert ids[0].startswith("own-0-")
    assert ids[1:] == [None, None, "call_mine"]
    again = habits.own_call_ids(CALL, CONTEXT, lambda seed, index: f"own-{index}-{seed.text(4)}")
    assert again[0] == out[0]


def test_thoughts_are_put_between_marks_for_each_choice() -> None:
    parts = [
        Reasoning(text="Look"),
        Reasoning(text="First.", choice=1),
        Reasoning(text="."),
        Text(text="Sunny."),
        Text(text="Rain.", choice=1),
    ]
    out = habits.thinking_aloud(parts)
    texts = ["".join([part.text for part in out if isinstance(part, Text) and part.choice == one]) for one in (0, 1)]
    assert texts == ["<think>\nLook.\n</think>\n\nSunny.", "<think>\nFirst.\n</think>\n\nRain."]
    assert habits.thinking_aloud(parts[3:]) == parts[3:]


def test_the_role_can_be_said_alone() -> None:
    whole = events(Role(), *CALL, Finish(reason="tool_calls"))
    found = said(habits.role_alone(whole))
    assert found[0] == ({"role": "assistant", "content": ""}, None)
    assert "role" not in found[1][0]
    assert found[1][0]["tool_calls"][0]["function"]["name"] == "look"
    assert said(habits.role_alone(whole, None))[0] == ({"role": "assistant"}, None)
    assert said(habits.role_alone(events(Role(), Text(text="Hi"))))[1] == ({"content": "Hi"}, None)


def test_some_reasons_are_put_on_the_last_text_and_others_stand_alone() -> None:
    for reason in ("length", "stop"):
        found = said(
            habits.finish_on_last_text(events(Role(), Text(text="Hi"), Finish(reason=reason), Usage()), ("length",))
        )
        assert found[-1] == (({"content": "Hi"}, "length") if reason == "length" else ({}, "stop"))


def test_chunks_tell_the_time_in_whole_seconds() -> None:
    late = [Text(text="Hi", at=1.9), Text(text="you", at=2.0), Finish(reason="stop", at=2.5)]
    created = [event.payload["created"] for event in habits.ticking(events(*late)) if event.payload is not DONE]
    assert [one - CONTEXT.created for one in created] == [1, 2, 2]


def test_log_probabilities_can_do_without_bytes() -> None:
    one = {"token": "a", "logprob": -0.5, "bytes": [97]}
    whole = {"content": [{**one, "top_logprobs": [one]}], "refusal": None}
    plain = {"token": "a", "logprob": -0.5}
    assert habits.plain_logprobs(whole) == {"content": [{**plain, "top_logprobs": [plain]}]}
    assert habits.plain_logprobs(None) is None
    assert habits.plain_logprobs({"content": None, "refusal": []}) == {"content": []}


def test_a_role_goes_with_what_is_said_first_of_whatever_kind() -> None:
    legacy = ToolCall(name="look", arguments="{}", legacy=True)
    for first in (Text(text="Hi"), Reasoning(text="Hm"), legacy):
        out = said(habits.role_with_first(events(Role(), first, Finish(reason="stop"))))
        assert out[0][0]["role"] == "assistant"
        assert [one for one in out if "role" in one[0]] == out[:1]
    calls = events(Role(), legacy, Finish(reason="function_call"))
    assert said(habits.role_with_first(calls))[0][0]["function_call"] == {"name": "look", "arguments": "{}"}


def test_a_body_is_malformed_for_what_it_lacks_and_for_types_but_not_for_bounds() -> None:
    def found(endpoint: str, fields: dict[str, Any]) -> bool:
        failure = ENDPOINTS[endpoint].check(asked(endpoint, fields))
        assert failure is not None
        return habits.is_malformed(failure)

    assert found("chat", {"model": "m"})
    assert found("chat", {"model": "m", "messages": "hi"})
    assert not found("chat", {"model": "m", "messages": CONTEXT.request.fields["messages"], "temperature": 9})
    assert found("completions", {"model": "m", "temperature": "hot"})
    assert not found("completions", {"model": "m", "temperature": 9})
    assert not found("completions", {"model": "m", "n": 0})


def test_only_what_is_loaded_answers() -> None:
    models = (Model(id="a"), Model(id="b"))

    def loaded(wanted: str, answers: str, listed: tuple[Model, ...] = models) -> str:
        fields = {"model": wanted} if wanted else {}
        return habits.loaded(asked("chat", fields, model=answers, models=listed, backend=BACKENDS["vllm"]))

    assert (loaded("b", "b"), loaded("c", "c"), loaded("c", "c", ())) == ("b", "a", "c")
    assert loaded("c", "what a scenario says") == "what a scenario says"
    nameless = asked("chat", {}, model=BACKENDS["vllm"].snapshot(""), models=models, backend=BACKENDS["vllm"])
    assert habits.asked_or_first(nameless) == "a"
    assert habits.asked_or_first(asked("chat", {"model": "c"}, model="c", models=models)) == "c"


def test_every_payload_names_who_answers() -> None:
    out = list(habits.answered_by(events(Role(), Text(text="Hi"), Finish(reason="stop")), "other"))
    assert {event.payload["model"] for event in out[:-1]} == {"other"}
    assert out[-1].payload is DONE


def test_a_stream_of_text_begins_with_none() -> None:
    parts = (Text(text="Hi", at=2.0, tokens=1), Finish(reason="stop", at=2.0, tokens=1))
    plain = list(ENDPOINTS["completions"].events(parts, asked("completions", {"model": "m"}, stream=True)))
    first, *rest = habits.empty_text_first(plain)
    assert rest == plain
    (choice,) = first.payload["choices"]
    assert (first.at, choice["text"], choice["finish_reason"]) == (0.0, "", None)


def test_tokens_that_are_none_are_left_out() -> None:
    assert habits.tokens_as_text([72, 300, "x", 105, -1]) == "Hi"
    assert habits.tokens_as_text("Hi") == ""
