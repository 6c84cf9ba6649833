from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.reply.answer import Answer, Call
from mockoai.reply.limits import limited, number, stop_sequences

CALL = Call("f", ("{", "}"), id="call_1")
FULL = Answer(text=("a", "b"), reasoning=("r",), calls=(CALL, CALL), finish="tool_calls")


def test_a_count_is_a_whole_number_that_is_not_negative() -> None:
    assert [number(value) for value in (0, 7, -1, 1.0, True, "3", None)] == [0, 7, None, None, None, None, None]


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (None, ()),
        ("", ()),
        ("\n", ("\n",)),
        (["a", "b"], ("a", "b")),
        (["a", "", 7, None], ("a",)),
        (list("abcdef"), tuple("abcd")),
        (7, ()),
        ({}, ()),
    ],
)
def test_stop_sequences(stop: Any, expected: tuple[str, ...]) -> None:
    assert stop_sequences({"stop": stop}) == expected
    assert stop_sequences({}) == ()


@pytest.mark.parametrize(
    ("limit", "reasoning", "text", "arguments", "finish"),
    [
        (0, "", "", [], "length"),
        (1, "r", "", [], "length"),
        (2, "r", "a", [], "length"),
        (3, "r", "ab", [""], "length"),
        (4, "r", "ab", ["{"], "length"),
        (5, "r", "ab", ["{}", ""], "length"),
        (6, "r", "ab", ["{}", "{"], "length"),
        (7, "r", "ab", ["{}", "{}"], "tool_calls"),
        (None, "r", "ab", ["{}", "{}"], "tool_calls"),
    ],
)
def test_a_limit_cuts_in_the_order_of_generation(
    limit: int | None, reasoning: str, text: str, arguments: list[str], finish: str
) -> None:
    cut = limited(FULL, limit, ())
    assert "".join(cut.reasoning) == reasoning
    assert "".join(cut.text) == text
    assert ["".join(call.arguments) for call in cut.calls] == arguments
    assert cut.finish == finish


@pytest.mark.parametrize(
    ("stops", "limit", "text", "finish"),
    [
        (["lo"], None, ["hel"], "stop"),
        (["lo w"], None, ["hel"], "stop"),
        ([" world"], None, ["hello"], "stop"),
        (["h"], None, [], "stop"),
        (["d", "w"], None, ["hello", " "], "stop"),
        (["x"], None, ["hello", " world"], "stop"),
        (["lo w"], 1, ["hello"], "length"),
        (["lo"], 1, ["hel"], "stop"),
        (["x"], 2, ["hello", " world"], "stop"),
    ],
)
def test_a_stop_sequence_ends_the_text_before_it(
    stops: list[str], limit: int | None, text: list[str], finish: str
) -> None:
    cut = limited(Answer(("hello", " world")), limit, stops)
    assert list(cut.text) == text
    assert cut.finish == finish


def test_nothing_follows_a_stop_sequence() -> None:
    cut = limited(FULL, None, ["b"])
    assert (cut.text, cut.calls, cut.finish) == (("a",), (), "stop")


def test_reasoning_and_arguments_are_not_searched_for_stop_sequences() -> None:
    assert limited(FULL, None, ["r", "{"]) == FULL


PIECES = st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=8).map(tuple)


@given(
    PIECES,
    PIECES,
    PIECES,
    st.none() | st.integers(0, 12),
    st.lists(st.text("ab\n", min_size=1, max_size=2), max_size=3),
)
def test_no_stop_sequence_and_no_token_too_many(
    reasoning: tuple[str, ...], text: tuple[str, ...], args: tuple[str, ...], limit: int | None, stops: list[str]
) -> None:
    answer = Answer(text, reasoning, (Call("f", args), Call("f", args)), finish="tool_calls")
    cut = limited(answer, limit, stops)
    assert not any(stop in "".join(cut.text) for stop in stops)
    assert "".join(text).startswith("".join(cut.text))
    made = len(cut.reasoning) + len(cut.text) + sum(len(call.arguments) for call in cut.calls)
    assert limit is None or made <= limit
    if cut.finish == "length":
        assert made == limit
    if cut.finish == "tool_calls":
        assert cut == answer
