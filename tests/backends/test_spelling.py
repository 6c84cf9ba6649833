"""JSON as other languages' libraries spell it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockoai.backends.spelling import go_json, python_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_spelling_changes_no_value(value: Any) -> None:
    assert json.loads(go_json(value)) == json.loads(python_json(value)) == value


def test_go_escapes_what_html_and_javascript_would_read() -> None:
    assert go_json({"text": "<a> & é\u2028\u2029"}) == (
        rb'{"text":"\u003ca\u003e \u0026 ' + "é".encode() + rb'\u2028\u2029"}'
    )


def test_python_leaves_spaces_and_escapes_all_but_ascii() -> None:
    assert python_json({"text": "é <a>", "more": [1, 2]}) == rb'{"text": "\u00e9 <a>", "more": [1, 2]}'
