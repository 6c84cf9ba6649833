"""What an answer may hold: decided on what it would hold, never on how long that takes."""

from typing import Any

import orjson
import pytest

from mockoai.plan.items import Failure, Part, Text, Vector
from mockoai.reply import bounds
from mockoai.reply.answer import Answer, Call
from mockoai.reply.bounds import (
    CODE,
    MAX_CHARACTERS,
    MAX_LOGPROBS,
    MAX_NUMBERS,
    MAX_TOKENS,
    AnswerTooLargeError,
    Tally,
    check_numbers,
    large,
)
from mockoai.request import Request
from mockoai.scenario.model import Lorem, Reply, ToolCallReply
from tests.support.composing import ask

LETTERS = tuple("abcdefgh")


def refused(parts: tuple[Part, ...]) -> Failure:
    (failure,) = parts
    assert isinstance(failure, Failure)
    assert (failure.status, failure.type, failure.code) == (400, "invalid_request_error", CODE)
    return failure


def test_a_tally_counts_all_that_is_spoken() -> None:
    tally = Tally(1)
    tally.add(Answer(("a", "bc"), ("think",), (Call("f", ("{", "}")), Call("g", ()))))
    assert (tally.tokens, tally.characters, tally.logprobs) == (5, 10, 0)


def test_a_choice_without_tokens_counts_as_one() -> None:
    tally = Tally(2)
    tally.add(Answer())
    tally.add(Answer())
    assert tally.tokens == 2


def test_log_probabilities_are_those_of_the_text() -> None:
    tally = Tally(1, 20)
    tally.add(Answer(("a", "b"), ("think",), (Call("f", ("{", "}")),)))
    assert tally.logprobs == 40


@pytest.mark.parametrize(
    ("counts", "alternatives", "what", "param"),
    [
        ((MAX_TOKENS, 0, 0), 0, "tokens", "n"),
        ((1, MAX_CHARACTERS, 0), 0, "characters", "n"),
        ((1, 0, MAX_LOGPROBS // 5), 5, "log probabilities", "logprobs"),
    ],
)
def test_the_most_is_allowed_and_one_more_is_not(
    counts: tuple[int, int, int], alternatives: int, what: str, param: str
) -> None:
    tally = Tally(2, alternatives, "logprobs")
    tally.count(*counts)
    with pytest.raises(AnswerTooLargeError) as caught:
        tally.count(1, 1, 1)
    failure = caught.value.failure
    assert f"0 {what}".lstrip("0") in failure.message
    assert failure.param == param


def test_one_choice_is_not_asked_to_be_fewer() -> None:
    with pytest.raises(AnswerTooLargeError) as caught:
        Tally(1).count(MAX_TOKENS + 1, 0, 0)
    assert caught.value.failure.param is None
    assert "`n`" not in caught.value.failure.message


def test_numbers() -> None:
    check_numbers(2048, 3072)
    with pytest.raises(AnswerTooLargeError):
        check_numbers(2049, 3072)


def test_what_openai_can_be_asked_for_is_within_the_bounds() -> None:
    assert MAX_TOKENS >= 128_000  # the longest answer of a model
    assert MAX_LOGPROBS >= 16_384 * 20  # the longest of one that gives log probabilities
    assert MAX_NUMBERS >= 2048 * 3072
    parts = ask(n=128, logprobs=True, top_logprobs=20)
    assert not isinstance(parts[0], Failure)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TOKENS", 32)
    monkeypatch.setattr(bounds, "MAX_CHARACTERS", 64)
    monkeypatch.setattr(bounds, "MAX_LOGPROBS", 32)
    monkeypatch.setattr(bounds, "MAX_NUMBERS", 32)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("reply", "fields", "param"),
    [
        (Reply(tokens=LETTERS), {"n": 5}, "n"),
        (Reply(tokens=LETTERS, choices=5), {}, "n"),
        (Reply(lorem=Lorem(33)), {}, None),
        (Reply(text="a" * 65), {}, None),
        (Reply(echo=True), {"messages": [{"role": "user", "content": "b" * 65}]}, None),
        (Reply(tokens=LETTERS), {"logprobs": True, "top_logprobs": 5}, "top_logprobs"),
        (Reply(tokens=LETTERS), {"logprobs": True, "n": 5}, "top_logprobs"),
        (Reply(reasoning="a b c d e f g h", tokens=LETTERS), {"n": 3}, "n"),
        (Reply(tool_calls=(ToolCallReply("f", "x" * 65),)), {}, None),
    ],
)
def test_chats_that_are_too_large(reply: Reply, fields: dict[str, Any], param: str | None) -> None:
    assert refused(ask(reply, **fields)).param == param


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("reply", "fields"),
    [
        (Reply(tokens=LETTERS), {"n": 4}),
        (Reply(tokens=LETTERS), {"logprobs": True, "top_logprobs": 4}),
        (Reply(tokens=LETTERS), {"logprobs": True, "top_logprobs": 0, "n": 4}),
        (Reply(lorem=Lorem(33)), {"max_tokens": 8}),
    ],
)
def test_chats_that_just_fit(reply: Reply, fields: dict[str, Any]) -> None:
    assert not isinstance(ask(reply, **fields)[0], Failure)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ["x"] * 5}, "n"),
        ({"prompt": "x", "logprobs": 5}, "logprobs"),
        ({"prompt": "y" * 65, "echo": True}, None),
        ({"prompt": " y" * 30, "echo": True, "logprobs": 1}, "logprobs"),
        ({"prompt": ["x"] * 33, "max_tokens": 0}, "n"),
    ],
)
def test_completions_that_are_too_large(fields: dict[str, Any], param: str | None) -> None:
    assert refused(ask(Reply(tokens=LETTERS), "completions", **fields)).param == param


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ["x"] * 4},
        {"prompt": "x", "logprobs": 4},
        {"prompt": " y" * 30, "echo": False, "logprobs": 1},
        {"prompt": " y" * 23, "echo": True, "logprobs": 0},
        {"prompt": " y" * 24, "echo": True},
    ],
)
def test_completions_that_just_fit(fields: dict[str, Any]) -> None:
    assert isinstance(ask(Reply(tokens=LETTERS), "completions", **fields)[0], Text)


