"""Mistakes in the requests of the older routes, which answer in the words of a schema validator."""

from typing import Any

import pytest

from mockoai.endpoints import check
from mockoai.endpoints.refusals import WRONG_INPUT
from mockoai.plan.items import Failure
from tests.support.rendering import asked


def refused(endpoint: str, **changes: Any) -> Failure | None:
    body: dict[str, Any] = {"model": "some-model", **changes}
    return check(asked(endpoint, body))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": -1}, "-1 is less than the minimum of 0 - 'max_tokens'"),
        ({"temperature": 2.5}, "2.5 is greater than the maximum of 2 - 'temperature'"),
        ({"best_of": 21}, "21 is greater than the maximum of 20 - 'best_of'"),
        ({"n": "2"}, "'2' is not of type 'integer' - 'n'"),
        ({"echo": 1}, "1 is not of type 'boolean' - 'echo'"),
        ({"suffix": []}, "[] is not of type 'string' - 'suffix'"),
        ({"logit_bias": {"1": "x"}}, "'x' is not of type 'integer' - 'logit_bias.1'"),
        ({"stop": []}, "[] is too short - 'stop'"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "['a', 'b', 'c', 'd', 'e'] is too long - 'stop'"),
        ({"prompt": 7}, "7 is not valid under any of the given schemas - 'prompt'"),
        ({"prompt": ["a", 1]}, "1 is not of type 'string' - 'prompt.1'"),
        ({"prompt": [[]]}, "[] is too short - 'prompt.0'"),
    ],
)
def test_mistakes_in_completions(changes: dict[str, Any], message: str) -> None:
    assert refused("completions", **{"prompt": "hi", **changes}) == Failure(status=400, message=message)


def test_completions_share_the_rule_about_stream_options() -> None:
    failure = refused("completions", prompt="hi", stream_options={"include_usage": True})
    assert failure is not None
    assert failure.param == "stream_options"
    assert refused("completions", prompt="hi", stream_options={"include_usage": True}, stream=True) is None


@pytest.mark.parametrize("prompt", ["", "hi", ["a", "b"], [], [1, 2], [1.0], [[1], [2, 3]], None, "<|endoftext|>"])
def test_prompts_of_every_kind_pass(prompt: Any) -> None:
    assert refused("completions", prompt=prompt) is None


def test_the_prompt_has_a_default() -> None:
    assert refused("completions") is None


@pytest.mark.parametrize(
    "input", ["", [], [""], ["a", ""], ["a", 1], [[]], 7, None, {}, ["x"] * 2049, [[1], []], [True]]
)
def test_whatever_is_wrong_with_an_input_is_said_in_one_way(input: Any) -> None:
    assert refused("embeddings", input=input) == Failure(status=400, message=WRONG_INPUT)


@pytest.mark.parametrize("input", ["hi", ["a", "b"], [1, 2], [[1], [2, 3]], ["x"] * 2048])
def test_inputs_of_every_kind_pass(input: Any) -> None:
    assert refused("embeddings", input=input) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        # As recorded in August 2025.
        ({"dimensions": -1, "encoding_format": "float"}, "-1 is less than the minimum of 1 - 'dimensions'"),
        ({"encoding_format": "hex"}, "'hex' is not one of ['float', 'base64'] - 'encoding_format'"),
        ({"user": 7}, "7 is not of type 'string' - 'user'"),
    ],
)
def test_mistakes_in_embeddings(changes: dict[str, Any], message: str) -> None:
    assert refused("embeddings", input="hi", **changes) == Failure(status=400, message=message)


def test_a_missing_input_is_named() -> None:
    assert refused("embeddings") == Failure(status=400, message="'input' is a required property")


def test_a_long_value_is_cut_in_the_message() -> None:
    failure = refused("completions", prompt="hi", user=["x"] * 1000)
    assert failure is not None
    assert failure.message.endswith("... is not of type 'string' - 'user'")
    assert len(failure.message) < 300


def test_what_one_answer_holds_is_bounded() -> None:
    def refused(**body: Any) -> Failure | None:
        return check(asked("completions", {"model": "davinci-002", **body}))

    assert refused(prompt=["x"] * 2048) is None
    assert refused(prompt="x" * 5000, n=128) is None
    assert refused(prompt=list(range(5000)), n=128) is None
    failure = refused(prompt=["x"] * 100, n=128)
    assert failure is not None
    assert (failure.status, failure.param, failure.code) == (400, "prompt", "too_many_choices")
