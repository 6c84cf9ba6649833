"""Legacy log probabilities: lists side by side, also where a token has none."""

import json

from mockoai.endpoints.logprobs import completions_logprobs
from mockoai.mock import Mock
from mockoai.plan.items import Text, TokenLogprob
from tests.support.asking import answered, ask, frozen


def test_the_first_token_of_an_echoed_prompt_is_there_without_a_probability() -> None:
    parts = [
        Text(text="Once"),
        Text(text=" upon", logprob=TokenLogprob(" upon", -0.5, ((" upon", -0.5), (" more", -1.5)))),
    ]
    assert completions_logprobs(parts, 0) == {
        "tokens": ["Once", " upon"],
        "token_logprobs": [None, -0.5],
        "top_logprobs": [None, {" upon": -0.5, " more": -1.5}],
        "text_offset": [0, 4],
    }


def test_without_any_probability_there_is_nothing() -> None:
    assert completions_logprobs([Text(text="Once")], 0) is None


def test_a_stream_has_the_echoed_token_and_counts_it() -> None:
    request = ask(
        {"model": "davinci-002", "prompt": "Once upon", "echo": True, "logprobs": 1, "stream": True, "max_tokens": 2},
        "/v1/completions",
    )
    data = answered(Mock(clock=frozen), request).plan.data
    chunks = [json.loads(line[6:]) for line in data.split(b"\n") if line.startswith(b"data: {")]
    lists = [chunk["choices"][0]["logprobs"] for chunk in chunks[:3]]
    assert [one["tokens"] for one in lists[:2]] == [["Once"], [" upon"]]
    assert [one["token_logprobs"][0] is None for one in lists] == [True, False, False]
    assert [one["text_offset"] for one in lists] == [[0], [4], [9]]