@pytest.mark.usefixtures("small")
def test_embeddings() -> None:
    assert isinstance(ask(endpoint="embeddings", input=["x"] * 4, dimensions=8)[0], Vector)
    failure = refused(ask(endpoint="embeddings", input=["x"] * 5, dimensions=8))
    assert failure.param == "input"
    assert "more than 32 numbers" in failure.message


@pytest.mark.parametrize(
    ("expected", "reply", "fields"),
    [
        (False, None, {}),
        (False, None, {"n": 80}),
        (True, None, {"n": 128}),
        (False, None, {"n": 14, "logprobs": True, "top_logprobs": 20}),
        (True, None, {"n": 15, "logprobs": True, "top_logprobs": 20}),
        (False, None, {"n": 15, "top_logprobs": 20}),
        (False, Reply(lorem=Lorem(4096)), {}),
        (True, Reply(lorem=Lorem(4097)), {}),
        (True, Reply(lorem=Lorem(1000), choices=5), {}),
        (False, Reply(lorem=Lorem(1000)), {"n": 4}),
        (True, Reply(text="a" * 13_000), {}),
        (True, Reply(reasoning="a" * 13_000), {}),
        (True, Reply(refusal="a" * 13_000), {}),
        (True, Reply(tokens=("a",) * 4_096), {}),
        (False, Reply(text="a" * 12_000), {}),
        (False, Reply(), {"x": "a" * 13_000}),
        (True, Reply(echo=True), {"x": "a" * 13_000}),
        (True, None, {"x": "a" * 300_000}),
        (False, None, {"prompt": ["x"] * 80}),
        (True, None, {"prompt": ["x"] * 90}),
        (False, None, {"prompt": []}),
        (True, None, {"n": 50, "logprobs": 5}),
        (False, None, {"input": ["x"] * 65}),
        (True, None, {"input": ["x"] * 66}),
        (False, None, {"input": ["x"] * 66, "dimensions": 512}),
        (False, None, {"input": "x", "dimensions": 900_000}),
    ],
)
def test_what_takes_long(expected: bool, reply: Reply | None, fields: dict[str, Any]) -> None:
    assert large(reply, Request("POST", "/", body=orjson.dumps(fields))) is expected
