"""What payloads say, and what about them is not as the API's schema has it."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.verdict.content import UNREADABLE, Collector, is_error, load, load_leniently

CHUNK: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def fed(*choices: Any, **fields: Any) -> Collector:
    collector = Collector(stream=True)
    collector.feed({**CHUNK, "choices": list(choices), **fields})
    collector.finish()
    return collector


def said(delta: Any, finish: Any = None, **fields: Any) -> Collector:
    return fed({"index": 0, "delta": delta, "finish_reason": finish, **fields})


@pytest.mark.parametrize(
    ("data", "value", "why"),
    [
        (b'{"a":1}', {"a": 1}, ""),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}, "byte order mark"),
        (b"[Infinity]", [float("inf")], "infinite"),
        (b'["\\ud83d"]', ["\ud83d"], "surrogate"),
        (b'["\xff"]', ["\ufffd"], "UTF-8"),
        (b'["\x00"]', UNREADABLE, ""),
        (b"", UNREADABLE, ""),
        (b"{" * 100_000, UNREADABLE, ""),
    ],
    ids=["strict", "bom", "infinite", "surrogate", "bytes", "control", "empty", "deep"],
)
def test_json_and_why_a_decoder_may_refuse_it(data: bytes, value: Any, why: str) -> None:
    found, reason = load(data)
    assert found == value
    assert why in reason
    assert bool(reason) == bool(why)


def test_a_lenient_decoder_takes_control_characters() -> None:
    assert load_leniently(b'["\x00"]') == ["\x00"]
    assert load_leniently(b"[") is UNREADABLE
    assert repr(UNREADABLE) == "<not JSON>"


@pytest.mark.parametrize(
    "payload",
    [
        {"error": {"message": "x"}},
        {"error": "x"},
        {"object": "error", "message": "x"},
        {"detail": "x"},
        {"message": "x", "code": 1},
        {"text": "x", "error_code": 50001},
        {"choices": [{"error": {"code": 502}}]},
        {"choices": [{"finish_reason": "error"}]},
        {"choices": [{"finish_reason": "stop"}], "error": {"code": 502}},
    ],
)
def test_errors_are_known_by_their_fields(payload: Any) -> None:
    assert is_error(payload)


@pytest.mark.parametrize(
    "payload",
    [{"error": None, "choices": []}, {"message": "x"}, {"choices": [{"finish_reason": "stop"}]}, [], "error", None],
)
def test_what_is_no_error(payload: Any) -> None:
    assert not is_error(payload)
    assert is_error(payload, "error")


def test_text_is_that_of_the_first_choice_and_each_ends_by_itself() -> None:
    collector = fed(
        {"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"},
        {"index": 1, "delta": {"content": "b"}, "finish_reason": None},
    )
    assert (collector.text, collector.choices, collector.finished, collector.odd) == ("a", {0, 1}, {0}, [])


def test_text_in_parts_is_put_together() -> None:
    assert said({"content": [{"type": "text", "text": "a"}, {"type": "x"}, 7, {"text": "b"}]}).text == "ab"


@pytest.mark.parametrize("finish", ["", "null", None, 7])
def test_what_is_no_finish_reason(finish: Any) -> None:
    assert not said({"content": "a"}, finish).finished


@pytest.mark.parametrize(
    ("collector", "odd"),
    [
        (fed(7), "a choice is a number"),
        (fed({"index": None, "delta": {}, "finish_reason": None}), "no `index`"),
        (fed({"index": 0, "delta": {}}), "`finish_reason` is missing"),
        (said({}, "eos"), "`eos`"),
        (said(None), "`delta` is missing"),
        (said({"role": "model"}), "`role`"),
        (said({"content": {}}), "`content` is an object"),
        (said({"tool_calls": [None]}), "no `function`"),
        (said({"tool_calls": [{"function": {"arguments": "{}"}}]}), "no `index`"),
        (said({"tool_calls": [{"index": 0, "function": {"arguments": {}}}]}), "are an object"),
        (said({"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}), "no JSON object"),
        (fed(usage={"prompt_tokens": -1, "completion_tokens": 1, "total_tokens": 1}), "three counts"),
        (fed(usage=[]), "three counts"),
        (fed(created=1.5), "`created` is a number"),
        (fed(id=""), "`id` is empty"),
        (fed(model=None), "`model` is null"),
        (fed(object="list"), "`object` is 'list'"),
        (fed(choices=None), "`choices` is null"),
        (fed(choices=float), "something else"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_oddities(collector: Collector, odd: str) -> None:
    assert any(odd in one for one in collector.odd), collector.odd


def test_a_payload_that_is_no_object_is_odd() -> None:
    collector = Collector(stream=True)
    for payload in ([], None, True, "x"):
        collector.feed(payload)
    assert len(collector.odd) == 4


def test_pieces_of_arguments_are_joined_by_choice_and_index() -> None:
    collector = Collector(stream=True)
    for index, piece in ((0, '{"a"'), (1, "{"), (0, ":1}"), (1, "}")):
        call = {"index": index, "function": {"arguments": piece}}
        collector.feed({**CHUNK, "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]})
    collector.finish()
    assert collector.odd == []
    assert not collector.silent


def test_a_role_or_a_finish_alone_says_nothing() -> None:
    assert said({"role": "assistant", "content": ""}, "stop").silent
    assert not said({"refusal": "no"}).silent


def test_the_text_of_completions_is_that_of_the_choice() -> None:
    collector = Collector(stream=True, legacy=True)
    collector.feed({**CHUNK, "choices": [{"index": 0, "text": "a", "finish_reason": "stop"}]})
    assert (collector.text, collector.odd, collector.silent) == ("a", [], False)


@pytest.mark.parametrize("value", [[], {}, [[]], 1, True], ids=str)
def test_what_should_be_a_word_may_be_anything(value: Any) -> None:
    collector = fed({"index": 0, "delta": {"role": value}, "finish_reason": value}, object=value)
    for what in ("the finish reason", "`object`", "`role`"):
        assert any(one.startswith(what) for one in collector.odd), what
