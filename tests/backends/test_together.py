"""What Together AI does that its golden answers do not show."""

from __future__ import annotations

from mockoai.keys import ApiKey
from tests.support.imitating import KEY, MESSAGES, chat, put, request

NAME = "together"


def test_the_id_is_that_of_the_request() -> None:
    whole, refused = chat(NAME), chat(NAME, messages=None)
    assert whole.head["x-request-id"] == whole.json["id"]
    assert refused.head["x-request-id"] == refused.json["id"]


def test_a_limit_says_how_long_to_wait_in_place_of_the_usual() -> None:
    given = request(NAME, {"messages": MESSAGES}, key=KEY)
    answer = put(NAME, given, keys=[ApiKey(KEY, tpm=10)], reply="{ text: Hi }")
    assert answer.status == "429 Too Many Requests"
    assert answer.head["x-ratelimit"] == "true"
    assert answer.head["x-ratelimit-limit-tokens"] == "10"
    assert "x-ratelimit-limit" not in answer.head


def test_a_wrong_key_is_refused_differently_for_a_list() -> None:
    wrong = put(NAME, request(NAME, None, "/v1/models", key="wrong"), keys=[KEY])
    assert wrong.body == b'{"error":{"message":"Unauthorized"}}'


def test_an_empty_answer_says_its_role_in_the_chunk_that_ends_it() -> None:
    ((delta, reason),) = chat(NAME, reply='{ text: "" }', stream=True).said
    assert (delta["role"], delta["content"], reason) == ("assistant", "", "stop")
