"""Any text either loads or raises ScenarioError, nothing else; and what is raised can be shown."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockoai.scenario.diagnose import ScenarioError
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Scenario
from tests.scenario.test_golden import VALID, WRONG

TEXTS = [path.read_text(encoding="utf-8") for path in VALID + WRONG]
LINES = sorted({line for text in TEXTS for line in text.splitlines() if len(line) < 200})
KEYS = ["id", "rules", "when", "reply", "faults", "wire", "events", "expect", "timing", "noop"]
WORDS = [*KEYS, "true", "null", "3", "1.5", "3 tokens", "5ms", *"~:-[]{},&*!|>'\"#%@`?\n", "<<"]


def loads_or_is_refused(text: str | bytes) -> None:
    try:
        scenario = load_text(text, "fuzz.yaml")
    except ScenarioError as error:
        plain, colored = error.render(), error.render(color=True, width=60)
    else:
        assert isinstance(scenario, Scenario)
        return
    assert plain.startswith("error[")
    assert "\x1b" not in plain
    assert colored.startswith("\x1b[1;31merror")


@settings(deadline=None)
@given(st.text(max_size=400))
@example("\ufeff")
@example("\r")
@example("a: \x85 b")
@example("\u2028- \u2029a: b")
@example("%TAG ! tag:a,2000:\n--- !x y")
@example("? - a\n: - b")
@example("- &a\n- *a\n- ? *a\n")
@example("id: a\nrules: [{ faults: [null] }]")
@example('"\\ud800": x')
@example("id: \ud800")
@example("0: {0: {0: 0}}")
def test_any_text(text: str) -> None:
    loads_or_is_refused(text)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    loads_or_is_refused(data)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_words_of_the_language(text: str) -> None:
    loads_or_is_refused(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25).map("\n".join))
def test_any_lines_of_the_examples(text: str) -> None:
    loads_or_is_refused(text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_any_example_with_a_piece_put_somewhere_else(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    start, end, to = sorted(data.draw(st.integers(0, len(text))) for _ in range(3))
    loads_or_is_refused(text[:start] + text[end:to] + text[start:end] + text[to:])
    loads_or_is_refused(text[:start] + text[end:])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.sampled_from(["rules", "timing", "expect", "models", "clock"]), VALUES)
def test_any_value_under_any_key(key: str, value: object) -> None:
    loads_or_is_refused(json.dumps({"id": "a", key: value}, ensure_ascii=False))
