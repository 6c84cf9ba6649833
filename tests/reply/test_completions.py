from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.plan.items import Finish, Part, Role, Text, Usage
from mockoai.reply.tokens import count
from mockoai.scenario.model import Lorem, Reply, ToolCallReply
from tests.support.composing import ask, counted, reason, text, usage

LONG = Reply(lorem=Lorem(40))
INSTRUCT = "gpt-3.5-turbo-instruct"


def complete(reply: Reply | None = None, **fields: Any) -> tuple[Part, ...]:
    return ask(reply, "completions", **{"model": INSTRUCT, "prompt": "Say hi", **fields})


def test_a_healthy_answer_has_no_role() -> None:
    parts = complete(max_tokens=100)
    assert [type(part) for part in parts] == [*[Text] * (len(parts) - 2), Finish, Usage]
    assert not any(isinstance(part, Role) for part in parts)
    assert text(parts).startswith(" ")
    assert text(parts).endswith(".")
    assert usage(parts) == Usage(tokens=len(parts) - 2, prompt=2, completion=len(parts) - 2)


def test_sixteen_tokens_unless_told_otherwise() -> None:
    assert (usage(complete(LONG)).completion, reason(complete(LONG))) == (16, "length")
    assert usage(complete(LONG, max_tokens=None)).completion == 16
    assert usage(complete(LONG, max_tokens=5)).completion == 5
    assert usage(complete(LONG, max_tokens=100)).completion == 40


@pytest.mark.parametrize(
    ("prompt", "prompts", "tokens"),
    [
        ("hello world", 1, 2),
        (["hello", "hello world"], 2, 3),
        ([15339, 1917], 1, 2),
        ([[15339], [15339, 1917]], 2, 3),
        (None, 1, 1),
        ([], 1, 1),
        ([{}], 1, 0),
    ],
)
def test_prompts_of_every_shape(prompt: Any, prompts: int, tokens: int) -> None:
    parts = complete(prompt=prompt, n=2)
    assert {part.choice for part in parts if isinstance(part, Finish)} == set(range(2 * prompts))
    assert usage(parts).prompt == tokens
    assert usage(parts).completion == counted(parts)


def test_choices_are_numbered_prompt_by_prompt() -> None:
    parts = complete(prompt=["first", "second"], n=2, echo=True)
    assert [text(parts, index).split()[0][:5] for index in range(4)] == ["first", "first", "secon", "secon"]


def test_echo_gives_the_prompt_first_and_does_not_count_it() -> None:
    parts = complete(Reply(text=" there"), prompt="Say hi", echo=True)
    assert [part.text for part in parts if isinstance(part, Text)] == ["Say hi", " there"]
    assert [part.tokens for part in parts] == [0, 1, 1, 1]
    assert usage(parts).completion == 1


def test_echo_of_token_ids_is_their_text() -> None:
    assert text(complete(Reply(text="!"), prompt=[15339, 1917], echo=True)) == "hello world!"


def test_echo_with_logprobs_is_token_by_token() -> None:
    parts = complete(Reply(text="!"), prompt="hello world", echo=True, logprobs=2)
    tokens = [part for part in parts if isinstance(part, Text)]
    assert [part.text for part in tokens] == ["hello", " world", "!"]
    assert tokens[0].logprob is None
    assert [part.logprob.token for part in tokens[1:] if part.logprob] == [" world", "!"]


def test_a_prompt_can_be_scored_without_an_answer() -> None:
    parts = complete(prompt="hello world", echo=True, logprobs=1, max_tokens=0)
    assert text(parts) == "hello world"
    assert (reason(parts), usage(parts).completion) == ("length", 0)


def test_logprobs_and_their_number() -> None:
    for top in (0, 3):
        parts = complete(logprobs=top)
        assert all(part.logprob and len(part.logprob.top) == top for part in parts if isinstance(part, Text))
    assert all(part.logprob is None for part in complete(logprobs=None) if isinstance(part, Text))


def test_stop() -> None:
    parts = complete(Reply(text="one\n\ntwo"), stop="\n")
    assert (text(parts), reason(parts)) == ("one", "stop")


def test_what_the_scenario_says() -> None:
    assert text(complete(Reply(refusal="No."))) == "No."
    assert text(complete(Reply(echo=True), prompt=["a", "b"])) == "a\nb"
    assert text(complete(Reply(json={"a": 1}))) == '{"a":1}'
    assert reason(complete(Reply(text="x", finish="length"))) == "length"
    assert {part.choice for part in complete(Reply(choices=3)) if isinstance(part, Finish)} == {0, 1, 2}


def test_there_are_no_tool_calls_here() -> None:
    assert text(complete(Reply(tool_calls=(ToolCallReply("f"),)), max_tokens=99)).endswith(".")


def test_suffix_and_best_of_change_nothing_but_the_seed() -> None:
    parts = complete(Reply(text="x"), suffix="end", best_of=3, n=2)
    assert (text(parts, 0), text(parts, 1)) == ("x", "x")


@given(
    st.fixed_dictionaries(
        {"prompt": st.text(max_size=20) | st.lists(st.text(max_size=9), min_size=1, max_size=3)},
        optional={
            "n": st.integers(1, 3),
            "max_tokens": st.integers(0, 30),
            "stop": st.text("ae .", min_size=1, max_size=2),
            "echo": st.booleans(),
            "logprobs": st.none() | st.integers(0, 5),
        },
    )
)
def test_every_answer_adds_up(fields: dict[str, Any]) -> None:
    parts = complete(**fields)
    assert parts == complete(**fields)
    prompts = fields["prompt"] if isinstance(fields["prompt"], list) else [fields["prompt"]]
    each = fields.get("n", 1)
    assert usage(parts).completion == parts[-1].tokens
    assert usage(parts).prompt == sum(count(prompt, INSTRUCT) for prompt in prompts)
    for index in range(each * len(prompts)):
        said = text(parts, index)
        if fields.get("echo"):
            prompt = prompts[index // each]
            assert said.startswith(prompt)
            said = said[len(prompt) :]
        assert count(said, INSTRUCT) <= fields.get("max_tokens", 16)
        assert fields.get("stop", "\0") not in said
