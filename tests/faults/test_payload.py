"""Changes to payloads: what is changed, what is shared, and how a path is written."""

from __future__ import annotations

from typing import Any

import pytest

from mockoai.faults.payload import (
    ABSENT,
    changed,
    choices,
    drop,
    envelope,
    inserted,
    instead,
    parse_path,
    put,
)

PAYLOAD: dict[str, Any] = {"id": "x", "choices": [{"index": 0, "delta": {"role": "a"}}, {"index": 1}], "usage": None}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("usage", ("usage",)),
        ("choices[*].delta.role", ("choices", "*", "delta", "role")),
        ("data[0].id", ("data", 0, "id")),
        ("[0][*]", (0, "*")),
    ],
)
def test_paths(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", ".a", "a..b", "a.", "a[", "a[x]", "a]", "a[-1]"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        parse_path(text)


CHANGES: list[tuple[str, Any, Any]] = [
    ("id", put("y"), {**PAYLOAD, "id": "y"}),
    ("id", drop, {key: PAYLOAD[key] for key in ("choices", "usage")}),
    ("usage", instead(None, {}), {**PAYLOAD, "usage": {}}),
    ("choices[1]", drop, {**PAYLOAD, "choices": PAYLOAD["choices"][:1]}),
    ("choices[*]", put(1), {**PAYLOAD, "choices": [1, 1]}),
    ("choices[*].delta.role", put("b"), {**PAYLOAD, "choices": [{"index": 0, "delta": {"role": "b"}}, {"index": 1}]}),
]


@pytest.mark.parametrize(("path", "change", "expected"), CHANGES, ids=[one[0] for one in CHANGES])
def test_changes(path: str, change: Any, expected: Any) -> None:
    assert changed(PAYLOAD, parse_path(path), change) == expected


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("nothing", put(1)),
        ("nothing.here", put(1)),
        ("id.deeper", put(1)),
        ("id[0]", put(1)),
        ("choices[7]", put(1)),
        ("choices.index", put(1)),
        ("id", put("x")),
        ("usage", put(None)),
        ("usage", instead("x", 1)),
        ("choices[0].index", put(0)),
    ],
)
def test_where_there_is_nothing_to_change_it_is_the_same_object(path: str, change: Any) -> None:
    assert changed(PAYLOAD, parse_path(path), change) is PAYLOAD


def test_a_missing_key_is_added_only_on_demand() -> None:
    path = parse_path("choices[*].delta.content")

    assert changed(PAYLOAD, path, put("x"), create=True)["choices"] == [
        {"index": 0, "delta": {"role": "a", "content": "x"}},
        {"index": 1},
    ]
    assert changed(PAYLOAD, path, put("x")) is PAYLOAD
    assert changed(PAYLOAD, ("error",), drop, create=True) is PAYLOAD


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, 0.0), (1, "1"), ([], {}), (None, 0)])
def test_equal_is_not_the_same(old: Any, new: Any) -> None:
    value = {"a": old}

    result = changed(value, ("a",), put(new))
    assert result is not value
    assert type(result["a"]) is type(new)


def test_what_is_not_on_the_path_is_shared() -> None:
    new = changed(PAYLOAD, parse_path("choices[0].delta.role"), put("b"))

    assert new["choices"][1] is PAYLOAD["choices"][1]
    assert PAYLOAD["choices"][0]["delta"]["role"] == "a"


def test_keys_keep_their_order() -> None:
    assert list(inserted({"a": 1, "c": 3}, "b", 2, behind="a")) == ["a", "b", "c"]
    assert list(inserted({"c": 3}, "b", 2, behind="a")) == ["b", "c"]
    assert inserted({"a": 1, "b": 2}, "b", 3, behind="a") == {"a": 1, "b": 3}


def test_another_chunk_of_the_same_answer() -> None:
    chunk = {"id": "x", "choices": [1], "usage": {"a": 1}, "obfuscation": "zz"}

    assert envelope(chunk, choices=[]) == {"id": "x", "choices": [], "usage": None}
    assert envelope({"id": "x"}, choices=[]) == {"id": "x", "choices": []}


@pytest.mark.parametrize("payload", [None, 7, [], {}, {"choices": None}, {"choices": {}}, {"choices": [1, None]}])
def test_a_payload_without_choices(payload: Any) -> None:
    assert choices(payload) == []


def test_the_absent_value_shows_as_one() -> None:
    assert repr(ABSENT) == "<absent>"
