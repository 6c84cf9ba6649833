"""Legacy log probabilities: lists side by side, also where a token has none."""

from mockoai.endpoints.logprobs import completions_logprobs
from mockoai.plan.items import Text, TokenLogprob


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
