import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockoai.reply import tokens

ANY_TEXT = st.text(max_size=200) | st.text("ab \n'1 é天👩‍👧<|endoftext|>", max_size=60)


@pytest.fixture
def no_splintr(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend that there is no wheel of splintr for this machine."""
    monkeypatch.setitem(sys.modules, "splintr", None)
    tokens._tokenizer.cache_clear()
    tokens._remembered.cache_clear()
    yield
    tokens._tokenizer.cache_clear()
    tokens._remembered.cache_clear()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("gpt-5", "o200k_base"),
        ("o1", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("ft:gpt-4o:acme::1", "o200k_base"),
        ("llama3.2", "o200k_base"),
        ("", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("gpt-3.5-turbo-instruct", "cl100k_base"),
        ("gpt-35-turbo", "cl100k_base"),
        ("ft:gpt-3.5-turbo:acme::1", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
    ],
)
def test_the_encoding_goes_by_the_model(model: str, name: str) -> None:
    assert tokens.encoding(model) == name


def test_known_cuts() -> None:
    assert tokens.split("hello world") == ("hello", " world")
    assert tokens.split("tokenization isn't", "gpt-4") == ("token", "ization", " isn", "'t")
    assert tokens.decode([24912, 2375]) == "hello world"


@given(ANY_TEXT, st.sampled_from(["gpt-4o", "gpt-4"]))
def test_pieces_join_to_the_text(text: str, model: str) -> None:
    pieces = tokens.split(text, model)
    assert "".join(pieces) == text
    assert all(pieces)
    assert len(pieces) <= tokens.count(text, model)


@given(st.text(st.characters(codec="ascii"), max_size=100))
def test_of_plain_text_every_token_is_a_piece(text: str) -> None:
    assert len(tokens.split(text)) == tokens.count(text)


@given(ANY_TEXT)
def test_decoding_encoded_text_gives_it_back(text: str) -> None:
    ids = tokens._encode(text, "o200k_base")
    assert ids is not None
    assert tokens.decode(ids) == text


def test_characters_of_several_tokens_stay_whole() -> None:
    text = "𝔘𝔫𝔦"
    assert tokens.count(text) > 3
    assert all(piece.isprintable() for piece in tokens.split(text))


def test_special_tokens_are_text() -> None:
    assert "".join(tokens.split("a<|endoftext|>b")) == "a<|endoftext|>b"
    assert tokens.count("<|endoftext|>") > 1


def test_what_is_no_token_decodes_to_a_replacement() -> None:
    assert tokens.decode([24912, 10**9, -1]) == "hello\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def test_a_lone_surrogate_is_cut_by_estimate() -> None:
    text = "a \ud800 b"
    assert "".join(tokens.split(text)) == text
    assert tokens.count(text) == len(tokens.split(text))


def test_a_huge_text_is_bounded() -> None:
    word = "word " * (tokens.EXACT // 5 + 1)
    text = word * 8
    exact = tokens.count(text[: tokens.EXACT])
    assert tokens.count(text) == exact * len(text) // tokens.EXACT
    pieces = tokens.split(text)
    assert "".join(pieces) == text
    assert exact < len(pieces) < exact + len(text) // tokens.COARSE + 1


@pytest.mark.usefixtures("no_splintr")
def test_without_splintr_tokens_are_estimated() -> None:
    text = "The weather's fine in 2024, isn't it? 天气很好\n\n  Really."
    assert tokens.split(text)[:4] == ("The", " weathe", "r", "'")
    assert "".join(tokens.split(text)) == text
    assert tokens.count(text) == len(tokens.split(text))
    assert tokens.decode([1, 2]) == "\N{REPLACEMENT CHARACTER}" * 2


@pytest.mark.usefixtures("no_splintr")
def test_the_estimate_of_prose_is_near() -> None:
    from mockoai.reply.prose import SENTENCES

    estimate = tokens.count(" ".join(SENTENCES))
    tokens._tokenizer.cache_clear()
    sys.modules.pop("splintr")
    exact = tokens.count(" ".join(SENTENCES))
    assert 0.8 < estimate / exact < 1.3


MESSAGE = {"role": "user", "content": "hello world"}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([MESSAGE], 3 + 3 + 1 + 2),
        ([MESSAGE, MESSAGE], 3 + 2 * (3 + 1 + 2)),
        ([{**MESSAGE, "name": "ada"}], 3 + 3 + 1 + 2 + 1 + 1),
        ([{"role": "user", "content": [{"type": "text", "text": "hello world"}]}], 3 + 3 + 1 + 2),
        ([{"role": "assistant", "content": None}], 3 + 3 + 1),
        ([{"role": "assistant", "content": [{"type": "refusal", "refusal": "hello"}]}], 3 + 3 + 1 + 1),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], 3 + 3 + 1 + 765),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"detail": "low"}}]}],
            3 + 3 + 1 + 85,
        ),
        ([{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}], 3 + 3 + 1 + 100),
        ([{"role": "user", "content": ["hello", 7, {"type": "odd"}]}], 3 + 3 + 1 + 1),
        ([7], 3 + 3),
        (None, 3),
        ("text", 3),
    ],
)
def test_prompt_tokens_follow_the_published_rule(messages: Any, expected: int) -> None:
    assert tokens.count_messages(messages) == expected


def test_tool_calls_in_the_conversation_count() -> None:
    plain = [{"role": "assistant", "content": None}]
    calls = [{"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function"}]}]
    assert tokens.count_messages(calls) > tokens.count_messages(plain)


# The example of OpenAI's cookbook, with the figures it prints for each model.
COOKBOOK_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {
                        "type": "string",
                        "description": "The city and state, e.g. San Francisco, CA",
                    },
                    "unit": {
                        "type": "string",
                        "description": "The unit of temperature to return",
                        "enum": ["celsius", "fahrenheit"],
                    },
                },
                "required": ["location"],
            },
        },
    }
]
COOKBOOK_MESSAGES = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can answer to questions about the weather.",
    },
    {"role": "user", "content": "What's the weather like in San Francisco?"},
]


@pytest.mark.parametrize(("model", "expected"), [("gpt-4o", 101), ("gpt-4", 105), ("gpt-3.5-turbo", 105)])
def test_the_example_of_the_cookbook(model: str, expected: int) -> None:
    assert tokens.count_messages(COOKBOOK_MESSAGES, COOKBOOK_TOOLS, model) == expected


def test_tools_of_every_shape_are_counted() -> None:
    function = COOKBOOK_TOOLS[0]["function"]
    assert tokens.count_tools([function]) == tokens.count_tools(COOKBOOK_TOOLS)
    assert tokens.count_tools([{"type": "custom", "custom": {"name": "run"}}]) > 12
    assert tokens.count_tools([]) == tokens.count_tools(None) == tokens.count_tools("x") == 0
    assert tokens.count_tools([7, {"function": 7}, {"function": {"parameters": {"properties": {"a": 7}}}}]) > 12


def test_a_schema_nested_deeper_than_it_is_written_counts_nothing() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"items": deep}
    assert tokens.count_tools([{"name": "a", "parameters": {"properties": {"b": deep}}}]) > 0
